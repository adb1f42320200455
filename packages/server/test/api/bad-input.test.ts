/** Whatever is wrong with a request: a clear problem, and nothing written. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { ProblemSchema, limits } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { type CallOptions, type Reply, startApi, workspaceWith } from "./api-server.ts";

const api = await startApi();
await workspaceWith(api, "acme", "500");
const problemCheck = Compile(ProblemSchema);

/** Asserts a problem, in the form of RFC 9457 and with this code. */
function assertProblem(reply: Reply, status: number, code: string): void {
  assert.equal(reply.status, status, reply.text);
  assert.equal(reply.headers.get("content-type"), "application/problem+json");
  assert.ok(problemCheck.Check(reply.body), reply.text);
  assert.equal(reply.body["code"], code, reply.text);
  assert.equal(reply.body["status"], status);
  assert.ok(reply.textAt("detail").length > 10, reply.text);
}

/** The place of the last event: what was written moves it. */
async function head(): Promise<unknown> {
  return (await api.get("/v1/workspaces/acme/balance")).body["at"];
}

const hold = "/v1/workspaces/acme/holds";
const grant = "/v1/workspaces/acme/grants";
const limit = "/v1/workspaces/acme/limits/l";
const member = "/v1/workspaces/acme/members/ana";

type Row = readonly [
  what: string,
  method: string,
  path: string,
  body: unknown,
  status: number,
  code: string,
  pointer?: string,
];

