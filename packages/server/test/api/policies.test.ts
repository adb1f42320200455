/** Acceptable use over HTTP: what is refused and how it is told, texts that are read back, and that tenants do not see each other's. */
import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { AllowanceSchema, EntitlementSchema, ProblemSchema, QuoteSchema } from "@cistern/contract";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { type Reply, callsTo, workspaceWith } from "./api-server.ts";
import { startWithCatalog } from "./catalog-server.ts";

const api = await startWithCatalog({
  meters: { chat: { buckets: ["input_text"] }, image: { buckets: ["images"] } },
  rateCards: {
    standard: {
      rows: [
        { meter: "chat", perUnit: { input_text: "1" } },
        { meter: "chat", model: "gpt-5", perUnit: { input_text: "2" } },
        { meter: "image", perUnit: { images: "5" } },
      ],
    },
  },
});
const chat = { member: "ana", meter: "chat", model: "gpt-5", estimate: { input_text: 3 } };
const image = { member: "ana", meter: "image", estimate: { images: 1 } };

const fits = (schema: TSchema, reply: Reply): Reply => {
  const [fault] = Compile(schema).Errors(reply.body);
  assert.equal(fault, undefined, reply.text);
  return reply;
};

async function begin(workspace: string): Promise<string> {
  await workspaceWith(api, workspace, "1000");
  const path = `/v1/workspaces/${workspace}`;
  await api.put(`${path}/groups/design`);
  await api.put(`${path}/members/ana`, { groups: ["design"] });
  await api.put(`${path}/members/bot`, { kind: "agent", sponsor: "ana" });
  return path;
}

const refusedBy = async (path: string, call: object): Promise<Reply> => {
  const reply = fits(ProblemSchema, await api.post(`${path}/holds`, call));
  assert.equal(reply.status, 403, reply.text);
  return reply;
};

test("a hold for what a policy does not list is refused, in words and in fields, and a debit is not", async () => {
  const path = await begin("p1");
  const scope = { kind: "group", id: "design" };
  const put = await api.put(`${path}/policies/design`, {
    scope,
    meters: ["chat"],
    models: ["gpt-5*"],
  });
  assert.equal(put.status, 200, put.text);
  assert.equal((await api.post(`${path}/holds`, chat)).status, 201);
  const refused = await refusedBy(path, image);
  assert.deepEqual([refused.at("code"), refused.at("scope")], ["not_allowed", scope]);
  assert.deepEqual(refused.at("policy"), {
    id: "design",
    forbids: "meter",
    name: "image",
    allowed: ["chat"],
  });
  assert.equal(
    refused.at("detail"),
    "The hold names the meter image; policy design allows chat. Use one that it allows, or change the policy.",
  );
  const model = await refusedBy(path, { ...chat, member: "bot", model: "gpt-4" });
  assert.deepEqual(model.at("policy.name"), "gpt-4");
  const debit = { member: "ana", meter: "image", usage: { images: 1 } };
  assert.equal((await api.post(`${path}/debits`, debit)).status, 201);
  assert.equal((await api.post(`${path}/holds`, { ...image, member: "bob" })).status, 201);
});

test("quotes, entitlements and the allowance tell of it before a call", async () => {
  const path = await begin("p2");
  await api.put(`${path}/policies/design`, {
    scope: { kind: "group", id: "design" },
    meters: ["chat"],
  });
  const quote = fits(QuoteSchema, await api.post(`${path}/quotes`, image));
  assert.deepEqual([quote.at("credits"), quote.at("allowed")], ["5", false]);
  assert.deepEqual(quote.at("problem.policy.id"), "design");
  const entitled = async (query: string) =>
    fits(EntitlementSchema, await api.get(`${path}/entitlements/image?kind=meter${query}`));
  assert.equal((await entitled("")).at("included"), true, "nobody is closed out by the workspace");
  const closed = await entitled("&member=bot");
  assert.deepEqual([closed.at("included"), closed.at("policy")], [false, "design"]);
  const told = fits(AllowanceSchema, await api.get(`${path}/members/ana/allowance`));
  assert.deepEqual([told.at("binding.reason"), told.at("policies.0.meters")], ["pool", ["chat"]]);
  await api.put(`${path}/policies/never`, { scope: { kind: "workspace" }, hours: [] });
  const shut = fits(AllowanceSchema, await api.get(`${path}/members/ana/allowance`));
  assert.deepEqual(
    [shut.at("remaining"), shut.at("binding.reason"), shut.at("binding.policy")],
    ["0", "policy", "never"],
  );
  assert.equal(shut.at("policies.1.open"), false);
});

