/** Owns what becomes of the part of an invoice that is neither settled nor due, so that its figures add up whatever became of it. */
import type { Invoice } from "@cistern/contract";

/**
 * Such a part; below zero where more was taken back than was due: that is the customer's balance, but of what was bought (`topUp`) the
 * money itself went back.
 */
export interface ClosedRest {
  readonly kind: "given_up" | "voided" | "to_balance" | "paid_back";
  /** Minor units: charged = paid + credited + this + due. */
  readonly amount: bigint;
}

/** Undefined where there is none. */
export function closedRest({
  status,
  charged,
  paid,
  credited,
  due,
  topUp,
}: Pick<Invoice, "status" | "charged" | "paid" | "credited" | "due" | "topUp">):
  | ClosedRest
  | undefined {
  const settled = BigInt(paid.amount) + BigInt(credited.amount);
  const amount = BigInt(charged.amount) - settled - BigInt(due.amount);
  if (amount === 0n) return undefined;
  if (amount < 0n) return { kind: topUp === undefined ? "to_balance" : "paid_back", amount };
  return { kind: status === "void" ? "voided" : "given_up", amount };
}
