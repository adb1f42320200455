/**
 * Owns the double entry: what an event posts, as a function of the event alone.
 *
 * K1 the postings of an event sum to zero, per commodity. Holds post nothing: available and held are one account. Signs as
 * in FINANCE, section 3: money debit positive; credits as they are there (consuming 60 is Available -60, Consumed +60).
 */
import { noMoney } from "./amount.ts";
import type { TrueUp } from "./billed/committed-term.ts";
import type { BilledUsage } from "./billed/terms.ts";
import type { Event } from "./events.ts";
import type { Unpaid } from "./invoices/events.ts";
import type { CreditsChargedBack, CreditsGranted, Payment } from "./pool/events.ts";
import type { TopUpSucceeded } from "./topups/events.ts";
import type { Lot, LotPart, Transfer } from "./pool/lot.ts";
import type { VendorCost } from "./rating/vendor-cost.ts";

/** One line of an entry. `MONEY` is the workspace's currency (or `currency`), in minor units; `CREDIT` counts micro-credits. */
export interface Posting {
  readonly account: string;
  readonly commodity: "CREDIT" | "MONEY";
  readonly amount: bigint;
  /** Of money that has a currency of its own, whatever the workspace's is: the vendor's costs. Left out of all else. */
  readonly currency?: string;
}

/** All lines of an event; none for an event that moves nothing. */
export function postings(event: Event): readonly Posting[] {
  const sums = new Map<string, Posting>();
  const post = (account: string, commodity: Posting["commodity"], amount: bigint): void => {
    const key = `${commodity} ${account}`;
    const sum = (sums.get(key)?.amount ?? 0n) + amount;
    sums.set(key, { account, commodity, amount: sum });
  };
  if (event.kind === "credits.granted" || event.kind === "top_up.succeeded") postSale(event, post);
  if (event.kind === "credits.repaid") {
    post("Refunds", "MONEY", event.goodwill);
    post("Tax", "MONEY", event.tax);
    post("Cash", "MONEY", -event.goodwill - event.tax);
    if (event.unpaid !== undefined) postUnpaid(event.unpaid, post);
  }
  if (event.kind === "credits.charged_back") postChargeback(event, post);
  if (event.kind === "usage.refunded") {
    for (const lot of event.lots) postGrant(lot, null, post);
    postDebt(-event.debt, post);
  }
  if ("clawedBack" in event && event.clawedBack !== undefined) {
    post("Refunds", "MONEY", event.clawedBack.unearned);
    post("CustomerBalance", "MONEY", -event.clawedBack.unearned);
  }
  if ("made" in event) for (const lot of event.made ?? []) postGrant(lot, null, post);
  if (event.kind === "credits.rolled_over")
    for (const lot of event.lots) postGrant(lot, null, post);
  if (event.kind === "subscription.recognised") {
    post("Deferred:Access", "MONEY", event.amount);
    post("Subscription", "MONEY", -event.amount);
  }
  if ("booked" in event) {
    for (const lot of "lots" in event ? event.lots : []) postGrant(lot, null, post);
    for (const { account, amount } of event.booked) post(account, "MONEY", amount);
  }
  if (event.kind === "outcome.estimated" || event.kind === "outcome.estimate_released") {
    const sign = event.kind === "outcome.estimated" ? 1n : -1n;
    post("Unbilled", "MONEY", sign * event.amount);
    post("Outcomes", "MONEY", -sign * event.amount);
  }
  if ("accruals" in event)
    for (const { amount } of event.accruals) {
      post("Unbilled", "MONEY", amount);
      post("Outcomes", "MONEY", -amount);
    }
  if ("trueUps" in event) for (const one of event.trueUps ?? []) postTrueUp(one, post);
  if ("billed" in event && event.billed !== undefined) postBilled(event.billed, post);
  if (event.kind === "hold.settled" || event.kind === "usage.debited") postDebt(event.debt, post);
  if ("transfers" in event) for (const transfer of event.transfers) postTransfer(transfer, post);
  const posted = [...sums.values()].filter((one) => one.amount !== 0n);
  if (event.kind !== "hold.settled" && event.kind !== "usage.debited") return posted;
  return [...posted, ...costPostings(event.cost)];
}

/** What the call costs is owed to its provider, in the currency of that bill (FINANCE, E16). */
function costPostings(cost: VendorCost | null | undefined): readonly Posting[] {
  const { currency, accrued = 0n } = cost ?? {};
  if (accrued === 0n || currency === undefined) return [];
  const commodity = "MONEY";
  return [
    { account: "ModelCost", commodity, currency, amount: accrued },
    { account: "AccruedProvider", commodity, currency, amount: -accrued },
  ];
}

