/** Usage and outcomes as CloudEvents, sent by the real package, against a running server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { CloudEvent, HTTP, type Message, Mode, emitterFor } from "cloudevents";
import { type Reply, callsTo, workspaceWith } from "../api/api-server.ts";
import { startWithCatalog } from "../api/catalog-server.ts";

const catalog = {
  meters: {
    chat: { buckets: ["input_text", "output_text"] },
    requests: { buckets: ["requests"] },
  },
  rateCards: {
    standard: {
      rows: [
        { meter: "chat", model: "gpt*", perUnit: { input_text: "1", output_text: "2" } },
        { meter: "requests", perUnit: { requests: "3" } },
      ],
    },
  },
  outcomes: { resolution: { kind: "conversation" } },
  plans: { team: { currency: "USD", base: { fee: "100.00" }, outcomes: { resolution: "0.99" } } },
  events: {
    // As the OpenMeter examples send them: one event a kind of token, numbers as text, `$.` before a path.
    prompt: {
      meter: "chat",
      model: "$.model",
      usage: {
        input_text: { field: "tokens", where: { type: "input" } },
        output_text: { field: "tokens", where: { type: "output" } },
      },
      attributes: { provider: "provider" },
    },
    request: { meter: "requests", usage: { requests: 1 }, member: "user.id" },
  },
} as const;

const api = await startWithCatalog(catalog);
await workspaceWith(api, "acme", "10000");
await workspaceWith(api, "beta", "0", { overage: { kind: "deny" } });

const acme = "/v1/workspaces/acme/events";
let made = 0;

function event(type: string, data: object, more: object = {}): CloudEvent<object> {
  made += 1;
  return new CloudEvent({
    id: `e${made}`,
    source: "service-0",
    type,
    subject: "ana",
    data,
    ...more,
  });
}

async function send(
  path: string,
  { headers, body }: Pick<Message, "headers" | "body">,
): Promise<Reply> {
  const sent: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (typeof value === "string") sent[name] = value;
  return await api.call("POST", path, { text: String(body), idempotencyKey: null, headers: sent });
}

const batch = async (path: string, events: readonly unknown[]): Promise<Reply> =>
  await api.call("POST", path, {
    body: events,
    idempotencyKey: null,
    headers: { "content-type": "application/cloudevents-batch+json; charset=UTF-8" },
  });

const fates = (reply: Reply): unknown[] => reply.rows("results").map((one) => one["status"]);

async function used(workspace = "acme"): Promise<number> {
  const { body } = await api.get(`/v1/workspaces/${workspace}/balance`);
  return Number(body["consumed"]) + Number(body["debt"]);
}

test("an event sent in structured and in binary mode is one event, and charged once", async () => {
  const before = await used();
  const one = event(
    "usage.report",
    { member: "ana", credits: "3.5" },
    { time: "2026-11-01T12:00:00+02:00" },
  );
  const structured = await send(acme, HTTP.structured(one));
  assert.equal(structured.status, 200, structured.text);
  assert.deepEqual(fates(structured), ["accepted"]);
  assert.equal(structured.at("results.0.charged"), "3.5");
  assert.match(structured.textAt("results.0.of"), /^dbt_/);
  const binary = await send(acme, HTTP.binary(one));
  assert.deepEqual(fates(binary), ["duplicate"], binary.text);
  assert.equal(binary.at("results.0.of"), structured.at("results.0.of"));
  assert.equal((await used()) - before, 3.5);
});

test("the emitter of the package sends, in every mode", async () => {
  for (const mode of [Mode.STRUCTURED, Mode.BINARY]) {
    const replies: Reply[] = [];
    const emit = emitterFor(async (message) => replies.push(await send(acme, message)), {
      binding: HTTP,
      mode,
    });
    await emit(event("usage.report", { member: "ben", credits: "1" }));
    assert.deepEqual(replies.map(fates), [["accepted"]]);
  }
});

test("the same source and id with something else in it is told as such, and not charged", async () => {
  const one = event("usage.report", { member: "ana", credits: "1" });
  await send(acme, HTTP.structured(one));
  const before = await used();
  const other = await send(
    acme,
    HTTP.binary(one.cloneWith({ data: { member: "ana", credits: "2" } })),
  );
  assert.equal(other.status, 422);
  assert.equal(other.at("code"), "idempotency_key_reused");
  assert.match(other.textAt("detail"), new RegExp(`Event ${one.id} of service-0`));
  const elsewhere = await send(acme, HTTP.binary(one.cloneWith({ source: "service-1" })));
  assert.deepEqual(fates(elsewhere), ["accepted"]);
  assert.equal((await used()) - before, 1);
});

test("a batch with a duplicate and bad events does the rest, and says which", async () => {
  const before = await used();
  const good = event("usage.report", { member: "ana", credits: "1" });
  const last = event("usage.report", {
    member: "ana",
    meter: "chat",
    model: "gpt-5",
    usage: { input_text: 4 },
  });
  const { id: _, ...nameless } = event("usage.report", {}).toJSON();
  const reply = await batch(acme, [
    good,
    good,
    nameless,
    "no event",
    event("unheard.of", {}),
    event("usage.report", { member: "ana", credits: "1", colour: "red" }),
    event("usage.report", { member: "ana", meter: "nonsense", usage: { input_text: 1 } }),
    { ...event("usage.report", { member: "ana", credits: "1" }).toJSON(), time: "yesterday" },
    last,
  ]);
  assert.equal(reply.status, 200, reply.text);
  const wanted = [
    "accepted",
    "duplicate",
    ...Array.from({ length: 6 }, () => "refused"),
    "accepted",
  ];
  assert.deepEqual(fates(reply), wanted, reply.text);
  assert.deepEqual([reply.at("accepted"), reply.at("duplicates"), reply.at("refused")], [2, 1, 6]);
  assert.deepEqual(
    reply
      .rows("results")
      .map((one) => [one["index"], one["id"]])
      .at(-1),
    [8, last.id],
  );
  assert.equal(reply.at("results.6.problem.code"), "unknown_meter");
  assert.match(reply.textAt("results.4.problem.detail"), /unheard\.of has no meaning here/);
  assert.equal((await used()) - before, 5);
});

test("usage that happened is never refused for credits", async () => {
  const reply = await send(
    "/v1/workspaces/beta/events",
    HTTP.structured(event("usage.report", { member: "ana", credits: "70" })),
  );
  assert.deepEqual(fates(reply), ["accepted"]);
  assert.equal(await used("beta"), 70);
});

test("OpenMeter's events become usage by the catalog, and subject is the member", async () => {
  const time = new Date(Date.now() - 60_000).toISOString();
  const data = { tokens: "120", model: "gpt-4", provider: "openai" };
  const reply = await batch(acme, [
    event("prompt", { ...data, type: "input" }, { subject: "om", time }),
    event("prompt", { ...data, type: "output", tokens: 30 }, { subject: "om", time }),
    event("prompt", { ...data, type: "other" }, { subject: "om" }),
    event("prompt", { ...data, type: "input", tokens: 1.5 }, { subject: "om" }),
    event("request", { user: { id: "om" }, method: "GET" }, { subject: "somebody" }),
  ]);
  assert.deepEqual(
    fates(reply),
    ["accepted", "accepted", "refused", "refused", "accepted"],
    reply.text,
  );
  assert.deepEqual(
    reply.rows("results").map((one) => one["charged"]),
    ["120", "60", undefined, undefined, "3"],
  );
  assert.match(reply.textAt("results.3.problem.detail"), /\/data\/tokens must be a whole number/);
  const rows = await usageOf("om", 3);
  const [first] = rows;
  assert.deepEqual(
    [first?.["occurredAt"], first?.["usage"], first?.["attributes"]],
    [time, { input_text: 120 }, { provider: "openai" }],
  );
});

async function usageOf(member: string, count: number) {
  for (;;) {
    const rows = (await api.get(`/v1/workspaces/acme/usage?member=${member}`)).rows();
    if (rows.length >= count) return rows;
  }
}

test("an array is a batch whatever JSON it says that it is, and one of nothing is done at once", async () => {
  for (const type of ["application/json", "application/cloudevents+json"]) {
    const reply = await api.call("POST", acme, {
      body: [1, 2].map(() => event("usage.report", { credits: "1" })),
      idempotencyKey: null,
      headers: { "content-type": type },
    });
    assert.deepEqual(fates(reply), ["accepted", "accepted"], reply.text);
  }
  const none = await batch(acme, []);
  assert.deepEqual([none.status, none.at("accepted"), none.at("results")], [200, 0, []]);
});

test("a client of OpenMeter that is given another address sends as it always did", async () => {
  const before = await used();
  // As its package does it: always an array, with what is left out filled in.
  const ingested = await api.call("POST", "/api/v1/events", {
    body: [
      {
        specversion: "1.0",
        id: "5c10fade-1c9e-4d6c-8275-c52c36731d3c",
        source: "@openmeter/sdk",
        type: "prompt",
        subject: "acme",
        time: new Date().toISOString(),
        data: { tokens: "7", type: "input", model: "gpt-4", member: "om" },
      },
    ],
    idempotencyKey: null,
    headers: { "content-type": "application/cloudevents-batch+json" },
  });
  assert.deepEqual(fates(ingested), ["accepted"], ingested.text);
  assert.equal((await used()) - before, 7);
  assert.equal((await api.get("/api/v1/keys")).status, 404, "no other address is there twice");
});

test("a key of all workspaces says the workspace by subject, and one of a workspace opens no other", async () => {
  const all = "/v1/events";
  const data = { member: "zoe", credits: "2" };
  const acmes = await send(all, HTTP.structured(event("usage.report", data, { subject: "acme" })));
  assert.deepEqual(fates(acmes), ["accepted"], acmes.text);
  const extended = event("request", { user: { id: "zoe" } }, { cisternworkspace: "acme" });
  assert.deepEqual(fates(await send(all, HTTP.binary(extended))), ["accepted"]);
  const none = await send(
    all,
    HTTP.structured(event("usage.report", data, { subject: "nowhere" })),
  );
  assert.equal(none.at("code"), "unknown_workspace");
  const key = await api.post("/v1/keys", {
    name: "p",
    scopes: ["usage:write"],
    workspace: "beta",
  });
  const bound = callsTo(api.url, key.textAt("key"));
  const own = {
    body: event("usage.report", { credits: "1" }, { subject: "zoe" }),
    idempotencyKey: null,
  };
  const reply = await bound.call("POST", all, own);
  assert.deepEqual(fates(reply), ["accepted"], "its own workspace, and subject is the member");
  assert.equal((await bound.call("POST", acme, own)).status, 404);
  const reader = await api.post("/v1/keys", { name: "r", scopes: ["read"] });
  const denied = await callsTo(api.url, reader.textAt("key")).call("POST", acme, own);
  assert.equal(denied.at("code"), "forbidden");
});

test("outcomes are claimed, confirmed and reopened by events", async () => {
  await api.put("/v1/workspaces/beta/subscription", { plan: "team" });
  const beta = "/v1/workspaces/beta/events";
  const about = { customer: "cus_9", topic: "refund", conversation: "c1" };
  const claim = event("outcome.claim", { type: "resolution", ...about });
  const claimed = await send(beta, HTTP.structured(claim));
  assert.deepEqual(fates(claimed), ["accepted"], claimed.text);
  const outcome = claimed.textAt("results.0.of");
  assert.deepEqual(fates(await send(beta, HTTP.binary(claim))), ["duplicate"]);
  const told = await batch(beta, [
    event("outcome.confirm", { outcome, attestor: "cus_9" }),
    event("outcome.signal", { kind: "contact", ...about }),
    event("outcome.confirm", {}),
    event("outcome.reopen", { outcome: "out_none" }),
  ]);
  assert.deepEqual(fates(told), ["accepted", "accepted", "refused", "refused"], told.text);
  assert.equal(told.at("results.3.problem.code"), "unknown_outcome");
  const reopened = await send(beta, HTTP.structured(event("outcome.reopen", { outcome })));
  assert.deepEqual(fates(reopened), ["accepted"], reopened.text);
  const { body } = await api.get(`/v1/workspaces/beta/outcomes/${outcome}`);
  assert.equal(body["status"], "reversed");
});

test("what is too large, of another type, or no JSON is refused whole, and other routes take none of these types", async () => {
  const typed = async (type: string, text: string, path = acme, headers = {}): Promise<Reply> =>
    await api.call("POST", path, {
      text,
      idempotencyKey: null,
      headers: { "content-type": type, ...headers },
    });
  const events = "application/cloudevents+json";
  assert.equal((await typed("text/plain", "{}")).at("code"), "unsupported_media_type");
  assert.equal((await typed(events, "{")).at("code"), "malformed");
  assert.equal((await typed(events, '"x"')).at("code"), "invalid_request");
  assert.equal(
    (await typed(events, JSON.stringify(Array.from({ length: 501 }, () => ({}))))).status,
    422,
  );
  assert.equal((await typed(events, "x".repeat(1_048_577))).at("code"), "too_large");
  assert.equal((await typed(events, "{}", acme, { "content-encoding": "br" })).status, 415);
  assert.equal((await typed(events, "{}", "/v1/workspaces/acme/debits")).status, 415);
  const bomb = gzipSync(Buffer.alloc(1_100_000, 32));
  const folded = async (body: Buffer): Promise<Response> =>
    await fetch(api.url + acme, {
      method: "POST",
      headers: {
        authorization: `Bearer ${api.key}`,
        "content-type": events,
        "content-encoding": "gzip",
      },
      body: new Uint8Array(body),
    });
  assert.equal((await folded(bomb)).status, 413);
  assert.equal((await folded(Buffer.from("no gzip"))).status, 400);
  const small = gzipSync(JSON.stringify(event("usage.report", { member: "ana", credits: "1" })));
  assert.equal((await folded(small)).status, 200);
});
