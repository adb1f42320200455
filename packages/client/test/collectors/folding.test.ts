// What a price has no bucket for is counted as what it is a part of, and no unit is lost or counted twice by it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { meteredFetch } from "@cistern/client/fetch";
import { accepting } from "./accepting.ts";
import { answering, startProvider } from "./provider.ts";

const messages = [{ role: "user", content: "Say hello." }];
const chat = {
  path: "/v1/chat/completions",
  body: { model: "gpt-5", messages },
  answer: {
    model: "gpt-5",
    choices: [{ index: 0, message: { content: "Hello." }, finish_reason: "stop" }],
    usage: {
      prompt_tokens: 1_000,
      completion_tokens: 100,
      total_tokens: 1_100,
      prompt_tokens_details: {
        cached_tokens: 900,
        cache_write_tokens: 20,
        audio_tokens: 30,
        image_tokens: 10,
      },
      completion_tokens_details: { reasoning_tokens: 60, audio_tokens: 5, image_tokens: 3 },
    },
  },
};
const message = {
  path: "/v1/messages",
  body: { model: "claude-haiku-4-5", max_tokens: 100, messages },
  answer: {
    type: "message",
    model: "claude-haiku-4-5",
    content: [{ type: "text", text: "Hello." }],
    usage: {
      input_tokens: 10,
      cache_creation_input_tokens: 300,
      cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 100 },
      output_tokens: 4,
      server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 },
    },
  },
};

/** What a call is settled with whose price knows these buckets. */
async function usageOf(
  { path, body, answer }: typeof chat | typeof message,
  priced: readonly string[],
): Promise<unknown> {
  const { credits, ends } = accepting({}, priced);
  await using provider = await startProvider(answering(answer));
  const fetch = meteredFetch(credits);
  const response = await fetch(provider.url + path, { method: "POST", body: JSON.stringify(body) });
  await response.text();
  return (await ends())[0]?.body["usage"];
}

test("what goes in and what comes out is charged whole by a price of two buckets", async () => {
  assert.deepEqual(await usageOf(chat, ["input_text", "output_text"]), {
    input_text: 1_000,
    output_text: 100,
  });
});

for (const [bucket, usage] of [
  ["cache_read", { cache_read: 900, input_text: 100, output_text: 100 }],
  ["cache_write_5m", { cache_write_5m: 20, input_text: 980, output_text: 100 }],
  ["input_audio", { input_audio: 30, input_text: 970, output_text: 100 }],
  ["input_image", { input_image: 10, input_text: 990, output_text: 100 }],
  ["output_reasoning", { input_text: 1_000, output_reasoning: 60, output_text: 40 }],
  ["output_audio", { input_text: 1_000, output_audio: 5, output_text: 95 }],
  ["output_image", { input_text: 1_000, output_image: 3, output_text: 97 }],
  ["requests", { requests: 1, input_text: 1_000, output_text: 100 }],
] as const)
  test(`a price that knows ${bucket} beside them has it apart`, async () => {
    assert.deepEqual(await usageOf(chat, ["input_text", "output_text", bucket]), usage);
  });

test("what is written to a cache for an hour is written to a cache, and that is input", async () => {
  const both = ["input_text", "output_text", "cache_write_5m"];
  assert.deepEqual(await usageOf(message, both), {
    cache_write_5m: 300,
    input_text: 10,
    output_text: 4,
  });
  assert.deepEqual(await usageOf(message, ["input_text", "output_text"]), {
    input_text: 310,
    output_text: 4,
  });
});

test("calls of a provider's tools are a part of nothing", async () => {
  const searches = ["input_text", "output_text", "tool_calls_web_search"];
  assert.deepEqual(await usageOf(message, searches), {
    input_text: 310,
    output_text: 4,
    tool_calls_web_search: 2,
  });
});
