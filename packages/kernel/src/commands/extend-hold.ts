import { type Credits, noCredits, plus } from "../amount.ts";
import { type Decision, type Surroundings, accept, reject } from "../decision.ts";
import { payableBy } from "../billed/bill.ts";
import { continued } from "../fairness/call.ts";
import { setAside } from "../holds/counted.ts";
import type { Hold, PurseMove } from "../holds/hold.ts";
import { joined } from "../holds/purse.ts";
import { type Instant, after } from "../instant.ts";
import { admit, admitPast } from "../limits/admission.ts";
import { reachedBy } from "../limits/reached.ts";
import { spender } from "../members/spender.ts";
import { forbidden } from "../policies/forbidden.ts";
import { authorize } from "../pool/authorize.ts";
import { Draft } from "../pool/draft.ts";
import { boundReached } from "../runs/admission.ts";
import { extendIn } from "../runs/counting.ts";
import { purseFor, takenFromPurse } from "../runs/purse.ts";
import { runsOfHold } from "../runs/standing.ts";
import { cardInForce } from "../rating/card-in-force.ts";
import { raisedFor } from "../rating/raised.ts";
import type { Usage } from "../rating/tariff.ts";
import { seatMissing } from "../seats/seat-of.ts";
import { type State, workspaceOf } from "../state/state.ts";
import { notInPlan } from "../subscriptions/entitled.ts";
import { reserveNow } from "../subscriptions/reserved.ts";
import { holdLifeMaxMs } from "./open-hold.ts";

/** Asks for more, of credits, of time, or both. */
export interface ExtendHold {
  readonly kind: "extendHold";
  readonly hold: string;
  readonly credits: Credits;
  /** What the whole call is expected to use by now: asks for what that costs beyond what the hold has had, instead of `credits`. */
  readonly estimate?: Usage | null;
  /** From now; null keeps the expiry. */
  readonly ttlMs: number | null;
  /** The hold as read from the journal, when memory no longer has it: only to say why it cannot be extended. */
  readonly recalled: Hold | null;
}

/**
 * More credits, more time, or both: the whole ladder but request rates (RULES 8). The extra credits count on the path that
 * the hold fixed, in the windows of this instant.
 */
export function extendHold(
  state: State,
  command: ExtendHold,
  at: Instant,
  around: Surroundings,
): Decision {
  if (workspaceOf(state) === undefined) return reject({ code: "unknown_workspace" });
  const hold = state.holds.holds.get(command.hold) ?? command.recalled ?? undefined;
  if (hold?.kind !== "hold") return reject({ code: "unknown_hold", hold: command.hold });
  if (hold.status === "settled") return reject({ code: "hold_already_settled", hold: hold.id });
  if (hold.status === "released") return reject({ code: "hold_released", hold: hold.id });
  if (hold.status === "expired")
    return reject({ code: "hold_expired", hold: hold.id, expiredAt: hold.expiresAt });
  return extend(state, hold, { command, at, around });
}

