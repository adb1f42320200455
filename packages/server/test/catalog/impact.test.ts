/** What another catalog means for subscriptions that run: told by `diff`, done by `migrate`, and by nothing else. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { type CatalogDiff, CatalogDiffSchema } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { type ApiServer, eventually, workspaceWith } from "../api/api-server.ts";
import { inForce, serverOn } from "../api/catalog-server.ts";
import { startCistern } from "../cli/cistern-process.ts";
import { freshDatabase } from "../fresh-database.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const folder = await temporaryFolder();
after(() => folder.remove());

/** Prices of one chat, of one image, and of a seat. */
const catalog = ({ chat = "2", image = "5", seat = "20.00", usage = "0.01" } = {}) => ({
  meters: {
    chat: { buckets: ["turns"] },
    ...(image === "" ? {} : { image: { buckets: ["images"] } }),
  },
  rateCards: {
    standard: {
      rows: [
        { meter: "chat", perUnit: { turns: chat } },
        ...(image === "" ? [] : [{ meter: "image", perUnit: { images: image } }]),
      ],
    },
  },
  plans: {
    team: {
      currency: "USD",
      seats: { fee: seat },
      included: { credits: "100", per: "seat", value: "5.00" },
      usage: { "*": usage },
    },
    fixed: { currency: "USD", base: { fee: "9.00" }, rateCard: { pin: true } },
    other: { currency: "USD", base: { fee: "9.00" }, included: { credits: "50", value: "1.00" } },
  },
});

const { url } = await freshDatabase();
await inForce(url, catalog(), 1);
const first = await serverOn(url);

const path = (workspace: string): string => `/v1/workspaces/${workspace}`;
for (const [workspace, body] of [
  ["a", { plan: "team", seats: 2 }],
  ["b", { plan: "fixed" }],
  ["c", { plan: "other" }],
  ["d", { plan: "team", seats: 1 }],
] as const) {
  await workspaceWith(first, workspace, "300");
  const put = await first.put(`${path(workspace)}/subscription`, body);
  assert.equal(put.status, 200, put.text);
}
await workspaceWith(first, "e", "300");
/** 60 chats and 3 images, of which a call that failed is free; then 100 credits past the pool. */
const debits = [
  { meter: "chat", usage: { turns: 60 } },
  { meter: "image", usage: { images: 3 } },
  { credits: "7" },
] as const;
for (const debit of debits) await first.post(`${path("a")}/debits`, { member: "ana", ...debit });
const hold = await first.post(`${path("a")}/holds`, {
  member: "ana",
  meter: "chat",
  estimate: { turns: 9 },
});
await first.post(`${path("a")}/holds/${hold.textAt("id")}/settle`, {
  usage: { turns: 9 },
  outcome: "failed",
});
await first.post(`${path("d")}/debits`, { member: "ana", credits: "500" });

async function diffOf(server: ApiServer, content: object, query = ""): Promise<CatalogDiff> {
  const reply = await server.post(`/v1/catalog/diff${query}`, { content });
  assert.equal(reply.status, 200, reply.text);
  const check = Compile(CatalogDiffSchema);
  assert.ok(check.Check(reply.body), reply.text);
  return check.Parse(reply.body);
}

const usd = (amount: string) => ({ amount, currency: "USD" });

test("a diff tells of each subscription the newer plan, both next bills, and its usage under the new card", async () => {
  const wanted = catalog({ chat: "3", image: "", seat: "25.00", usage: "0.02" });
  const found = await eventually(
    () => diffOf(first, wanted),
    ({ subscriptions }) => subscriptions[0]?.usage?.charged === "142",
  );
  const [a, ...others] = found.subscriptions;
  assert.deepEqual(
    others.map(({ workspace, newerVersion, usage }) => [
      workspace,
      newerVersion === undefined,
      usage === undefined,
    ]),
    [
      ["c", true, false],
      ["d", false, false],
    ],
    "a plan that pins its rate card, and a workspace without a plan, are not touched",
  );
  assert.deepEqual(a?.nextBill, { pinned: usd("4000"), newer: usd("5000") });
  // 60 chats at 3, what images and plain credits were charged, and nothing for the call that failed.
  assert.equal(a?.usage?.repriced, "202");
  assert.equal(a?.usage?.unpriced, 1);
  // 100 credits were past the pool of 400, at 1 cent and at 2.
  assert.deepEqual(others[1]?.billedUsage, { pinned: usd("100"), newer: usd("200") });
  // What was used before a migration at the end of the period is billed as it was used.
  assert.deepEqual(others[1]?.nextBill, { pinned: usd("2100"), newer: usd("2600") });
  const plan = found.changes.find(({ what }) => what === "plan team");
  assert.deepEqual(plan?.details, ["seats.fee: 20.00 -> 25.00", "usage.*: 0.01 -> 0.02"]);
});

