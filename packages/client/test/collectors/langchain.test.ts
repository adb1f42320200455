import assert from "node:assert/strict";
import { test } from "node:test";
import { InMemoryCache } from "@langchain/core/caches";
import { AIMessage, AIMessageChunk } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import { FakeListChatModel, FakeStreamingChatModel } from "@langchain/core/utils/testing";
import { CisternProblem } from "@cistern/client";
import { langchainHandler } from "@cistern/client/langchain";
import { problem, startPeer, until } from "../peer.ts";
import { heuristic } from "@cistern/client/metering";
import { accepting } from "./accepting.ts";
import { asked, creditsOn, settlements } from "./metered-peer.ts";

const usage_metadata = {
  input_tokens: 1205,
  output_tokens: 80,
  total_tokens: 1285,
  input_token_details: { cache_read: 1000, cache_creation: 200, audio: 3 },
  output_token_details: { reasoning: 20 },
};
const exact = {
  usage: {
    cache_read: 1000,
    cache_write_5m: 200,
    input_audio: 3,
    input_text: 2,
    output_reasoning: 20,
    output_text: 60,
  },
  outcome: "delivered",
  response: "msg_1",
};
const response_metadata = { model: "claude-sonnet-4-5" };

/** A model that says which one it is and what it used, as those of LangChain's partners do. */
class NamedModel extends FakeStreamingChatModel {
  override invocationParams(): Record<string, unknown> {
    return { model: "gpt-5", max_tokens: 100 };
  }

  override async _generate(): Promise<ChatResult> {
    const said = new AIMessage({ id: "msg_1", content: "Hello.", response_metadata });
    const message = Object.assign(said, { usage_metadata });
    return await Promise.resolve({ generations: [{ text: "Hello.", message }] });
  }

  override async *_streamResponseChunks(): AsyncGenerator<ChatGenerationChunk> {
    const hel = new AIMessageChunk({ id: "msg_1", content: "Hel" });
    yield await Promise.resolve(new ChatGenerationChunk({ text: "Hel", message: hel }));
    const said = new AIMessageChunk({ id: "msg_1", content: "lo.", response_metadata });
    const message = Object.assign(said, { usage_metadata });
    yield new ChatGenerationChunk({ text: "lo.", message });
  }
}

/** A model whose server has counted nothing. */
class UncountedModel extends FakeStreamingChatModel {
  override async _generate(): Promise<ChatResult> {
    const zeros = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };
    const message = Object.assign(new AIMessage("Hello."), { usage_metadata: zeros });
    return await Promise.resolve({ generations: [{ text: "Hello.", message }] });
  }
}

/** A model whose connection is lost when all was said. */
class LostModel extends FakeListChatModel {
  override _createResponseChunk(text: string): ChatGenerationChunk {
    if (text === "!") throw new Error("The connection is lost.");
    return new ChatGenerationChunk({ text, message: new AIMessageChunk(text) });
  }
}

/** "Say hello." is ten characters, three tokens, and four for the message. */
const input = 7;

test("a model's call is held before it, and settled in exclusive buckets", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const model = new NamedModel({ callbacks: [langchainHandler(credits)] });
  const { content } = await model.invoke("Say hello.");
  assert.equal(content, "Hello.");
  assert.deepEqual(await settlements(credits, peer), [exact]);
  assert.deepEqual(asked(peer), [
    {
      member: "ana",
      meter: "chat",
      model: "gpt-5",
      ttl: "PT15M",
      estimate: { input_text: 8, output_text: 100 },
    },
  ]);
});

test("a stream is settled by the usage of its last chunk", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const model = new NamedModel({ callbacks: [langchainHandler(credits)] });
  await Array.fromAsync(await model.stream("Say hello."));
  assert.deepEqual(await settlements(credits, peer), [exact]);
});

const estimated = (outcome: string, output: number) => ({
  usage: output === 0 ? { input_text: input } : { input_text: input, output_text: output },
  outcome,
  estimated: true,
});
const words = Array.from({ length: 40 }, () => "words and more ").join("");

