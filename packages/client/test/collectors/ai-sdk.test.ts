import assert from "node:assert/strict";
import { test } from "node:test";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  APICallError,
  type LanguageModel,
  RetryError,
  embed,
  embedMany,
  generateImage,
  generateText,
  isStepCount,
  jsonSchema,
  streamText,
  tool,
  wrapEmbeddingModel,
  wrapImageModel,
  wrapLanguageModel,
} from "ai";
import { CisternProblem } from "@cistern/client";
import {
  embeddingModelMiddleware,
  imageModelMiddleware,
  languageModelMiddleware,
  telemetryGate,
} from "@cistern/client/ai-sdk";
import type { Collector } from "@cistern/client/metering";
import { isJson } from "../../src/providers/json.ts";
import { type Peer, problem, startPeer, until } from "../peer.ts";
import { asked, creditsOn, settlements } from "./metered-peer.ts";
import {
  type Provider,
  type Script,
  answering,
  sse,
  startProvider,
  streaming,
} from "./provider.ts";

/** Peer, provider and a model between them. */
async function stage(...scripts: readonly Script[]) {
  const peer = await startPeer();
  const provider = await startProvider(...scripts);
  const credits = creditsOn(peer);
  return {
    peer,
    provider,
    credits,
    model: modelOn(provider, credits),
    settled: async () => await settlements(credits, peer),
    [Symbol.asyncDispose]: async () => {
      await provider[Symbol.asyncDispose]();
      await peer[Symbol.asyncDispose]();
    },
  };
}

const openaiOn = (provider: Provider) =>
  createOpenAICompatible({ name: "test", baseURL: `${provider.url}/v1`, includeUsage: true });

const modelOn = (provider: Provider, credits: Collector): LanguageModel =>
  wrapLanguageModel({
    model: openaiOn(provider)("gpt-5"),
    middleware: languageModelMiddleware(credits),
  });

/** "Say hello." is ten characters, three tokens, and four for the message. */
const input = 7;
const say = { prompt: "Say hello.", maxOutputTokens: 100, maxRetries: 0 };

const usage = {
  prompt_tokens: 1000,
  completion_tokens: 60,
  total_tokens: 1060,
  prompt_tokens_details: { cached_tokens: 900 },
  completion_tokens_details: { reasoning_tokens: 40 },
};
const message = { role: "assistant", content: "Hello." };
const answer = {
  id: "chatcmpl-1",
  model: "gpt-5-2025-08-07",
  choices: [{ index: 0, message, finish_reason: "stop" }],
};
const chunk = (content: string, finish: string | null = null) =>
  sse({
    id: "chatcmpl-1",
    model: "gpt-5-2025-08-07",
    choices: [{ index: 0, delta: { content }, finish_reason: finish }],
  });
const usageChunk = sse({ id: "chatcmpl-1", model: "gpt-5-2025-08-07", choices: [], usage });

/** 900 of the 1,000 were cached, 40 of the 60 were thoughts. */
const exact = {
  usage: { cache_read: 900, input_text: 100, output_reasoning: 40, output_text: 20 },
  outcome: "delivered",
  response: "chatcmpl-1",
};
const estimated = (outcome: string, output: number) => ({
  usage: output === 0 ? { input_text: input } : { input_text: input, output_text: output },
  outcome,
  estimated: true,
  response: "chatcmpl-1",
});

test("a text is held before the model is asked, and settled in exclusive buckets", async () => {
  await using on = await stage(answering({ ...answer, usage }));
  const { text } = await generateText({ model: on.model, ...say });
  assert.equal(text, "Hello.");
  assert.deepEqual(await on.settled(), [exact]);
  assert.deepEqual(asked(on.peer), [
    {
      member: "ana",
      meter: "chat",
      model: "gpt-5",
      ttl: "PT15M",
      estimate: { input_text: 8, output_text: 100 },
    },
  ]);
});

