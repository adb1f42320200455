/** Spans over OTLP/HTTP, from a real instrumentation and in the bytes of a real exporter, against running servers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { createCistern } from "cistern";
import { type Reply, workspaceWith } from "../api/api-server.ts";
import { inForce, serverOn } from "../api/catalog-server.ts";
import { freshDatabase } from "../fresh-database.ts";
import {
  catalog,
  path,
  reconcile,
  requestOf,
  send,
  sendBytes,
  sendJson,
  span,
  used,
  whose,
} from "./otlp-calls.ts";
import { abortedStream, agentOfTwoCalls, embeddings, spansOf, traced } from "./real-spans.ts";

const { url } = await freshDatabase();
await inForce(
  url,
  { ...catalog, traces: { mode: "debit", meters: { embeddings: "embedding" } } },
  1,
);
const api = await serverOn(url);
await workspaceWith(api, "acme", "10000");

test("in a node that charges spans each call is charged once, over retries and other nodes", async () => {
  const spans = await spansOf(whose, agentOfTwoCalls);
  const first = await sendJson(api, spans);
  assert.deepEqual([first.status, first.body], [200, {}], first.text);
  assert.equal(await used(api), 305, "100 and 200 tokens at 1, and a tool at 5");
  await Promise.all([sendJson(api, spans), sendJson(api, spans)]);
  const bytes = ProtobufTraceSerializer.serializeRequest(spans) ?? new Uint8Array();
  assert.equal((await sendBytes(api, bytes)).status, 200);
  const another = await createCistern({ databaseUrl: url });
  const request = JSON.parse(
    Buffer.from(JsonTraceSerializer.serializeRequest(spans) ?? []).toString(),
  );
  assert.deepEqual(await another.ingest.traces(request), {});
  await another.close();
  assert.equal(await used(api), 305);
  const { body } = await reconcile(api);
  assert.deepEqual([body["observed"], body["unsettled"]], [2, 0]);
});

test("protobuf is answered in protobuf, gzip is taken, and embeddings in one call are those of its parts", async () => {
  const before = await used(api);
  const spans = await spansOf(whose, embeddings);
  assert.ok(spans.length >= 3, "one around two");
  const bytes = ProtobufTraceSerializer.serializeRequest(spans) ?? new Uint8Array();
  const reply = await sendBytes(api, gzipSync(bytes), { "content-encoding": "gzip" });
  assert.deepEqual([reply.status, reply.type], [200, "application/x-protobuf"]);
  assert.deepEqual(ProtobufTraceSerializer.deserializeResponse(reply.bytes), {});
  assert.equal((await used(api)) - before, 14);
  const homeless = ProtobufTraceSerializer.serializeRequest(await spansOf({}, embeddings));
  const { partialSuccess } = ProtobufTraceSerializer.deserializeResponse(
    (await sendBytes(api, homeless ?? new Uint8Array())).bytes,
  );
  assert.equal(Number(partialSuccess?.rejectedSpans), 2);
  assert.match(
    partialSuccess?.errorMessage ?? "",
    /says no workspace: set the attribute cistern\.workspace/,
  );
});

test("a real exporter that compresses sends each span as it ends, and an agent is charged by its calls and tools", async () => {
  const before = await used(api);
  const exporter = new OTLPTraceExporter({
    url: api.url + path,
    headers: { Authorization: `Bearer ${api.key}` },
    compression: CompressionAlgorithm.GZIP,
  });
  await traced(exporter, whose, agentOfTwoCalls);
  await exporter.shutdown();
  assert.equal((await used(api)) - before, 305);
});

test("attributes of before, of OpenInference and of other instrumentations are read, and what is not priced apart is folded", async () => {
  const before = await used(api);
  const kinds = [
    {
      "gen_ai.system": "openai",
      "gen_ai.request.model": "gpt-5",
      "gen_ai.usage.prompt_tokens": 10,
      "gen_ai.usage.completion_tokens": 5,
    },
    {
      "openinference.span.kind": "LLM",
      "llm.model_name": "gpt-5",
      "llm.token_count.prompt": 20,
      "llm.token_count.completion": 8,
      "llm.token_count.prompt_details.cache_read": 15,
      "llm.token_count.prompt_details.cache_write": 4,
      "llm.token_count.completion_details.reasoning": 6,
    },
    {
      "llm.request.type": "chat",
      "gen_ai.system": "Anthropic",
      "gen_ai.request.model": "gpt-5",
      "gen_ai.usage.input_tokens": 2,
    },
    // Who answered has no price, and who was asked has.
    {
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "gpt-5",
      "gen_ai.response.model": "gpt-5-2026-08-01",
      "gen_ai.usage.input_tokens": 1,
    },
    { "openinference.span.kind": "CHAIN", "llm.token_count.prompt": 99 },
    { "http.request.method": "POST" },
  ];
  const spans = kinds.map((attributes) => span(attributes));
  const reply = await send(api, requestOf(spans));
  assert.deepEqual(reply.body, {}, reply.text);
  assert.equal((await used(api)) - before, 15 + 28 + 2 + 1);
});

test("a span around calls is none of its own, also where those were sent before it", async () => {
  const before = await used(api);
  const model = { "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5" };
  const outer = span({ ...model, "gen_ai.usage.input_tokens": 30 });
  const inner = span({ ...model, "gen_ai.usage.input_tokens": 30 }, { parentSpanId: outer.spanId });
  const http = span({ "http.request.method": "POST" }, { parentSpanId: outer.spanId });
  const deep = span({ ...model, "gen_ai.usage.input_tokens": 4 }, { parentSpanId: http.spanId });
  await send(api, requestOf([inner]));
  assert.deepEqual((await send(api, requestOf([outer]))).body, {});
  assert.equal((await used(api)) - before, 30);
  await send(api, requestOf([http, outer, deep]));
  assert.equal((await used(api)) - before, 34);
});

test("a stream that was given up tells no usage: it is counted and told, and never charged as nothing", async () => {
  const spans = await spansOf(whose, abortedStream);
  assert.ok(spans.some(({ attributes }) => attributes["gen_ai.operation.name"] === "chat"));
  const before = (await reconcile(api)).body;
  const reply = await sendJson(api, spans);
  assert.equal(reply.at("partialSuccess.rejectedSpans"), 0, reply.text);
  assert.match(
    reply.textAt("partialSuccess.errorMessage"),
    /1 span\(s\) tell no usage and were not charged/,
  );
  const after = (await reconcile(api)).body;
  const found = (body: Reply["body"]): number =>
    Number(body["unnamed"]) + Number(body["unsettled"]);
  assert.equal(found(after) - found(before), 1);
});

test("each span that cannot be taken is counted with its reason, and the rest is taken", async () => {
  const before = await used(api);
  const chat = { "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5" };
  const spans = [
    span({ ...chat, "gen_ai.usage.input_tokens": 1 }),
    span({ ...chat, "gen_ai.usage.input_tokens": -5 }),
    span(
      { ...chat, "gen_ai.usage.input_tokens": 1 },
      { traceId: "00000000000000000000000000000000" },
    ),
    span(
      { ...chat, "gen_ai.usage.input_tokens": 1 },
      { endTimeUnixNano: "9".repeat(30), startTimeUnixNano: "x" },
    ),
    span({ ...chat, "gen_ai.request.model": "unheard-of", "gen_ai.usage.input_tokens": 1 }),
    span({ ...chat, "gen_ai.usage.input_tokens": 1, "cistern.workspace": "nowhere" }),
  ];
  const reply = await send(api, requestOf(spans));
  assert.equal(reply.at("partialSuccess.rejectedSpans"), 5, reply.text);
  assert.match(reply.textAt("partialSuccess.errorMessage"), /gen_ai\.usage\.input_tokens is -5/);
  const nobody = await send(
    api,
    requestOf([span({ ...chat, "gen_ai.usage.input_tokens": 1 })], { "cistern.workspace": "acme" }),
  );
  assert.match(
    nobody.textAt("partialSuccess.errorMessage"),
    /no member: set the attribute cistern\.member/,
  );
  assert.equal((await used(api)) - before, 1);
});

test("what is no request is a clear refusal, in the encoding that was asked, and changes nothing", async () => {
  const before = await used(api);
  const bytes =
    ProtobufTraceSerializer.serializeRequest(await spansOf(whose, embeddings)) ?? new Uint8Array();
  const cut = await sendBytes(api, bytes.subarray(0, bytes.length - 3));
  assert.deepEqual([cut.status, cut.type], [400, "application/x-protobuf"]);
  assert.match(Buffer.from(cut.bytes).toString(), /no ExportTraceServiceRequest/);
  // Groups within groups, and lengths beyond the end.
  for (const hostile of [
    Buffer.alloc(100_000, 0x0b),
    Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]),
    Buffer.from("{}"),
  ])
    assert.equal((await sendBytes(api, hostile)).status, 400);
  const json = async (text: string): Promise<number> =>
    (await api.call("POST", path, { text, idempotencyKey: null })).status;
  assert.equal(await json("{"), 400);
  assert.equal(await json('{"resourceSpans":5}'), 400);
  for (const body of [[requestOf([])], [], null, "x", 5]) {
    const reply = await send(api, body);
    assert.equal(reply.status, 400, reply.text);
    assert.match(reply.textAt("detail"), /send one object a call/);
  }
  assert.equal(await json(`{"resourceSpans":${"[".repeat(100_000)}${"]".repeat(100_000)}}`), 400);
  assert.equal(
    await json(JSON.stringify(requestOf(Array.from({ length: 10_001 }, () => ({}))))),
    413,
  );
  assert.equal(
    (await sendBytes(api, gzipSync(Buffer.alloc(9_000_000)), { "content-encoding": "gzip" }))
      .status,
    413,
  );
  const denied = await sendBytes({ url: api.url, key: "none" }, bytes);
  assert.deepEqual([denied.status, denied.type], [401, "application/x-protobuf"]);
  assert.equal(await used(api), before);
});
