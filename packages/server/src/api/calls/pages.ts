import { type PageQuery, limits } from "@cistern/contract";
import { InvalidField } from "../problems/invalid-field.ts";

/** A page of rows that have ids, in the order of the ids. */
export interface PageOfRows<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor?: string;
}

/**
 * The rows after the cursor, which is the last id of the page before. One pass that keeps only the page, so that a page of a
 * large workspace does not sort it all.
 */
export function pageById<Row extends { readonly id: string }>(
  all: Iterable<Row>,
  { limit = limits.pageRowsDefault, cursor = "" }: PageQuery,
): PageOfRows<Row> {
  const kept: Row[] = [];
  for (const row of all) {
    if (row.id <= cursor) continue;
    const last = kept.at(-1);
    if (kept.length > limit && last !== undefined && row.id >= last.id) continue;
    kept.splice(placeOf(kept, row.id), 0, row);
    // One more than the page, to know whether there is another.
    if (kept.length > limit + 1) kept.pop();
  }
  if (kept.length <= limit) return { rows: kept };
  const rows = kept.slice(0, limit);
  return { rows, nextCursor: rows.at(-1)?.id ?? cursor };
}

function placeOf(rows: readonly { readonly id: string }[], id: string): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle]?.id ?? "") < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The rows after the one that the cursor names; they are found anew each time. */
export function pageOfReport<Row>(
  all: readonly Row[],
  { limit = limits.reportRowsMax, cursor }: { readonly limit?: number; readonly cursor?: string },
  idOf: (row: Row) => string,
): { readonly rows: readonly Row[]; readonly nextCursor?: string } {
  const before = cursor === undefined ? -1 : all.findIndex((row) => idOf(row) === cursor);
  if (cursor !== undefined && before < 0)
    throw new InvalidField("/cursor", "names no row of this report. Begin anew without it.");
  const rows = all.slice(before + 1, before + 1 + limit);
  const last = rows.at(-1);
  const isMore = before + 1 + limit < all.length && last !== undefined;
  return { rows, ...(isMore ? { nextCursor: idOf(last) } : {}) };
}
