// Owns: Anthropic's messages, as its SDK, Vertex and compatible servers speak them. A1: usage is exclusive already, and running: of each
// figure the last word counts. A2: an event that only has output in it is not parsed.
import type { Usage } from "@cistern/contract";
import { type Estimator, countPrompt } from "../estimates/estimator.ts";
import { type Prompt, PromptReader } from "../estimates/prompt.ts";
import { addUsage, inputOf, withoutZeros } from "../metering/buckets.ts";
import type { Evidence } from "../metering/ending.ts";
import { Delivered, type TextForm } from "./delivered.ts";
import type { AnswerReader, Dialect, Estimating, Exchange, ProviderRequest } from "./dialect.ts";
import { exclusive } from "./inclusive.ts";
import {
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
import { cacheWrites } from "./openai-usage.ts";
import { tierOf } from "./tier.ts";

/** `POST …/v1/messages`; on Vertex the model stands in the path. */
export const anthropicMessages: Dialect = {
  name: "anthropic.messages",
  speaks: (path) => path.endsWith("/v1/messages") || onVertex.test(path),
  exchange: (request, estimating) => exchangeOf(request, estimating),
};

const onVertex = /\/anthropic\/models\/[^/:]+:(stream)?rawpredict$/;

function exchangeOf(
  { body, path }: ProviderRequest,
  { estimator, outputTokens }: Estimating,
): Exchange {
  const input = countPrompt(estimator, promptOf(body));
  const output = quantityAt(body, "max_tokens") ?? outputTokens("chat");
  return {
    kind: "chat",
    model: textAt(body, "model") ?? modelInPath(path),
    ...tierOf(body),
    estimate: { input_text: estimator.safe(input), output_text: output },
    input: { input_text: input },
    isStream: body["stream"] === true,
    read: () => new MessageReader(estimator, output),
  };
}

function promptOf(body: Json): Prompt {
  const prompt = new PromptReader();
  readContent(prompt, body["system"]);
  for (const message of listAt(body, "messages")) {
    prompt.message();
    readContent(prompt, isJson(message) ? message["content"] : undefined);
  }
  for (const tool of listAt(body, "tools")) prompt.json(tool);
  prompt.json(objectAt(body, "output_config")["format"]);
  return prompt;
}

const nestingMax = 8;

function readContent(prompt: PromptReader, content: unknown, depth = 0): void {
  prompt.text(content);
  if (!Array.isArray(content) || depth > nestingMax) return;
  for (const block of content) {
    const type = textAt(block, "type") ?? "";
    if (type === "image" || type === "document" || type.endsWith("_upload")) prompt.attachment();
    else if (isJson(block) && block["content"] !== undefined)
      readContent(prompt, block["content"], depth + 1);
    else if (isJson(block) && isJson(block["input"])) prompt.json(block["input"]);
    else prompt.text(textAt(block, "text") ?? textAt(block, "thinking"));
  }
}

/** Anthropic's `usage` in buckets; undefined where it says no figure, or zeros alone. */
function messageUsage(usage: unknown): Usage | undefined {
  const input = quantityAt(usage, "input_tokens");
  const output = quantityAt(usage, "output_tokens");
  if (input === undefined && output === undefined) return undefined;
  const written = objectAt(usage, "cache_creation");
  const [short, long] = [
    quantityAt(written, "ephemeral_5m_input_tokens") ?? 0,
    quantityAt(written, "ephemeral_1h_input_tokens") ?? 0,
  ];
  const total = quantityAt(usage, "cache_creation_input_tokens") ?? short + long;
  const tools = objectAt(usage, "server_tool_use");
  const own: Usage = {
    input_text: input ?? 0,
    cache_read: quantityAt(usage, "cache_read_input_tokens") ?? 0,
    ...cacheWrites(total, Math.min(long, total)),
    ...exclusive(output ?? 0, "output_text", {
      output_reasoning: quantityAt(objectAt(usage, "output_tokens_details"), "thinking_tokens"),
    }),
    tool_calls_web_search: quantityAt(tools, "web_search_requests") ?? 0,
    tool_calls_web_fetch: quantityAt(tools, "web_fetch_requests") ?? 0,
  };
  // A summary of what was said before is made by calls of its own, which the totals leave out.
  const summaries = listAt(usage, "iterations").filter(
    (each) => textAt(each, "type") === "compaction",
  );
  const used = withoutZeros(
    summaries.reduce<Usage>((sum, each) => addUsage(sum, messageUsage(each) ?? {}), own),
  );
  return Object.keys(used).length === 0 ? undefined : used;
}

/** A2. */
const textAlone: TextForm = {
  bucket: "output_text",
  before: '"delta":{"type":"text_delta","text":"',
  after: "}",
};

class MessageReader implements AnswerReader {
  readonly #outputHeld: number;
  readonly #delivered: Delivered;
  /** A1: the last word on each figure. */
  #told: Json = {};
  #isTold = false;
  #hasStopped = false;
  #hasFailed = false;
  #response: string | undefined;
  #model: string | undefined;

  constructor(estimator: Estimator, outputHeld: number) {
    this.#outputHeld = outputHeld;
    this.#delivered = new Delivered(estimator, readOutput);
  }

  event(data: string, name: string): "keep" {
    if (name === "content_block_delta" || data.startsWith('{"type":"content_block_delta"')) {
      this.#delivered.textOf(data, textAlone);
      return "keep";
    }
    const event = parsed(data);
    switch (textAt(event, "type") ?? name) {
      case "message_start":
        this.#begin(objectAt(event, "message"));
        break;
      case "message_delta":
        this.#hear(objectAt(event, "usage"));
        if (textAt(objectAt(event, "delta"), "stop_reason") !== undefined) this.#hasStopped = true;
        this.#isTold ||= quantityAt(objectAt(event, "usage"), "output_tokens") !== undefined;
        break;
      case "message_stop":
        this.#hasStopped = true;
        break;
      case "error":
        this.#hasFailed = true;
        break;
      default:
        this.#delivered.now(event);
    }
    return "keep";
  }

  body(body: unknown, isEnded: boolean): void {
    if (body === undefined) {
      this.#delivered.unread(this.#outputHeld);
      this.#hasStopped = isEnded;
    }
    if (textAt(body, "type") === "error" || !isJson(body)) return;
    this.#begin(body);
    this.#isTold = messageUsage(body["usage"]) !== undefined;
    this.#hasStopped = Array.isArray(body["content"]) || this.#isTold;
    for (const block of listAt(body, "content")) this.#delivered.now({ delta: block });
  }

  get isNearlyWhole(): boolean {
    return this.#hasStopped;
  }

  get isUsageTold(): boolean {
    return this.#isTold;
  }

  evidence(): Evidence {
    const usage = messageUsage(this.#told);
    const isTold = this.#isTold && usage !== undefined;
    return {
      // Before its last word it knows what went in, and speaks of one token of output whatever comes.
      usage: isTold || usage === undefined ? usage : inputOf(usage),
      isUsageRunning: !isTold,
      delivered: isTold ? {} : this.#delivered.usage(),
      isWhole: this.#hasStopped,
      hasFailed: this.#hasFailed,
      response: this.#response,
      model: this.#model,
    };
  }

  #begin(message: Json): void {
    this.#response ??= textAt(message, "id");
    this.#model = textAt(message, "model") ?? this.#model;
    this.#hear(objectAt(message, "usage"));
  }

  #hear(usage: Json): void {
    const said = Object.entries(usage).filter(([, value]) => value !== null);
    this.#told = { ...this.#told, ...Object.fromEntries(said) };
  }
}

/** Of one event, or of a block of an answer in one piece as if it were one. */
function readOutput(event: Json, delivered: Delivered): void {
  const block = objectAt(event, "content_block");
  const delta = objectAt(event, "delta");
  delivered.text("output_text", block["name"] ?? delta["name"]);
  delivered.text("output_text", delta["text"]);
  delivered.text("output_text", delta["partial_json"]);
  delivered.text("output_reasoning", delta["thinking"]);
  if (isJson(delta["input"])) delivered.text("output_text", jsonText(delta["input"]));
  for (const tool of [block, delta]) {
    const name = textAt(tool, "name");
    if (
      textAt(tool, "type") === "server_tool_use" &&
      (name === "web_search" || name === "web_fetch")
    )
      delivered.count(`tool_calls_${name}`);
  }
}
