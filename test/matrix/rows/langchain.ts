/** LangChain.js: a model of `@langchain/openai` with the handler in its callbacks, which see runs and not their attempts. */
import { ChatOpenAI, type ChatOpenAICallOptions } from "@langchain/openai";
import type { AIMessageChunk } from "@langchain/core/messages";
import { langchainHandler } from "@cistern/client/langchain";
import type { AllTold, Connection } from "../cell.ts";
import { chat } from "../told/chat.ts";
import { exact, reckoned } from "../told/ends.ts";
import { type How, type Row, runnable } from "../use.ts";

const modelAt = ({ url, apiKey, collector }: Connection, { retries }: How): ChatOpenAI =>
  new ChatOpenAI({
    model: "gpt-5",
    apiKey,
    maxRetries: retries,
    configuration: { baseURL: `${url}/v1` },
    ...(collector === undefined ? {} : { callbacks: [langchainHandler(collector)] }),
  });

const options = ({ signal, timeoutMs }: How): Partial<ChatOpenAICallOptions> => ({
  ...(signal === undefined ? {} : { signal }),
  ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
});

/** What a program reads of a message. */
const readOf = ({ content, tool_calls, usage_metadata }: AIMessageChunk) => ({
  content,
  tool_calls,
  usage_metadata,
});

const told: AllTold = {
  ...chat,
  // Handlers are told nothing of a stream that its reader leaves: neither that it was over, nor its usage.
  "left at the end": {
    ...chat["left at the end"],
    until: '"content":"."',
    expected: [reckoned("cancelled", { input_text: 7, output_text: 4 })],
  },
  // An answer in one piece that is cut off throws, and nothing of it has reached the program.
  "cut JSON": { ...chat["cut JSON"], expected: ["released"] },
  // LangChain asks again inside of the run that its handlers see.
  retry: { ...chat.retry, expected: [exact] },
};

const row: Row<Connection> = {
  sdk: "LangChain.js, callbacks",
  connect: (to) => to,
  use: {
    whole: async (to, how) => readOf(await modelAt(to, how).invoke("Say hello.", options(how))),
    stream: async function* (to, how) {
      for await (const part of await modelAt(to, how).stream("Say hello.", options(how)))
        yield readOf(part);
    },
  },
  told,
};

/** See the file head. */
export const langchainRow = runnable(row);
