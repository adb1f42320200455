/** Owns money that leaves a customer's balance for the customer: never more than is free, and what waits for its invoice is not. */
import { type Money, money } from "../amount.ts";
import { type Decision, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import { customerBalance } from "../invoices/customer-balance.ts";
import { posted } from "../invoices/issue.ts";
import { type State, workspaceOf } from "../state/state.ts";
import { datedSince } from "./back-dated.ts";

/** Pays out what the vendor owes the customer. */
export interface PayOutBalance {
  readonly kind: "payOutBalance";
  readonly payout: string;
  /** null: all that is free. */
  readonly amount: Money | null;
  readonly currency: string | null;
  /** null: now. */
  readonly occurredAt: Instant | null;
  readonly reference: string | null;
}

/** Books a payment to the customer. */
export function payOutBalance(state: State, command: PayOutBalance, at: Instant): Decision {
  const { currency, createdAt } = workspaceOf(state) ?? { currency: "", createdAt: at };
  if (command.currency !== null && command.currency !== currency)
    return reject({ code: "currency_mismatch", given: command.currency, expected: currency });
  if (command.amount !== null && command.amount <= 0n)
    return reject({
      code: "invalid_request",
      field: "amount",
      reason: "A payout is of more than nothing.",
    });
  const dated = datedSince(state, command.occurredAt, createdAt, at);
  if (dated.kind === "refused") return dated.decision;
  const { free, waiting } = customerBalance(state);
  const amount = command.amount ?? free;
  if (amount === 0n || amount > free)
    return reject({ code: "payout_exceeds_balance", asked: amount, free, waiting });
  return accept({
    kind: "balance.paid_out",
    at,
    ...dated.posted,
    payout: command.payout,
    amount,
    occurredAt: dated.occurredAt,
    reference: command.reference,
    free: money(free - amount),
    booked: posted({ Cash: -amount, CustomerBalance: amount }),
  });
}
