/**
 * Owns what a settlement takes of allowances: first what its hold set aside, then what is left (Q1), in the span of the hold (L2); what
 * was set aside and not used comes back with the final settle, a release, or the hold's expiry.
 */
import type { Hold } from "../holds/hold.ts";
import { type OutcomeRules, chargeRule } from "../rating/outcome.ts";
import type { SettledUsage } from "../rating/reported.ts";
import type { Usage } from "../rating/tariff.ts";
import type { State } from "../state/state.ts";
import { unitsIn } from "./ask.ts";
import { leftOf } from "./slice.ts";
import type { AllowanceMove, AllowancePart, FreeUnits } from "./terms.ts";

/** What of a hold's usage costs no credits: what was settled before, and all with this. */
export interface FreeOfHold {
  readonly before: FreeUnits;
  readonly all: FreeUnits;
}

/** What a settlement takes of allowances, and gives back to them. */
export interface SettledUnits {
  /** Left out: the hold takes part in no allowance. */
  readonly free?: FreeOfHold;
  readonly moves: readonly AllowanceMove[];
}

const nothing: SettledUnits = { moves: [] };

/** Works it out; nothing is changed. A settlement that says credits says no units: what was set aside comes back. */
export function unitsOfSettle(
  state: State,
  hold: Hold,
  command: SettledUsage,
  { rules, isFinal }: { rules: OutcomeRules | undefined; isFinal: boolean },
): SettledUnits {
  const { units } = hold;
  if (units === undefined) return nothing;
  const taken = units.map((part) => ({ part, ...take(state, part, command, rules) }));
  const moves = taken.map(({ part, used, over }) => {
    const own = used < part.held ? used : part.held;
    const held = -(isFinal ? part.held : own);
    return { count: part.count, bucket: part.bucket, held, used, over };
  });
  return {
    free: {
      before: freeOf(units),
      all: freeOf(taken.map(({ part, used }) => ({ ...part, used: part.used + used }))),
    },
    moves: moves.filter(isSome),
  };
}

/** Gives back what a hold still sets aside. */
export const unitsReleased = ({ units }: Hold): readonly AllowanceMove[] =>
  (units ?? [])
    .map(({ count, bucket, held }) => ({ count, bucket, held: -held, used: 0n, over: 0n }))
    .filter(isSome);

/** Takes all back that a settlement used: it is refunded whole. What is no longer known stays. */
export const unitsRefunded = (state: State, { units }: Hold): readonly AllowanceMove[] =>
  (units ?? [])
    .filter(({ count }) => state.allowances.counts.get(count) !== undefined)
    .map((part) => ({ ...part, held: 0n, used: -part.used, over: -part.over }))
    .filter(isSome);

/** A hold's parts after moves; those of its opening are all. */
export function partsAfter(
  before: readonly AllowancePart[] | undefined,
  moves: readonly AllowanceMove[] | undefined,
): { readonly units?: readonly AllowancePart[] } {
  if (moves === undefined) return before === undefined ? {} : { units: before };
  if (before === undefined) return { units: moves.map(({ lines: _lines, ...part }) => part) };
  return {
    units: before.map((part) => {
      const move = moves.find(({ count }) => count === part.count);
      if (move === undefined) return part;
      return {
        ...part,
        held: part.held + move.held,
        used: part.used + move.used,
        over: part.over + move.over,
      };
    }),
  };
}

/** As an event says it: left out where there is nothing to say. */
export const unitsSaid = (
  moves: readonly AllowanceMove[],
): { readonly units?: readonly AllowanceMove[] } => (moves.length === 0 ? {} : { units: moves });

const isSome = ({ held, used, over }: AllowancePart): boolean =>
  held !== 0n || used !== 0n || over !== 0n;

function take(
  state: State,
  { count: id, bucket, held }: AllowancePart,
  { amount, outcome }: SettledUsage,
  rules: OutcomeRules | undefined,
): { readonly used: bigint; readonly over: bigint } {
  const count = state.allowances.counts.get(id);
  if (count === undefined || amount.kind === "credits") return { used: 0n, over: 0n };
  const rule = chargeRule(rules, outcome, amount.kind === "usage");
  if (rule === "nothing") return { used: 0n, over: 0n };
  if (rule === "estimate" || amount.kind === "unmeasured") return { used: held, over: 0n };
  const usage: Usage = amount.usage;
  const asked = unitsIn(usage, bucket);
  const room = held + leftOf(count);
  const used = asked < room ? asked : room;
  return { used, over: asked - used };
}

const freeOf = (parts: readonly AllowancePart[]): FreeUnits =>
  Object.fromEntries(parts.map(({ bucket, used }) => [bucket, used]));
