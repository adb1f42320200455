// Calls that ask for more than one answer: one that is over does not end the others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { meteredFetch } from "@cistern/client/fetch";
import { accepting } from "./accepting.ts";
import { sse, startProvider, streaming } from "./provider.ts";

const chunk = (index: number, content: string, finish: string | null = null): string =>
  sse({
    id: "chatcmpl-1",
    model: "gpt-5",
    choices: [{ index, delta: { content }, finish_reason: finish }],
  });
const chat = {
  path: "/v1/chat/completions",
  body: {
    model: "gpt-5",
    stream: true,
    n: 2,
    messages: [{ role: "user", content: "Say hello." }],
  },
};

/** As Google writes a chunk, with a space behind each colon. */
const candidates = (usage: object, ...said: readonly (readonly [string, boolean])[]): string => {
  const all = said.map(
    ([text, isOver], index) =>
      `{"content": {"parts": [{"text": ${JSON.stringify(text)}}],"role": "model"},${isOver ? '"finishReason": "STOP",' : ""}"index": ${index}}`,
  );
  return `data: {"candidates": [${all.join(",")}],"usageMetadata": ${JSON.stringify(usage)},"modelVersion": "gemini-2.5-pro","responseId": "resp-1"}\n\n`;
};
const content = {
  path: "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
  body: {
    contents: [{ role: "user", parts: [{ text: "Say hello." }] }],
    generationConfig: { candidateCount: 2 },
  },
};

/** How a stream is charged whose connection is lost, or that ends. */
async function settledAs(
  { path, body }: { readonly path: string; readonly body: object },
  parts: readonly string[],
  then: "end" | "hangUp",
): Promise<unknown> {
  const { credits, ends } = accepting();
  await using provider = await startProvider(streaming(parts, then));
  const fetch = meteredFetch(credits);
  const response = await fetch(provider.url + path, { method: "POST", body: JSON.stringify(body) });
  await response.text().catch(() => {});
  return (await ends())[0]?.body;
}

test("a stream of two choices that is cut when one of them is over is charged what came of both", async () => {
  // "Hello, you." and "Good day": eleven and eight characters together, six tokens.
  const parts = [chunk(0, "Hello, you.", "stop"), chunk(1, "Good day")];
  assert.deepEqual(await settledAs(chat, parts, "hangUp"), {
    usage: { input_text: 7, output_text: 6 },
    outcome: "partial",
    estimated: true,
    response: "chatcmpl-1",
  });
});

test("two choices in one event are two texts", async () => {
  const both = ["Hello, you.", "Good day"].map((text, index) => ({
    index,
    delta: { content: text },
    finish_reason: null,
  }));
  const parts = [chunk(0, ""), sse({ id: "chatcmpl-1", model: "gpt-5", choices: both })];
  assert.deepEqual(await settledAs(chat, parts, "hangUp"), {
    usage: { input_text: 7, output_text: 6 },
    outcome: "partial",
    estimated: true,
    response: "chatcmpl-1",
  });
});

test("a stream of two choices whose server says no usage is whole when both are over", async () => {
  const parts = [chunk(0, "Hello, you.", "stop"), chunk(1, "Good day", "stop")];
  assert.deepEqual(await settledAs(chat, parts, "hangUp"), {
    usage: { input_text: 7, output_text: 6 },
    outcome: "delivered",
    estimated: true,
    response: "chatcmpl-1",
  });
});

const running = { promptTokenCount: 9, candidatesTokenCount: 2 };
const first = candidates(running, ["Hello,", false], ["Good", false]);

test("a stream of two candidates that is cut when one of them is over is charged what came of both", async () => {
  const parts = [first, candidates(running, [" you.", true], [" day", false])];
  assert.deepEqual(await settledAs(content, parts, "hangUp"), {
    usage: { input_text: 9, output_text: 6 },
    outcome: "partial",
    estimated: true,
    response: "resp-1",
  });
});

test("a stream of two candidates that is cut after some text has the text of both", async () => {
  const parts = [first, candidates(running, [" you", false], [" day", false])];
  // "Hello, you" and "Good day" are eighteen characters, six tokens.
  assert.deepEqual(await settledAs(content, parts, "hangUp"), {
    usage: { input_text: 9, output_text: 6 },
    outcome: "partial",
    estimated: true,
    response: "resp-1",
  });
});

test("a stream of two candidates is charged by its usage when both are over", async () => {
  const usage = { promptTokenCount: 9, candidatesTokenCount: 7 };
  const parts = [first, candidates(usage, [" you.", true], [" day.", true])];
  assert.deepEqual(await settledAs(content, parts, "end"), {
    usage: { input_text: 9, output_text: 7 },
    outcome: "delivered",
    response: "resp-1",
  });
});
