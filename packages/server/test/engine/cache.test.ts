import assert from "node:assert/strict";
import { test } from "node:test";
import { type JournalStore, memoryStore, StoreFault } from "../../src/journal/index.ts";
import { type Engine, kernelRules, stateHash } from "../../src/engine/index.ts";
import { decodeEvents } from "../../src/journal/index.ts";
import type { Event } from "@cistern/kernel";
import { thing, things } from "../../../kernel/test/outcomes/life.ts";
import { createWorkspace } from "../../../kernel/test/scenario/commands.ts";
import { start } from "../../../kernel/test/subscriptions/life.ts";
import {
  accepted,
  balance,
  engineOn,
  execute,
  fundedWorkspace,
  newId,
  openHold,
  releaseHold,
  settleHold,
  whole,
} from "./fixtures.ts";
import { TestClock, settled } from "./test-clock.ts";
import { troubledStore } from "./troubled-store.ts";

/** A life with settles, releases and members. */
async function live(engine: Engine, ws: string, holds: number): Promise<void> {
  await Promise.all(
    Array.from({ length: holds }, async (_, index) => {
      const hold = openHold(2, { member: `m${index % 7}` });
      await accepted(engine, ws, hold);
      if (index % 3 === 0) await accepted(engine, ws, settleHold(hold.hold, 1), { key: null });
      if (index % 3 === 1) await accepted(engine, ws, releaseHold(hold.hold), { key: null });
    }),
  );
}

async function hashOf(engine: Engine, ws: string): Promise<string> {
  const answer = await engine.read(ws, stateHash);
  assert.ok(answer.kind === "read");
  return answer.value;
}

/** K6: the kernel alone, over every event of the journal. */
async function replayedHash(store: JournalStore, ws: string): Promise<string> {
  const state = kernelRules.emptyState();
  for (const row of await store.readRows(ws, 0, 100_000))
    for (const [index, event] of decodeEvents<Event>(row.events, row.codec).entries())
      kernelRules.apply(state, event, { seq: row.seq, index });
  return stateHash(state);
}

test("K6 a restart from snapshot and tail gives the state that replay gives", async () => {
  const store = memoryStore();
  const limits = { snapshotEventsMin: 100, snapshotEventsPerRow: 0.5 };
  const engine = engineOn(store, { limits });
  const ws = await fundedWorkspace(engine, 10_000);
  for (let round = 0; round < 6; round += 1) {
    await live(engine, ws, 400);
    await settled(100);
  }
  assert.ok(engine.stats().snapshotsWritten >= 2);
  const before = await hashOf(engine, ws);
  await engine.stop();
  assert.equal(before, await replayedHash(store, ws));
  const again = engineOn(store, { limits });
  assert.equal(await hashOf(again, ws), before);
  const [newest] = await store.readManifests(ws);
  assert.ok(newest);
  const pages = Object.values(newest.pages);
  assert.ok(
    pages.length > 4 && pages.some((page) => page.seq < newest.head.seq),
    "only changed pages are written",
  );
  await live(again, ws, 300);
  assert.equal(await hashOf(again, ws), await replayedHash(store, ws));
  await again.stop();
});

test("outcomes that count toward a minimum are there after a restart: what is charged is what replay charges", async () => {
  const store = memoryStore();
  const clock = new TestClock();
  const limits = { snapshotEventsMin: 1, snapshotEventsPerRow: 0 };
  const engine = engineOn(store, { clock, limits });
  const ws = newId("ws");
  await accepted(engine, ws, createWorkspace({ id: ws, currency: "USD" }));
  const minimum = { minimums: [10_000n], trueUp: "period" } as const;
  await accepted(engine, ws, start({ outcomes: [things("document")], minimum }));
  const { position } = await accepted(engine, ws, thing("out_a", 600n));
  await settled();
  // One is written once the next batch is durable.
  await accepted(engine, ws, openHold(0));
  await settled();
  const [newest] = await store.readManifests(ws);
  assert.ok(newest !== undefined && newest.head.seq >= position.seq, "a snapshot has it");
  clock.advance(32 * 24 * 60 * 60 * 1_000);
  const again = engineOn(store, { clock, limits });
  assert.equal(await hashOf(again, ws), await replayedHash(store, ws));
  const rows = await store.readRows(ws, 0, 100);
  const events = rows.flatMap((row) => decodeEvents<Event>(row.events, row.codec));
  const closed = events.find(({ kind }) => kind === "commitment.trued_up");
  assert.ok(closed?.kind === "commitment.trued_up");
  assert.deepEqual(
    closed.committed.periods.map(({ usage, shortfall }) => [usage, shortfall]),
    [[6_000n, 4_000n]],
  );
});