const rows: readonly Row[] = [
  [
    "an unknown field",
    "POST",
    hold,
    { member: "ana", credits: "1", foo: 1 },
    422,
    "invalid_request",
  ],
  ["no body", "POST", hold, undefined, 422, "invalid_request"],
  ["a list as the body", "POST", hold, [], 422, "invalid_request"],
  ["text as the body", "POST", hold, "credits", 422, "invalid_request"],
  ["null as the body", "POST", hold, null, 422, "invalid_request"],
  [
    "a negative amount",
    "POST",
    hold,
    { member: "ana", credits: "-1" },
    422,
    "invalid_request",
    "/credits",
  ],
  [
    "a number for credits",
    "POST",
    hold,
    { member: "ana", credits: 1 },
    422,
    "invalid_request",
    "/credits",
  ],
  [
    "an amount past 10^-6",
    "POST",
    hold,
    { member: "ana", credits: "0.0000001" },
    422,
    "invalid_request",
    "/credits",
  ],
  [
    "an amount of 13 digits",
    "POST",
    hold,
    { member: "ana", credits: "1000000000000" },
    422,
    "invalid_request",
    "/credits",
  ],
  [
    "an amount in powers of ten",
    "POST",
    hold,
    { member: "ana", credits: "1e3" },
    422,
    "invalid_request",
    "/credits",
  ],
  [
    "NaN as text",
    "POST",
    hold,
    { member: "ana", credits: "NaN" },
    422,
    "invalid_request",
    "/credits",
  ],
  [
    "Infinity as text",
    "POST",
    hold,
    { member: "ana", credits: "Infinity" },
    422,
    "invalid_request",
    "/credits",
  ],
  [
    "an empty amount",
    "POST",
    hold,
    { member: "ana", credits: "" },
    422,
    "invalid_request",
    "/credits",
  ],
  [
    "credits and an estimate",
    "POST",
    hold,
    { member: "ana", credits: "1", meter: "chat", estimate: {} },
    422,
    "invalid_request",
  ],
  ["neither credits nor an estimate", "POST", hold, { member: "ana" }, 422, "invalid_request"],
  [
    "a fraction of a token",
    "POST",
    hold,
    { member: "ana", meter: "chat", model: "gpt-5", estimate: { input_text: 0.5 } },
    422,
    "invalid_request",
    "/estimate/input_text",
  ],
  [
    "a negative number of tokens",
    "POST",
    hold,
    { member: "ana", meter: "chat", model: "gpt-5", estimate: { input_text: -1 } },
    422,
    "invalid_request",
    "/estimate/input_text",
  ],
  [
    "a bucket that the card does not price",
    "POST",
    hold,
    { member: "ana", meter: "chat", model: "gpt-5", estimate: { output_smell: 1 } },
    422,
    "invalid_request",
  ],
  [
    "more than any pool could have",
    "POST",
    hold,
    { member: "ana", meter: "image", estimate: { images: 1_000_000_000_000 } },
    422,
    "invalid_request",
  ],
  [
    "an unknown meter",
    "POST",
    hold,
    { member: "ana", meter: "smell", estimate: {} },
    422,
    "unknown_meter",
  ],
  [
    "an unknown meter beside credits",
    "POST",
    hold,
    { member: "ana", meter: "smell", credits: "1" },
    422,
    "unknown_meter",
  ],
  [
    "an unknown model",
    "POST",
    hold,
    { member: "ana", meter: "chat", model: "gpt-0", estimate: {} },
    422,
    "unknown_model",
  ],
  [
    "no model where it is priced by model",
    "POST",
    hold,
    { member: "ana", meter: "chat", estimate: {} },
    422,
    "unknown_model",
  ],
  ["an unknown run", "POST", hold, { member: "ana", credits: "1", run: "r1" }, 404, "unknown_run"],
  ["no member", "POST", hold, { credits: "1" }, 422, "invalid_request"],
  [
    "a member with odd characters",
    "POST",
    hold,
    { member: "ana/../bob", credits: "1" },
    422,
    "invalid_request",
    "/member",
  ],
  [
    "a member of 65 characters",
    "POST",
    hold,
    { member: "a".repeat(65), credits: "1" },
    422,
    "invalid_request",
    "/member",
  ],
  [
    "a life of nothing",
    "POST",
    hold,
    { member: "ana", credits: "1", ttl: "PT0S" },
    422,
    "invalid_request",
    "/ttl",
  ],
  [
    "a life of two days",
    "POST",
    hold,
    { member: "ana", credits: "1", ttl: "P2D" },
    422,
    "invalid_request",
    "/ttl",
  ],
  [
    "a life in months",
    "POST",
    hold,
    { member: "ana", credits: "1", ttl: "P1M" },
    422,
    "invalid_request",
    "/ttl",
  ],
  [
    "attributes past a kilobyte",
    "POST",
    hold,
    { member: "ana", credits: "1", attributes: { note: "ä".repeat(600) } },
    422,
    "invalid_request",
    "/attributes",
  ],
  [
    "attributes that are no text",
    "POST",
    hold,
    { member: "ana", credits: "1", attributes: { n: 1 } },
    422,
    "invalid_request",
    "/attributes/n",
  ],
  [
    "an unknown workspace",
    "POST",
    "/v1/workspaces/none/holds",
    { member: "ana", credits: "1" },
    404,
    "unknown_workspace",
  ],
  [
    "a workspace with odd characters",
    "POST",
    "/v1/workspaces/a%20b/holds",
    { member: "ana", credits: "1" },
    422,
    "invalid_request",
    "/path/workspace",
  ],
  [
    "a workspace with a line feed",
    "GET",
    "/v1/workspaces/a%0Ab",
    undefined,
    422,
    "invalid_request",
    "/path/workspace",
  ],
  [
    "a workspace of 100 characters",
    "GET",
    `/v1/workspaces/${"w".repeat(100)}`,
    undefined,
    422,
    "invalid_request",
    "/path/workspace",
  ],
  ["an id that is badly encoded", "GET", "/v1/workspaces/%zz", undefined, 404, "not_found"],
  [
    "a grant of zero",
    "POST",
    grant,
    { credits: "0", source: "purchase" },
    422,
    "invalid_request",
    "/credits",
  ],
  [
    "a grant of nothing in six digits",
    "POST",
    grant,
    { credits: "0.000000", source: "purchase" },
    422,
    "invalid_request",
    "/credits",
  ],
  ["a grant without a source", "POST", grant, { credits: "1" }, 422, "invalid_request"],
  [
    "a grant from an unknown source",
    "POST",
    grant,
    { credits: "1", source: "luck" },
    422,
    "invalid_request",
    "/source",
  ],
  [
    "a grant in another currency",
    "POST",
    grant,
    { credits: "1", source: "purchase", cost: { amount: "1", currency: "JPY" } },
    422,
    "currency_mismatch",
  ],
  [
    "a cost in fractions",
    "POST",
    grant,
    { credits: "1", source: "purchase", cost: { amount: "1.5", currency: "USD" } },
    422,
    "invalid_request",
    "/cost/amount",
  ],
  [
    "a grant that expired before it began",
    "POST",
    grant,
    { credits: "1", source: "purchase", expiresAt: "2020-01-01T00:00:00Z" },
    422,
    "invalid_request",
    "/expiresAt",
  ],
  [
    "a day that does not exist",
    "POST",
    grant,
    { credits: "1", source: "purchase", expiresAt: "2030-02-30T00:00:00Z" },
    422,
    "invalid_request",
    "/expiresAt",
  ],
  [
    "an instant without a zone",
    "POST",
    grant,
    { credits: "1", source: "purchase", expiresAt: "2030-02-01T00:00:00" },
    422,
    "invalid_request",
    "/expiresAt",
  ],
  [
    "a priority that is no integer",
    "POST",
    grant,
    { credits: "1", source: "purchase", priority: 1.5 },
    422,
    "invalid_request",
    "/priority",
  ],
  [
    "a grant for an unknown group",
    "POST",
    grant,
    { credits: "1", source: "purchase", appliesTo: { groups: ["none"] } },
    404,
    "unknown_group",
  ],
  [
    "a revoke of zero",
    "POST",
    `${grant}/grt_none/revoke`,
    { credits: "0" },
    422,
    "invalid_request",
    "/credits",
  ],
  ["a revoke of an unknown grant", "POST", `${grant}/grt_none/revoke`, {}, 404, "unknown_grant"],
  [
    "a refund of zero",
    "POST",
    "/v1/workspaces/acme/refunds",
    { of: "hld_x", credits: "0" },
    422,
    "invalid_request",
    "/credits",
  ],
  [
    "a refund of an unknown hold",
    "POST",
    "/v1/workspaces/acme/refunds",
    { of: "hld_x" },
    404,
    "unknown_hold",
  ],
  [
    "a refund of an unknown debit",
    "POST",
    "/v1/workspaces/acme/refunds",
    { of: "dbt_x" },
    404,
    "unknown_debit",
  ],
  [
    "a debit in the future",
    "POST",
    "/v1/workspaces/acme/debits",
    { member: "ana", credits: "1", occurredAt: "2999-01-01T00:00:00Z" },
    422,
    "invalid_request",
    "/occurredAt",
  ],
  [
    "a settle of an unknown hold",
    "POST",
    `${hold}/hld_none/settle`,
    { credits: "1" },
    404,
    "unknown_hold",
  ],
  [
    "an extend of an unknown hold",
    "POST",
    `${hold}/hld_none/extend`,
    { credits: "1" },
    404,
    "unknown_hold",
  ],
  ["a release of an unknown hold", "POST", `${hold}/hld_none/release`, {}, 404, "unknown_hold"],
  [
    "an extend that asks for nothing",
    "POST",
    `${hold}/hld_none/extend`,
    {},
    422,
    "invalid_request",
  ],
  ["a member of an unknown group", "PUT", member, { groups: ["none"] }, 404, "unknown_group"],
  ["a home outside the groups", "PUT", member, { home: "none" }, 422, "invalid_request", "/home"],
  [
    "an unknown sponsor",
    "PUT",
    member,
    { kind: "agent", sponsor: "nobody" },
    403,
    "unknown_member",
  ],
  ["an unknown kind of member", "PUT", member, { kind: "dog" }, 422, "invalid_request", "/kind"],
  ["an empty name", "PUT", member, { name: "" }, 422, "invalid_request", "/name"],
  [
    "the end of an unknown member",
    "DELETE",
    "/v1/workspaces/acme/members/none",
    undefined,
    403,
    "unknown_member",
  ],
  [
    "a limit with neither cap nor rate",
    "PUT",
    limit,
    { scope: { kind: "workspace" } },
    422,
    "invalid_request",
  ],
  [
    "a limit on an unknown kind of node",
    "PUT",
    limit,
    { scope: { kind: "planet" }, cap: { credits: "1", window: "day" } },
    422,
    "invalid_request",
  ],
  [
    "a limit on an unknown group",
    "PUT",
    limit,
    { scope: { kind: "group", id: "none" }, cap: { credits: "1", window: "day" } },
    404,
    "unknown_group",
  ],
  [
    "a window of nothing",
    "PUT",
    limit,
    { scope: { kind: "workspace" }, cap: { credits: "1", window: { rolling: "PT0S" } } },
    422,
    "invalid_request",
    "/cap/window/rolling",
  ],
  [
    "an unknown window",
    "PUT",
    limit,
    { scope: { kind: "workspace" }, cap: { credits: "1", window: "fortnight" } },
    422,
    "invalid_request",
  ],
  [
    "a rate per nothing",
    "PUT",
    limit,
    { scope: { kind: "workspace" }, rate: { requests: 1, per: "PT0S" } },
    422,
    "invalid_request",
    "/rate/per",
  ],
  [
    "a rate of no requests",
    "PUT",
    limit,
    { scope: { kind: "workspace" }, rate: { requests: 0, per: "PT1S" } },
    422,
    "invalid_request",
  ],
  ["a workspace that exists", "POST", "/v1/workspaces", { id: "acme" }, 409, "workspace_exists"],
  [
    "an unknown time zone",
    "POST",
    "/v1/workspaces",
    { id: "new", timeZone: "Mars/Olympus" },
    422,
    "invalid_request",
    "/timeZone",
  ],
  [
    "an offset as a time zone",
    "POST",
    "/v1/workspaces",
    { id: "new", timeZone: "+02:00" },
    422,
    "invalid_request",
    "/timeZone",
  ],
  [
    "a currency in small letters",
    "POST",
    "/v1/workspaces",
    { id: "new", currency: "eur" },
    422,
    "invalid_request",
    "/currency",
  ],
  [
    "overage that is billed, which comes with the plans",
    "POST",
    "/v1/workspaces",
    { id: "new", overage: { kind: "bill" } },
    422,
    "invalid_request",
  ],
  ["a change of nothing", "PATCH", "/v1/workspaces/acme", {}, 422, "invalid_request"],
  [
    "a page of no rows",
    "GET",
    "/v1/workspaces/acme/members?limit=0",
    undefined,
    422,
    "invalid_request",
    "/query/limit",
  ],
  [
    "a page of too many rows",
    "GET",
    `/v1/workspaces/acme/members?limit=${limits.pageRowsMax + 1}`,
    undefined,
    422,
    "invalid_request",
    "/query/limit",
  ],
  [
    "a page of some rows",
    "GET",
    "/v1/workspaces/acme/members?limit=some",
    undefined,
    422,
    "invalid_request",
    "/query/limit",
  ],
  [
    "two limits on a page",
    "GET",
    "/v1/workspaces/acme/members?limit=1&limit=2",
    undefined,
    422,
    "invalid_request",
    "/query/limit",
  ],
  [
    "an unknown query",
    "GET",
    "/v1/workspaces/acme/members?colour=blue",
    undefined,
    422,
    "invalid_request",
  ],
  [
    "a cursor of no feed",
    "GET",
    "/v1/workspaces/acme/events?after=yesterday",
    undefined,
    422,
    "invalid_request",
    "/query/after",
  ],
  [
    "a cursor of no page",
    "GET",
    "/v1/workspaces/acme/ledger?cursor=x",
    undefined,
    422,
    "invalid_request",
  ],
  [
    "a balance at no instant",
    "GET",
    "/v1/workspaces/acme/balance?at=noon",
    undefined,
    422,
    "invalid_request",
    "/query/at",
  ],
  [
    "an unknown scope of a key",
    "POST",
    "/v1/keys",
    { name: "k", scopes: ["root"] },
    422,
    "invalid_request",
  ],
  [
    "a key without scopes",
    "POST",
    "/v1/keys",
    { name: "k", scopes: [] },
    422,
    "invalid_request",
    "/scopes",
  ],
  [
    "a key for an unknown workspace",
    "POST",
    "/v1/keys",
    { name: "k", scopes: ["read"], workspace: "none" },
    404,
    "unknown_workspace",
  ],
  [
    "an empty batch",
    "POST",
    "/v1/batch",
    { operations: [] },
    422,
    "invalid_request",
    "/operations",
  ],
  [
    "a quote with an unknown field",
    "POST",
    "/v1/workspaces/acme/quotes",
    { member: "ana", credits: "1", foo: 1 },
    422,
    "invalid_request",
  ],
  [
    "a quote of an unknown model",
    "POST",
    "/v1/workspaces/acme/quotes",
    { member: "ana", meter: "chat", model: "gpt-0", estimate: {} },
    422,
    "unknown_model",
  ],
  ["a method that an address does not take", "PUT", hold, {}, 405, "method_not_allowed"],
  ["an address that does not exist", "GET", "/v1/nowhere", undefined, 404, "not_found"],
];

