/** OpenAI's speech: sound, of which nobody tells the usage, or events (`stream_format: "sse"`), whose last one does. */
import {
  type Script,
  hanging,
  sse,
  streaming,
} from "../../../packages/client/test/collectors/provider.ts";
import type { AllTold, End, Told } from "../cell.ts";
import { reckoned } from "./ends.ts";
import { noText } from "./no-text.ts";
import { refused, retried } from "./openai-errors.ts";

const sound: Script = (_call, response) => {
  response.writeHead(200, { "content-type": "audio/mpeg" });
  response.end(Uint8Array.from({ length: 5_000 }, (_, at) => (at * 7) % 256));
};
const delta = sse({ type: "speech.audio.delta", audio: "AAAA" });
const done = (rest: object): string => sse({ type: "speech.audio.done", ...rest });
const usage = { input_tokens: 4, output_tokens: 120, total_tokens: 124 };
const exact: End = { usage: { input_text: 4, output_audio: 120 }, outcome: "delivered" };
/** "Say hello." is ten characters, and no message. */
const input = { input_text: 3 };
/** A token of text takes half a second to be spoken, at twenty tokens of sound a second. */
const likely = { ...input, output_audio: 30 };

const stream: Told = { provider: [streaming([delta, delta, done({ usage })])], expected: [exact] };

/** See the file head. */
export const speech = {
  plain: { provider: [sound], expected: [reckoned("delivered", likely)] },
  stream,
  "left at the end": { ...stream, until: "speech.audio.done" },
  abort: {
    provider: [streaming([delta, delta], "wait")],
    until: "AAAA",
    expected: [reckoned("cancelled", likely)],
  },
  disconnect: {
    provider: [streaming([delta, delta], "hangUp")],
    expected: [reckoned("partial", likely)],
  },
  "cut JSON": { none: "sound is no JSON" },
  "missing usage": {
    provider: [streaming([delta, delta, done({})])],
    by: "stream",
    expected: [reckoned("delivered", likely)],
  },
  "provider error": refused,
  retry: retried(sound, reckoned("delivered", likely)),
  timeout: { provider: [hanging], expected: [reckoned("cancelled", input)] },
  ...noText,
} satisfies AllTold;