test("a snapshot with a bad or missing page is passed over, down to the whole journal", async () => {
  const store = memoryStore();
  const limits = { snapshotEventsMin: 100, snapshotEventsPerRow: 0.5 };
  const engine = engineOn(store, { limits });
  const ws = await fundedWorkspace(engine, 10_000);
  for (let round = 0; round < 6; round += 1) await live(engine, ws, 400);
  await engine.stop();
  const expected = await replayedHash(store, ws);
  const [newest, older] = await store.readManifests(ws);
  assert.ok(newest && older);
  const spoilt = (bad: (seq: number) => boolean, how: "changed" | "gone"): JournalStore => ({
    ...store,
    async readPages(manifest) {
      const pages = await store.readPages(manifest);
      if (!bad(manifest.head.seq)) return pages;
      return how === "gone"
        ? pages.slice(1)
        : pages.map((page) => ({ ...page, body: page.body.replace("1", "2") }));
    },
  });
  for (const how of ["changed", "gone"] as const)
    for (const [bad, badCount] of [
      [(seq: number) => seq === newest.head.seq, 1],
      [() => true, 2],
    ] as const) {
      const codes: string[] = [];
      const again = engineOn(spoilt(bad, how), { log: ({ code }) => codes.push(code) });
      assert.equal(await hashOf(again, ws), expected);
      assert.deepEqual(codes, Array(badCount).fill("snapshot_bad"));
      assert.equal(again.stats().snapshotsBad, badCount);
      await again.stop();
    }
});

test("under a cache for 4 workspaces 60 are served, and each keeps its books", async () => {
  const store = memoryStore();
  const engine = engineOn(store, { limits: { workspacesCachedMax: 4 } });
  const workspaces = await Promise.all(
    Array.from({ length: 60 }, () => fundedWorkspace(engine, 1_000)),
  );
  for (let round = 0; round < 3; round += 1)
    for (let from = 0; from < 60; from += 6)
      await Promise.all(workspaces.slice(from, from + 6).map((ws) => live(engine, ws, 30)));
  for (const ws of workspaces) {
    const { consumed, available, held } = await balance(engine, ws);
    assert.deepEqual([consumed, available + held], [30, 970]);
    assert.equal(await hashOf(engine, ws), await replayedHash(store, ws));
  }
  const stats = engine.stats();
  assert.ok(stats.evictions > 100 && stats.workspacesCached <= 4);
  assert.equal(stats.fences, 0);
  await engine.stop();
});

test("a workspace with an append in flight stays in memory, however many others come", async () => {
  const store = troubledStore(memoryStore());
  const engine = engineOn(store, { limits: { workspacesCachedMax: 2 } });
  const [ws, ...others] = await Promise.all(
    Array.from({ length: 8 }, () => fundedWorkspace(engine, 100)),
  );
  assert.ok(ws);
  await balance(engine, ws);
  store.hold();
  const inFlight = accepted(engine, ws, openHold(10));
  await settled();
  for (const other of [...others, ...others]) await balance(engine, other);
  const staged = accepted(engine, ws, openHold(10));
  await settled();
  store.release();
  await Promise.all([inFlight, staged]);
  assert.deepEqual(await balance(engine, ws), { available: 80, held: 20, consumed: 0 });
  assert.equal(engine.stats().fences, 0, "A1 it did not race with itself");
  await engine.stop();
});

test("the rows in memory are bounded too", async () => {
  const engine = engineOn(memoryStore(), { limits: { rowsCachedMax: 500 } });
  for (let count = 0; count < 20; count += 1)
    await live(engine, await fundedWorkspace(engine, 1_000), 60);
  const { rowsCached, workspacesCached } = engine.stats();
  assert.ok(rowsCached <= 500 && workspacesCached < 8, `${rowsCached} rows`);
  await engine.stop();
});

