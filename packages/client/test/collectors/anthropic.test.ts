import assert from "node:assert/strict";
import { test } from "node:test";
import Anthropic, { APIError, APIUserAbortError } from "@anthropic-ai/sdk";
import { anthropicMiddleware, refusalOf } from "@cistern/client/anthropic";
import { type Peer, problem, startPeer } from "../peer.ts";
import { creditsOn, held, settled } from "./metering.ts";
import { answering, sse, startProvider, streaming, type Provider } from "./provider.ts";

function metered(peer: Peer, provider: Provider, maxRetries = 0) {
  const credits = creditsOn(peer);
  const anthropic = new Anthropic({
    apiKey: "sk-test",
    baseURL: provider.url,
    maxRetries,
    middleware: [anthropicMiddleware(credits)],
  });
  return { credits, anthropic };
}

const ask: Anthropic.MessageCreateParamsNonStreaming = {
  model: "claude-opus-4-8",
  max_tokens: 100,
  messages: [{ role: "user", content: "Say hello." }],
};
const usage = {
  input_tokens: 5,
  cache_creation_input_tokens: 200,
  cache_creation: { ephemeral_5m_input_tokens: 150, ephemeral_1h_input_tokens: 50 },
  cache_read_input_tokens: 1000,
  output_tokens: 70,
  output_tokens_details: { thinking_tokens: 30 },
  server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 },
  service_tier: "standard",
};
const exact = {
  usage: {
    input_text: 5,
    cache_read: 1000,
    cache_write_5m: 150,
    cache_write_1h: 50,
    output_text: 40,
    output_reasoning: 30,
    tool_calls_web_search: 2,
    tool_calls_web_fetch: 1,
  },
  outcome: "delivered",
  response: "msg_1",
};
const answer = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-opus-4-8-20260601",
  content: [{ type: "text", text: "Hello there.", citations: null }],
  stop_reason: "end_turn",
  stop_sequence: null,
  usage,
};

const event = (type: string, rest: object = {}) => sse({ type, ...rest }, type);
/** What it knows of usage before it begins: one token of output, whatever comes. */
const usageAtFirst = {
  input_tokens: 5,
  cache_creation_input_tokens: 200,
  cache_creation: usage.cache_creation,
  cache_read_input_tokens: 1000,
  output_tokens: 1,
};
const started = event("message_start", {
  message: { ...answer, content: [], stop_reason: null, usage: usageAtFirst },
});
const blockStarted = event("content_block_start", {
  index: 0,
  content_block: { type: "text", text: "" },
});
const text = (content: string) =>
  event("content_block_delta", { index: 0, delta: { type: "text_delta", text: content } });
const blockStopped = event("content_block_stop", { index: 0 });
const { cache_creation: _, service_tier: __, ...usageAtLast } = usage;
const delta = event("message_delta", {
  delta: { stop_reason: "end_turn", stop_sequence: null },
  usage: usageAtLast,
});
const stopped = event("message_stop");
const ping = event("ping");
const stream = [started, ping, blockStarted, text("Hello "), text("there."), blockStopped];

test("a message is held before it runs and settled by its usage: cache writes by their life, thoughts and searches apart", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(answering(answer));
  const { credits, anthropic } = metered(peer, provider);
  const message = await anthropic.messages.create(ask);
  assert.deepEqual(message.usage, usage);
  assert.deepEqual(await settled(peer, credits), [exact]);
  assert.deepEqual(held(peer), [
    {
      member: "ana",
      meter: "chat",
      model: "claude-opus-4-8",
      ttl: "PT15M",
      estimate: { input_text: 8, output_text: 100 },
    },
  ]);
});

test("of a stream the last word on each figure counts, never the sum", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(streaming([...stream, delta, stopped]));
  const { credits, anthropic } = metered(peer, provider);
  const seen = await Array.fromAsync(await anthropic.messages.create({ ...ask, stream: true }));
  assert.equal(seen.length, 7);
  assert.deepEqual(await settled(peer, credits), [exact]);
});

test("the helper that gathers a stream is metered once, and gets the message", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(streaming([...stream, delta, stopped]));
  const { credits, anthropic } = metered(peer, provider);
  const message = await anthropic.messages.stream(ask).finalMessage();
  assert.deepEqual(message.content[0], { type: "text", text: "Hello there." });
  assert.deepEqual(await settled(peer, credits), [exact]);
});

test("who leaves when the reason to stop is there is charged exactly", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(streaming([...stream, delta, stopped], "wait"));
  const { credits, anthropic } = metered(peer, provider);
  for await (const { type } of await anthropic.messages.create({ ...ask, stream: true }))
    if (type === "message_delta") break;
  assert.deepEqual(await settled(peer, credits), [exact]);
});

