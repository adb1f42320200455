/** `ai` with the middleware for its models, over a real HTTP provider. */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  type EmbeddingModel,
  type ImageModel,
  type LanguageModel,
  embed,
  generateImage,
  generateText,
  isStepCount,
  jsonSchema,
  streamText,
  tool,
  wrapEmbeddingModel,
  wrapImageModel,
  wrapLanguageModel,
} from "ai";
import {
  embeddingModelMiddleware,
  imageModelMiddleware,
  languageModelMiddleware,
} from "@cistern/client/ai-sdk";
import { answering, silent } from "../../../packages/client/test/collectors/provider.ts";
import type { AllTold, Connection, End } from "../cell.ts";
import { chat, completion, usage } from "../told/chat.ts";
import { embeddings } from "../told/embeddings.ts";
import { calledTool } from "../told/ends.ts";
import { images } from "../told/images.ts";
import { type How, type Row, runnable } from "../use.ts";

const prompt = "Say hello.";
const providerAt = ({ url }: Connection) =>
  createOpenAICompatible({ name: "test", baseURL: `${url}/v1`, includeUsage: true });

/** A call's options, as the SDK has them. */
export const callOptions = ({ signal, timeoutMs, retries }: How) => {
  const abortSignal = timeoutMs === undefined ? signal : AbortSignal.timeout(timeoutMs);
  return { maxRetries: retries, ...(abortSignal === undefined ? {} : { abortSignal }) };
};

const time = tool({
  inputSchema: jsonSchema<object>({ type: "object", properties: {} }),
  execute: () => "noon",
});

/** An answer in one piece that is cut off is nothing to this SDK: it throws, and nothing of it has reached the program. */
const lostWithItsAnswer = (told: AllTold): AllTold => {
  const { "cut JSON": cell } = told;
  return { ...told, "cut JSON": "none" in cell ? cell : { ...cell, expected: ["released"] } };
};

const language: Row<LanguageModel> = {
  sdk: "ai, language model",
  connect: (to) => {
    const model = providerAt(to)("gpt-5");
    const { collector } = to;
    return collector === undefined
      ? model
      : wrapLanguageModel({ model, middleware: languageModelMiddleware(collector) });
  },
  use: {
    whole: async (model, how) => {
      const { text, totalUsage, finishReason, steps } = await generateText({
        model,
        prompt,
        ...(how.hasTool === true ? { tools: { time }, stopWhen: isStepCount(2) } : {}),
        ...callOptions(how),
      });
      return { text, totalUsage, finishReason, steps: steps.length };
    },
    stream: async function* (model, how) {
      const { fullStream } = streamText({ model, prompt, onError: () => {}, ...callOptions(how) });
      for await (const part of fullStream)
        if (part.type === "text-delta") yield part.text;
        else yield part.type === "error" ? String(part.error) : part.type;
    },
  },
  told: {
    ...lostWithItsAnswer(chat),
    "left at the end": { ...chat["left at the end"], until: '"."' },
    "tool calls": {
      // Two steps of one agent: each is a call of its own.
      provider: [
        answering(
          completion(
            { usage: { prompt_tokens: 80, completion_tokens: 17 } },
            {
              content: null,
              tool_calls: [
                { id: "call_1", type: "function", function: { name: "time", arguments: "{}" } },
              ],
            },
          ),
        ),
        answering(completion({ usage })),
      ],
      expected: [calledTool, { usage: { input_text: 9, output_text: 4 }, outcome: "delivered" }],
    },
  },
};

const embedding: Row<EmbeddingModel> = {
  sdk: "ai, embedding model",
  connect: (to) => {
    const model = providerAt(to).embeddingModel("text-embedding-3-small");
    const { collector } = to;
    return collector === undefined
      ? model
      : wrapEmbeddingModel({ model, middleware: embeddingModelMiddleware(collector) });
  },
  use: {
    whole: async (model, how) => {
      const answer = await embed({ model, value: prompt, ...callOptions(how) });
      return { embedding: answer.embedding, usage: answer.usage };
    },
  },
  told: lostWithItsAnswer(embeddings),
};

/** The SDK has no streams of pictures, and of their input one figure. */
const pictured: End = {
  usage: { images: 1, input_text: 50, output_image: 272 },
  outcome: "delivered",
};
const pictures: AllTold = {
  ...lostWithItsAnswer(images),
  plain: { ...images.plain, expected: [pictured] },
  stream: { none: "the SDK has no streams of pictures" },
  "left at the end": { none: "the SDK has no streams of pictures" },
  abort: images.timeout,
  disconnect: { provider: [silent], expected: ["released"] },
  retry: { ...images.retry, expected: ["released", pictured] },
};

const image: Row<ImageModel> = {
  sdk: "ai, image model",
  connect: (to) => {
    const model = providerAt(to).imageModel("gpt-image-1");
    const { collector } = to;
    return collector === undefined
      ? model
      : wrapImageModel({ model, middleware: imageModelMiddleware(collector) });
  },
  use: {
    whole: async (model, how) => {
      const answer = await generateImage({
        model,
        prompt,
        providerOptions: { openai: { quality: "low" } },
        ...callOptions(how),
      });
      return { images: answer.images.map(({ base64 }) => base64), usage: answer.usage };
    },
  },
  told: pictures,
};

/** See the file head. */
export const aiSdkRows = [runnable(language), runnable(embedding), runnable(image)];
