/**
 * Owns what a call takes of allowances before it runs (`allowance_exhausted`, `allowance_held`), and what usage that was not held took.
 *
 * Q1 units come before credits: what an allowance has left costs none. Q2 where nothing comes past it, a call is refused whole, as one that
 * asks for credits does not say how much it is. Q3 usage that happened is never refused (RULES 1): past an allowance it costs credits.
 */
import type { Amount, Level } from "../rating/reported.ts";
import { type Instant, type Interval, instant } from "../instant.ts";
import type { Rejection } from "../rejections.ts";
import type { Usage } from "../rating/tariff.ts";
import type { State } from "../state/state.ts";
import { grantSpan } from "../subscriptions/proration.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import { countIdOf, countsIn, leftOf } from "./slice.ts";
import type { AllowanceCount, AllowanceMove, AllowanceTerms, FreeUnits } from "./terms.ts";

/** What a call takes of allowances. */
export interface TakenUnits {
  /** Left out: no allowance is for it. */
  readonly free?: FreeUnits;
  readonly moves: readonly AllowanceMove[];
  /** Left out: nothing refuses it. */
  readonly refused?: Rejection;
}

const nothing: TakenUnits = { moves: [] };

interface Call {
  readonly meter: string | null;
  readonly amount: Amount | Level;
}

/** What a hold sets aside (Q1, Q2). */
export function unitsForHold(state: State, { meter, amount }: Call, at: Instant): TakenUnits {
  const live = state.subscriptions.live.row;
  const all = live?.plan.allowances;
  if (live === undefined || all === undefined || meter === null) return nothing;
  const terms = all.filter((one) => one.meter === meter);
  if (terms.length === 0) return nothing;
  if (amount.kind !== "usage") {
    const counted = terms.find(({ beyond }) => beyond === "refuse");
    return counted === undefined ? nothing : { moves: [], refused: unmeasured(live, counted) };
  }
  const free: Record<string, bigint> = {};
  const moves: AllowanceMove[] = [];
  for (const one of terms) {
    const asked = unitsIn(amount.usage, one.bucket);
    const count = currentCount(state, live, one, at);
    const left = count === undefined ? 0n : leftOf(count);
    if (one.beyond === "refuse" && asked > left)
      return { moves: [], refused: shortOf(state, live, { terms: one, count, asked, left }) };
    const held = asked < left ? asked : left;
    free[one.bucket] = held;
    // A hold that takes nothing is counted all the same: it may use more than it estimated.
    if (count !== undefined)
      moves.push({ count: count.id, bucket: one.bucket, held, used: 0n, over: 0n });
  }
  return { free, moves };
}

/** What usage took that was not held, in the spans in which it happened (L2, Q3); of a level for the times that were not told before. */
export function unitsForDebit(
  state: State,
  { meter, amount }: Call,
  { occurredAt, fresh }: { readonly occurredAt: Instant; readonly fresh: readonly Interval[] },
): TakenUnits {
  if (meter === null || amount.kind === "credits" || !state.allowances.byMeter.has(meter))
    return nothing;
  const isLevel = amount.kind === "level";
  const when = isLevel ? amount.over : { start: occurredAt, end: instant(occurredAt + 1) };
  const free: Record<string, bigint> = {};
  const moves: AllowanceMove[] = [];
  for (const count of countsIn(state.allowances, meter, when)) {
    if ((count.isLevel === true) !== isLevel) continue;
    const units = unitsIn(amount.usage, count.bucket);
    const time = isLevel ? overlap(count, fresh) : 1n;
    const left = leftOf(count);
    const asked = units * time;
    const used = asked < left ? asked : left;
    free[count.bucket] = (free[count.bucket] ?? 0n) + used;
    if (asked > 0n)
      moves.push({
        count: count.id,
        bucket: count.bucket,
        ...(isLevel ? { isLevel } : {}),
        held: 0n,
        used,
        over: asked - used,
      });
  }
  if (moves.length === 0) return nothing;
  return { free, moves };
}

/** Of usage. */
export const unitsIn = (usage: Usage, bucket: string): bigint =>
  Object.hasOwn(usage, bucket) ? BigInt(usage[bucket] ?? 0) : 0n;

/** Milliseconds of a span in which these times lie. */
const overlap = (span: Interval, times: readonly Interval[]): bigint =>
  times.reduce((sum, { start, end }) => {
    const shared = Math.min(span.end, end) - Math.max(span.start, start);
    return shared > 0 ? sum + BigInt(shared) : sum;
  }, 0n);

/** The count of the span that runs; undefined while none does. */
export function currentCount(
  { allowances }: State,
  live: Subscription,
  terms: AllowanceTerms,
  at: Instant,
): AllowanceCount | undefined {
  if (live.status !== "active" && live.status !== "trialing") return undefined;
  const count = allowances.counts.get(countIdOf(live, grantSpan(live).period, terms));
  return count !== undefined && at < count.end ? count : undefined;
}

function shortOf(
  state: State,
  live: Subscription,
  {
    terms: { meter, bucket },
    count,
    asked,
    left,
  }: {
    terms: AllowanceTerms;
    count: AllowanceCount | undefined;
    asked: bigint;
    left: bigint;
  },
): Rejection {
  const { included = 0n, used = 0n, held = 0n } = count ?? {};
  const numbers = { plan: live.plan.name, meter, bucket, requested: asked, available: left };
  const resetsAt = count === undefined || live.atEnd !== "renew" ? null : count.end;
  const isFreeing = asked + used <= included;
  const firstAt = state.holds.expiring.firstAt();
  return isFreeing
    ? {
        code: "allowance_held",
        ...numbers,
        held,
        retryAt: firstAt === undefined ? null : instant(firstAt),
      }
    : { code: "allowance_exhausted", ...numbers, included, used, held, resetsAt };
}

const unmeasured = (live: Subscription, { meter, bucket }: AllowanceTerms): Rejection => ({
  code: "invalid_request",
  field: "estimate",
  reason: `The plan ${live.plan.name} counts ${bucket} of ${meter}: say how many are wanted, and not credits.`,
});
