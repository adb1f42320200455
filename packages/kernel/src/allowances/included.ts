/** Owns how many units a span includes: whole at its beginning, and by the fraction that prorates credits where something changes in it. */
import type { Calendar, Instant } from "../instant.ts";
import { half } from "../rounding.ts";
import type { Plan } from "../subscriptions/plan.ts";
import { grantSpan, timeLeft } from "../subscriptions/proration.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { AllowanceTerms, IncludedUnits } from "./terms.ts";

/** The subscription as its span begins. */
export function withWholeAllowances(subscription: Subscription): Subscription {
  const { allowances: _before, ...rest } = subscription;
  const terms = rest.plan.allowances ?? [];
  if (terms.length === 0) return rest;
  const span = grantSpan(rest).period;
  const { seats } = rest;
  return {
    ...rest,
    allowances: terms.map((one) => standing(one, wholeUnits(one, { seats, span }))),
  };
}

/** What a change leaves: more or less of each by the same fraction as credits, never below nothing. */
export function changedAllowances(
  before: Subscription,
  to: { readonly plan: Plan; readonly seats: number },
  { at, calendar }: { readonly at: Instant; readonly calendar: Calendar },
): Pick<Subscription, "allowances"> {
  const terms = to.plan.allowances ?? [];
  const was = before.allowances ?? [];
  if (terms.length === 0 && was.length === 0) return {};
  const span = grantSpan(before);
  const { part, whole } = timeLeft(span, at, calendar);
  return {
    allowances: terms.map((one) => {
      const old = before.plan.allowances?.find((other) => isSame(one, other));
      const size = { span: span.period };
      const wholeBefore =
        old === undefined ? 0n : wholeUnits(old, { seats: before.seats, ...size });
      const difference = wholeUnits(one, { seats: to.seats, ...size }) - wholeBefore;
      const included = was.find((other) => isSame(one, other))?.included ?? 0n;
      const after = included + half(difference * part, whole);
      return standing(one, after > 0n ? after : 0n);
    }),
  };
}

/** Units of a whole span. */
export function wholeUnits(
  { included, per, isLevel }: AllowanceTerms,
  { seats, span }: { seats: number; span: { readonly start: Instant; readonly end: Instant } },
): bigint {
  const units = per === "seat" ? included * BigInt(seats) : included;
  return isLevel === true ? units * BigInt(span.end - span.start) : units;
}

const standing = ({ per: _per, ...one }: AllowanceTerms, included: bigint): IncludedUnits => ({
  ...one,
  included,
});

/** Whether they count the same. */
const isSame = (a: Omit<IncludedUnits, "included">, b: Omit<IncludedUnits, "included">): boolean =>
  a.meter === b.meter && a.bucket === b.bucket && a.isLevel === b.isLevel;
