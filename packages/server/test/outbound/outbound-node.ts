/** What the tests of consumers share: nodes on one database, a consumer that writes down what it gets, and a clock that jumps. */
import assert from "node:assert/strict";
import { after } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { CloudEvent } from "@cistern/contract";
import { factsOf } from "../../src/api/index.ts";
import { migrate, openDatabase } from "../../src/database/index.ts";
import type { EngineClock } from "../../src/engine/index.ts";
import { journalMigrations, postgresStore } from "../../src/journal/index.ts";
import {
  type Batch,
  type Consumer,
  type OutboundLogEntry,
  type Outcome,
  createCursorRows,
  createPump,
  outboundMigrations,
} from "../../src/outbound/index.ts";
import {
  accepted,
  createWorkspace,
  engineOn,
  grant,
  newId,
  systemClock,
} from "../engine/fixtures.ts";
import { freshDatabase } from "../fresh-database.ts";

/** A database for one test file. */
export async function outboundDatabase() {
  const { url } = await freshDatabase();
  const randomUuid = () => crypto.randomUUID();
  const database = await openDatabase({ url, folder: "", host: process, randomUuid });
  after(() => database.close());
  const pool = database.openPool({ purpose: "outbound tests", connectionsMax: 8 });
  await migrate(pool, [...(await journalMigrations()), ...(await outboundMigrations())]);
  return pool;
}

/** The host's clock, some time ahead. */
export class JumpingClock implements EngineClock {
  aheadMs = 0;
  now = (): number => Date.now() + this.aheadMs;
  after = (ms: number, callBack: () => void) => systemClock.after(ms, callBack);
  soon = (callBack: () => void) => systemClock.soon(callBack);
}

type Pool = Awaited<ReturnType<typeof outboundDatabase>>;

/** A node: an engine and a pump that hears of what it appends. It looks by itself only when it starts, unless told otherwise. */
export function nodeOn(
  pool: Pool,
  { sweepMs = 3_600_000, clock = systemClock }: { sweepMs?: number; clock?: EngineClock } = {},
) {
  const log: OutboundLogEntry[] = [];
  const rows = createCursorRows(pool);
  const engine = engineOn(postgresStore({ pool }), {
    observer: { appended: ({ workspaceId }) => pump.appended(workspaceId) },
  });
  const pump = createPump({
    rows,
    facts: factsOf(engine),
    clock,
    node: newId("nod"),
    log: (entry) => log.push(entry),
    sweepMs,
    drainMs: 50,
  });
  after(() => pump.stop());
  const create = (workspaceId: string) =>
    accepted(engine, workspaceId, createWorkspace(workspaceId));
  /** One event. */
  const event = (workspaceId: string) => accepted(engine, workspaceId, grant(1));
  return { engine, pump, rows, log, create, event };
}

/** What a consumer got. */
export class Got {
  readonly batches: Batch[] = [];

  idsOf(workspaceId: string): readonly string[] {
    return this.batches
      .filter((batch) => batch.workspaceId === workspaceId)
      .flatMap(({ events }) => events.map(({ id }) => id));
  }

  get size(): number {
    return this.batches.reduce((sum, { events }) => sum + events.length, 0);
  }
}

/** A consumer that writes down what it gets; `answer` says what becomes of a batch, delivered when left out. */
export function recording(
  options: Partial<Consumer> & { answer?: (batch: Batch) => Outcome | Promise<Outcome> } = {},
): { readonly consumer: Consumer; readonly got: Got } {
  const { answer = () => ({ kind: "delivered" }), ...rest } = options;
  const got = new Got();
  const consumer: Consumer = {
    name: newId("consumer"),
    sinceMs: 0,
    batchEventsMax: 100,
    togetherMax: 4,
    deliverMsMax: 10_000,
    retryMs: () => 1,
    async deliver(batch) {
      const outcome = await answer(batch);
      if (outcome.kind === "delivered") got.batches.push(batch);
      return outcome;
    },
    ...rest,
  };
  return { consumer, got };
}

/** Ids of all events of a workspace, from the feed's own reading. */
export async function idsIn(
  node: ReturnType<typeof nodeOn>,
  workspaceId: string,
): Promise<readonly string[]> {
  const events: CloudEvent[] = [];
  const facts = factsOf(node.engine);
  for (let place = { seq: 0, index: 0, hash: "" }; ;) {
    const page = await facts(workspaceId, place, 100);
    assert.ok(page.kind === "page", page.kind);
    const last = page.facts.at(-1);
    if (last === undefined) return events.map(({ id }) => id);
    events.push(...page.facts.map(({ event }) => event));
    place = last.place;
  }
}

/** Waits for something to be so; a test that waits in vain fails by its own assertion. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    if (await isSo()) return;
    await wait(5);
  }
}
