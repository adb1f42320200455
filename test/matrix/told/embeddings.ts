/** OpenAI's embeddings, as `CreateEmbeddingResponse` has them: what goes in is all that is used. */
import {
  answering,
  cutAfter,
  hanging,
  silent,
} from "../../../packages/client/test/collectors/provider.ts";
import type { AllTold, End } from "../cell.ts";
import { reckoned } from "./ends.ts";
import { noText } from "./no-text.ts";
import { refused, retried } from "./openai-errors.ts";

const embedded = (rest: object = {}) => ({
  object: "list",
  model: "text-embedding-3-small",
  data: [{ object: "embedding", index: 0, embedding: [0.25, 0.5] }],
  ...rest,
});
const usage = { prompt_tokens: 9, total_tokens: 9 };
const exact: End = { usage: { input_text: 9 }, outcome: "delivered" };
/** "Say hello." is ten characters, and no message. */
const input = { input_text: 3 };

/** See the file head. */
export const embeddings = {
  plain: { provider: [answering(embedded({ usage }))], expected: [exact] },
  stream: { none: "embeddings come in one piece" },
  "left at the end": { none: "embeddings come in one piece" },
  abort: { provider: [hanging], expected: [reckoned("cancelled", input)] },
  disconnect: { provider: [silent], expected: ["released"] },
  "cut JSON": {
    // Vectors came, so that it is charged; not all of them, so that it is not whole.
    provider: [cutAfter("0.25", embedded({ usage }))],
    expected: [reckoned("partial", input)],
  },
  "missing usage": {
    provider: [answering(embedded())],
    expected: [reckoned("delivered", input)],
  },
  "provider error": refused,
  retry: retried(answering(embedded({ usage })), exact),
  timeout: { provider: [hanging], expected: [reckoned("cancelled", input)] },
  ...noText,
} satisfies AllTold;