test("a diff goes by pages of workspaces, refuses faults at their place, and is the operator's", async () => {
  const wanted = catalog({ seat: "21.00" });
  const page = await diffOf(first, wanted, "?limit=2");
  assert.deepEqual(
    page.subscriptions.map(({ workspace }) => workspace),
    ["a"],
  );
  const rest = await diffOf(first, wanted, `?limit=2&cursor=${page.nextCursor}`);
  assert.deepEqual(
    rest.subscriptions.map(({ workspace }) => workspace),
    ["d"],
  );
  assert.deepEqual((await diffOf(first, catalog())).subscriptions, []);
  const negotiated = { seat: usd("1200") };
  await workspaceWith(first, "f", "0");
  await first.put(`${path("f")}/subscription`, { plan: "team", negotiated });
  assert.deepEqual(
    (await diffOf(first, catalog())).subscriptions,
    [],
    "its list price is the same",
  );
  const theirs = (await diffOf(first, wanted)).subscriptions.find((one) => one.workspace === "f");
  assert.match(theirs?.planVersion ?? "", /^team@\w+\+\w{8}$/);
  assert.match(theirs?.newerVersion ?? "", /^team@\w+\+\w{8}$/);
  assert.deepEqual(theirs?.nextBill, { pinned: usd("1200"), newer: usd("1200") });
  await first.post(`${path("f")}/subscription/cancel`, { when: "now" });
  const faulty = await first.post("/v1/catalog/diff", { content: catalog({ chat: "-1" }) });
  assert.equal(faulty.status, 422);
  assert.ok(faulty.text.includes("/content/rateCards/standard/rows/0/perUnit/turns"), faulty.text);
  const bound = await first.post("/v1/keys", { name: "a", scopes: ["admin"], workspace: "a" });
  const apiKey = bound.textAt("key");
  const body = { content: catalog() };
  assert.equal((await first.call("POST", "/v1/catalog/diff", { body, apiKey })).status, 403);
});

async function run(env: Readonly<Record<string, string>>, ...args: string[]) {
  const cistern = startCistern(env, "catalog", ...args);
  return { code: await cistern.ended(), stdout: cistern.stdout(), stderr: cistern.stderr() };
}

test("migrate moves whom it is asked to, as its preview says, and touches nothing that was bought", async () => {
  const newer = catalog({ chat: "3", seat: "25.00" });
  const file = join(folder.path, "newer.json");
  await writeFile(file, JSON.stringify(newer));
  const told = await run({ DATABASE_URL: url }, "diff", file);
  assert.equal(told.code, 0, told.stderr);
  assert.match(told.stdout, /~ plan team\n {4}seats\.fee: 20\.00 -> 25\.00\n/);
  assert.match(
    told.stdout,
    /touches; a push changes none of them:\n {2}a on team@\w+; team@\w+ when/,
  );
  assert.match(told.stdout, / {4}next bill: 40\.00 USD, migrated 50\.00 USD/);
  assert.match(told.stdout, /: 142 credits, under standard@\w+ 202\n/);

  const versionBefore = (await first.get(`${path("a")}/subscription`)).at("planVersion");
  await inForce(url, newer, 2);
  // Pushing what is the newest version already makes the server read it.
  const read = await first.put("/v1/catalog", { content: newer });
  assert.equal(read.at("unchanged"), true, read.text);
  const pinned = (await first.get(`${path("a")}/subscription`)).at("planVersion");
  assert.equal(pinned, versionBefore, "a push changes nothing");
  const lotsOf = async (workspace: string) =>
    (await first.get(`${path(workspace)}/balance`)).at("lots");
  const before = await lotsOf("a");
  const preview = await run(
    { DATABASE_URL: url },
    "migrate",
    "--plan",
    "team",
    "--when",
    "now",
    "--workspace",
    "d",
    "--preview",
  );
  assert.equal(preview.code, 0, preview.stderr);
  assert.match(preview.stdout, /1 subscription\(s\) would move/);
  const there = { CISTERN_URL: first.url, CISTERN_KEY: first.key };
  const act = await run(there, "migrate", "--plan", "team", "--when", "now", "--workspace", "d");
  const stable = (text: string): string => text.replace("would move", "moved");
  assert.equal(act.code, 0, act.stderr);
  // Seconds pass between the two; in the first ones of a month no cent does.
  assert.equal(act.stdout, stable(preview.stdout));
  assert.match(
    act.stdout,
    /unused_time team x -1: -20\.00 USD\n {4}remaining_time team x 1: 25\.00 USD/,
  );
  const later = await run(there, "migrate", "--plan", "team");
  assert.match(
    later.stdout,
    /^ {2}a: team@\w+ -> team@\w+, from 20.*: 0\.00 USD, 0 credits\n1 subscription/,
  );
  assert.equal((await first.get(`${path("a")}/subscription`)).at("next.seats"), 2);
  assert.deepEqual(await lotsOf("a"), before);
  const already = await run(there, "migrate", "--plan", "team", "--workspace", "d");
  assert.match(already.stdout, /^ {2}d: on team@\w+ already, the newest\n0 subscription/);
  assert.equal(already.code, 0);
  // Each of them for a reason of its own.
  const named = ["--workspace", "c", "e", "nobody"];
  const strangers = await run(there, "migrate", "--plan", "team", ...named);
  assert.notEqual(strangers.code, 0);
  assert.match(strangers.stderr, /c: it is on the plan other; say --plan other/);
  assert.match(strangers.stderr, /e: .*has no subscription/);
  assert.match(strangers.stderr, /nobody: .*nobody/);
  const waiting = await first.put("/v1/catalog", { content: catalog({ seat: "30.00" }) });
  assert.equal(waiting.at("status"), "upcoming", waiting.text);
  const early = await run(there, "migrate", "--plan", "team");
  assert.match(early.stdout, /^Version 3 takes effect at 20\S+; until then/);
  const none = await run(there, "migrate", "--plan", "gold");
  assert.notEqual(none.code, 0);
  assert.match(none.stderr, /has no plan gold; it has fixed, other, team/);
});
