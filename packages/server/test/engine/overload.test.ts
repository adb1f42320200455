import assert from "node:assert/strict";
import { test } from "node:test";
import { instant } from "@cistern/kernel";
import { memoryStore } from "../../src/journal/index.ts";
import {
  accepted,
  balance,
  engineOn,
  execute,
  fundedWorkspace,
  openHold,
  rateCard,
} from "./fixtures.ts";
import { TestClock, settled } from "./test-clock.ts";
import { troubledStore } from "./troubled-store.ts";

const overloaded = { name: "EngineFault", code: "overloaded", isRetryable: true };

test("a full queue sheds what comes, and what it has is answered", async () => {
  const store = troubledStore(memoryStore());
  const engine = engineOn(store, { limits: { queuedMax: 3, batchRequestsMax: 1 } });
  const ws = await fundedWorkspace(engine, 100);
  store.hold();
  const inFlight = accepted(engine, ws, openHold(1));
  await settled();
  const staged = accepted(engine, ws, openHold(1));
  await settled();
  const queued = Array.from({ length: 3 }, () => accepted(engine, ws, openHold(1)));
  await assert.rejects(execute(engine, ws, openHold(1)), overloaded);
  store.release();
  await Promise.all([inFlight, staged, ...queued]);
  assert.deepEqual(await balance(engine, ws), { available: 95, held: 5, consumed: 0 });
  assert.equal(engine.stats().requestsShed, 1);
  await engine.stop();
});

test("a request that waits beyond its time is shed undecided", async () => {
  const clock = new TestClock();
  const store = troubledStore(memoryStore());
  const engine = engineOn(store, { clock, limits: { batchRequestsMax: 1 } });
  await engine.start();
  const ws = await fundedWorkspace(engine, 100);
  store.hold();
  const inFlight = accepted(engine, ws, openHold(1));
  await settled();
  const staged = accepted(engine, ws, openHold(1));
  await settled();
  const late = execute(engine, ws, openHold(1));
  const isLate = assert.rejects(late, overloaded);
  await settled();
  clock.advance(3_000);
  await isLate;
  store.release();
  await Promise.all([inFlight, staged]);
  assert.deepEqual(await balance(engine, ws), { available: 98, held: 2, consumed: 0 });
  await engine.stop();
});

test("a node that goes down answers what it has and takes no more", async () => {
  const store = troubledStore(memoryStore());
  const engine = engineOn(store);
  const ws = await fundedWorkspace(engine, 100);
  store.hold();
  const inFlight = accepted(engine, ws, openHold(1));
  await settled();
  const stopped = engine.stop();
  await assert.rejects(execute(engine, ws, openHold(1)), { code: "stopping" });
  await assert.rejects(engine.events(ws, { seq: 0, index: 0 }, 1), { code: "stopping" });
  store.release();
  await inFlight;
  await stopped;
});

test("a node far from the database's clock decides nothing until it is right again", async () => {
  const clock = new TestClock();
  let distanceMs = 0;
  const codes: string[] = [];
  const engine = engineOn(memoryStore(), {
    clock,
    clockDistanceMs: async () => distanceMs,
    log: ({ code }) => codes.push(code),
  });
  await engine.start();
  const ws = await fundedWorkspace(engine, 100);
  distanceMs = 501;
  clock.advance(5_000);
  await settled();
  await assert.rejects(execute(engine, ws, openHold(1)), { code: "unavailable" });
  await assert.rejects(
    engine.read(ws, () => 1),
    { code: "unavailable" },
  );
  distanceMs = 500;
  clock.advance(5_000);
  await settled();
  await accepted(engine, ws, openHold(1));
  assert.deepEqual(codes, ["clock_wrong", "clock_right"]);
  await engine.stop();
});

test("a node whose host says why it may not decide decides nothing until the host is silent", async () => {
  let fault: string | undefined;
  const engine = engineOn(memoryStore(), { fault: () => fault });
  const ws = await fundedWorkspace(engine, 100);
  fault = "The prices are not known.";
  const unavailable = { code: "unavailable", message: fault };
  await assert.rejects(execute(engine, ws, openHold(1)), unavailable);
  await assert.rejects(
    engine.read(ws, () => 1),
    unavailable,
  );
  fault = undefined;
  await accepted(engine, ws, openHold(1));
  await engine.stop();
});

test("each call is priced by the card of its own instant, and a hold settles by that of its opening", async () => {
  const clock = new TestClock();
  const changesAt = clock.now() + 1_000;
  const dear = { ...rateCard, id: "dear", rows: rateCard.rows.map((row) => ({ ...row, per: 1n })) };
  const engine = engineOn(memoryStore(), {
    clock,
    rateCard: (_workspaceId, at) => (at < changesAt ? rateCard : dear),
  });
  const ws = await fundedWorkspace(engine, 1_000);
  const amount = { kind: "usage", usage: { text: 1 } } as const;
  const usage = { meter: "chat", amount };
  const open = () => accepted(engine, ws, { ...openHold(1), ...usage });
  const before = await open();
  clock.advance(999);
  const justBefore = await open();
  clock.advance(1);
  const now = await open();
  const priced = [before, justBefore, now].map(
    ({ event }) => event.kind === "hold.opened" && [event.price?.card, event.credits],
  );
  assert.deepEqual(priced, [
    [rateCard.id, 1n],
    [rateCard.id, 1n],
    ["dear", 1_000_000n],
  ]);
  assert.ok(before.event.kind === "hold.opened");
  const end = await accepted(engine, ws, {
    kind: "settleHold",
    outcome: null,
    hold: before.event.hold,
    amount,
    isFinal: true,
    fingerprint: null,
    recalled: null,
  });
  assert.ok(end.event.kind === "hold.settled");
  assert.equal(end.event.charged, 1n);
  await engine.stop();
});

test("reads of the past wait for their turn, and only so many of them", async () => {
  const engine = engineOn(memoryStore(), { limits: { pastReadsMax: 1, readsWaitingMax: 1 } });
  const ws = await fundedWorkspace(engine, 100);
  const read = (): ReturnType<typeof engine.readAt> =>
    engine.readAt(ws, instant(Date.now()), () => "read");
  const answers = await Promise.allSettled([read(), read(), read()]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ["fulfilled", "fulfilled", "rejected"],
  );
  await assert.rejects(Promise.all([read(), read(), read()]), overloaded);
  await engine.stop();
});
