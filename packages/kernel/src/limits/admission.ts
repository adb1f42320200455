/**
 * Owns whether limits let an amount through: rates first (requests, then credits), then caps, each from near to far
 * (RULES 2); within the nearest node that refuses, the most restrictive one is named.
 */
import { type Credits, beyond } from "../amount.ts";
import type { Instant, Interval } from "../instant.ts";
import type { Path } from "../members/member.ts";
import type { Rejection } from "../rejections.ts";
import {
  type CapRule,
  type CapView,
  type Ground,
  capFreesAt,
  countApproved,
  countFor,
  asCap,
  asCeiling,
  viewCap,
} from "./cap.ts";
import type { Count, Counter, LimitRule, RateCharge, Scope, Window } from "./limit.ts";
import { viewRate } from "./rate.ts";
import { type Reserve, chargeReserve, isCovered } from "./reserve.ts";
import { type AppliedLimit, type LimitSlice, limitsOn, scopeOf } from "./slice.ts";

/** What is asked of the limits. `requests` is 0 for an extension, which counts credits only. */
export interface Ask {
  readonly path: Path;
  readonly workspace: string;
  readonly credits: Credits;
  readonly requests: 0n | 1n;
  readonly at: Instant;
  readonly zone: Ground;
  /** Why a run on the path refuses, which is nearer than any cap (RULES 2); left out where none does. */
  readonly ofRuns?: Rejection | undefined;
  /** What the plan has reserved; left out where it has nothing, and of usage after the fact. */
  readonly reserve?: Reserve | undefined;
}

/** What an approval charges, or why there is none. */
export type Admission =
  | {
      readonly kind: "admitted";
      readonly counts: readonly Count[];
      readonly rates: readonly RateCharge[];
    }
  | { readonly kind: "refused"; readonly rejection: Rejection };

const noCounts: readonly Count[] = [];
const noRates: readonly RateCharge[] = [];
const nothing: Admission = { kind: "admitted", counts: noCounts, rates: noRates };
const rateUnits = ["requests", "credits"] as const;

/** Asks every limit on the path. */
export function admit(slice: LimitSlice, ask: Ask): Admission {
  const limits = limitsOn(slice, ask.path);
  const { reserve } = ask;
  const reserved = reserve === undefined ? undefined : chargeReserve(slice, reserve, ask);
  if (limits.length === 0 && reserved === undefined && ask.ofRuns === undefined) return nothing;
  const met =
    reserve === undefined || reserved === undefined
      ? limits
      : limits.filter((one) => !isCovered(one, reserve));
  const rates = admitRates(slice, met, ask);
  if (rates.kind === "refused") return rates;
  if (ask.ofRuns !== undefined) return { kind: "refused", rejection: ask.ofRuns };
  const caps = admitCaps(slice, limits, ask, asCap);
  if (caps.kind === "refused") return caps;
  const charges = reserved === undefined ? rates.charges : [...rates.charges, reserved];
  return { kind: "admitted", counts: caps.counts, rates: charges };
}

/**
 * Counts of an amount that was not asked for (a debit), whatever the caps allow: in the window that held `ask.at`, if that
 * one is still open `now`. Only an approval opens a window by its first use (RULES 4).
 */
export const countAll = (slice: LimitSlice, ask: Ask, now: Instant): readonly Count[] =>
  ask.credits === 0n ? noCounts : countWhereOpen(slice, ask, now, asCap);

/** The same of what was taken past the pool; undefined where no ceiling counts it. */
export function countPast(slice: LimitSlice, ask: Ask, now: Instant): readonly Count[] | undefined {
  if (slice.ceilings.count === 0) return undefined;
  const counts = countWhereOpen(slice, ask, now, asCeiling);
  return counts.length === 0 ? undefined : counts;
}

/**
 * Asks the ceilings of the path whether a call may take so much past the pool (RULES 2, where overage is decided). One that takes
 * nothing is counted too, so that an overrun of it is known.
 */
export function admitPast(
  slice: LimitSlice,
  ask: Pick<Ask, "path" | "credits" | "at" | "zone" | "workspace">,
): Refused | { readonly kind: "admitted"; readonly pastPool?: readonly Count[] } {
  if (slice.ceilings.count === 0) return { kind: "admitted" };
  const asked = admitCaps(slice, limitsOn(slice, ask.path), ask, asCeiling);
  if (asked.kind === "refused") {
    const { rejection } = asked;
    return rejection.code === "limit_reached"
      ? { kind: "refused", rejection: { ...rejection, isOverage: true } }
      : asked;
  }
  return asked.counts.length === 0
    ? { kind: "admitted" }
    : { kind: "admitted", pastPool: asked.counts };
}

function countWhereOpen(
  slice: LimitSlice,
  ask: Ask,
  now: Instant,
  capRule: (rule: LimitRule) => CapRule | undefined,
): readonly Count[] {
  const counts: Count[] = [];
  for (const applied of limitsOn(slice, ask.path)) {
    const rule = capRule(applied.limit.rule);
    if (rule === undefined) continue;
    const view = viewCap(slice, applied.key, rule, ask.at, ask.zone);
    const { window } = view;
    const counter = slice.counters.get(applied.key);
    if (now >= window.end || isOutsideOpen(rule.window, counter, window, now)) continue;
    counts.push(
      countFor(slice, { id: applied.limit.id, rule }, view, {
        amount: ask.credits,
        now,
        pool: ask.zone.pool,
      }),
    );
  }
  return counts;
}

