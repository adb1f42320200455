/**
 * Owns the facts: what an event of the journal says. Everything else is derived from these.
 *
 * E1 an event carries what its readers need (credits and money per lot, scopes, price, balance after it), so that
 * postings, usage rows and the outbound form are functions of the event alone. E2 replay needs no rule, zone or price.
 */
import type { AllowanceMove } from "./allowances/terms.ts";
import type { Credits, Money } from "./amount.ts";
import type { CommittedTerm } from "./billed/committed-term.ts";
import type { BilledUsage, PinnedLine } from "./billed/terms.ts";
import type { Charge, Counted, Hold, Leg } from "./holds/hold.ts";
import type { Instant, Interval } from "./instant.ts";
import type { DraftInvoice, IssuedInvoice } from "./invoices/invoice.ts";
import type { Line } from "./invoices/line.ts";
import type { Count, Limit, RateCharge, Scope } from "./limits/limit.ts";
import type { Group, Member, Path } from "./members/member.ts";
import type { BillableOutcome, Claim } from "./outcomes/case.ts";
import type { Addition, Recount } from "./outcomes/change.ts";
import type { Clawback } from "./pool/clawback.ts";
import type { Clawed } from "./pool/clawing.ts";
import type { Lot, LotRollover, Transfer } from "./pool/lot.ts";
import type { Outcome } from "./rating/outcome.ts";
import type { Price, Usage } from "./rating/tariff.ts";
import type { VendorCost } from "./rating/vendor-cost.ts";
import type { Seat } from "./seats/slice.ts";
import type { Subscription } from "./subscriptions/subscription.ts";
import type { TopUp, TopUpRule } from "./topups/top-up.ts";
import type { Workspace } from "./workspace/workspace.ts";

/** The pool after an event. Restricted lots stand apart, since not every usage may burn them. */
export interface Balance {
  readonly available: Credits;
  readonly held: Credits;
  readonly restrictedAvailable: Credits;
  readonly restrictedHeld: Credits;
  readonly consumed: Credits;
  readonly debt: Credits;
}

interface Fact<Kind extends string> {
  readonly kind: Kind;
  readonly at: Instant;
  /** When it counts in the books, where that is before `at` (RULES 16). Left out: at `at`. */
  readonly postedAt?: Instant;
}

/** What is taken, and credited, of credits that returned and that a change of plan would have taken had they not been held (RULES 15). */
export interface ClawedBack extends Clawed {
  readonly lines: readonly Line[];
}

/** Facts by which held credits return. */
interface Returning {
  /** Left out where nothing is. */
  readonly clawedBack?: ClawedBack;
}

/** Facts that may move credits. */
interface PoolFact<Kind extends string> extends Fact<Kind> {
  readonly transfers: readonly Transfer[];
  readonly balance: Balance;
  /** Lots made, before the transfers, of credits that returned to a lot which owes them to a rollover; left out where none are. */
  readonly made?: readonly Lot[];
}

/** The first event of every journal. */
export interface WorkspaceCreated extends Fact<"workspace.created"> {
  readonly workspace: Workspace;
}
/** The settings after a change. */
export interface WorkspaceUpdated extends Fact<"workspace.updated"> {
  readonly workspace: Workspace;
}
/** A member as registered, or registered again. */
export interface MemberUpdated extends Fact<"member.updated"> {
  readonly member: Member;
  /** Its new kind takes no seat: it has its own no longer. Left out of all else. */
  readonly freesSeat?: true;
}
/** A member may no longer open holds; its open ones may still end. */
export interface MemberDeactivated extends Fact<"member.deactivated"> {
  readonly member: Member;
  /** It had a seat. */
  readonly freesSeat?: true;
}
/** A group exists. */
export interface GroupUpdated extends Fact<"group.updated"> {
  readonly group: Group;
}
/** A limit as it stands now. `restarts`: its windows or rates count from nothing, since the rule is another one. */
export interface LimitUpdated extends Fact<"limit.updated"> {
  readonly limit: Limit;
  readonly restarts: boolean;
}
/** A limit is no more. */
export interface LimitRemoved extends Fact<"limit.removed"> {
  readonly limit: Limit;
}

