/** The torture of webhooks, small: `npm run torture` runs it with 10,000 events. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { freshDatabase } from "../fresh-database.ts";
import { torture } from "./torture.ts";

test("whatever receivers do and whichever node dies, nothing is lost, order is kept, ids are stable, and a dead endpoint delays nobody", async () => {
  const { url } = await freshDatabase();
  const size = { workspaces: 15, events: 20 };
  const { rows, whenHealthyHadAll, killedAt, events } = await torture(url, size);
  assert.equal(events, 300);
  assert.ok(killedAt > 0 && killedAt < events, `killed in the middle: ${killedAt}`);
  assert.deepEqual(whenHealthyHadAll, { dead: 0, silent: 0 });
  for (const row of rows) {
    assert.equal(row.stored, row.expected, JSON.stringify(row));
    assert.ok(row.isInOrder, JSON.stringify(row));
    assert.deepEqual([row.unsigned, row.strangers], [0, 0], JSON.stringify(row));
  }
  assert.deepEqual(
    rows.map(({ receiver, expected }) => [receiver, expected]),
    [
      ["healthy", 300],
      ["slow", 300],
      ["flapping", 300],
      ["dropping", 300],
      ["silent", 0],
      ["forgetful", 40],
      ["dead", 0],
    ],
  );
});
