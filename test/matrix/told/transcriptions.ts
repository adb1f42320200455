/** OpenAI's transcriptions, as `Transcription` and the events of its streams have them. The recording is 48,000 bytes of MP3: some three seconds. */
import {
  answering,
  cutAfter,
  hanging,
  sse,
  streaming,
} from "../../../packages/client/test/collectors/provider.ts";
import type { AllTold, End, Told } from "../cell.ts";
import { reckoned } from "./ends.ts";
import { noText } from "./no-text.ts";
import { refused, retried } from "./openai-errors.ts";

const heard = (rest: object = {}) => ({ text: "Hello, you.", ...rest });
const usage = {
  type: "tokens",
  input_tokens: 35,
  input_token_details: { text_tokens: 5, audio_tokens: 30 },
  output_tokens: 8,
  total_tokens: 43,
};
const exact: End = {
  usage: { input_audio: 30, input_text: 5, output_text: 8 },
  outcome: "delivered",
};
/** Three seconds, and ten tokens for each: a model is priced by the one or by the other. */
const input = { seconds: 3, input_audio: 30 };
const delta = (text: string): string =>
  sse({ type: "transcript.text.delta", delta: text }, "transcript.text.delta");
const words = [delta("Hello,"), delta(" you")];

const stream: Told = {
  provider: [
    streaming([
      ...words,
      delta("."),
      sse({ type: "transcript.text.done", ...heard({ usage }) }, "transcript.text.done"),
    ]),
  ],
  expected: [exact],
};

/** See the file head. */
export const transcriptions = {
  plain: { provider: [answering(heard({ usage }))], expected: [exact] },
  stream,
  "left at the end": { ...stream, until: "transcript.text.done" },
  abort: {
    provider: [streaming(words, "wait")],
    expected: [reckoned("cancelled", { ...input, output_text: 3 })],
  },
  disconnect: {
    provider: [streaming(words, "hangUp")],
    expected: [reckoned("partial", { ...input, output_text: 3 })],
  },
  "cut JSON": {
    provider: [cutAfter("Hello, you", heard({ usage }))],
    expected: [reckoned("partial", { ...input, output_text: 3 })],
  },
  "missing usage": {
    provider: [answering(heard())],
    expected: [reckoned("delivered", { ...input, output_text: 4 })],
  },
  "provider error": refused,
  retry: retried(answering(heard({ usage })), exact),
  timeout: { provider: [hanging], expected: [reckoned("cancelled", input)] },
  ...noText,
} satisfies AllTold;
