import assert from "node:assert/strict";
import { test } from "node:test";
import { freshDatabase } from "../fresh-database.ts";
import { startCistern } from "./cistern-process.ts";

test("migrate brings an empty database up to date, names what it did, and does nothing a second time", async () => {
  const { url } = await freshDatabase();
  const first = startCistern({ DATABASE_URL: url }, "migrate");
  assert.equal(await first.ended(), 0, first.stderr());
  assert.match(first.stdout(), /^Applied:\njournal\/1 journal\n/);
  assert.match(first.stdout(), /identity\/1 identity/);
  const second = startCistern({ DATABASE_URL: url }, "migrate");
  assert.equal(await second.ended(), 0, second.stderr());
  assert.equal(second.stdout(), "The schema is up to date.\n");
});

test("migrate without a database says so and ends with 5", async () => {
  const cistern = startCistern({ DATABASE_URL: "postgresql://127.0.0.1:1/none" }, "migrate");
  assert.equal(await cistern.ended(), 5);
});
