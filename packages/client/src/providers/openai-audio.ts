// Owns: OpenAI's speech, transcriptions and translations. D1: sound cannot be read: what goes in is counted before, what comes out by the
// provider. D2: how long a recording is, is bounded by its size before, and told by the provider after.
import type { Usage } from "@cistern/contract";
import { type Estimator, countPrompt } from "../estimates/estimator.ts";
import { PromptReader } from "../estimates/prompt.ts";
import type { Evidence } from "../metering/ending.ts";
import { Delivered } from "./delivered.ts";
import type { AnswerReader, Dialect } from "./dialect.ts";
import { type Json, isJson, objectAt, parsed, quantityAt, textAt } from "./json.ts";
import { speechUsage, transcriptionUsage } from "./openai-usage.ts";

/** `POST …/audio/speech`. */
export const openaiSpeech: Dialect = {
  name: "openai.speech",
  speaks: (path) => path.endsWith("/audio/speech"),
  exchange: ({ body }, { estimator }) => {
    const prompt = new PromptReader();
    prompt.text(body["input"]);
    prompt.text(body["instructions"]);
    const input = countPrompt(estimator, prompt);
    const held = estimator.safe(input);
    return {
      kind: "speech",
      model: textAt(body, "model"),
      estimate: { input_text: held, output_audio: held * soundPerText },
      input: { input_text: input },
      isStream: body["stream_format"] === "sse",
      read: () => new SpeechReader(input * soundPerText),
    };
  },
};

/** Tokens of sound that a token of text takes to be spoken: a third of a second at some 20 a second, and half as much again. */
const soundPerText = 10;

/** `POST …/audio/transcriptions` and `…/audio/translations`. */
export const openaiTranscriptions: Dialect = {
  name: "openai.transcriptions",
  speaks: (path) => /\/audio\/(transcriptions|translations)$/.test(path),
  exchange: ({ body }, { estimator }) => {
    const file = objectAt(body, "file");
    const size = quantityAt(file, "size") ?? 0;
    const seconds = Math.ceil(size / lowestRate(file));
    const likely = Math.ceil(size / likelyRate(file));
    const prompt = new PromptReader();
    prompt.text(body["prompt"]);
    const text = countPrompt(estimator, prompt);
    return {
      kind: "transcription",
      model: textAt(body, "model"),
      estimate: {
        seconds,
        input_audio: seconds * tokensPerSecond,
        output_text: seconds * spokenPerSecond,
        ...(text === 0 ? {} : { input_text: text }),
      },
      input: {
        seconds: likely,
        input_audio: likely * tokensPerSecond,
        ...(text === 0 ? {} : { input_text: text }),
      },
      isStream: body["stream"] === true,
      read: () => new TranscriptReader(estimator),
    };
  },
};

const tokensPerSecond = 10;
const spokenPerSecond = 5;

const isRaw = (file: Json): boolean => /wav|pcm|flac|aiff/.test(textAt(file, "type") ?? "");
/** Bytes a second: a telephone's where nothing is compressed, else the least that speech is understood at. */
const lowestRate = (file: Json): number => (isRaw(file) ? 8_000 : 2_000);
/** Bytes a second, as most recordings are. */
const likelyRate = (file: Json): number => (isRaw(file) ? 32_000 : 16_000);

/** Mutable, for one answer. */
class SpeechReader implements AnswerReader {
  readonly #likely: number;
  #usage: Usage | undefined;
  #hasSound = false;
  #isDone = false;

  constructor(likely: number) {
    this.#likely = likely;
  }

  event(data: string, name: string): "keep" {
    if (name === "speech.audio.delta" || data.slice(0, 200).includes('"speech.audio.delta"')) {
      this.#hasSound = true;
      return "keep";
    }
    const event = parsed(data);
    if ((textAt(event, "type") ?? name) !== "speech.audio.done") return "keep";
    this.#isDone = true;
    this.#usage = speechUsage(isJson(event) ? event["usage"] : undefined);
    return "keep";
  }

  /** A text in place of sound is none. */
  body(body: unknown, isEnded: boolean): void {
    if (body !== undefined) return;
    this.#hasSound = true;
    this.#isDone = isEnded;
  }

  get isNearlyWhole(): boolean {
    return this.#isDone;
  }

  get isUsageTold(): boolean {
    return this.#isDone;
  }

  evidence(): Evidence {
    return {
      usage: this.#usage,
      isUsageRunning: false,
      delivered: this.#hasSound && this.#usage === undefined ? { output_audio: this.#likely } : {},
      isWhole: this.#isDone,
      response: undefined,
      model: undefined,
    };
  }
}

/** Mutable, for one answer. */
class TranscriptReader implements AnswerReader {
  readonly #delivered: Delivered;
  #usage: Usage | undefined;
  #isDone = false;
  #hasFailed = false;

  constructor(estimator: Estimator) {
    this.#delivered = new Delivered(estimator, (event, delivered) =>
      delivered.text("output_text", event["delta"] ?? event["text"]),
    );
  }

  event(data: string, name: string): "keep" {
    const event = parsed(data);
    const type = textAt(event, "type") ?? name;
    if (type === "error" || (isJson(event) && isJson(event["error"]))) this.#hasFailed = true;
    if (type === "transcript.text.done") {
      this.#isDone = true;
      this.#usage = transcriptionUsage(objectAt(event, "usage"));
    } else if (type.endsWith(".delta")) this.#delivered.now(event);
    return "keep";
  }

  /** JSON, or the text alone, as subtitles are. */
  body(body: unknown, isEnded: boolean): void {
    if (!isJson(body)) {
      // What was said may be a number, and a number is JSON.
      this.#delivered.now({ text: typeof body === "number" ? String(body) : body });
      this.#isDone = isEnded;
      return;
    }
    this.#usage = transcriptionUsage(objectAt(body, "usage")) ?? durationOf(body);
    this.#isDone = textAt(body, "text") !== undefined || this.#usage !== undefined;
    this.#delivered.now(body);
  }

  get isNearlyWhole(): boolean {
    return this.#isDone;
  }

  get isUsageTold(): boolean {
    return this.#isDone;
  }

  evidence(): Evidence {
    return {
      usage: this.#usage,
      isUsageRunning: false,
      delivered: this.#usage === undefined ? this.#delivered.usage() : {},
      isWhole: this.#isDone,
      hasFailed: this.#hasFailed,
      response: undefined,
      model: undefined,
    };
  }
}

/** What says no usage may say how long the recording is. */
function durationOf(body: Json): Usage | undefined {
  const seconds = quantityAt(body, "duration");
  return seconds === undefined ? undefined : { seconds };
}
