import { type Credits, creditsMax } from "../amount.ts";
import type { Instant } from "../instant.ts";
import type { Rejection } from "../rejections.ts";
import { byId } from "./burn-order.ts";
import type { UsageScope } from "./usage-scope.ts";

/** What one settlement or debit still owes the pool. Billed overage is not debt. */
export interface Debt {
  /** The hold or debit that owes it. */
  readonly of: string;
  readonly usage: UsageScope;
  readonly credits: Credits;
  readonly since: Instant;
}

/** Oldest first (RULES 12). */
export const oldestFirst = (a: Debt, b: Debt): number => a.since - b.since || byId(a.of, b.of);

/** Whether one more debt would take what the workspace owes out of range: the only bound on usage that happened. */
export const isTooMuchDebt = (
  pool: { readonly totals: { readonly debt: bigint } },
  debt: Credits,
): boolean => pool.totals.debt + debt > creditsMax;

/** The refusal for it. */
export const tooMuchDebt: Rejection = {
  code: "invalid_request",
  field: "credits",
  reason: "A workspace owes at most 10^12 credits.",
};
