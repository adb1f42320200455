import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../../src/journal/index.ts";
import { type Engine, EngineFault } from "../../src/engine/index.ts";
import {
  accepted,
  balance,
  engineOn,
  execute,
  fundedWorkspace,
  openHold,
  settleHold,
} from "./fixtures.ts";
import { settled } from "./test-clock.ts";
import { type Trouble, troubledStore } from "./troubled-store.ts";

const many = 20;
/** Two batches of holds of 1 credit, the second sent while the first is on its way. */
async function twoOnTheirWay(options: {
  troubles?: readonly Trouble[];
  storeRetryMsMax?: number;
  meanwhile?: (other: Engine, ws: string) => Promise<unknown>;
}) {
  const journal = memoryStore();
  const store = troubledStore(journal);
  const { storeRetryMsMax } = options;
  const engine = engineOn(
    store,
    storeRetryMsMax === undefined ? {} : { limits: { storeRetryMsMax } },
  );
  const other = engineOn(journal);
  const ws = await fundedWorkspace(engine, 1_000);
  store.troubles.push(...(options.troubles ?? []));
  store.hold();
  const before = store.sent.length;
  const first = Array.from({ length: many }, () => execute(engine, ws, openHold(1)));
  await settled();
  const second = Array.from({ length: many }, () => execute(engine, ws, openHold(1)));
  await settled();
  const sent = store.sent.slice(before).map(([append]) => append);
  await options.meanwhile?.(other, ws);
  store.release();
  const outcomes = {
    first: await Promise.allSettled(first),
    second: await Promise.allSettled(second),
  };
  const stop = () => Promise.all([engine.stop(), other.stop()]);
  return { engine, ws, sent, outcomes, stop };
}

const places = (outcomes: readonly PromiseSettledResult<unknown>[]): string[] =>
  outcomes.map((one) => {
    assert.ok(one.status === "fulfilled", "every request was answered");
    const { kind, position } = Object(one.value);
    assert.equal(kind, "accepted");
    return `${position.seq}.${position.index}`;
  });

/** Two batches' worth of holds, the second asked for while the first is under way. */
async function askTwoBatches(engine: Engine, workspaceId: string): Promise<Promise<unknown>[]> {
  const asked: Promise<unknown>[] = [];
  for (let batch = 0; batch < 2; batch += 1) {
    for (let index = 0; index < many; index += 1)
      asked.push(execute(engine, workspaceId, openHold(1)));
    await settled();
  }
  return asked;
}

test("what came too early is sent again as it was, and not decided afresh", async () => {
  const store = troubledStore(memoryStore());
  const engine = engineOn(store);
  const ws = await fundedWorkspace(engine, 1_000);
  store.troubles.push("lost");
  store.hold();
  const before = store.sent.length;
  const asked = await askTwoBatches(engine, ws);
  store.release();
  places(await Promise.allSettled(asked));
  const names = store.sent.slice(before).map(([append]) => append?.row.batchId);
  assert.equal(names.length, 4);
  assert.deepEqual([names[2], names[3]], [names[0], names[1]]);
  await engine.stop();
});

test("a large batch leaves before the one ahead of it is answered, and stands behind it in the journal", async () => {
  const { engine, ws, sent, outcomes, stop } = await twoOnTheirWay({});
  const [first, second] = sent;
  assert.equal(sent.length, 2);
  assert.deepEqual(second?.expected, { seq: first?.row.seq, hash: first?.row.hash });
  const expected = Array.from({ length: many }, (_, index) => `3.${index}`);
  assert.deepEqual(places(outcomes.first), expected);
  assert.deepEqual(
    places(outcomes.second),
    expected.map((place) => place.replace("3.", "4.")),
  );
  assert.deepEqual(await balance(engine, ws), { available: 960, held: 40, consumed: 0 });
  await stop();
});

test("a small batch waits for the one ahead of it", async () => {
  const store = troubledStore(memoryStore());
  const engine = engineOn(store);
  const ws = await fundedWorkspace(engine, 100);
  store.hold();
  const before = store.sent.length;
  const holds = [execute(engine, ws, openHold(1))];
  await settled();
  for (let index = 0; index < 5; index += 1) holds.push(execute(engine, ws, openHold(1)));
  await settled();
  assert.equal(store.sent.length, before + 1);
  store.release();
  await Promise.all(holds);
  assert.equal(store.sent.length, before + 2);
  await engine.stop();
});

