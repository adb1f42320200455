// Every shape in which a provider tells usage, in exclusive buckets: bodies written after the types of the SDKs, buckets by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { meteredFetch } from "@cistern/client/fetch";
import { accepting } from "./accepting.ts";

interface Shape {
  readonly says: string;
  readonly path: string;
  readonly answer: object;
  readonly usage: Readonly<Record<string, number>>;
}

const chat = (usage: object): object => ({
  id: "c-1",
  choices: [{ index: 0, message: { content: "Hello." }, finish_reason: "stop" }],
  usage,
});
const message = (usage: object): object => ({
  id: "a-1",
  type: "message",
  content: [],
  usage,
});
const content = (usageMetadata: object): object => ({
  candidates: [{ finishReason: "STOP" }],
  usageMetadata,
});

const chatPath = "/v1/chat/completions";
const googlePath = "/v1/models/gemini:generateContent";

const shapes: readonly Shape[] = [
  {
    says: "a chat's totals include what was cached, written, heard, seen and thought",
    path: chatPath,
    answer: chat({
      prompt_tokens: 1000,
      completion_tokens: 500,
      total_tokens: 1500,
      prompt_tokens_details: {
        cached_tokens: 300,
        cache_write_tokens: 200,
        audio_tokens: 100,
        image_tokens: 50,
      },
      completion_tokens_details: {
        reasoning_tokens: 250,
        audio_tokens: 100,
        accepted_prediction_tokens: 10,
        rejected_prediction_tokens: 20,
      },
    }),
    usage: {
      input_text: 350,
      cache_read: 300,
      cache_write_5m: 200,
      input_audio: 100,
      input_image: 50,
      output_text: 150,
      output_reasoning: 250,
      output_audio: 100,
    },
  },
  {
    says: "a server that names the hits of its cache beside the prompt is understood",
    path: chatPath,
    answer: chat({
      prompt_tokens: 100,
      completion_tokens: 5,
      prompt_cache_hit_tokens: 64,
      prompt_cache_miss_tokens: 36,
    }),
    usage: { input_text: 36, cache_read: 64, output_text: 5 },
  },
  {
    says: "thoughts that only the total includes are found by it",
    path: chatPath,
    answer: chat({
      prompt_tokens: 100,
      completion_tokens: 5,
      total_tokens: 145,
      completion_tokens_details: { reasoning_tokens: 40 },
    }),
    usage: { input_text: 100, output_text: 5, output_reasoning: 40 },
  },
  {
    says: "a prompt that only the total tells is found by it, and is no thought",
    path: chatPath,
    answer: chat({ prompt_tokens: "100", completion_tokens: 5, total_tokens: 105 }),
    usage: { input_text: 100, output_text: 5 },
  },
  {
    says: "usage in a place of Groq's own is found",
    path: chatPath,
    answer: {
      id: "c-1",
      choices: [{ index: 0, message: { content: "Hello." }, finish_reason: "stop" }],
      x_groq: { usage: { prompt_tokens: 100, completion_tokens: 5 } },
    },
    usage: { input_text: 100, output_text: 5 },
  },
  {
    says: "details that come to more than their total are cut",
    path: chatPath,
    answer: chat({
      prompt_tokens: 100,
      completion_tokens: 5,
      prompt_tokens_details: { cached_tokens: 90, audio_tokens: 90 },
    }),
    usage: { cache_read: 90, input_audio: 10, output_text: 5 },
  },
  {
    says: "a response's pictures and its searches stand beside the model's own tokens",
    path: "/v1/responses",
    answer: {
      id: "r-1",
      status: "completed",
      output: [
        { type: "image_generation_call" },
        { type: "web_search_call" },
        { type: "code_interpreter_call" },
        { type: "mcp_call" },
        { type: "file_search_call" },
        { type: "function_call" },
      ],
      usage: {
        input_tokens: 100,
        input_tokens_details: {
          cached_tokens: 10,
          cache_write_tokens: 50,
          cache_write_tokens_details: { ttl_30m_tokens: 20, ttl_12h_tokens: 30 },
        },
        output_tokens: 40,
        output_tokens_details: { reasoning_tokens: 15 },
      },
      tool_usage: {
        image_gen: {
          input_tokens: 12,
          input_tokens_details: { image_tokens: 2, text_tokens: 10 },
          output_tokens: 1056,
        },
        web_search: { num_requests: 3 },
      },
    },
    usage: {
      input_text: 50,
      cache_read: 10,
      cache_write_5m: 20,
      cache_write_1h: 30,
      output_text: 25,
      output_reasoning: 15,
      input_image: 2,
      output_image: 1056,
      tool_calls_image_generation: 1,
      tool_calls_web_search: 3,
      tool_calls_code_interpreter: 1,
      tool_calls_mcp: 1,
      tool_calls_file_search: 1,
    },
  },
  {
    says: "a message's figures exclude each other already",
    path: "/v1/messages",
    answer: message({ input_tokens: 5, cache_read_input_tokens: 1000, output_tokens: 10 }),
    usage: { input_text: 5, cache_read: 1000, output_text: 10 },
  },
  {
    says: "what a message wrote to its cache lives five minutes where nothing else is said",
    path: "/v1/messages",
    answer: message({
      input_tokens: 5,
      cache_creation_input_tokens: 200,
      cache_creation: null,
      output_tokens: 10,
      server_tool_use: null,
    }),
    usage: { input_text: 5, cache_write_5m: 200, output_text: 10 },
  },
  {
    says: "Google's sounds and pictures are told by their kind, also those that were cached",
    path: googlePath,
    answer: content({
      promptTokenCount: 1000,
      cachedContentTokenCount: 300,
      cacheTokensDetails: [{ modality: "AUDIO", tokenCount: 60 }],
      promptTokensDetails: [
        { modality: "AUDIO", tokenCount: 100 },
        { modality: "VIDEO", tokenCount: 200 },
        { modality: "TEXT", tokenCount: 700 },
      ],
      candidatesTokenCount: 1300,
      candidatesTokensDetails: [{ modality: "IMAGE", tokenCount: 1290 }],
    }),
    usage: {
      input_text: 460,
      cache_read: 300,
      input_audio: 40,
      input_image: 200,
      output_text: 10,
      output_image: 1290,
    },
  },
  {
    says: "a drawing is charged the text that it was written with",
    path: "/v1/images/generations",
    answer: {
      data: [{ b64_json: "AA==" }],
      svg_usage: { input_tokens: 20, output_tokens: 900, reasoning_tokens: 300, total_tokens: 920 },
    },
    usage: { images: 1, input_text: 20, output_text: 600, output_reasoning: 300 },
  },
  {
    says: "Vertex counts the tokens of each text that it embeds",
    path: "/v1/projects/p/locations/l/publishers/google/models/text-embedding-005:predict",
    answer: {
      predictions: [
        { embeddings: { values: [0.5], statistics: { token_count: 4, truncated: false } } },
        { embeddings: { values: [0.5], statistics: { token_count: 5, truncated: false } } },
      ],
    },
    usage: { input_text: 9 },
  },
];

