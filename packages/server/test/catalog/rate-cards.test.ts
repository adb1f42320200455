/** Versions of the catalog on a real database, and the rate card in force at each instant (RULES 19). */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CatalogFault,
  catalogMigrations,
  createRateCards,
  pushCatalog,
  readCatalog,
} from "../../src/catalog/index.ts";
import { migrate, openDatabase } from "../../src/database/index.ts";
import { settled, TestClock } from "../engine/test-clock.ts";
import { freshDatabase } from "../fresh-database.ts";

const minute = 60_000;

const catalogOf = (price: string) =>
  readCatalog(
    {
      meters: { chat: { buckets: ["input_text"] } },
      rateCards: { standard: { rows: [{ meter: "chat", perMillion: { input_text: price } }] } },
    },
    "catalog",
  );
const [cheap, dear, dearer] = [catalogOf("1"), catalogOf("2"), catalogOf("3")];
/** In force from the start. */
const first = catalogOf("4");
const idOf = ({ rateCards }: ReturnType<typeof catalogOf>) => rateCards.get("standard")?.id;

/** A pool on an empty database. */
async function emptyDatabase() {
  const { url } = await freshDatabase();
  const randomUuid = () => crypto.randomUUID();
  const database = await openDatabase({ url, folder: "", host: process, randomUuid });
  after(() => database.close());
  const pool = database.openPool({ purpose: "catalog tests", connectionsMax: 3 });
  await migrate(pool, await catalogMigrations());
  return { database, pool };
}

const now = () => Date.now();

test("versions are numbered, take effect a minute ahead or later, each after the one before it", async () => {
  const { pool } = await emptyDatabase();
  const begun = Date.now();
  const one = await pushCatalog(pool, cheap, { now });
  assert.equal(one.version, 1);
  assert.ok(
    one.effectiveAtMs >= begun + minute - 1_000 && one.effectiveAtMs <= Date.now() + minute + 1_000,
  );
  const later = begun + 10 * minute;
  assert.deepEqual(await pushCatalog(pool, dear, { effectiveAtMs: later, now }), {
    version: 2,
    effectiveAtMs: later,
    isSame: false,
  });
  assert.deepEqual(await pushCatalog(pool, dearer, { now }), {
    version: 3,
    effectiveAtMs: later + 1,
    isSame: false,
  });
  const tooEarly = [begun, later + 1];
  for (const effectiveAtMs of tooEarly)
    await assert.rejects(pushCatalog(pool, cheap, { effectiveAtMs, now }), /at the earliest/);
});

test("a minute is counted by the database's clock, whatever this machine's says", async () => {
  const { pool } = await emptyDatabase();
  const begun = Date.now();
  const { effectiveAtMs } = await pushCatalog(pool, cheap, { now: () => Date.now() - 3_600_000 });
  assert.ok(effectiveAtMs >= begun + minute - 1_000);
});

test("the same catalog again is no new version; an older one is", async () => {
  const { pool } = await emptyDatabase();
  const { effectiveAtMs } = await pushCatalog(pool, cheap, { now });
  assert.deepEqual(await pushCatalog(pool, cheap, { now }), {
    version: 1,
    effectiveAtMs,
    isSame: true,
  });
  assert.equal((await pushCatalog(pool, dear, { now })).version, 2);
  assert.equal((await pushCatalog(pool, cheap, { now })).version, 3);
});

test("of two pushes at once one becomes the version, and the other is told", async () => {
  const { pool, database } = await emptyDatabase();
  const blocking = database.openPool({ purpose: "lock", connectionsMax: 1 });
  const lock = await blocking.connect();
  // Reads pass, inserts wait: both pushes have looked at the latest version before either makes one.
  await lock.query("BEGIN; LOCK TABLE catalog_versions IN SHARE MODE");
  const pushes = [cheap, dear].map((one) => pushCatalog(pool, one, { now }));
  const waiting =
    "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'catalog_versions'::regclass";
  while ((await lock.query(waiting)).rows.length < pushes.length) await settled(1);
  await lock.query("COMMIT");
  lock.release();
  const refused = (await Promise.allSettled(pushes)).filter((one) => one.status === "rejected");
  assert.equal(refused.length, 1);
  assert.ok(refused[0]?.reason instanceof CatalogFault);
  assert.match(refused[0].reason.message, /another push was under way/);
  const { rows } = await pool.query("SELECT version FROM catalog_versions");
  assert.deepEqual(rows, [{ version: "1" }]);
});