test("RULES 25: a hold that left memory is read from the journal again", async () => {
  const clock = new TestClock();
  const day = 24 * 60 * 60 * 1_000;
  const store = memoryStore();
  const engine = engineOn(store, { clock });
  const ws = await fundedWorkspace(engine, 1_000);
  const [settles, releases, expires, expiresToo] = [
    openHold(10),
    openHold(10),
    openHold(10),
    openHold(10),
  ];
  const first = await accepted(engine, ws, settles);
  for (const hold of [releases, expires, expiresToo]) await accepted(engine, ws, hold);
  const settlement = await accepted(engine, ws, settleHold(settles.hold, 7), { key: null });
  const release = await accepted(engine, ws, releaseHold(releases.hold), { key: null });
  clock.advance(2 * day);
  for (let count = 0; count < 5; count += 1) {
    clock.advance(day);
    await live(engine, ws, 3);
  }
  const held = await engine.read(ws, (state) => state.holds.holds.get(settles.hold));
  assert.ok(held.kind === "read" && held.value === undefined, "memory no longer has it");

  const found = await engine.hold(ws, settles.hold);
  assert.ok(found.kind === "read" && found.value?.status === "settled");
  assert.equal(found.value.openedAt, first.event.at);

  const again = await accepted(engine, ws, settleHold(settles.hold, 7), { key: null });
  assert.deepEqual({ ...again, isReplayed: false }, settlement);
  const releasedAgain = await accepted(engine, ws, releaseHold(releases.hold), { key: null });
  assert.deepEqual({ ...releasedAgain, isReplayed: false }, release);
  const other = await execute(
    engine,
    ws,
    settleHold(settles.hold, 8, { fingerprint: "f".repeat(64) }),
    { key: null },
  );
  assert.deepEqual(other, { kind: "key_reused" });
  const code = async (command: Parameters<typeof execute>[2]): Promise<string> => {
    const answer = await execute(engine, ws, command);
    return answer.kind === "rejected" ? answer.rejection.code : answer.kind;
  };
  assert.equal(await code(settleHold(settles.hold, 7)), "hold_already_settled");
  assert.equal(await code(settleHold(releases.hold, 7)), "hold_released");
  assert.equal(await code(settleHold(newId("hld"), 7)), "unknown_hold");

  const late = await Promise.all(
    Array.from({ length: 4 }, () =>
      accepted(engine, ws, settleHold(expires.hold, 7), { key: null }),
    ),
  );
  assert.ok(late[0]?.event.kind === "hold.settled" && late[0].event.isLate);
  assert.equal(late.filter(({ isReplayed }) => !isReplayed).length, 1, "settled late once");
  const refund = await accepted(engine, ws, {
    kind: "refund",
    refund: newId("rfd"),
    of: settles.hold,
    credits: null,
    reason: null,
    recalled: null,
  });
  assert.ok(refund.event.kind === "usage.refunded");
  assert.equal(refund.event.credits, 7_000_000n);
  await Promise.all([
    accepted(engine, ws, settleHold(expiresToo.hold, 1), { key: null }),
    live(engine, ws, 20),
  ]);
  assert.equal(await hashOf(engine, ws), await replayedHash(store, ws));
  await engine.stop();
});

test("an index of mentions that does not answer costs a moment, and not the workspace", async () => {
  let asked = 0;
  const mentions = {
    of: () => {
      asked += 1;
      if (asked > 1) return Promise.resolve({ cursorSeq: 0, seqs: [] });
      const down = { code: "unavailable", isRetryable: true, outcome: "none" } as const;
      return Promise.reject(new StoreFault("The database is starting up.", down));
    },
  };
  const engine = engineOn(memoryStore(), { mentions });
  const ws = await fundedWorkspace(engine, 100);
  const answer = await execute(engine, ws, settleHold(newId("hld"), 7));
  assert.ok(answer.kind === "rejected" && answer.rejection.code === "unknown_hold");
  assert.equal(asked, 2);
  await accepted(engine, ws, openHold(10));
  await engine.stop();
});

