/** Several nodes, restarts and broken writes: what crosses is one event all the same. On a real PostgreSQL. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type AlertRule, type Event, credits } from "@cistern/kernel";
import { migrate, openDatabase } from "../../src/database/index.ts";
import type { Engine } from "../../src/engine/index.ts";
import { createCalendar } from "../../src/host/index.ts";
import { journalMigrations, postgresStore } from "../../src/journal/index.ts";
import {
  type WatchRows,
  createWatchRows,
  createWatcher,
  watchingMigrations,
} from "../../src/watching/index.ts";
import {
  createWorkspace,
  engineOn,
  grant,
  newId,
  openHold,
  settleHold,
} from "../engine/fixtures.ts";
import { freshDatabase } from "../fresh-database.ts";

const { url } = await freshDatabase();
const randomUuid = () => crypto.randomUUID();
const database = await openDatabase({ url, folder: "", host: process, randomUuid });
after(() => database.close());
const pool = database.openPool({ purpose: "watching tests", connectionsMax: 8 });
await migrate(pool, [...(await journalMigrations()), ...(await watchingMigrations())]);

const low: AlertRule = {
  id: "low",
  watch: { kind: "pool", percents: [50] },
  recipients: [{ id: "ana", quiet: null }],
};

/** A node: its own engine and its own watcher, on the one database. */
function node(rows: WatchRows = createWatchRows(pool), itsEngine?: Engine) {
  const store = postgresStore({ pool });
  const engine = itsEngine ?? engineOn(store);
  return {
    engine,
    watcher: createWatcher({ engine, store, rows, calendar: createCalendar(), newId }),
  };
}

async function run(
  engine: Engine,
  workspaceId: string,
  ...commands: Parameters<typeof engine.execute>[0]["command"][]
) {
  for (const command of commands) {
    const answer = await engine.execute({ workspaceId, command, opId: null, fingerprint: null });
    assert.equal(answer.kind, "accepted", command.kind);
  }
}

async function spend(engine: Engine, workspaceId: string, amount: number): Promise<void> {
  const hold = openHold(amount);
  await run(engine, workspaceId, hold, settleHold(hold.hold, amount));
}

async function eventsOf(engine: Engine, workspaceId: string): Promise<readonly Event[]> {
  const found: Event[] = [];
  for (let at = { seq: 0, index: 0 }; ;) {
    const page = await engine.events(workspaceId, at, 100);
    assert.ok(page.kind === "page");
    if (page.events.length === 0) return found;
    found.push(...page.events.map(({ event }) => event));
    at = page.next;
  }
}

const raisedIn = async (engine: Engine, workspaceId: string): Promise<readonly Event[]> =>
  (await eventsOf(engine, workspaceId)).filter(({ kind }) => kind === "alert.raised");

/** A workspace whose pool is past half, and that is watched. */
async function pastHalf(id: string, { engine, watcher }: ReturnType<typeof node>): Promise<void> {
  await watcher.watch(id);
  await run(engine, id, createWorkspace(id), { kind: "putAlertRule", rule: low }, grant(100));
  await spend(engine, id, 60);
}

test("two nodes that look at once raise a crossing once", async () => {
  const [one, two] = [node(), node()];
  for (let round = 0; round < 10; round += 1) {
    const id = `both-${round}`;
    await pastHalf(id, one);
    await Promise.all([one.watcher.follow(id), two.watcher.follow(id)]);
    assert.equal((await raisedIn(one.engine, id)).length, 1, id);
  }
});

test("a node that ends between raising and noting it leaves one alert, and the next one goes on", async () => {
  const rows = createWatchRows(pool);
  const lost = { ...rows, advance: () => Promise.reject(new Error("the node has ended")) };
  const [ending, next] = [node(lost), node()];
  await pastHalf("ended", ending);
  await assert.rejects(ending.watcher.follow("ended"), /has ended/);
  assert.equal((await raisedIn(next.engine, "ended")).length, 1);
  await next.watcher.follow("ended");
  assert.equal((await raisedIn(next.engine, "ended")).length, 1);
  await spend(next.engine, "ended", 1);
  await next.watcher.follow("ended");
  assert.equal((await raisedIn(next.engine, "ended")).length, 1);
});

