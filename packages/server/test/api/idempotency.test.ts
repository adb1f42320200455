/** Retries get the first answer; another request under the same key is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startApi, workspaceWith } from "./api-server.ts";

const api = await startApi();
await workspaceWith(api, "acme", "1000", { currency: "EUR" });
await api.put("/v1/workspaces/acme/groups/g", {});
const path = "/v1/workspaces/acme";

async function openHold(credits = "50"): Promise<string> {
  return (await api.post(`${path}/holds`, { member: "ana", credits })).textAt("id");
}

test("every mutation that is sent again under its key gets its first answer, to the letter", async () => {
  const hold = await openHold();
  const released = await openHold();
  const sell = async (): Promise<string> => {
    const cost = { amount: "100", currency: "EUR" };
    const sale = { credits: "100", source: "purchase", priority: 900, cost };
    return (await api.post(`${path}/grants`, sale)).textAt("id");
  };
  const [grant, dormant] = [await sell(), await sell()];
  const debit = (await api.post(`${path}/debits`, { member: "ana", credits: "5" })).textAt("id");
  const calls = [
    ["POST", "/v1/workspaces", { id: "again", name: "Again" }],
    ["PATCH", path, { guestsMax: 7 }],
    ["PUT", `${path}/members/ana`, { name: "Ana", groups: ["g"] }],
    ["PUT", `${path}/groups/h`, { name: "H" }],
    [
      "PUT",
      `${path}/limits/l`,
      { scope: { kind: "workspace" }, cap: { credits: "900", window: "day" } },
    ],
    ["POST", `${path}/grants`, { credits: "10", source: "promotion" }],
    ["POST", `${path}/grants/${grant}/revoke`, { credits: "1" }],
    [
      "POST",
      `${path}/grants`,
      {
        credits: "10",
        source: "purchase",
        cost: { amount: "100", currency: "EUR" },
        bonus: { credits: "2" },
        payment: "received",
        tax: { amount: "19", currency: "EUR" },
      },
    ],
    ["POST", `${path}/grants/${grant}/repayments`, { credits: "1" }],
    ["PUT", `${path}/grants/${grant}/breakage`, { breakageBps: 500 }],
    ["POST", `${path}/grants/${grant}/chargebacks`, { reason: "fraudulent" }],
    ["POST", `${path}/grants/${dormant}/escheat`, {}],
    ["POST", `${path}/holds`, { member: "ana", credits: "3" }],
    ["POST", `${path}/holds/${hold}/extend`, { credits: "3" }],
    ["POST", `${path}/holds/${hold}/settle`, { credits: "3", final: false }],
    ["POST", `${path}/holds/${hold}/settle`, { credits: "4" }],
    ["POST", `${path}/holds/${released}/release`, {}],
    ["POST", `${path}/debits`, { member: "bob", credits: "2" }],
    ["POST", `${path}/refunds`, { of: debit, credits: "1" }],
    ["DELETE", `${path}/members/ana`, undefined],
    ["DELETE", `${path}/limits/l`, undefined],
  ] as const;
  const first = [];
  for (const [index, [method, to, body]] of calls.entries())
    first.push(await api.call(method, to, { body, idempotencyKey: `all-${index}` }));
  // The world moves on in between, and the answers must not.
  await api.post(`${path}/grants`, { credits: "77", source: "promotion", priority: 1 });
  for (const [index, [method, to, body]] of calls.entries()) {
    const again = await api.call(method, to, { body, idempotencyKey: `all-${index}` });
    assert.ok(again.status < 300, again.text);
    assert.equal(again.text, first[index]?.text, `${method} ${to}`);
    assert.equal(again.status, first[index]?.status);
    assert.equal(again.headers.get("idempotency-replayed"), "true", `${method} ${to}`);
    assert.equal(first[index]?.headers.get("idempotency-replayed"), null);
  }
  await api.put(`${path}/members/ana`, {});
});

test("the order of fields and the spelling of the path do not make another request", async () => {
  const first = await api.call("POST", `${path}/holds`, {
    text: '{"member":"a@b","credits":"1"}',
    idempotencyKey: "order",
  });
  const again = await api.call("POST", "/v1/workspaces/%61cme/holds", {
    text: '{ "credits": "1", "member": "a@b" }',
    idempotencyKey: "order",
  });
  assert.equal(again.text, first.text);
});

test("a default that is spelled out makes another request: the fingerprint is of the body as it came", async () => {
  await api.post(`${path}/holds`, { member: "ana", credits: "1" }, { idempotencyKey: "default" });
  const reply = await api.post(
    `${path}/holds`,
    { member: "ana", credits: "1", ttl: "PT5M" },
    { idempotencyKey: "default" },
  );
  assert.equal(reply.status, 422);
  assert.equal(reply.body["code"], "idempotency_key_reused");
});

test("the same key on another path is another request", async () => {
  await api.post(`${path}/holds`, { member: "ana", credits: "1" }, { idempotencyKey: "path" });
  const reply = await api.post(
    `${path}/debits`,
    { member: "ana", credits: "1" },
    { idempotencyKey: "path" },
  );
  assert.equal(reply.body["code"], "idempotency_key_reused");
});

test("keys belong to their workspace", async () => {
  await workspaceWith(api, "other", "10");
  for (const workspace of ["acme", "other"]) {
    const reply = await api.post(
      `/v1/workspaces/${workspace}/holds`,
      { member: "ana", credits: "1" },
      { idempotencyKey: "shared" },
    );
    assert.equal(reply.status, 201);
    assert.equal(reply.headers.get("idempotency-replayed"), null);
  }
});

test("a refused key is decided afresh", async () => {
  await workspaceWith(api, "poor", "1");
  const body = { member: "ana", credits: "5" };
  const refused = await api.post("/v1/workspaces/poor/holds", body, { idempotencyKey: "k" });
  assert.equal(refused.status, 402);
  await api.post("/v1/workspaces/poor/grants", { credits: "10", source: "purchase" });
  const accepted = await api.post("/v1/workspaces/poor/holds", body, { idempotencyKey: "k" });
  assert.equal(accepted.status, 201);
});

test("increments need a key or a part, and a part tells them apart", async () => {
  const settle = `${path}/holds/${await openHold()}/settle`;
  const none = { idempotencyKey: null };
  const bare = await api.post(settle, { credits: "1", final: false }, none);
  assert.equal(bare.status, 400);
  assert.equal(bare.body["code"], "idempotency_key_missing");
  for (const part of [1, 2, 1]) {
    const reply = await api.post(settle, { credits: "1", final: false, part }, none);
    assert.equal(reply.at("chargedInTotal"), `${part}`);
  }
  const other = await api.post(settle, { credits: "2", final: false, part: 2 }, none);
  assert.equal(other.body["code"], "idempotency_key_reused");
  const extend = settle.replace("/settle", "/extend");
  assert.equal((await api.post(extend, { credits: "1" }, none)).status, 400);
  assert.equal((await api.post(extend, { credits: "1", part: 1 }, none)).at("credits"), "51");
  assert.equal((await api.post(extend, { credits: "1", part: 1 }, none)).at("credits"), "51");
});

test("a release and a settle without a key answer their retries from the hold itself", async () => {
  const none = { idempotencyKey: null };
  const hold = `${path}/holds/${await openHold()}`;
  const first = await api.post(`${hold}/release`, {}, none);
  const again = await api.call("POST", `${hold}/release`, none);
  assert.equal(again.text, first.text);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  const settle = await api.post(`${hold}/settle`, { credits: "1" }, none);
  assert.equal(settle.body["code"], "hold_released");
});

test("a name given again by a late retry does not undo a later one", async () => {
  const put = (name: string | undefined, idempotencyKey: string | null) =>
    api.put(`${path}/members/late`, name === undefined ? {} : { name }, { idempotencyKey });
  await put("First", "late-1");
  await put("Second", null);
  assert.equal((await put("First", "late-1")).at("name"), "First");
  assert.equal((await api.get(`${path}/members/late`)).at("name"), "Second");
  await put(undefined, null);
  assert.equal((await api.get(`${path}/members/late`)).at("name"), undefined);
});
