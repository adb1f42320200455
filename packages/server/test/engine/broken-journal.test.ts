import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type JournalRow,
  type JournalStore,
  genesisHead,
  memoryStore,
} from "../../src/journal/index.ts";
import type { TailLost } from "../../src/engine/index.ts";
import { kernelRules } from "../../src/engine/index.ts";
import {
  accepted,
  balance,
  engineOn,
  execute,
  fundedWorkspace,
  newId,
  openHold,
} from "./fixtures.ts";

/** The journals of `store` as they were after the row `seq` of each. */
async function cutAfter(
  store: JournalStore,
  workspaceId: string,
  seq: number,
): Promise<JournalStore> {
  const cut = memoryStore();
  let expected = genesisHead;
  for (const row of (await store.readRows(workspaceId, 0, 1_000)).slice(0, seq)) {
    await cut.append([{ expected, row, ops: [], watched: [] }]);
    expected = { seq: row.seq, hash: row.hash };
  }
  return cut;
}

/** A store that can be swapped for another one under a running engine: a failover. */
function failingOver(first: JournalStore): {
  store: JournalStore;
  readonly failTo: (next: JournalStore) => void;
} {
  let current = first;
  return {
    failTo: (next) => {
      current = next;
    },
    store: {
      sharesStatements: true,
      append: (appends) => current.append(appends),
      readHead: (...args) => current.readHead(...args),
      readRows: (...args) => current.readRows(...args),
      readCold: (...args) => current.readCold(...args),
      readManifests: (...args) => current.readManifests(...args),
      readPages: (...args) => current.readPages(...args),
      writeSnapshot: (...args) => current.writeSnapshot(...args),
    },
  };
}

for (const rewritten of [0, 1, 2, 5])
  test(`a failover that lost 2 rows, ${rewritten} written since, is told exactly and served on`, async () => {
    const first = memoryStore();
    const { store, failTo } = failingOver(first);
    const losses: TailLost[] = [];
    const engine = engineOn(store, { observer: { tailLost: (loss) => losses.push(loss) } });
    const ws = await fundedWorkspace(engine, 100);
    for (let count = 0; count < 4; count += 1) await accepted(engine, ws, openHold(10));
    const lost = await first.readHead(ws, []);
    const next = await cutAfter(first, ws, 4);
    const kept = await next.readHead(ws, []);
    failTo(next);
    const other = engineOn(next);
    for (let count = 0; count < rewritten; count += 1) await accepted(other, ws, openHold(1));
    const found = await next.readHead(ws, []);
    assert.deepEqual(await balance(engine, ws), {
      available: 80 - rewritten,
      held: 20 + rewritten,
      consumed: 0,
    });
    assert.deepEqual(losses, [
      { workspaceId: ws, kept: kept.head, lost: lost.head, found: found.head },
    ]);
    const hold = await accepted(engine, ws, openHold(80 - rewritten));
    assert.equal(hold.position.seq, 5 + rewritten);
    await Promise.all([engine.stop(), other.stop()]);
  });

test("a key that was lost with the tail is free again", async () => {
  const first = memoryStore();
  const { store, failTo } = failingOver(first);
  const engine = engineOn(store);
  const ws = await fundedWorkspace(engine, 100);
  const key = newId("key");
  await accepted(engine, ws, openHold(10), { key });
  failTo(await cutAfter(first, ws, 2));
  const again = await accepted(engine, ws, openHold(10), { key });
  assert.equal(again.isReplayed, false);
  assert.deepEqual(await balance(engine, ws), { available: 90, held: 10, consumed: 0 });
  await engine.stop();
});

test("a snapshot of a lost tail is not taken for the journal", async () => {
  const first = memoryStore();
  const { store, failTo } = failingOver(first);
  const engine = engineOn(store, { limits: { snapshotEventsMin: 1, snapshotEventsPerRow: 0 } });
  const ws = await fundedWorkspace(engine, 10_000);
  for (let count = 0; count < 30; count += 1) await accepted(engine, ws, openHold(10));
  await engine.stop();
  const [newest] = await first.readManifests(ws);
  assert.ok(newest !== undefined && newest.head.seq > 10);
  const pages = await first.readPages(newest);
  const versions = pages.map(({ page, hash }) => [page, { seq: newest.head.seq, hash }] as const);
  const manifest = { ...newest, pages: Object.fromEntries(versions) };
  const next = await cutAfter(first, ws, 4);
  const other = engineOn(next);
  for (let count = 0; count < 60; count += 1) await accepted(other, ws, openHold(1));
  await other.stop();
  // The lost snapshot survived beside the new journal.
  await next.writeSnapshot(manifest, pages);
  failTo({
    ...next,
    readManifests: async () => [manifest],
    readCold: async (id, limit) => ({
      ...(await next.readCold(id, limit)),
      manifest,
      rows: await next.readRows(id, manifest.head.seq, limit),
    }),
  });
  const again = engineOn(store);
  assert.deepEqual(await balance(again, ws), { available: 9_920, held: 80, consumed: 0 });
  assert.equal(again.stats().snapshotsBad, 1);
  await again.stop();
});

test("a row that was changed stops its workspace, and no other", async () => {
  const inner = memoryStore();
  const first = engineOn(inner);
  const [broken, sound] = [await fundedWorkspace(first, 100), await fundedWorkspace(first, 100)];
  await first.stop();
  const tampered = (rows: readonly JournalRow[]): readonly JournalRow[] =>
    rows.map((row) =>
      row.workspaceId === broken
        ? { ...row, events: row.events.replace("100000000", "900000000") }
        : row,
    );
  const codes: string[] = [];
  const engine = engineOn(
    {
      ...inner,
      readCold: async (id, limit) => {
        const cold = await inner.readCold(id, limit);
        return { ...cold, rows: tampered(cold.rows) };
      },
    },
    { log: ({ code }) => codes.push(code) },
  );
  for (let tries = 0; tries < 2; tries += 1)
    await assert.rejects(execute(engine, broken, openHold(1)), {
      code: "workspace_stopped",
      isRetryable: false,
    });
  await accepted(engine, sound, openHold(1));
  assert.deepEqual(codes, ["workspace_stopped"]);
  assert.equal(engine.stats().workspacesStopped, 1);
  await engine.stop();
});

test("a broken rule stops its workspace before anything is written", async () => {
  const store = memoryStore();
  const engine = engineOn(store, {
    rules: {
      ...kernelRules,
      apply(state, event, position) {
        kernelRules.apply(state, event, position);
        if (event.kind === "hold.opened" && event.credits === 13_000_000n) throw new Error("K2");
      },
    },
  });
  const ws = await fundedWorkspace(engine, 100);
  await accepted(engine, ws, openHold(12));
  const before = await store.readHead(ws, []);
  const answers = await Promise.allSettled([
    execute(engine, ws, openHold(1)),
    execute(engine, ws, openHold(13)),
    execute(engine, ws, openHold(2)),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ["rejected", "rejected", "rejected"],
  );
  assert.deepEqual(await store.readHead(ws, []), before);
  await accepted(engine, await fundedWorkspace(engine, 100), openHold(1));
  await engine.stop();
});