const partly = {
  usage: {
    input_text: 5,
    cache_read: 1000,
    cache_write_5m: 150,
    cache_write_1h: 50,
    // 12 characters at 3.5 a token, and not the 1 token that the first event speaks of.
    output_text: 4,
  },
  estimated: true,
  response: "msg_1",
};

test("a stream that is stopped is charged the input that it told of and the text that came out", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(streaming(stream, "wait"));
  const { credits, anthropic } = metered(peer, provider);
  const running = anthropic.messages.stream(ask);
  await assert.rejects(async () => {
    for await (const { type } of running) if (type === "content_block_stop") running.abort();
  }, APIUserAbortError);
  assert.deepEqual(await settled(peer, credits), [{ ...partly, outcome: "cancelled" }]);
});

test("an error in the middle of a stream is thrown as ever, and what came before it is charged", async () => {
  await using peer = await startPeer();
  const error = event("error", { error: { type: "overloaded_error", message: "Overloaded" } });
  await using provider = await startProvider(streaming([...stream, error]));
  const { credits, anthropic } = metered(peer, provider);
  const running = await anthropic.messages.create({ ...ask, stream: true });
  await assert.rejects(Array.fromAsync(running), APIError);
  assert.deepEqual(await settled(peer, credits), [{ ...partly, outcome: "partial" }]);
});

test("an error before any text is paid nothing, though the SDK stops reading when it sees it", async () => {
  await using peer = await startPeer();
  const error = event("error", { error: { type: "overloaded_error", message: "Overloaded" } });
  await using provider = await startProvider(streaming([started, ping, error]));
  const { credits, anthropic } = metered(peer, provider);
  const running = await anthropic.messages.create({ ...ask, stream: true });
  await assert.rejects(Array.fromAsync(running), APIError);
  assert.deepEqual(await settled(peer, credits), []);
  assert.deepEqual([...peer.holds.values()], ["released"]);
});

test("a stream that ends whole without its last usage is charged the text, not one token", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(streaming([...stream, stopped]));
  const { credits, anthropic } = metered(peer, provider);
  await Array.fromAsync(await anthropic.messages.create({ ...ask, stream: true }));
  assert.deepEqual(await settled(peer, credits), [{ ...partly, outcome: "delivered" }]);
});

test("each attempt has a hold of its own: the one that failed is released", async () => {
  await using peer = await startPeer();
  const down = answering({ type: "error", error: { type: "overloaded_error" } }, 529);
  await using provider = await startProvider(down, answering(answer));
  const { credits, anthropic } = metered(peer, provider, 1);
  await anthropic.messages.create(ask);
  assert.deepEqual(await settled(peer, credits), [exact]);
  assert.deepEqual([...peer.holds.values()], ["released", "settled"]);
});

test("a refusal is the SDK's own error with status and reason, from both ways to ask, and is not asked again", async () => {
  await using peer = await startPeer();
  const refusal = problem("pool_exhausted", 402, "50 are missing");
  peer.refusals.set("holds", refusal);
  await using provider = await startProvider(answering(answer));
  const { anthropic } = metered(peer, provider, 2);
  const isRefusal = (error: unknown): boolean => {
    assert.ok(error instanceof APIError);
    assert.equal(error.status, 402);
    assert.deepEqual(refusalOf(error), refusal);
    return true;
  };
  await assert.rejects(anthropic.messages.create(ask), isRefusal);
  await assert.rejects(anthropic.messages.stream(ask).finalMessage(), isRefusal);
  assert.deepEqual([provider.calls.length, peer.arrived.length], [0, 2]);
});

test("counting tokens is free, and batches are not sent unseen", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(answering({ input_tokens: 12 }));
  const { anthropic } = metered(peer, provider);
  const counted = await anthropic.messages.countTokens({
    model: ask.model,
    messages: ask.messages,
  });
  assert.equal(counted.input_tokens, 12);
  const requests = [{ custom_id: "one", params: ask }];
  await assert.rejects(anthropic.messages.batches.create({ requests }), { status: 501 });
  assert.deepEqual([provider.calls.length, peer.arrived.length], [1, 0]);
});

test("a summary of what was said before is charged beside the totals, which leave it out", async () => {
  await using peer = await startPeer();
  const iterations = [
    { type: "compaction", input_tokens: 3000, output_tokens: 400 },
    { type: "message", input_tokens: 5, output_tokens: 70 },
  ];
  await using provider = await startProvider(
    answering({ ...answer, usage: { ...usage, iterations } }),
  );
  const { credits, anthropic } = metered(peer, provider);
  await anthropic.messages.create(ask);
  assert.deepEqual(await settled(peer, credits), [
    { ...exact, usage: { ...exact.usage, input_text: 3005, output_text: 440 } },
  ]);
});
