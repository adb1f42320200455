/** Subscriptions learn that their rate card has moved on, though nobody calls: two nodes on one database, with the catalog as it is pushed. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Command, Event, Plan } from "@cistern/kernel";
import { Pool } from "pg";
import { verify } from "../../src/audit/index.ts";
import {
  catalogMigrations,
  createRateCards,
  pushCatalog,
  readCatalog,
} from "../../src/catalog/index.ts";
import { migrate } from "../../src/database/index.ts";
import type { Engine } from "../../src/engine/index.ts";
import { decodeEvents, journalMigrations, postgresStore } from "../../src/journal/index.ts";
import { openWaker } from "../../src/open-waker.ts";
import { createProjector, projectionMigrations } from "../../src/projections/index.ts";
import {
  accepted,
  calendar,
  createWorkspace,
  engineOn,
  newId,
  systemClock,
} from "../engine/fixtures.ts";
import { TestClock } from "../engine/test-clock.ts";
import { freshDatabase } from "../fresh-database.ts";

const minute = 60_000;
const start = 1_800_000_000_000;

const catalogOf = (price: string, fee = "10.00") =>
  readCatalog(
    {
      meters: { chat: { buckets: ["text"] } },
      rateCards: { standard: { rows: [{ meter: "chat", perUnit: { text: price } }] } },
      plans: {
        team: { currency: "EUR", base: { fee } },
        pinned: { currency: "EUR", base: { fee }, rateCard: { name: "standard", pin: true } },
      },
    },
    "the test's catalog",
  );
const [cheap, dear, dearer] = [catalogOf("1"), catalogOf("2"), catalogOf("3")];
const cardOf = ({ rateCards }: typeof cheap) => rateCards.get("standard")?.id;

const planOf = (name: string): Plan => {
  const plan = cheap.plans.get(name);
  assert(plan !== undefined);
  return plan;
};
const subscribe = (plan: string): Command => ({
  kind: "putSubscription",
  subscription: newId("sub"),
  plan: planOf(plan),
  isPinnedAnew: true,
  seats: null,
  when: null,
});
const debit = (): Command => ({
  kind: "debit",
  debit: newId("dbt"),
  member: "ana",
  meter: "chat",
  model: null,
  amount: { kind: "usage", usage: { text: 1 } },
  occurredAt: null,
  run: null,
  project: null,
  attributes: null,
});

let pool: Pool;

before(async () => {
  pool = new Pool({ connectionString: (await freshDatabase()).url, max: 12 });
  pool.on("error", () => {});
  const parts = [journalMigrations(), projectionMigrations(), catalogMigrations()];
  await migrate(pool, (await Promise.all(parts)).flat());
});

/** Ended after a test that failed, too: its timers would go on. */
const running = new Set<() => Promise<void>>();

after(async () => {
  for (const end of running) await end();
  await pool.end();
});

/** A node with the catalog as the database has it. */
async function nodeAt(at: number, mayRead = (_workspaceId: string) => true) {
  const clock = new TestClock(at);
  const store = postgresStore({ pool });
  const onFault = assert.ifError;
  const projector = createProjector({ pool, store, clock: systemClock, onFault });
  projector.start();
  const rateCards = createRateCards({ pool, first: cheap, clock, onFault });
  await rateCards.start();
  const engine = engineOn(store, {
    clock,
    rateCard: (_workspaceId, when) => rateCards.at(when),
    rateCardNamed: (name, when) => rateCards.named(name, when),
    rateCardOf: (id) => rateCards.byId(id),
    observer: { appended: (row) => projector.appended(row) },
  });
  const read: string[] = [];
  const counted: Pick<Engine, "read"> = {
    async read(workspaceId, question) {
      if (!mayRead(workspaceId)) throw new Error("down");
      read.push(workspaceId);
      return await engine.read(workspaceId, question);
    },
  };
  const waker = openWaker({ pool, engine: counted, rateCards, clock, log: () => {} });
  const end = async (): Promise<void> => {
    running.delete(end);
    await waker.stop();
    rateCards.stop();
    await engine.stop();
    await projector.stop();
  };
  running.add(end);
  return { clock, engine, rateCards, read, waker, end };
}

type Node = Awaited<ReturnType<typeof nodeAt>>;

/** What each of these workspaces was told. */
async function told(workspaces: readonly string[]): Promise<readonly (readonly string[])[]> {
  const store = postgresStore({ pool });
  const rows = await Promise.all(workspaces.map((id) => store.readRows(id, 0, 100)));
  return rows.map((all) =>
    all
      .flatMap(({ events, codec }) => decodeEvents<Event>(events, codec))
      .flatMap((event) =>
        event.kind === "rate_card.changed" ? [`${event.previous} -> ${event.card}`] : [],
      ),
  );
}