/** A new lot, before the transfers of the same event. */
export interface CreditsGranted extends PoolFact<"credits.granted"> {
  readonly lot: Lot;
  /** A second lot, sold with the first, with its share of the price. */
  readonly bonus?: Lot;
  /** Left out: invoiced, without tax. */
  readonly payment?: Payment;
}
/** How a grant is paid for, in minor units: by invoice, with money that was received, or (compensation) by the vendor. */
export interface Payment {
  readonly kind: "invoiced" | "received" | "compensation";
  /** Beside the cost. */
  readonly tax: Money;
  /** What the payment provider kept of money received. */
  readonly fee: Money;
}
/** Granted lots whose time has come. */
export interface CreditsEffective extends PoolFact<"credits.effective"> {
  readonly lots: readonly string[];
}
/** Lots whose time is over; what is held on them stays pinned. */
export interface CreditsExpired extends PoolFact<"credits.expired"> {
  readonly lots: readonly string[];
}
/** Credits taken back from a lot. `isWhole`: the lot is over. `owed`: held credits that will follow when they return. */
export interface CreditsRevoked extends PoolFact<"credits.revoked"> {
  readonly lot: string;
  readonly credits: Credits;
  readonly owed: Credits;
  readonly isWhole: boolean;
  /** The lot as this leaves it. */
  readonly left: Lot;
}

/** What of money that goes back was never paid. */
export interface Unpaid {
  /** What it lessens: what is owed, or what was given up of it. */
  readonly account: "Receivable" | "BadDebt";
  /** It does not leave the till. */
  readonly amount: Money;
  /** A credit note on the invoice that it is owed on; `amount` is with tax. */
  readonly note?: {
    readonly creditNote: string;
    readonly invoice: IssuedInvoice;
    readonly amount: Money;
    readonly tax: Money;
  };
  /** A line, where that one is not issued: on it while it is a draft, else on the next. */
  readonly line?: Line | undefined;
  readonly draft?: string;
}
/** Money paid back for a lot. */
export interface CreditsRepaid extends PoolFact<"credits.repaid"> {
  readonly repayment: string;
  readonly lot: string;
  /** Revoked for it; none for goodwill. */
  readonly credits: Credits;
  /** Paid back, without tax. */
  readonly money: Money;
  /** Of that, for what was used: it stays recognised. */
  readonly goodwill: Money;
  readonly tax: Money;
  readonly occurredAt: Instant;
  readonly reason: string | null;
  /** Left out where all of it was paid. */
  readonly unpaid?: Unpaid;
  /** The lot as this leaves it. */
  readonly left: Lot;
}
/** What a chargeback took of one lot. */
export interface ChargedBackLot {
  readonly lot: string;
  /** Without tax. */
  readonly money: Money;
  readonly tax: Money;
  /** The lot as this leaves it. */
  readonly left: Lot;
}
/** A bank took back what was paid for a lot (and its bonus); what is left of them is revoked. */
export interface CreditsChargedBack extends PoolFact<"credits.charged_back"> {
  readonly chargeback: string;
  readonly lots: readonly ChargedBackLot[];
  /** What the bank charges for the dispute. */
  readonly fee: Money;
  readonly occurredAt: Instant;
  readonly reason: string | null;
}
/** What a dormant lot still deferred is owed to the state. */
export interface CreditsEscheated extends PoolFact<"credits.escheated"> {
  readonly lot: string;
  /** The lot as this leaves it. */
  readonly left: Lot;
}
/** Another estimate of what of a lot is never used, in basis points; null recognises nothing before it ends. */
export interface BreakageRevised extends PoolFact<"breakage.revised"> {
  readonly lot: string;
  readonly breakage: number | null;
  /** The lot as this leaves it. */
  readonly left: Lot;
}

