/** `openai` with a metered `fetch`, chat completions; and the same program through the gateway. */
import OpenAI from "openai";
import { meteredFetch } from "@cistern/client/fetch";
import {
  type Script,
  answering,
  sse,
  streaming,
} from "../../../packages/client/test/collectors/provider.ts";
import { type Cell, type Row, type Situation, row, seenOf } from "../cell.ts";

/** "Say hello." is ten characters: three tokens at 3.5 characters, and four for the message. */
const input = 7;
const ask: Pick<OpenAI.ChatCompletionCreateParamsNonStreaming, "model" | "messages"> = {
  model: "gpt-5",
  messages: [{ role: "user", content: "Say hello." }],
};

const answer = (rest: object = {}, message: object = { content: "Hello, you." }) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_790_000_000,
  model: "gpt-5-2025-08-07",
  choices: [
    { index: 0, message: { role: "assistant", refusal: null, ...message }, finish_reason: "stop" },
  ],
  ...rest,
});

const chunk = (delta: object, finish: string | null = null): string =>
  sse({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1_790_000_000,
    model: "gpt-5-2025-08-07",
    choices: [{ index: 0, delta, finish_reason: finish }],
    usage: null,
  });
const usageChunk = (usage: object): string =>
  sse({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1_790_000_000,
    model: "gpt-5-2025-08-07",
    choices: [],
    usage,
  });

const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
const exact = { usage: { input_text: 9, output_text: 4 }, outcome: "delivered" } as const;
const hang: Script = () => new Promise(() => {});

/** The provider sends the usage only where it was asked for: what our addition brings is not in the program's sight. */
const streamed =
  (parts: readonly string[], told: object): Script =>
  (call, response) => {
    const options = call.json["stream_options"];
    const isAsked = typeof options === "object" && options !== null && "include_usage" in options;
    const all = [...parts, ...(isAsked ? [usageChunk(told)] : []), sse("[DONE]")];
    return streaming(all)(call, response);
  };

const texts = async (openai: OpenAI): Promise<readonly unknown[]> => {
  const stream = await openai.chat.completions.create({ ...ask, stream: true });
  return (await Array.fromAsync(stream)).map(({ choices }) => choices[0]?.delta);
};

const cells: Readonly<Record<Situation, Cell<OpenAI>>> = {
  plain: {
    provider: [answering(answer({ usage }))],
    program: (openai) => openai.chat.completions.create(ask),
    expected: [exact],
  },
  stream: {
    provider: [
      streamed(
        [chunk({ content: "Hello," }), chunk({ content: " you." }), chunk({}, "stop")],
        usage,
      ),
    ],
    program: texts,
    expected: [exact],
  },
  abort: {
    // "Hello," and " you" are ten characters, three tokens.
    provider: [streaming([chunk({ content: "Hello," }), chunk({ content: " you" })], "wait")],
    program: async (openai) => {
      const abort = new AbortController();
      const seen: unknown[] = [];
      const stream = await openai.chat.completions.create(
        { ...ask, stream: true },
        { signal: abort.signal },
      );
      for await (const { choices } of stream) {
        seen.push(choices[0]?.delta);
        if (seen.length === 2) abort.abort();
      }
      return seen;
    },
    expected: [
      { usage: { input_text: input, output_text: 3 }, outcome: "cancelled", estimated: true },
    ],
  },
  disconnect: {
    provider: [streaming([chunk({ content: "Hello," }), chunk({ content: " you" })], "hangUp")],
    program: (openai) => seenOf(texts(openai)),
    expected: [
      { usage: { input_text: input, output_text: 3 }, outcome: "partial", estimated: true },
    ],
  },
  "missing usage": {
    // "Hello, you." is eleven characters, four tokens.
    provider: [answering(answer())],
    program: (openai) => openai.chat.completions.create(ask),
    expected: [
      { usage: { input_text: input, output_text: 4 }, outcome: "delivered", estimated: true },
    ],
  },
  "provider error": {
    provider: [answering({ error: { message: "No such model", code: "model_not_found" } }, 404)],
    program: (openai) => seenOf(openai.chat.completions.create(ask)),
    expected: ["released"],
  },
  retry: {
    provider: [answering({ error: { message: "overloaded" } }, 503), answering(answer({ usage }))],
    program: (openai) => openai.chat.completions.create(ask, { maxRetries: 2 }),
    expected: ["released", exact],
  },
  timeout: {
    // The program gives up: the provider has had the input.
    provider: [hang],
    program: (openai) =>
      seenOf(openai.chat.completions.create(ask, { timeout: 300, maxRetries: 0 })),
    expected: [{ usage: { input_text: input }, outcome: "cancelled", estimated: true }],
  },
  "cached tokens": {
    provider: [
      answering(
        answer({
          usage: {
            prompt_tokens: 2_006,
            completion_tokens: 4,
            total_tokens: 2_010,
            prompt_tokens_details: { cached_tokens: 1_920, audio_tokens: 0 },
          },
        }),
      ),
    ],
    program: (openai) => openai.chat.completions.create(ask),
    expected: [
      { usage: { cache_read: 1_920, input_text: 86, output_text: 4 }, outcome: "delivered" },
    ],
  },
  "reasoning tokens": {
    provider: [
      answering(
        answer({
          usage: {
            prompt_tokens: 9,
            completion_tokens: 500,
            total_tokens: 509,
            completion_tokens_details: { reasoning_tokens: 448, audio_tokens: 0 },
          },
        }),
      ),
    ],
    program: (openai) => openai.chat.completions.create(ask),
    expected: [
      { usage: { input_text: 9, output_reasoning: 448, output_text: 52 }, outcome: "delivered" },
    ],
  },
  "tool calls": {
    // A stream whose deltas have no text is output all the same; the usage says how much.
    provider: [
      streamed(
        [
          chunk({
            tool_calls: [
              {
                index: 0,
                id: "call_1",
                type: "function",
                function: { name: "time", arguments: "" },
              },
            ],
          }),
          chunk({ tool_calls: [{ index: 0, function: { arguments: '{"zone":"CET"}' } }] }),
          chunk({}, "tool_calls"),
        ],
        { prompt_tokens: 80, completion_tokens: 17, total_tokens: 97 },
      ),
    ],
    program: texts,
    expected: [{ usage: { input_text: 80, output_text: 17 }, outcome: "delivered" }],
  },
};

const openaiRow: Row<OpenAI> = {
  sdk: "openai, chat",
  connect: ({ url, collector, gateway }) =>
    new OpenAI({
      apiKey: gateway?.key ?? "sk-test",
      baseURL: gateway === undefined ? `${url}/v1` : `${gateway.url}/openai/v1`,
      maxRetries: 0,
      ...(collector === undefined ? {} : { fetch: meteredFetch(collector) }),
    }),
  cells,
};

export const openaiChat = row(openaiRow);
export const gatewayChat = row({ ...openaiRow, sdk: "gateway, OpenAI chat" }, true);
