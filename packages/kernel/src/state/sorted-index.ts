/**
 * Rows in a total order, kept beside a table by its watchers. Insertion and removal find their place by binary search;
 * the shift behind it is a block move, which for thousands of rows costs less than any tree.
 */
import { assert } from "../bug.ts";

/** See the file head. */
export class SortedIndex<Row> {
  readonly #compare: (a: Row, b: Row) => number;
  #rows: Row[] = [];

  constructor(compare: (a: Row, b: Row) => number) {
    this.#compare = compare;
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** Replaces `before` by `after`; either may be left out. A row that keeps its place is replaced where it stands. */
  replace(before: Row | undefined, after: Row | undefined): void {
    if (before !== undefined && after !== undefined && this.#compare(before, after) === 0)
      this.#rows[this.#placeOf(before)] = after;
    else {
      if (before !== undefined) this.#rows.splice(this.#placeOf(before), 1);
      if (after !== undefined) this.#rows.splice(this.#place(after), 0, after);
    }
  }

  #placeOf(row: Row): number {
    const place = this.#place(row);
    const found = this.#rows[place];
    assert(
      found !== undefined && this.#compare(found, row) === 0,
      "an index lists what it was given",
    );
    return place;
  }

  #place(row: Row): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#rows[middle];
      if (other !== undefined && this.#compare(other, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
