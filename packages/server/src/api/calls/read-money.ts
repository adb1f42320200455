import { type Money as Said, parseMoneyAmount } from "@cistern/contract";
import { type Money, money, noMoney } from "@cistern/kernel";
import { InvalidField } from "../problems/invalid-field.ts";

/** An amount in minor units; nothing where it is left out. */
export const readMoney = (said: Said | undefined): Money =>
  said === undefined ? noMoney : money(parseMoneyAmount(said.amount));

/** The one currency of all money that a request names; null where it names none. */
export function readCurrency(said: Readonly<Record<string, Said | undefined>>): string | null {
  let first: string | null = null;
  for (const [pointer, one] of Object.entries(said)) {
    if (one === undefined) continue;
    first ??= one.currency;
    if (one.currency !== first)
      throw new InvalidField(pointer, `must be in ${first}, as the rest of the request is`);
  }
  return first;
}
