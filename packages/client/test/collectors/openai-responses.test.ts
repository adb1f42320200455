import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { meteredFetch } from "@cistern/client/fetch";
import type { Peer } from "../peer.ts";
import { startPeer } from "../peer.ts";
import { creditsOn, held, settled } from "./metering.ts";
import { answering, sse, startProvider, streaming, type Provider } from "./provider.ts";

function metered(peer: Peer, provider: Provider) {
  const credits = creditsOn(peer);
  const openai = new OpenAI({
    apiKey: "sk-test",
    baseURL: `${provider.url}/v1`,
    maxRetries: 0,
    fetch: meteredFetch(credits),
  });
  return { credits, openai };
}

const ask = { model: "gpt-5", input: "Say hello.", max_output_tokens: 100 };
const usage = {
  input_tokens: 2000,
  input_tokens_details: { cached_tokens: 1500, cache_write_tokens: 300 },
  output_tokens: 70,
  output_tokens_details: { reasoning_tokens: 50 },
  total_tokens: 2070,
};
const message = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text: "Hello there.", annotations: [] }],
};
const search = { id: "ws_1", type: "web_search_call", status: "completed" };
const answer = {
  id: "resp_1",
  object: "response",
  model: "gpt-5-2025-08-07",
  status: "completed",
  output: [search, message],
  usage,
  tool_usage: { web_search: { num_requests: 2 } },
};
/** 1,500 of the 2,000 were cached and 300 written; 50 of the 70 were thoughts; two searches. */
const exact = {
  usage: {
    input_text: 200,
    cache_read: 1500,
    cache_write_5m: 300,
    output_text: 20,
    output_reasoning: 50,
    tool_calls_web_search: 2,
  },
  outcome: "delivered",
  response: "resp_1",
};

/** Input as counted, and all of the output that was held for. */
const allOfIt = {
  usage: { input_text: 7, output_text: 100 },
  outcome: "delivered",
  estimated: true,
  response: "resp_1",
};

const event = (type: string, rest: object) => sse({ type, sequence_number: 1, ...rest }, type);
const begun = { ...answer, status: "in_progress", output: [], usage: null, tool_usage: null };
const created = event("response.created", { response: begun });
const itemAdded = event("response.output_item.added", { output_index: 0, item: message });
const text = (delta: string) =>
  event("response.output_text.delta", { item_id: "msg_1", output_index: 0, delta });
const itemDone = event("response.output_item.done", { output_index: 0, item: message });
const completed = event("response.completed", { response: answer });

test("a response is held before it runs and settled by its usage: thoughts, caches and the provider's searches apart", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(answering(answer));
  const { credits, openai } = metered(peer, provider);
  const response = await openai.responses.create(ask);
  assert.equal(response.output_text, "Hello there.");
  assert.deepEqual(await settled(peer, credits), [exact]);
  assert.deepEqual(held(peer), [
    {
      member: "ana",
      meter: "chat",
      model: "gpt-5",
      ttl: "PT15M",
      estimate: { input_text: 8, output_text: 100 },
    },
  ]);
});

test("a streamed response is settled by its last event, and asked for as the caller wrote it", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(
    streaming([created, itemAdded, text("Hello "), text("there."), itemDone, completed]),
  );
  const { credits, openai } = metered(peer, provider);
  const seen = await Array.fromAsync(await openai.responses.create({ ...ask, stream: true }));
  assert.equal(seen.length, 6);
  assert.deepEqual(provider.calls[0]?.json, { ...ask, stream: true });
  assert.deepEqual(await settled(peer, credits), [exact]);
});

test("who leaves after the message but before the last event is charged what the last event says", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(
    streaming([created, itemAdded, text("Hello there."), itemDone, completed], "wait"),
  );
  const { credits, openai } = metered(peer, provider);
  const stream = await openai.responses.create({ ...ask, stream: true });
  for await (const { type } of stream) if (type === "response.output_item.done") break;
  assert.deepEqual(await settled(peer, credits), [exact]);
});

