/**
 * Owns which terms were in force when: every stretch of a subscription's periods on one version of a plan, for as long as something
 * that happened in it may still be said.
 */
import type { PlanOverage } from "../billed/terms.ts";
import type { Instant } from "../instant.ts";
import { priceKey } from "../pricing/unit-price.ts";
import type { NegotiatedRates } from "../rating/rate-card.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { OutcomeTerms } from "./terms.ts";

/** From `from` until the next one. */
export interface OutcomePeriod {
  readonly id: string;
  readonly subscription: string;
  readonly plan: string;
  readonly version: string;
  readonly from: Instant;
  /** Of the subscription's period. */
  readonly start: Instant;
  readonly end: Instant;
  /** When the subscription ended, where that was before the period did; left out else. */
  readonly until?: Instant;
  readonly isTrial: boolean;
  readonly terms: readonly OutcomeTerms[];
  readonly overage: PlanOverage;
  /** What was negotiated over its rate card. Left out: nothing. */
  readonly rates?: { readonly id: string; readonly rates: NegotiatedRates };
}

/** The stretch that a subscription is in; undefined where none of its time is paid or tried. */
export function stretchOf(
  { id: subscription, status, plan, period }: Subscription,
  from: Instant,
): Omit<OutcomePeriod, "id"> | undefined {
  const { id, rates } = plan.negotiated ?? {};
  if (status !== "active" && status !== "trialing") return undefined;
  return {
    subscription,
    plan: plan.name,
    version: plan.version,
    from,
    start: period.start,
    end: period.end,
    isTrial: status === "trialing",
    terms: plan.outcomes,
    overage: plan.overage,
    ...(rates === undefined || id === undefined ? {} : { rates: { id, rates } }),
  };
}

/** Whether it goes on on the same terms. */
export const isSameStretch = (
  a: Pick<OutcomePeriod, "subscription" | "version" | "start" | "isTrial">,
  b: Pick<OutcomePeriod, "subscription" | "version" | "start" | "isTrial">,
): boolean =>
  a.subscription === b.subscription &&
  a.version === b.version &&
  a.start === b.start &&
  a.isTrial === b.isTrial;

/** Terms of a type in a stretch. */
export const termsIn = ({ terms }: OutcomePeriod, type: string): OutcomeTerms | undefined =>
  terms.find((one) => one.type === type);

/** What counts what was billed of a type in a period, at one price: one price line, on whichever version of the plan (RULES 17). */
export const countIdOf = (stretch: OutcomePeriod, type: string): string => {
  const { subscription, version, start } = stretch;
  const terms = termsIn(stretch, type);
  const price = terms === undefined ? version : priceKey(terms.price);
  return `${subscription} ${start} ${price} ${type}`;
};
