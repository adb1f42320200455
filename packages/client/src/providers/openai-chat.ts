// Owns: OpenAI's chat completions, as `openai` and every compatible server speak them, and the completions before them.
// O1: usage is asked for in a stream, and hidden again from who did not ask. O2: an event that only has text in it is not parsed.
import type { Usage } from "@cistern/contract";
import { type Estimator, countPrompt } from "../estimates/estimator.ts";
import { type Prompt, PromptReader } from "../estimates/prompt.ts";
import type { Evidence } from "../metering/ending.ts";
import { Delivered, type TextForm } from "./delivered.ts";
import type { AnswerReader, Dialect, Estimating, Exchange, ProviderRequest } from "./dialect.ts";
import {
  bounded,
  type Json,
  isJson,
  listAt,
  objectAt,
  parsed,
  quantityAt,
  textAt,
} from "./json.ts";
import { chatUsage } from "./openai-usage.ts";
import { tierOf } from "./tier.ts";

/** `POST …/chat/completions`. */
export const openaiChat: Dialect = {
  name: "openai.chat",
  speaks: (path) => path.endsWith("/chat/completions"),
  exchange: (request, estimating) => {
    const bound =
      quantityAt(request.body, "max_completion_tokens") ?? quantityAt(request.body, "max_tokens");
    const prompt = promptOf(request.body);
    const perChoice = bound ?? estimating.outputTokens("chat");
    return exchangeOf(request, estimating, { prompt, perChoice });
  },
};

/** `POST …/completions`. */
export const openaiCompletions: Dialect = {
  name: "openai.completions",
  speaks: (path) => path.endsWith("/completions"),
  exchange: (request, estimating) => {
    const prompt = new PromptReader();
    const given = request.body["prompt"];
    prompt.tokensOrTexts(given);
    prompt.text(request.body["suffix"]);
    const perChoice = quantityAt(request.body, "max_tokens") ?? completionTokensDefault;
    return exchangeOf(request, estimating, { prompt, perChoice });
  },
};

/** What the API takes where a request says nothing. */
const completionTokensDefault = 16;

interface Asked {
  readonly prompt: Prompt;
  /** Tokens of output that one choice may have. */
  readonly perChoice: number;
}

function exchangeOf(
  { body }: ProviderRequest,
  { estimator }: Estimating,
  { prompt, perChoice }: Asked,
): Exchange {
  const input = countPrompt(estimator, prompt);
  const choices = Math.max(quantityAt(body, "n") ?? 1, 1);
  const outputHeld = bounded(perChoice * Math.max(quantityAt(body, "best_of") ?? 1, choices));
  const isStream = body["stream"] === true;
  const hidesUsage = isStream && objectAt(body, "stream_options")["include_usage"] !== true;
  return {
    kind: "chat",
    model: textAt(body, "model"),
    ...tierOf(body),
    estimate: { input_text: estimator.safe(input), output_text: outputHeld },
    input: { input_text: input },
    isStream,
    ...(hidesUsage ? { changedBody: askingUsage(body) } : {}),
    read: () => new ChatReader(estimator, { choices, hidesUsage, outputHeld }),
  };
}

const askingUsage = (body: Json): Json => ({
  ...body,
  stream_options: { ...objectAt(body, "stream_options"), include_usage: true },
});

function promptOf(body: Json): Prompt {
  const prompt = new PromptReader();
  for (const message of listAt(body, "messages")) {
    prompt.message();
    const content = isJson(message) ? message["content"] : undefined;
    if (Array.isArray(content)) for (const part of content) readPart(prompt, part);
    else prompt.text(content);
    for (const call of listAt(message, "tool_calls")) prompt.json(call);
  }
  for (const tool of [...listAt(body, "tools"), ...listAt(body, "functions")]) prompt.json(tool);
  if (isJson(body["response_format"])) prompt.json(body["response_format"]);
  return prompt;
}

function readPart(prompt: PromptReader, part: unknown): void {
  const text = textAt(part, "text") ?? textAt(part, "refusal");
  if (text === undefined) prompt.attachment();
  else prompt.text(text);
}

interface Expected {
  readonly choices: number;
  readonly hidesUsage: boolean;
  readonly outputHeld: number;
}

