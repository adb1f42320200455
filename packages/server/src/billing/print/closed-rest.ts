/** Owns what becomes of the part of an invoice that is neither settled nor due, so that its figures add up whatever became of it. */
import type { Invoice } from "@cistern/contract";

/** Such a part; below zero where more was taken back than was due. */
export interface ClosedRest {
  readonly kind: "given_up" | "voided" | "to_balance";
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
}: Pick<Invoice, "status" | "charged" | "paid" | "credited" | "due">): ClosedRest | undefined {
  const settled = BigInt(paid.amount) + BigInt(credited.amount);
  const amount = BigInt(charged.amount) - settled - BigInt(due.amount);
  if (amount === 0n) return undefined;
  if (amount < 0n) return { kind: "to_balance", amount };
  return { kind: status === "void" ? "voided" : "given_up", amount };
}
