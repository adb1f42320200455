import {
  type Credits,
  type Money,
  beyond,
  credits,
  creditsMax,
  least,
  noCredits,
  plus,
} from "../amount.ts";
import { beyondPool, overageNow } from "../billed/bill.ts";
import { billableNow, spendWith } from "../billed/spend.ts";
import type { PlanOverage } from "../billed/terms.ts";
import type { Calendar, Instant } from "../instant.ts";
import { overageInFlight } from "../holds/slice.ts";
import { type Ground, type Zone, asCap, asCeiling, viewCap } from "../limits/cap.ts";
import type { LimitRule, RateLimitRule, RateState, Scope } from "../limits/limit.ts";
import { viewRate } from "../limits/rate.ts";
import { type Reserve, isStandIn } from "../limits/reserve.ts";
import { type AppliedLimit, limitsOn, scopeOf } from "../limits/slice.ts";
import type { Path } from "../members/member.ts";
import { spender } from "../members/spender.ts";
import { outsideHours, unaccepted } from "../policies/forbidden.ts";
import { policiesOn } from "../policies/slice.ts";
import { balanceOf, openTo } from "../pool/slice.ts";
import { seatMissing } from "../seats/seat-of.ts";
import { type State, workspaceOf } from "../state/state.ts";
import { reserveNow } from "../subscriptions/reserved.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type MemberShare, memberShare } from "./member-share.ts";

/** One limit as it stands for a member. `cap` is with what was raised for this window or for good, and null "no limit"; `lent` comes on top, once; `units` is what a rate still lets through. */
export interface LimitStanding {
  readonly id: string;
  readonly scope: Scope;
  readonly rule: LimitRule;
  readonly used: Credits;
  readonly cap: Credits | null;
  readonly lent: Credits;
  readonly left: Credits | null;
  readonly units: bigint | null;
  readonly resetsAt: Instant | null;
}

/** What a member may spend now, and what would stop it first. */
export interface Allowance {
  readonly remaining: Credits;
  readonly binding: {
    readonly scope: Scope;
    readonly reason:
      | "pool"
      | "fairness"
      | "spend_cap"
      | "cap"
      | "overage"
      | "rate"
      | "member_inactive"
      | "unknown_member"
      | "seat_required"
      | "policy_not_accepted"
      | "not_allowed"
      | "workspace_suspended";
    readonly resetsAt: Instant | null;
    /** The policy that allows nothing now; left out of all else. */
    readonly policy?: string;
  };
  readonly limits: readonly LimitStanding[];
  /** Where it stands in the sharing of the pool; left out where that is not shared. */
  readonly share?: MemberShare;
  /** What may be billed past the pool; left out where nothing is. */
  readonly overage?: BillableOverage;
}

/** Where a period stands against its spend cap. */
export interface BillableOverage {
  readonly currency: string;
  /** null: none. */
  readonly cap: Money | null;
  readonly billed: Money;
  /** What calls in flight may add. */
  readonly inFlight: Money;
  /** What a call of no meter may take beyond the pool; null without a bound, 0 where only meters have prices. */
  readonly credits: Credits | null;
}

/** The minimum over all scopes on the member's path, with the binding one named; undefined without a workspace. */
export function allowance(
  state: State,
  member: string,
  at: Instant,
  calendar: Calendar,
): Allowance | undefined {
  const workspace = workspaceOf(state);
  if (workspace === undefined) return undefined;
  const own: Scope = { kind: "member", id: member };
  const whole: Scope = { kind: "workspace", id: workspace.id };
  const who = spender(state.members, workspace, member);
  if (who.kind === "refused") {
    const binding =
      suspending(workspace) ??
      stopping(
        own,
        who.rejection.code === "member_inactive" ? "member_inactive" : "unknown_member",
      );
    return { remaining: noCredits, binding, limits: [] };
  }
  const zone = { calendar, timeZone: workspace.timeZone, pool: state.pool };
  const limits = limitsOn(state.limits, who.path).map((one) =>
    standing(state, one, { at, zone, workspace: workspace.id }),
  );
  const share = memberShare(state, member, at);
  const stopped =
    suspending(workspace) ??
    (seatMissing(state, who.path) === undefined ? undefined : stopping(own, "seat_required")) ??
    policedBy(state, who.path, at, zone);
  // Who may not spend at all is still told what is its own, and what its limits have left.
  if (stopped !== undefined)
    return {
      remaining: noCredits,
      binding: stopped,
      limits,
      ...(share === undefined ? {} : { share }),
    };
  const usage = { member, groups: who.path.groups, meter: null };
  const overage = overageNow(state);
  const limit = overage.kind === "debt" ? overage.limit : noCredits;
  const used = credits(state.pool.totals.debt + overageInFlight(state.holds));
  const { available } = openTo(state.pool, usage);
  const pool = available + beyond(limit, used);
  const billable = overage.kind === "bill" ? billableOverage(state, overage, at) : undefined;
  const reach = billable === undefined ? pool : pool + (billable.credits ?? creditsMax);
  let binding: Allowance["binding"] =
    (billable?.cap ?? null) === null
      ? { scope: whole, reason: "pool", resetsAt: null }
      : { scope: whole, reason: "spend_cap", resetsAt: periodEnd(state) };
  let remaining: Credits = reach > creditsMax ? creditsMaxed : credits(reach);
  const open = openInShares(state, available, share);
  if (share !== undefined && open < available) {
    // Nothing is lent or billed while the pool has credits that are others' (RULES 2).
    remaining = open;
    binding = { scope: own, reason: "fairness", resetsAt: share.freesAt };
  }
  const carried = carriedBy(state, who.path.groups, at);
  for (const one of limits) {
    const left = leftUnder(one, available, carried);
    if (left === null || left >= remaining) continue;
    remaining = least(left, remaining);
    binding = { scope: one.scope, reason: one.rule.kind, resetsAt: one.resetsAt };
  }
  return {
    remaining,
    binding,
    limits,
    ...(share === undefined ? {} : { share }),
    ...(billable === undefined ? {} : { overage: billable }),
  };
}

