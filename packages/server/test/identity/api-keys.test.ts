/** API keys on a real database: made, found, remembered, revoked; the first one of many nodes is one. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, test } from "node:test";
import { migrate, openDatabase } from "../../src/database/index.ts";
import {
  type ApiKeys,
  createApiKeys,
  createNames,
  identityMigrations,
} from "../../src/identity/index.ts";
import { freshDatabase } from "../fresh-database.ts";

const { url } = await freshDatabase();
const database = await openDatabase({
  url,
  folder: "",
  host: process,
  randomUuid: () => crypto.randomUUID(),
});
after(() => database.close());
const pool = database.openPool({ purpose: "key tests", connectionsMax: 4 });
await migrate(pool, await identityMigrations());

let now = 1_795_000_000_000;
let made = 0;
let queries = 0;
const counted = database.openPool({ purpose: "counted key tests", connectionsMax: 4 });
counted.on("acquire", () => (queries += 1));

/** The keys as one node sees them. */
function node(): ApiKeys {
  return createApiKeys({
    pool: counted,
    now: () => now,
    randomBytes,
    newId: (prefix) => `${prefix}_${String((made += 1)).padStart(26, "0")}`,
    rememberMs: 1_000,
  });
}

const wanted = {
  name: "k",
  scopes: ["usage:write"] as const,
  workspace: "acme",
  opId: "op-1",
  fingerprint: "f".repeat(64),
};

test("many nodes that start at once make one first key, and one of them shows it", async () => {
  const shown = await Promise.all(Array.from({ length: 5 }, () => node().begin(undefined)));
  const secrets = shown.filter((one) => one !== undefined);
  assert.equal(secrets.length, 1);
  assert.equal(await node().begin(undefined), undefined);
  const key = await node().authenticate(secrets[0] ?? "");
  assert.deepEqual([...(key?.scopes ?? [])], ["admin"]);
});

test("the operator's own key opens, is never shown, and stays revoked once it was", async () => {
  const keys = node();
  assert.equal(await keys.begin("my own key"), undefined);
  const key = await keys.authenticate("my own key");
  assert.ok(key !== undefined && key.scopes.has("admin"));
  await keys.revoke(key.id, undefined);
  await node().begin("my own key");
  assert.equal(await node().authenticate("my own key"), undefined);
});

test("a key is 40 letters and digits of which the last six check the others", async () => {
  const result = await node().make(wanted);
  assert.ok(result.kind === "made");
  assert.match(result.secret, /^cst_[0-9A-Za-z]{40}$/);
  assert.equal(result.key.prefix, result.secret.slice(0, 10));
  const before = queries;
  const swapped = result.secret.replace(/(.)(.)$/, (_, a: string, b: string) =>
    a === b ? `${a}${a === "x" ? "y" : "x"}` : b + a,
  );
  assert.equal(await node().authenticate(swapped), undefined);
  assert.equal(queries, before, "a mistyped key was looked up");
});

test("the database has the hash of a key and nothing to guess the key from", async () => {
  const result = await node().make({ ...wanted, opId: "op-2" });
  assert.ok(result.kind === "made");
  const { rows } = await pool.query("SELECT * FROM api_keys");
  assert.ok(!JSON.stringify(rows).includes(result.secret.slice(10)));
});

test("a key that is known costs no query, until its memory ends", async () => {
  const keys = node();
  const result = await keys.make({ ...wanted, opId: "op-3" });
  assert.ok(result.kind === "made");
  await keys.authenticate(result.secret);
  const before = queries;
  assert.equal((await keys.authenticate(result.secret))?.id, result.key.id);
  assert.equal(queries, before);
  now += 1_000;
  await keys.authenticate(result.secret);
  assert.equal(queries, before + 1);
});

test("a revoked key opens nothing here at once, and nothing elsewhere when its memory ends", async () => {
  const here = node();
  const there = node();
  const result = await here.make({ ...wanted, opId: "op-4" });
  assert.ok(result.kind === "made");
  await Promise.all([here.authenticate(result.secret), there.authenticate(result.secret)]);
  const revoked = await here.revoke(result.key.id, undefined);
  assert.equal(revoked?.revokedAt, now);
  assert.equal(await here.authenticate(result.secret), undefined);
  now += 1_000;
  assert.equal(await there.authenticate(result.secret), undefined);
  now += 1_000;
  assert.equal((await here.revoke(result.key.id, undefined))?.revokedAt, revoked?.revokedAt);
});

test("who may not revoke a key changes nothing about it", async () => {
  const keys = node();
  const result = await keys.make({ ...wanted, opId: "op-6" });
  assert.ok(result.kind === "made");
  assert.equal(await keys.revoke(result.key.id, "rival"), undefined);
  assert.equal((await keys.authenticate(result.secret))?.id, result.key.id);
});

test("the same idempotency key makes one key, also when it comes many times at once", async () => {
  const results = await Promise.all(
    Array.from({ length: 5 }, () => node().make({ ...wanted, opId: "op-5" })),
  );
  assert.equal(results.filter((one) => one.kind === "made").length, 1);
  assert.equal(results.filter((one) => one.kind === "replayed").length, 4);
  const other = await node().make({ ...wanted, opId: "op-5", fingerprint: "0".repeat(64) });
  assert.equal(other.kind, "key_reused");
});

test("names are kept in the order of their writes, erased, and not brought back by a late retry", async () => {
  const names = createNames(pool);
  const ana = { workspaceId: "acme", kind: "member", id: "ana" } as const;
  await Promise.all(["A", "B", "C"].map((name) => names.put(ana, name)));
  assert.equal((await names.read(ana, ["ana", "bob"])).get("ana"), "C");
  await names.put(ana, undefined);
  await names.putIfNone(ana, "A");
  assert.equal((await names.read(ana, ["ana"])).size, 0);
});
