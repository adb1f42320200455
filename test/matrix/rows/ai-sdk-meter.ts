/**
 * `ai` where it has no middleware: speech and transcription in `meter()`, on models that ask the provider (a mock of `ai/test`, where its types let one be used). The work is metered and
 * not its attempts, so that a retry is inside of one hold; and the program says what it used.
 */
import {
  APICallError,
  type SpeechModel,
  type TranscriptionModel,
  generateSpeech,
  transcribe,
} from "ai";
import { MockSpeechModelV4 } from "ai/test";
import { type Collector, type Work, meter } from "@cistern/client/metering";
import {
  answering,
  cutAfter,
  hanging,
  silent,
} from "../../../packages/client/test/collectors/provider.ts";
import type { AllTold, End } from "../cell.ts";
import { reckoned } from "../told/ends.ts";
import { refused, retried } from "../told/openai-errors.ts";
import { type Row, runnable } from "../use.ts";
import { callOptions } from "./ai-sdk.ts";

interface On<Model> {
  readonly model: Model;
  readonly collector: Collector | undefined;
}

/** A provider that answers JSON, asked as providers of the SDK do. */
async function asked(
  url: string,
  body: object,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, {
    method: "POST",
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.ok) return { ...Object(await response.json()) };
  const { status: statusCode, statusText: message } = response;
  throw new APICallError({ message, url, requestBodyValues: body, statusCode });
}

/** The work as it is, or metered. */
async function metered<Result>(
  collector: Collector | undefined,
  { how, ...work }: Work & { readonly how: ReturnType<typeof callOptions> },
  run: () => Promise<Result>,
  spent: (result: Result) => Usage | undefined,
): Promise<Result> {
  if (collector === undefined) return await run();
  const { abortSignal: signal } = how;
  return await meter(collector, work, run, { spent, ...(signal === undefined ? {} : { signal }) });
}

type Usage = Readonly<Record<string, number>>;

const answered = { timestamp: new Date(0), modelId: "of-the-matrix" };
const text = "Say hello.";
const characters: Work = { kind: "speech", model: "tts-1", estimate: { characters: text.length } };

/** What both are told; only a transcription says how much it was. */
const told = (answer: object, usage: Usage): AllTold => {
  const exact: End = { usage, outcome: "delivered" };
  const stopped = reckoned("cancelled", usage);
  return {
    plain: { provider: [answering(answer)], expected: [exact] },
    stream: { none: "the SDK has no stream of it" },
    "left at the end": { none: "the SDK has no stream of it" },
    abort: { provider: [hanging], expected: [stopped] },
    disconnect: { provider: [silent], expected: ["released"] },
    "cut JSON": { provider: [cutAfter('{"', answer)], expected: ["released"] },
    "missing usage": { none: "how much is to be spoken is known beforehand" },
    "provider error": refused,
    retry: { ...retried(answering(answer), exact), expected: [exact] },
    timeout: { provider: [hanging], expected: [stopped] },
    "cached tokens": { none: "it is not charged by tokens" },
    "reasoning tokens": { none: "it is not charged by tokens" },
    "tool calls": { none: "it calls nothing" },
    "cut tool call": { none: "it calls nothing" },
  };
};

const speech: Row<On<SpeechModel>> = {
  sdk: "ai, speech in meter()",
  connect: ({ url, collector }) => {
    const model = new MockSpeechModelV4({
      doGenerate: async ({ abortSignal }) => {
        const { audio } = await asked(url, { text }, abortSignal);
        return { audio: String(audio), warnings: [], response: answered };
      },
    });
    return { model, collector };
  },
  use: {
    whole: async ({ model, collector }, how) => {
      const given = callOptions(how);
      const { audio } = await metered(
        collector,
        { ...characters, how: given },
        async () => await generateSpeech({ model, text, ...given }),
        () => ({ characters: text.length }),
      );
      return audio.base64;
    },
  },
  told: told({ audio: "AAAA" }, { characters: 10 }),
};

const seconds: Work = { kind: "transcription", model: "whisper-1", estimate: { seconds: 60 } };
const heard = { text: "Hello, you.", duration: 3 };
const hearing = told(heard, { seconds: 3 });
const sixty = reckoned("cancelled", { seconds: 60 });

const transcription: Row<On<TranscriptionModel>> = {
  sdk: "ai, transcription in meter()",
  connect: ({ url, collector }) => {
    const model: TranscriptionModel = {
      specificationVersion: "v4",
      provider: "test",
      modelId: "whisper-1",
      doGenerate: async ({ abortSignal }) => {
        const { text: said, duration } = await asked(url, {}, abortSignal);
        return {
          text: String(said),
          segments: [],
          language: "en",
          durationInSeconds: typeof duration === "number" ? duration : undefined,
          warnings: [],
          response: answered,
        };
      },
    };
    return { model, collector };
  },
  use: {
    whole: async ({ model, collector }, how) => {
      const given = callOptions(how);
      const answer = await metered(
        collector,
        { ...seconds, how: given },
        async () => await transcribe({ model, audio: "AAAA", ...given }),
        ({ durationInSeconds: length }) => (length === undefined ? undefined : { seconds: length }),
      );
      return { text: answer.text, seconds: answer.durationInSeconds };
    },
  },
  told: {
    ...hearing,
    // Who stops it pays what it was to be; so does an answer that does not say how long it was.
    abort: { provider: [hanging], expected: [sixty] },
    timeout: { provider: [hanging], expected: [sixty] },
    "missing usage": {
      provider: [answering({ text: heard.text })],
      expected: [reckoned("delivered", { seconds: 60 })],
    },
  },
};

/** See the file head. */
export const aiSdkMeterRows = [runnable(speech), runnable(transcription)];