test("an answer without usage is estimated, never free", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const callbacks = [langchainHandler(credits)];
  const model = new FakeListChatModel({ responses: ["Hello."], callbacks });
  await model.invoke("Say hello.");
  await Array.fromAsync(await model.stream("Say hello."));
  assert.deepEqual(await settlements(credits, peer), [
    estimated("delivered", 2),
    estimated("delivered", 2),
  ]);
});

test("zeros in place of usage say nothing: the answer is estimated", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  await new UncountedModel({ callbacks: [langchainHandler(credits)] }).invoke("Say hello.");
  assert.deepEqual(await settlements(credits, peer), [estimated("delivered", 2)]);
});

test("a stream that is aborted is charged what went in and what came out", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const callbacks = [langchainHandler(credits)];
  const model = new FakeListChatModel({ responses: [words], callbacks, sleep: 1 });
  const abort = new AbortController();
  const stream = await model.stream("Say hello.", { signal: abort.signal });
  let read = 0;
  const reading = async () => {
    for await (const _ of stream) {
      read += 1;
      // A character each.
      if (read === 70) abort.abort();
    }
  };
  await assert.rejects(reading(), { name: "AbortError" });
  assert.deepEqual(await settlements(credits, peer), [estimated("cancelled", 20)]);
});

test("a stream that its consumer leaves is charged when it has been silent for long enough", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const callbacks = [langchainHandler(credits, { silenceMsMax: 20 })];
  const model = new FakeListChatModel({ responses: [words], callbacks });
  let read = 0;
  for await (const _ of await model.stream("Say hello.")) {
    read += 1;
    if (read === 70) break;
  }
  await until("it is charged", () => peer.charged.length > 0);
  assert.deepEqual(await settlements(credits, peer), [estimated("cancelled", 20)]);
});

test("of calls of which nothing more is told the oldest is forgotten, and a long answer is counted piece by piece", async () => {
  let longest = 0;
  const count = (text: string): number => {
    longest = Math.max(longest, text.length);
    return heuristic.count(text);
  };
  const { credits, ends } = accepting({ estimator: { ...heuristic, count } });
  const handler = langchainHandler(credits);
  for (let run = 0; run <= 10_000; run += 1)
    await handler.handleChatModelStart({}, [["Say hello."]], `run-${run}`);
  for (let token = 0; token < 700; token += 1)
    handler.handleLLMNewToken("x".repeat(1_000), {}, "run-10000");
  for (let run = 0; run <= 10_000; run += 1)
    handler.handleLLMError(new Error("lost"), `run-${run}`);
  await assert.rejects(ends, /hold 0 has no end/);
  assert.ok(longest > 200_000 && longest < 400_000, String(longest));
});

test("a model that fails before it answers is free, and one that fails after is charged what came", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const callbacks = [langchainHandler(credits)];
  const model = new FakeStreamingChatModel({ thrownErrorString: "overloaded", callbacks });
  await assert.rejects(model.invoke("Say hello."), /overloaded/);
  const stream = await new LostModel({ responses: ["Hello.!"], callbacks }).stream("Say hello.");
  await assert.rejects(Array.fromAsync(stream), /lost/);
  assert.deepEqual(await settlements(credits, peer), [estimated("partial", 2)]);
  assert.deepEqual([...peer.holds.values()], ["released", "settled"]);
});

test("an answer out of LangChain's cache is free: nobody was asked", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const callbacks = [langchainHandler(credits)];
  const model = new NamedModel({ callbacks, cache: new InMemoryCache() });
  await model.invoke("Say hello.");
  const { content } = await model.invoke("Say hello.");
  assert.equal(content, "Hello.");
  assert.deepEqual(await settlements(credits, peer), [exact]);
  assert.deepEqual([...peer.holds.values()], ["settled", "released"]);
});

test("a refusal stops the call before the model, and reaches the caller as it is", async (context) => {
  // LangChain prints what its handlers throw.
  context.mock.method(console, "error", () => {});
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  peer.refusals.set("holds", problem("limit_reached", 403, "Ana's day is used up."));
  const callbacks = [langchainHandler(credits)];
  const model = new FakeListChatModel({ responses: ["Hello."], callbacks });
  await assert.rejects(model.invoke("Say hello."), CisternProblem);
  assert.equal(model.i, 0);
});