/** Whether another window than `window` is the open one. Buckets of a rolling window are all open until they end. */
function isOutsideOpen(
  { kind }: Window,
  counter: Counter | undefined,
  { start }: Interval,
  now: Instant,
): boolean {
  if (kind === "rolling") return false;
  if (counter === undefined || now >= counter.end) return kind === "onFirstUse";
  return counter.start !== start;
}

type Refused = { readonly kind: "refused"; readonly rejection: Rejection };

type RateRefusal = Rejection & { readonly code: "rate_limited" };
type CapRefusal = Rejection & { readonly code: "limit_reached" };

function admitRates(
  slice: LimitSlice,
  limits: readonly AppliedLimit[],
  ask: Ask,
): Refused | { readonly kind: "admitted"; readonly charges: readonly RateCharge[] } {
  let charges: RateCharge[] | undefined;
  for (const unit of rateUnits) {
    const requested = unit === "requests" ? ask.requests : ask.credits;
    if (requested === 0n) continue;
    let refusal: RateRefusal | undefined;
    for (const applied of limits) {
      const { limit, key } = applied;
      const { rule } = limit;
      if (rule.kind !== "rate" || rule.unit !== unit) continue;
      if (refusal !== undefined && !isAt(refusal.scope, applied, ask)) break;
      const view = viewRate(rule, slice.rates.get(key), ask.at, requested);
      const { remaining } = view;
      if (view.kind === "fits") {
        const charge = { rate: key, limit: limit.id, arrival: view.arrival, remaining, rule };
        if (charges === undefined) charges = [charge];
        else charges.push(charge);
      } else if (refusal === undefined || isLater(view.retryAt, refusal.retryAt)) {
        const { retryAt } = view;
        const scope = scopeOf(limit, key, ask.workspace);
        refusal = { code: "rate_limited", scope, rule, requested, remaining, retryAt };
      }
    }
    if (refusal !== undefined) return { kind: "refused", rejection: refusal };
  }
  return { kind: "admitted", charges: charges ?? noRates };
}

function admitCaps(
  slice: LimitSlice,
  limits: readonly AppliedLimit[],
  ask: Pick<Ask, "credits" | "at" | "zone" | "workspace">,
  capRule: (rule: LimitRule) => CapRule | undefined,
): Refused | { readonly kind: "admitted"; readonly counts: readonly Count[] } {
  let counts: Count[] | undefined;
  let refusal: CapRefusal | undefined;
  for (const applied of limits) {
    const rule = capRule(applied.limit.rule);
    if (rule === undefined) continue;
    if (refusal !== undefined && !isAt(refusal.scope, applied, ask)) break;
    const view = viewCap(slice, applied.key, rule, ask.at, ask.zone);
    if (ask.credits > view.left) {
      const other = refusalOf(slice, applied, ask, { rule, view });
      if (refusal === undefined || isTighter(other, refusal)) refusal = other;
    } else if (ask.credits > 0n || view.isOpened) {
      // A hold of 0 counts too, so that an overrun of it is known; but it opens no window.
      const count = countApproved(slice, { id: applied.limit.id, rule }, view, ask);
      if (counts === undefined) counts = [count];
      else counts.push(count);
    }
  }
  return refusal === undefined
    ? // Exactly as long as it is: a hold keeps this list for a day.
      { kind: "admitted", counts: counts?.slice() ?? noCounts }
    : { kind: "refused", rejection: refusal };
}

/** Less is left; or as much, and it frees later. */
const isTighter = (a: CapRefusal, b: CapRefusal): boolean =>
  a.available < b.available || (a.available === b.available && isLater(a.retryAt, b.retryAt));

const isLater = (a: Instant | null, b: Instant | null): boolean =>
  b !== null && (a === null || a > b);

function refusalOf(
  slice: LimitSlice,
  { limit, key }: AppliedLimit,
  ask: Pick<Ask, "credits" | "at" | "zone" | "workspace">,
  { rule, view: { cap, used, left } }: { rule: Parameters<typeof capFreesAt>[2]; view: CapView },
): CapRefusal {
  return {
    code: "limit_reached",
    scope: scopeOf(limit, key, ask.workspace),
    requested: ask.credits,
    available: left,
    missing: beyond(ask.credits, left),
    cap,
    used,
    retryAt: capFreesAt(slice, key, rule, ask.at, ask.credits, ask.zone),
  };
}

/** Whether a limit sits at the node that a refusal named. */
function isAt(
  scope: Scope,
  { limit, key }: AppliedLimit,
  { workspace }: Pick<Ask, "workspace">,
): boolean {
  const other = scopeOf(limit, key, workspace);
  return other.kind === scope.kind && other.id === scope.id;
}
