import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type LanguageModel,
  type LanguageModelMiddleware,
  type TranscriptionModel,
  customProvider,
  experimental_generateVideo as generateVideo,
  generateSpeech,
  generateText,
  rerank,
  simulateReadableStream,
  streamText,
  transcribe,
  wrapLanguageModel,
  wrapProvider,
} from "ai";
import {
  MockImageModelV4,
  MockLanguageModelV3,
  MockLanguageModelV4,
  MockRerankingModelV4,
  MockSpeechModelV4,
} from "ai/test";
import { imageModelMiddleware, languageModelMiddleware, meter } from "@cistern/client/ai-sdk";
import { heuristic } from "@cistern/client/metering";
import { startPeer } from "../peer.ts";
import { accepting } from "./accepting.ts";
import { endsOfCollected } from "./collecting.ts";
import { asked, creditsOn, settlements } from "./metered-peer.ts";

const told = {
  inputTokens: { total: 1205, noCache: 5, cacheRead: 1000, cacheWrite: 200 },
  outputTokens: { total: 80, text: 60, reasoning: 20 },
  raw: { cache_creation: { ephemeral_5m_input_tokens: 50, ephemeral_1h_input_tokens: 150 } },
};
const exact = {
  input_text: 5,
  cache_read: 1000,
  cache_write_1h: 150,
  cache_write_5m: 50,
  output_text: 60,
  output_reasoning: 20,
};
const stop = { unified: "stop", raw: "end_turn" } as const;

const generated = {
  content: [{ type: "text" as const, text: "Hello." }],
  finishReason: stop,
  usage: told,
  response: { id: "msg_1", modelId: "claude-sonnet-4-5-20250929" },
  warnings: [],
};
const claude = (): MockLanguageModelV4 =>
  new MockLanguageModelV4({ modelId: "claude-sonnet-4-5", doGenerate: generated });

test("a long answer without usage is counted piece by piece, and all of it", async () => {
  let longest = 0;
  const count = (text: string): number => {
    longest = Math.max(longest, text.length);
    return heuristic.count(text);
  };
  const { credits, ends } = accepting({ estimator: { ...heuristic, count } });
  const delta = { type: "text-delta", id: "1", delta: "x".repeat(1_000) } as const;
  const said = Array.from({ length: 700 }, () => delta);
  await wrapLanguageModel({
    model: new MockLanguageModelV4({
      doStream: { stream: ReadableStream.from(said) },
    }),
    middleware: languageModelMiddleware(credits),
  })
    .doStream({ prompt: [{ role: "user", content: [{ type: "text", text: "Say hello." }] }] })
    .then(async ({ stream }) => await Array.fromAsync(stream));
  const [end] = await ends();
  // 200,000 tokens, and one more at most for each piece.
  assert.partialDeepStrictEqual(end?.body, { usage: { output_text: 200_001 }, estimated: true });
  assert.ok(longest > 200_000 && longest < 400_000, String(longest));
});

test("who lets go of a stream without a word is charged what passed, once nobody can read it any more", async () => {
  const { credits, ends } = accepting();
  const delta = { type: "text-delta", id: "1", delta: "Hello there." } as const;
  const said = new ReadableStream({ pull: (controller) => controller.enqueue(delta) });
  const model = wrapLanguageModel({
    model: new MockLanguageModelV4({ doStream: { stream: said } }),
    middleware: languageModelMiddleware(credits),
  });
  const { signal: abortSignal } = new AbortController();
  const readOne = async (): Promise<void> => {
    const { stream } = await model.doStream({ prompt: [], abortSignal });
    await stream.getReader().read();
  };
  await readOne();
  const [end] = await endsOfCollected(ends);
  assert.equal(end?.body["outcome"], "cancelled");
  assert.equal(abortSignal.aborted, false);
});

test("what was read from and written to a cache is told apart, also by how long it is kept", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const model = wrapLanguageModel({
    model: claude(),
    middleware: languageModelMiddleware(credits),
  });
  await generateText({ model, prompt: "Say hello." });
  assert.deepEqual(await settlements(credits, peer), [
    { usage: exact, outcome: "delivered", response: "msg_1" },
  ]);
});

