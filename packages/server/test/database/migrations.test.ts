import assert from "node:assert/strict";
import { test } from "node:test";
import { freshDatabase } from "../fresh-database.ts";
import { migrate, openDatabase } from "../../src/database/index.ts";
test("smoke", async () => {
  const { url } = await freshDatabase();
  const database = await openDatabase({
    url,
    folder: "unused",
    host: process,
    randomUuid: () => "",
  });
  const pool = database.openPool({ purpose: "tests", connectionsMax: 4 });
  const one = {
    part: "p",
    number: 1,
    name: "x",
    sql: "CREATE TABLE x (a int); CREATE TABLE y(a int)",
  };
  assert.deepEqual(await migrate(pool, [one]), [one]);
  assert.deepEqual(await migrate(pool, [one]), []);
  await database.close();
});
