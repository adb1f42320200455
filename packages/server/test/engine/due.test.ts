import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "@cistern/kernel";
import { codecVersion, decodeEvents, memoryStore } from "../../src/journal/index.ts";
import {
  accepted,
  balance,
  engineOn,
  execute,
  fundedWorkspace,
  grant,
  openHold,
} from "./fixtures.ts";
import { TestClock, settled } from "./test-clock.ts";
import { troubledStore } from "./troubled-store.ts";

test("a read that finds a hold run out appends that first", async () => {
  const clock = new TestClock();
  const store = memoryStore();
  const engine = engineOn(store, { clock });
  const ws = await fundedWorkspace(engine, 100);
  await accepted(engine, ws, openHold(60, { ttlMs: 60_000 }));
  clock.advance(59_999);
  assert.deepEqual(await balance(engine, ws), { available: 40, held: 60, consumed: 0 });
  clock.advance(1);
  assert.deepEqual(await balance(engine, ws), { available: 100, held: 0, consumed: 0 });
  const [row] = await store.readRows(ws, 3, 10);
  assert.match(row?.events ?? "", /hold\.expired/);
  await engine.stop();
});

test("a hold that is refused for credits in flight fits once they have run out", async () => {
  const clock = new TestClock();
  const engine = engineOn(memoryStore(), { clock });
  const ws = await fundedWorkspace(engine, 100);
  await accepted(engine, ws, openHold(60, { ttlMs: 60_000 }));
  assert.equal((await execute(engine, ws, openHold(60))).kind, "rejected");
  clock.advance(60_000);
  await accepted(engine, ws, openHold(60));
  await engine.stop();
});

test("an idle workspace is woken when something is due", async () => {
  const clock = new TestClock();
  const store = memoryStore();
  const engine = engineOn(store, { clock });
  await engine.start();
  const ws = await fundedWorkspace(engine, 100);
  await accepted(engine, ws, openHold(60, { ttlMs: 60_000 }));
  clock.advance(60_100);
  await settled();
  const [row] = await store.readRows(ws, 3, 10);
  assert.match(row?.events ?? "", /hold\.expired/);
  await engine.stop();
});

test("many that are due at once take several bounded appends, and commands wait for all of them", async () => {
  const clock = new TestClock();
  const store = troubledStore(memoryStore());
  const engine = engineOn(store, { clock, limits: { batchDueMax: 2 } });
  const ws = await fundedWorkspace(engine, 10_000);
  await Promise.all(
    Array.from({ length: 3_000 }, () => accepted(engine, ws, openHold(1, { ttlMs: 60_000 }))),
  );
  clock.advance(60_000);
  const before = store.sent.length;
  const hold = await accepted(engine, ws, openHold(10_000));
  const rows = store.sent
    .slice(before)
    .map(([append]) => decodeEvents<Event>(append?.row.events ?? "[]", codecVersion));
  const expiries = rows.map((events) => events.filter((one) => one.kind === "hold.expired").length);
  assert.equal(
    expiries.reduce((sum, some) => sum + some, 0),
    6,
    "512 holds in one event",
  );
  assert.ok(expiries.every((some) => some <= 2));
  assert.equal(
    rows.findIndex((events) => events.some((one) => one.kind === hold.event.kind)),
    rows.length - 1,
  );
  await engine.stop();
});

test("a clock that steps back never makes time run backwards", async () => {
  const clock = new TestClock();
  const engine = engineOn(memoryStore(), { clock });
  const ws = await fundedWorkspace(engine, 100);
  const first = await accepted(engine, ws, openHold(1));
  clock.advance(-10_000);
  const second = await accepted(engine, ws, openHold(1));
  assert.equal(second.event.at, first.event.at);
  await engine.stop();
});

test("the past is read as it was, with what was due by then though nobody had looked", async () => {
  const clock = new TestClock();
  const engine = engineOn(memoryStore(), { clock });
  const start = clock.now();
  const ws = await fundedWorkspace(engine, 100);
  clock.advance(1_000);
  await accepted(engine, ws, openHold(60, { ttlMs: 60_000 }));
  clock.advance(100_000);
  const seen = async (at: number): Promise<readonly number[] | string> => {
    const { instant, poolBalance } = await import("@cistern/kernel");
    const answer = await engine.readAt(ws, instant(at), (state) => poolBalance(state).balance);
    if (answer.kind !== "read") return answer.kind;
    const { available, held } = answer.value;
    return [Number(available / 1_000_000n), Number(held / 1_000_000n), answer.at.seq];
  };
  assert.equal(await seen(start - 1), "unknown_workspace");
  assert.deepEqual(await seen(start), [100, 0, 2]);
  assert.deepEqual(await seen(start + 1_000), [40, 60, 3]);
  assert.deepEqual(await seen(start + 60_999), [40, 60, 3]);
  assert.deepEqual(await seen(start + 61_000), [100, 0, 3]);
  await accepted(engine, ws, grant(5));
  assert.deepEqual(await seen(start + 60_999), [40, 60, 3]);
  assert.deepEqual(await seen(start + 61_000), [100, 0, 4], "by then an event says so");
  assert.deepEqual(await seen(start + 101_000), [105, 0, 4]);
  assert.deepEqual(await seen(start + 9e9), [105, 0, 4], "the future counts as now");
  await engine.stop();
});
