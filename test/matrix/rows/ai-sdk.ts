/** `ai` with the language model middleware, over a real HTTP provider. */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  type LanguageModel,
  generateText,
  isStepCount,
  jsonSchema,
  streamText,
  tool,
  wrapLanguageModel,
} from "ai";
import { languageModelMiddleware } from "@cistern/client/ai-sdk";
import {
  type Script,
  answering,
  sse,
  streaming,
} from "../../../packages/client/test/collectors/provider.ts";
import { type Cell, type Situation, row, seenOf } from "../cell.ts";

/** "Say hello." is ten characters: three tokens at 3.5 characters, and four for the message. */
const input = 7;
const prompt = "Say hello.";

const answer = (rest: object = {}, message: object = { content: "Hello, you." }) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_790_000_000,
  model: "gpt-5",
  choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: "stop" }],
  ...rest,
});
const chunk = (delta: object, finish: string | null = null, rest: object = {}): string =>
  sse({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1_790_000_000,
    model: "gpt-5",
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...rest,
  });
const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
const exact = { usage: { input_text: 9, output_text: 4 }, outcome: "delivered" } as const;
const hang: Script = () => new Promise(() => {});

const plain = async (model: LanguageModel): Promise<unknown> => {
  const { text, usage: told, finishReason } = await generateText({ model, prompt, maxRetries: 0 });
  return { text, told, finishReason };
};
/** Parts of a stream, without what differs from run to run. */
const parts = async (model: LanguageModel, abortSignal?: AbortSignal, onText?: () => void) => {
  const seen: unknown[] = [];
  const { fullStream } = streamText({
    model,
    prompt,
    maxRetries: 0,
    onError: () => {},
    ...(abortSignal === undefined ? {} : { abortSignal }),
  });
  for await (const part of fullStream) {
    if (part.type === "text-delta") {
      seen.push(part.text);
      onText?.();
    } else seen.push(part.type === "error" ? String(part.error) : part.type);
  }
  return seen;
};
const words = [chunk({ role: "assistant", content: "Hello," }), chunk({ content: " you" })];

const cells: Readonly<Record<Situation, Cell<LanguageModel>>> = {
  plain: { provider: [answering(answer({ usage }))], program: plain, expected: [exact] },
  stream: {
    provider: [
      streaming([
        ...words,
        chunk({ content: "." }),
        chunk({}, "stop"),
        sse({ id: "chatcmpl-1", model: "gpt-5", choices: [], usage }),
        sse("[DONE]"),
      ]),
    ],
    program: (model) => parts(model),
    expected: [exact],
  },
  abort: {
    // "Hello, you" is ten characters, three tokens.
    provider: [streaming(words, "wait")],
    program: async (model) => {
      const abort = new AbortController();
      let texts = 0;
      return await parts(model, abort.signal, () => {
        texts += 1;
        if (texts === 2) abort.abort();
      });
    },
    expected: [
      { usage: { input_text: input, output_text: 3 }, outcome: "cancelled", estimated: true },
    ],
  },
  disconnect: {
    provider: [streaming(words, "hangUp")],
    program: (model) => seenOf(parts(model)),
    expected: [
      { usage: { input_text: input, output_text: 3 }, outcome: "partial", estimated: true },
    ],
  },
  "missing usage": {
    // "Hello, you." is eleven characters, four tokens.
    provider: [answering(answer())],
    program: plain,
    expected: [
      { usage: { input_text: input, output_text: 4 }, outcome: "delivered", estimated: true },
    ],
  },
  "provider error": {
    provider: [answering({ error: { message: "No such model", code: "model_not_found" } }, 404)],
    program: (model) => seenOf(plain(model)),
    expected: ["released"],
  },
  retry: {
    provider: [answering({ error: { message: "overloaded" } }, 503), answering(answer({ usage }))],
    program: async (model) => (await generateText({ model, prompt, maxRetries: 1 })).text,
    expected: ["released", exact],
  },
  timeout: {
    provider: [hang],
    program: (model) =>
      seenOf(generateText({ model, prompt, maxRetries: 0, abortSignal: AbortSignal.timeout(300) })),
    expected: [{ usage: { input_text: input }, outcome: "cancelled", estimated: true }],
  },
  "cached tokens": {
    provider: [
      answering(
        answer({
          usage: {
            prompt_tokens: 2_006,
            completion_tokens: 4,
            prompt_tokens_details: { cached_tokens: 1_920 },
          },
        }),
      ),
    ],
    program: plain,
    expected: [
      { usage: { cache_read: 1_920, input_text: 86, output_text: 4 }, outcome: "delivered" },
    ],
  },
  "reasoning tokens": {
    provider: [
      answering(
        answer({
          usage: {
            prompt_tokens: 9,
            completion_tokens: 500,
            completion_tokens_details: { reasoning_tokens: 448 },
          },
        }),
      ),
    ],
    program: plain,
    expected: [
      { usage: { input_text: 9, output_reasoning: 448, output_text: 52 }, outcome: "delivered" },
    ],
  },
  "tool calls": {
    // Two steps of one agent: each is a call of its own.
    provider: [
      answering(
        answer(
          { usage: { prompt_tokens: 80, completion_tokens: 17 } },
          {
            content: null,
            tool_calls: [
              { id: "call_1", type: "function", function: { name: "time", arguments: "{}" } },
            ],
          },
        ),
      ),
      answering(answer({ usage: { prompt_tokens: 110, completion_tokens: 4 } })),
    ],
    program: async (model) => {
      const time = tool({
        inputSchema: jsonSchema<object>({ type: "object", properties: {} }),
        execute: () => "noon",
      });
      const { text, steps } = await generateText({
        model,
        prompt,
        tools: { time },
        stopWhen: isStepCount(2),
      });
      return { text, steps: steps.length };
    },
    expected: [
      { usage: { input_text: 80, output_text: 17 }, outcome: "delivered" },
      { usage: { input_text: 110, output_text: 4 }, outcome: "delivered" },
    ],
  },
};

export const aiSdk = row<LanguageModel>({
  sdk: "ai, language model",
  connect: ({ url, collector }) => {
    const provider = createOpenAICompatible({
      name: "test",
      baseURL: `${url}/v1`,
      includeUsage: true,
    });
    const model = provider("gpt-5");
    return collector === undefined
      ? model
      : wrapLanguageModel({ model, middleware: languageModelMiddleware(collector) });
  },
  cells,
});