/** A hold, with its legs; the counts and rates that its approval charged. */
export interface HoldOpened extends PoolFact<"hold.opened"> {
  readonly hold: string;
  readonly path: Path;
  readonly meter: string | null;
  readonly model: string | null;
  readonly project: string | null;
  readonly price: Price | null;
  readonly estimate: Usage | null;
  readonly attributes: Readonly<Record<string, string>> | null;
  readonly credits: Credits;
  readonly legs: readonly Leg[];
  readonly overage: Credits;
  /** The line that `overage` would be billed on; left out where it would be owed, and where there is none. */
  readonly billing?: PinnedLine;
  readonly expiresAt: Instant;
  readonly counts: readonly Count[];
  readonly rates: readonly RateCharge[];
  /** Set aside of allowances; left out where none is for it. */
  readonly units?: readonly AllowanceMove[];
  /** Set when the member was seen for the first time. */
  readonly guest: Member | null;
}
/** More credits, more time, or both. */
export interface HoldExtended extends PoolFact<"hold.extended"> {
  readonly hold: string;
  readonly path: Path;
  readonly credits: Credits;
  readonly legs: readonly Leg[];
  readonly overage: Credits;
  /** The line that `overage` would be billed on; left out where it would be owed, and where there is none. */
  readonly billing?: PinnedLine;
  readonly expiresAt: Instant;
  readonly counts: readonly Count[];
  readonly rates: readonly RateCharge[];
  /** All that the hold has set aside, with this. */
  readonly whole: {
    readonly credits: Credits;
    readonly legs: readonly Leg[];
    readonly overage: Credits;
  };
}
/** What every settlement, by hold or debit, says. */
interface Settling {
  readonly path: Path;
  readonly meter: string | null;
  readonly model: string | null;
  readonly project: string | null;
  readonly price: Price | null;
  readonly attributes: Readonly<Record<string, string>> | null;
  readonly usage: Usage | null;
  /** Charged by this event: lots + debt + billed. */
  readonly charged: Credits;
  /** By lot, in the order taken. */
  readonly charges: readonly Charge[];
  readonly debt: Credits;
  /** What no lot paid, in money; left out where there is none. */
  readonly billed?: BilledUsage;
  readonly counts: readonly Count[];
  /** What it used of allowances, and gave back to them; left out where there is nothing of either. */
  readonly units?: readonly AllowanceMove[];
  /** What the usage cost the vendor, where that is known; it has no part in `charged`. Left out in events that are older than it. */
  readonly cost?: VendorCost | null;
  /** The usage could not be rated, so the hold's own amount was charged, or, of another model, its own price taken (RULES 19). */
  readonly isUnrated: boolean;
}
/** Usage of a hold, in part (`isFinal: false`) or whole. */
export interface HoldSettled extends PoolFact<"hold.settled">, Settling, Returning {
  readonly hold: string;
  /** Where the call was re-routed: the model that was held for; `model` is the one that answered. Left out in all others. */
  readonly heldModel?: string | null;
  readonly isFinal: boolean;
  /** As the caller said it. Left out in events that are older than outcomes. */
  readonly outcome?: Outcome | null;
  /** The hold had expired. */
  readonly isLate: boolean;
  /** Credits of the hold that this settlement gave back, overage permission included. */
  readonly returned: Credits;
  /** Beyond the hold and not charged, by the workspace's choice (`cap_at_hold`). */
  readonly loss: Credits;
  /** Legs and overage permission that are still set aside after this. */
  readonly legs: readonly Leg[];
  readonly overage: Credits;
  readonly authorizedAt: Instant;
  /** All that the hold was charged, with this. */
  readonly chargedInTotal: Credits;
  readonly fingerprint: string | null;
  /** The hold as it was, where it had to be read from the journal again. */
  readonly recalled: Hold | null;
}
/** The caller gave the hold up. */
export interface HoldReleased extends PoolFact<"hold.released">, Returning {
  readonly hold: string;
  readonly path: Path;
  readonly returned: Credits;
  readonly counts: readonly Count[];
  /** Given back to allowances; left out where nothing was. */
  readonly units?: readonly AllowanceMove[];
  readonly fingerprint: string | null;
}
/** One hold that ran out of time; only what was not consumed returns. */
export interface ExpiredHold {
  readonly hold: string;
  readonly member: string;
  readonly expiredAt: Instant;
  readonly returned: Credits;
  readonly counts: readonly Count[];
  /** Given back to allowances; left out where nothing was. */
  readonly units?: readonly AllowanceMove[];
}
/** Holds that ran out of time, at most 512 in one event (RULES 11). */
export interface HoldsExpired extends PoolFact<"hold.expired">, Returning {
  readonly holds: readonly ExpiredHold[];
}
/** Usage that was reported after the fact. */
export interface UsageDebited extends PoolFact<"usage.debited">, Settling {
  readonly debit: string;
  readonly occurredAt: Instant;
  /** Of a level: while it was there. Left out of all else. */
  readonly over?: Interval;
  /** Of a level that was told before for a part of that time: the rest, which alone is charged. Left out where all of it is. */
  readonly fresh?: readonly Interval[];
  /** It is priced by the card that was in force when it happened, and another one is in force now. Left out of all else. */
  readonly isPricedThen?: true;
  /** Of usage of a trial: what no lot of that time paid, and nobody will. Left out where there is none. */
  readonly loss?: Credits;
  readonly counted: readonly Counted[];
  readonly guest: Member | null;
}
/** Credits of a settlement returned to where they came from (RULES 13). */
export interface UsageRefunded extends PoolFact<"usage.refunded">, Returning {
  readonly refund: string;
  readonly of: string;
  readonly path: Path;
  readonly meter: string | null;
  readonly model: string | null;
  readonly project: string | null;
  readonly attributes: Readonly<Record<string, string>> | null;
  readonly credits: Credits;
  readonly reason: string | null;
  /** Outstanding debt that the refund cancelled. */
  readonly debt: Credits;
  /** Taken off the bill; left out where nothing was billed. */
  readonly billed?: BilledUsage;
  /** Credits that went back, last consumed first; `index` is the charge's place in the settlement. */
  readonly charges: readonly {
    readonly index: number;
    readonly lot: string;
    readonly credits: Credits;
  }[];
  /** Lots made for credits whose own lot is over. */
  readonly lots: readonly Lot[];
  readonly counts: readonly Count[];
  /** Given back to allowances: it was refunded whole. Left out where nothing was. */
  readonly units?: readonly AllowanceMove[];
  readonly refundedInTotal: Credits;
  readonly recalled: Hold | null;
}
/** Accounts that events of subscriptions and invoices move money between, beside those of lots. */
export type BookingAccount =
  | "Cash"
  | "PaymentFees"
  | "Receivable"
  | "Unbilled"
  | "Deferred:Access"
  | "CustomerBalance"
  | "Tax"
  | "Refunds"
  | "BadDebt"
  | "Shortfall"
  | "Subscription";
