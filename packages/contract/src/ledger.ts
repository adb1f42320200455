import type { Position } from "./position.ts";

/** One side of an entry. */
export interface Posting {
  /** Such as `Available:grt_…`. */
  readonly account: string;
  /** `CREDIT`, or a currency code (in minor units). */
  readonly commodity: string;
  readonly amount: string;
}

/** One event in double entry: its postings sum to zero per commodity. */
export interface LedgerEntry {
  readonly position: Position;
  /** The instant of the event. */
  readonly at: string;
  readonly kind: string;
  /** The grant, hold, debit or refund that it belongs to. */
  readonly of?: string;
  readonly postings: readonly Posting[];
}

/** A page of ledger entries, in the journal's order. */
export interface LedgerPage {
  readonly data: readonly LedgerEntry[];
  readonly nextCursor?: string;
}

/** What the ledger is narrowed by. */
export interface LedgerQuery {
  readonly limit?: number;
  readonly cursor?: string;
  readonly from?: string;
  readonly to?: string;
  readonly kind?: string;
  readonly of?: string;
}
