/** OpenAI's images, as `ImagesResponse` and the events of its streams have them: pictures by the piece, and tokens as they are told. */
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

const picture = "iVBORw0KGgoAAAANSUhEUg";
const drawn = (rest: object = {}) => ({
  created: 1_790_000_000,
  data: [{ b64_json: picture }],
  ...rest,
});
const usage = {
  input_tokens: 50,
  input_tokens_details: { text_tokens: 10, image_tokens: 40 },
  output_tokens: 272,
  total_tokens: 322,
};
const exact: End = {
  usage: { images: 1, input_image: 40, input_text: 10, output_image: 272 },
  outcome: "delivered",
};
/** "Say hello." is ten characters, and no message. */
const input = { input_text: 3 };
/** A picture of low quality takes at most 408 tokens, by OpenAI's table (1024x1536). */
const one = { images: 1, output_image: 408 };

const partial = sse(
  { type: "image_generation.partial_image", b64_json: picture, partial_image_index: 0 },
  "image_generation.partial_image",
);
const completed = sse(
  { type: "image_generation.completed", b64_json: picture, usage },
  "image_generation.completed",
);

const stream: Told = { provider: [streaming([partial, completed])], expected: [exact] };

/** See the file head. A picture that was seen in part was drawn. */
export const images = {
  plain: { provider: [answering(drawn({ usage }))], expected: [exact] },
  stream,
  "left at the end": { ...stream, until: "image_generation.completed" },
  abort: {
    provider: [streaming([partial], "wait")],
    until: "partial_image",
    expected: [reckoned("cancelled", { ...input, ...one })],
  },
  disconnect: {
    provider: [streaming([partial], "hangUp")],
    expected: [reckoned("partial", { ...input, ...one })],
  },
  "cut JSON": {
    provider: [cutAfter("iVBORw0KGgo", drawn({ usage }))],
    expected: [reckoned("partial", { ...input, ...one })],
  },
  "missing usage": {
    provider: [answering(drawn())],
    expected: [reckoned("delivered", { ...input, ...one })],
  },
  "provider error": refused,
  retry: retried(answering(drawn({ usage })), exact),
  timeout: { provider: [hanging], expected: [reckoned("cancelled", input)] },
  ...noText,
} satisfies AllTold;