/** Money of an event that no lot says of itself. Signs as in FINANCE, section 3: debit positive. */
export interface Booking {
  readonly account: BookingAccount;
  readonly amount: Money;
}
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
/** A member has a seat; `assigned` are so many with it. */
export interface SeatAssigned extends Fact<"seat.assigned"> {
  readonly seat: Seat;
  readonly assigned: number;
}
/** A member has its seat no longer. */
export interface SeatReleased extends Fact<"seat.released"> {
  readonly seat: Seat;
  readonly assigned: number;
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
/** A period of a commitment is over: what usage lacks of it is charged, as revenue of that period (FINANCE, E15). */
export interface CommitmentTruedUp extends Fact<"commitment.trued_up"> {
  /** As this leaves it. */
  readonly subscription: Subscription;
  /** The term with this period. */
  readonly committed: CommittedTerm;
  /** The shortfall, which waits for the period's invoice; none where there is none. */
  readonly lines: readonly Line[];
  readonly booked: readonly Booking[];
  /** The last instant of the period (RULES 16). */
  readonly postedAt: Instant;
}
/** What came after a subscription was over is on a draft: no period ends any more whose invoice takes it. */
export interface InvoiceDrafted extends Fact<"invoice.drafted"> {
  readonly invoice: DraftInvoice;
}
/** An invoice was issued; its lines never change. */
export interface InvoiceFinalized extends Fact<"invoice.finalized"> {
  readonly invoice: IssuedInvoice;
  readonly lines: readonly Line[];
  readonly booked: readonly Booking[];
}
/** Money was received for an invoice. */
export interface InvoicePaid extends Fact<"invoice.paid"> {
  readonly invoice: IssuedInvoice;
  /** The payment's id, which counts once for ever. */
  readonly payment: string;
  readonly amount: Money;
  /** What the payment provider kept of it. */
  readonly fee: Money;
  readonly reference: string | null;
  readonly booked: readonly Booking[];
}
/** An invoice was taken back, or its rest given up. */
export interface InvoiceClosed<Kind extends string> extends Fact<Kind> {
  readonly invoice: IssuedInvoice;
  readonly reason: string | null;
  readonly booked: readonly Booking[];
}
/** It was issued by mistake: what stood on it waits for the next one again. */
export interface InvoiceVoided extends InvoiceClosed<"invoice.voided"> {
  /** Left out in events that are older than this. */
  readonly waiting?: {
    readonly lines: readonly Line[];
    /** What of it had been credited; a line of its own. */
    readonly credited?: Line;
  };
}
/** What is due of it is given up. */
export type InvoiceUncollectible = InvoiceClosed<"invoice.uncollectible">;
/** A part of an invoice was taken back. */
export interface CreditNoteIssued extends Fact<"credit_note.issued"> {
  readonly creditNote: string;
  /** null: whoever keeps the numbers gives it one, by the note's id. */
  readonly number: string | null;
  readonly invoice: IssuedInvoice;
  /** With tax. */
  readonly amount: Money;
  readonly tax: Money;
  readonly reason: string | null;
  readonly booked: readonly Booking[];
}
/** Unused credits of a period went on into the next; the others expired with the period (FINANCE, E10). */
export interface CreditsRolledOver extends PoolFact<"credits.rolled_over"> {
  readonly subscription: Subscription;
  readonly from: readonly string[];
  /** Held credits that go on when they return; left out where there are none. */
  readonly owed?: readonly { readonly lot: string; readonly rollover: LotRollover }[];
  readonly lots: readonly Lot[];
}

/** One fact of a case, and all that follows from it. */
export interface OutcomeFact<Kind extends string> extends Fact<Kind>, Addition, Recount {
  /** What it is said of, as this leaves it; null for a signal, which is of a case. */
  readonly of: { readonly claim: Claim; readonly outcome: BillableOutcome } | null;
  /** When what waits is estimated, where this is the first to wait for it. */
  readonly estimatesAt: Instant | null;
}
/** What can be said of outcomes: that a result was reached, what somebody did in its case, and whether it holds. */
export type OutcomeSaid =
  | OutcomeFact<"outcome.claimed">
  | OutcomeFact<"outcome.signalled">
  | OutcomeFact<"outcome.reopened">
  | OutcomeFact<"outcome.confirmed">
  | OutcomeFact<"outcome.disputed">;
/** Claims have rested for long enough: at most 512 cases in one event. */
export interface OutcomesMatured extends Fact<"outcome.matured">, Recount {}
/** What is expected of claims that wait is revenue of the month that ended (FINANCE, E16b). */
export interface OutcomesEstimated extends Fact<"outcome.estimated"> {
  readonly amount: Money;
  /** When the amount is released: at once. null: there is none. */
  readonly releasesAt: Instant | null;
}
/** An estimate has had its month; what comes of the claims is posted as always. */
export interface EstimateReleased extends Fact<"outcome.estimate_released"> {
  readonly amount: Money;
  /** The next month's end, where anything waits. */
  readonly estimatesAt: Instant | null;
}
/** A notice: a person should look at these cases. */
export interface OutcomeReviewRaised extends Fact<"outcome.review_raised"> {
  /** One end customer has many topics at once, or one case has many conversations. */
  readonly reason: "many_topics" | "many_conversations";
  readonly case: string;
  readonly about: { readonly customer: string; readonly topic: string };
  readonly type: string;
  readonly count: number;
}

/** Credits are wanted: whoever collects payments is to ask for this one. */
export interface TopUpRequested extends Fact<"top_up.requested"> {
  readonly topUp: TopUp;
  /** The rule that asked for it, as this leaves it; null where somebody did. */
  readonly rule: TopUpRule | null;
}
/** Its payment is under way, or waits for the customer. */
export interface TopUpPending extends Fact<"top_up.pending"> {
  readonly topUp: TopUp;
}
/** Its payment came, and became credits: a new lot, before the transfers of the same event. */
export interface TopUpSucceeded extends PoolFact<"top_up.succeeded"> {
  readonly topUp: TopUp;
  readonly lot: Lot;
  /** A second lot, sold with the first, with its share of the price. */
  readonly bonus?: Lot;
  readonly payment: Payment;
  /** The workspace's rule, as this leaves it; null where it has none. */
  readonly rule: TopUpRule | null;
}
/** Its payment was declined, or given up. */
export interface TopUpFailed extends Fact<"top_up.failed"> {
  readonly topUp: TopUp;
  /** The rule that asked for it, as this leaves it; null where somebody did. */
  readonly rule: TopUpRule | null;
}
/** The rule as it stands now. */
export interface TopUpRuleUpdated extends Fact<"top_up.rule_updated"> {
  readonly rule: TopUpRule;
}
/** A notice: with the failure before it the rule is off, until it is put anew or a payment succeeds. */
export interface TopUpRuleDisabled extends Fact<"top_up.rule_disabled"> {
  readonly topUp: string;
  readonly failures: number;
  readonly detail: string | null;
}

/** A notice: the command before it in the journal brought this limit to its cap. */
export interface LimitReached extends Fact<"limit.reached"> {
  readonly scope: Scope;
  readonly used: Credits;
  readonly cap: Credits;
  readonly resetsAt: Instant;
}
/** A month of the books is closed: nothing is posted before `end` any more. */
export interface PeriodClosed extends Fact<"period.closed"> {
  /** `YYYY-MM`. */
  readonly month: string;
  readonly start: Instant;
  readonly end: Instant;
}

/** A notice: what comes after it is priced by another version of the rate card. */
export interface RateCardChanged extends Fact<"rate_card.changed"> {
  readonly card: string;
  readonly previous: string;
}

/** Every fact that a journal can hold. */
export type Event =
  | WorkspaceCreated
  | WorkspaceUpdated
  | MemberUpdated
  | MemberDeactivated
  | GroupUpdated
  | LimitUpdated
  | LimitRemoved
  | CreditsGranted
  | CreditsEffective
  | CreditsExpired
  | CreditsRevoked
  | CreditsRepaid
  | CreditsChargedBack
  | CreditsEscheated
  | BreakageRevised
  | HoldOpened
  | HoldExtended
  | HoldSettled
  | HoldReleased
  | HoldsExpired
  | UsageDebited
  | UsageRefunded
  | SubscriptionStarted
  | SubscriptionRenewed
  | SubscriptionGranted
  | SubscriptionResumed
  | SubscriptionChanged
  | SubscriptionUpdated
  | SubscriptionPaused
  | SeatAssigned
  | SeatReleased
  | SubscriptionEnded
  | SubscriptionCancelled
  | SubscriptionRecognised
  | CommitmentTruedUp
  | CreditsRolledOver
  | InvoiceDrafted
  | InvoiceFinalized
  | InvoicePaid
  | InvoiceVoided
  | InvoiceUncollectible
  | CreditNoteIssued
  | OutcomeSaid
  | OutcomesMatured
  | OutcomesEstimated
  | EstimateReleased
  | OutcomeReviewRaised
  | TopUpRequested
  | TopUpPending
  | TopUpSucceeded
  | TopUpFailed
  | TopUpRuleUpdated
  | TopUpRuleDisabled
  | LimitReached
  | RateCardChanged
  | PeriodClosed;

const kinds: Readonly<Record<Event["kind"], true>> = {
  "workspace.created": true,
  "workspace.updated": true,
  "member.updated": true,
  "member.deactivated": true,
  "group.updated": true,
  "limit.updated": true,
  "limit.removed": true,
  "credits.granted": true,
  "credits.effective": true,
  "credits.expired": true,
  "credits.revoked": true,
  "credits.repaid": true,
  "credits.charged_back": true,
  "credits.escheated": true,
  "breakage.revised": true,
  "hold.opened": true,
  "hold.extended": true,
  "hold.settled": true,
  "hold.released": true,
  "hold.expired": true,
  "usage.debited": true,
  "usage.refunded": true,
  "subscription.started": true,
  "subscription.renewed": true,
  "subscription.granted": true,
  "subscription.resumed": true,
  "subscription.changed": true,
  "subscription.updated": true,
  "subscription.paused": true,
  "seat.assigned": true,
  "seat.released": true,
  "subscription.ended": true,
  "subscription.cancelled": true,
  "subscription.recognised": true,
  "commitment.trued_up": true,
  "credits.rolled_over": true,
  "invoice.drafted": true,
  "invoice.finalized": true,
  "invoice.paid": true,
  "invoice.voided": true,
  "invoice.uncollectible": true,
  "credit_note.issued": true,
  "outcome.claimed": true,
  "outcome.signalled": true,
  "outcome.reopened": true,
  "outcome.confirmed": true,
  "outcome.disputed": true,
  "outcome.matured": true,
  "outcome.estimated": true,
  "outcome.estimate_released": true,
  "outcome.review_raised": true,
  "top_up.requested": true,
  "top_up.pending": true,
  "top_up.succeeded": true,
  "top_up.failed": true,
  "top_up.rule_updated": true,
  "top_up.rule_disabled": true,
  "limit.reached": true,
  "rate_card.changed": true,
  "period.closed": true,
};

/** Narrows a decoded value by its kind. Its bytes are trusted because their hash was checked, not because of this. */
export function isEvent(value: unknown): value is Event {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  return typeof value.kind === "string" && Object.hasOwn(kinds, value.kind);
}
