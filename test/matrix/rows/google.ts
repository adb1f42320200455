/** `@google/genai` with a metered `fetch`, content. */
import { type GenerateContentResponse, GoogleGenAI } from "@google/genai";
import { meteredFetch } from "@cistern/client/fetch";
import {
  type Script,
  answering,
  sse,
  streaming,
} from "../../../packages/client/test/collectors/provider.ts";
import { type Cell, type Situation, row, seenOf } from "../cell.ts";

/** "Say hello." is ten characters: three tokens at 3.5 characters, and four for the message. */
const input = 7;
const ask = { model: "gemini-2.5-pro", contents: "Say hello." };

const content = (text: string, rest: object = {}, finishReason?: string) => ({
  candidates: [
    {
      content: { role: "model", parts: [{ text }] },
      index: 0,
      ...(finishReason === undefined ? {} : { finishReason }),
    },
  ],
  modelVersion: "gemini-2.5-pro",
  responseId: "resp-1",
  ...rest,
});
const usageMetadata = { promptTokenCount: 9, candidatesTokenCount: 4, totalTokenCount: 13 };
const exact = { usage: { input_text: 9, output_text: 4 }, outcome: "delivered" } as const;
const hang: Script = () => new Promise(() => {});

/** What a program reads of an answer; its headers have the time of day. */
const readOf = ({ text, usageMetadata: usage, functionCalls }: GenerateContentResponse) => ({
  text,
  usage,
  functionCalls,
});
const plain = async (google: GoogleGenAI): Promise<unknown> =>
  readOf(await google.models.generateContent(ask));
const parts = async (google: GoogleGenAI): Promise<readonly unknown[]> =>
  (await Array.fromAsync(await google.models.generateContentStream(ask))).map(readOf);

const cells: Readonly<Record<Situation, Cell<GoogleGenAI>>> = {
  plain: {
    provider: [answering(content("Hello, you.", { usageMetadata }, "STOP"))],
    program: plain,
    expected: [exact],
  },
  stream: {
    // Each part has the usage so far: the last counts, not the sum.
    provider: [
      streaming([
        sse(content("Hello,", { usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 2 } })),
        sse(content(" you.", { usageMetadata }, "STOP")),
      ]),
    ],
    program: parts,
    expected: [exact],
  },
  abort: {
    // What went in is the provider's word. "Hello, you" is ten characters, three tokens; the provider had counted two.
    provider: [
      streaming(
        [
          sse(
            content("Hello,", { usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 2 } }),
          ),
          sse(content(" you")),
        ],
        "wait",
      ),
    ],
    program: async (google) => {
      const abort = new AbortController();
      const seen: unknown[] = [];
      const stream = await google.models.generateContentStream({
        ...ask,
        config: { abortSignal: abort.signal },
      });
      const reading = async (): Promise<void> => {
        for await (const one of stream) {
          seen.push(readOf(one));
          if (seen.length === 2) abort.abort();
        }
      };
      return { seen, ended: await seenOf(reading()) };
    },
    expected: [{ usage: { input_text: 9, output_text: 3 }, outcome: "cancelled", estimated: true }],
  },
  disconnect: {
    provider: [streaming([sse(content("Hello,")), sse(content(" you"))], "hangUp")],
    program: (google) => seenOf(parts(google)),
    expected: [
      { usage: { input_text: input, output_text: 3 }, outcome: "partial", estimated: true },
    ],
  },
  "missing usage": {
    // "Hello, you." is eleven characters, four tokens.
    provider: [answering(content("Hello, you.", {}, "STOP"))],
    program: plain,
    expected: [
      { usage: { input_text: input, output_text: 4 }, outcome: "delivered", estimated: true },
    ],
  },
  "provider error": {
    provider: [
      answering({ error: { code: 404, message: "No such model", status: "NOT_FOUND" } }, 404),
    ],
    program: (google) => seenOf(plain(google)),
    expected: ["released"],
  },
  retry: {
    provider: [
      answering({ error: { code: 503, message: "overloaded", status: "UNAVAILABLE" } }, 503),
      answering(content("Hello, you.", { usageMetadata }, "STOP")),
    ],
    program: async (google) =>
      readOf(
        await google.models.generateContent({
          ...ask,
          config: { httpOptions: { retryOptions: { attempts: 2, initialDelay: 0.01 } } },
        }),
      ),
    expected: ["released", exact],
  },
  timeout: {
    provider: [hang],
    program: (google) =>
      seenOf(google.models.generateContent({ ...ask, config: { httpOptions: { timeout: 300 } } })),
    expected: [{ usage: { input_text: input }, outcome: "cancelled", estimated: true }],
  },
  "cached tokens": {
    provider: [
      answering(
        content(
          "Hello, you.",
          {
            usageMetadata: {
              promptTokenCount: 2_006,
              cachedContentTokenCount: 1_920,
              candidatesTokenCount: 4,
              totalTokenCount: 2_010,
            },
          },
          "STOP",
        ),
      ),
    ],
    program: plain,
    expected: [
      { usage: { cache_read: 1_920, input_text: 86, output_text: 4 }, outcome: "delivered" },
    ],
  },
  "reasoning tokens": {
    // Thoughts stand beside the candidates' tokens, not in them.
    provider: [
      answering(
        content(
          "Hello, you.",
          {
            usageMetadata: {
              promptTokenCount: 9,
              candidatesTokenCount: 52,
              thoughtsTokenCount: 448,
              totalTokenCount: 509,
            },
          },
          "STOP",
        ),
      ),
    ],
    program: plain,
    expected: [
      { usage: { input_text: 9, output_reasoning: 448, output_text: 52 }, outcome: "delivered" },
    ],
  },
  "tool calls": {
    provider: [
      answering({
        ...content("", { usageMetadata: { promptTokenCount: 80, candidatesTokenCount: 17 } }),
        candidates: [
          {
            content: {
              role: "model",
              parts: [{ functionCall: { name: "time", args: { zone: "CET" } } }],
            },
            finishReason: "STOP",
            index: 0,
          },
        ],
      }),
    ],
    program: plain,
    expected: [{ usage: { input_text: 80, output_text: 17 }, outcome: "delivered" }],
  },
};

export const googleContent = row<GoogleGenAI>({
  sdk: "@google/genai, content",
  connect: ({ url, collector }) =>
    new GoogleGenAI({
      apiKey: "test",
      httpOptions: {
        baseUrl: url,
        ...(collector === undefined ? {} : { fetch: meteredFetch(collector) }),
      },
    }),
  cells,
});