for (const [what, method, path, body, status, code, pointer] of rows)
  test(`${what}: ${status} ${code}, and nothing is written`, async () => {
    const before = await head();
    const options: CallOptions = body === undefined ? {} : { body };
    const reply = await api.call(method, path, options);
    assertProblem(reply, status, code);
    if (pointer !== undefined)
      assert.ok(
        reply.rows("violations").some((one) => one["pointer"] === pointer),
        `no violation at ${pointer}: ${reply.text}`,
      );
    assert.deepEqual(await head(), before);
  });

test("a batch past its bound is refused whole", async () => {
  const before = await head();
  const operation = {
    method: "POST",
    path: hold,
    idempotencyKey: "k",
    body: { member: "a", credits: "1" },
  };
  const operations = Array.from({ length: limits.batchOperationsMax + 1 }, () => operation);
  assertProblem(await api.post("/v1/batch", { operations }), 422, "invalid_request");
  assert.deepEqual(await head(), before);
});

const malformed: readonly (readonly [string, string])[] = [
  ["a body that breaks off", '{"member":"ana"'],
  ["a body with NaN", '{"member":"ana","credits":NaN}'],
  ["a body with a comment", '{"member":"ana"} // ana'],
  ["a body that sets a prototype", '{"__proto__":{"credits":"1"},"member":"ana"}'],
];
for (const [what, text] of malformed)
  test(`${what}: 400 malformed`, async () => {
    assertProblem(await api.call("POST", hold, { text }), 400, "malformed");
  });