test("a response that is stopped is charged its input, its text and its thoughts so far, estimated", async () => {
  await using peer = await startPeer();
  const thought = event("response.reasoning_summary_text.delta", { delta: "I shall greet." });
  await using provider = await startProvider(
    streaming([created, thought, text("Hello "), text("there.")], "wait"),
  );
  const { credits, openai } = metered(peer, provider);
  const stream = await openai.responses.create({ ...ask, stream: true });
  let read = 0;
  for await (const _ of stream) if ((read += 1) === 4) break;
  // 14 characters of thought and 12 of text at 3.5 a token.
  assert.deepEqual(await settled(peer, credits), [
    {
      usage: { input_text: 7, output_reasoning: 4, output_text: 4 },
      outcome: "cancelled",
      estimated: true,
      response: "resp_1",
    },
  ]);
});

test("a response that fails before any output is released; one that fails after some is charged as partial", async () => {
  await using peer = await startPeer();
  const failed = event("response.failed", {
    response: { ...begun, status: "failed", error: { code: "server_error", message: "No." } },
  });
  await using provider = await startProvider(
    streaming([created, failed]),
    streaming([created, text("Hello there."), failed]),
  );
  const { credits, openai } = metered(peer, provider);
  await Array.fromAsync(await openai.responses.create({ ...ask, stream: true }));
  await Array.fromAsync(await openai.responses.create({ ...ask, stream: true }));
  assert.deepEqual(await settled(peer, credits), [
    {
      usage: { input_text: 7, output_text: 4 },
      outcome: "partial",
      estimated: true,
      response: "resp_1",
    },
  ]);
  assert.deepEqual([...peer.holds.values()], ["released", "settled"]);
});

test("a response cut off at its bound is whole: it is charged by its usage", async () => {
  await using peer = await startPeer();
  const incomplete = { ...answer, status: "incomplete" };
  await using provider = await startProvider(
    streaming([created, text("Hello"), event("response.incomplete", { response: incomplete })]),
  );
  const { credits, openai } = metered(peer, provider);
  await Array.fromAsync(await openai.responses.create({ ...ask, stream: true }));
  assert.deepEqual(await settled(peer, credits), [exact]);
});

test("a response in the background, which nobody meters when it is fetched, is charged what was held", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(answering({ ...begun, status: "queued" }));
  const { credits, openai } = metered(peer, provider);
  await openai.responses.create({ ...ask, background: true });
  assert.deepEqual(await settled(peer, credits), [allOfIt]);
});

test("a stream of a response in the background that is left is charged all that was held: the provider goes on without its reader", async () => {
  await using peer = await startPeer();
  const thought = event("response.reasoning_summary_text.delta", { delta: "I shall greet." });
  const long = text("x".repeat(700));
  await using provider = await startProvider(
    streaming([created, text("Hello")], "wait"),
    streaming([created, thought, text("Hello")], "hangUp"),
    streaming([created, long, text("Hello")], "wait"),
    streaming([created, text("Hello")], "wait"),
  );
  const { credits, openai } = metered(peer, provider);
  const stream = { ...ask, stream: true, background: true } as const;
  const leave = async (): Promise<void> => {
    for await (const part of await openai.responses.create(stream))
      if (part.type === "response.output_text.delta" && part.delta === "Hello") break;
  };
  await leave();
  await assert.rejects(async () => await Array.fromAsync(await openai.responses.create(stream)));
  await leave();
  // Whoever reads to the end of it, or has it not run on, is charged as ever.
  for await (const _ of await openai.responses.create({ ...ask, stream: true })) break;
  assert.deepEqual(await settled(peer, credits), [
    allOfIt,
    { ...allOfIt, usage: { input_text: 7, output_reasoning: 4, output_text: 96 } },
    // More came of it than was held for.
    { ...allOfIt, usage: { input_text: 7, output_text: 202 } },
    { ...allOfIt, usage: { input_text: 7 }, outcome: "cancelled" },
  ]);
});

test("a response in the background that is read to its end, or fails, ends as any other", async () => {
  await using peer = await startPeer();
  const failed = event("response.failed", { response: { ...begun, status: "failed" } });
  await using provider = await startProvider(
    streaming([created, text("Hello there."), completed]),
    streaming([created, failed]),
  );
  const { credits, openai } = metered(peer, provider);
  for (let call = 0; call < 2; call += 1)
    await Array.fromAsync(
      await openai.responses.create({ ...ask, stream: true, background: true }),
    );
  assert.deepEqual(await settled(peer, credits), [exact]);
  assert.deepEqual([...peer.holds.values()], ["settled", "released"]);
});
