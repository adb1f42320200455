import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clockDistanceMsMax,
  compareClocks,
  DatabaseFault,
  openDatabase,
} from "../../src/database/index.ts";
import { freshDatabase } from "../fresh-database.ts";

async function compare(now: () => number) {
  const { url } = await freshDatabase();
  const database = await openDatabase({ url, folder: "", host: process, randomUuid: () => "" });
  try {
    return await compareClocks(database.openPool({ purpose: "clock", connectionsMax: 1 }), now);
  } finally {
    await database.close();
  }
}

test("a node on the database's own machine is certainly not away from it", async () => {
  const clocks = await compare(() => Date.now());
  assert.ok(clocks.certainDistanceMs < 5, JSON.stringify(clocks));
  assert.ok(Math.abs(clocks.databaseMs - Date.now()) < 60_000);
});

test("a node whose clock is a second late is certainly away, by nearly a second", async () => {
  const clocks = await compare(() => Date.now() - 1_000);
  assert.ok(clocks.offsetMs > 500 && clocks.offsetMs < 1_500, JSON.stringify(clocks));
  assert.ok(clocks.certainDistanceMs > clockDistanceMsMax);
});

test("a slow answer alone is no distance", async () => {
  let asked = 0;
  // The clock is right when the question leaves; the answer seems to take three seconds.
  const clocks = await compare(() => Date.now() + 3_000 * asked++);
  assert.ok(clocks.roundTripMs >= 3_000);
  assert.ok(clocks.certainDistanceMs < 5, JSON.stringify(clocks));
});

test("a database that is gone is a fault, not a clock", async () => {
  const gone = await freshDatabase();
  const { url } = gone;
  const database = await openDatabase({ url, folder: "", host: process, randomUuid: () => "" });
  const pool = database.openPool({ purpose: "clock", connectionsMax: 1 });
  await gone.drop();
  await assert.rejects(
    compareClocks(pool, () => 0),
    (error) => error instanceof DatabaseFault && error.code === "unknown_database",
  );
  await database.close();
});