type Post = (account: string, commodity: Posting["commodity"], amount: bigint) => void;

/** A lot's birth. Its money comes from a customer, or (null) from the lot that its credits were moved out of. */
function postGrant(lot: Lot, from: string | null, post: Post): void {
  post("Issued", "CREDIT", -lot.granted);
  post(`Available:${lot.id}`, "CREDIT", lot.granted);
  if (from !== null) post(from, "MONEY", lot.cost);
  post(`Deferred:${lot.id}`, "MONEY", -lot.cost);
}

/** What is sold is owed to the customer, at what was paid or is to be paid for it; tax is owed to the state. */
function postSale({ lot, bonus, payment }: CreditsGranted | TopUpSucceeded, post: Post): void {
  const from = payment === undefined ? "Receivable" : paidFrom[payment.kind];
  postGrant(lot, from, post);
  if (bonus !== undefined) postGrant(bonus, from, post);
  if (payment === undefined) return;
  post(from, "MONEY", payment.tax);
  post("Tax", "MONEY", -payment.tax);
  post("PaymentFees", "MONEY", payment.fee);
  post("Cash", "MONEY", -payment.fee);
}

const paidFrom: Readonly<Record<Payment["kind"], string>> = {
  invoiced: "Receivable",
  received: "Cash",
  compensation: "SlaCredits",
};

/** What was never paid does not leave the till: less is owed. */
function postUnpaid({ account, amount, note }: Unpaid, post: Post): void {
  const tax = note?.tax ?? 0n;
  post("Cash", "MONEY", amount);
  post("Tax", "MONEY", tax);
  post(account, "MONEY", -amount - tax);
}

/** What unused credits deferred is set against the chargeback by their transfers, now or when they return. */
function postChargeback({ lots, fee }: CreditsChargedBack, post: Post): void {
  for (const { money, tax } of lots) {
    post("Chargebacks", "MONEY", money);
    post("Tax", "MONEY", tax);
    post("Cash", "MONEY", -money - tax);
  }
  post("DisputeFees", "MONEY", fee);
  post("Cash", "MONEY", -fee);
}

/** Usage that is paid in money: its credits come and go at once. */
function postBilled({ credits, line, accrual, trueUp }: BilledUsage, post: Post): void {
  post("Issued", "CREDIT", -credits);
  post("Consumed", "CREDIT", credits);
  post("Unbilled", "MONEY", accrual.amount);
  post(line.kind === "overage" ? "Overage" : "Usage", "MONEY", -accrual.amount);
  if (trueUp !== undefined) postTrueUp(trueUp, post);
}

function postTrueUp({ accruals, kept = noMoney }: TrueUp, post: Post): void {
  for (const { amount } of accruals) {
    post("Unbilled", "MONEY", amount);
    post("Shortfall", "MONEY", -amount);
  }
  // Of that, what later usage may use up is no revenue yet.
  post("Shortfall", "MONEY", kept);
  post("Deferred:Shortfall", "MONEY", -kept);
}

/** Usage that no lot paid yet. */
function postDebt(credits: bigint, post: Post): void {
  post("Debt", "CREDIT", -credits);
  post("Consumed", "CREDIT", credits);
}

function postTransfer(transfer: Transfer, post: Post): void {
  const { lot, from, to, credits, money, debt, into, outOf, breakage = 0n } = transfer;
  post(creditAccount(from, lot), "CREDIT", -credits);
  post(debt === undefined ? creditAccount(to, lot) : "Debt", "CREDIT", credits);
  post(outOf ?? moneyAccount(from, lot), "MONEY", money);
  // The money of moved credits is posted by the lot that takes them over.
  if (to !== "moved") post(into ?? moneyAccount(to, lot), "MONEY", -money);
  if (breakage === 0n) return;
  const sign = to === "consumed" ? 1n : -1n;
  post("Usage", "MONEY", sign * breakage);
  post("Breakage", "MONEY", -sign * breakage);
}

function creditAccount(part: LotPart, lot: string): string {
  switch (part) {
    case "available":
    case "held":
      return `Available:${lot}`;
    case "consumed":
      return "Consumed";
    case "moved":
      return "Moved";
    case "revoked":
      return "Revoked";
    case "expired":
      return "Expired";
  }
}

function moneyAccount(part: LotPart, lot: string): string {
  switch (part) {
    case "available":
    case "held":
    case "moved":
      return `Deferred:${lot}`;
    case "consumed":
      return "Usage";
    case "revoked":
    case "expired":
      return "Breakage";
  }
}
