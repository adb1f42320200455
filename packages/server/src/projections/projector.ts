/**
 * Owns the way from the journal to the tables.
 *
 * R1 cursor and rows move in one statement, and only from where the cursor stands: two nodes never write a row twice, and a
 * crash leaves nothing half done. R2 what this node appends is projected from memory as long as it has every row; what it
 * cannot (another node's rows, also between two of its own, a buffer that ran over) is read from the journal. R3 a sweep finds
 * what nodes that are gone left behind.
 */
import type { Event } from "@cistern/kernel";
import type { Pool } from "pg";
import type { EngineClock } from "../engine/index.ts";
import { type JournalStore, decodeEvents } from "../journal/index.ts";
import { nothingProjected, project } from "./projected-rows.ts";
import { behindSql, cursorSql } from "./statements.ts";
import { type Advance, writeAdvances } from "./write.ts";

/** What a projector stands on. */
export interface ProjectorOptions {
  readonly pool: Pool;
  readonly store: JournalStore;
  readonly clock: EngineClock;
  /** Told when a pass failed; it is tried again. */
  readonly onFault: (error: unknown) => void;
}

/** Projects until it is stopped. */
export interface Projector {
  /** Told of each durable row of this node; cheap. */
  appended(row: {
    readonly workspaceId: string;
    readonly head: { readonly seq: number };
    readonly events: readonly Event[];
  }): void;
  start(): void;
  /** Projects what it knows of, then ends. */
  stop(): Promise<void>;
  /** Resolves when all that was appended before the call is projected. */
  settled(): Promise<void>;
  /** Age of the oldest row that is known and not projected, in seconds. */
  lagSeconds(): number;
}

/** Rows of one workspace that wait. `rows` empty and `isRead`: only the journal has them. */
interface Waiting {
  readonly workspaceId: string;
  rows: { readonly seq: number; readonly events: readonly Event[] }[];
  isRead: boolean;
  readonly sinceMs: number;
}

const passEventsMax = 384;
const passWorkspacesMax = 128;
const bufferedEventsMax = 65_536;
const readRowsMax = 64;
const retryMs = 500;
const sweepMs = 60_000;
const sweepPage = 500;