test("a stream passes part by part, as from the model itself, and is settled by its usage", async () => {
  const parts = [chunk("Hel"), chunk("lo."), chunk("", "stop"), usageChunk, sse("[DONE]")];
  await using on = await stage(streaming(parts));
  const seen = await Array.fromAsync(streamText({ model: on.model, ...say }).stream);
  const bare = openaiOn(on.provider)("gpt-5");
  const unmetered = await Array.fromAsync(streamText({ model: bare, ...say }).stream);
  const types = (list: readonly { readonly type: string }[]) => list.map(({ type }) => type);
  assert.deepEqual(types(seen), types(unmetered));
  assert.deepEqual(await on.settled(), [exact]);
});

test("a stream that is aborted after 806 words is charged for what went in and for all of them", async () => {
  const words = Array.from({ length: 806 }, () => chunk("word "));
  await using on = await stage(streaming(words, "wait"));
  const abort = new AbortController();
  let aborts = 0;
  const { textStream } = streamText({
    model: on.model,
    ...say,
    abortSignal: abort.signal,
    onAbort: () => {
      aborts += 1;
    },
  });
  let read = 0;
  for await (const _ of textStream) {
    read += 1;
    if (read === 806) abort.abort();
  }
  assert.equal(aborts, 1);
  // 4,030 characters at 3.5 a token.
  assert.deepEqual(await on.settled(), [estimated("cancelled", 1152)]);
  await until("the provider is hung up on", () => on.provider.hungUp[0] === true);
});

test("who aborts right after the last word is charged exactly, as the provider's next word is the end", async () => {
  let goOn = (): void => {};
  const aborted = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  await using on = await stage(async (_call, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(chunk("Hello."));
    await aborted;
    response.end([chunk("", "stop"), usageChunk, sse("[DONE]")].join(""));
  });
  const abort = new AbortController();
  const { textStream } = streamText({ model: on.model, ...say, abortSignal: abort.signal });
  for await (const _ of textStream) abort.abort();
  goOn();
  assert.deepEqual(await on.settled(), [exact]);
});

test("a provider that would go on is not listened to past its next word", async () => {
  let goOn = (): void => {};
  const aborted = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  await using on = await stage(async (_call, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(chunk("Hello."));
    await aborted;
    response.write(chunk(" And then there was more.") + chunk(" And more.") + chunk(" And more."));
  });
  const abort = new AbortController();
  const { textStream } = streamText({ model: on.model, ...say, abortSignal: abort.signal });
  for await (const _ of textStream) abort.abort();
  goOn();
  // "Hello." and the next word, 31 characters, or two of them where one was on its way already.
  const [settled] = await on.settled();
  const { output_text: output } = Object(settled).usage;
  assert.ok([9, 12].includes(output), `${output}`);
  await until("the provider is hung up on", () => on.provider.hungUp[0] === true);
});

test("a consumer that leaves its loop drains the stream, which is charged exactly", async () => {
  const parts = [chunk("Hel"), chunk("lo."), chunk("", "stop"), usageChunk, sse("[DONE]")];
  await using on = await stage(streaming(parts));
  const result = streamText({ model: on.model, ...say });
  for await (const _ of result.textStream) break;
  await result.consumeStream();
  assert.deepEqual(await on.settled(), [exact]);
});

test("a connection that is lost is charged what came through, and the SDK says what it says", async () => {
  await using on = await stage(streaming([chunk("Hello")], "hangUp"));
  const { stream } = streamText({ model: on.model, ...say });
  await assert.rejects(Array.fromAsync(stream), /Failed to process successful response/);
  assert.deepEqual(await on.settled(), [estimated("partial", 2)]);
});

test("a stream that ends without its end is charged what came through", async () => {
  await using on = await stage(streaming([chunk("Hello")]));
  await streamText({ model: on.model, ...say, onError: () => {} }).consumeStream();
  assert.deepEqual(await on.settled(), [estimated("partial", 2)]);
});

test("an answer without usage is estimated, never free, in one piece and as a stream", async () => {
  const stream = streaming([chunk("Hello."), chunk("", "stop"), sse("[DONE]")]);
  await using on = await stage(answering(answer), stream);
  await generateText({ model: on.model, ...say });
  await streamText({ model: on.model, ...say }).consumeStream();
  assert.deepEqual(await on.settled(), [estimated("delivered", 2), estimated("delivered", 2)]);
  const zeros = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  await using uncounted = await stage(answering({ ...answer, usage: zeros }));
  await generateText({ model: uncounted.model, ...say });
  assert.deepEqual(await uncounted.settled(), [estimated("delivered", 2)]);
});

