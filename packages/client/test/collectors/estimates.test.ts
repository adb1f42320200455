// What is held for a prompt, in each protocol and by each estimator. Figures are reckoned by hand from the rules in `estimates/estimator.ts`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { countTokens } from "gpt-tokenizer";
import { meteredFetch } from "@cistern/client/fetch";
import {
  ceiling,
  type Collector,
  dialectOf,
  type Estimator,
  exact,
  heuristic,
} from "@cistern/client/metering";
import { accepting } from "./accepting.ts";

const outputTokens = (): number => 4096;

function estimateOf(path: string, body: object, estimator: Estimator = ceiling): unknown {
  const asked = dialectOf(path)?.exchange(
    { path: path.toLowerCase(), body: { ...body } },
    { estimator, outputTokens },
  );
  return asked?.estimate;
}

const user = { role: "user", content: "Hello!" };
const chat = "/v1/chat/completions";
const image = "data:image/png;base64,AAAA";

test("an exact estimator counts as the tokenizer does, and adds nothing", () => {
  const estimator = exact(countTokens);
  const text = "The pool has 12 credits free. Der Vorrat ist fast leer. 在庫がありません。";
  assert.equal(estimator.count(text), countTokens(text));
  const prompt = { model: "gpt-5", messages: [{ role: "user", content: text }], max_tokens: 9 };
  assert.deepEqual(estimateOf(chat, prompt, estimator), {
    input_text: countTokens(text) + 4,
    output_text: 9,
  });
});

test("a text that a tokenizer will not have is counted without it, and never stops a call", () => {
  const special = "What does <|endoftext|> do?";
  assert.throws(() => countTokens(special));
  assert.equal(exact(countTokens).count(special), heuristic.count(special));
  for (const count of [Number.NaN, -1])
    assert.equal(exact(() => count).count("Hello!"), heuristic.count("Hello!"));
  assert.equal(exact(() => 1.2).count("Hello!"), 2);
});

test("an estimator of somebody's own that throws fails no call: the usual one counts in its place", async () => {
  const broken = (): never => {
    throw new Error("The tokenizer is not loaded.");
  };
  const lying = { name: "lying", count: () => Number.NaN, safe: () => -1 };
  const { credits: usual, ends: expected } = accepting();
  const answer = { choices: [{ index: 0, message: { content: "Hello." }, finish_reason: "stop" }] };
  const fetch = async () => await Promise.resolve(Response.json(answer));
  const body = JSON.stringify({ messages: [{ role: "user", content: "Say hello." }] });
  const ask = async (credits: Collector): Promise<unknown> =>
    await meteredFetch(credits, { fetch })(`http://provider.test/v1/chat/completions`, {
      method: "POST",
      body,
    });
  await ask(usual);
  for (const estimator of [{ name: "broken", count: broken, safe: broken }, lying]) {
    const { credits, ends } = accepting({ estimator });
    await ask(credits);
    assert.deepEqual(await ends(), await expected());
  }
});

test("a ceiling is the bytes of the text", () => {
  for (const text of ["Hello!", "Grüße", "世界", "🌍", ""])
    assert.equal(ceiling.count(text), Buffer.byteLength(text));
});

test("the usual estimate is a token for 3.5 characters, or one for each that is no ASCII, and a tenth more", () => {
  assert.equal(heuristic.count("a".repeat(35)), 10);
  assert.equal(heuristic.count("世".repeat(10)), 10);
  assert.equal(heuristic.safe(10), 11);
});

/** "Hello!" is six bytes; a message has four tokens around it, an attachment counts 1,600. */
const prompts: readonly {
  readonly says: string;
  readonly path: string;
  readonly body: object;
  readonly input: number;
  readonly output?: number;
}[] = [
  { says: "a chat's message", path: chat, body: { messages: [user] }, input: 10 },
  {
    says: "a chat's picture",
    path: chat,
    body: {
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "Hello!" },
            { type: "image_url", image_url: { url: image } },
          ],
        },
      ],
    },
    input: 1610,
  },
  {
    says: "a chat's tools, as they are sent",
    path: chat,
    body: { messages: [user], tools: [{ type: "function" }] },
    input: 10 + '{"type":"function"}'.length,
  },
  {
    says: "a chat of several choices",
    path: chat,
    body: { messages: [user], n: 3, max_completion_tokens: 10 },
    input: 10,
    output: 30,
  },
  {
    says: "a response's instructions and its text",
    path: "/v1/responses",
    body: { instructions: "Hello!", input: "Hello!" },
    input: 16,
  },
  {
    says: "a response's items, and what a tool gave",
    path: "/v1/responses",
    body: {
      input: [
        {
          role: "user",
          content: [{ type: "input_text", text: "Hello!" }, { type: "input_image" }],
        },
        { type: "function_call_output", call_id: "1", output: "Hello!" },
      ],
      max_output_tokens: 7,
    },
    input: 1620,
    output: 7,
  },
  {
    says: "a message's system, its document and what a tool gave",
    path: "/v1/messages",
    body: {
      system: "Hello!",
      max_tokens: 5,
      messages: [
        {
          role: "user",
          content: [
            { type: "document", source: {} },
            { type: "tool_result", content: [{ type: "text", text: "Hello!" }] },
          ],
        },
      ],
    },
    input: 1616,
    output: 5,
  },
  {
    says: "Google's contents, its picture and a call of a tool",
    path: "/v1beta/models/gemini:generateContent",
    body: {
      systemInstruction: { parts: [{ text: "Hello!" }] },
      contents: [
        { parts: [{ text: "Hello!" }, { inlineData: { data: "AA==" } }] },
        { parts: [{ functionCall: { name: "f" } }] },
      ],
      generationConfig: { maxOutputTokens: 6, candidateCount: 2 },
    },
    input: 1624 + '{"functionCall":{"name":"f"}}'.length,
    output: 12,
  },
  {
    says: "a completion of tokens",
    path: "/v1/completions",
    body: { prompt: [1, 2, 3], max_tokens: 8, best_of: 4 },
    input: 3,
    output: 32,
  },
];

for (const { says, path, body, input, output = 4096 } of prompts)
  test(`held for ${says}: ${input} in, ${output} out`, () => {
    assert.deepEqual(estimateOf(path, body), { input_text: input, output_text: output });
  });

test("a prompt that is nested without end is held for as well", () => {
  let deep: unknown = "Hello!";
  for (let depth = 0; depth < 50_000; depth += 1) deep = { content: [deep] };
  for (const [path, body] of [
    [chat, { messages: [{ content: [deep] }], tools: [deep] }],
    ["/v1/responses", { input: [deep], tools: [deep] }],
    ["/v1/messages", { messages: [{ content: [deep] }], tools: [deep], max_tokens: 1 }],
    ["/v1/models/m:generateContent", { contents: [{ parts: [deep] }], tools: [deep] }],
  ] as const)
    assert.ok(estimateOf(path, body) !== undefined, path);
});

test("figures that nobody should ask for hold what the contract takes, at most", () => {
  for (const bound of [1e308, -1, Number.NaN, "100", null, 0.5])
    for (const n of [1e308, -1, 0, "2"]) {
      const estimate = estimateOf(chat, { messages: [user], max_tokens: bound, n });
      for (const held of Object.values(estimate ?? {}))
        assert.ok(Number.isSafeInteger(held) && held >= 0 && held <= 1e12, `${bound} ${n} ${held}`);
    }
});