test("hours are refused with the next instant that they allow", async () => {
  const path = await begin("p3");
  const names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
  const tomorrow = new Date(Date.now() + 36 * 3_600_000);
  tomorrow.setUTCHours(8, 30, 0, 0);
  const day = names[(tomorrow.getUTCDay() + 6) % 7];
  const hours = [{ days: [day], from: "08:30", to: "24:00" }];
  await api.put(`${path}/policies/office`, { scope: { kind: "workspace" }, hours });
  const refused = await refusedBy(path, chat);
  assert.equal(refused.at("retryAt"), `${tomorrow.toISOString().slice(0, 19)}Z`);
  assert.deepEqual(refused.at("policy"), {
    id: "office",
    forbids: "hours",
    hours,
    timeZone: "UTC",
  });
  const always = [{ days: names, from: "00:00", to: "24:00" }];
  await api.put(`${path}/policies/office`, { scope: { kind: "workspace" }, hours: always });
  assert.equal((await api.post(`${path}/holds`, chat)).status, 201);
});

test("a text is accepted by who answers for the call, and is read back when it was replaced", async () => {
  const path = await begin("p4");
  const policy = `${path}/policies/rules`;
  const put = async (version: string, text: string) =>
    await api.put(policy, {
      scope: { kind: "workspace" },
      text: { version, text },
      mustAccept: true,
    });
  const first = await put("1", "Be kind. Seid nett – 好.");
  assert.equal(first.at("text.hash"), hash("sha256", "Be kind. Seid nett – 好."));
  const refused = await refusedBy(path, { ...chat, member: "bot" });
  assert.deepEqual(refused.at("policy"), {
    id: "rules",
    text: { version: "1", hash: first.at("text.hash") },
    member: "ana",
  });
  const accept = async (version: string, key: string) =>
    await api.post(`${policy}/acceptances`, { member: "ana", version }, { idempotencyKey: key });
  const accepted = await accept("1", "a1");
  assert.equal(accepted.status, 201, accepted.text);
  assert.equal((await api.post(`${path}/holds`, { ...chat, member: "bot" })).status, 201);
  const again = await put("1", "Be kinder.");
  assert.equal(again.at("violations.0.pointer"), "/text", again.text);
  assert.equal((await put("2", "Be kinder.")).status, 200);
  assert.equal((await refusedBy(path, chat)).at("policy.accepted"), "1");
  assert.equal((await accept("1", "a2")).at("code"), "policy_text_differs");
  const replayed = await accept("1", "a1");
  assert.deepEqual(replayed.body, accepted.body);
  assert.equal(replayed.headers.get("idempotency-replayed"), "true");
  const [row] = (await api.get(`${policy}/acceptances`)).rows();
  assert.equal(row?.["current"], false);
  const text = await api.get(`${path}/policy-texts/${first.textAt("text.hash")}`);
  assert.equal(text.at("text"), "Be kind. Seid nett – 好.");
});

test("the journal and the feed have the hash of a text, and not the text", async () => {
  const path = await begin("p5");
  const body = { scope: { kind: "workspace" }, text: { version: "1", text: "Secret rules" } };
  const put = await api.put(`${path}/policies/rules`, body);
  const feed = await api.get(`${path}/events?limit=100`);
  assert.ok(feed.text.includes(put.textAt("text.hash")));
  assert.ok(!feed.text.includes("Secret"));
});