test("an answer that the SDK cannot read was paid for, and is estimated", async () => {
  await using on = await stage(answering({ choices: "none" }));
  await assert.rejects(generateText({ model: on.model, ...say }), (error) => {
    assert.ok(APICallError.isInstance(error));
    return error.statusCode === 200;
  });
  assert.deepEqual(await on.settled(), [
    { usage: { input_text: input }, outcome: "delivered", estimated: true },
  ]);
});

test("an answer whose connection is lost is not paid for", async () => {
  await using on = await stage((_call, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "500" });
    response.write('{"id":', () => response.destroy());
  });
  await assert.rejects(generateText({ model: on.model, ...say }), APICallError);
  assert.deepEqual(await on.settled(), []);
  assert.deepEqual([...on.peer.holds.values()], ["released"]);
});

test("a provider that errs before it answers is paid nothing; each attempt of a retry has a hold of its own", async () => {
  const down: Script = (_call, response) => {
    response.writeHead(503, { "content-type": "application/json", "retry-after-ms": "1" });
    response.end(JSON.stringify({ error: { message: "overloaded" } }));
  };
  await using on = await stage(down, answering({ ...answer, usage }));
  await generateText({ model: on.model, ...say, maxRetries: 1 });
  assert.deepEqual(await on.settled(), [exact]);
  assert.deepEqual([...on.peer.holds.values()], ["released", "settled"]);
});

test("a provider that breaks off with an error is charged what it delivered, and nothing where that is nothing", async () => {
  const error = sse({ error: { message: "server_error" } });
  await using on = await stage(streaming([chunk("Hello"), error]), streaming([error]));
  for (const _ of [1, 2])
    await streamText({ model: on.model, ...say, onError: () => {} }).consumeStream();
  assert.deepEqual(await on.settled(), [estimated("partial", 2)]);
  assert.deepEqual([...on.peer.holds.values()], ["settled", "released"]);
});

test("a call that takes too long is charged its input: the provider had it", async () => {
  const stop = new AbortController();
  // What `timeout` does, but when the provider has been asked.
  const late = new DOMException("The call took too long.", "TimeoutError");
  await using on = await stage(() => stop.abort(late));
  await assert.rejects(
    generateText({ model: on.model, ...say, abortSignal: stop.signal }),
    /too long/,
  );
  assert.deepEqual(await on.settled(), [
    { usage: { input_text: input }, outcome: "cancelled", estimated: true },
  ]);
});

const weather = tool({
  description: "The weather.",
  inputSchema: jsonSchema<{ city: string }>({
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
  }),
  execute: () => "sunny",
});
const toolCall = {
  id: "call_1",
  type: "function",
  function: { name: "weather", arguments: '{"city":"Berlin"}' },
};
const calling = {
  ...answer,
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: null, tool_calls: [toolCall] },
      finish_reason: "tool_calls",
    },
  ],
};

test("each step of a tool loop has a hold and an end of its own", async () => {
  await using on = await stage(answering(calling), answering({ ...answer, usage }));
  const { text, steps } = await generateText({
    model: on.model,
    ...say,
    tools: { weather },
    stopWhen: isStepCount(3),
  });
  assert.equal(text, "Hello.");
  assert.equal(steps.length, 2);
  const [first, second] = asked(on.peer);
  const held = (request: unknown) => (isJson(request) ? request["estimate"] : undefined);
  // The tool's 157 characters of JSON go in, and then the call's 89 and its result's 106.
  assert.deepEqual(held(first), { input_text: 58, output_text: 100 });
  assert.deepEqual(held(second), { input_text: 129, output_text: 100 });
  assert.deepEqual(await on.settled(), [
    {
      // "weather" and its input, 24 characters.
      usage: { input_text: 52, output_text: 7 },
      outcome: "delivered",
      estimated: true,
      response: "chatcmpl-1",
    },
    exact,
  ]);
});