type Binding = Allowance["binding"];

const stopping = (scope: Scope, reason: Binding["reason"]): Binding => ({
  scope,
  reason,
  resetsAt: null,
});

const suspending = ({ id, status }: Workspace): Binding | undefined =>
  status === "suspended" ? stopping({ kind: "workspace", id }, "workspace_suspended") : undefined;

/** What a limit leaves of the next call; null where it is no bound. What is in the pool passes a ceiling on overage. */
function leftUnder(one: LimitStanding, available: Credits, carried: Carried): Credits | null {
  switch (one.rule.kind) {
    case "cap":
      return one.left;
    case "overage":
      return one.left === null ? null : plus(available, one.left);
    case "rate":
      return rateLeft(one, carried);
  }
}

/** The most that sharing lets through of what is available to a member: restricted lots stand outside (RULES 33). */
function openInShares(state: State, available: Credits, share: MemberShare | undefined): Credits {
  if (share === undefined) return available;
  const unrestricted = balanceOf(state.pool).available;
  return credits(available - unrestricted + share.open);
}

/** A policy that allows no call at all now, whatever its meter. */
function policedBy(
  state: State,
  path: Path,
  at: Instant,
  zone: Zone,
): Allowance["binding"] | undefined {
  const policies = policiesOn(state.policies, path);
  const refused = unaccepted(state, policies, path) ?? outsideHours(state, policies, at, zone);
  if (refused?.code === "policy_not_accepted") {
    const { code, member, policy } = refused;
    return { scope: { kind: "member", id: member }, reason: code, resetsAt: null, policy };
  }
  if (refused?.code !== "not_allowed") return undefined;
  const { code, scope, retryAt, policy } = refused;
  return { scope, reason: code, resetsAt: retryAt, policy };
}

const periodEnd = ({ subscriptions }: State): Instant | null =>
  subscriptions.live.row?.period.end ?? null;

function billableOverage(
  state: State,
  { lines }: Extract<PlanOverage, { readonly kind: "bill" }>,
  at: Instant,
): BillableOverage | undefined {
  // The cap is of all lines together: any of them tells where it stands.
  const any = beyondPool(
    state,
    lines.some(({ meter }) => meter === null) ? null : (lines[0]?.meter ?? null),
    at,
  );
  if (any.kind !== "bill") return undefined;
  const { cap, billed, asked } = spendWith(state, any, noCredits);
  const currency = workspaceOf(state)?.currency ?? "";
  const open = any.line.meter === null ? billableNow(state, any) : noCredits;
  return { currency, cap, billed, inFlight: asked, credits: open };
}

function standing(
  state: State,
  { limit, key }: AppliedLimit,
  { at, zone, workspace }: { at: Instant; zone: Ground; workspace: string },
): LimitStanding {
  const { rule } = limit;
  const scope = scopeOf(limit, key, workspace);
  const base = { id: limit.id, scope, rule, used: noCredits, cap: null, lent: noCredits };
  if (rule.kind === "rate") {
    const view = viewRate(rule, state.limits.rates.get(key), at, 1n);
    const units = unitsLeft(rule, state.limits.rates.get(key), at);
    const resetsAt = view.kind === "fits" ? null : view.retryAt;
    return { ...base, left: null, units, resetsAt };
  }
  const counted = asCap(rule) ?? asCeiling(rule);
  if (counted === undefined) return { ...base, left: null, units: null, resetsAt: null };
  const view = viewCap(state.limits, key, counted, at, zone);
  const { used, cap, lent, left, resetsAt } = view;
  return { ...base, used, cap, lent, left, units: null, resetsAt };
}

/** What a reserved rate lets through of a member's next call, whatever the rates that it covers say. */
interface Carried {
  readonly reserve: Reserve | undefined;
  readonly credits: Credits;
}

function carriedBy(state: State, groups: readonly string[], at: Instant): Carried {
  const reserve = reserveNow(state);
  const none: Carried = { reserve: undefined, credits: noCredits };
  if (reserve === undefined || (reserve.group !== null && !groups.includes(reserve.group)))
    return none;
  const units = unitsLeft(reserve.rule, state.limits.rates.get(reserve.key), at);
  if (units === 0n) return none;
  const isAny = reserve.rule.unit === "requests" || units > creditsMax;
  return { reserve, credits: isAny ? creditsMaxed : credits(units) };
}

/** What fits at an instant. */
export function unitsLeft(rule: RateLimitRule, state: RateState | undefined, at: Instant): bigint {
  const view = viewRate(rule, state, at, 1n);
  return view.kind === "fits" ? view.remaining + 1n : view.remaining;
}

const creditsMaxed = credits(creditsMax);

/** A rate of credits bounds the next call; a rate of requests only when none is left. */
function rateLeft(
  { scope, rule, units }: LimitStanding,
  { reserve, credits: carried }: Carried,
): Credits | null {
  if (rule.kind !== "rate" || units === null) return null;
  const own = rule.unit === "credits" ? units : units === 0n ? 0n : creditsMax;
  const isStoodIn = reserve !== undefined && isStandIn(reserve, scope);
  const left = isStoodIn && carried > own ? carried : own;
  return left >= creditsMax ? null : credits(left);
}
