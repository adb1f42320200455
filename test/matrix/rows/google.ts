/** `@google/genai` with a metered `fetch`; and the same program through the gateway. */
import {
  type GenerateContentParameters,
  type GenerateContentResponse,
  GoogleGenAI,
} from "@google/genai";
import { meteredFetch } from "@cistern/client/fetch";

import { contents } from "../told/content.ts";
import { type How, type Row, runnable } from "../use.ts";

const question = ({ signal, timeoutMs, retries }: How): GenerateContentParameters => ({
  model: "gemini-2.5-pro",
  contents: "Say hello.",
  config: {
    ...(signal === undefined ? {} : { abortSignal: signal }),
    httpOptions: {
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
      ...(retries === 0 ? {} : { retryOptions: { attempts: 1 + retries, initialDelay: 0.01 } }),
    },
  },
});

/** What a program reads of an answer; its headers have the time of day. */
const readOf = ({ text, usageMetadata: usage, functionCalls }: GenerateContentResponse) => ({
  text,
  usage,
  functionCalls,
});

const row: Row<GoogleGenAI> = {
  sdk: "@google/genai, content",
  connect: ({ url, apiKey, collector }) =>
    new GoogleGenAI({
      apiKey,
      httpOptions: {
        baseUrl: url,
        ...(collector === undefined ? {} : { fetch: meteredFetch(collector) }),
      },
    }),
  use: {
    whole: async (google, how) => readOf(await google.models.generateContent(question(how))),
    stream: async function* (google, how) {
      const stream = await google.models.generateContentStream(question(how));
      for await (const part of stream) yield readOf(part);
    },
  },
  told: contents,
};

/** See the file head. */
export const googleRow = runnable(row);
export const googleGatewayRow = runnable({ ...row, sdk: "gateway, Google content" }, "google");
