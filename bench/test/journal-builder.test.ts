import assert from "node:assert/strict";
import { test } from "node:test";
import { instant } from "@cistern/kernel";
import { memoryStore } from "../../packages/server/src/journal/index.ts";
import { startEngineInMemory } from "../src/cistern/engine-in-memory.ts";
import { faultsIn } from "../src/cistern/first-fault.ts";
import { JournalBuilder, writeJournal, writeJournals } from "../src/cistern/journal-builder.ts";
import { workspaceCommands } from "../src/cistern/workspace.ts";
import { grantedCredits, membersPerWorkspace } from "../src/load/spender.ts";

const at = instant(Date.UTC(2026, 0, 15));

test("a journal that is made without an engine passes the audit, over many rows too", async () => {
  const store = memoryStore();
  const builder = new JournalBuilder("acme", at);
  const commands = [...workspaceCommands("acme", { lots: 10, members: 200 })];
  await writeJournal(
    store,
    builder,
    commands.map((command) => ({ command })),
  );
  assert.ok((await store.readRows("acme", 0, 100)).length > 1);
  assert.deepEqual(await faultsIn(store, ["acme"]), []);
});

test("an engine serves workspaces that were made without one", async () => {
  const { engine, store } = await startEngineInMemory();
  const ids = ["one", "two", "three"];
  await writeJournals(
    store,
    ids.map((id) => {
      const builder = new JournalBuilder(id, at);
      for (const command of workspaceCommands(id)) builder.execute(command);
      return builder.take();
    }),
  );
  for (const id of ids) {
    const answer = await engine.read(id, ({ pool, members }) => ({
      available: pool.totals.available,
      members: members.members.size,
    }));
    assert.equal(answer.kind, "read");
    assert.deepEqual(answer.value, { available: grantedCredits, members: membersPerWorkspace });
  }
  await engine.stop();
});

test("a fault in a journal is named with its place", async () => {
  const store = memoryStore();
  const builder = new JournalBuilder("acme", at);
  for (const command of workspaceCommands("acme")) builder.execute(command);
  const append = builder.take();
  await store.append([{ ...append, row: { ...append.row, atMs: append.row.atMs + 1 } }]);
  const [fault = ""] = await faultsIn(store, ["acme"]);
  assert.match(fault, /^acme\/1: J3/);
});