/** Lets nodes sweep in time of their own; real work takes real time. */
async function passing(
  nodes: readonly Node[],
  ms: number,
  isDone: () => Promise<boolean>,
): Promise<void> {
  for (let step = 0; step < ms; step += 5_000) {
    for (const { clock } of nodes) clock.advance(5_000);
    for (let look = 0; look < 8; look += 1) {
      if (await isDone()) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

/** Real work in flight takes as long as it takes. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let look = 0; !(await isSo()); look += 1) {
    assert.ok(look < 2_400, "it never came to be");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const never = async (): Promise<boolean> => false;

/** Makes a catalog the newest version, from a minute on. */
async function push(catalog: typeof cheap, at: number): Promise<void> {
  await pushCatalog(pool, catalog, { now: () => at, databaseNow: () => at });
}

/** Whether a version counts as told to all. */
async function isNoted(version: number): Promise<boolean> {
  const sql = "SELECT 1 FROM catalog_versions_told WHERE version = $1";
  return (await pool.query(sql, [version])).rows.length === 1;
}

const untold = (all: readonly (readonly string[])[]) => all.filter(({ length }) => length === 0);

test("of two nodes that nobody calls, within 30 s, once, and once after a restart too; who pinned a version and who has no plan are told nothing", async () => {
  const [one, two] = [await nodeAt(start), await nodeAt(start)];
  const idle = Array.from({ length: 20 }, (_, index) => `idle-${index}`);
  for (const workspaceId of [...idle, "caller", "pinned", "alone"])
    await accepted(one.engine, workspaceId, createWorkspace(workspaceId));
  for (const workspaceId of [...idle, "caller"])
    await accepted(one.engine, workspaceId, subscribe("team"));
  await accepted(one.engine, "pinned", subscribe("pinned"));
  for (const workspaceId of ["caller", "alone"]) await accepted(one.engine, workspaceId, debit());
  await push(dear, start);
  const nodes = [one, two];
  for (const { waker } of nodes) waker.start();
  const all = [...idle, "caller"];
  await passing(nodes, minute - 5_000, never);
  assert.equal(untold(await told(all)).length, all.length, "it is not in force yet");
  const isTold = async (): Promise<boolean> => untold(await told(all)).length === 0;
  await passing(nodes, 35_000, isTold);
  await until(isTold);
  const moved = `${cardOf(cheap)} -> ${cardOf(dear)}`;
  const once = all.map(() => [moved]);
  assert.deepEqual(await told(all), once);
  // The other one may still be at it; and a call comes after its notice.
  await passing(nodes, minute, never);
  await accepted(two.engine, "caller", debit());
  assert.deepEqual(await told([...all, "pinned", "alone"]), [...once, [], []]);
  await Promise.all(nodes.map(({ end }) => end()));
  const again = await nodeAt(start + 10 * minute);
  again.waker.start();
  await passing([again], minute, never);
  assert.deepEqual(await told([...all, "pinned", "alone"]), [...once, [], []]);
  assert.deepEqual(again.read, [], "what was told is not gone through again");
  await again.end();
  const { faults } = await verify({ pool, store: postgresStore({ pool }), calendar });
  assert.deepEqual(faults, []);
});

test("by a node that comes after one which ended in the middle, and nobody twice", async () => {
  const begun = start + 60 * minute;
  const all = ["idle-0", "idle-1", "idle-7", "idle-9", "caller"];
  await push(dearer, begun);
  const at = begun + 2 * minute;
  const first = await nodeAt(at, (workspaceId) => workspaceId < "idle-5");
  first.waker.start();
  await passing([first], 30_000, () => isNoted(2));
  await until(() => isNoted(2));
  assert.deepEqual(
    (await told(all)).map(({ length }) => length),
    [2, 2, 1, 1, 2],
  );
  // What it did not come to is on its list only: as if it had gone before it could note that it came to the end.
  await pool.query("DELETE FROM catalog_versions_told WHERE version = 2");
  await first.end();
  const next = await nodeAt(at + minute);
  next.waker.start();
  await passing([next], 30_000, () => isNoted(2));
  await until(() => isNoted(2));
  const moves = [cheap, dear, dearer].map(cardOf);
  const both = [`${moves[0]} -> ${moves[1]}`, `${moves[1]} -> ${moves[2]}`];
  assert.deepEqual(
    await told(all),
    all.map(() => both),
  );
  await next.end();
});

test("a version that has other plans and the same prices wakes nobody", async () => {
  const begun = start + 120 * minute;
  await push(catalogOf("3", "12.00"), begun);
  const node = await nodeAt(begun + 2 * minute);
  node.waker.start();
  await passing([node], minute, () => isNoted(3));
  await until(() => isNoted(3));
  assert.deepEqual(node.read, []);
  await node.end();
});