test("a tool's input that came word by word is counted once, where the provider tells no usage", async () => {
  const called = (delta: object, finish: string | null = null) =>
    sse({ ...answer, choices: [{ index: 0, delta, finish_reason: finish }] });
  const given = { index: 0, id: "call_1", type: "function" };
  const parts = [
    called({ tool_calls: [{ ...given, function: { name: "weather", arguments: "" } }] }),
    called({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
    called({ tool_calls: [{ index: 0, function: { arguments: '"Berlin"}' } }] }),
    called({}, "tool_calls"),
  ];
  await using on = await stage(streaming(parts));
  const { toolCalls } = streamText({ model: on.model, ...say, tools: { weather } });
  assert.deepEqual((await toolCalls)[0]?.input, { city: "Berlin" });
  assert.deepEqual(await on.settled(), [
    {
      usage: { input_text: 52, output_text: 7 },
      outcome: "delivered",
      estimated: true,
      response: "chatcmpl-1",
    },
  ]);
});

const refuse = (peer: Peer): void => {
  peer.refusals.set("holds", problem("pool_exhausted", 402, "50 are missing"));
};

test("a refusal reaches who asked for a text as it is, once, and the provider never", async () => {
  await using on = await stage(answering(answer));
  refuse(on.peer);
  await assert.rejects(generateText({ model: on.model, ...say, maxRetries: 3 }), (error) => {
    assert.ok(error instanceof CisternProblem);
    assert.equal(error.code, "pool_exhausted");
    return true;
  });
  assert.equal(on.peer.arrived.length, 1);
  assert.equal(on.provider.calls.length, 0);
});

test("a refusal of a stream is told to onError alone, and its text is empty", async () => {
  await using on = await stage(answering(answer));
  refuse(on.peer);
  const errors: unknown[] = [];
  const onError = ({ error }: { readonly error: unknown }) => {
    errors.push(error);
  };
  const { textStream } = streamText({ model: on.model, ...say, maxRetries: 3, onError });
  assert.deepEqual(await Array.fromAsync(textStream), []);
  assert.ok(errors[0] instanceof CisternProblem);
  assert.equal(on.peer.arrived.length, 1);
});

test("a refusal of the second attempt stands in the SDK's error of all attempts", async () => {
  const down: Script = (_call, response) => {
    response.writeHead(503, { "content-type": "application/json", "retry-after-ms": "1" });
    response.end(JSON.stringify({ error: { message: "overloaded" } }));
    refuse(on.peer);
  };
  await using on = await stage(down);
  await assert.rejects(generateText({ model: on.model, ...say, maxRetries: 3 }), (error) => {
    assert.ok(RetryError.isInstance(error));
    return error.lastError instanceof CisternProblem;
  });
});

test("a route asks first, so that it can answer 402, and its stream then has that hold", async () => {
  const stream = streaming([chunk("Hello."), chunk("", "stop"), usageChunk, sse("[DONE]")]);
  await using on = await stage(stream);
  refuse(on.peer);
  const ask = async () =>
    await on.credits.authorize({ model: "gpt-5", prompt: say.prompt, maxOutputTokens: 100 });
  await assert.rejects(ask(), CisternProblem);
  on.peer.refusals.clear();
  const authorized = await ask();
  const model = modelOn(on.provider, authorized.with({ member: "ana" }));
  await streamText({ model, ...say }).consumeStream();
  await streamText({ model, ...say }).consumeStream();
  assert.deepEqual(await on.settled(), [exact, exact]);
  assert.deepEqual([...on.peer.holds.values()], ["settled", "settled"]);
  authorized.release();
  await on.credits.idle();
  assert.deepEqual([...on.peer.holds.values()], ["settled", "settled"]);
});

test("a hold that was asked for first and not used goes back, and serves no other model or member", async () => {
  await using on = await stage(answering({ ...answer, usage }));
  const authorized = await on.credits.authorize({ model: "gpt-5-mini", prompt: "Hello." });
  await generateText({ model: modelOn(on.provider, authorized), ...say });
  authorized.release();
  const another = await on.credits.authorize({ model: "gpt-5", prompt: "Hello." });
  await generateText({ model: modelOn(on.provider, another.with({ member: "ben" })), ...say });
  another.release();
  await on.credits.idle();
  assert.deepEqual([...on.peer.holds.values()], ["released", "settled", "released", "settled"]);
});

test("many values are embedded in as many calls as they need, each metered", async () => {
  const embeddings: Script = ({ json }, response) => {
    const values = Array.isArray(json["input"]) ? json["input"] : [];
    const data = values.map((_, index) => ({ index, embedding: [0.5] }));
    const tokens = values.includes("uncounted") ? 0 : 10 * values.length;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ data, usage: { prompt_tokens: tokens } }));
  };
  await using on = await stage(embeddings);
  const model = wrapEmbeddingModel({
    model: {
      ...openaiOn(on.provider).embeddingModel("text-embedding-3-small"),
      specificationVersion: "v4",
      provider: "test",
      modelId: "text-embedding-3-small",
      maxEmbeddingsPerCall: 2,
      supportsParallelCalls: false,
      doEmbed: async (options) =>
        await openaiOn(on.provider).embeddingModel("text-embedding-3-small").doEmbed(options),
    },
    middleware: embeddingModelMiddleware(on.credits),
  });
  await embedMany({ model, values: ["one", "two", "three"] });
  await embed({ model, value: "four" });
  await embed({ model, value: "uncounted" });
  const told = (tokens: number) => ({ usage: { input_text: tokens }, outcome: "delivered" });
  const reckoned = { ...told(3), estimated: true };
  assert.deepEqual(await on.settled(), [told(20), told(10), told(10), reckoned]);
});

