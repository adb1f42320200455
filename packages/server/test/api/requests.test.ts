/** Requests for more as an owner and a member meet them: over HTTP, on a real database. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startApi, workspaceWith } from "./api-server.ts";

const api = await startApi();

/** A workspace in which each member has 100 a month; ana has spent hers. Kim owns it. */
async function spentUp(id: string): Promise<string> {
  await workspaceWith(api, id, "10000", { owners: ["kim"] });
  const path = `/v1/workspaces/${id}`;
  const each = { scope: { kind: "eachMember" }, cap: { credits: "100", window: "month" } };
  await api.put(`${path}/limits/each`, each);
  await api.post(`${path}/debits`, { member: "ana", credits: "100" });
  return path;
}

const asked = { member: "ana", limit: "each", credits: "50", reason: "Ana Secret launches" };
const hold = { member: "ana", credits: "30" };

test("who is stopped asks, an owner gives more for this window, and the member goes on", async () => {
  const path = await spentUp("going");
  const stopped = await api.post(`${path}/holds`, hold);
  assert.equal(stopped.body["code"], "limit_reached");
  assert.match(stopped.textAt("detail"), /POST \/v1\/workspaces\/going\/requests/);
  const request = await api.post(`${path}/requests`, asked);
  assert.equal(request.status, 201, request.text);
  assert.equal(request.body["status"], "open");
  const requests = `${path}/requests/${request.textAt("id")}`;
  const refused = await api.post(`${requests}/approve`, { by: "ana", as: "period" });
  assert.deepEqual([refused.status, refused.body["code"]], [403, "not_an_approver"]);
  const given = await api.post(`${requests}/approve`, { by: "kim", as: "period", note: "Go, Ana" });
  assert.equal(given.status, 200, given.text);
  assert.equal(given.at("approval.credits"), "50");
  assert.equal((await api.post(`${path}/holds`, hold)).status, 201);
  const allowance = await api.get(`${path}/members/ana/allowance`);
  assert.deepEqual([allowance.at("limits.0.cap"), allowance.at("remaining")], ["150", "20"]);
  const eve = await api.get(`${path}/members/eve/allowance`);
  assert.equal(eve.at("limits.0.cap"), "100", "nobody else has more");
});

test("what was approved once is told as lent, and is gone when it is used", async () => {
  const path = await spentUp("once");
  const request = await api.post(`${path}/requests`, asked);
  const body = { by: "kim", as: "once", credits: "30" };
  await api.post(`${path}/requests/${request.textAt("id")}/approve`, body);
  const before = await api.get(`${path}/members/ana/allowance`);
  assert.deepEqual([before.at("limits.0.lent"), before.at("remaining")], ["30", "30"]);
  const call = await api.post(`${path}/holds`, hold);
  await api.post(`${path}/holds/${call.textAt("id")}/settle`, { credits: "1" });
  const after = await api.get(`${path}/members/ana/allowance`);
  assert.deepEqual([after.at("limits.0.lent"), after.at("remaining")], [undefined, "0"]);
});

test("words of people are read with the request, are in no event, and can be erased for good", async () => {
  const path = await spentUp("words");
  const key = { idempotencyKey: "ask-1" };
  const request = await api.post(`${path}/requests`, asked, key);
  const requests = `${path}/requests/${request.textAt("id")}`;
  await api.post(`${requests}/decline`, { by: "kim", note: "Not now, Ana Secret" });
  const read = await api.get(requests);
  assert.deepEqual(
    [read.body["reason"], read.body["note"], read.body["by"]],
    [asked.reason, "Not now, Ana Secret", "kim"],
  );
  const events = await api.get(`${path}/events?limit=100`);
  assert.ok(events.text.includes("credit_request.declined"));
  assert.ok(!events.text.includes("Secret"), "no words in the feed");
  await api.call("DELETE", `${requests}/words`);
  await api.post(`${path}/requests`, asked, key);
  const erased = await api.get(`${path}/requests`);
  assert.ok(!erased.text.includes("Secret"), "a late retry brings nothing back");
});

test("a ceiling on overage says that it is one, and the allowance counts with it", async () => {
  await workspaceWith(api, "past", "10", { overage: { kind: "debt", limit: "100" } });
  const path = "/v1/workspaces/past";
  const ceiling = { scope: { kind: "eachMember" }, overage: { credits: "5", window: "month" } };
  await api.put(`${path}/limits/past`, ceiling);
  const before = await api.get(`${path}/members/ana/allowance`);
  assert.deepEqual(
    [before.at("remaining"), before.at("binding.reason"), before.at("limits.0.counts")],
    ["15", "overage", "overage"],
  );
  const refused = await api.post(`${path}/holds`, { member: "ana", credits: "16" });
  assert.deepEqual(
    [refused.status, refused.body["code"], refused.body["requested"], refused.body["available"]],
    [403, "limit_reached", "6", "5"],
  );
  assert.match(refused.textAt("detail"), /6 credits past the pool.*ceiling on overage past/);
  assert.equal((await api.post(`${path}/holds`, { member: "ana", credits: "15" })).status, 201);
  const after = await api.get(`${path}/members/ana/allowance`);
  assert.deepEqual([after.at("limits.0.used"), after.at("remaining")], ["5", "0"]);
});

test("a member who is removed opens nothing, nor do its keys and agents; what they hold may end", async () => {
  await workspaceWith(api, "leaving", "100");
  const path = "/v1/workspaces/leaving";
  await api.put(`${path}/members/ana`, {});
  await api.put(`${path}/members/bot`, { kind: "agent", sponsor: "ana" });
  await api.put(`${path}/members/key`, { kind: "key", sponsor: "bot" });
  const open = async (member: string) =>
    (await api.post(`${path}/holds`, { member, credits: "10" })).textAt("id");
  const [own, agents, keys] = [await open("ana"), await open("bot"), await open("key")];
  await api.call("DELETE", `${path}/members/ana`);
  for (const member of ["ana", "bot", "key"]) {
    const refused = await api.post(`${path}/holds`, { member, credits: "1" });
    assert.deepEqual([refused.status, refused.body["code"]], [403, "member_inactive"], member);
  }
  const extended = await api.post(`${path}/holds/${keys}/extend`, { ttl: "PT9M" });
  assert.equal(extended.body["code"], "member_inactive");
  for (const [id, credits] of [
    [own, "12"],
    [agents, "4"],
    [keys, "0"],
  ] as const)
    assert.equal((await api.post(`${path}/holds/${id}/settle`, { credits })).status, 200);
  const balance = await api.get(`${path}/balance`);
  assert.deepEqual([balance.body["available"], balance.body["held"]], ["84", "0"]);
});

test("a request for reserved credits is answered with a gift", async () => {
  await workspaceWith(api, "gifts", "0", { fairness: { preset: "balanced" } });
  const path = "/v1/workspaces/gifts";
  for (const member of ["ana", "ben"]) await api.put(`${path}/members/${member}`, {});
  await api.post(`${path}/grants`, { credits: "1000", source: "purchase" });
  const request = await api.post(`${path}/requests`, { member: "ana", credits: "50" });
  assert.equal(request.status, 201, request.text);
  const requests = `${path}/requests/${request.textAt("id")}`;
  const raised = await api.post(`${requests}/approve`, { by: "ben", as: "once" });
  assert.equal(raised.at("violations.0.pointer"), "/as");
  const given = await api.post(`${requests}/approve`, { by: "ben", as: "gift" });
  assert.deepEqual(given.at("approval"), { as: "gift", credits: "50", from: "ben" });
});
