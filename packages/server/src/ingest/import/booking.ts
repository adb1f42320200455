import type { BatchRequest, BatchResponse } from "@cistern/contract";
import type { HistoryRow, RefusedRow } from "./history.ts";

/** Nobody knows what became of a batch: it was not answered, or answered that there was no room. */
export interface Undecided {
  readonly kind: "undecided";
  readonly because: string;
}

export interface BookingOptions {
  /** Sends one `POST /v1/batch`. Rejects where no later try would do better. */
  readonly send: (batch: BatchRequest) => Promise<BatchResponse | Undecided>;
  /** Waits before a try, of which there were so many. */
  readonly pause: (tries: number, retryAfterMs: number) => Promise<void>;
  readonly onRefused: (row: RefusedRow) => void | Promise<void>;
  readonly onBooked?: (booked: Booked) => void;
  /** How a row is known (B1). */
  readonly keyOf: (row: HistoryRow) => string;
  /** Rows that were left out before the first one. */
  readonly skipped?: number;
}

/** What became of rows so far. */
export interface Booked {
  /** Charged now. */
  readonly charged: number;
  /** Charged before, under the same key. */
  readonly already: number;
  readonly refused: number;
  /** In micro-credits, of all that are charged, now or before. */
  readonly credits: bigint;
  /** So many rows from the start are charged, all of them: the first that was refused is the next. */
  readonly place: number;
}

/** The server gave no decision for long; the message says why. Told again, what is charged is not charged a second time. */
export class BookingFault extends Error {
  override readonly name = "BookingFault";
}
