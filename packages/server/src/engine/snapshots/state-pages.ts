/**
 * Owns which rows of a state stand on which page of its snapshots, so that a snapshot writes only what changed.
 *
 * G1 every row stands on one page of its table; a page has at most `pageRowsMax` rows. G2 a page is clean when the journal's
 * last snapshot holds it as it is. G3 rows that come together stay together: ids of ours sort by time, so what is old is
 * rarely written again (by hash of the key, every snapshot would write nearly all).
 *
 * Mutable. Rows are immutable, so what `capture` gives may be written while the state goes on.
 */
import type { AnyTable } from "@cistern/kernel";

/** Rows on one page at most. */
const pageRowsMax = 256;
/** A page that holds fewer rows than this gives them to a newer one when it has to be written anyway. */
const pageRowsMin = pageRowsMax / 8;

/** A page version that a snapshot holds. */
export interface PageVersion {
  readonly seq: number;
  readonly hash: string;
}

/** A page that changed, with its rows at the moment of the capture. */
export interface CapturedPage {
  readonly name: string;
  readonly rows: readonly (readonly [key: string, row: unknown])[];
}

/** What a snapshot of this moment is made of. */
export interface Capture {
  readonly changed: readonly CapturedPage[];
  readonly unchanged: ReadonlyMap<string, PageVersion>;
}

interface Page {
  readonly keys: Set<string>;
  /** As the last snapshot wrote it; undefined when it changed since. */
  version: PageVersion | undefined;
}

/** See the file head. */
export class StatePages {
  readonly #tables: ReadonlyMap<string, AnyTable>;
  /** Only tables that have, or had, rows: most workspaces use few. */
  readonly #pagesOf = new Map<string, TablePages>();
  #isRestoring = false;

  constructor(tables: readonly AnyTable[]) {
    this.#tables = new Map(tables.map((table) => [table.name, table]));
    for (const table of tables) this.#watch(table);
  }

  /** Sorts the changes since the last capture into pages, and gives what the next snapshot needs. Takes no I/O. */
  capture(): Capture {
    const changed: CapturedPage[] = [];
    const unchanged = new Map<string, PageVersion>();
    for (const pages of this.#pagesOf.values()) pages.capture(changed, unchanged);
    return { changed, unchanged };
  }

  /** The captured page is in the journal's newest snapshot. Must be called before the next capture. */
  markWritten(name: string, version: PageVersion): void {
    const { table, number } = placeOf(name);
    this.#pagesOf.get(table)?.markWritten(number, version);
  }

  /** Every page has to be written again. */
  markAllChanged(): void {
    for (const pages of this.#pagesOf.values()) pages.markAllChanged();
  }

  /** Puts the rows of a page of a snapshot back into the state. Answers false when this state has no such table. */
  restore(
    name: string,
    rows: readonly (readonly [string, unknown])[],
    version: PageVersion,
  ): boolean {
    const place = placeOf(name);
    const table = this.#tables.get(place.table);
    if (table === undefined) return false;
    this.#isRestoring = true;
    this.#open(table).restore(place.number, rows, version);
    this.#isRestoring = false;
    return true;
  }

  #watch(table: AnyTable): void {
    let pages: TablePages | undefined;
    table.watch((key) => {
      if (this.#isRestoring) return;
      pages ??= this.#open(table);
      pages.touch(key);
    });
  }

  #open(table: AnyTable): TablePages {
    const known = this.#pagesOf.get(table.name);
    if (known !== undefined) return known;
    const pages = new TablePages(table);
    this.#pagesOf.set(table.name, pages);
    return pages;
  }
}

/** A page is named after its table and its number: `holds/17`. */
function placeOf(name: string): { readonly table: string; readonly number: number } {
  const slash = name.lastIndexOf("/");
  return { table: name.slice(0, slash), number: Number(name.slice(slash + 1)) };
}

class TablePages {
  /** Keys whose rows changed since the last capture. */
  readonly #touchedKeys = new Set<string>();
  /** Settings and lots change again and again: the same key as before costs no look into the set. */
  #lastTouched: string | undefined;
  readonly #table: AnyTable;
  readonly #pages = new Map<number, Page>();
  readonly #pageOf = new Map<string, number>();
  #openNumber = 0;

  constructor(table: AnyTable) {
    this.#table = table;
  }

  touch(key: string): void {
    if (key === this.#lastTouched) return;
    this.#lastTouched = key;
    this.#touchedKeys.add(key);
  }

  capture(changed: CapturedPage[], unchanged: Map<string, PageVersion>): void {
    for (const key of this.#touchedKeys) this.#place(key);
    this.#touchedKeys.clear();
    this.#lastTouched = undefined;
    this.#mergeSparse();
    for (const [number, page] of this.#pages) {
      const name = `${this.#table.name}/${number}`;
      if (page.keys.size === 0) this.#pages.delete(number);
      else if (page.version === undefined) changed.push({ name, rows: this.#rowsOf(page) });
      else unchanged.set(name, page.version);
    }
  }

  markWritten(number: number, version: PageVersion): void {
    const page = this.#pages.get(number);
    if (page !== undefined) page.version = version;
  }

  markAllChanged(): void {
    for (const page of this.#pages.values()) page.version = undefined;
  }

  restore(
    number: number,
    rows: readonly (readonly [string, unknown])[],
    version: PageVersion,
  ): void {
    const page: Page = { keys: new Set(), version };
    for (const [key, row] of rows) {
      this.#table.restore(key, row);
      page.keys.add(key);
      this.#pageOf.set(key, number);
    }
    this.#pages.set(number, page);
    this.#openNumber = Math.max(this.#openNumber, number);
  }

  #place(key: string): void {
    const isThere = this.#table.get(key) !== undefined;
    const number = this.#pageOf.get(key);
    const page = number === undefined ? undefined : this.#pages.get(number);
    if (page !== undefined) {
      page.version = undefined;
      if (isThere) return;
      page.keys.delete(key);
      this.#pageOf.delete(key);
    } else if (isThere) this.#addToOpen(key);
  }

  #addToOpen(key: string): void {
    let page = this.#pages.get(this.#openNumber);
    if (page === undefined || page.keys.size >= pageRowsMax) {
      if (page !== undefined) this.#openNumber += 1;
      page = { keys: new Set(), version: undefined };
      this.#pages.set(this.#openNumber, page);
    }
    page.version = undefined;
    page.keys.add(key);
    this.#pageOf.set(key, this.#openNumber);
  }

  /** So that the number of pages follows the number of rows, also when rows come and go. */
  #mergeSparse(): void {
    for (const [number, page] of this.#pages) {
      const isSparse = page.keys.size < pageRowsMin && page.version === undefined;
      if (!isSparse || number >= this.#openNumber) continue;
      const keys = [...page.keys];
      page.keys.clear();
      for (const key of keys) this.#addToOpen(key);
    }
  }

  #rowsOf(page: Page): [string, unknown][] {
    const rows: [string, unknown][] = [];
    for (const key of page.keys) rows.push([key, this.#table.get(key)]);
    return rows;
  }
}
