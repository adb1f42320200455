/**
 * Owns what was billed by line and period: the cumulative quantity that the next part is priced on (RULES 17); and beside it, of
 * commitments, the outcomes that count toward them and the terms that are over.
 *
 * B1 usage has the price of the stretch in which it was authorized: a time on one version of a plan within one period. Where another stretch
 * of the period has the same price for the same meter, that is one line, which counts on.
 */
import type { Money } from "../amount.ts";
import type { Instant } from "../instant.ts";
import { Table } from "../state/table.ts";
import type { CountedOutcomes } from "../outcomes/change.ts";
import type { UndoLog } from "../state/undo-log.ts";
import type { CommittedTerm } from "./committed-term.ts";
import type { BilledLine } from "./terms.ts";

/** What one line has come to. */
export interface BilledTotal {
  readonly key: string;
  readonly line: BilledLine;
  /** Of the first stretch that it was billed in. */
  readonly from: Instant;
  /** The end of its period. */
  readonly to: Instant;
  /** Micro-credits. */
  readonly quantity: bigint;
  readonly amount: Money;
}

/** Billed usage of one workspace. */
export interface BilledSlice {
  /** Outcomes that count toward a minimum, by period and price line. */
  readonly outcomes: Table<CountedOutcomes>;
  readonly totals: Table<BilledTotal>;
  /** Commitments, by their terms: what late usage is held against. */
  readonly terms: Table<CommittedTerm>;
}

/** An empty slice. */
export const billedSlice = (undo: UndoLog): BilledSlice => ({
  outcomes: new Table<CountedOutcomes>("committed_outcomes", undo, isCounted),
  totals: new Table<BilledTotal>("billed", undo, isTotal),
  terms: new Table<CommittedTerm>("committed_terms", undo, isTerm),
});

/** Money billed for usage of periods that are not over at an instant. */
export function billedNow({ totals }: BilledSlice, at: Instant): bigint {
  let sum = 0n;
  for (const { to, amount } of totals.values()) if (at < to) sum += amount;
  return sum;
}

/** Of a period of a subscription, and the price line that it counts on. */
export const countedKey = ({
  subscription,
  end,
  count,
}: Pick<CountedOutcomes, "subscription" | "end" | "count">): string =>
  `${subscription} ${end} ${count}`;

/** What outcomes come to that count in a period. */
export function countedIn({ outcomes }: BilledSlice, subscription: string, end: Instant): bigint {
  let sum = 0n;
  for (const one of outcomes.values())
    if (one.subscription === subscription && one.end === end) sum += one.amount;
  return sum;
}

const isCounted = (value: unknown): value is CountedOutcomes =>
  typeof value === "object" && value !== null && "amount" in value;
const isTerm = (value: unknown): value is CommittedTerm =>
  typeof value === "object" && value !== null && "periods" in value;
const isTotal = (value: unknown): value is BilledTotal =>
  typeof value === "object" && value !== null && "quantity" in value;
