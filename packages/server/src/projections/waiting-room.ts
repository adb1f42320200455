/**
 * Owns the rows that are durable and not projected yet, oldest workspace first.
 *
 * W1 what is bounded is kept as it came; what runs over, or has a gap, is only remembered as "read it from the journal".
 */
import type { Event } from "@cistern/kernel";

/** One row of a journal, decoded. */
export interface KnownRow {
  readonly seq: number;
  readonly events: readonly Event[];
  /** When something happens by itself after it; left out where only the journal is known. */
  readonly nextDueAtMs?: number;
}

/** What waits of one workspace. `isRead`: only the journal has it. */
export interface Waiting {
  readonly workspaceId: string;
  rows: readonly KnownRow[];
  isRead: boolean;
  readonly sinceMs: number;
}

const bufferedEventsMax = 65_536;

/** See the file head. */
export class WaitingRoom {
  readonly #now: () => number;
  readonly #waiting = new Map<string, Waiting & { rows: KnownRow[] }>();
  #buffered = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Events in memory that wait. */
  get events(): number {
    return this.#buffered;
  }

  has(workspaceId: string): boolean {
    return this.#waiting.has(workspaceId);
  }

  /** A row of this node, in the order of its workspace's journal. */
  add(workspaceId: string, row: KnownRow): void {
    const one = this.#of(workspaceId);
    const last = one.rows.at(-1);
    const isNext = last === undefined || row.seq === last.seq + 1;
    if (one.isRead || !isNext || this.#buffered + row.events.length > bufferedEventsMax)
      return this.readAgain(workspaceId);
    one.rows.push(row);
    this.#buffered += row.events.length;
  }

  /** The journal knows more of it than memory. */
  readAgain(workspaceId: string): void {
    const one = this.#of(workspaceId);
    this.#buffered -= eventsOf(one.rows);
    one.rows = [];
    one.isRead = true;
  }

  /** Takes the oldest out, up to so many workspaces and about so many events. */
  take(limits: { readonly workspaces: number; readonly events: number }): readonly Waiting[] {
    const taken: Waiting[] = [];
    let events = 0;
    for (const [workspaceId, one] of this.#waiting) {
      if (taken.length >= limits.workspaces || events >= limits.events) break;
      let count = 0;
      while (count < one.rows.length && (count === 0 || events < limits.events)) {
        events += one.rows[count]?.events.length ?? 0;
        count += 1;
      }
      const rows = one.rows.slice(0, count);
      this.#buffered -= eventsOf(rows);
      this.#waiting.delete(workspaceId);
      if (count < one.rows.length)
        this.#waiting.set(workspaceId, { ...one, rows: one.rows.slice(count) });
      taken.push({ ...one, rows });
    }
    return taken;
  }

  /** Age of the oldest row that waits, in milliseconds: of the row itself, or since it is known that the journal has one. */
  ageMs(): number {
    const [oldest] = this.#waiting.values();
    if (oldest === undefined) return 0;
    const since = oldest.rows[0]?.events.at(-1)?.at ?? oldest.sinceMs;
    return Math.max(0, this.#now() - since);
  }

  #of(workspaceId: string): Waiting & { rows: KnownRow[] } {
    const known = this.#waiting.get(workspaceId);
    if (known !== undefined) return known;
    const fresh = { workspaceId, rows: [], isRead: false, sinceMs: this.#now() };
    this.#waiting.set(workspaceId, fresh);
    return fresh;
  }
}

const eventsOf = (rows: readonly KnownRow[]): number =>
  rows.reduce((sum, row) => sum + row.events.length, 0);
