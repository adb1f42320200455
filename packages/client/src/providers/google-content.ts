// Owns: Google's generateContent, of the Gemini API and of Vertex. G1: each chunk carries the usage so far: the last one counts. G2: a chunk
// without a reason to finish is not parsed until somebody asks, where there is one candidate. G3: thoughts and tools' prompts stand beside the totals, what was cached in them.
import type { Usage } from "@cistern/contract";
import { type Estimator, countPrompt } from "../estimates/estimator.ts";
import { type Prompt, PromptReader } from "../estimates/prompt.ts";
import { addUsage } from "../metering/buckets.ts";
import type { Evidence } from "../metering/ending.ts";
import { Delivered, type TextForm } from "./delivered.ts";
import type { AnswerReader, Dialect, Estimating, Exchange, ProviderRequest } from "./dialect.ts";
import { exclusive, isNone } from "./inclusive.ts";
import {
  bounded,
  type Json,
  isJson,
  jsonText,
  listAt,
  objectAt,
  parsed,
  quantityAt,
  textAt,
} from "./json.ts";
import { modelInPath } from "./model-in-path.ts";

/** `POST …/models/{model}:generateContent` and `:streamGenerateContent`. */
export const googleContent: Dialect = {
  name: "google.generateContent",
  speaks: (path) => /:(streamg|g)eneratecontent$/.test(path),
  exchange: (request, estimating) => exchangeOf(request, estimating),
};

function exchangeOf(
  { body, path }: ProviderRequest,
  { estimator, outputTokens }: Estimating,
): Exchange {
  const input = countPrompt(estimator, promptOf(body));
  const config = objectAt(body, "generationConfig");
  const bound = quantityAt(config, "maxOutputTokens") ?? outputTokens("chat");
  const candidates = Math.max(quantityAt(config, "candidateCount") ?? 1, 1);
  const outputHeld = bounded(bound * candidates);
  return {
    kind: "chat",
    model: modelInPath(path),
    estimate: { input_text: estimator.safe(input), output_text: outputHeld },
    input: { input_text: input },
    isStream: path.toLowerCase().endsWith(":streamgeneratecontent"),
    read: () => new ContentReader(estimator, { candidates, outputHeld }),
  };
}

function promptOf(body: Json): Prompt {
  const prompt = new PromptReader();
  readContent(prompt, body["systemInstruction"] ?? body["system_instruction"]);
  for (const content of listAt(body, "contents")) readContent(prompt, content);
  for (const tool of listAt(body, "tools")) prompt.json(tool);
  prompt.json(objectAt(body, "generationConfig")["responseSchema"]);
  prompt.json(objectAt(body, "generationConfig")["responseJsonSchema"]);
  return prompt;
}

/** Reads one content of a prompt: a message, with its parts. */
export function readContent(prompt: PromptReader, content: unknown): void {
  prompt.text(content);
  if (!isJson(content)) return;
  prompt.message();
  for (const part of listAt(content, "parts")) {
    const text = textAt(part, "text");
    if (text !== undefined) prompt.text(text);
    else if (isJson(part) && (part["functionCall"] ?? part["functionResponse"]) !== undefined)
      prompt.json(part);
    else prompt.attachment();
  }
}

/** Google's `usageMetadata` in exclusive buckets; undefined where it says no figure. */
export function contentUsage(usage: unknown): Usage | undefined {
  const prompt = quantityAt(usage, "promptTokenCount");
  const candidates = quantityAt(usage, "candidatesTokenCount");
  const thoughts = quantityAt(usage, "thoughtsTokenCount");
  if (isNone(prompt, candidates, thoughts)) return undefined;
  const cached = modalities(usage, "cacheTokensDetails");
  const put = modalities(usage, "promptTokensDetails");
  const out = modalities(usage, "candidatesTokensDetails");
  const put1 = (modality: "AUDIO" | "IMAGE" | "VIDEO"): number =>
    Math.max((put[modality] ?? 0) - (cached[modality] ?? 0), 0);
  const input = exclusive(prompt ?? 0, "input_text", {
    cache_read: quantityAt(usage, "cachedContentTokenCount"),
    input_audio: put1("AUDIO"),
    // A video is counted as its pictures.
    input_image: put1("IMAGE") + put1("VIDEO"),
  });
  const output = exclusive(candidates ?? 0, "output_text", {
    output_audio: out["AUDIO"],
    output_image: out["IMAGE"],
  });
  const tools = quantityAt(usage, "toolUsePromptTokenCount") ?? 0;
  return addUsage(addUsage(input, output), {
    ...(tools === 0 ? {} : { input_text: tools }),
    ...(thoughts === undefined || thoughts === 0 ? {} : { output_reasoning: thoughts }),
  });
}

