// Owns: OpenAI's chat completions, as `openai` and every compatible server speak them.
// O1: usage is asked for in a stream, and hidden again from who did not ask. O2: totals include their details, and are taken apart.
import type { Usage } from "@cistern/contract";
import { countPrompt } from "../estimates/estimator.ts";
import { type Prompt, PromptReader } from "../estimates/prompt.ts";
import { addUsage } from "../metering/buckets.ts";
import type { Evidence } from "../metering/ending.ts";
import type { AnswerReader, Dialect, Estimating, Exchange, ProviderRequest } from "./dialect.ts";
import { exclusive } from "./inclusive.ts";
import { type Json, isJson, listAt, objectAt, parsed, quantityAt, textAt } from "./json.ts";

/** `POST …/chat/completions`. */
export const openaiChat: Dialect = {
  name: "openai.chat",
  speaks: (path) => path.endsWith("/chat/completions"),
  exchange: (request, estimating) => exchangeOf(request, estimating),
};

function exchangeOf({ body }: ProviderRequest, { estimator, outputTokens }: Estimating): Exchange {
  const input = countPrompt(estimator, promptOf(body));
  const choices = quantityAt(body, "n") ?? 1;
  const bound = quantityAt(body, "max_completion_tokens") ?? quantityAt(body, "max_tokens");
  const tier = textAt(body, "service_tier");
  const isStream = body["stream"] === true;
  const asksUsage = objectAt(body, "stream_options")["include_usage"] === true;
  return {
    kind: "chat",
    model: textAt(body, "model"),
    ...(tier === undefined || tier === "auto" || tier === "default"
      ? {}
      : { attributes: { tier } }),
    estimate: {
      input_text: estimator.safe(input),
      output_text: (bound ?? outputTokens("chat")) * choices,
    },
    input: { input_text: input },
    ...(isStream && !asksUsage ? { changedBody: askingUsage(body) } : {}),
    read: () => new ChatReader(estimator, { choices, hidesUsage: isStream && !asksUsage }),
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

/** OpenAI's `usage` of a chat in exclusive buckets; undefined where it says no figure. */
function chatUsage(usage: unknown): Usage | undefined {
  const input = quantityAt(usage, "prompt_tokens");
  const output = quantityAt(usage, "completion_tokens");
  if (input === undefined && output === undefined) return undefined;
  const put = objectAt(usage, "prompt_tokens_details");
  const out = objectAt(usage, "completion_tokens_details");
  return addUsage(
    exclusive(input ?? 0, "input_text", {
      cache_read: quantityAt(put, "cached_tokens") ?? quantityAt(usage, "prompt_cache_hit_tokens"),
      cache_write_5m: quantityAt(put, "cache_write_tokens"),
      input_audio: quantityAt(put, "audio_tokens"),
      input_image: quantityAt(put, "image_tokens"),
    }),
    exclusive(output ?? 0, "output_text", {
      output_reasoning: quantityAt(out, "reasoning_tokens"),
      output_audio: quantityAt(out, "audio_tokens"),
      output_image: quantityAt(out, "image_tokens"),
    }),
  );
}

class ChatReader implements AnswerReader {
  readonly #estimator: Estimating["estimator"];
  readonly #hidesUsage: boolean;
  #usage: Usage | undefined;
  #texts: string[] = [];
  readonly #choices: number;
  #finished = 0;
  #isDone = false;
  #response: string | undefined;
  #model: string | undefined;

  constructor(
    estimator: Estimating["estimator"],
    { choices, hidesUsage }: { readonly choices: number; readonly hidesUsage: boolean },
  ) {
    this.#estimator = estimator;
    this.#choices = choices;
    this.#hidesUsage = hidesUsage;
  }

  event(data: string): "keep" | "hide" {
    if (data.trim() === "[DONE]") {
      this.#isDone = true;
      return "keep";
    }
    const chunk = parsed(data);
    if (!isJson(chunk)) return "keep";
    this.#read(chunk, "delta");
    const isUsageAlone = listAt(chunk, "choices").length === 0 && isJson(chunk["usage"]);
    return isUsageAlone && this.#hidesUsage ? "hide" : "keep";
  }

  body(body: unknown): void {
    if (!isJson(body)) return;
    this.#read(body, "message");
    this.#isDone = this.#finished > 0 || this.#usage !== undefined;
  }

  get isNearlyWhole(): boolean {
    return this.#finished >= this.#choices;
  }

  evidence(): Evidence {
    const isWhole = this.#isDone || this.isNearlyWhole;
    const output = this.#estimator.count(this.#texts.join(""));
    return {
      usage: this.#usage,
      isUsageRunning: !isWhole,
      delivered: output === 0 ? {} : { output_text: output },
      isWhole,
      response: this.#response,
      model: this.#model,
    };
  }

  #read(chunk: Json, part: "delta" | "message"): void {
    this.#response ??= textAt(chunk, "id");
    this.#model ??= textAt(chunk, "model");
    this.#usage = chatUsage(chunk["usage"]) ?? this.#usage;
    for (const choice of listAt(chunk, "choices")) {
      if (textAt(choice, "finish_reason") !== undefined) this.#finished += 1;
      const said = objectAt(choice, part);
      for (const name of ["content", "reasoning_content", "reasoning", "refusal"]) {
        const text = textAt(said, name);
        if (text !== undefined && text !== "") this.#texts.push(text);
      }
      for (const call of listAt(said, "tool_calls")) {
        const { name, arguments: given } = objectAt(call, "function");
        if (typeof name === "string") this.#texts.push(name);
        if (typeof given === "string") this.#texts.push(given);
      }
    }
  }
}
