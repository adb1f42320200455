/** OpenAI's chat completions, as `CompletionUsage` and `ChatCompletionChunk` of its SDK have them. */
import {
  type Script,
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

const head = { id: "chatcmpl-1", created: 1_790_000_000, model: "gpt-5-2025-08-07" };

/** A completion with one choice. */
export const completion = (rest: object = {}, message: object = { content: "Hello, you." }) => ({
  ...head,
  object: "chat.completion",
  choices: [
    { index: 0, message: { role: "assistant", refusal: null, ...message }, finish_reason: "stop" },
  ],
  ...rest,
});

const chunk = (delta: object, finish: string | null = null): string =>
  sse({
    ...head,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason: finish }],
    usage: null,
  });
const usageChunk = (usage: object): string =>
  sse({ ...head, object: "chat.completion.chunk", choices: [], usage });

/** The provider sends the usage only where it was asked for: what our addition brings is not in the program's sight. */
const streamed =
  (parts: readonly string[], usage: object): Script =>
  (call, response) => {
    const options = call.json["stream_options"];
    const isAsked = typeof options === "object" && options !== null && "include_usage" in options;
    const all = [...parts, ...(isAsked ? [usageChunk(usage)] : []), sse("[DONE]")];
    return streaming(all)(call, response);
  };

const words = [chunk({ role: "assistant", content: "Hello," }), chunk({ content: " you" })];
export const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
const time = { id: "call_1", type: "function", function: { name: "time", arguments: "" } };

const stream: Told = {
  provider: [streamed([...words, chunk({ content: "." }), chunk({}, "stop")], usage)],
  expected: [exact],
};

/** See the file head. */
export const chat = {
  plain: { provider: [answering(completion({ usage }))], expected: [exact] },
  stream,
  "left at the end": { ...stream, until: "{}" },
  abort: { provider: [streaming(words, "wait")], expected: [left] },
  disconnect: { provider: [streaming(words, "hangUp")], expected: [cut] },
  "cut JSON": { provider: [cutAfter("Hello, you", completion({ usage }))], expected: [cut] },
  "missing usage": { provider: [answering(completion())], expected: [untold] },
  "provider error": refused,
  retry: retried(answering(completion({ usage })), exact),
  timeout: { provider: [hanging], expected: [givenUp] },
  "cached tokens": {
    provider: [
      answering(
        completion({
          usage: {
            prompt_tokens: 2_006,
            completion_tokens: 4,
            total_tokens: 2_010,
            prompt_tokens_details: { cached_tokens: 1_920, audio_tokens: 0 },
          },
        }),
      ),
    ],
    expected: [cached],
  },
  "reasoning tokens": {
    provider: [
      answering(
        completion({
          usage: {
            prompt_tokens: 9,
            completion_tokens: 500,
            total_tokens: 509,
            completion_tokens_details: { reasoning_tokens: 448, audio_tokens: 0 },
          },
        }),
      ),
    ],
    expected: [reasoned],
  },
  "tool calls": {
    // A stream whose deltas have no text is output all the same; the usage says how much.
    provider: [
      streamed(
        [
          chunk({ role: "assistant", content: null, tool_calls: [{ index: 0, ...time }] }),
          chunk({ tool_calls: [{ index: 0, function: { arguments: '{"zone":"CET"}' } }] }),
          chunk({}, "tool_calls"),
        ],
        { prompt_tokens: 80, completion_tokens: 17, total_tokens: 97 },
      ),
    ],
    by: "stream",
    expected: [calledTool],
  },
  "cut tool call": {
    provider: [
      streaming(
        [
          chunk({ role: "assistant", content: null, tool_calls: [{ index: 0, ...time }] }),
          chunk({ tool_calls: [{ index: 0, function: { arguments: '{"zone":' } }] }),
          chunk({ tool_calls: [{ index: 0, function: { arguments: '"CE' } }] }),
        ],
        "hangUp",
      ),
    ],
    expected: [cutInTool],
  },
} satisfies AllTold;
