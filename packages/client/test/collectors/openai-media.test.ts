import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import OpenAI from "openai";
import { meteredFetch } from "@cistern/client/fetch";
import { type Peer, startPeer } from "../peer.ts";
import { creditsOn, held, settled } from "./metering.ts";
import {
  answering,
  type ProviderCall,
  sse,
  startProvider,
  streaming,
  type Provider,
} from "./provider.ts";

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

const ana = { member: "ana", ttl: "PT15M" };

test("embeddings are held by their text and settled by the provider's count", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(
    answering({
      object: "list",
      model: "text-embedding-3-small",
      data: [{ object: "embedding", index: 0, embedding: [0.25, 0.5] }],
      usage: { prompt_tokens: 9, total_tokens: 9 },
    }),
  );
  const { credits, openai } = metered(peer, provider);
  const input = ["Say hello.", "Say goodbye."];
  await openai.embeddings.create({ model: "text-embedding-3-small", input });
  // 10 and 12 characters are 3 and 4 tokens, and a tenth more.
  assert.deepEqual(held(peer), [
    { ...ana, meter: "embedding", model: "text-embedding-3-small", estimate: { input_text: 8 } },
  ]);
  assert.deepEqual(await settled(peer, credits), [
    { usage: { input_text: 9 }, outcome: "delivered" },
  ]);
});

test("embeddings of tokens are held by their number, and charged it where the provider tells no usage", async () => {
  await using peer = await startPeer();
  const data = [{ object: "embedding", index: 0, embedding: [0.25] }];
  await using provider = await startProvider(answering({ object: "list", data }));
  const { credits, openai } = metered(peer, provider);
  await openai.embeddings.create({
    model: "text-embedding-3-small",
    input: [
      [1, 2, 3],
      [4, 5],
    ],
  });
  assert.deepEqual(await settled(peer, credits), [
    { usage: { input_text: 5 }, outcome: "delivered", estimated: true },
  ]);
});

test("completions without a bound are held by the API's own, 16 tokens", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(
    answering({
      id: "cmpl-1",
      object: "text_completion",
      model: "gpt-3.5-turbo-instruct",
      choices: [{ index: 0, text: "Hello.", finish_reason: "stop", logprobs: null }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    }),
  );
  const { credits, openai } = metered(peer, provider);
  await openai.completions.create({ model: "gpt-3.5-turbo-instruct", prompt: "Say hello." });
  const estimate = { input_text: 4, output_text: 16 };
  assert.deepEqual(held(peer), [
    { ...ana, meter: "chat", model: "gpt-3.5-turbo-instruct", estimate },
  ]);
  assert.deepEqual(await settled(peer, credits), [
    { usage: { input_text: 3, output_text: 2 }, outcome: "delivered", response: "cmpl-1" },
  ]);
});

const imageTokens = {
  input_tokens: 50,
  input_tokens_details: { text_tokens: 10, image_tokens: 40 },
  output_tokens: 2112,
  total_tokens: 2162,
};

test("pictures are counted as they come, and their tokens as they are told", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(
    answering({
      created: 1,
      data: [{ b64_json: "AA==" }, { b64_json: "AA==" }],
      usage: imageTokens,
    }),
  );
  const { credits, openai } = metered(peer, provider);
  await openai.images.generate({
    model: "gpt-image-1",
    prompt: "A cistern.",
    n: 2,
    size: "1024x1024",
    quality: "medium",
  });
  assert.deepEqual(held(peer), [
    {
      ...ana,
      meter: "image",
      model: "gpt-image-1",
      estimate: { input_text: 4, images: 2, output_image: 3168 },
      attributes: { size: "1024x1024", quality: "medium" },
    },
  ]);
  const usage = { images: 2, input_text: 10, input_image: 40, output_image: 2112 };
  assert.deepEqual(await settled(peer, credits), [{ usage, outcome: "delivered" }]);
});

test("an edit is a form: its fields are read, its pictures counted, and the provider gets it unchanged", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(
    answering({ created: 1, data: [{ b64_json: "AA==" }], usage: imageTokens }),
  );
  const { credits, openai } = metered(peer, provider);
  const picture = new File([new Uint8Array(64)], "cistern.png", { type: "image/png" });
  await openai.images.edit({
    model: "gpt-image-1",
    prompt: "A cistern.",
    image: [picture, picture],
    quality: "low",
  });
  const estimate = { input_text: 4, input_image: 3200, images: 1, output_image: 408 };
  assert.deepEqual(held(peer), [
    { ...ana, meter: "image", model: "gpt-image-1", estimate, attributes: { quality: "low" } },
  ]);
  const [call] = provider.calls;
  assert.match(String(call?.headers["content-type"]), /^multipart\/form-data; boundary=/);
  assert.equal(call?.text.match(/filename="cistern.png"/g)?.length, 2);
  const usage = { images: 1, input_text: 10, input_image: 40, output_image: 2112 };
  assert.deepEqual(await settled(peer, credits), [{ usage, outcome: "delivered" }]);
});

const partial = sse({ type: "image_generation.partial_image", b64_json: "AA==" });
const drawn = sse({ type: "image_generation.completed", b64_json: "AA==", usage: imageTokens });