test("a model that answers under another name is charged by the name that was asked for, or by its own where routers are said to fall back", async () => {
  for (const chargeBy of ["asked", "answered"] as const) {
    await using peer = await startPeer();
    const credits = creditsOn(peer, { chargeBy });
    const model = wrapLanguageModel({
      model: new MockLanguageModelV4({ modelId: "gpt-5", doGenerate: generated }),
      middleware: languageModelMiddleware(credits),
    });
    await generateText({ model, prompt: "Say hello." });
    assert.deepEqual(await settlements(credits, peer), [
      {
        usage: exact,
        outcome: "delivered",
        ...(chargeBy === "answered" ? { model: "claude-sonnet-4-5-20250929" } : {}),
        response: "msg_1",
      },
    ]);
  }
});

test("models of the older specification are metered as well", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const middleware: LanguageModelMiddleware = languageModelMiddleware(credits);
  const older = new MockLanguageModelV3({
    modelId: "gpt-5",
    doStream: {
      stream: simulateReadableStream({
        chunks: [
          { type: "stream-start", warnings: [] },
          { type: "text-start", id: "1" },
          { type: "text-delta", id: "1", delta: "Hello." },
          { type: "text-end", id: "1" },
          { type: "finish", finishReason: stop, usage: told },
        ],
      }),
    },
  });
  const model = wrapLanguageModel({ model: older, middleware });
  assert.equal(await streamText({ model, prompt: "Say hello." }).text, "Hello.");
  assert.deepEqual(await settlements(credits, peer), [{ usage: exact, outcome: "delivered" }]);
});

test("models that are named by a text come from a wrapped provider", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const before = globalThis.AI_SDK_DEFAULT_PROVIDER;
  globalThis.AI_SDK_DEFAULT_PROVIDER = wrapProvider({
    provider: customProvider({ languageModels: { "claude-sonnet-4-5": claude() } }),
    languageModelMiddleware: languageModelMiddleware(credits),
    imageModelMiddleware: imageModelMiddleware(credits),
  });
  try {
    const model: LanguageModel = "claude-sonnet-4-5";
    await generateText({ model, prompt: "Say hello." });
  } finally {
    globalThis.AI_SDK_DEFAULT_PROVIDER = before;
  }
  assert.deepEqual(await settlements(credits, peer), [
    { usage: exact, outcome: "delivered", response: "msg_1" },
  ]);
});

test("a tier that costs another price is an attribute of the call", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const model = wrapLanguageModel({
    model: claude(),
    middleware: languageModelMiddleware(credits),
  });
  const providerOptions = { other: { serviceTier: "auto" }, openai: { serviceTier: "flex" } };
  await generateText({ model, prompt: "Say hello.", providerOptions });
  await credits.idle();
  const [request] = asked(peer);
  assert.deepEqual(request, { ...Object(request), attributes: { tier: "flex" } });
});

const response = { timestamp: new Date(0), modelId: "m" };

