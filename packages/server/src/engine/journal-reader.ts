/** Owns what is read from the journal again: earlier answers, holds that left memory, the feed. Durable events only. */
import { type Event, type Hold, type Position, holdsTouched } from "@cistern/kernel";
import { type JournalRow, type JournalStore, decodeEvents, hashRow } from "../journal/index.ts";
import type { FeedCursor, FeedEvent, FeedPage } from "./engine.ts";
import { EngineFault, tooManyReads } from "./engine-fault.ts";
import type { Mentions } from "./engine-options.ts";
import { Gate } from "./gate.ts";
import type { Accepted } from "./request.ts";
import type { Rules } from "./rules.ts";
import type { StoreCalls } from "./store-calls.ts";

/** What the reader reads with. */
export interface JournalReaderOptions {
  readonly store: JournalStore;
  /** The feed is read on it. */
  readonly feedStore: Pick<JournalStore, "readRows">;
  readonly calls: StoreCalls;
  readonly rules: Rules;
  readonly mentions: Mentions | undefined;
  readonly rowsMax: number;
  readonly recallsMax: number;
  readonly waitingMax: number;
}

/** The events of a row, and what tells the row from another in its place. */
interface Earlier {
  readonly events: readonly Event[];
  readonly hash: string;
}

interface PlacedEvent {
  readonly event: Event;
  readonly position: Position;
}

/** See the file head. */
export class JournalReader {
  readonly #options: JournalReaderOptions;
  readonly #recalls: Gate;
  /** Rows that earlier answers of this moment are read from: a batch that is told again asks for the same row each time. */
  readonly #earlier = new Map<string, Promise<Earlier | undefined>>();

  constructor(options: JournalReaderOptions) {
    this.#options = options;
    this.#recalls = new Gate(options.recallsMax, options.waitingMax);
  }

  /** The answer that the event at `position` was. */
  async earlierAnswer(workspaceId: string, position: Position): Promise<Accepted> {
    const row = await this.#earlierRow(workspaceId, position.seq);
    const event = row?.events[position.index];
    if (row === undefined || event === undefined)
      throw new EngineFault("unavailable", {
        workspaceId,
        message: `Row ${workspaceId}/${position.seq} of an earlier answer is gone. Retry.`,
      });
    return { kind: "accepted", event, position, hash: row.hash, isReplayed: true };
  }

  /** Who asks for a row in the same turn shares its read; who asks later reads anew. */
  #earlierRow(workspaceId: string, seq: number): Promise<Earlier | undefined> {
    const key = `${workspaceId} ${seq}`;
    const shared = this.#earlier.get(key);
    if (shared !== undefined) return shared;
    const reading = this.#readEarlier(workspaceId, seq);
    this.#earlier.set(key, reading);
    queueMicrotask(() => this.#earlier.delete(key));
    return reading;
  }

  async #readEarlier(workspaceId: string, seq: number): Promise<Earlier | undefined> {
    const [row] = await this.#rows(workspaceId, seq - 1, 1);
    return row?.seq === seq ? { events: eventsOf(row), hash: row.hash.slice(0, 8) } : undefined;
  }

  /**
   * A hold or debit as all events that touch it left it, up to the row `until`; undefined when there was none (RULES 25).
   * Not beyond the row that the asker stands on: the rest of its state knows no later one.
   */
  async recall(workspaceId: string, holdId: string, until: number): Promise<Hold | undefined> {
    const { calls, mentions, rowsMax, rules } = this.#options;
    const found = await this.#recalls.run(async () => {
      const index =
        mentions === undefined
          ? { cursorSeq: 0, seqs: [] }
          : await calls.read(workspaceId, () => mentions.of(workspaceId, holdId));
      const events: PlacedEvent[] = [];
      for (const seq of index.seqs.filter((one) => one <= until))
        for (const row of await this.#rows(workspaceId, seq - 1, 1)) collect(row, holdId, events);
      let after = index.cursorSeq;
      while (after < until) {
        const rows = await this.#rows(workspaceId, after, Math.min(rowsMax, until - after));
        const last = rows.at(-1);
        if (last === undefined) break;
        for (const row of rows) if (row.events.includes(holdId)) collect(row, holdId, events);
        after = last.seq;
      }
      return rules.recall(holdId, events);
    });
    if (found === "full") throw tooManyReads(workspaceId);
    return found;
  }

  /** See `Engine.events`. */
  async feed(workspaceId: string, after: FeedCursor, limit: number): Promise<FeedPage> {
    const { rowsMax, feedStore } = this.#options;
    const events: FeedEvent[] = [];
    // The row of the cursor is read again: it may have more events, and it proves that the cursor still stands.
    let afterSeq = Math.max(0, after.seq - 1);
    let rows = await this.#rows(workspaceId, afterSeq, Math.min(limit + 1, rowsMax), feedStore);
    if (!stands(after, rows[0]))
      return after.seq === 0 ? { kind: "unknown_workspace" } : { kind: "cursor_lost" };
    while (events.length === 0 && rows.length > 0) {
      for (const row of rows) place(row, after, { events, limit });
      afterSeq = rows.at(-1)?.seq ?? afterSeq;
      if (events.length === 0) rows = await this.#rows(workspaceId, afterSeq, rowsMax, feedStore);
    }
    const last = events.at(-1);
    const next = last === undefined ? after : { ...last.position, hash: last.hash };
    return { kind: "page", events, next };
  }

  #rows(
    workspaceId: string,
    afterSeq: number,
    limit: number,
    store: Pick<JournalStore, "readRows"> = this.#options.store,
  ): Promise<readonly JournalRow[]> {
    const { calls } = this.#options;
    return calls.read(workspaceId, () => store.readRows(workspaceId, afterSeq, limit));
  }
}

/** The events of a row whose hash is checked first. */
function eventsOf(row: JournalRow): readonly Event[] {
  if (hashRow(row) !== row.hash)
    throw new EngineFault("workspace_stopped", {
      workspaceId: row.workspaceId,
      message: `Row ${row.workspaceId}/${row.seq} does not have the hash that it says. Run \`cistern verify\`.`,
    });
  return decodeEvents<Event>(row.events, row.codec);
}

function collect(row: JournalRow, holdId: string, found: PlacedEvent[]): void {
  for (const [index, event] of eventsOf(row).entries())
    if (holdsTouched(event).includes(holdId))
      found.push({ event, position: { seq: row.seq, index } });
}

/** Whether the row that a cursor names is still the one it was given for. */
function stands(after: FeedCursor, row: JournalRow | undefined): boolean {
  if (after.seq === 0) return row !== undefined;
  return row?.seq === after.seq && (after.hash === undefined || row.hash.startsWith(after.hash));
}

function place(
  row: JournalRow,
  after: FeedCursor,
  { events, limit }: { events: FeedEvent[]; limit: number },
): void {
  if (events.length >= limit) return;
  const hash = row.hash.slice(0, 8);
  for (const [index, event] of eventsOf(row).entries()) {
    if (row.seq === after.seq && index <= after.index) continue;
    if (events.length >= limit) return;
    events.push({ event, position: { seq: row.seq, index }, hash });
  }
}
