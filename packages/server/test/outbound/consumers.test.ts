/** Consumers get every event in order and at least once: several of them, on several nodes, whatever fails. On a real PostgreSQL. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { Outcome } from "../../src/outbound/index.ts";
import {
  JumpingClock,
  idsIn,
  nodeOn,
  outboundDatabase,
  recording,
  until,
} from "./outbound-node.ts";

const pool = await outboundDatabase();
let named = 0;
const name = (): string => `w${(named += 1)}`;

test("a consumer gets all events of workspaces from their beginning, in order, also of those that come later", async () => {
  const node = nodeOn(pool);
  const [old, young] = [name(), name()];
  await node.create(old);
  for (let n = 0; n < 5; n += 1) await node.event(old);
  const { consumer, got } = recording({ workspaces: [old, young], batchEventsMax: 2 });
  node.pump.put(consumer);
  node.pump.start();
  await until(() => got.idsOf(old).length >= 6);
  await node.create(young);
  await node.event(young);
  await node.event(old);
  await until(() => got.size >= 9);
  assert.deepEqual(got.idsOf(old), await idsIn(node, old));
  assert.deepEqual(got.idsOf(young), await idsIn(node, young));
  assert.ok(got.batches.every(({ events }) => events.length <= 2));
});

test("a failure holds up its workspace alone; the event comes again with the same id, and then all that waited", async () => {
  const node = nodeOn(pool);
  const [ill, well] = [name(), name()];
  for (const one of [ill, well]) await node.create(one);
  const tries: string[] = [];
  const attempts: number[] = [];
  let isIll = true;
  const { consumer, got } = recording({
    workspaces: [ill, well],
    batchEventsMax: 1,
    retryMs: (failures) => failures,
    answer({ workspaceId, events: [event], attempt }) {
      if (workspaceId === well || !isIll) return { kind: "delivered" };
      tries.push(event.id);
      attempts.push(attempt);
      return { kind: "failed", reason: "The other side is ill." };
    },
  });
  node.pump.put(consumer);
  node.pump.start();
  for (let n = 0; n < 5; n += 1) for (const one of [ill, well]) await node.event(one);
  await until(() => got.idsOf(well).length >= 6 && tries.length >= 3);
  assert.deepEqual(got.idsOf(well), await idsIn(node, well));
  assert.deepEqual(got.idsOf(ill), []);
  const all = await idsIn(node, ill);
  assert.deepEqual(new Set(tries), new Set(all.slice(0, 1)));
  assert.deepEqual(attempts.slice(0, 3), [1, 2, 3]);
  assert.deepEqual(new Set(node.log.map(({ code }) => code)), new Set(["outbound_failing"]));
  isIll = false;
  await until(() => got.idsOf(ill).length >= 6);
  assert.deepEqual(got.idsOf(ill), all);
});

test("a consumer that never answers delays no other one", async () => {
  const node = nodeOn(pool);
  const workspaces = Array.from({ length: 20 }, name);
  const never = new Promise<Outcome>(() => {});
  const dead = recording({
    workspaces,
    togetherMax: 2,
    deliverMsMax: 3_600_000,
    answer: () => never,
  });
  const healthy = recording({ workspaces });
  for (const { consumer } of [dead, healthy]) node.pump.put(consumer);
  node.pump.start();
  for (const one of workspaces) await node.create(one);
  await until(() => healthy.got.size >= 20);
  assert.equal(healthy.got.size, 20);
  assert.equal(dead.got.size, 0);
  // It never ends: the node does all the same, and gives up what is under way.
  await node.pump.remove(healthy.consumer.name);
});

test("while a consumer is away its workspaces do not knock one by one: one tries, and then all go on", async () => {
  const node = nodeOn(pool);
  const workspaces = Array.from({ length: 60 }, name);
  for (const one of workspaces) await node.create(one);
  let isAway = true;
  let isTold = false;
  let tries = 0;
  let pauses = 0;
  let together = 0;
  let togetherMost = 0;
  const { consumer, got } = recording({
    workspaces,
    togetherMax: 4,
    // The first pause is over when all that was under way has ended.
    retryMs: () => (pauses += 1),
    async answer() {
      tries += 1;
      together += 1;
      if (isTold) togetherMost = Math.max(togetherMost, together);
      await wait(1);
      together -= 1;
      isTold ||= together === 0 && tries >= 4;
      return isAway ? { kind: "away", reason: "Nobody is there." } : { kind: "delivered" };
    },
  });
  node.pump.put(consumer);
  node.pump.start();
  await until(() => pauses >= 12);
  const [tried, paused] = [tries, pauses];
  assert.ok(tried <= 4 + paused, `${tried} tries in ${paused} pauses`);
  assert.equal(togetherMost, 1, "one at a time");
  assert.deepEqual(
    node.log.map(({ code }) => code),
    ["outbound_failing"],
  );
  isAway = false;
  await until(() => got.size >= workspaces.length);
  assert.equal(got.size, workspaces.length);
  assert.ok(togetherMost > 1, "all go on");
  for (const one of workspaces) assert.deepEqual(got.idsOf(one), await idsIn(node, one));
});

test("a workspace that alone finds a consumer away holds up no other for long", async () => {
  const node = nodeOn(pool);
  const [lost, ...others] = Array.from({ length: 12 }, name);
  const { consumer, got } = recording({
    workspaces: [lost ?? "", ...others],
    togetherMax: 2,
    answer: ({ workspaceId }) =>
      workspaceId === lost ? { kind: "away", reason: "So it seems." } : { kind: "delivered" },
  });
  for (const one of [lost ?? "", ...others]) await node.create(one);
  node.pump.put(consumer);
  node.pump.start();
  await until(() => got.size >= others.length);
  assert.equal(got.size, others.length);
});

test("a delivery that takes too long has failed, and is tried again", async () => {
  const node = nodeOn(pool);
  const workspace = name();
  let tries = 0;
  const { consumer, got } = recording({
    workspaces: [workspace],
    deliverMsMax: 5,
    answer: ({ signal }) => {
      tries += 1;
      if (tries > 1) return { kind: "delivered" };
      return new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve({ kind: "failed", reason: "Cut off." }));
      });
    },
  });
  node.pump.put(consumer);
  node.pump.start();
  await node.create(workspace);
  await until(() => got.size >= 1);
  assert.deepEqual(got.idsOf(workspace), await idsIn(node, workspace));
});

test("two nodes deliver each event once and in order, whichever of them appended it", async () => {
  const [one, two] = [nodeOn(pool, { sweepMs: 20 }), nodeOn(pool, { sweepMs: 20 })];
  const workspaces = Array.from({ length: 4 }, name);
  const { consumer, got } = recording({ workspaces, batchEventsMax: 3 });
  for (const node of [one, two]) {
    node.pump.put(consumer);
    node.pump.start();
  }
  for (const workspace of workspaces) await one.create(workspace);
  for (let n = 0; n < 10; n += 1)
    for (const [i, workspace] of workspaces.entries())
      await (n % 2 === i % 2 ? one : two).event(workspace);
  await until(() => got.size >= 44);
  for (const workspace of workspaces)
    assert.deepEqual(got.idsOf(workspace), await idsIn(one, workspace));
  const counted = [one, two].flatMap(({ pump }) => pump.stats().map(({ events }) => events));
  assert.equal(
    counted.reduce((sum, events) => sum + events, 0),
    44,
  );
});

test("a pause after a failure holds on every node, whichever of them appends meanwhile", async () => {
  const [one, two] = [nodeOn(pool), nodeOn(pool)];
  const [paused, witness] = [name(), name()];
  let tries = 0;
  const { consumer, got } = recording({
    workspaces: [paused, witness],
    retryMs: () => 3_600_000,
    answer({ workspaceId }) {
      if (workspaceId === witness) return { kind: "delivered" };
      tries += 1;
      return { kind: "failed", reason: "Ill." };
    },
  });
  two.pump.put({ ...consumer, togetherMax: 1 });
  two.pump.start();
  await two.create(witness);
  await until(() => got.size >= 1);
  one.pump.put(consumer);
  one.pump.start();
  await one.create(paused);
  await until(() => one.pump.stats()[0]?.failures === 1);
  await two.event(paused);
  await two.event(witness);
  await until(() => got.size >= 2);
  assert.equal(got.size, 2);
  assert.equal(tries, 1);
});

test("what a node had begun when it died is delivered by another once its claim has run out", async () => {
  const clock = new JumpingClock();
  const dying = nodeOn(pool);
  const heir = nodeOn(pool, { sweepMs: 10, clock });
  const workspace = name();
  await dying.create(workspace);
  for (let n = 0; n < 3; n += 1) await dying.event(workspace);
  const consumerName = `heir-of-${workspace}`;
  const begun: string[] = [];
  const dead = recording({
    name: consumerName,
    workspaces: [workspace],
    batchEventsMax: 1,
    answer({ events: [event] }) {
      begun.push(event.id);
      return begun.length < 3 ? { kind: "delivered" } : new Promise(() => {});
    },
  });
  dying.pump.put(dead.consumer);
  dying.pump.start();
  await until(() => begun.length >= 3);
  const next = recording({ name: consumerName, workspaces: [workspace], batchEventsMax: 1 });
  heir.pump.put(next.consumer);
  heir.pump.start();
  await until(() => heir.pump.stats()[0]?.workspacesBehind === 1);
  assert.deepEqual(next.got.idsOf(workspace), [], "the claim stands");
  clock.aheadMs = 60_000;
  await until(() => next.got.size >= 2);
  const all = await idsIn(heir, workspace);
  assert.deepEqual([...dead.got.idsOf(workspace), ...next.got.idsOf(workspace)], all);
});

test("a consumer that begins at an instant passes over what was before, and a replay brings it from an instant again", async () => {
  const node = nodeOn(pool);
  const [busy, idle] = [name(), name()];
  await node.create(busy);
  await node.create(idle);
  await node.event(busy);
  const created = Date.now();
  await until(() => Date.now() > created);
  const sinceMs = Date.now();
  const { consumer, got } = recording({ workspaces: [busy, idle], sinceMs });
  node.pump.put(consumer);
  node.pump.start();
  await node.event(busy);
  await node.event(busy);
  await until(() => got.size >= 2);
  const all = await idsIn(node, busy);
  assert.deepEqual(got.idsOf(busy), all.slice(2));
  assert.deepEqual(got.idsOf(idle), []);
  await node.rows.replay(consumer.name, 0);
  node.pump.wake(consumer.name);
  await until(() => got.size >= 6);
  assert.deepEqual(got.idsOf(busy), [...all.slice(2), ...all]);
});

for (const had of [0, 1])
  test(`a replay never skips what was not delivered yet: of a consumer that had ${had} events`, async () => {
    const node = nodeOn(pool);
    const workspace = name();
    let isIll = had === 0;
    const { consumer, got } = recording({
      workspaces: [workspace],
      batchEventsMax: 1,
      retryMs: () => 3_600_000,
      answer: () => (isIll ? { kind: "failed", reason: "Ill." } : { kind: "delivered" }),
    });
    node.pump.put(consumer);
    node.pump.start();
    await node.create(workspace);
    await until(() => got.size >= had);
    isIll = true;
    await node.event(workspace);
    await until(() => node.pump.stats()[0]?.failures === 1);
    const failed = Date.now();
    await until(() => Date.now() > failed);
    await node.event(workspace);
    isIll = false;
    await node.rows.replay(consumer.name, failed + 1);
    node.pump.wake(consumer.name);
    await until(() => got.size >= 3);
    assert.deepEqual(got.idsOf(workspace), await idsIn(node, workspace));
  });

test("events that a consumer does not want are passed over, and do not come again", async () => {
  const node = nodeOn(pool);
  const workspace = name();
  const { consumer, got } = recording({
    workspaces: [workspace],
    batchEventsMax: 1,
    wants: ({ type }) => type === "workspace.created",
  });
  node.pump.put(consumer);
  node.pump.start();
  await node.create(workspace);
  for (let n = 0; n < 3; n += 1) await node.event(workspace);
  const isBehind = async () => {
    const asked = { consumer: consumer.name, sinceMs: 0, workspaces: [workspace] };
    return (await node.rows.behind({ ...asked, after: "", limit: 1 })).length > 0;
  };
  await until(async () => got.size > 0 && !(await isBehind()));
  assert.equal(await isBehind(), false);
  assert.deepEqual(got.idsOf(workspace), (await idsIn(node, workspace)).slice(0, 1));
});

for (const shown of ["the journal is shorter than the place", "other rows have taken the numbers"])
  test(`after a failover that lost rows delivery goes on from the newest common row: ${shown}`, async () => {
    const first = nodeOn(pool);
    const workspace = name();
    await first.create(workspace);
    for (let n = 0; n < 5; n += 1) await first.event(workspace);
    const { consumer, got } = recording({ workspaces: [workspace], batchEventsMax: 1 });
    first.pump.put(consumer);
    first.pump.start();
    await until(() => got.size >= 6);
    await first.pump.stop();
    await loseRowsAfter(workspace, 4);
    const second = nodeOn(pool, { sweepMs: 20 });
    const isLonger = shown === "other rows have taken the numbers";
    if (isLonger) for (let n = 0; n < 2; n += 1) await second.event(workspace);
    second.pump.put(consumer);
    second.pump.start();
    await until(() => second.log.length > 0);
    if (!isLonger) for (let n = 0; n < 2; n += 1) await second.event(workspace);
    await until(() => got.size >= 8);
    const now = await idsIn(second, workspace);
    assert.equal(now.length, 6);
    assert.deepEqual(got.idsOf(workspace).slice(6), now.slice(4));
    assert.equal(new Set(got.idsOf(workspace)).size, 8, "ids of other rows are other ids");
    const lost = second.log.filter(({ code }) => code === "outbound_place_lost");
    assert.equal(lost.length, 1);
    assert.match(lost[0]?.message ?? "", /no longer holds row 6 .*goes on after row 4/);
  });

/** As an asynchronous replica that took over has it. */
async function loseRowsAfter(workspace: string, seq: number): Promise<void> {
  await pool.query("DELETE FROM journal WHERE workspace_id = $1 AND seq > $2", [workspace, seq]);
  await pool.query(
    "UPDATE heads SET seq = j.seq, hash = j.hash, prev_hash = j.prev_hash FROM journal j WHERE heads.workspace_id = $1 AND j.workspace_id = $1 AND j.seq = $2",
    [workspace, seq],
  );
  await pool.query("DELETE FROM snapshots WHERE workspace_id = $1 AND seq > $2", [workspace, seq]);
  await pool.query("DELETE FROM ops WHERE workspace_id = $1 AND seq > $2", [workspace, seq]);
}

test("a node that ends gives up what is under way after a moment, and another takes it over at once", async () => {
  const ending = nodeOn(pool);
  const workspace = name();
  const consumerName = `after-${workspace}`;
  let begun = 0;
  const first = recording({
    name: consumerName,
    workspaces: [workspace],
    answer({ signal }) {
      begun += 1;
      return new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve({ kind: "failed", reason: "Cut off." }));
      });
    },
  });
  ending.pump.put(first.consumer);
  ending.pump.start();
  await ending.create(workspace);
  await until(() => begun === 1);
  await ending.pump.stop();
  const next = nodeOn(pool);
  const second = recording({ name: consumerName, workspaces: [workspace] });
  next.pump.put(second.consumer);
  next.pump.start();
  await until(() => second.got.size >= 1);
  assert.deepEqual(second.got.idsOf(workspace), await idsIn(next, workspace));
  assert.equal(second.got.batches[0]?.attempt, 1, "giving up was no failure");
});
