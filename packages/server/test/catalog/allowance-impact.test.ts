/** What another allowance means for subscriptions that run: told by a diff in units and credits, and done by a migration. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CatalogDiff, CatalogDiffSchema } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { eventually, workspaceWith } from "../api/api-server.ts";
import { inForce, serverOn } from "../api/catalog-server.ts";
import { freshDatabase } from "../fresh-database.ts";

const catalog = (included: string, price = "2") => ({
  meters: { api: { buckets: ["calls"] } },
  rateCards: { standard: { rows: [{ meter: "api", perUnit: { calls: price } }] } },
  plans: {
    team: {
      currency: "USD",
      base: { fee: "9.00" },
      ...(included === "" ? {} : { allowances: { api: { calls: { included } } } }),
    },
  },
});

const { url } = await freshDatabase();
await inForce(url, catalog("100"), 1);
const api = await serverOn(url);
await workspaceWith(api, "a", "1000");
const path = "/v1/workspaces/a";
await api.put(`${path}/subscription`, { plan: "team" });
const call = { member: "ana", meter: "api" };
await api.post(`${path}/debits`, { ...call, usage: { calls: 90 } });
const hold = await api.post(`${path}/holds`, { ...call, estimate: { calls: 30 } });
for (const [calls, final] of [
  [12, false],
  [18, true],
] as const)
  await api.post(`${path}/holds/${hold.textAt("id")}/settle`, {
    usage: { calls },
    final,
    ...(final ? {} : { part: 1 }),
  });

async function diffOf(content: object): Promise<CatalogDiff> {
  const reply = await api.post("/v1/catalog/diff", { content });
  const check = Compile(CatalogDiffSchema);
  assert.ok(check.Check(reply.body), reply.text);
  return check.Parse(reply.body);
}

test("a diff tells what more or less would be included, and what usage would have cost by it", async () => {
  const more = await eventually(
    () => diffOf(catalog("110")),
    ({ subscriptions }) => subscriptions[0]?.usage?.charged === "40",
  );
  const [one] = more.subscriptions;
  assert.deepEqual(one?.allowances, [
    { meter: "api", bucket: "calls", pinned: "100", newer: "110", used: "120" },
  ]);
  assert.equal(one?.usage?.migrated, "20", "10 of 120 past it, at 2");
  assert.deepEqual(
    more.changes.map(({ details }) => details),
    [["allowances.api.calls.included: 100 -> 110"]],
  );
  const [none] = (await diffOf(catalog(""))).subscriptions;
  assert.deepEqual(none?.allowances, [
    { meter: "api", bucket: "calls", pinned: "100", newer: "0", used: "120" },
  ]);
  assert.equal(none?.usage?.migrated, "240");
  const [dearer] = (await diffOf(catalog("100", "3"))).subscriptions;
  assert.equal(dearer?.allowances, undefined);
  assert.equal(dearer?.usage?.repriced, "60", "what was free stays free");
});

test("migrate gives the rest of the period's part of it, and touches no units that were used", async () => {
  await inForce(url, catalog("1100"), 2);
  await api.put("/v1/catalog", { content: catalog("1100") });
  const before = (await api.get(`${path}/entitlements`)).at("allowances.0.included");
  assert.equal(before, "100", "a push changes nothing");
  const body = { plan: "team", repin: true, change: "now" };
  const preview = await api.post(`${path}/subscription/preview`, body);
  const act = await api.put(`${path}/subscription`, body);
  assert.equal(act.status, 200, act.text);
  assert.deepEqual(act.at("subscription.allowances"), preview.at("subscription.allowances"));
  const told = await api.get(`${path}/entitlements`);
  // Seconds after the beginning of the period all of it is left.
  assert.deepEqual(
    [told.at("allowances.0.included"), told.at("allowances.0.used"), told.at("allowances.0.past")],
    ["1100", "100", "20"],
  );
});
