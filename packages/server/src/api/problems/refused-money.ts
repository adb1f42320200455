/** Owns how refusals tell of a workspace's money: as people write it, in the currency of its books. */
import type { Rejection } from "@cistern/kernel";
import { amountText } from "../../books/index.ts";

/** Whose money it is; without a currency (where nobody asked for one) it is told in minor units. */
export interface WhoseMoney {
  readonly workspaceId: string;
  readonly currency?: string;
}

/** Whether a refusal has money, and does not say of which currency. */
export const tellsMoney = ({ code }: Rejection): boolean =>
  code === "repayment_exceeds_payment" ||
  code === "payment_exceeds_due" ||
  code === "payout_exceeds_balance" ||
  code === "credit_exceeds_invoice";

/** Such as `74.99 EUR`. */
export const moneyText = (amount: bigint, currency: string): string =>
  `${amountText(amount, currency)} ${currency}`;

export const inMoney = (amount: bigint, { currency }: WhoseMoney): string =>
  currency === undefined ? `${amount} minor units` : moneyText(amount, currency);

/** What of the payment for a grant can still go back, and what to ask for. */
export function repaymentText(
  { grant, left }: Rejection & { readonly code: "repayment_exceeds_payment" },
  whose: WhoseMoney,
): string {
  if (left === 0n)
    return `Nothing that was paid for grant ${grant} is left to give back: it was free, or all of it went back already. To make something good, grant credits with POST /v1/workspaces/${whose.workspaceId}/grants.`;
  return `Of what was paid for grant ${grant}, ${inMoney(left, whose)} (without tax) can still go back. Ask for at most that; where none of its credits are unused, say it as "goodwill".`;
}
