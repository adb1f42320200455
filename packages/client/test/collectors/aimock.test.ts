// A stand-in that others wrote, which speaks what it recorded of the providers: what it sends was not made after what is read here.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { LLMock } from "@copilotkit/aimock";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { anthropicMiddleware } from "@cistern/client/anthropic";
import { meteredFetch } from "@cistern/client/fetch";
import { accepting, type End } from "./accepting.ts";

const mock = new LLMock({ port: 0 });
let url = "";
const cut = { truncateAfterChunks: 8, chunkSize: 4, latency: 5 };
before(async () => {
  mock.onMessage("hello", {
    content: "Hello there, all of you.",
    usage: { input_tokens: 9, output_tokens: 7, prompt_tokens: 9, completion_tokens: 7 },
  });
  mock.onMessage("cut", { content: "Hello there. ".repeat(10) }, cut);
  mock.onEmbedding(/.*/, { embedding: [0.25, 0.5] });
  mock.onImage(/.*/, { image: { b64Json: "AA==" } });
  mock.onSpeech(/.*/, { audio: "AAAA" });
  mock.onTranscription({ transcription: { text: "Hello there." } });
  await mock.start();
  url = mock.url;
});
after(async () => {
  await mock.stop();
});

function clients() {
  const { credits, ends } = accepting();
  const fetch = meteredFetch(credits);
  return {
    ends,
    openai: new OpenAI({ apiKey: "sk-test", baseURL: `${url}/v1`, maxRetries: 0, fetch }),
    anthropic: new Anthropic({
      apiKey: "sk-test",
      baseURL: url,
      maxRetries: 0,
      middleware: [anthropicMiddleware(credits)],
    }),
    google: new GoogleGenAI({
      apiKey: "test",
      httpOptions: { baseUrl: url, apiVersion: "v1beta", fetch },
    }),
  };
}

type Clients = ReturnType<typeof clients>;

const messages = (content: string) => [{ role: "user" as const, content }];
const chat = (content: string) => ({ model: "gpt-5", messages: messages(content) });
const claude = (content: string) => ({
  model: "claude-opus-4-8",
  max_tokens: 50,
  messages: messages(content),
});

/** Each protocol, whole and as a stream. */
const calls: Readonly<Record<string, (clients: Clients, say: string) => Promise<unknown>>> = {
  chat: async ({ openai }, say) => await openai.chat.completions.create(chat(say)),
  "chat in a stream": async ({ openai }, say) =>
    await Array.fromAsync(await openai.chat.completions.create({ ...chat(say), stream: true })),
  response: async ({ openai }, say) =>
    await openai.responses.create({ model: "gpt-5", input: say }),
  "response in a stream": async ({ openai }, say) =>
    await Array.fromAsync(
      await openai.responses.create({ model: "gpt-5", input: say, stream: true }),
    ),
  message: async ({ anthropic }, say) => await anthropic.messages.create(claude(say)),
  "message in a stream": async ({ anthropic }, say) =>
    await Array.fromAsync(await anthropic.messages.create({ ...claude(say), stream: true })),
  content: async ({ google }, say) =>
    await google.models.generateContent({ model: "gemini-2.5-pro", contents: say }),
  "content in a stream": async ({ google }, say) =>
    await Array.fromAsync(
      await google.models.generateContentStream({ model: "gemini-2.5-pro", contents: say }),
    ),
};

async function endOf(call: (clients: Clients) => Promise<unknown>): Promise<End | undefined> {
  const { ends, ...sdks } = clients();
  await call({ ends, ...sdks }).catch(() => {});
  return (await ends())[0];
}

for (const [name, call] of Object.entries(calls)) {
  test(`${name}: settled by the usage that the stand-in tells`, async () => {
    const end = await endOf(async (sdks) => await call(sdks, "Say hello."));
    assert.deepEqual(
      [end?.verb, end?.body["outcome"], end?.body["estimated"]],
      ["settle", "delivered", undefined],
    );
    assert.deepEqual(end?.body["usage"], { input_text: 9, output_text: 7 });
  });
  if (!name.endsWith("stream")) continue;
  test(`${name}, cut off: charged what came through, estimated`, async () => {
    const end = await endOf(async (sdks) => await call(sdks, "Be cut."));
    assert.deepEqual(
      [end?.verb, end?.body["outcome"], end?.body["estimated"]],
      ["settle", "partial", true],
    );
  });
}

test("embeddings, a picture, speech and a transcription are metered as the stand-in speaks them", async () => {
  const file = new File([new Uint8Array(16_000)], "call.mp3", { type: "audio/mpeg" });
  const embedded = await endOf(
    async ({ openai }) =>
      await openai.embeddings.create({ model: "text-embedding-3-small", input: "Hello there." }),
  );
  assert.equal(embedded?.body["outcome"], "delivered");
  const drawn = await endOf(
    async ({ openai }) => await openai.images.generate({ model: "dall-e-3", prompt: "A cistern." }),
  );
  assert.deepEqual(drawn?.body["usage"], { images: 1 });
  const spoken = await endOf(async ({ openai }) => {
    const input = "Hello there.";
    const answer = await openai.audio.speech.create({ model: "tts-1", voice: "alloy", input });
    return await answer.arrayBuffer();
  });
  assert.equal(spoken?.body["outcome"], "delivered");
  const heard = await endOf(
    async ({ openai }) => await openai.audio.transcriptions.create({ model: "whisper-1", file }),
  );
  assert.equal(heard?.body["outcome"], "delivered");
});
