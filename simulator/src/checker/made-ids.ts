/** Owns which ids callers bring for what is made, so that an effect can be told from another. */
import type { Command, Event } from "@cistern/kernel";

/** The ids that a command brings for what it makes. */
export function idMade(command: Command): string | undefined {
  switch (command.kind) {
    case "openHold":
      return command.hold;
    case "openRun":
      return command.purse ?? undefined;
    case "debit":
      return command.debit;
    case "refund":
      return command.refund;
    case "grant":
      return command.grant;
    case "claimOutcome":
      return command.outcome;
    case "requestTopUp":
      return command.topUp;
    case "creditInvoice":
      return command.creditNote;
    case "giftReserve":
      return command.gift;
    default:
      return undefined;
  }
}

/** The id of what an event made, where a caller brought it. */
export function idMadeBy(event: Event): string | undefined {
  switch (event.kind) {
    case "hold.opened":
      return event.hold;
    case "usage.debited":
      return event.debit;
    case "usage.refunded":
      return event.refund;
    case "credits.granted":
      return event.lot.id;
    case "outcome.claimed":
      return event.of?.claim.outcome;
    case "top_up.requested":
      return event.topUp.id;
    case "credit_note.issued":
      return event.creditNote;
    case "reserve.gifted":
      return event.gift;
    default:
      return undefined;
  }
}
