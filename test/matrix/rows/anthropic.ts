/** `@anthropic-ai/sdk` with the client's middleware; and the same program through the gateway. */
import Anthropic from "@anthropic-ai/sdk";
import { anthropicMiddleware } from "@cistern/client/anthropic";
import {
  type Script,
  answering,
  sse,
  streaming,
} from "../../../packages/client/test/collectors/provider.ts";
import { type Cell, type Row, type Situation, row, seenOf } from "../cell.ts";

/** "Say hello." is ten characters: three tokens at 3.5 characters, and four for the message. */
const input = 7;
const ask: Anthropic.MessageCreateParamsNonStreaming = {
  model: "claude-haiku-4-5",
  max_tokens: 100,
  messages: [{ role: "user", content: "Say hello." }],
};

const message = (rest: object = {}) => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-haiku-4-5-20251001",
  content: [{ type: "text", text: "Hello, you." }],
  stop_reason: "end_turn",
  stop_sequence: null,
  ...rest,
});
const event = (type: string, rest: object = {}): string => sse({ type, ...rest }, type);
/** At its start the provider knows what went in; of the output it says 1, whatever comes. */
const started = (usage: object): string =>
  event("message_start", { message: message({ content: [], stop_reason: null, usage }) });
const delta = (text: string): string =>
  event("content_block_delta", { index: 0, delta: { type: "text_delta", text } });
const begin = [
  started({ input_tokens: 12, output_tokens: 1 }),
  event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
  event("ping"),
];
/** Cumulative: the last value wins. */
const end = (usage: object, reason = "end_turn"): readonly string[] => [
  event("content_block_stop", { index: 0 }),
  event("message_delta", { delta: { stop_reason: reason, stop_sequence: null }, usage }),
  event("message_stop"),
];

const usage = { input_tokens: 12, output_tokens: 6 };
const exact = { usage: { input_text: 12, output_text: 6 }, outcome: "delivered" } as const;
const hang: Script = () => new Promise(() => {});
const events = async (anthropic: Anthropic): Promise<readonly unknown[]> =>
  await Array.fromAsync(await anthropic.messages.create({ ...ask, stream: true }));

const cells: Readonly<Record<Situation, Cell<Anthropic>>> = {
  plain: {
    provider: [answering(message({ usage }))],
    program: (anthropic) => anthropic.messages.create(ask),
    expected: [exact],
  },
  stream: {
    provider: [
      streaming([...begin, delta("Hello,"), delta(" you."), ...end({ output_tokens: 6 })]),
    ],
    program: events,
    expected: [exact],
  },
  abort: {
    // What went in is the provider's word; "Hello, you" is ten characters, three tokens, and more than the 1 of its start.
    provider: [streaming([...begin, delta("Hello,"), delta(" you")], "wait")],
    program: async (anthropic) => {
      const abort = new AbortController();
      const seen: unknown[] = [];
      const stream = await anthropic.messages.create(
        { ...ask, stream: true },
        { signal: abort.signal },
      );
      for await (const one of stream) {
        seen.push(one);
        if (one.type === "content_block_delta" && seen.length >= 4) abort.abort();
      }
      return seen;
    },
    expected: [
      { usage: { input_text: 12, output_text: 3 }, outcome: "cancelled", estimated: true },
    ],
  },
  disconnect: {
    provider: [streaming([...begin, delta("Hello,"), delta(" you")], "hangUp")],
    program: (anthropic) => seenOf(events(anthropic)),
    expected: [{ usage: { input_text: 12, output_text: 3 }, outcome: "partial", estimated: true }],
  },
  "missing usage": {
    // "Hello, you." is eleven characters, four tokens.
    provider: [answering(message())],
    program: (anthropic) => anthropic.messages.create(ask),
    expected: [
      { usage: { input_text: input, output_text: 4 }, outcome: "delivered", estimated: true },
    ],
  },
  "provider error": {
    provider: [
      answering(
        { type: "error", error: { type: "not_found_error", message: "No such model" } },
        404,
      ),
    ],
    program: (anthropic) => seenOf(anthropic.messages.create(ask)),
    expected: ["released"],
  },
  retry: {
    provider: [
      answering({ type: "error", error: { type: "overloaded_error", message: "busy" } }, 529),
      answering(message({ usage })),
    ],
    program: (anthropic) => anthropic.messages.create(ask, { maxRetries: 2 }),
    expected: ["released", exact],
  },
  timeout: {
    // The program gives up: the provider has had the input.
    provider: [hang],
    program: (anthropic) => seenOf(anthropic.messages.create(ask, { timeout: 300, maxRetries: 0 })),
    expected: [{ usage: { input_text: input }, outcome: "cancelled", estimated: true }],
  },
  "cached tokens": {
    // Figures exclude each other; the catalog prices both kinds of cache writes as one.
    provider: [
      answering(
        message({
          usage: {
            input_tokens: 12,
            cache_read_input_tokens: 1_800,
            cache_creation_input_tokens: 300,
            cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 100 },
            output_tokens: 6,
          },
        }),
      ),
    ],
    program: (anthropic) => anthropic.messages.create(ask),
    expected: [
      {
        usage: { cache_read: 1_800, cache_write_5m: 300, input_text: 12, output_text: 6 },
        outcome: "delivered",
      },
    ],
  },
  "reasoning tokens": {
    provider: [
      answering(
        message({
          usage: {
            input_tokens: 12,
            output_tokens: 400,
            output_tokens_details: { thinking_tokens: 370 },
          },
        }),
      ),
    ],
    program: (anthropic) => anthropic.messages.create(ask),
    expected: [
      { usage: { input_text: 12, output_reasoning: 370, output_text: 30 }, outcome: "delivered" },
    ],
  },
  "tool calls": {
    provider: [
      streaming([
        started({ input_tokens: 90, output_tokens: 1 }),
        event("content_block_start", {
          index: 0,
          content_block: { type: "tool_use", id: "toolu_1", name: "time", input: {} },
        }),
        event("content_block_delta", {
          index: 0,
          delta: { type: "input_json_delta", partial_json: '{"zone":"CET"}' },
        }),
        ...end({ output_tokens: 21 }, "tool_use"),
      ]),
    ],
    program: events,
    expected: [{ usage: { input_text: 90, output_text: 21 }, outcome: "delivered" }],
  },
};

const anthropicRow: Row<Anthropic> = {
  sdk: "@anthropic-ai/sdk, messages",
  connect: ({ url, collector, gateway }) =>
    new Anthropic({
      apiKey: gateway?.key ?? "sk-test",
      baseURL: gateway === undefined ? url : `${gateway.url}/anthropic`,
      maxRetries: 0,
      ...(collector === undefined ? {} : { middleware: [anthropicMiddleware(collector)] }),
    }),
  cells,
};

export const anthropicMessages = row(anthropicRow);
export const gatewayMessages = row({ ...anthropicRow, sdk: "gateway, Anthropic messages" }, true);