function modalities(usage: unknown, name: string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const row of listAt(usage, name)) {
    const modality = textAt(row, "modality") ?? "";
    counts[modality] = (counts[modality] ?? 0) + (quantityAt(row, "tokenCount") ?? 0);
  }
  return counts;
}

/** G2, as Google writes it. */
const textAlone: TextForm = {
  bucket: "output_text",
  before: '"parts": [{"text": "',
  after: "}]",
};

class ContentReader implements AnswerReader {
  readonly #outputHeld: number;
  readonly #candidates: number;
  readonly #delivered: Delivered;
  /** G1: the last chunk that was not parsed. */
  #last: string | undefined;
  #usage: Usage | undefined;
  /** Candidates by their index. */
  readonly #seen = new Set<unknown>();
  readonly #finished = new Set<unknown>();
  #isOver = false;
  #hasFailed = false;
  #response: string | undefined;
  #model: string | undefined;

  constructor(
    estimator: Estimator,
    { candidates, outputHeld }: { readonly candidates: number; readonly outputHeld: number },
  ) {
    this.#candidates = candidates;
    this.#outputHeld = outputHeld;
    this.#delivered = new Delivered(estimator, readOutput);
  }

  event(data: string): "keep" {
    if (this.#candidates === 1 && this.#response !== undefined && isUnfinished(data)) {
      this.#delivered.textOf(data, textAlone);
      this.#last = data;
      return "keep";
    }
    this.#read(parsed(data));
    return "keep";
  }

  /** A stream without `alt=sse` is a list of the chunks. */
  body(body: unknown, isEnded: boolean): void {
    if (body === undefined) {
      this.#delivered.unread(this.#outputHeld);
      this.#isOver = isEnded;
    }
    for (const chunk of Array.isArray(body) ? body : [body]) this.#read(chunk);
  }

  /** Fewer candidates may come than were asked for: each that came has said why it ended. */
  get isNearlyWhole(): boolean {
    return this.#isOver || (this.#finished.size > 0 && this.#finished.size >= this.#seen.size);
  }

  get isUsageTold(): boolean {
    return this.isNearlyWhole && this.#usage !== undefined;
  }

  evidence(): Evidence {
    if (this.#last !== undefined)
      this.#usage = contentUsage(objectAt(parsed(this.#last), "usageMetadata")) ?? this.#usage;
    const isWhole = this.isNearlyWhole;
    return {
      usage: this.#usage,
      isUsageRunning: !isWhole,
      delivered: this.isUsageTold ? {} : this.#delivered.usage(),
      isWhole,
      hasFailed: this.#hasFailed,
      response: this.#response,
      model: this.#model,
    };
  }

  #read(chunk: unknown): void {
    if (!isJson(chunk)) return;
    this.#last = undefined;
    this.#hasFailed ||= isJson(chunk["error"]);
    this.#response ??= textAt(chunk, "responseId");
    this.#model ??= textAt(chunk, "modelVersion");
    this.#usage = contentUsage(chunk["usageMetadata"]) ?? this.#usage;
    for (const candidate of listAt(chunk, "candidates")) {
      const index = quantityAt(candidate, "index") ?? 0;
      this.#seen.add(index);
      if (textAt(candidate, "finishReason") !== undefined) this.#finished.add(index);
    }
    this.#isOver ||= textAt(objectAt(chunk, "promptFeedback"), "blockReason") !== undefined;
    this.#delivered.now(chunk);
  }
}

/** G2. What fails or is blocked has no candidates, and what ends says why. */
const isUnfinished = (data: string): boolean =>
  data.startsWith('{"candidates"') && !data.includes("finishReason");

function readOutput(chunk: Json, delivered: Delivered): void {
  for (const candidate of listAt(chunk, "candidates"))
    for (const part of listAt(objectAt(candidate, "content"), "parts")) {
      const isThought = isJson(part) && part["thought"] === true;
      delivered.text(isThought ? "output_reasoning" : "output_text", textAt(part, "text"));
      const call = objectAt(part, "functionCall");
      delivered.text("output_text", call["name"]);
      if (isJson(call["args"])) delivered.text("output_text", jsonText(call["args"]));
    }
}
