/** `openai` with a metered `fetch`, responses. */
import OpenAI from "openai";
import { meteredFetch } from "@cistern/client/fetch";
import {
  type Script,
  answering,
  sse,
  streaming,
} from "../../../packages/client/test/collectors/provider.ts";
import { type Cell, type Situation, row, seenOf } from "../cell.ts";

/** "Say hello." is ten characters: three tokens at 3.5 characters, and four for the message. */
const input = 7;
const ask = { model: "gpt-5", input: "Say hello." };

const said = (text: string) => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text, annotations: [] }],
});
const response = (rest: object = {}) => ({
  id: "resp_1",
  object: "response",
  created_at: 1_790_000_000,
  model: "gpt-5-2025-08-07",
  status: "completed",
  output: [said("Hello, you.")],
  ...rest,
});
let sequence = 0;
const event = (type: string, rest: object = {}): string =>
  sse({ type, sequence_number: (sequence += 1), ...rest }, type);
const started = event("response.created", {
  response: response({ status: "in_progress", output: [], usage: null }),
});
const delta = (text: string): string =>
  event("response.output_text.delta", {
    item_id: "msg_1",
    output_index: 0,
    content_index: 0,
    delta: text,
  });

const usage = {
  input_tokens: 9,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 4,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 13,
};
const exact = { usage: { input_text: 9, output_text: 4 }, outcome: "delivered" } as const;
const hang: Script = () => new Promise(() => {});
const events = async (openai: OpenAI): Promise<readonly unknown[]> =>
  await Array.fromAsync(await openai.responses.create({ ...ask, stream: true }));

const cells: Readonly<Record<Situation, Cell<OpenAI>>> = {
  plain: {
    provider: [answering(response({ usage }))],
    program: (openai) => openai.responses.create(ask),
    expected: [exact],
  },
  stream: {
    provider: [
      streaming([
        started,
        delta("Hello,"),
        delta(" you."),
        event("response.completed", { response: response({ usage }) }),
      ]),
    ],
    program: events,
    expected: [exact],
  },
  abort: {
    // "Hello, you" is ten characters, three tokens.
    provider: [streaming([started, delta("Hello,"), delta(" you")], "wait")],
    program: async (openai) => {
      const abort = new AbortController();
      const seen: unknown[] = [];
      const stream = await openai.responses.create(
        { ...ask, stream: true },
        { signal: abort.signal },
      );
      for await (const one of stream) {
        seen.push(one);
        if (seen.length === 3) abort.abort();
      }
      return seen;
    },
    expected: [
      { usage: { input_text: input, output_text: 3 }, outcome: "cancelled", estimated: true },
    ],
  },
  disconnect: {
    provider: [streaming([started, delta("Hello,"), delta(" you")], "hangUp")],
    program: (openai) => seenOf(events(openai)),
    expected: [
      { usage: { input_text: input, output_text: 3 }, outcome: "partial", estimated: true },
    ],
  },
  "missing usage": {
    // "Hello, you." is eleven characters, four tokens.
    provider: [answering(response())],
    program: (openai) => openai.responses.create(ask),
    expected: [
      { usage: { input_text: input, output_text: 4 }, outcome: "delivered", estimated: true },
    ],
  },
  "provider error": {
    provider: [answering({ error: { message: "No such model", code: "model_not_found" } }, 404)],
    program: (openai) => seenOf(openai.responses.create(ask)),
    expected: ["released"],
  },
  retry: {
    provider: [
      answering({ error: { message: "overloaded" } }, 503),
      answering(response({ usage })),
    ],
    program: (openai) => openai.responses.create(ask, { maxRetries: 2 }),
    expected: ["released", exact],
  },
  timeout: {
    provider: [hang],
    program: (openai) => seenOf(openai.responses.create(ask, { timeout: 300, maxRetries: 0 })),
    expected: [{ usage: { input_text: input }, outcome: "cancelled", estimated: true }],
  },
  "cached tokens": {
    provider: [
      answering(
        response({
          usage: {
            ...usage,
            input_tokens: 2_006,
            input_tokens_details: { cached_tokens: 1_920 },
            total_tokens: 2_010,
          },
        }),
      ),
    ],
    program: (openai) => openai.responses.create(ask),
    expected: [
      { usage: { cache_read: 1_920, input_text: 86, output_text: 4 }, outcome: "delivered" },
    ],
  },
  "reasoning tokens": {
    provider: [
      answering(
        response({
          usage: {
            ...usage,
            output_tokens: 500,
            output_tokens_details: { reasoning_tokens: 448 },
            total_tokens: 509,
          },
        }),
      ),
    ],
    program: (openai) => openai.responses.create(ask),
    expected: [
      { usage: { input_text: 9, output_reasoning: 448, output_text: 52 }, outcome: "delivered" },
    ],
  },
  "tool calls": {
    provider: [
      streaming([
        started,
        event("response.function_call_arguments.delta", {
          item_id: "fc_1",
          output_index: 0,
          delta: '{"zone":"CET"}',
        }),
        event("response.completed", {
          response: response({
            output: [
              {
                id: "fc_1",
                type: "function_call",
                call_id: "call_1",
                name: "time",
                arguments: '{"zone":"CET"}',
                status: "completed",
              },
            ],
            usage: { ...usage, input_tokens: 80, output_tokens: 17, total_tokens: 97 },
          }),
        }),
      ]),
    ],
    program: events,
    expected: [{ usage: { input_text: 80, output_text: 17 }, outcome: "delivered" }],
  },
};

export const openaiResponses = row<OpenAI>({
  sdk: "openai, responses",
  connect: ({ url, collector }) =>
    new OpenAI({
      apiKey: "sk-test",
      baseURL: `${url}/v1`,
      maxRetries: 0,
      ...(collector === undefined ? {} : { fetch: meteredFetch(collector) }),
    }),
  cells,
});