/** See the file head. */
export function createProjector(options: ProjectorOptions): Projector {
  const { pool, store, clock, onFault } = options;
  const waiting = new Map<string, Waiting>();
  const idle: (() => void)[] = [];
  let buffered = 0;
  let isRunning = false;
  let isStarted = false;
  let isStopping = false;
  let cancelSweep = (): void => {};

  function wait(workspaceId: string): Waiting {
    const known = waiting.get(workspaceId);
    if (known !== undefined) return known;
    const fresh: Waiting = { workspaceId, rows: [], isRead: false, sinceMs: clock.now() };
    waiting.set(workspaceId, fresh);
    return fresh;
  }

  function kick(): void {
    if (isRunning || !isStarted || waiting.size === 0) return;
    isRunning = true;
    clock.soon(() => void run());
  }

  async function run(): Promise<void> {
    while (waiting.size > 0) {
      try {
        await pass();
      } catch (error) {
        onFault(error);
        if (isStopping) break;
        await new Promise<void>((resolve) => clock.after(retryMs, resolve));
      }
    }
    isRunning = false;
    for (const resolve of idle.splice(0)) resolve();
    kick();
  }

  async function pass(): Promise<void> {
    const taken = take();
    try {
      const fromMemory = taken.filter((one) => !one.isRead).map(advanceOf);
      const moved = fromMemory.length === 0 ? new Set<string>() : await write(fromMemory);
      for (const one of taken) if (!moved.has(one.workspaceId)) await follow(one.workspaceId);
    } catch (error) {
      // What was taken out of the buffer is in the journal: it is read from there.
      for (const one of taken) wait(one.workspaceId).isRead = true;
      throw error;
    }
  }

  /** Takes the oldest out of the waiting room, up to what one pass may carry. */
  function take(): readonly Waiting[] {
    const taken: Waiting[] = [];
    let events = 0;
    for (const [workspaceId, one] of waiting) {
      if (taken.length >= passWorkspacesMax || events >= passEventsMax) break;
      waiting.delete(workspaceId);
      let rows = 0;
      while (rows < one.rows.length && (rows === 0 || events < passEventsMax)) {
        events += one.rows[rows]?.events.length ?? 0;
        rows += 1;
      }
      buffered -= one.rows.slice(0, rows).reduce((sum, row) => sum + row.events.length, 0);
      if (rows < one.rows.length) waiting.set(workspaceId, { ...one, rows: one.rows.slice(rows) });
      taken.push({ ...one, rows: one.rows.slice(0, rows) });
    }
    return taken;
  }

  async function write(advances: readonly Advance[]): Promise<ReadonlySet<string>> {
    if (store.sharesStatements) return writeAdvances(pool, advances);
    const moved = new Set<string>();
    for (const one of advances) for (const id of await writeAdvances(pool, [one])) moved.add(id);
    return moved;
  }

  /** Projects one workspace from the journal until the cursor has met the head. */
  async function follow(workspaceId: string): Promise<void> {
    for (;;) {
      const { rows } = await pool.query<{ seq: string; currency: string }>(cursorSql, [
        workspaceId,
      ]);
      const seq = Number(rows[0]?.seq ?? 0);
      const journal = await store.readRows(workspaceId, seq, readRowsMax);
      if (journal.length === 0) return;
      const read = journal.map((row) => ({
        seq: row.seq,
        events: decodeEvents<Event>(row.events, row.codec),
      }));
      await write([advanceOf({ workspaceId, rows: read })]);
    }
  }

  async function sweep(): Promise<void> {
    let last = "";
    for (;;) {
      const { rows } = await pool.query<{ workspace_id: string; seq: string; projected: string }>(
        behindSql,
        [last, sweepPage],
      );
      for (const row of rows)
        if (Number(row.seq) > Number(row.projected) && !waiting.has(row.workspace_id))
          wait(row.workspace_id).isRead = true;
      kick();
      last = rows.at(-1)?.workspace_id ?? last;
      if (rows.length < sweepPage || isStopping) return;
    }
  }

  function sweepAgain(): void {
    sweep()
      .catch(onFault)
      .finally(() => {
        if (!isStopping) cancelSweep = clock.after(sweepMs, sweepAgain);
      });
  }

  const settled = (): Promise<void> =>
    waiting.size === 0 && !isRunning
      ? Promise.resolve()
      : new Promise((resolve) => idle.push(resolve));

  return {
    appended({ workspaceId, head, events }) {
      const one = wait(workspaceId);
      const last = one.rows.at(-1);
      const isNext = last === undefined || head.seq === last.seq + 1;
      if (!one.isRead && isNext && buffered + events.length <= bufferedEventsMax) {
        one.rows.push({ seq: head.seq, events });
        buffered += events.length;
      } else {
        buffered -= one.rows.reduce((sum, row) => sum + row.events.length, 0);
        one.rows = [];
        one.isRead = true;
      }
      kick();
    },
    start() {
      isStarted = true;
      sweepAgain();
    },
    async stop() {
      isStopping = true;
      cancelSweep();
      await settled();
      isStarted = false;
    },
    settled,
    lagSeconds() {
      const [oldest] = waiting.values();
      return oldest === undefined ? 0 : Math.max(0, (clock.now() - oldest.sinceMs) / 1_000);
    },
  };
}

function advanceOf({ workspaceId, rows }: Pick<Waiting, "workspaceId" | "rows">): Advance {
  const projected = nothingProjected();
  for (const { seq, events } of rows) project(projected, seq, events);
  const first = rows[0]?.events[0];
  return {
    workspaceId,
    fromSeq: (rows[0]?.seq ?? 1) - 1,
    toSeq: rows.at(-1)?.seq ?? 0,
    currency: first?.kind === "workspace.created" ? first.workspace.currency : "",
    rows: projected,
  };
}