test("a picture in a stream is charged when it is whole, and as one when it was seen in part", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(
    streaming([partial, drawn]),
    streaming([partial], "hangUp"),
    streaming([], "hangUp"),
  );
  const { credits, openai } = metered(peer, provider);
  const ask = { model: "gpt-image-1", prompt: "A cistern.", stream: true } as const;
  await Array.fromAsync(await openai.images.generate(ask));
  await assert.rejects(async () => await Array.fromAsync(await openai.images.generate(ask)));
  await assert.rejects(async () => await Array.fromAsync(await openai.images.generate(ask)));
  const usage = { images: 1, input_text: 10, input_image: 40, output_image: 2112 };
  assert.deepEqual(await settled(peer, credits), [
    { usage, outcome: "delivered" },
    {
      usage: { input_text: 3, images: 1, output_image: 6240 },
      outcome: "partial",
      estimated: true,
    },
  ]);
  assert.deepEqual([...peer.holds.values()], ["settled", "settled", "released"]);
});

const sound =
  (bytes: Uint8Array, then: "end" | "hangUp" = "end") =>
  (_call: ProviderCall, response: ServerResponse): void => {
    response.writeHead(200, { "content-type": "audio/mpeg" });
    response.write(bytes, () => (then === "end" ? response.end() : response.destroy()));
  };

test("speech is charged the text that went in and the sound that usually comes of it, and its bytes are the provider's", async () => {
  await using peer = await startPeer();
  const bytes = Uint8Array.from({ length: 5000 }, (_, at) => (at * 7) % 256);
  await using provider = await startProvider(sound(bytes), sound(bytes, "hangUp"));
  const { credits, openai } = metered(peer, provider);
  const ask = { model: "gpt-4o-mini-tts", voice: "alloy", input: "Say hello." } as const;
  const answer = await openai.audio.speech.create(ask);
  assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), bytes);
  const cut = await openai.audio.speech.create(ask);
  await assert.rejects(cut.arrayBuffer());
  const usage = { input_text: 3, output_audio: 30 };
  assert.deepEqual(await settled(peer, credits), [
    { usage, outcome: "delivered", estimated: true },
    { usage, outcome: "partial", estimated: true },
  ]);
});

test("speech as events is charged by its last one", async () => {
  await using peer = await startPeer();
  const usage = { input_tokens: 4, output_tokens: 120, total_tokens: 124 };
  const delta = sse({ type: "speech.audio.delta", audio: "AA==" });
  await using provider = await startProvider(
    streaming([delta, sse({ type: "speech.audio.done", usage })]),
  );
  const { credits, openai } = metered(peer, provider);
  const answer = await openai.audio.speech.create({
    model: "gpt-4o-mini-tts",
    voice: "alloy",
    input: "Say hello.",
    stream_format: "sse",
  });
  await answer.text();
  assert.deepEqual(await settled(peer, credits), [
    { usage: { input_text: 4, output_audio: 120 }, outcome: "delivered" },
  ]);
});

const recording = new File([new Uint8Array(48_000)], "call.mp3", { type: "audio/mpeg" });

test("a transcription is held by the size of its recording and settled by the tokens or the seconds that it took", async () => {
  await using peer = await startPeer();
  const tokens = {
    type: "tokens",
    input_tokens: 35,
    input_token_details: { text_tokens: 5, audio_tokens: 30 },
    output_tokens: 8,
    total_tokens: 43,
  };
  await using provider = await startProvider(
    answering({ text: "Hello there.", usage: tokens }),
    answering({ text: "Hello there.", usage: { type: "duration", seconds: 3 } }),
    answering({ text: "Hello there.", duration: 2.6, language: "english", task: "transcribe" }),
  );
  const { credits, openai } = metered(peer, provider);
  const ask = { model: "gpt-4o-transcribe", file: recording };
  await openai.audio.transcriptions.create(ask);
  await openai.audio.transcriptions.create({ ...ask, model: "whisper-1" });
  await openai.audio.translations.create({ ...ask, model: "whisper-1" });
  // 48,000 bytes are at most 24 seconds, at 2,000 bytes a second.
  assert.deepEqual(held(peer)[0], {
    ...ana,
    meter: "transcription",
    model: "gpt-4o-transcribe",
    estimate: { seconds: 24, input_audio: 240, output_text: 120 },
  });
  assert.deepEqual(await settled(peer, credits), [
    { usage: { input_audio: 30, input_text: 5, output_text: 8 }, outcome: "delivered" },
    { usage: { seconds: 3 }, outcome: "delivered" },
    { usage: { seconds: 3 }, outcome: "delivered" },
  ]);
});

test("subtitles tell no usage: they are charged as long as such a recording usually is", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider((_call, response) => {
    response.writeHead(200, { "content-type": "text/plain" }).end("1\n00:00 --> 00:03\nHello.\n");
  });
  const { credits, openai } = metered(peer, provider);
  const ask = { model: "whisper-1", file: recording, response_format: "srt" } as const;
  await openai.audio.transcriptions.create(ask);
  // 48,000 bytes at 16,000 a second; 25 characters of text.
  assert.deepEqual(await settled(peer, credits), [
    {
      usage: { seconds: 3, input_audio: 30, output_text: 8 },
      outcome: "delivered",
      estimated: true,
    },
  ]);
});

test("a transcript in a stream is charged by its last event", async () => {
  await using peer = await startPeer();
  const usage = { type: "tokens", input_tokens: 30, output_tokens: 4, total_tokens: 34 };
  await using provider = await startProvider(
    streaming([
      sse({ type: "transcript.text.delta", delta: "Hello." }),
      sse({ type: "transcript.text.done", text: "Hello.", usage }),
    ]),
  );
  const { credits, openai } = metered(peer, provider);
  const stream = await openai.audio.transcriptions.create({
    model: "gpt-4o-transcribe",
    file: recording,
    stream: true,
  });
  await Array.fromAsync(stream);
  assert.deepEqual(await settled(peer, credits), [
    { usage: { input_audio: 30, output_text: 4 }, outcome: "delivered" },
  ]);
});
