/** Reports that are asked for at once are made one after the other, and nobody is sent away before the line is full. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate } from "../../src/engine/index.ts";
import { startWithCatalog } from "./catalog-server.ts";

test("who comes waits in order, so many are done at once, and a full line says so", async () => {
  const gate = new Gate(2, 3);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const asked = Array.from({ length: 6 }, (_, index) =>
    gate
      .run(async () => {
        begun.push(index);
        await new Promise<void>((resolve) => ends.push(resolve));
        if (index === 1) throw new Error("failed");
        return index;
      })
      .catch((error: unknown) => (error instanceof Error ? error.message : "")),
  );
  assert.deepEqual(begun, [0, 1]);
  assert.equal(await asked[5], "full");
  for (const next of [2, 3, 4]) {
    ends.shift()?.();
    await asked[next - 2];
    assert.deepEqual(
      begun,
      [0, 1, 2, 3, 4].slice(0, next + 1),
      "a failure hands its place over too",
    );
  }
  for (const end of ends) end();
  assert.deepEqual(await Promise.all(asked), [0, "failed", 2, 3, 4, "full"]);
  const late = gate.run(async () => "done");
  assert.equal(await late, "done");
});

test("all reports that a page asks for at once are answered", async () => {
  const api = await startWithCatalog({
    meters: { chat: { buckets: ["input_text"] } },
    rateCards: { standard: { rows: [{ meter: "chat", perUnit: { input_text: "1" } }] } },
  });
  const month = Temporal.Now.plainDateISO("UTC").toString().slice(0, 7);
  const ask = async () => api.get(`/v1/books/trial-balance?month=${month}`);
  const page = await Promise.all(Array.from({ length: 12 }, ask));
  assert.deepEqual([...new Set(page.map(({ status }) => status))], [200]);
});