test("a lost race takes both back, and every request is decided again, once", async () => {
  const { engine, ws, outcomes, stop } = await twoOnTheirWay({
    meanwhile: (other, id) => accepted(other, id, openHold(5)),
  });
  const all = places([...outcomes.first, ...outcomes.second]);
  assert.equal(new Set(all).size, 2 * many);
  assert.deepEqual(await balance(engine, ws), { available: 955, held: 45, consumed: 0 });
  await stop();
});

test("what was staged behind two on their way is taken back whole when it loses a race of its own", async () => {
  const journal = memoryStore();
  const other = engineOn(journal);
  let ws = "";
  let races = Number.NaN;
  const store = troubledStore({
    ...journal,
    async append(appends) {
      races -= 1;
      if (races === 0) await accepted(other, ws, openHold(5));
      return journal.append(appends);
    },
  });
  const engine = engineOn(store);
  ws = await fundedWorkspace(engine, 1_000);
  store.hold();
  const asked: Promise<unknown>[] = [];
  for (let batch = 0; batch < 3; batch += 1) {
    for (let index = 0; index < many; index += 1) asked.push(execute(engine, ws, openHold(1)));
    await settled();
  }
  races = 3;
  store.release();
  assert.equal(new Set(places(await Promise.allSettled(asked))).size, 3 * many);
  assert.deepEqual(await balance(engine, ws), { available: 935, held: 65, consumed: 0 });
  await Promise.all([engine.stop(), other.stop()]);
});

for (const troubles of [
  ["deaf"],
  ["lost"],
  ["refused"],
  ["through", "deaf"],
  ["through", "lost"],
  ["deaf", "deaf"],
  ["lost", "lost"],
  ["lost", "through", "deaf"],
] as const)
  test(`with two on their way nothing is lost or doubled: ${troubles.join(", ")}`, async () => {
    const { engine, ws, outcomes, stop } = await twoOnTheirWay({ troubles });
    const all = places([...outcomes.first, ...outcomes.second]);
    assert.equal(new Set(all).size, 2 * many);
    assert.deepEqual(await balance(engine, ws), { available: 960, held: 40, consumed: 0 });
    await stop();
  });

test("where the store gives the first up, the second is decided again without it", async () => {
  const { engine, ws, outcomes, stop } = await twoOnTheirWay({
    troubles: ["refused"],
    storeRetryMsMax: 0,
  });
  for (const one of outcomes.first) {
    assert.ok(one.status === "rejected" && one.reason instanceof EngineFault);
    assert.equal(one.reason.code, "unavailable");
  }
  assert.equal(new Set(places(outcomes.second)).size, many);
  assert.deepEqual(await balance(engine, ws), { available: 980, held: 20, consumed: 0 });
  await stop();
});

test("a settle ahead of the answer to its hold finds it", async () => {
  const store = troubledStore(memoryStore());
  const engine = engineOn(store);
  const ws = await fundedWorkspace(engine, 1_000);
  store.hold();
  const holds = Array.from({ length: many }, () => openHold(1));
  const opened = holds.map((hold) => execute(engine, ws, hold));
  await settled();
  const closed = holds.map((hold) => execute(engine, ws, settleHold(hold.hold, 1), { key: null }));
  await settled();
  store.release();
  places(await Promise.allSettled([...opened, ...closed]));
  assert.deepEqual(await balance(engine, ws), { available: 980, held: 0, consumed: 20 });
  await engine.stop();
});

test("after a lost race appends go one by one, until many have come through", async () => {
  const journal = memoryStore();
  const store = troubledStore(journal);
  const [engine, other] = [engineOn(store), engineOn(journal)];
  const ws = await fundedWorkspace(engine, 10_000);
  /** How many appends leave when two batches' worth of requests comes while none is answered. */
  const inTheAir = async (): Promise<number> => {
    store.hold();
    const before = store.sent.length;
    const asked = await askTwoBatches(engine, ws);
    const left = store.sent.length - before;
    store.release();
    await Promise.all(asked);
    return left;
  };
  assert.equal(await inTheAir(), 2);
  await accepted(other, ws, openHold(5));
  await accepted(engine, ws, openHold(1));
  assert.equal(await inTheAir(), 1);
  for (let append = 0; append < 64; append += 1) await accepted(engine, ws, openHold(1));
  assert.equal(await inTheAir(), 2);
  await Promise.all([engine.stop(), other.stop()]);
});
