import assert from "node:assert/strict";
import { test } from "node:test";
import { GoogleGenAI } from "@google/genai";
import { meteredFetch } from "@cistern/client/fetch";
import { type Peer, problem, startPeer } from "../peer.ts";
import { creditsOn, held, settled } from "./metering.ts";
import { answering, sse, startProvider, streaming, type Provider } from "./provider.ts";

function metered(peer: Peer, provider: Provider) {
  const credits = creditsOn(peer);
  const google = new GoogleGenAI({
    apiKey: "test",
    httpOptions: { baseUrl: provider.url, fetch: meteredFetch(credits) },
  });
  return { credits, google };
}

const ask = {
  model: "gemini-2.5-pro",
  contents: "Say hello.",
  config: { maxOutputTokens: 100 },
};
const usageMetadata = {
  promptTokenCount: 1000,
  cachedContentTokenCount: 600,
  candidatesTokenCount: 20,
  thoughtsTokenCount: 50,
  toolUsePromptTokenCount: 30,
  totalTokenCount: 1100,
  promptTokensDetails: [
    { modality: "TEXT", tokenCount: 900 },
    { modality: "AUDIO", tokenCount: 100 },
  ],
};
const chunk = (text: string, rest: object = {}, finishReason?: string) => ({
  candidates: [
    {
      content: { role: "model", parts: [{ text }] },
      index: 0,
      ...(finishReason === undefined ? {} : { finishReason }),
    },
  ],
  modelVersion: "gemini-2.5-pro",
  responseId: "g-1",
  ...rest,
});
/** 600 of the 1,000 were cached, 100 were sound; the tools' prompt and the thoughts stand beside. */
const exact = {
  usage: {
    input_text: 330,
    cache_read: 600,
    input_audio: 100,
    output_text: 20,
    output_reasoning: 50,
  },
  outcome: "delivered",
  response: "g-1",
};
const soFar = (candidatesTokenCount: number) => ({
  usageMetadata: { promptTokenCount: 1000, candidatesTokenCount },
});

test("content is held before it is generated and settled by its usage, thoughts and tools' prompts beside the totals", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(
    answering(chunk("Hello there.", { usageMetadata }, "STOP")),
  );
  const { credits, google } = metered(peer, provider);
  const answer = await google.models.generateContent(ask);
  assert.equal(answer.text, "Hello there.");
  assert.deepEqual(await settled(peer, credits), [exact]);
  assert.deepEqual(held(peer), [
    {
      member: "ana",
      meter: "chat",
      model: "gemini-2.5-pro",
      ttl: "PT15M",
      estimate: { input_text: 8, output_text: 100 },
    },
  ]);
});

test("of a stream the last usage counts, not the sum", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(
    streaming([
      sse(chunk("Hello ", soFar(5))),
      sse(chunk("there", soFar(10))),
      sse(chunk(".", { usageMetadata }, "STOP")),
    ]),
  );
  const { credits, google } = metered(peer, provider);
  const stream = await google.models.generateContentStream(ask);
  const texts = (await Array.fromAsync(stream)).map(({ text }) => text);
  assert.deepEqual(texts, ["Hello ", "there", "."]);
  assert.deepEqual(await settled(peer, credits), [exact]);
});

test("a stream that breaks is charged the input it told, and the more of what it counted and what passed", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(
    streaming(
      [sse(chunk("Hello ", soFar(1))), sse(chunk("there, all of you.", soFar(2)))],
      "hangUp",
    ),
  );
  const { credits, google } = metered(peer, provider);
  const stream = await google.models.generateContentStream(ask);
  await assert.rejects(Array.fromAsync(stream));
  // 24 characters at 3.5 a token are more than the 2 that were counted so far.
  assert.deepEqual(await settled(peer, credits), [
    {
      usage: { input_text: 1000, output_text: 7 },
      outcome: "partial",
      estimated: true,
      response: "g-1",
    },
  ]);
});

test("a stream that is stopped is charged what it told of its input and what came out, estimated", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(
    streaming([sse(chunk("Hello ", soFar(30))), sse(chunk("there", soFar(40)))], "wait"),
  );
  const { credits, google } = metered(peer, provider);
  const stop = new AbortController();
  const stream = await google.models.generateContentStream({
    ...ask,
    config: { ...ask.config, abortSignal: stop.signal },
  });
  let read = 0;
  await assert.rejects(async () => {
    for await (const _ of stream) if ((read += 1) === 2) stop.abort();
  });
  assert.deepEqual(await settled(peer, credits), [
    {
      usage: { input_text: 1000, output_text: 40 },
      outcome: "cancelled",
      estimated: true,
      response: "g-1",
    },
  ]);
});

test("a call that Cistern refuses is Google's own error with the status, and is not asked again", async () => {
  await using peer = await startPeer();
  peer.refusals.set("holds", problem("pool_exhausted", 402, "50 are missing"));
  await using provider = await startProvider(answering({}));
  const { google } = metered(peer, provider);
  await assert.rejects(google.models.generateContent(ask), { name: "ApiError", status: 402 });
  assert.deepEqual([provider.calls.length, peer.arrived.length], [0, 1]);
});

