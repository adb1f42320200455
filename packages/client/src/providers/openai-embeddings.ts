// Owns: OpenAI's embeddings. They put out no token: what goes in is all that is used.
import type { Usage } from "@cistern/contract";
import { countPrompt } from "../estimates/estimator.ts";
import { PromptReader } from "../estimates/prompt.ts";
import type { Dialect } from "./dialect.ts";
import { listAt, textAt } from "./json.ts";
import { chatUsage } from "./openai-usage.ts";
import { WholeReader } from "./whole-reader.ts";

/** `POST …/embeddings`. */
export const openaiEmbeddings: Dialect = {
  name: "openai.embeddings",
  speaks: (path) => path.endsWith("/embeddings"),
  exchange: ({ body }, { estimator }) => {
    const prompt = new PromptReader();
    prompt.tokensOrTexts(body["input"]);
    const input = countPrompt(estimator, prompt);
    return {
      kind: "embedding",
      model: textAt(body, "model"),
      estimate: { input_text: estimator.safe(input) },
      input: { input_text: input },
      read: () => new WholeReader(embedded),
    };
  },
};

function embedded(body: unknown): { readonly usage: Usage | undefined; readonly isWhole: boolean } {
  const usage = chatUsage(body instanceof Object && "usage" in body ? body.usage : undefined);
  return { usage, isWhole: usage !== undefined || listAt(body, "data").length > 0 };
}
