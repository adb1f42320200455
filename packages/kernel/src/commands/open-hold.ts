/** Owns the ladder of a hold (RULES 2): each rung is one refusal, then one event. */
import { unitsForHold } from "../allowances/ask.ts";
import { unitsSaid } from "../allowances/settle.ts";
import { type Credits, credits, noCredits } from "../amount.ts";
import { type Decision, type Surroundings, accept, reject } from "../decision.ts";
import type { PurseMove } from "../holds/hold.ts";
import { type Instant, after } from "../instant.ts";
import { admit, admitPast } from "../limits/admission.ts";
import { reachedBy } from "../limits/reached.ts";
import type { Path } from "../members/member.ts";
import { spender } from "../members/spender.ts";
import { forbidden } from "../policies/forbidden.ts";
import { authorize } from "../pool/authorize.ts";
import { Draft } from "../pool/draft.ts";
import { cardChanged } from "../rating/card-changed.ts";
import { cardInForce } from "../rating/card-in-force.ts";
import { rated } from "../rating/rated.ts";
import type { Amount } from "../rating/reported.ts";
import type { Price } from "../rating/tariff.ts";
import { boundReached } from "../runs/admission.ts";
import { beginIn } from "../runs/counting.ts";
import { purseFor, takenFromPurse } from "../runs/purse.ts";
import { runNamed } from "../runs/standing.ts";
import { seatMissing } from "../seats/seat-of.ts";
import { type State, workspaceOf } from "../state/state.ts";
import { notInPlan } from "../subscriptions/entitled.ts";
import { reserveNow } from "../subscriptions/reserved.ts";

/** Asks for credits before a call. */
export interface OpenHold {
  readonly kind: "openHold";
  readonly hold: string;
  readonly member: string;
  readonly meter: string | null;
  readonly model: string | null;
  readonly amount: Amount;
  readonly ttlMs: number;
  readonly run: string | null;
  /** It calls a tool. Left out: it does not. */
  readonly isToolCall?: boolean;
  /** What it does, as a short text that is the same for the same action. Left out or null: nobody counts that. */
  readonly action?: string | null;
  readonly project: string | null;
  readonly attributes: Readonly<Record<string, string>> | null;
}

/** A hold's whole life is at most this (RULES 8). */
export const holdLifeMaxMs: number = 24 * 60 * 60 * 1_000;

