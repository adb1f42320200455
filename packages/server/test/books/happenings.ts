/** What a random year of many workspaces must show to be worth judging. */
import type { Booking, Event, LineKind, Plan } from "@cistern/kernel";

/** Whether it happens in the life of a workspace, by its name. */
export interface Happening {
  readonly name: string;
  readonly isIn: (events: readonly Event[]) => boolean;
}

const kinds = [
  "subscription.renewed",
  "subscription.cancelled",
  "subscription.recognised",
  "subscription.paused",
  "commitment.trued_up",
  "credits.rolled_over",
  "credits.repaid",
  "credits.charged_back",
  "credits.escheated",
  "credits.expired",
  "breakage.revised",
  "usage.refunded",
  "outcome.claimed",
  "outcome.confirmed",
  "outcome.reopened",
  "outcome.estimated",
  "top_up.requested",
  "top_up.failed",
  "invoice.finalized",
  "invoice.paid",
  "invoice.voided",
  "credit_note.issued",
] as const satisfies readonly Event["kind"][];

const lineKinds = [
  "base_fee",
  "seats",
  "unused_time",
  "remaining_time",
  "usage",
  "overage",
  "shortfall",
  "shortfall_used",
  "prepayment",
  "reserved_capacity",
  "allowance",
  "outcome",
  "outcome_reversed",
] as const satisfies readonly LineKind[];

const once =
  (is: (event: Event) => boolean): Happening["isIn"] =>
  (events) =>
    events.some(is);

const onPlan = (is: (plan: Plan) => boolean): Happening["isIn"] =>
  once((event) => event.kind === "subscription.renewed" && is(event.subscription.plan));

/** See the file head. */
export const happenings: readonly Happening[] = [
  ...kinds.map((kind) => ({ name: kind, isIn: once((event) => event.kind === kind) })),
  ...lineKinds.map((kind) => ({
    name: `an issued invoice with ${kind}`,
    isIn: once(
      (event) =>
        event.kind === "invoice.finalized" && event.lines.some((line) => line.kind === kind),
    ),
  })),
  {
    name: "credits without a subscription",
    isIn: (events) => !events.some((event) => event.kind.startsWith("subscription.")),
  },
  {
    name: "a plan with a fee and credits",
    isIn: onPlan((plan) => (plan.base?.amount ?? 0n) > 0n && plan.included !== null),
  },
  {
    name: "a plan by the seat with a pool",
    isIn: onPlan(({ seats, included }) => seats !== null && included?.per === "seat"),
  },
  {
    name: "a plan by usage with a minimum",
    isIn: onPlan(({ overage, minimum }) => overage.kind === "bill" && minimum !== null),
  },
  { name: "a plan with outcomes", isIn: onPlan(({ outcomes }) => outcomes.length > 0) },
  {
    name: "a plan of everything",
    isIn: onPlan(
      ({ base, seats, included, outcomes }) =>
        base !== null && seats !== null && included !== null && outcomes.length > 0,
    ),
  },
  { name: "an upgrade at once", isIn: changed((amount) => amount > 0n) },
  { name: "a downgrade at once", isIn: changed((amount) => amount < 0n) },
  { name: "use of prepaid credits", isIn: drawsPrepaid },
  { name: "a shortfall that is kept", isIn: booked("Deferred:Shortfall", -1) },
  { name: "a shortfall that was kept and goes", isIn: booked("Deferred:Shortfall", 1) },
  {
    name: "an interim part of an invoice",
    isIn: once((event) => event.kind === "invoice.finalized" && event.invoice.isInterim === true),
  },
  {
    name: "a line on a later part that goes on from one before",
    isIn: once(
      (event) =>
        event.kind === "invoice.finalized" && event.lines.some(({ since = 0n }) => since > 0n),
    ),
  },
  {
    name: "a paper of a purchase",
    isIn: once((event) => event.kind === "top_up.succeeded" && event.purchase !== undefined),
  },
  {
    name: "a credit note on a paper of a purchase",
    isIn: once(
      (event) =>
        (event.kind === "credits.repaid" || event.kind === "credits.charged_back") &&
        event.note?.invoice.topUp !== undefined,
    ),
  },
  {
    name: "use of an allowance",
    isIn: once((event) => event.kind === "usage.debited" && (event.units ?? []).length > 0),
  },
  { name: "a top-up that somebody asked for", isIn: paidTopUp(false) },
  { name: "a top-up by the rule", isIn: paidTopUp(true) },
  {
    name: "a top-up with a bonus",
    isIn: once((event) => event.kind === "top_up.succeeded" && event.bonus !== undefined),
  },
];

/** A change of plan at once, by what it charges in all. */
function changed(is: (amount: bigint) => boolean): Happening["isIn"] {
  return once(
    (event) =>
      event.kind === "subscription.changed" &&
      is(event.lines.reduce((sum, { amount }) => sum + amount, 0n)),
  );
}

/** An account that an event books itself, on this side. */
function booked(account: Booking["account"], sign: -1 | 1): Happening["isIn"] {
  return once(
    (event) =>
      "booked" in event &&
      event.booked.some((one) => one.account === account && Math.sign(Number(one.amount)) === sign),
  );
}

function paidTopUp(isAutomatic: boolean): Happening["isIn"] {
  return once(
    (event) => event.kind === "top_up.succeeded" && event.topUp.isAutomatic === isAutomatic,
  );
}

/** Credits of a period that was prepaid are a lot of their own beside what the plan includes. */
function drawsPrepaid(events: readonly Event[]): boolean {
  const prepaid = new Set<string>();
  for (const event of events) {
    if (
      "lines" in event &&
      event.lines.some(({ kind }) => kind === "prepayment") &&
      "lots" in event
    )
      for (const lot of event.lots)
        if (typeof lot === "object" && "source" in lot && lot.id.endsWith("d")) prepaid.add(lot.id);
    if (
      (event.kind === "usage.debited" || event.kind === "hold.settled") &&
      event.transfers.some(
        ({ lot, to, money }) => prepaid.has(lot) && to === "consumed" && money > 0n,
      )
    )
      return true;
  }
  return false;
}
