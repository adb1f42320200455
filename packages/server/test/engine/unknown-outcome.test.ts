import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../../src/journal/index.ts";
import {
  accepted,
  balance,
  engineOn,
  execute,
  fundedWorkspace,
  newId,
  openHold,
} from "./fixtures.ts";
import { settled } from "./test-clock.ts";
import { troubledStore } from "./troubled-store.ts";

test("an append whose answer was lost is found again by its batch, and happens once", async () => {
  const store = troubledStore(memoryStore());
  const engine = engineOn(store);
  const ws = await fundedWorkspace(engine, 100);
  store.troubles.push("deaf");
  const hold = await accepted(engine, ws, openHold(60));
  assert.deepEqual(hold.position, { seq: 3, index: 0 });
  const stats = engine.stats();
  assert.equal(stats.unknownOutcomesFound, 1);
  assert.deepEqual(await balance(engine, ws), { available: 40, held: 60, consumed: 0 });
  const [, , first, again] = store.sent.map(([append]) => append?.row.batchId);
  assert.equal(first, again, "the same append is sent again");
  await engine.stop();
});

test("an append that was lost on its way is sent again", async () => {
  const store = troubledStore(memoryStore());
  const engine = engineOn(store);
  const ws = await fundedWorkspace(engine, 100);
  store.troubles.push("lost", "refused", "lost");
  const hold = await accepted(engine, ws, openHold(60));
  assert.deepEqual(hold.position, { seq: 3, index: 0 });
  assert.deepEqual(await balance(engine, ws), { available: 40, held: 60, consumed: 0 });
  await engine.stop();
});

test("another node's row in the place of an unknown append is not taken for ours", async () => {
  const journal = memoryStore();
  const store = troubledStore(journal);
  const engine = engineOn(store);
  const other = engineOn(journal);
  const ws = await fundedWorkspace(engine, 100);
  await balance(other, ws);
  store.troubles.push("lost");
  store.hold();
  const answer = execute(engine, ws, openHold(60));
  await settled();
  await accepted(other, ws, openHold(60));
  store.release();
  const refused = await answer;
  assert.ok(refused.kind === "rejected" && refused.rejection.code === "credits_held");
  assert.deepEqual(await balance(engine, ws), { available: 40, held: 60, consumed: 0 });
  await Promise.all([engine.stop(), other.stop()]);
});

test("a refusal that rode on an append of unknown outcome gives way to its key's answer", async () => {
  const journal = memoryStore();
  const store = troubledStore(journal);
  const key = newId("key");
  const first = engineOn(journal);
  const ws = await fundedWorkspace(first, 100);
  const held = await accepted(first, ws, openHold(60), { key });
  const engine = engineOn(store);
  await balance(engine, ws);
  store.troubles.push("deaf");
  const [small, retry] = await Promise.all([
    accepted(engine, ws, openHold(1)),
    accepted(engine, ws, openHold(60), { key }),
  ]);
  assert.equal(small.isReplayed, false);
  assert.deepEqual({ ...retry, isReplayed: false }, held);
  await Promise.all([engine.stop(), first.stop()]);
});

test("a store that stays silent is told as an unknown outcome; the retry finds what happened", async () => {
  const store = troubledStore(memoryStore());
  const engine = engineOn(store, { limits: { storeRetryMsMax: 0 } });
  const ws = await fundedWorkspace(engine, 100);
  const key = newId("key");
  store.troubles.push("deaf");
  await assert.rejects(execute(engine, ws, openHold(60), { key }), {
    name: "EngineFault",
    code: "outcome_unknown",
    isRetryable: true,
  });
  const retry = await accepted(engine, ws, openHold(60), { key });
  assert.ok(retry.isReplayed);
  assert.deepEqual(await balance(engine, ws), { available: 40, held: 60, consumed: 0 });
  await engine.stop();
});

test("a store that refuses is told as unavailable, and nothing happened", async () => {
  const store = troubledStore(memoryStore());
  const engine = engineOn(store, { limits: { storeRetryMsMax: 0 } });
  const ws = await fundedWorkspace(engine, 100);
  store.troubles.push("refused");
  await assert.rejects(execute(engine, ws, openHold(60)), { code: "unavailable" });
  assert.deepEqual(await balance(engine, ws), { available: 100, held: 0, consumed: 0 });
  await engine.stop();
});

test("after a fault of a shared statement each workspace goes alone, and each happens once", async () => {
  for (const trouble of ["refused", "lost", "deaf"] as const) {
    const store = troubledStore(memoryStore());
    const engine = engineOn(store);
    const workspaces = await Promise.all(
      Array.from({ length: 20 }, () => fundedWorkspace(engine, 100)),
    );
    const before = store.sent.length;
    store.troubles.push(trouble);
    await Promise.all(workspaces.map((ws) => accepted(engine, ws, openHold(60))));
    const calls = store.sent.slice(before).map((appends) => appends.length);
    assert.equal(calls[0], 20);
    assert.deepEqual(calls.slice(1), Array(20).fill(1));
    for (const ws of workspaces)
      assert.deepEqual(await balance(engine, ws), { available: 40, held: 60, consumed: 0 });
    await engine.stop();
  }
});
