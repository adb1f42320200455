/** Limits of a plan over HTTP: they bind and are told, a push leaves them, a migration moves them, and an end frees. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { EntitlementsSchema, LimitPageSchema } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { startCistern } from "../cli/cistern-process.ts";
import { freshDatabase } from "../fresh-database.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { workspaceWith } from "./api-server.ts";
import { inForce, serverOn } from "./catalog-server.ts";

const catalog = (credits: string) => ({
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perMillion: { input_text: "100" } }] } },
  plans: {
    team: {
      currency: "USD",
      base: { fee: "9.00" },
      limits: {
        monthly: { scope: { kind: "eachMember" }, cap: { credits, window: "month" } },
        pace: { scope: { kind: "workspace" }, rate: { requests: 500, per: "PT1M" } },
      },
    },
  },
});

const folder = await temporaryFolder();
after(() => folder.remove());
const { url } = await freshDatabase();
await inForce(url, catalog("100"), 1);
const api = await serverOn(url);
const path = "/v1/workspaces/w";
await workspaceWith(api, "w", "5000");

const holds = (member: string, credits: string) => api.post(`${path}/holds`, { member, credits });
const use = async (member: string, credits: string) => {
  const reply = await api.post(`${path}/debits`, { member, credits });
  assert.equal(reply.status, 201, reply.text);
};
/** The credits that a limit of the plan allows each member. */
const told = async () => (await api.get(`${path}/limits/plan:monthly`)).at("cap.credits");

test("a hold past the plan's cap is refused by its name, and the limit is told as the plan's", async () => {
  assert.equal((await holds("ana", "400")).status, 201, "no plan, no limit of it");
  const put = await api.put(`${path}/subscription`, { plan: "team" });
  assert.equal(put.status, 200, put.text);
  await use("ana", "80");
  const refused = await holds("ana", "30");
  assert.equal(refused.status, 403, refused.text);
  assert.deepEqual(
    [refused.at("code"), refused.at("scope.limit"), refused.at("available")],
    ["limit_reached", "plan:monthly", "20"],
  );
  const page = await api.get(`${path}/limits`);
  assert.ok(Compile(LimitPageSchema).Check(page.body), page.text);
  assert.deepEqual(
    page.rows("data").map(({ id, plan }) => [id, plan]),
    [
      ["plan:monthly", "team"],
      ["plan:pace", "team"],
    ],
  );
  const entitlements = await api.get(`${path}/entitlements`);
  assert.ok(Compile(EntitlementsSchema).Check(entitlements.body), entitlements.text);
  assert.deepEqual(entitlements.at("limits.0"), {
    id: "plan:monthly",
    scope: { kind: "eachMember" },
    cap: { credits: "100", window: "month" },
  });
});

test("the workspace can neither set nor remove it, nor lift it by a limit of its own", async () => {
  const body = { scope: { kind: "eachMember" }, cap: { credits: "900", window: "month" } };
  for (const reply of [
    await api.put(`${path}/limits/plan:monthly`, body),
    await api.put(`${path}/limits/plan:other`, body),
    await api.call("DELETE", `${path}/limits/plan:monthly`),
  ]) {
    assert.equal(reply.status, 409, reply.text);
    assert.equal(reply.at("code"), "limit_of_plan");
  }
  const own = { scope: { kind: "member", id: "ana" }, cap: { credits: null, window: "month" } };
  const put = await api.put(`${path}/limits/ana`, own);
  assert.equal(put.status, 200, put.text);
  assert.equal(put.at("plan"), undefined);
  assert.equal((await holds("ana", "30")).at("scope.limit"), "plan:monthly");
});

test("diff tells the change, a push leaves it, a migration makes it, and use goes on", async () => {
  const newer = catalog("150");
  const file = join(folder.path, "newer.json");
  await writeFile(file, JSON.stringify(newer));
  const run = async (...args: string[]) => {
    const env = { CISTERN_URL: api.url, CISTERN_KEY: api.key };
    const cistern = startCistern(env, "catalog", ...args);
    assert.equal(await cistern.ended(), 0, cistern.stderr());
    return cistern.stdout();
  };
  const diff = await run("diff", file);
  assert.match(diff, /~ plan team\n {4}limits\.monthly\.cap\.credits: 100 -> 150\n/);
  assert.match(diff, /a push changes none of them:\n {2}w on team@/);
  await inForce(url, newer, 2);
  const read = await api.put("/v1/catalog", { content: newer });
  assert.equal(read.at("unchanged"), true, read.text);
  assert.equal(await told(), "100");
  assert.equal((await holds("ana", "30")).status, 403);
  await run("migrate", "--plan", "team", "--when", "now", "--workspace", "w");
  assert.equal(await told(), "150");
  const refused = await holds("ana", "71");
  assert.equal(refused.at("available"), "70", "80 are used already");
  assert.equal((await holds("ana", "30")).status, 201);
});

test("an end frees, and what was held under its limits is settled as ever", async () => {
  const open = await holds("ben", "60");
  const reply = await api.post(`${path}/subscription/cancel`, { when: "now" });
  assert.equal(reply.status, 200, reply.text);
  assert.equal((await api.get(`${path}/limits/plan:monthly`)).status, 404);
  assert.equal((await holds("ben", "900")).status, 201);
  const settled = await api.post(`${path}/holds/${open.textAt("id")}/settle`, { credits: "10" });
  assert.equal(settled.status, 200, settled.text);
  // What limits of plans counted is counted again by the audit.
  const verify = startCistern({ DATABASE_URL: url }, "verify");
  assert.equal(await verify.ended(), 0, verify.stdout());
});
