/** Many calls of which all were answered before: an import that is started again, a client that repeats a batch. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../../src/journal/index.ts";
import { accepted, engineOn, fundedWorkspace, openHold } from "./fixtures.ts";

test("calls of one batch that are told again read its row once, and are answered as then", async () => {
  const store = memoryStore();
  let rowReads = 0;
  const engine = engineOn({
    ...store,
    readRows: async (workspaceId, afterSeq, limit) => {
      rowReads += 1;
      return await store.readRows(workspaceId, afterSeq, limit);
    },
  });
  const ws = await fundedWorkspace(engine, 1_000);
  const calls = Array.from({ length: 200 }, (_, index) => ({
    command: openHold(1),
    key: `key-${index}`,
  }));
  const tell = async () =>
    await Promise.all(
      calls.map(async ({ command, key }) => accepted(engine, ws, command, { key })),
    );
  const first = await tell();
  const rows = new Set(first.map(({ position }) => position.seq)).size;
  // The newest row is in memory still, as long as nothing is appended.
  await accepted(engine, ws, openHold(1));
  rowReads = 0;
  const again = await tell();
  assert.ok(rowReads <= rows, `${rowReads} reads of ${rows} rows`);
  assert.deepEqual(
    again.map(({ event, position }) => ({ event, position })),
    first.map(({ event, position }) => ({ event, position })),
  );
  assert.ok(again.every(({ isReplayed }) => isReplayed));
});