test("a push that pauses too long after its look at the clock makes no version", async () => {
  const { pool } = await emptyDatabase();
  let ms = Date.now();
  await assert.rejects(pushCatalog(pool, cheap, { now: () => (ms += 5_001) }), /too long/);
  const { rows } = await pool.query("SELECT version FROM catalog_versions");
  assert.deepEqual(rows, []);
});

/** A node's view, on a clock that stands still. */
async function follow(pool: Awaited<ReturnType<typeof emptyDatabase>>["pool"]) {
  const clock = new TestClock(Date.now());
  const faults: unknown[] = [];
  const cards = createRateCards({ pool, first, clock, onFault: (error) => faults.push(error) });
  await cards.start();
  after(() => cards.stop());
  const idAt = (ms: number) => cards.at(ms).id;
  return { clock, cards, faults, idAt };
}

/** Until a read that has begun is over. */
async function eventually(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn += 1) {
    assert.ok(turn < 2_000, "it never came");
    await settled(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

test("a version is in force from its instant on, and before the first one the card of the start is", async () => {
  const { pool } = await emptyDatabase();
  const one = await pushCatalog(pool, cheap, { now });
  const two = await pushCatalog(pool, dear, { now });
  const { idAt } = await follow(pool);
  assert.deepEqual(
    [one.effectiveAtMs - 1, one.effectiveAtMs, two.effectiveAtMs - 1, two.effectiveAtMs].map(idAt),
    [idOf(first), idOf(cheap), idOf(cheap), idOf(dear)],
  );
});

test("every version that there is can be had by its id, and the card of the start too", async () => {
  const { pool } = await emptyDatabase();
  for (const one of [cheap, dear]) await pushCatalog(pool, one, { now });
  const { cards } = await follow(pool);
  assert.equal(cards.named("standard", 0), first.rateCards.get("standard"));
  for (const id of [idOf(first), idOf(cheap), idOf(dear)])
    assert.equal(cards.byId(id ?? "")?.id, id);
  assert.equal(cards.byId(idOf(dearer) ?? ""), undefined);
});

test("what is pushed while a node runs reaches it long before it takes effect", async () => {
  const { pool } = await emptyDatabase();
  const { clock, idAt } = await follow(pool);
  const { effectiveAtMs } = await pushCatalog(pool, cheap, { now });
  assert.equal(idAt(effectiveAtMs), idOf(first));
  clock.advance(10_000);
  await eventually(() => idAt(effectiveAtMs) === idOf(cheap));
});

test("reads at once take each version once", async () => {
  const { pool } = await emptyDatabase();
  const { cards } = await follow(pool);
  for (const one of [cheap, dear]) await pushCatalog(pool, one, { now });
  await Promise.all([cards.refresh(), cards.refresh(), cards.refresh()]);
  assert.deepEqual(
    cards.versions().map(({ version }) => version),
    [2, 1],
  );
});

test("a node that cannot read the versions decides nothing after 40 s, until it can", async () => {
  const { database, pool } = await emptyDatabase();
  const failing = database.openPool({ purpose: "lost", connectionsMax: 1 });
  const { clock, cards, faults } = await follow(failing);
  await pool.query("ALTER TABLE catalog_versions RENAME TO away");
  for (let seconds = 10; seconds <= 40; seconds += 10) {
    clock.advance(10_000);
    await eventually(() => faults.length === seconds / 10);
  }
  assert.equal(cards.fault(), undefined);
  clock.advance(1);
  assert.match(cards.fault() ?? "", /has not read the catalog for 40 s/);
  await pool.query("ALTER TABLE away RENAME TO catalog_versions");
  clock.advance(10_000);
  await eventually(() => cards.fault() === undefined);
});

test("a version that is not what was pushed, or that this build cannot read, is no catalog to decide by", async () => {
  const { pool } = await emptyDatabase();
  await pushCatalog(pool, cheap, { now });
  const { clock, faults, cards } = await follow(pool);
  const insert = "INSERT INTO catalog_versions VALUES (2, $1, $2, 1, 1)";
  await pool.query(insert, [cheap.hash, dear.content]);
  for (let times = 1; times <= 5; times += 1) {
    clock.advance(10_000);
    await eventually(() => faults.length === times);
  }
  assert.match(String(faults[0]), /Version 2 of the catalog is not what was pushed/);
  assert.notEqual(cards.fault(), undefined);
  await pool.query("UPDATE catalog_versions SET content = '{\"plans\":{}}' WHERE version = 2");
  await assert.rejects(follow(pool), CatalogFault);
});