test("another tenant's policies and texts are not there", async () => {
  const [own, other] = [await begin("p6"), await begin("p7")];
  const text = { version: "1", text: "Ours alone." };
  const put = await api.put(`${own}/policies/rules`, { scope: { kind: "workspace" }, text });
  const hashOf = put.textAt("text.hash");
  assert.equal((await api.get(`${other}/policies/rules`)).at("code"), "unknown_policy");
  assert.equal((await api.get(`${other}/policy-texts/${hashOf}`)).at("code"), "not_found");
  const made = await api.post("/v1/keys", {
    name: "other",
    scopes: ["admin"],
    workspace: "p7",
  });
  const bound = callsTo(api.url, made.textAt("key"));
  for (const path of ["/policies", "/policies/rules", `/policy-texts/${hashOf}`])
    assert.equal((await bound.get(own + path)).at("code"), "unknown_workspace");
  const reply = await bound.put(`${own}/policies/mine`, {
    scope: { kind: "workspace" },
    meters: [],
  });
  assert.equal(reply.at("code"), "unknown_workspace");
});

test("pages of policies and of acceptances go on where they ended", async () => {
  const path = await begin("p8");
  const text = { version: "1", text: "Be kind." };
  for (const id of ["a", "b", "c"])
    await api.put(`${path}/policies/${id}`, { scope: { kind: "workspace" }, text });
  for (const member of ["x", "y", "z"])
    await api.post(`${path}/policies/b/acceptances`, { member, version: "1" });
  for (const [place, field, ids] of [
    ["policies", "id", ["a", "b", "c"]],
    ["policies/b/acceptances", "member", ["x", "y", "z"]],
  ] as const) {
    const first = await api.get(`${path}/${place}?limit=2`);
    const rest = await api.get(`${path}/${place}?limit=2&cursor=${first.textAt("nextCursor")}`);
    const found = [...first.rows(), ...rest.rows()].map((row) => row[field]);
    assert.deepEqual(found, ids);
    assert.equal(rest.at("nextCursor"), undefined);
  }
});

test("what makes no sense is refused where it stands", async () => {
  const path = await begin("p9");
  const scope = { kind: "workspace" };
  const hours = (from: string, to: string) => ({ hours: [{ days: ["mon"], from, to }] });
  const bad: readonly (readonly [object, string])[] = [
    [{ scope }, "/meters"],
    [{ scope, ...hours("08:00", "08:00") }, "/hours/0/to"],
    [{ scope, ...hours("24:00", "08:00") }, "/hours/0/from"],
    [{ scope, ...hours("08:00", "24:01") }, "/hours/0/to"],
    [{ scope, hours: [{ days: [], from: "08:00", to: "09:00" }] }, "/hours/0/days"],
    [{ scope, hours: [{ days: ["mo"], from: "08:00", to: "09:00" }] }, "/hours/0/days/0"],
    [{ scope, meters: Array.from({ length: 101 }, (_, index) => `m${index}`) }, "/meters"],
    [{ scope, mustAccept: true, meters: ["chat"] }, "/mustAccept"],
    [{ scope, text: { version: "1", text: "" } }, "/text/text"],
    [{ scope: { kind: "eachMember" }, meters: [] }, "/scope"],
    [{ scope, meters: ["chat"], colour: "red" }, ""],
  ];
  for (const [body, pointer] of bad) {
    const reply = await api.put(`${path}/policies/bad`, body);
    assert.equal(reply.status, 422, JSON.stringify(body));
    const pointers = reply.rows("violations").map((one) => one["pointer"]);
    assert.ok(
      pointers.some((one) => typeof one === "string" && one.startsWith(pointer)),
      `${JSON.stringify(body)}: ${reply.text}`,
    );
  }
  assert.deepEqual((await api.get(`${path}/policies`)).rows(), []);
});