test("speech, transcription, video and ranking are metered around their call, with one end each", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const text = "Good morning.";
  const audio = new Uint8Array([1, 2, 3]);

  const speaker = new MockSpeechModelV4({
    doGenerate: async () => await Promise.resolve({ audio, warnings: [], response }),
  });
  await meter(
    credits,
    { kind: "speech", model: "tts-1", estimate: { characters: text.length } },
    () => generateSpeech({ model: speaker, text }),
  );

  const listener: TranscriptionModel = {
    specificationVersion: "v4",
    provider: "test",
    modelId: "whisper-1",
    doGenerate: async () =>
      await Promise.resolve({
        text,
        segments: [],
        language: "en",
        durationInSeconds: 12.3,
        warnings: [],
        response,
      }),
  };
  await meter(
    credits,
    { kind: "transcription", model: "whisper-1", estimate: { seconds: 60 } },
    () => transcribe({ model: listener, audio }),
    {
      spent: ({ durationInSeconds }) =>
        durationInSeconds === undefined ? undefined : { seconds: durationInSeconds },
    },
  );

  const filmmaker: Parameters<typeof generateVideo>[0]["model"] = {
    specificationVersion: "v4",
    provider: "test",
    modelId: "sora-2",
    maxVideosPerCall: 1,
    doGenerate: async () =>
      await Promise.resolve({
        videos: [{ type: "binary", data: audio, mediaType: "video/mp4" }],
        warnings: [],
        response: { ...response, headers: undefined },
      }),
  };
  await meter(
    credits,
    { kind: "video", model: "sora-2", estimate: { seconds: 8 } },
    () => generateVideo({ model: filmmaker, prompt: "A lighthouse.", duration: 8 }),
    { spent: ({ videos }) => ({ seconds: 8 * videos.length }) },
  );

  const judge = new MockRerankingModelV4({
    doRerank: async () =>
      await Promise.resolve({ ranking: [{ index: 0, relevanceScore: 1 }], response: {} }),
  });
  await meter(
    credits,
    { kind: "rerank", model: "rerank-3", estimate: { requests: 1 } },
    () => rerank({ model: judge, documents: ["a"], query: "b" }),
    { spent: () => ({ requests: 1 }) },
  );

  assert.deepEqual(await settlements(credits, peer), [
    { usage: { characters: 13 }, outcome: "delivered", estimated: true },
    { usage: { seconds: 13 }, outcome: "delivered" },
    { usage: { seconds: 8 }, outcome: "delivered" },
    { usage: { requests: 1 }, outcome: "delivered" },
  ]);
});

test("a figure of metered work that is no quantity says nothing: the estimate is charged", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const work = { kind: "transcription", estimate: { seconds: 60 } } as const;
  await meter(credits, work, () => "Good morning.", { spent: () => ({ seconds: Number.NaN }) });
  assert.deepEqual(await settlements(credits, peer), [
    { usage: { seconds: 60 }, outcome: "delivered", estimated: true },
  ]);
});

test("metered work that fails is charged nothing, and work that its caller stops what it was to use", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const work = { kind: "speech", estimate: { characters: 13 } } as const;
  const failure = new Error("The voice is gone.");
  await assert.rejects(
    meter(credits, work, () => Promise.reject(failure)),
    failure,
  );
  const abort = new AbortController();
  const stopped = meter(
    credits,
    work,
    () => {
      abort.abort();
      throw failure;
    },
    { signal: abort.signal },
  );
  await assert.rejects(stopped, failure);
  const broken = meter(credits, work, () => "done", {
    spent: () => {
      throw failure;
    },
  });
  await assert.rejects(broken, failure);
  assert.deepEqual(await settlements(credits, peer), [
    { usage: { characters: 13 }, outcome: "cancelled", estimated: true },
    { usage: { characters: 13 }, outcome: "delivered", estimated: true },
  ]);
  assert.deepEqual([...peer.holds.values()], ["released", "settled", "settled"]);
});

test("an image model's tokens are charged beside its images", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const middleware = imageModelMiddleware(credits);
  const model = new MockImageModelV4({ modelId: "gpt-image-1" });
  const usage = { inputTokens: 10, outputTokens: 1056, totalTokens: 1066 };
  await middleware.wrapGenerate({
    model,
    params: {
      prompt: "A lighthouse.",
      n: 1,
      files: [{}],
      mask: undefined,
      size: undefined,
      providerOptions: { openai: { quality: "low" } },
    },
    doGenerate: async () => await Promise.resolve({ images: ["aQ=="], warnings: [], usage }),
  });
  assert.deepEqual(await settlements(credits, peer), [
    { usage: { images: 1, input_text: 10, output_image: 1056 }, outcome: "delivered" },
  ]);
  const [request] = asked(peer);
  const estimate = { images: 1, input_text: 5, input_image: 1600, output_image: 408 };
  assert.deepEqual(request, { ...Object(request), estimate });
});
