import {
  type Chargeback,
  type Money,
  type Repayment,
  printCredits,
  printInstant,
} from "@cistern/contract";
import type { CreditsChargedBack, CreditsRepaid, Position } from "@cistern/kernel";
import { poolBalanceOf } from "./pool.ts";

/** What a repayment paid back. */
export function repaymentBody(event: CreditsRepaid, currency: string, at: Position): Repayment {
  return {
    id: event.repayment,
    grant: event.lot,
    credits: printCredits(event.credits),
    money: moneyOf(event.money, currency),
    ...(event.tax === 0n ? {} : { tax: moneyOf(event.tax, currency) }),
    ...(event.goodwill === 0n ? {} : { goodwill: true }),
    ...(event.unpaid === undefined ? {} : { unpaid: moneyOf(event.unpaid.amount, currency) }),
    ...noted(event.unpaid?.note ?? event.note),
    occurredAt: printInstant(event.occurredAt),
    ...(event.reason === null ? {} : { reason: event.reason }),
    balance: poolBalanceOf(event.balance),
    at,
  };
}

/** What a chargeback took. */
export function chargebackBody(
  event: CreditsChargedBack,
  currency: string,
  at: Position,
): Chargeback {
  const grants = event.lots.map(({ lot }) => lot);
  const tax = event.lots.reduce((sum, one) => sum + one.tax, 0n);
  return {
    id: event.chargeback,
    grant: grants[0] ?? "",
    grants,
    money: moneyOf(
      event.lots.reduce((sum, one) => sum + one.money, 0n),
      currency,
    ),
    ...(tax === 0n ? {} : { tax: moneyOf(tax, currency) }),
    ...(event.fee === 0n ? {} : { fee: moneyOf(event.fee, currency) }),
    ...noted(event.note),
    occurredAt: printInstant(event.occurredAt),
    ...(event.reason === null ? {} : { reason: event.reason }),
    balance: poolBalanceOf(event.balance),
    at,
  };
}

const noted = (note: CreditsRepaid["note"]): { readonly creditNote?: string } =>
  note === undefined ? {} : { creditNote: note.creditNote };

const moneyOf = (amount: bigint, currency: string): Money => ({
  amount: amount.toString(),
  currency,
});
