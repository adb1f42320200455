import { type PageQuery, limits } from "@cistern/contract";

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
