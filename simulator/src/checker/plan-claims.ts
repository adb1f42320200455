/** Owns whether an event is what was asked of a plan: its subscription and seats, its invoices, its outcomes. */
import type { Command, Event, Subscription } from "@cistern/kernel";

/** The subscription and its seats. */
export function carriesOutPlan(
  event: Event,
  command: Extract<
    Command,
    {
      kind:
        | "putSubscription"
        | "cancelSubscription"
        | "setPeriodEnd"
        | "assignSeat"
        | "releaseSeat";
    }
  >,
): boolean {
  switch (command.kind) {
    case "putSubscription":
      return (
        "subscription" in event &&
        (command.plan === null ||
          [event.subscription, event.subscription.next].some(
            (one) => (one === null ? undefined : one.plan.name) === command.plan?.name,
          ))
      );
    case "cancelSubscription":
      return event.kind === "subscription.cancelled";
    case "setPeriodEnd":
      return "subscription" in event && endsSo(event.subscription, command.atEnd);
    case "assignSeat":
      return (
        ("seat" in event &&
          event.kind === "seat.assigned" &&
          event.seat.member === command.member) ||
        ("seatFor" in event && event.seatFor === command.member)
      );
    case "releaseSeat":
      return event.kind === "seat.released" && event.seat.member === command.member;
  }
}

/** A pause has no period to end with: it ends at once. */
const endsSo = ({ atEnd, status }: Subscription, wanted: Subscription["atEnd"]): boolean =>
  atEnd === wanted || (wanted === "end" && status === "ended");

/** Invoices, the balance of the customer, and months. */
export function carriesOutInvoice(
  event: Event,
  command: Extract<
    Command,
    {
      kind:
        | "invoiceNow"
        | "finalizeInvoice"
        | "payInvoice"
        | "voidInvoice"
        | "creditInvoice"
        | "payOutBalance"
        | "closeMonth";
    }
  >,
): boolean {
  switch (command.kind) {
    case "invoiceNow":
      return event.kind === "invoice.drafted" && event.invoice.isInterim === true;
    case "finalizeInvoice":
      return event.kind === "invoice.finalized" && event.invoice.number === command.number;
    case "payInvoice":
      return (
        event.kind === "invoice.paid" &&
        event.payment === command.payment &&
        (command.amount === null || event.amount === command.amount)
      );
    case "voidInvoice":
      return "invoice" in event && event.invoice?.status === command.status;
    case "creditInvoice":
      return event.kind === "credit_note.issued" && event.amount === command.amount;
    case "payOutBalance":
      return (
        event.kind === "balance.paid_out" &&
        (command.amount === null || event.amount === command.amount)
      );
    case "closeMonth":
      return event.kind === "period.closed" && event.month === command.month;
  }
}

/** Outcomes, and what is said of them. */
export function carriesOutOutcome(
  event: Event,
  command: Extract<
    Command,
    { kind: "claimOutcome" | "signalCase" | "reopenOutcome" | "confirmOutcome" | "disputeOutcome" }
  >,
): boolean {
  switch (command.kind) {
    case "claimOutcome":
      return event.kind === "outcome.claimed" && event.of?.claim.outcome === command.outcome;
    case "signalCase":
      return event.kind === "outcome.signalled" && event.fact.kind === command.signal;
    case "reopenOutcome":
      return event.kind === "outcome.reopened" && event.of?.claim.outcome === command.outcome;
    case "confirmOutcome":
      return event.kind === "outcome.confirmed" && event.of?.claim.outcome === command.outcome;
    case "disputeOutcome":
      return event.kind === "outcome.disputed" && event.of?.claim.outcome === command.outcome;
  }
}
