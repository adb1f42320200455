/** Owns the facts of subscriptions, and of credits that go on from one of their periods into the next. */
import type { Money } from "../amount.ts";
import type { CommittedTerm } from "../billed/committed-term.ts";
import type { Fact, PoolFact } from "../fact.ts";
import type { SharingOpened } from "../fairness/events.ts";
import type { Instant } from "../instant.ts";
import type { Booking } from "../invoices/booking.ts";
import type { DraftInvoice } from "../invoices/invoice.ts";
import type { Line } from "../invoices/line.ts";
import type { Clawback } from "../pool/clawback.ts";
import type { Lot, LotRollover } from "../pool/lot.ts";
import type { Subscription } from "./subscription.ts";

/** What every event of a subscription that may charge, grant or give back says. */
export interface SubscriptionFact<Kind extends string> extends PoolFact<Kind> {
  /** As this leaves it. */
  readonly subscription: Subscription;
  /** Lots that it made, before the transfers. */
  readonly lots: readonly Lot[];
  /** Charged, and waiting for an invoice; where this drafted one, on it. */
  readonly lines: readonly Line[];
  readonly booked: readonly Booking[];
  /** Drafted by this. */
  readonly invoice: DraftInvoice | null;
  /** Lots whose end is another one now, since a pause keeps their term open; left out where there are none. */
  readonly prolonged?: readonly ProlongedLot[];
  /** Held credits that it takes when they return; left out where there are none. */
  readonly clawback?: Clawback;
  /** The pool is shared anew from here on; left out where it is not. */
  readonly sharing?: SharingOpened;
  /** The term of a commitment that was left with it, with what was due of its rest; left out where none was. */
  readonly leftTerm?: CommittedTerm;
}

/** A lot, and its end; null while nobody knows it. */
export interface ProlongedLot {
  readonly lot: string;
  readonly expiresAt: Instant | null;
}

/** A plan is pinned; its first period, or its trial, begins. */
export type SubscriptionStarted = SubscriptionFact<"subscription.started">;
/** Another period began by itself: the first one after a trial too. */
export type SubscriptionRenewed = SubscriptionFact<"subscription.renewed">;
/** Credits of a period that come more often than its fee. */
export type SubscriptionGranted = SubscriptionFact<"subscription.granted">;
/** A pause was ended: a period began, from which later ones are counted. */
export type SubscriptionResumed = SubscriptionFact<"subscription.resumed">;
/** Its plan or seats are others from now on, and the rest of the period is settled. */
export interface SubscriptionChanged extends SubscriptionFact<"subscription.changed"> {
  /** The member for whom a seat was added; it has it from now on. Left out of all else. */
  readonly seatFor?: string;
}

/** What will happen at the end of the period is another thing now; nothing else changed. */
export interface SubscriptionUpdated extends Fact<"subscription.updated"> {
  readonly subscription: Subscription;
  /** The member for whom a seat was added; it has it from now on. Left out of all else. */
  readonly seatFor?: string;
}

/** The period was the last for now. */
export type SubscriptionPaused = SubscriptionFact<"subscription.paused">;
/** It ended with its period. */
export type SubscriptionEnded = SubscriptionFact<"subscription.ended">;
/** It was ended at once. */
export type SubscriptionCancelled = SubscriptionFact<"subscription.cancelled">;
/** Access that was paid for in advance has been given: revenue of the calendar month that ended. */
export interface SubscriptionRecognised extends Fact<"subscription.recognised"> {
  readonly subscription: Subscription;
  readonly amount: Money;
  /** The last instant of that month: where it is posted (RULES 16). */
  readonly postedAt: Instant;
}

/** Unused credits of a period went on into the next; the others expired with the period (FINANCE, E10). */
export interface CreditsRolledOver extends PoolFact<"credits.rolled_over"> {
  readonly subscription: Subscription;
  readonly from: readonly string[];
  /** Held credits that go on when they return; left out where there are none. */
  readonly owed?: readonly { readonly lot: string; readonly rollover: LotRollover }[];
  readonly lots: readonly Lot[];
}
