/** Anthropic's messages, as `Usage`, `MessageDeltaUsage` and the events of its SDK have them. */
import {
  answering,
  cutAfter,
  hanging,
  sse,
  streaming,
} from "../../../packages/client/test/collectors/provider.ts";
import type { AllTold, Told } from "../cell.ts";
import { calledTool, cut, exact, givenUp, reasoned, reckoned, untold } from "./ends.ts";

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
const failure = (type: string, status: number) =>
  answering({ type: "error", error: { type, message: "It cannot be done." } }, status);

const event = (type: string, rest: object = {}): string => sse({ type, ...rest }, type);
/** At its start the provider knows what went in; of the output it says 1, whatever comes. */
const started = (input_tokens: number): string => {
  const usage = { input_tokens, output_tokens: 1 };
  return event("message_start", { message: message({ content: [], stop_reason: null, usage }) });
};
const block = (content_block: object): string =>
  event("content_block_start", { index: 0, content_block });
const delta = (given: object): string => event("content_block_delta", { index: 0, delta: given });
const text = (given: string): string => delta({ type: "text_delta", text: given });
const tool = block({ type: "tool_use", id: "toolu_1", name: "time", input: {} });
const json = (given: string): string => delta({ type: "input_json_delta", partial_json: given });
/** Cumulative: the last value wins. */
const end = (output_tokens: number, reason: string): readonly string[] => [
  event("content_block_stop", { index: 0 }),
  event("message_delta", {
    delta: { stop_reason: reason, stop_sequence: null },
    usage: { output_tokens },
  }),
  event("message_stop"),
];
const words = [
  started(9),
  block({ type: "text", text: "" }),
  event("ping"),
  text("Hello,"),
  text(" you"),
];

const usage = { input_tokens: 9, output_tokens: 4 };

const stream: Told = {
  provider: [streaming([...words, text("."), ...end(4, "end_turn")])],
  expected: [exact],
};

/** See the file head. What went in is the provider's word in every stream that began. */
export const messages = {
  plain: { provider: [answering(message({ usage }))], expected: [exact] },
  stream,
  "left at the end": { ...stream, until: "message_delta" },
  abort: {
    provider: [streaming(words, "wait")],
    expected: [reckoned("cancelled", { input_text: 9, output_text: 3 })],
  },
  disconnect: {
    provider: [streaming(words, "hangUp")],
    expected: [reckoned("partial", { input_text: 9, output_text: 3 })],
  },
  "cut JSON": { provider: [cutAfter("Hello, you", message({ usage }))], expected: [cut] },
  "missing usage": { provider: [answering(message())], expected: [untold] },
  "provider error": { provider: [failure("not_found_error", 404)], expected: ["released"] },
  retry: {
    provider: [failure("overloaded_error", 529), answering(message({ usage }))],
    expected: ["released", exact],
  },
  timeout: { provider: [hanging], expected: [givenUp] },
  "cached tokens": {
    // Its figures exclude each other; what is written to a cache is told apart by how long it is kept.
    provider: [
      answering(
        message({
          usage: {
            input_tokens: 86,
            cache_read_input_tokens: 1_920,
            cache_creation_input_tokens: 300,
            cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 100 },
            output_tokens: 4,
          },
        }),
      ),
    ],
    expected: [
      {
        usage: {
          cache_read: 1_920,
          cache_write_1h: 100,
          cache_write_5m: 200,
          input_text: 86,
          output_text: 4,
        },
        outcome: "delivered",
      },
    ],
  },
  "reasoning tokens": {
    provider: [
      answering(
        message({
          usage: {
            input_tokens: 9,
            output_tokens: 500,
            output_tokens_details: { thinking_tokens: 448 },
          },
        }),
      ),
    ],
    expected: [reasoned],
  },
  "tool calls": {
    provider: [streaming([started(80), tool, json('{"zone":"CET"}'), ...end(17, "tool_use")])],
    by: "stream",
    expected: [calledTool],
  },
  "cut tool call": {
    provider: [streaming([started(9), tool, json('{"zone":'), json('"CE')], "hangUp")],
    expected: [reckoned("partial", { input_text: 9, output_text: 5 })],
  },
} satisfies AllTold;