/** Sets credits aside for one call, or says which rung refused it. */
export function openHold(
  state: State,
  command: OpenHold,
  at: Instant,
  around: Surroundings,
): Decision {
  const workspace = workspaceOf(state);
  if (workspace === undefined) return reject({ code: "unknown_workspace" });
  if (workspace.status === "suspended") return reject({ code: "workspace_suspended" });
  const who = spender(state.members, workspace, command.member);
  if (who.kind === "refused") return reject(who.rejection);
  const unseated = seatMissing(state, who.path);
  if (unseated !== undefined) return reject(unseated);
  const closed = notInPlan(state, command);
  if (closed !== undefined) return reject(closed);
  const { pool } = state;
  const zone = { calendar: around.calendar, timeZone: workspace.timeZone, pool };
  const call = { path: who.path, meter: command.meter, model: command.model };
  const against = forbidden(state, call, () => cardInForce(state, around), at, zone);
  if (against !== undefined) return reject(against);
  const taken = unitsForHold(state, command, at);
  const cost = rated(cardInForce(state, around), command, { free: taken.free });
  if (cost.kind === "refused") return reject(cost.rejection);
  if (taken.refused !== undefined) return reject(taken.refused);
  const within = runNamed(state.runs, command.run, who.path, at);
  if (within.kind === "refused") return reject(within.rejection);
  if (command.ttlMs <= 0 || command.ttlMs > holdLifeMaxMs)
    return reject({
      code: "invalid_request",
      field: "ttl",
      reason: "A hold lives more than nothing and at most 24 hours.",
    });
  const step = { isToolCall: command.isToolCall ?? false, action: command.action ?? null };
  const usage = { member: command.member, groups: who.path.groups, meter: command.meter };
  const purse = purseFor(state, within.path, command.member, at);
  const fromPurse = takenFromPurse(state, purse, usage, { amount: cost.credits });
  const admission = admit(state.limits, {
    ofRuns: boundReached(state.runs, within.path, { credits: cost.credits, step }),
    path: who.path,
    workspace: workspace.id,
    // What was prepaid was counted then: of the limits only those on requests are asked.
    credits: fromPurse === undefined ? cost.credits : noCredits,
    requests: 1n,
    at,
    zone,
    reserve: reserveNow(state),
  });
  if (admission.kind === "refused") return reject(admission.rejection);
  if (fromPurse !== undefined)
    return accept(
      {
        ...prepaidCall(state, command, { at, path: who.path, cost, fromPurse }),
        rates: admission.rates,
        ...beginIn(state.runs, within.path, { credits: cost.credits, isOpen: true, step }),
        ...unitsSaid(taken.moves),
        guest: who.guest,
      },
      [],
      cardChanged(state, cost.price, at, around),
    );
  const asked = authorize(state, workspace, usage, {
    requested: cost.credits,
    sponsors: who.path.sponsors,
    at,
    now: at,
  });
  if (asked.kind === "refused") return reject(asked.rejection);
  const past = admitPast(state.limits, {
    path: who.path,
    workspace: workspace.id,
    credits: asked.overage,
    at,
    zone,
  });
  if (past.kind === "refused") return reject(past.rejection);
  const draft = new Draft(state.pool);
  const legs = draft.draw(usage, asked.fromPool, "held", { sharedMost: asked.sharedMost });
  const { transfers, balance } = draft.finish();
  return accept(
    {
      kind: "hold.opened",
      at,
      hold: command.hold,
      path: who.path,
      meter: command.meter,
      model: command.model,
      project: command.project,
      price: cost.price,
      estimate: command.amount.kind === "usage" ? command.amount.usage : null,
      attributes: command.attributes,
      credits: credits(asked.fromPool + asked.overage),
      legs,
      overage: asked.overage,
      expiresAt: after(at, command.ttlMs),
      counts: admission.counts,
      rates: admission.rates,
      guest: who.guest,
      transfers,
      balance,
      // What most holds have none of comes last: a literal with a gap in its middle takes five times as long.
      ...(asked.billing === undefined ? {} : { billing: asked.billing }),
      ...(past.pastPool === undefined ? {} : { pastPool: past.pastPool }),
      ...beginIn(state.runs, within.path, {
        credits: credits(asked.fromPool + asked.overage),
        isOpen: true,
        step,
      }),
      ...unitsSaid(taken.moves),
      ...(asked.drawn === undefined ? {} : { drawn: asked.drawn }),
    },
    reachedBy(state.limits, [...admission.counts, ...(past.pastPool ?? [])], {
      workspace: workspace.id,
      at,
      pool: state.pool,
    }),
    cardChanged(state, cost.price, at, around),
  );
}

/** A call that is taken from what its run prepaid: the pool is as it was. */
const prepaidCall = (
  state: State,
  { hold, meter, model, project, amount, attributes, ttlMs }: OpenHold,
  {
    at,
    path,
    cost,
    fromPurse,
  }: {
    readonly at: Instant;
    readonly path: Path;
    readonly cost: { readonly price: Price | null; readonly credits: Credits };
    readonly fromPurse: PurseMove;
  },
) =>
  ({
    kind: "hold.opened",
    at,
    hold,
    path,
    meter,
    model,
    project,
    price: cost.price,
    estimate: amount.kind === "usage" ? amount.usage : null,
    attributes,
    credits: cost.credits,
    legs: fromPurse.legs,
    overage: fromPurse.overage,
    expiresAt: after(at, ttlMs),
    counts: [],
    ...new Draft(state.pool).finish(),
    fromPurse,
    ...(fromPurse.billing === undefined ? {} : { billing: fromPurse.billing }),
  }) as const;
