import { currentCount } from "../allowances/ask.ts";
import { leftOf } from "../allowances/slice.ts";
import type { AllowanceTerms } from "../allowances/terms.ts";
import { type Credits, type Money, credits, money } from "../amount.ts";
import { billedNow } from "../billed/slice.ts";
import type { Instant } from "../instant.ts";
import type { Limit, RateLimitRule } from "../limits/limit.ts";
import type { State } from "../state/state.ts";
import { reserveNow } from "../subscriptions/reserved.ts";
import { unitsLeft } from "./allowance.ts";
import { featuresOf } from "../subscriptions/entitled.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import { liveLots } from "../pool/slice.ts";

/** Usage that is free up to so many credits of a period (`bucket: null`, a first step of a price), or up to so many units of a meter's bucket. */
export interface MeterAllowance {
  /** null: all meters that have no price of their own. */
  readonly meter: string | null;
  readonly bucket: string | null;
  /** They are units times milliseconds. */
  readonly isLevel: boolean;
  readonly included: bigint;
  readonly used: bigint;
  readonly held: bigint;
  readonly left: bigint;
  /** Used past it. */
  readonly over: bigint;
  /** What comes past it: a price in money, credits, or a refusal. */
  readonly beyond: "bill" | AllowanceTerms["beyond"];
  /** null: no other span follows. */
  readonly resetsAt: Instant | null;
}

/** What a workspace may do by its plan, and what it has made of it in this period. */
export interface Entitlements {
  /** undefined: the workspace is on no plan. */
  readonly subscription: Subscription | undefined;
  readonly features: readonly string[];
  /** Patterns; null: all. */
  readonly meters: readonly string[] | null;
  readonly models: readonly string[] | null;
  /** Credits that the period included, and what of them is gone or held. */
  readonly included: { readonly credits: Credits; readonly used: Credits };
  readonly allowances: readonly MeterAllowance[];
  /** null: the plan has none. */
  readonly seats: { readonly paid: number; readonly assigned: number } | null;
  /** What is reserved, and what of its rate is left now; null: nothing. */
  readonly reserved: {
    readonly rule: RateLimitRule;
    readonly left: bigint;
    readonly group: string | null;
    readonly shareBps: number;
  } | null;
  /** What comes with the plan; the workspace's own are not among them. */
  readonly limits: readonly Limit[];
  /** Money of usage that no lot paid; `cap: null` is none. */
  readonly spend: { readonly cap: Money | null; readonly billed: Money };
}

/** Answers without credits and without effect. */
export function entitlements(state: State, at: Instant): Entitlements {
  const subscription = state.subscriptions.live.row;
  const plan = subscription?.plan;
  const lots = liveLots(state.pool, subscription?.lots ?? []);
  const granted = lots.reduce((sum, lot) => sum + lot.granted, 0n);
  const left = lots.reduce((sum, lot) => sum + lot.available, 0n);
  return {
    subscription,
    features: featuresOf(state),
    meters: plan?.entitles?.meters ?? null,
    models: plan?.entitles?.models ?? null,
    included: { credits: credits(granted), used: credits(granted - left) },
    allowances:
      subscription === undefined
        ? []
        : [...unitsOf(state, subscription, at), ...stepsOf(state, subscription, at)],
    seats:
      subscription === undefined || subscription.plan.seats === null
        ? null
        : { paid: subscription.seats, assigned: state.seats.seats.size },
    reserved: reservedNow(state, at),
    limits: plan?.limits ?? [],
    spend: {
      cap: plan?.overage.kind === "bill" ? plan.overage.spendCap : null,
      billed: money(billedNow(state.billed, at)),
    },
  };
}

function reservedNow(state: State, at: Instant): Entitlements["reserved"] {
  const reserve = reserveNow(state);
  if (reserve === undefined) return null;
  const { key, group, rule } = reserve;
  const left = unitsLeft(rule, state.limits.rates.get(key), at);
  const { shareBps = 0 } = state.subscriptions.live.row?.plan.reserved ?? {};
  return { rule, left, group, shareBps };
}

/** Beside credits. */
const unitsOf = (state: State, live: Subscription, at: Instant): readonly MeterAllowance[] =>
  (live.plan.allowances ?? []).map((terms) => {
    const { meter, bucket, beyond, isLevel = false } = terms;
    const count = currentCount(state, live, terms, at);
    const { included = 0n, used = 0n, held = 0n, over = 0n } = count ?? {};
    const left = count === undefined ? 0n : leftOf(count);
    const resetsAt = count === undefined || live.atEnd !== "renew" ? null : count.end;
    return { meter, bucket, isLevel, included, used, held, left, over, beyond, resetsAt };
  });

/** A first step at no price. */
function stepsOf(
  { billed }: State,
  { plan: { overage }, period }: Subscription,
  at: Instant,
): readonly MeterAllowance[] {
  if (overage.kind !== "bill") return [];
  return overage.lines.flatMap(({ kind, meter, price }): readonly MeterAllowance[] => {
    const [first] = price.kind === "graduated" ? price.tiers : [];
    if (first === undefined || first.upTo === null || first.price > 0n || (first.flat ?? 0n) > 0n)
      return [];
    const included = first.upTo;
    let sum = 0n;
    for (const { line, from, to, quantity } of billed.totals.values())
      if (line.kind === kind && line.meter === meter && from <= at && at < to) sum += quantity;
    const used = sum < included ? sum : included;
    const counts = { included, used, held: 0n, left: included - used, over: sum - used };
    return [
      { meter, bucket: null, isLevel: false, ...counts, beyond: "bill", resetsAt: period.end },
    ];
  });
}
