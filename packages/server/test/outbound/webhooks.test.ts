/** Webhooks through the API: signed, filtered, retried, rotated, disabled, replayed. Receivers are real servers on this machine. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CloudEventSchema } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { callsTo, startApi, workspaceWith } from "../api/api-server.ts";
import { until } from "./outbound-node.ts";
import { receiver, takes, verifies } from "./receivers.ts";

const retryMs = [1, 1, 1];
const api = await startApi(
  { CISTERN_WEBHOOKS_ALLOW_LOOPBACK: "1" },
  { outbound: { lookMs: 20, sweepMs: 50, timeoutMs: 2_000, schedule: { retryMs, jitter: 0 } } },
);
let named = 0;
const name = (): string => `w${(named += 1)}`;
const grant = (workspace: string) =>
  api.post(`/v1/workspaces/${workspace}/grants`, { credits: "1", source: "purchase" });
const put = async (id: string, body: object) => {
  const answer = await api.put(`/v1/webhooks/${id}`, body);
  assert.equal(answer.status, 201, answer.text);
  return answer.textAt("secret");
};
const idsIn = async (workspace: string): Promise<readonly unknown[]> =>
  (await api.get(`/v1/workspaces/${workspace}/events?after=0.0&limit=100`))
    .rows()
    .map((event) => event["id"]);

test("an event arrives as the feed tells it, in a CloudEvents envelope that the secret verifies", async () => {
  const workspace = name();
  const crm = await receiver(takes);
  const secret = await put(workspace, { url: crm.url, workspaces: [workspace] });
  await workspaceWith(api, workspace, "10");
  await until(() => crm.stored.length >= 2);
  const feed = (await api.get(`/v1/workspaces/${workspace}/events?after=0.0`)).rows();
  assert.deepEqual(
    crm.stored.map(({ body }) => JSON.parse(body)),
    feed,
  );
  for (const one of crm.stored) {
    assert.ok(verifies(secret, one), "signed");
    assert.ok(!verifies(secret, { ...one, body: `${one.body} ` }), "and of this body alone");
    assert.equal(one.headers["content-type"], "application/cloudevents+json; charset=utf-8");
    assert.equal(one.headers["webhook-id"], JSON.parse(one.body).id);
    assert.ok(Compile(CloudEventSchema).Check(JSON.parse(one.body)));
  }
});

test("an endpoint gets the types that it asked for, and what was before it was made does not come", async () => {
  const workspace = name();
  await workspaceWith(api, workspace, "10");
  const crm = await receiver(takes);
  await put(workspace, {
    url: crm.url,
    workspaces: [workspace],
    types: ["hold.*", "group.updated"],
  });
  const hold = await api.post(`/v1/workspaces/${workspace}/holds`, { member: "ana", credits: "1" });
  await grant(workspace);
  await api.post(`/v1/workspaces/${workspace}/holds/${hold.textAt("id")}/release`);
  await api.put(`/v1/workspaces/${workspace}/groups/red`, { name: "Red" });
  await until(() => crm.stored.length >= 3);
  assert.deepEqual(
    crm.stored.map(({ body }) => JSON.parse(body).type),
    ["hold.opened", "hold.released", "group.updated"],
  );
  const wrong = await api.put(`/v1/webhooks/${workspace}`, { url: crm.url, types: ["holds.*"] });
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /names no event type: holds/);
});

test("while an event is not taken, later ones of its workspace wait; the attempts are told, and the order is kept", async () => {
  const [ill, well] = [name(), name()];
  let failures = 2;
  const crm = await receiver((one, { response, stored }) => {
    if (one.workspace === ill && failures > 0) {
      failures -= 1;
      response.writeHead(503).end();
      return;
    }
    stored();
    response.writeHead(200).end("thanks");
  });
  await put(ill, { url: crm.url, workspaces: [ill, well] });
  for (const one of [ill, well]) await workspaceWith(api, one, "1");
  await until(() => crm.storedOnce(ill).length >= 2 && crm.storedOnce(well).length >= 2);
  assert.deepEqual(crm.storedOnce(ill), await idsIn(ill));
  assert.deepEqual(crm.storedOnce(well), await idsIn(well));
  const tried = crm.received.filter(({ workspace }) => workspace === ill).map(({ id }) => id);
  const [first, second] = await idsIn(ill);
  assert.deepEqual(tried, [first, first, first, second], "the same id at each attempt");
  const all = await api.get(`/v1/webhooks/${ill}/attempts?limit=100`);
  const told = all.rows().filter((one) => one["workspace"] === ill);
  assert.deepEqual(
    told.map((one) => [one["event"], one["attempt"], one["status"], one["taken"]]).toReversed(),
    [
      [first, 1, 503, false],
      [first, 2, 503, false],
      [first, 3, 200, true],
      [second, 1, 200, true],
    ],
  );
  assert.equal(typeof told.at(-1)?.["nextAt"], "string");
  const page = await api.get(`/v1/webhooks/${ill}/attempts?limit=1`);
  const next = await api.get(
    `/v1/webhooks/${ill}/attempts?limit=1&cursor=${page.textAt("nextCursor")}`,
  );
  assert.deepEqual(
    [page.at("data.0.id"), next.at("data.0.id")],
    [all.at("data.0.id"), all.at("data.1.id")],
  );
});

test("an endpoint that takes nothing for as long as the schedule is disabled with a notice, and goes on where it stood once enabled", async () => {
  const workspace = name();
  let isIll = true;
  const crm = await receiver((one, answer) => {
    if (isIll) answer.response.writeHead(500).end();
    else void takes(one, answer);
  });
  await put(workspace, { url: crm.url, workspaces: [workspace] });
  await workspaceWith(api, workspace, "1");
  const read = () => api.get(`/v1/webhooks/${workspace}`);
  await until(async () => (await read()).body["status"] === "disabled");
  const { body } = await read();
  assert.equal(body["status"], "disabled");
  assert.match(String(body["disabledReason"]), /All 4 attempts have failed.*It answered 500/);
  assert.equal(crm.received.length, 1 + retryMs.length);
  await until(async () => /cistern_webhooks_disabled [1-9]/.test((await api.get("/metrics")).text));
  assert.match((await api.get("/metrics")).text, /cistern_webhooks_disabled [1-9]/);
  isIll = false;
  await grant(workspace);
  assert.equal((await api.post(`/v1/webhooks/${workspace}/enable`)).body["status"], "active");
  await until(() => crm.stored.length >= 3);
  assert.deepEqual(crm.storedOnce(workspace), await idsIn(workspace));
});

test("how far an endpoint is behind stands in the metrics, until it is not", async () => {
  const workspace = name();
  let isIll = true;
  const crm = await receiver((one, answer) => {
    if (isIll) answer.response.writeHead(503, { "retry-after": "3600" }).end();
    else void takes(one, answer);
  });
  await put(workspace, { url: crm.url, workspaces: [workspace] });
  await workspaceWith(api, workspace, "1");
  await grant(workspace);
  const figure = async (metric: string): Promise<number> => {
    const { text } = await api.get("/metrics");
    const line = new RegExp(
      `^cistern_outbound_${metric}\\{consumer="webhook/${workspace}/.*\\} (.*)$`,
      "m",
    );
    return Number(line.exec(text)?.[1] ?? Number.NaN);
  };
  await until(async () => (await figure("rows_behind")) === 3);
  assert.deepEqual([await figure("rows_behind"), await figure("workspaces_behind")], [3, 1]);
  assert.ok((await figure("oldest_age_seconds")) > 0);
  isIll = false;
  await api.post(`/v1/webhooks/${workspace}/enable`);
  await until(async () => (await figure("rows_behind")) === 0);
  assert.equal(await figure("rows_behind"), 0);
  assert.deepEqual(crm.storedOnce(workspace), await idsIn(workspace));
});

test("410 disables an endpoint at once", async () => {
  const workspace = name();
  const crm = await receiver((_one, { response }) => void response.writeHead(410).end());
  await put(workspace, { url: crm.url, workspaces: [workspace] });
  await workspaceWith(api, workspace, "1");
  const read = () => api.get(`/v1/webhooks/${workspace}`);
  await until(async () => (await read()).body["status"] === "disabled");
  assert.match(String((await read()).body["disabledReason"]), /gone for good \(410\)/);
  assert.equal(crm.received.length, 1);
});

test("a receiver that asks for a pause gets it", async () => {
  for (const [retryAfter, seconds] of [
    ["120", 120],
    [new Date(Date.now() + 120_000).toUTCString(), 118],
    ["soon", 0],
  ] as const) {
    const workspace = name();
    const crm = await receiver((_one, { response }) => {
      response.writeHead(429, { "retry-after": retryAfter }).end();
    });
    await put(workspace, { url: crm.url, workspaces: [workspace] });
    await workspaceWith(api, workspace, "0");
    const attempts = async () => (await api.get(`/v1/webhooks/${workspace}/attempts`)).rows();
    await until(async () => (await attempts()).length > 0);
    const first = (await attempts()).at(-1);
    const pause = Date.parse(String(first?.["nextAt"])) - Date.parse(String(first?.["at"]));
    assert.ok(pause >= seconds * 1_000, `${retryAfter}: ${pause} ms`);
    if (seconds > 0) assert.equal(crm.received.length, 1);
  }
});

test("a redirect is not followed", async () => {
  const workspace = name();
  const elsewhere = await receiver(takes);
  const crm = await receiver((_one, { response }) => {
    response.writeHead(307, { location: elsewhere.url }).end();
  });
  await put(workspace, { url: crm.url, workspaces: [workspace] });
  const tested = await api.post(`/v1/webhooks/${workspace}/test`);
  assert.deepEqual([tested.body["taken"], tested.body["status"]], [false, 307]);
  assert.match(tested.textAt("fault"), /redirects are not followed/);
  assert.equal(elsewhere.received.length, 0);
});

test("a secret is rotated: both sign while they overlap, and a call that is repeated makes no third", async () => {
  const workspace = name();
  const crm = await receiver(takes);
  const old = await put(workspace, { url: crm.url, workspaces: [workspace] });
  const rotate = (overlap: string, idempotencyKey: string) =>
    api.post(`/v1/webhooks/${workspace}/rotate`, { overlap }, { idempotencyKey });
  const rotated = await rotate("PT1H", "first");
  const fresh = rotated.textAt("secret");
  assert.equal((await rotate("PT1H", "first")).textAt("secret"), fresh);
  assert.equal(typeof rotated.body["oldSecretsUntil"], "string");
  await workspaceWith(api, workspace, "0");
  await until(() => crm.stored.length >= 1);
  const [both] = crm.stored;
  assert.ok(both !== undefined && verifies(old, both) && verifies(fresh, both));
  const newest = (await rotate("PT0S", "second")).textAt("secret");
  await grant(workspace);
  await until(() => crm.stored.length >= 2);
  const last = crm.stored.at(-1);
  assert.ok(last !== undefined && verifies(newest, last) && verifies(old, last));
  assert.ok(!verifies(fresh, last), "it ended at once; the one before it has its hour");
});

test("a test event is sent at once, and the answer tells what came back", async () => {
  const workspace = name();
  const crm = await receiver((one, { response }) => {
    response.writeHead(202).end(JSON.parse(one.body).type);
  });
  const secret = await put(workspace, { url: crm.url });
  const tested = await api.post(`/v1/webhooks/${workspace}/test`);
  assert.deepEqual(
    [tested.body["taken"], tested.body["status"], tested.body["answer"]],
    [true, 202, "webhook.test"],
  );
  const [one] = crm.received;
  assert.ok(one !== undefined && verifies(secret, one));
  assert.equal(tested.body["event"], one.id);
  await api.put(`/v1/webhooks/${workspace}`, { url: "http://127.0.0.1:9/in" });
  const dead = await api.post(`/v1/webhooks/${workspace}/test`);
  assert.deepEqual([dead.body["taken"], dead.body["status"]], [false, undefined]);
  assert.match(dead.textAt("fault"), /ECONNREFUSED/);
  await api.call("DELETE", `/v1/webhooks/${workspace}`);
});

test("a replay since a moment brings again what a receiver lost, with the same ids and in order", async () => {
  const [one, other] = [name(), name()];
  let stores = false;
  const crm = await receiver((received, answer) => {
    // It says 200, and did not store.
    if (stores) void takes(received, answer);
    else answer.response.writeHead(200).end();
  });
  await put(one, { url: crm.url, workspaces: [one, other] });
  for (const workspace of [one, other]) await workspaceWith(api, workspace, "1");
  await until(() => crm.received.length >= 4);
  stores = true;
  const since = new Date(Date.now() - 60_000).toISOString();
  await api.post(`/v1/webhooks/${one}/replay`, { since, workspace: one });
  await until(() => crm.stored.length >= 2);
  assert.deepEqual(crm.storedOnce(one), await idsIn(one));
  assert.deepEqual(crm.storedOnce(other), [], "in that workspace alone");
  await api.post(`/v1/webhooks/${one}/replay`, { since });
  await until(() => crm.storedOnce(other).length >= 2);
  assert.deepEqual(crm.storedOnce(other), await idsIn(other));
});

test("an endpoint that is removed is sent nothing more, and made again it begins anew", async () => {
  const workspace = name();
  const crm = await receiver(takes);
  await put(workspace, { url: crm.url, workspaces: [workspace] });
  await workspaceWith(api, workspace, "0");
  await until(() => crm.stored.length >= 1);
  assert.equal((await api.call("DELETE", `/v1/webhooks/${workspace}`)).status, 200);
  await grant(workspace);
  const second = await receiver(takes);
  await put(workspace, { url: second.url, workspaces: [workspace] });
  await grant(workspace);
  await until(() => second.stored.length >= 1);
  assert.deepEqual(second.storedOnce(workspace), (await idsIn(workspace)).slice(2));
  assert.equal(crm.received.length, 1);
});

test("a key of one workspace sees and makes endpoints of that workspace alone", async () => {
  const [mine, theirs] = [name(), name()];
  for (const workspace of [mine, theirs]) await workspaceWith(api, workspace, "0");
  const keys = { name: "theirs", scopes: ["admin"], workspace: theirs };
  const bound = callsTo(api.url, (await api.post("/v1/keys", keys)).textAt("key"));
  const crm = await receiver(takes);
  await put(mine, { url: crm.url, workspaces: [mine] });
  const made = await bound.put(`/v1/webhooks/${theirs}`, { url: crm.url });
  assert.deepEqual([made.body["workspaces"], made.body["workspace"]], [[theirs], theirs]);
  assert.deepEqual(
    (await bound.get("/v1/webhooks")).rows().map((one) => one["id"]),
    [theirs],
  );
  const foreign = `/v1/webhooks/${mine}`;
  for (const answer of [
    await bound.get(foreign),
    await bound.put(foreign, { url: crm.url }),
    await bound.call("DELETE", foreign),
    await bound.post(`${foreign}/rotate`),
    await bound.post(`${foreign}/test`),
    await bound.get(`${foreign}/attempts`),
    await bound.post(`${foreign}/replay`, { since: "2026-01-01T00:00:00Z" }),
    await bound.post(`${foreign}/enable`),
  ])
    assert.deepEqual([answer.status, answer.at("code")], [404, "unknown_webhook"]);
  const wider = await bound.put(`/v1/webhooks/${theirs}`, { url: crm.url, workspaces: [mine] });
  assert.equal(wider.at("code"), "unknown_workspace");
  const replay = { since: "2026-01-01T00:00:00Z", workspace: mine };
  const spying = await bound.post(`/v1/webhooks/${theirs}/replay`, replay);
  assert.equal(spying.at("code"), "unknown_workspace");
  const reading = await api.post("/v1/keys", { name: "r", scopes: ["read", "usage:write"] });
  const weak = callsTo(api.url, reading.textAt("key"));
  assert.equal((await weak.get("/v1/webhooks")).status, 403);
});
