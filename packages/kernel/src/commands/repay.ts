/**
 * Owns money that goes back for a lot: what nobody used, with its share of the tax (E13); goodwill for what was used (E13b); and
 * what a bank takes back (E13c). Never more than was paid for the lot in all.
 */
import { type Credits, type Money, money, noCredits, noMoney } from "../amount.ts";
import { type Decision, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import { noteOnPurchase } from "../invoices/purchase.ts";
import { unpaidOf } from "../invoices/unpaid.ts";
import { Draft } from "../pool/draft.ts";
import type { ChargedBackLot } from "../pool/events.ts";
import { givenBack, taxBack } from "../pool/finance.ts";
import { chargedBack, isOver, refundable, repaid } from "../pool/given-back.ts";
import { type Lot, afterTransfer, financeOf } from "../pool/lot.ts";
import { type State, workspaceOf } from "../state/state.ts";
import { disputedBy, ruleDisabled } from "../topups/charged-back.ts";
import { backDated } from "./back-dated.ts";

/** Pays money back for a lot. */
export interface Repay {
  readonly kind: "repay";
  readonly repayment: string;
  readonly grant: string;
  /** Unused credits that are paid back; null: all that are available, unless it is goodwill. */
  readonly credits: Credits | null;
  /** Money for what was used; null: none. */
  readonly goodwill: Money | null;
  /** null: the workspace's. */
  readonly currency: string | null;
  /** null: now. */
  readonly occurredAt: Instant | null;
  readonly reason: string | null;
}

/** Books that a bank took back what was paid for a lot. */
export interface ChargeBack {
  readonly kind: "chargeBack";
  readonly chargeback: string;
  readonly grant: string;
  readonly fee: Money;
  /** Of the fee; null: the workspace's. */
  readonly currency: string | null;
  /** null: now. */
  readonly occurredAt: Instant | null;
  readonly reason: string | null;
}

/** Pays money back; credits that it is paid for are revoked. Credits held by calls in flight wait until they return. */
export function repay(state: State, command: Repay, at: Instant): Decision {
  const lot = state.pool.lots.get(command.grant);
  if (lot === undefined) return reject({ code: "unknown_grant", grant: command.grant });
  const refusal = refuseAmounts(state, command);
  if (refusal !== undefined) return refusal;
  const dated = backDated(state, command.occurredAt, lot, at);
  if (dated.kind === "refused") return dated.decision;
  const goodwill = command.goodwill ?? noMoney;
  const unused = isOver(lot) ? noCredits : lot.available;
  const asked: Credits = command.goodwill === null ? (command.credits ?? unused) : noCredits;
  if (asked > unused) return reject({ code: "revoke_exceeds_grant", grant: lot.id, left: unused });
  const draft = new Draft(state.pool);
  draft.move(lot.id, "available", "revoked", asked, { into: "Cash" });
  const { transfers, balance } = draft.finish();
  const left = refundable(lot);
  const back = money(transfers.reduce((sum, one) => sum + one.money, 0n) + goodwill);
  if (left === 0n || (asked === 0n && goodwill === 0n) || back > left)
    return reject({ code: "repayment_exceeds_payment", grant: lot.id, left });
  // Goodwill is no part of the sale: it has no share in its tax.
  const tax = goodwill > 0n ? noMoney : taxBack(lot, financeOf(lot).away.Cash + back);
  const creditNote = `crn_${command.repayment.slice(4)}`;
  const unpaid = unpaidOf(state, lot, { back, tax, creditNote, at });
  const note =
    unpaid === undefined ? noteOnPurchase(state, lot, { creditNote, back, tax }) : undefined;
  return accept({
    kind: "credits.repaid",
    at,
    ...dated.posted,
    repayment: command.repayment,
    lot: lot.id,
    credits: asked,
    money: back,
    goodwill,
    tax,
    occurredAt: dated.occurredAt,
    reason: command.reason,
    ...(unpaid === undefined ? {} : { unpaid }),
    ...(note === undefined ? {} : { note }),
    left: transfers.reduce(afterTransfer, repaid(lot, { goodwill, tax })),
    transfers,
    balance,
  });
}

function refuseAmounts(state: State, { credits, goodwill, currency }: Repay): Decision | undefined {
  const invalid = (field: string, reason: string): Decision =>
    reject({ code: "invalid_request", field, reason });
  if (credits !== null && goodwill !== null)
    return invalid("goodwill", "A repayment is for unused credits or goodwill, not both.");
  if (credits === 0n) return invalid("credits", "A repayment is for more than 0 credits.");
  if (goodwill !== null && goodwill <= 0n)
    return invalid("goodwill", "Goodwill is more than nothing.");
  const expected = workspaceOf(state)?.currency ?? "";
  if (currency !== null && currency !== expected)
    return reject({ code: "currency_mismatch", given: currency, expected });
  return undefined;
}

/** Books what a bank took back: all that was paid and not given back. What is left of what was sold is revoked. */
export function chargeBack(state: State, command: ChargeBack, at: Instant): Decision {
  const lot = state.pool.lots.get(command.grant);
  if (lot === undefined) return reject({ code: "unknown_grant", grant: command.grant });
  const expected = workspaceOf(state)?.currency ?? "";
  if (command.currency !== null && command.currency !== expected)
    return reject({ code: "currency_mismatch", given: command.currency, expected });
  if (command.fee < 0n)
    return reject({ code: "invalid_request", field: "fee", reason: "A fee is not negative." });
  const dated = backDated(state, command.occurredAt, lot, at);
  if (dated.kind === "refused") return dated.decision;
  const sold = soldWith(state, lot).filter((one) => financeOf(one).disputed === null);
  if (sold.every((one) => refundable(one) === 0n))
    return reject({ code: "repayment_exceeds_payment", grant: lot.id, left: noMoney });
  const draft = new Draft(state.pool);
  const taken = sold.map((one) => take(draft, one));
  const { transfers, balance } = draft.finish();
  const { reason } = command;
  const note = noteOnPurchase(state, lot, {
    creditNote: `crn_${command.chargeback.slice(4)}`,
    back: taken.reduce((sum, one) => sum + one.money, 0n),
    tax: taken.reduce((sum, one) => sum + one.tax, 0n),
  });
  const disputed = disputedBy(
    state,
    sold.map(({ id }) => id),
  );
  return accept(
    {
      kind: "credits.charged_back",
      at,
      ...dated.posted,
      chargeback: command.chargeback,
      lots: taken.map((one) => leave(one, transfers)),
      fee: command.fee,
      occurredAt: dated.occurredAt,
      reason,
      ...(disputed === undefined ? {} : { disputed }),
      ...(note === undefined ? {} : { note }),
      transfers,
      balance,
    },
    ruleDisabled(state, disputed, { at, reason }),
  );
}

/** A lot, its bonus, and the lots that credits of these moved on to. */
function soldWith({ pool }: State, lot: Lot): readonly Lot[] {
  const found = new Map([[lot.id, lot]]);
  for (const one of found.values()) {
    const bonus = pool.lots.get(financeOf(one).bonus ?? "");
    if (bonus !== undefined) found.set(bonus.id, bonus);
    if (one.moved === 0n) continue;
    for (const other of pool.lots.values())
      if (other.finance?.origin === one.id) found.set(other.id, other);
  }
  return [...found.values()];
}

interface Taken {
  readonly money: Money;
  readonly tax: Money;
  /** The lot before the transfers. */
  readonly marked: Lot;
}

function take(draft: Draft, lot: Lot): Taken {
  const back = refundable(lot);
  const returned = givenBack(financeOf(lot)) + back;
  const taken = { money: back, tax: taxBack(lot, returned) };
  const marked = chargedBack(lot, taken);
  draft.put(marked);
  if (!isOver(lot))
    draft.move(lot.id, "available", "revoked", lot.available, { into: "Chargebacks" });
  return { ...taken, marked };
}

const leave = (
  { marked, ...taken }: Taken,
  transfers: readonly Parameters<typeof afterTransfer>[1][],
): ChargedBackLot => ({
  lot: marked.id,
  ...taken,
  left: transfers.filter((one) => one.lot === marked.id).reduce(afterTransfer, marked),
});
