/** OpenAI's responses, as `Response`, `ResponseUsage` and `ResponseStreamEvent` of its SDK have them. */
import {
  answering,
  cutAfter,
  hanging,
  sse,
  streaming,
} from "../../../packages/client/test/collectors/provider.ts";
import type { AllTold, Told } from "../cell.ts";
import {
  cached,
  calledTool,
  cut,
  cutInTool,
  exact,
  givenUp,
  left,
  reasoned,
  untold,
} from "./ends.ts";
import { refused, retried } from "./openai-errors.ts";

const said = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text: "Hello, you.", annotations: [] }],
};
const called = {
  id: "fc_1",
  type: "function_call",
  call_id: "call_1",
  name: "time",
  arguments: '{"zone":"CET"}',
  status: "completed",
};
const response = (rest: object = {}) => ({
  id: "resp_1",
  object: "response",
  created_at: 1_790_000_000,
  model: "gpt-5-2025-08-07",
  status: "completed",
  output: [said],
  ...rest,
});
const event = (type: string, rest: object): string => sse({ type, ...rest }, type);
const started = event("response.created", {
  sequence_number: 0,
  response: response({ status: "in_progress", output: [], usage: null }),
});
const delta = (sequence_number: number, text: string): string =>
  event("response.output_text.delta", {
    sequence_number,
    item_id: "msg_1",
    output_index: 0,
    content_index: 0,
    delta: text,
  });
const argumentsDelta = (sequence_number: number, text: string): string =>
  event("response.function_call_arguments.delta", {
    sequence_number,
    item_id: "fc_1",
    output_index: 0,
    delta: text,
  });
const completed = (rest: object): string =>
  event("response.completed", { sequence_number: 9, response: response(rest) });

const itemDone = event("response.output_item.done", {
  sequence_number: 4,
  output_index: 0,
  item: said,
});

const words = [started, delta(1, "Hello,"), delta(2, " you")];
const usage = {
  input_tokens: 9,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 4,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 13,
};

const stream: Told = {
  provider: [streaming([...words, delta(3, "."), itemDone, completed({ usage })])],
  expected: [exact],
};

/** See the file head. */
export const responses = {
  plain: { provider: [answering(response({ usage }))], expected: [exact] },
  stream,
  "left at the end": { ...stream, until: "response.output_item.done" },
  abort: { provider: [streaming(words, "wait")], expected: [left] },
  disconnect: { provider: [streaming(words, "hangUp")], expected: [cut] },
  "cut JSON": { provider: [cutAfter("Hello, you", response({ usage }))], expected: [cut] },
  "missing usage": { provider: [answering(response())], expected: [untold] },
  "provider error": refused,
  retry: retried(answering(response({ usage })), exact),
  timeout: { provider: [hanging], expected: [givenUp] },
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
    expected: [cached],
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
    expected: [reasoned],
  },
  "tool calls": {
    provider: [
      streaming([
        started,
        argumentsDelta(1, '{"zone":"CET"}'),
        completed({
          output: [called],
          usage: { ...usage, input_tokens: 80, output_tokens: 17, total_tokens: 97 },
        }),
      ]),
    ],
    by: "stream",
    expected: [calledTool],
  },
  "cut tool call": {
    provider: [
      streaming(
        [
          started,
          event("response.output_item.added", {
            sequence_number: 1,
            output_index: 0,
            item: { ...called, arguments: "", status: "in_progress" },
          }),
          argumentsDelta(2, '{"zone":'),
          argumentsDelta(3, '"CE'),
        ],
        "hangUp",
      ),
    ],
    expected: [cutInTool],
  },
} satisfies AllTold;
