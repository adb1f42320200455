/** Spans that are compared with what was settled: the default. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Reply, callsTo, workspaceWith } from "../api/api-server.ts";
import { startWithCatalog } from "../api/catalog-server.ts";
import {
  catalog,
  from,
  reconcile,
  requestOf,
  send,
  sendJson,
  span,
  to,
  used,
  whose,
} from "./otlp-calls.ts";
import { agentOfTwoCalls, spansOf } from "./real-spans.ts";

const observing = await startWithCatalog(catalog);
await workspaceWith(observing, "acme", "10000");

test("an agent of 300 tokens is its two calls of 100 and 200, kept once however often they are sent", async () => {
  const spans = await spansOf(whose, agentOfTwoCalls);
  assert.ok(spans.some(({ attributes }) => attributes["gen_ai.operation.name"] === "invoke_agent"));
  for (const _ of [1, 2]) {
    const reply = await sendJson(observing, spans);
    assert.deepEqual([reply.status, reply.body], [200, {}], reply.text);
  }
  const compared = await reconcile(observing);
  const { body } = compared;
  assert.deepEqual([body["observed"], body["unsettled"]], [2, 2]);
  assert.deepEqual(
    compared.rows().map((row) => [row["response"], row["observed"]]),
    [
      ["resp-1", { cache_read: 30, input_text: 50, output_text: 20 }],
      ["resp-2", { input_text: 150, output_text: 50 }],
    ],
  );
  assert.equal(await used(observing), 0, "what is observed is not charged");
});

test("what was observed is told beside what was settled: equal, otherwise, by nobody, and seen by nobody", async () => {
  const settle = async (response: string, usage: object, more: object = {}): Promise<string> => {
    const hold = { member: "ana", meter: "chat", model: "gpt-5", estimate: { input_text: 500 } };
    const opened = await observing.post("/v1/workspaces/acme/holds", hold);
    const id = opened.textAt("id");
    const settled = await observing.call("POST", `/v1/workspaces/acme/holds/${id}/settle`, {
      body: { usage, response, ...more },
      idempotencyKey: null,
    });
    assert.equal(settled.status, 200, settled.text);
    return id;
  };
  // The price of this meter tells no reasoning apart, and the caller none of what was cached: in and out are the same.
  await settle("resp-1", { input_text: 80, output_text: 20 });
  const other = await settle("resp-2", { input_text: 150, output_text: 41 }, { estimated: true });
  const unseen = await settle("resp-unseen", { input_text: 5 });
  await observing.post("/v1/workspaces/acme/debits", {
    member: "ana",
    meter: "chat",
    model: "gpt-5",
    usage: { input_text: 1 },
  });
  await send(
    observing,
    requestOf([span({ "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 3 })]),
  );
  const reply = await settledInTables(5);
  const {
    observed,
    settled,
    settledUnnamed,
    equal,
    different,
    unsettled,
    unmeasured,
    unnamed,
    unobserved,
  } = reply.body;
  assert.deepEqual(
    {
      observed,
      settled,
      settledUnnamed,
      equal,
      different,
      unsettled,
      unmeasured,
      unnamed,
      unobserved,
    },
    {
      observed: 3,
      settled: 3,
      settledUnnamed: 1,
      equal: 1,
      different: 1,
      unsettled: 0,
      unmeasured: 0,
      unnamed: 1,
      unobserved: 1,
    },
  );
  const found = Object.fromEntries(reply.rows().map((row) => [String(row["kind"]), row]));
  assert.deepEqual(
    [
      found["different"]?.["observed"],
      found["different"]?.["settled"],
      found["different"]?.["settlements"],
      found["different"]?.["estimated"],
    ],
    [{ input_text: 150, output_text: 50 }, { input_text: 150, output_text: 41 }, [other], true],
  );
  assert.deepEqual(
    [
      found["unobserved"]?.["response"],
      found["unobserved"]?.["settlements"],
      found["unobserved"]?.["credits"],
    ],
    ["resp-unseen", [unseen], "5"],
  );
  const page = await observing.get(
    `/v1/workspaces/acme/reconciliation?from=${from}&to=${to}&limit=1`,
  );
  assert.equal(page.rows().length, 1);
  const rest = await observing.get(
    `/v1/workspaces/acme/reconciliation?from=${from}&to=${to}&cursor=${page.textAt("nextCursor")}`,
  );
  assert.equal(rest.rows().length, 2);
});

/** The tables are a moment behind. */
async function settledInTables(count: number): Promise<Reply> {
  for (;;) {
    const reply = await reconcile(observing);
    if (Number(reply.body["settled"]) + Number(reply.body["settledUnnamed"]) >= count - 1)
      return reply;
  }
}

test("a key of one workspace needs no attribute, and speaks for no other", async () => {
  const key = await observing.post("/v1/keys", {
    name: "otel",
    scopes: ["usage:write"],
    workspace: "acme",
  });
  const bound = callsTo(observing.url, key.textAt("key"));
  const chat = { "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 1 };
  assert.deepEqual((await send(bound, requestOf([span(chat)], {}))).body, {});
  const other = await send(bound, requestOf([span(chat)], { "cistern.workspace": "beta" }));
  assert.match(
    other.textAt("partialSuccess.errorMessage"),
    /is of workspace beta, and the key opens acme alone/,
  );
  const reader = await observing.post("/v1/keys", { name: "r", scopes: ["read"] });
  assert.equal((await send(callsTo(observing.url, reader.textAt("key")), {})).status, 403);
});
