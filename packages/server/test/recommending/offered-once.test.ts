/** Several nodes, restarts and lost writes: what a period speaks for is offered once all the same. On a real PostgreSQL. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Command } from "@cistern/kernel";
import { migrate, openDatabase } from "../../src/database/index.ts";
import { createCalendar } from "../../src/host/index.ts";
import { recommendPreset } from "../../src/insights/index.ts";
import { journalMigrations, postgresStore } from "../../src/journal/index.ts";
import {
  type LookRows,
  createLookRows,
  createRecommender,
  createReplays,
  recommendingMigrations,
} from "../../src/recommending/index.ts";
import { createWorkspace, engineOn, grant, openHold } from "../engine/fixtures.ts";
import { freshDatabase } from "../fresh-database.ts";

const { url } = await freshDatabase();
const randomUuid = () => crypto.randomUUID();
const database = await openDatabase({ url, folder: "", host: process, randomUuid });
after(() => database.close());
const pool = database.openPool({ purpose: "recommending tests", connectionsMax: 8 });
await migrate(pool, [...(await journalMigrations()), ...(await recommendingMigrations())]);

const hour = 3_600_000;
const day = 24 * hour;
const rates = { rateCardNamed: () => undefined, rateCardOf: () => undefined };

/** A clock that somebody moves, of all nodes. */
const clock = { at: Date.parse("2026-03-02T00:00:00Z") };
const moved = {
  now: () => clock.at,
  after: () => () => {},
  soon: (callBack: () => void) => void setImmediate(callBack),
};

/** A node: its own engine and its own recommender, on the one database. Ben's calls were refused, nobody else's. */
function node(rows: LookRows = createLookRows(pool)) {
  const engine = engineOn(postgresStore({ pool }), { clock: moved });
  let replayed = 0;
  const replays = createReplays({
    engine,
    calendar: createCalendar(),
    refusals: {
      inSpan: async ({ from }) => {
        replayed += 1;
        const refused = { member: "ben", code: "pool_exhausted", calls: 4, credits: 40_000_000n };
        return [{ hour: from + hour, ...refused }];
      },
    },
    rateCards: () => ({ rateCard: { id: "card", rows: [] }, ...rates }),
    soon: moved.soon,
  });
  const recommender = createRecommender({ engine, replays, rows, now: moved.now, graceMs: 0 });
  return { engine, recommender, replays, replayed: () => replayed };
}

type Node = ReturnType<typeof node>;

async function run({ engine }: Node, workspaceId: string, ...commands: Command[]): Promise<void> {
  for (const command of commands) {
    const answer = await engine.execute({ workspaceId, command, opId: null, fingerprint: null });
    assert.equal(answer.kind, "accepted", command.kind);
  }
}

/** A month in which somebody took much of a pool before Ben came, and that is over. */
async function hogged(
  one: Node,
  id: string,
  first = { member: "ana", took: 80 },
  ...settings: Command[]
): Promise<void> {
  clock.at = Date.parse("2026-03-02T00:00:00Z");
  const person = { memberKind: "person", groups: [], home: null, sponsor: null } as const;
  await run(
    one,
    id,
    createWorkspace(id),
    { kind: "putMember", member: "ana", ...person },
    { kind: "putMember", member: "ben", ...person },
    grant(100),
    ...settings,
  );
  clock.at += 60_000;
  await run(one, id, { ...openHold(first.took), member: first.member, ttlMs: day });
  clock.at = Date.parse("2026-04-01T00:00:00Z");
}

async function offersIn({ engine }: Node, workspaceId: string): Promise<number> {
  let found = 0;
  for (let at = { seq: 0, index: 0 }; ;) {
    const page = await engine.events(workspaceId, at, 100);
    assert.ok(page.kind === "page");
    if (page.events.length === 0) return found;
    found += page.events.filter(({ event }) => event.kind === "fairness.recommended").length;
    at = page.next;
  }
}

test("two nodes that look at once offer it once, and one of them does the work", async () => {
  for (let round = 0; round < 5; round += 1) {
    const [one, two] = [node(), node()];
    const id = `both-${round}`;
    await hogged(one, id);
    await Promise.all([one.recommender.look(id), two.recommender.look(id)]);
    assert.equal(await offersIn(one, id), 1, id);
    assert.equal(one.replayed() + two.replayed(), 1, id);
    await one.recommender.look(id);
    clock.at += 5 * day;
    await two.recommender.look(id);
    assert.equal(one.replayed() + two.replayed(), 1, "not again while the next period runs");
  }
});

test("a node that ends between offering and noting it leaves one offer; another goes on when its time is over", async () => {
  const rows = createLookRows(pool);
  const lost = { ...rows, looked: () => Promise.reject(new Error("the node has ended")) };
  const [ending, next] = [node(lost), node()];
  await hogged(ending, "ended");
  await assert.rejects(ending.recommender.look("ended"), /has ended/);
  await next.recommender.look("ended");
  assert.equal(next.replayed(), 0, "another has it");
  clock.at += 10 * 60_000;
  await next.recommender.look("ended");
  assert.deepEqual([next.replayed(), await offersIn(next, "ended")], [1, 1]);
});

test("a table that is emptied has a period replayed once more, and offered no second time", async () => {
  const one = node();
  await hogged(one, "emptied");
  await one.recommender.look("emptied");
  await pool.query("DELETE FROM replay_looks");
  await one.recommender.look("emptied");
  assert.deepEqual([one.replayed(), await offersIn(one, "emptied")], [2, 1]);
});

test("what is offered against a preset that is in force no more is not said", async () => {
  const one = node();
  await hogged(one, "chosen");
  const { engine, replays } = one;
  const choosing = {
    async execute(request: Parameters<typeof engine.execute>[0]) {
      const changes = { fairness: { preset: "lend_early" } } as const;
      await run(one, "chosen", { kind: "updateWorkspace", changes });
      return await engine.execute(request);
    },
  };
  const rows = createLookRows(pool);
  const around = { replays, rows, now: moved.now, graceMs: 0 };
  const late = createRecommender({ engine: choosing, ...around });
  await late.look("chosen");
  assert.equal(await offersIn(one, "chosen"), 0);
});

test("a period in which one member alone asked speaks for nothing: nobody shared", async () => {
  const one = node();
  const changes = { fairness: { preset: "strict" } } as const;
  const strict = { kind: "updateWorkspace", changes } as const;
  await hogged(one, "alone", { member: "ben", took: 40 }, strict);
  clock.at += 2 * day;
  await one.recommender.look("alone");
  assert.deepEqual([one.replayed(), await offersIn(one, "alone")], [1, 0]);
  const alone = await one.replays.replay("alone", "last");
  assert.ok(alone.kind === "replayed");
  assert.equal(recommendPreset(alone.report, "strict").isChange, true, "it would be another one");
});

test("a node that stops in the midst of a replay offers nothing, and leaves it to another", async () => {
  const [stopping, next] = [node(), node()];
  await hogged(stopping, "stopped");
  await stopping.recommender.look("stopped", () => true);
  assert.equal(await offersIn(next, "stopped"), 0);
  clock.at += 10 * 60_000;
  await next.recommender.look("stopped");
  assert.equal(await offersIn(next, "stopped"), 1);
});