/** The same of a hold that is open, be it of a call or the purse of a run. */
export function extend(
  state: State,
  hold: Hold,
  {
    command,
    at,
    around,
  }: {
    readonly command: Pick<ExtendHold, "credits" | "ttlMs" | "estimate">;
    readonly at: Instant;
    readonly around: Surroundings;
  },
): Decision {
  const workspace = workspaceOf(state);
  if (workspace === undefined) return reject({ code: "unknown_workspace" });
  if (workspace.status === "suspended") return reject({ code: "workspace_suspended" });
  const who = spender(state.members, workspace, hold.path.member);
  if (who.kind === "refused") return reject(who.rejection);
  const unseated = seatMissing(state, hold.path);
  if (unseated !== undefined) return reject(unseated);
  const closed = notInPlan(state, hold);
  if (closed !== undefined) return reject(closed);
  const { pool } = state;
  const zone = { calendar: around.calendar, timeZone: workspace.timeZone, pool };
  const against = forbidden(state, hold, () => cardInForce(state, around), at, zone);
  if (against !== undefined) return reject(against);
  const within = runsOfHold(state.runs, hold.runs, at);
  if (within.kind === "refused") return reject(within.rejection);
  const { estimate = null } = command;
  const raised = estimate === null ? undefined : raisedFor(hold, estimate);
  if (raised?.kind === "refused") return reject(raised.rejection);
  const more = raised?.credits ?? command.credits;
  if (command.credits === 0n && estimate === null && command.ttlMs === null)
    return reject({
      code: "invalid_request",
      field: "credits",
      reason: "An extension asks for credits, for time, or both.",
    });
  const expiresAt = command.ttlMs === null ? hold.expiresAt : after(at, command.ttlMs);
  if (expiresAt <= at || expiresAt > hold.openedAt + holdLifeMaxMs)
    return reject({
      code: "invalid_request",
      field: "ttl",
      reason: "A hold lives at most 24 hours in all, counted from its opening.",
    });
  const usage = { member: hold.path.member, groups: hold.path.groups, meter: hold.meter };
  const purse = purseFor(state, within.path, hold.path.member, at);
  const fromPurse =
    more === 0n ? undefined : takenFromPurse(state, purse, usage, { amount: more, call: hold });
  const ask = {
    ofRuns: boundReached(state.runs, within.path, { credits: more }),
    path: hold.path,
    workspace: workspace.id,
    // What was prepaid was counted then.
    credits: fromPurse === undefined ? more : noCredits,
    requests: 0n,
    at,
    zone,
    reserve: reserveNow(state),
  } as const;
  const admission = admit(state.limits, ask);
  if (admission.kind === "refused") return reject(admission.rejection);
  if (fromPurse !== undefined) return extendFromPurse(state, hold, { fromPurse, at, expiresAt });
  const { openedAt } = hold;
  const by = payableBy(state, openedAt);
  const asked = authorize(state, workspace, usage, {
    requested: more,
    sponsors: hold.path.sponsors,
    at: openedAt,
    now: at,
    by,
    drew: hold.drawn,
  });
  if (asked.kind === "refused") return reject(asked.rejection);
  const past = admitPast(state.limits, { ...ask, credits: asked.overage });
  if (past.kind === "refused") return reject(past.rejection);
  const draft = new Draft(state.pool);
  const legs = draft.draw(usage, asked.fromPool, "held", { by, sharedMost: asked.sharedMost });
  const { transfers, balance } = draft.finish();
  return accept(
    {
      kind: "hold.extended",
      at,
      hold: hold.id,
      path: hold.path,
      credits: more,
      legs,
      overage: asked.overage,
      ...(asked.billing === undefined ? {} : { billing: asked.billing }),
      expiresAt,
      counts: admission.counts,
      ...(past.pastPool === undefined ? {} : { pastPool: past.pastPool }),
      rates: admission.rates,
      ...(asked.drawn === undefined ? {} : { drawn: continued(state, hold, asked.drawn) }),
      ...extendIn(state.runs, hold, more),
      whole: {
        credits: plus(hold.authorized, more),
        legs: joined(hold.legs, legs),
        overage: plus(hold.overage, asked.overage),
      },
      transfers,
      balance,
    },
    reachedBy(state.limits, [...admission.counts, ...(past.pastPool ?? [])], {
      workspace: workspace.id,
      at,
      pool: state.pool,
    }),
  );
}

function extendFromPurse(
  state: State,
  hold: Hold,
  { fromPurse, at, expiresAt }: { fromPurse: PurseMove; at: Instant; expiresAt: Instant },
): Decision {
  const { legs, overage, billing } = fromPurse;
  const more = setAside(fromPurse);
  return accept({
    kind: "hold.extended",
    at,
    hold: hold.id,
    path: hold.path,
    credits: more,
    fromPurse,
    legs,
    overage,
    ...(billing === undefined ? {} : { billing }),
    expiresAt,
    counts: [],
    rates: [],
    ...extendIn(state.runs, hold, more),
    whole: {
      credits: plus(hold.authorized, more),
      legs: joined(hold.legs, legs),
      overage: plus(hold.overage, overage),
    },
    ...new Draft(state.pool).finish(),
  });
}