test("however few keys are remembered, a key that comes twice in one batch is accepted once", async () => {
  const engine = engineOn(memoryStore(), { limits: { keysRememberedMax: 2 } });
  const ws = await fundedWorkspace(engine, 100);
  const key = newId("key");
  const [first, ...others] = await Promise.all([
    accepted(engine, ws, openHold(1), { key }),
    accepted(engine, ws, openHold(1)),
    accepted(engine, ws, openHold(1)),
    accepted(engine, ws, openHold(1), { key }),
  ]);
  assert.deepEqual(others.at(-1), { ...first, isReplayed: true });
  assert.deepEqual(await balance(engine, ws), { available: 97, held: 3, consumed: 0 });
  await engine.stop();
});

test("a hold that only another node knows is not settled on a state that does not know it", async () => {
  const journal = memoryStore();
  const store = troubledStore(journal);
  const behind = engineOn(store);
  const ahead = engineOn(journal);
  const ws = await fundedWorkspace(behind, 100);
  const hold = openHold(10);
  await accepted(ahead, ws, hold);
  store.hold();
  // Fenced later: the row in its place is the other node's, which opened the hold.
  const inFlight = accepted(behind, ws, openHold(1));
  await settled();
  const settling = accepted(behind, ws, settleHold(hold.hold, 4), { key: null });
  await settled();
  store.release();
  await Promise.all([inFlight, settling]);
  assert.deepEqual(await balance(ahead, ws), { available: 95, held: 1, consumed: 4 });
  await Promise.all([behind.stop(), ahead.stop()]);
});

test("a node that goes down writes snapshots of what is durable, though something falls due meanwhile", async () => {
  const clock = new TestClock();
  const journal = memoryStore();
  const store = troubledStore(journal);
  const gate = Promise.withResolvers<void>();
  const slow = {
    ...store,
    async writeSnapshot(...snapshot: Parameters<JournalStore["writeSnapshot"]>): Promise<void> {
      await gate.promise;
      return journal.writeSnapshot(...snapshot);
    },
  };
  const limits = { snapshotEventsMin: 10_000 };
  const engine = engineOn(slow, { clock, limits });
  await engine.start();
  const workspaces = await Promise.all([1, 2].map(() => fundedWorkspace(engine, 1_000)));
  for (const ws of workspaces) {
    await live(engine, ws, 150);
    await accepted(engine, ws, openHold(1, { ttlMs: 1_000 }));
  }
  const stopped = engine.stop();
  await settled();
  store.hold();
  clock.advance(2_000);
  await settled();
  gate.resolve();
  await settled();
  store.release();
  await stopped;
  for (const ws of workspaces) {
    assert.equal((await journal.readManifests(ws)).length, 1);
    const again = engineOn(journal, { clock: new TestClock(clock.now() - 2_000), limits });
    assert.equal(await hashOf(again, ws), await replayedHash(journal, ws));
    await again.stop();
  }
});

test("RULES 25: a hold that is read again is read anew when something happened to it meanwhile", async () => {
  const engine = engineOn(memoryStore(), {
    rules: {
      ...kernelRules,
      // Memory that forgets ended holds at once.
      apply(state, event, position) {
        kernelRules.apply(state, event, position);
        for (const [id, hold] of state.holds.holds.entries())
          if (hold.status === "settled") state.holds.holds.set(id, undefined);
      },
    },
  });
  const ws = await fundedWorkspace(engine, 100);
  const hold = openHold(10);
  await accepted(engine, ws, hold);
  await accepted(engine, ws, settleHold(hold.hold, 7), { key: null });
  const refund = (): ReturnType<typeof execute> =>
    execute(engine, ws, {
      kind: "refund",
      refund: newId("rfd"),
      of: hold.hold,
      credits: whole(5),
      reason: null,
      recalled: null,
    });
  const answers = await Promise.all([refund(), refund(), refund()]);
  assert.deepEqual(answers.map(({ kind }) => kind).toSorted(), [
    "accepted",
    "rejected",
    "rejected",
  ]);
  assert.deepEqual(await balance(engine, ws), { available: 98, held: 0, consumed: 2 });
  await engine.stop();
});