test("a number past all bounds is no integer: 422", async () => {
  const text = '{"member":"ana","meter":"chat","model":"gpt-5","estimate":{"input_text":1e999}}';
  assertProblem(await api.call("POST", hold, { text }), 422, "invalid_request");
});

test("a body that is no JSON by its type: 415", async () => {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  assertProblem(
    await api.call("POST", hold, { text: "member=ana", headers }),
    415,
    "unsupported_media_type",
  );
});

test("a body of 10 MiB: 413, with its length told or not", async () => {
  const text = JSON.stringify({ member: "ana", credits: "1", note: "x".repeat(10 * 1024 * 1024) });
  assertProblem(await api.call("POST", hold, { text }), 413, "too_large");
  const chunks = new ReadableStream({
    start(controller) {
      for (let part = 0; part < 160; part += 1)
        controller.enqueue(new TextEncoder().encode(" ".repeat(65_536)));
      controller.close();
    },
  });
  const response = await fetch(api.url + hold, {
    method: "POST",
    headers: { authorization: `Bearer ${api.key}`, "content-type": "application/json" },
    body: chunks,
    duplex: "half",
  });
  assert.equal(response.status, 413);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
});

test("a wrong method names those that the address takes", async () => {
  for (const [method, path, allow] of [
    ["DELETE", hold, "POST"],
    ["POST", member, "GET, PUT, DELETE, HEAD"],
    ["POST", "/livez", "GET, HEAD"],
    ["OPTIONS", "/v1/batch", "POST"],
  ] as const) {
    const reply = await api.call(method, path, { apiKey: null });
    assertProblem(reply, 405, "method_not_allowed");
    assert.deepEqual(new Set(reply.headers.get("allow")?.split(", ")), new Set(allow.split(", ")));
  }
});

