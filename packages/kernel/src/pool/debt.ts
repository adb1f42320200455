import type { Credits } from "../amount.ts";
import type { Instant } from "../instant.ts";
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