async function settledBy(
  { path, answer }: Pick<Shape, "path" | "answer">,
  buckets?: readonly string[],
): Promise<unknown> {
  const { credits, ends } = accepting({}, buckets);
  const fetch = meteredFetch(credits, {
    fetch: async () => await Promise.resolve(Response.json(answer)),
  });
  const asked = { model: "m", messages: [], instances: [{ content: "Hello." }] };
  const response = await fetch(`http://provider.test${path}`, {
    method: "POST",
    body: JSON.stringify(asked),
  });
  assert.deepEqual(await response.json(), answer);
  const [end] = await ends();
  assert.deepEqual([end?.verb, end?.body["estimated"]], ["settle", undefined]);
  return end?.body["usage"];
}

for (const { says, usage, ...shape } of shapes)
  test(says, async () => {
    assert.deepEqual(await settledBy(shape), usage);
  });

test("what is no token and has no price is said as it came, since nothing said would be free", async () => {
  const picture = { path: "/v1/images/generations", answer: { data: [{ b64_json: "AA==" }] } };
  assert.deepEqual(await settledBy(picture, ["output_image"]), { images: 1 });
  assert.deepEqual(await settledBy(picture, ["images"]), { images: 1 });
  const answer = chat({ prompt_tokens: 100, completion_tokens: 0 });
  assert.deepEqual(await settledBy({ path: chatPath, answer }, ["output_text"]), {});
});

test("a call is one request where its price counts requests, and nothing else where it counts nothing else", async () => {
  const answer = chat({ prompt_tokens: 100, completion_tokens: 5 });
  assert.deepEqual(await settledBy({ path: chatPath, answer }, ["requests"]), { requests: 1 });
  const both = await settledBy({ path: chatPath, answer }, ["requests", "input_text"]);
  assert.deepEqual(both, { requests: 1, input_text: 100 });
  assert.deepEqual(await settledBy({ path: chatPath, answer }, ["input_text", "output_text"]), {
    input_text: 100,
    output_text: 5,
  });
});