test("tables that are emptied come back from the journal as they were, and nothing is told twice", async () => {
  const one = node();
  await pastHalf("emptied", one);
  await one.watcher.follow("emptied");
  const kept = await rowsOf("emptied");
  assert.ok(kept.length > 1, "the whole, and a spender");
  await pool.query("DELETE FROM watch_cursors WHERE workspace_id = 'emptied'");
  await pool.query("DELETE FROM watch_rows WHERE workspace_id = 'emptied'");
  await one.watcher.watch("emptied");
  await one.watcher.follow("emptied");
  assert.deepEqual(await rowsOf("emptied"), kept);
  assert.equal((await raisedIn(one.engine, "emptied")).length, 1);
});

test("what is kept in another form is made anew, and what was told before is not told again", async () => {
  const one = node();
  await pastHalf("formed", one);
  await one.watcher.follow("formed");
  const kept = await rowsOf("formed");
  for (const table of ["watch_cursors", "watch_rows"])
    await pool.query(
      `UPDATE ${table} SET form = 0, state = replace(state, 'a', 'e') WHERE workspace_id = 'formed'`,
    );
  const sent: string[] = [];
  const counting: typeof one.engine = {
    ...one.engine,
    read: (id, question) => one.engine.read(id, question),
    execute: (request) => {
      sent.push(request.command.kind);
      return one.engine.execute(request);
    },
  };
  await run(one.engine, "formed", { kind: "putGroup", group: "red" });
  await node(createWatchRows(pool), counting).watcher.follow("formed");
  assert.deepEqual(sent, []);
  const states = (rows: readonly unknown[]) => rows.map((row) => Object.entries(row ?? {}).at(-1));
  assert.deepEqual(states(await rowsOf("formed")), states(kept));
});

test("a key that an alert pauses spends no more, its open hold may end, and a review that finds it fine brings it back", async () => {
  const [one, two] = [node(), node()];
  const { engine } = one;
  await one.watcher.watch("paused");
  const odd = { ...low, watch: { kind: "unusual", most: "pause" } } as const;
  await run(engine, "paused", createWorkspace("paused"), { kind: "putAlertRule", rule: odd });
  const plain = { groups: [], home: null, sponsor: null };
  await run(
    engine,
    "paused",
    { kind: "putMember", member: "bot", memberKind: "key", ...plain },
    grant(100),
  );
  const hold = openHold(10, { member: "bot" });
  await run(engine, "paused", hold, { kind: "raiseAlert", ...pausing });
  await Promise.all([one.watcher.follow("paused"), two.watcher.follow("paused")]);
  const command = openHold(1, { member: "bot" });
  const refused = await engine.execute({ workspaceId: "paused", command, ...noKey });
  assert.equal(refused.kind === "rejected" ? refused.rejection.code : "", "member_inactive");
  await run(engine, "paused", settleHold(hold.hold, 10));
  await run(engine, "paused", { kind: "reviewAlert", alert: pausing.alert, verdict: "fine" });
  await Promise.all([one.watcher.follow("paused"), two.watcher.follow("paused")]);
  await run(engine, "paused", openHold(1, { member: "bot" }));
  const changes = await eventsOf(engine, "paused");
  assert.equal(
    changes.filter(({ kind }) => kind === "member.deactivated").length,
    1,
    "by one node",
  );
});

const noKey = { opId: null, fingerprint: null };
const pausing = {
  alert: `alt_${"0".repeat(26)}`,
  rule: "low",
  crossing: "low:unusual:1.0",
  subject: { kind: "member", id: "bot" },
  finding: {
    kind: "unusual",
    rule: "day",
    seen: credits(4n),
    usual: credits(1n),
    bound: credits(3n),
    score: null,
    signs: ["network", "model"],
  },
  grade: "pause",
} as const;

test("a workspace without rules is left alone", async () => {
  const one = node();
  await run(one.engine, "bare", createWorkspace("bare"), grant(100));
  await spend(one.engine, "bare", 90);
  await one.watcher.follow("bare");
  assert.deepEqual(await rowsOf("bare"), []);
  assert.deepEqual(
    await createWatchRows(pool)
      .behind("", 100)
      .then((ids) => ids.includes("bare")),
    false,
  );
});

async function rowsOf(workspaceId: string): Promise<readonly unknown[]> {
  const cursors = await pool.query("SELECT seq, state FROM watch_cursors WHERE workspace_id = $1", [
    workspaceId,
  ]);
  const others = await pool.query(
    "SELECT kind, id, state FROM watch_rows WHERE workspace_id = $1 ORDER BY kind, id",
    [workspaceId],
  );
  return [...cursors.rows, ...others.rows];
}