test("embeddings are charged by the provider's count, and by their text where it tells none", async () => {
  await using peer = await startPeer();
  const embeddings = [{ values: [0.25] }, { values: [0.5] }];
  await using provider = await startProvider(
    answering({ embeddings, usageMetadata: { promptTokenCount: 9 } }),
    answering({ embeddings }),
  );
  const { credits, google } = metered(peer, provider);
  const texts = { model: "gemini-embedding-001", contents: ["Say hello.", "Say goodbye."] };
  await google.models.embedContent(texts);
  await google.models.embedContent(texts);
  assert.match(provider.calls[0]?.path ?? "", /\/gemini-embedding-001:batchEmbedContents$/);
  assert.deepEqual(held(peer)[0], {
    member: "ana",
    meter: "embedding",
    model: "gemini-embedding-001",
    ttl: "PT15M",
    estimate: { input_text: 17 },
  });
  // Two messages of four, and three and four tokens of text.
  assert.deepEqual(await settled(peer, credits), [
    { usage: { input_text: 9 }, outcome: "delivered" },
    { usage: { input_text: 15 }, outcome: "delivered", estimated: true },
  ]);
});

test("pictures are charged as they come: one that was filtered out is none", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(
    answering({
      predictions: [
        { bytesBase64Encoded: "AA==", mimeType: "image/png" },
        { raiFilteredReason: "No." },
      ],
    }),
  );
  const credits = creditsOn(peer);
  const vertex = new GoogleGenAI({
    vertexai: true,
    apiKey: "test",
    httpOptions: { baseUrl: provider.url, fetch: meteredFetch(credits) },
  });
  const config = { numberOfImages: 2 };
  await vertex.models.generateImages({ model: "imagen-4.0", prompt: "A cistern.", config });
  assert.deepEqual(held(peer), [
    { member: "ana", meter: "image", model: "imagen-4.0", ttl: "PT15M", estimate: { images: 2 } },
  ]);
  assert.deepEqual(await settled(peer, credits), [{ usage: { images: 1 }, outcome: "delivered" }]);
});

test("a stream without events, in which Google sends one JSON list, is charged what came of it when it is left or cut off", async () => {
  const list = [chunk("Hello ", soFar(5)), chunk("there", soFar(10))].map((one) =>
    JSON.stringify(one),
  );
  for (const then of ["wait", "hangUp"] as const) {
    await using peer = await startPeer();
    await using provider = await startProvider(async (_call, response) => {
      response.writeHead(200, { "content-type": "application/json; charset=UTF-8" });
      for (const part of [
        `[${list[0]}`,
        `,\r\n${list[1]}`,
        ',{"candidates":[{"content":{"parts":[{"text":"!!',
      ])
        await new Promise<void>((resolve) => response.write(part, () => resolve()));
      if (then === "hangUp") response.destroy();
      else await new Promise(() => {});
    });
    const credits = creditsOn(peer);
    const stop = new AbortController();
    const url = `${provider.url}/v1beta/models/gemini-2.5-pro:streamGenerateContent`;
    const body = JSON.stringify({ contents: [{ parts: [{ text: "Say hello." }] }] });
    const response = await meteredFetch(credits)(url, {
      method: "POST",
      body,
      signal: stop.signal,
    });
    let read = "";
    await assert.rejects(async () => {
      for await (const bytes of response.body ?? []) {
        read += Buffer.from(bytes).toString();
        if (read.endsWith("!!") && then === "wait") stop.abort(new Error("Enough."));
      }
    });
    // The last count was 10; "Hello there!!" is thirteen characters, four tokens.
    assert.deepEqual(await settled(peer, credits), [
      {
        usage: { input_text: 1000, output_text: 10 },
        outcome: then === "wait" ? "cancelled" : "partial",
        estimated: true,
        response: "g-1",
      },
    ]);
  }
});

test("a list that is streamed is not read ahead of its reader, and its model keeps the name that its path has", async () => {
  let pulled = 0;
  const parts = [`[${JSON.stringify(chunk("Hello"))}`, `,${JSON.stringify(chunk(" there"))}`];
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        pulled += 1;
        controller.enqueue(new TextEncoder().encode(parts[pulled - 1] ?? "]"));
        if (pulled === 3) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const headers = { "content-type": "application/json" };
  const send = async (): Promise<Response> =>
    await Promise.resolve(new Response(body, { headers }));
  const url = "http://provider.test/v1beta/tunedModels/Our-Own%40Model:streamGenerateContent";
  const asking = { method: "POST", body: JSON.stringify({ contents: [] }) };
  const reader = (await meteredFetch(credits, { fetch: send })(url, asking)).body?.getReader();
  await reader?.read();
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(pulled, 1);
  while ((await reader?.read())?.done === false);
  await credits.idle();
  assert.partialDeepStrictEqual(held(peer), [{ model: "Our-Own@Model" }]);
});

test("an answer in one piece that is left in the middle is charged what came of it", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(async (_call, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const begun = JSON.stringify(chunk("x".repeat(700)));
    await new Promise<void>((resolve) => response.write(begun.slice(0, 600), () => resolve()));
    await new Promise(() => {});
  });
  const credits = creditsOn(peer);
  const stop = new AbortController();
  const url = `${provider.url}/v1beta/models/gemini-2.5-pro:generateContent`;
  const body = JSON.stringify({ contents: [{ parts: [{ text: "Say hello." }] }] });
  const response = await meteredFetch(credits)(url, { method: "POST", body, signal: stop.signal });
  const reader = response.body?.getReader();
  await reader?.read();
  stop.abort(new Error("Enough."));
  await assert.rejects(async () => await reader?.read());
  const [end] = await settled(peer, credits);
  const beforeText = JSON.stringify(chunk("")).indexOf('"text":"') + '"text":"'.length;
  assert.deepEqual(end, {
    usage: { input_text: 7, output_text: Math.ceil((600 - beforeText) / 3.5) },
    outcome: "cancelled",
    estimated: true,
  });
});