test("a key is asked for where something changes, and must be printable", async () => {
  const body = { member: "ana", credits: "1" };
  assertProblem(
    await api.post(hold, body, { idempotencyKey: null }),
    400,
    "idempotency_key_missing",
  );
  assertProblem(
    await api.post(hold, body, { idempotencyKey: "k".repeat(256) }),
    422,
    "invalid_request",
  );
  assertProblem(
    await api.post(hold, body, { idempotencyKey: "sch\u00f6n" }),
    422,
    "invalid_request",
  );
  assert.equal(
    (await api.post("/v1/workspaces/acme/quotes", body, { idempotencyKey: null })).status,
    200,
  );
});

test("bytes that are no HTTP are told so, as a problem", async () => {
  const { hostname, port } = new URL(api.url);
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write("NONSENSE\r\n\r\n"));
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.on("end", () => resolve(text));
    socket.on("error", reject);
  });
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.match(answer, /application\/problem\+json/);
});

test("a fault of ours tells nothing of itself", async () => {
  const { refusalOfError } = await import("../../src/api/http/http-problems.ts");
  const { problem } = refusalOfError(new Error("password is swordfish"), {
    contentType: undefined,
    bodyBytesMax: 1,
  });
  assert.equal(problem.status, 500);
  assert.ok(!JSON.stringify(problem).includes("swordfish"));
});

test("credits past what one pool can ever hold are refused, and the pool goes on", async () => {
  await workspaceWith(api, "huge", "999999999999");
  const path = "/v1/workspaces/huge";
  const more = await api.post(`${path}/grants`, {
    credits: "999999999999.999999",
    source: "purchase",
  });
  assertProblem(more, 422, "invalid_request");
  assert.equal(
    (await api.post(`${path}/holds`, { member: "ana", credits: "999999999998" })).status,
    201,
  );
  const debit = { member: "ana", credits: "999999999999.999999" };
  const debits = [await api.post(`${path}/debits`, debit), await api.post(`${path}/debits`, debit)];
  for (const one of debits) assert.ok(one.status === 201 || one.status === 422, one.text);
  assert.equal((await api.get(`${path}/balance`)).status, 200);
});
