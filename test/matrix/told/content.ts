/** Google's content, as `GenerateContentResponse` and its `usageMetadata` have them. */
import {
  answering,
  cutAfter,
  hanging,
  sse,
  streaming,
} from "../../../packages/client/test/collectors/provider.ts";
import type { AllTold, Told } from "../cell.ts";
import { cached, calledTool, cut, exact, givenUp, reasoned, reckoned, untold } from "./ends.ts";

const content = (part: object, usageMetadata?: object, finishReason?: string) => ({
  candidates: [
    {
      content: { role: "model", parts: [part] },
      index: 0,
      ...(finishReason === undefined ? {} : { finishReason }),
    },
  ],
  ...(usageMetadata === undefined ? {} : { usageMetadata }),
  modelVersion: "gemini-2.5-pro",
  responseId: "resp-1",
});
const failure = (code: number, status: string) =>
  answering({ error: { code, message: "It cannot be done.", status } }, code);
const hello = { text: "Hello, you." };
const called = { functionCall: { name: "time", args: { zone: "CET" } } };
const usage = { promptTokenCount: 9, candidatesTokenCount: 4, totalTokenCount: 13 };
const words = (usageMetadata?: object): readonly string[] => [
  sse(content({ text: "Hello," }, usageMetadata)),
  sse(content({ text: " you" })),
];

const stream: Told = {
  // Each part has the usage so far: the last counts, not the sum.
  provider: [
    streaming([
      ...words({ promptTokenCount: 9, candidatesTokenCount: 2 }),
      sse(content({ text: "." }, usage, "STOP")),
    ]),
  ],
  expected: [exact],
};

/** See the file head. */
export const contents = {
  plain: { provider: [answering(content(hello, usage, "STOP"))], expected: [exact] },
  stream,
  "left at the end": { ...stream, until: '"."' },
  abort: {
    // What went in is the provider's word; it had counted two tokens out when a third passed.
    provider: [streaming(words({ promptTokenCount: 9, candidatesTokenCount: 2 }), "wait")],
    expected: [reckoned("cancelled", { input_text: 9, output_text: 3 })],
  },
  disconnect: { provider: [streaming(words(), "hangUp")], expected: [cut] },
  "cut JSON": {
    provider: [cutAfter("Hello, you", content(hello, usage, "STOP"))],
    expected: [cut],
  },
  "missing usage": {
    provider: [answering(content(hello, undefined, "STOP"))],
    expected: [untold],
  },
  "provider error": { provider: [failure(404, "NOT_FOUND")], expected: ["released"] },
  retry: {
    provider: [failure(503, "UNAVAILABLE"), answering(content(hello, usage, "STOP"))],
    expected: ["released", exact],
  },
  timeout: { provider: [hanging], expected: [givenUp] },
  "cached tokens": {
    provider: [
      answering(
        content(
          hello,
          {
            promptTokenCount: 2_006,
            cachedContentTokenCount: 1_920,
            candidatesTokenCount: 4,
            totalTokenCount: 2_010,
          },
          "STOP",
        ),
      ),
    ],
    expected: [cached],
  },
  "reasoning tokens": {
    // Thoughts stand beside the candidates' tokens, not in them.
    provider: [
      answering(
        content(
          hello,
          {
            promptTokenCount: 9,
            candidatesTokenCount: 52,
            thoughtsTokenCount: 448,
            totalTokenCount: 509,
          },
          "STOP",
        ),
      ),
    ],
    expected: [reasoned],
  },
  "tool calls": {
    provider: [
      answering(content(called, { promptTokenCount: 80, candidatesTokenCount: 17 }, "STOP")),
    ],
    expected: [calledTool],
  },
  "cut tool call": {
    // A call comes in one piece: `time` and `{"zone":"CET"}` are eighteen characters.
    provider: [streaming([sse(content(called))], "hangUp")],
    expected: [reckoned("partial", { input_text: 7, output_text: 6 })],
  },
} satisfies AllTold;