class ChatReader implements AnswerReader {
  readonly #outputHeld: number;
  readonly #hidesUsage: boolean;
  readonly #choices: number;
  readonly #delivered: Delivered;
  #usage: Usage | undefined;
  readonly #finished = new Set<unknown>();
  #isDone = false;
  #hasFailed = false;
  #response: string | undefined;
  #model: string | undefined;

  constructor(estimator: Estimator, { choices, hidesUsage, outputHeld }: Expected) {
    this.#outputHeld = outputHeld;
    this.#delivered = new Delivered(estimator, readOutput);
    this.#choices = choices;
    this.#hidesUsage = hidesUsage;
  }

  event(data: string): "keep" | "hide" {
    if (this.#choices === 1 && this.#response !== undefined && isTextAlone(data)) {
      this.#delivered.textOf(data, contentAlone);
      return "keep";
    }
    if (data.trim() === "[DONE]") {
      this.#isDone = true;
      return "keep";
    }
    const chunk = parsed(data);
    if (!isJson(chunk)) return "keep";
    this.#read(chunk);
    const isUsageAlone = listAt(chunk, "choices").length === 0 && isJson(chunk["usage"]);
    // It is the last one: a server that says no reason to finish, or no `[DONE]`, has ended all the same.
    this.#isDone ||= isUsageAlone && this.#usage !== undefined;
    return isUsageAlone && this.#hidesUsage ? "hide" : "keep";
  }

  body(body: unknown, isEnded: boolean): void {
    if (body === undefined) this.#delivered.unread(this.#outputHeld);
    if (!isJson(body)) {
      this.#isDone = body === undefined && isEnded;
      return;
    }
    this.#read(body);
    this.#isDone = this.#finished.size > 0 || this.#usage !== undefined;
  }

  get isNearlyWhole(): boolean {
    return this.#finished.size >= this.#choices;
  }

  get isUsageTold(): boolean {
    return this.#usage !== undefined && (this.#isDone || this.isNearlyWhole);
  }

  evidence(): Evidence {
    const isWhole = this.#isDone || this.isNearlyWhole;
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

  #read(chunk: Json): void {
    this.#hasFailed ||= isJson(chunk["error"]);
    this.#response ??= textAt(chunk, "id");
    this.#model ??= textAt(chunk, "model");
    // Groq says it in a place of its own.
    const told = chatUsage(chunk["usage"]) ?? chatUsage(objectAt(chunk, "x_groq")["usage"]);
    this.#usage = told ?? this.#usage;
    for (const choice of listAt(chunk, "choices"))
      if (textAt(choice, "finish_reason") !== undefined)
        this.#finished.add(quantityAt(choice, "index") ?? 0);
    this.#delivered.now(chunk);
  }
}

const contentAlone: TextForm = {
  bucket: "output_text",
  before: '"delta":{"content":"',
  after: "}",
};

/** O2. A name in quotes is never found inside a text, whose own quotes are escaped. */
function isTextAlone(data: string): boolean {
  const reason = data.lastIndexOf(reasonName);
  if (reason === -1 || !data.startsWith("null", reason + reasonName.length)) return false;
  const usage = data.lastIndexOf(usageName);
  return usage === -1 || data.startsWith("null", usage + usageName.length);
}

const reasonName = '"finish_reason":';
const usageName = '"usage":';

function readOutput(chunk: Json, delivered: Delivered): void {
  for (const choice of listAt(chunk, "choices")) {
    delivered.text("output_text", textAt(choice, "text"));
    for (const said of [objectAt(choice, "delta"), objectAt(choice, "message")]) {
      delivered.text("output_text", said["content"]);
      delivered.text("output_text", said["refusal"]);
      delivered.text("output_reasoning", said["reasoning_content"] ?? said["reasoning"]);
      delivered.text("output_text", objectAt(said, "audio")["transcript"]);
      for (const call of [...listAt(said, "tool_calls"), { function: said["function_call"] }]) {
        delivered.text("output_text", objectAt(call, "function")["name"]);
        delivered.text("output_text", objectAt(call, "function")["arguments"]);
      }
    }
  }
}
