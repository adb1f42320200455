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
import { type KnownRow, type Waiting, WaitingRoom } from "./waiting-room.ts";
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
    readonly nextDueAtMs: number;
  }): void;
  start(): void;
  /** Projects what it knows of, then ends. */
  stop(): Promise<void>;
  /** Resolves when all that was appended before the call is projected. */
  settled(): Promise<void>;
  /** Age of the oldest row that is known and not projected, in seconds. */
  lagSeconds(): number;
}

const passLimits = { workspaces: 128, events: 384 };
/**
 * What came meanwhile shares the next statement: a pass an append would cost a busy node a quarter of its time, and its commits
 * stand in the way of the appends'. Whoever asks right after a call sees the first pass at once.
 */
const restMs = 40;
const readRowsMax = 64;
const retryMs = 500;
const sweepMs = 60_000;
const sweepPage = 500;

/** See the file head. */
export function createProjector(options: ProjectorOptions): Projector {
  const loop = new ProjectorLoop(options);
  return {
    appended: ({ workspaceId, head, events, nextDueAtMs }) =>
      loop.add(workspaceId, { seq: head.seq, events, nextDueAtMs }),
    start: () => loop.start(),
    stop: () => loop.stop(),
    settled: () => loop.settled(),
    lagSeconds: () => loop.lagSeconds(),
  };
}

class ProjectorLoop {
  readonly #options: ProjectorOptions;
  readonly #room: WaitingRoom;
  readonly #idle: (() => void)[] = [];
  #isRunning = false;
  #isStarted = false;
  #isStopping = false;
  #cancelSweep = (): void => {};
  #endRest = (): void => {};

  constructor(options: ProjectorOptions) {
    this.#options = options;
    this.#room = new WaitingRoom(() => options.clock.now());
  }

  add(workspaceId: string, row: KnownRow): void {
    this.#room.add(workspaceId, row);
    this.#kick();
  }

  start(): void {
    this.#isStarted = true;
    this.#sweepAgain();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancelSweep();
    await this.settled();
    this.#isStarted = false;
  }

  settled(): Promise<void> {
    if (this.#room.size === 0 && !this.#isRunning) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#endRest();
    });
  }

  lagSeconds(): number {
    return this.#room.ageMs() / 1_000;
  }

  #kick(): void {
    if (this.#isRunning || !this.#isStarted || this.#room.size === 0) return;
    this.#isRunning = true;
    this.#options.clock.soon(() => void this.#run());
  }

  async #run(): Promise<void> {
    const { clock, onFault } = this.#options;
    while (this.#room.size > 0) {
      try {
        await this.#pass();
        await this.#rest();
      } catch (error) {
        onFault(error);
        if (this.#isStopping) break;
        await new Promise<void>((resolve) => {
          clock.after(retryMs, resolve);
        });
      }
    }
    this.#isRunning = false;
    for (const resolve of this.#idle.splice(0)) resolve();
    if (!this.#isStopping) this.#kick();
  }

  /** Waits for more to come, unless somebody waits for the end or a whole pass is there already. */
  async #rest(): Promise<void> {
    if (this.#idle.length > 0 || this.#room.events >= passLimits.events) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(restMs, resolve);
      this.#endRest = () => {
        cancel();
        resolve();
      };
    });
    this.#endRest = () => {};
  }

  async #pass(): Promise<void> {
    const taken = this.#room.take(passLimits);
    try {
      const fromMemory = taken.filter((one) => !one.isRead).map(advanceOf);
      const moved = fromMemory.length === 0 ? new Set<string>() : await this.#write(fromMemory);
      for (const one of taken) if (!moved.has(one.workspaceId)) await this.#follow(one.workspaceId);
    } catch (error) {
      // What was taken out of memory is in the journal: it is read from there.
      for (const one of taken) this.#room.readAgain(one.workspaceId);
      throw error;
    }
  }

  async #write(advances: readonly Advance[]): Promise<ReadonlySet<string>> {
    const { pool, store } = this.#options;
    if (store.sharesStatements) return writeAdvances(pool, advances);
    const moved = new Set<string>();
    for (const one of advances) for (const id of await writeAdvances(pool, [one])) moved.add(id);
    return moved;
  }

  /** Projects one workspace from the journal until the cursor has met the head. */
  async #follow(workspaceId: string): Promise<void> {
    const { pool, store } = this.#options;
    for (;;) {
      const { rows } = await pool.query<{ seq: string }>(cursorSql, [workspaceId]);
      const journal = await store.readRows(workspaceId, Number(rows[0]?.seq ?? 0), readRowsMax);
      if (journal.length === 0) return;
      const read = journal.map((row) => ({
        seq: row.seq,
        events: decodeEvents<Event>(row.events, row.codec),
      }));
      await this.#write([advanceOf({ workspaceId, rows: read })]);
    }
  }

  async #sweep(): Promise<void> {
    let last = "";
    for (;;) {
      const { rows } = await this.#options.pool.query<BehindColumns>(behindSql, [last, sweepPage]);
      for (const row of rows)
        if (Number(row.seq) > Number(row.projected) && !this.#room.has(row.workspace_id))
          this.#room.readAgain(row.workspace_id);
      this.#kick();
      last = rows.at(-1)?.workspace_id ?? last;
      if (rows.length < sweepPage || this.#isStopping) return;
    }
  }

  #sweepAgain(): void {
    this.#sweep()
      .catch(this.#options.onFault)
      .finally(() => {
        if (!this.#isStopping)
          this.#cancelSweep = this.#options.clock.after(sweepMs, () => this.#sweepAgain());
      });
  }
}

interface BehindColumns {
  readonly workspace_id: string;
  readonly seq: string;
  readonly projected: string;
}

function advanceOf({ workspaceId, rows }: Pick<Waiting, "workspaceId" | "rows">): Advance {
  const projected = nothingProjected();
  for (const { seq, events } of rows) project(projected, seq, events);
  const first = rows[0]?.events[0];
  const last = rows.at(-1);
  return {
    workspaceId,
    fromSeq: (rows[0]?.seq ?? 1) - 1,
    toSeq: last?.seq ?? 0,
    atMs: last?.events.at(-1)?.at ?? 0,
    nextDueAtMs: last?.nextDueAtMs ?? 0,
    currency: first?.kind === "workspace.created" ? first.workspace.currency : "",
    rows: projected,
  };
}