test("images are charged by the piece, and by tokens where the provider tells them", async () => {
  const image = Buffer.from("image").toString("base64");
  await using on = await stage(
    answering({ data: [{ b64_json: image }, { b64_json: image }] }),
    answering({ error: { message: "no" } }, 400),
  );
  const model = wrapImageModel({
    model: openaiOn(on.provider).imageModel("dall-e-3"),
    middleware: imageModelMiddleware(on.credits),
  });
  const picture = { model, prompt: "A lighthouse.", size: "1024x1024", maxRetries: 0 } as const;
  const { images } = await generateImage({ ...picture, n: 2 });
  assert.equal(images.length, 2);
  await assert.rejects(generateImage(picture), APICallError);
  assert.deepEqual(await on.settled(), [{ usage: { images: 2 }, outcome: "delivered" }]);
  assert.deepEqual([...on.peer.holds.values()], ["settled", "released"]);
  const [first] = asked(on.peer);
  assert.deepEqual(first, {
    member: "ana",
    meter: "image",
    model: "dall-e-3",
    ttl: "PT15M",
    estimate: { images: 2, input_text: 5, output_image: 12_480 },
    attributes: { size: "1024x1024" },
  });
});

test("models that nobody wrapped are metered by the SDK's telemetry: refused before the call, and charged after it", async () => {
  const stream = streaming([chunk("Hel"), chunk("lo."), chunk("", "stop"), usageChunk]);
  const broken = streaming([chunk("Hello")], "hangUp");
  await using on = await stage(answering({ ...answer, usage }), stream, answering({}, 400), broken);
  const gate = telemetryGate(on.credits);
  const call = {
    ...say,
    model: openaiOn(on.provider)("gpt-5"),
    telemetry: { integrations: [gate] },
  };
  assert.equal((await generateText(call)).text, "Hello.");
  assert.deepEqual(await Array.fromAsync(streamText(call).textStream), ["Hel", "lo."]);
  await assert.rejects(generateText(call), APICallError);
  await assert.rejects(Array.fromAsync(streamText(call).stream));
  assert.deepEqual(await on.settled(), [exact, exact, estimated("partial", 2)]);
  assert.deepEqual([...on.peer.holds.values()], ["settled", "settled", "released", "settled"]);
  refuse(on.peer);
  await assert.rejects(generateText({ ...call, maxRetries: 3 }), CisternProblem);
  assert.equal(on.provider.calls.length, 4);
  const [first] = asked(on.peer);
  const estimate = { input_text: 8, output_text: 100 };
  assert.deepEqual(first, { member: "ana", meter: "chat", model: "gpt-5", ttl: "PT15M", estimate });
});
