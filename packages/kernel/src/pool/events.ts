/** Owns the facts of lots that no call and no plan is behind: granted, effective, expired, taken or paid back. */
import type { TopUp, TopUpRule } from "../topups/top-up.ts";
import type { Credits, Money } from "../amount.ts";
import type { Balance, Fact, PoolFact } from "../fact.ts";
import type { Instant } from "../instant.ts";
import type { InvoiceNote, Unpaid } from "../invoices/events.ts";
import type { Lot } from "./lot.ts";

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
  /** On the invoice of the purchase that was paid. Left out where there is none. */
  readonly note?: InvoiceNote;
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
  /** The top-up that paid for it; of one that the rule asked for, the rule, which is off from here on. Left out: it was no top-up. */
  readonly disputed?: { readonly topUp: TopUp; readonly rule: TopUpRule | null };
  /** On the invoice of the purchase that was paid. Left out where there is none. */
  readonly note?: InvoiceNote;
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

/** The pool is low, empty, or neither again. */
export interface BalanceTold extends Fact<
  "balance.low" | "balance.depleted" | "balance.recovered"
> {
  /** Available and held, without restricted credits. */
  readonly left: Credits;
  /** From where it is low; none where that is not asked for. */
  readonly lowBalance: Credits;
  readonly balance: Balance;
}
