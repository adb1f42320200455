/** `@anthropic-ai/sdk` with the client's middleware; and the same program through the gateway. */
import Anthropic from "@anthropic-ai/sdk";
import { anthropicMiddleware } from "@cistern/client/anthropic";

import { messages } from "../told/messages.ts";
import { type How, type Row, runnable } from "../use.ts";

const question: Anthropic.MessageCreateParamsNonStreaming = {
  model: "claude-haiku-4-5",
  max_tokens: 100,
  messages: [{ role: "user", content: "Say hello." }],
};
const options = ({ signal, timeoutMs, retries }: How): Anthropic.RequestOptions => ({
  maxRetries: retries,
  ...(signal === undefined ? {} : { signal }),
  ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
});

const row: Row<Anthropic> = {
  sdk: "@anthropic-ai/sdk, messages",
  connect: ({ url, apiKey, collector }) =>
    new Anthropic({
      apiKey,
      baseURL: url,
      ...(collector === undefined ? {} : { middleware: [anthropicMiddleware(collector)] }),
    }),
  use: {
    whole: (anthropic, how) => anthropic.messages.create(question, options(how)),
    stream: async function* (anthropic, how) {
      yield* await anthropic.messages.create({ ...question, stream: true }, options(how));
    },
  },
  told: messages,
};

/** See the file head. */
export const anthropicRow = runnable(row);
export const anthropicGatewayRow = runnable(
  { ...row, sdk: "gateway, Anthropic messages" },
  "anthropic",
);
