import type { UndoLog } from "./undo-log.ts";

/** Told of every change of a row, also of one that undoes: indexes and totals are kept by these alone. */
export type Watcher<Row> = (key: string, before: Row | undefined, after: Row | undefined) => void;

/**
 * A named map of immutable rows: the only mutable thing of the kernel. `set` notes the old row in the undo log and tells
 * the watchers; rows themselves are never changed in place.
 */
export class Table<Row> {
  readonly name: string;
  readonly #undo: UndoLog;
  readonly #rows = new Map<string, Row>();
  readonly #watchers: Watcher<Row>[] = [];
  readonly #isRow: (value: unknown) => value is Row;

  constructor(name: string, undo: UndoLog, isRow: (value: unknown) => value is Row) {
    this.name = name;
    this.#undo = undo;
    this.#isRow = isRow;
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  get size(): number {
    return this.#rows.size;
  }

  entries(): MapIterator<[string, Row]> {
    return this.#rows.entries();
  }

  values(): MapIterator<Row> {
    return this.#rows.values();
  }

  watch(watcher: Watcher<Row>): void {
    this.#watchers.push(watcher);
  }

  /** Sets a row, or removes it with `undefined`. */
  set(key: string, after: Row | undefined): void {
    this.replace(key, this.#rows.get(key), after);
  }

  /** As `set`, for a caller that has just read the row: `before` must be it. */
  replace(key: string, before: Row | undefined, after: Row | undefined): void {
    this.#undo.note(this, key, before);
    this.#put(key, before, after);
  }

  /** Puts back what the undo log or a snapshot kept, without noting it. */
  restore(key: string, row: unknown): void {
    if (row !== undefined && !this.#isRow(row))
      throw new TypeError(`Table ${this.name} cannot take back row ${key}: it is of another kind.`);
    this.#put(key, this.#rows.get(key), row);
  }

  #put(key: string, before: Row | undefined, after: Row | undefined): void {
    if (after === undefined) this.#rows.delete(key);
    else this.#rows.set(key, after);
    for (const watcher of this.#watchers) watcher(key, before, after);
  }
}

/** What snapshots and hashes see of a table. */
export interface AnyTable {
  readonly name: string;
  readonly size: number;
  entries(): IterableIterator<readonly [string, unknown]>;
  get(key: string): unknown;
  restore(key: string, row: unknown): void;
  watch(watcher: Watcher<unknown>): void;
}
