import {
  type CustomerBalance,
  type CustomerBalanceAmounts,
  type Payout,
  printInstant,
} from "@cistern/contract";
import type { BalancePaidOut, Position, CustomerBalance as Standing } from "@cistern/kernel";
import { moneyBody } from "./subscription.ts";

/** What is owed to the customer, in the workspace's currency. */
export const balanceAmounts = (
  { owed, free, waiting }: Standing,
  currency: string,
): CustomerBalanceAmounts => ({
  owed: moneyBody(owed, currency),
  free: moneyBody(free, currency),
  waiting: moneyBody(waiting, currency),
});

/** The balance as it stands. */
export const customerBalanceBody = (
  standing: Standing,
  {
    currency,
    asOf,
    at,
  }: { readonly currency: string; readonly asOf: number; readonly at: Position },
): CustomerBalance => ({ ...balanceAmounts(standing, currency), asOf: printInstant(asOf), at });

/** What was paid out. */
export const payoutBody = (event: BalancePaidOut, currency: string, at: Position): Payout => ({
  id: event.payout,
  amount: moneyBody(event.amount, currency),
  ...(event.reference === null ? {} : { reference: event.reference }),
  occurredAt: printInstant(event.occurredAt),
  free: moneyBody(event.free, currency),
  at,
});
