import type { Event } from "@cistern/kernel";

/** Whether what happens needs no command. */
export const happensByItself = (event: Event): boolean =>
  event.kind === "invoice.drafted"
    ? event.invoice.isInterim !== true
    : (event.kind === "top_up.requested" && event.topUp.isAutomatic) || alwaysDue.has(event.kind);

const alwaysDue: ReadonlySet<Event["kind"]> = new Set<Event["kind"]>([
  "hold.expired",
  "run.expired",
  "credits.expired",
  "credits.effective",
  "credits.rolled_over",
  "limit.reached",
  "balance.low",
  "balance.depleted",
  "balance.recovered",
  "rate_card.changed",
  "subscription.renewed",
  "subscription.granted",
  "subscription.paused",
  "subscription.ended",
  "subscription.recognised",
  "commitment.trued_up",
  "balance.applied",
  "outcome.matured",
  "outcome.estimated",
  "outcome.estimate_released",
  "outcome.reversed",
  "outcome.review_raised",
  "top_up.rule_disabled",
  "fairness.opened",
  "credit_request.expired",
]);
