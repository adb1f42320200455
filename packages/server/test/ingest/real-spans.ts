/** Spans as a real instrumentation makes them of real calls of an SDK; the model alone is not real. */
import { OpenTelemetry } from "@ai-sdk/otel";
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type SpanExporter,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { embedMany, generateText, isStepCount, jsonSchema, streamText, tool } from "ai";
import { MockEmbeddingModelV4, MockLanguageModelV4 } from "ai/test";

/** Runs a call of the SDK and hands over the spans that it made. `said`: attributes of each of them. */
export async function spansOf(
  said: Readonly<Record<string, string>>,
  call: (integrations: OpenTelemetry) => Promise<unknown>,
) {
  const exporter = new InMemorySpanExporter();
  await traced(exporter, said, call);
  return exporter.getFinishedSpans();
}

/** Runs a call of the SDK; each span goes to the exporter as it ends. */
export async function traced(
  exporter: SpanExporter,
  said: Readonly<Record<string, string>>,
  call: (integrations: OpenTelemetry) => Promise<unknown>,
): Promise<void> {
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  await call(new OpenTelemetry({ tracer: provider.getTracer("test"), enrichSpan: () => said }));
  await provider.forceFlush();
}

const usageOf = (input: number, output: number, cached = 0, reasoning = 0) => ({
  inputTokens: { total: input, noCache: input - cached, cacheRead: cached, cacheWrite: 0 },
  outputTokens: { total: output, text: output - reasoning, reasoning },
});

/** A tool is called, and the answer read: two calls of the model, of 100 and 200 tokens. */
export const agentOfTwoCalls = async (integrations: OpenTelemetry): Promise<unknown> =>
  await generateText({
    model: new MockLanguageModelV4({
      provider: "openai",
      modelId: "gpt-5",
      doGenerate: [
        {
          content: [{ type: "tool-call", toolCallId: "t1", toolName: "weather", input: "{}" }],
          finishReason: { unified: "tool-calls", raw: "tool_calls" },
          usage: usageOf(80, 20, 30),
          response: { id: "resp-1", modelId: "gpt-5" },
          warnings: [],
        },
        {
          content: [{ type: "text", text: "Sunny." }],
          finishReason: { unified: "stop", raw: "stop" },
          usage: usageOf(150, 50, 0, 10),
          response: { id: "resp-2", modelId: "gpt-5" },
          warnings: [],
        },
      ],
    }),
    prompt: "What is the weather?",
    tools: {
      weather: tool({
        inputSchema: jsonSchema<object>({ type: "object" }),
        execute: async () => "sunny",
      }),
    },
    stopWhen: isStepCount(3),
    telemetry: { integrations },
  });

/** Two texts, each embedded in a call of its own, in one call of the SDK. */
export const embeddings = async (integrations: OpenTelemetry): Promise<unknown> =>
  await embedMany({
    model: new MockEmbeddingModelV4({
      provider: "openai",
      modelId: "text-embedding-3-small",
      maxEmbeddingsPerCall: 1,
      doEmbed: async () => ({ embeddings: [[0.1]], usage: { tokens: 7 }, warnings: [] }),
    }),
    values: ["one", "two"],
    telemetry: { integrations },
  });

/** A stream that its reader gives up after the first word. */
export const abortedStream = async (integrations: OpenTelemetry): Promise<unknown> => {
  const abort = new AbortController();
  const { textStream } = streamText({
    model: new MockLanguageModelV4({
      provider: "openai",
      modelId: "gpt-5",
      doStream: async ({ abortSignal }) => ({
        stream: new ReadableStream({
          start(controller) {
            controller.enqueue({ type: "stream-start", warnings: [] });
            controller.enqueue({ type: "response-metadata", id: "resp-aborted", modelId: "gpt-5" });
            controller.enqueue({ type: "text-start", id: "1" });
            controller.enqueue({ type: "text-delta", id: "1", delta: "Once" });
            abortSignal?.addEventListener("abort", () => controller.error(abortSignal.reason));
          },
        }),
      }),
    }),
    prompt: "A tale.",
    abortSignal: abort.signal,
    onError: () => {},
    telemetry: { integrations },
  });
  let text = "";
  for await (const word of textStream) {
    text += word;
    abort.abort(new Error("enough"));
  }
  return text;
};
