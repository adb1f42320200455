/**
 * Owns which months of the books are closed (RULES 16), and with it what may still be dated back.
 *
 * M1 months are closed in order and without a gap, each once. M2 after the close nothing is posted before its end (I10): events
 * are posted at their own instant, which is later, unless they are dated back, and then `datedBack` is asked.
 */
import type { Position } from "../holds/hold.ts";
import type { Instant } from "../instant.ts";
import type { Rejection } from "../rejections.ts";
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";

/** A closed month, and where its close stands in the journal: a close asked for again is answered from there. */
export interface Closing {
  /** `YYYY-MM`. */
  readonly month: string;
  readonly start: Instant;
  /** The first instant after it: from here on the books are open. */
  readonly end: Instant;
  readonly position: Position;
}

/** The closed months of one workspace. */
export interface ClosingSlice {
  readonly months: Table<Closing>;
  /** The last one that was closed. */
  readonly latest: { row: Closing | undefined };
}

/** An empty slice. */
export function closingSlice(undo: UndoLog): ClosingSlice {
  const months = new Table<Closing>("closings", undo, isClosing);
  const latest: ClosingSlice["latest"] = { row: undefined };
  months.watch((_month, _before, after) => {
    if (after !== undefined) {
      if (latest.row === undefined || after.end > latest.row.end) latest.row = after;
      return;
    }
    latest.row = undefined;
    for (const row of months.values())
      if (latest.row === undefined || row.end > latest.row.end) latest.row = row;
  });
  return { months, latest };
}

/** Whether the books are closed at an instant: nothing may be posted there any more. */
export const isClosed = ({ latest }: ClosingSlice, at: Instant): boolean =>
  latest.row !== undefined && at < latest.row.end;

/** When an event that is dated back is posted, or why it may not be. */
export type DatedBack =
  | { readonly kind: "open"; readonly postedAt: Instant | undefined }
  | { readonly kind: "closed"; readonly rejection: Rejection };

/**
 * The rung of every command that may be dated back. `effectiveAt` is the instant that it asks for; the books of a workspace
 * begin with it, so what is dated before is posted at its creation. `postedAt` is undefined where the event's own `at` is right:
 * leave the field out then.
 *
 * @example
 * const dated = datedBack(state.closing, { effectiveAt: command.effectiveAt, createdAt, at });
 * if (dated.kind === "closed") return reject(dated.rejection);
 */
export function datedBack(
  slice: ClosingSlice,
  { effectiveAt, createdAt, at }: { effectiveAt: Instant; createdAt: Instant; at: Instant },
): DatedBack {
  if (effectiveAt >= at) return { kind: "open", postedAt: undefined };
  const postedAt = effectiveAt < createdAt ? createdAt : effectiveAt;
  const { row } = slice.latest;
  if (row === undefined || postedAt >= row.end)
    return { kind: "open", postedAt: postedAt < at ? postedAt : undefined };
  return {
    kind: "closed",
    rejection: { code: "period_closed", month: row.month, openFrom: row.end, asked: effectiveAt },
  };
}

const isClosing = (value: unknown): value is Closing =>
  typeof value === "object" && value !== null && "month" in value;
