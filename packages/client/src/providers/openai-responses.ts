// Owns: OpenAI's responses. V1: the last event carries the usage; one that only has text in it is not parsed. V2: the model's own tokens, those
// of the image tool and the calls of the provider's tools stand apart. V3: a response in the background goes on without its reader: who leaves its
// stream is charged for all of it, as far as it can be told beforehand.
import type { Usage } from "@cistern/contract";
import { type Estimator, countPrompt } from "../estimates/estimator.ts";
import { type Prompt, PromptReader } from "../estimates/prompt.ts";
import { addUsage, withoutZeros } from "../metering/buckets.ts";
import type { Evidence } from "../metering/ending.ts";
import { Delivered, type TextForm } from "./delivered.ts";
import type { AnswerReader, Dialect, Estimating, Exchange, ProviderRequest } from "./dialect.ts";
import { type Json, isJson, listAt, objectAt, parsed, quantityAt, textAt } from "./json.ts";
import { imageUsage, responseUsage } from "./openai-usage.ts";
import { tierOf } from "./tier.ts";

/** `POST …/responses`, and `…/responses/compact`. */
export const openaiResponses: Dialect = {
  name: "openai.responses",
  speaks: (path) => path.endsWith("/responses") || path.endsWith("/responses/compact"),
  exchange: (request, estimating) => exchangeOf(request, estimating),
};

function exchangeOf({ body }: ProviderRequest, { estimator, outputTokens }: Estimating): Exchange {
  const input = countPrompt(estimator, promptOf(body));
  const output = quantityAt(body, "max_output_tokens") ?? outputTokens("chat");
  return {
    kind: "chat",
    model: textAt(body, "model"),
    ...tierOf(body),
    estimate: { input_text: estimator.safe(input), output_text: output },
    input: { input_text: input },
    isStream: body["stream"] === true,
    read: () =>
      new ResponseReader(estimator, { outputHeld: output, runsOn: body["background"] === true }),
  };
}

function promptOf(body: Json): Prompt {
  const prompt = new PromptReader();
  prompt.text(body["instructions"]);
  prompt.text(body["input"]);
  if (typeof body["input"] === "string") prompt.message();
  for (const item of listAt(body, "input")) {
    prompt.message();
    const content = isJson(item) ? (item["content"] ?? item["output"]) : item;
    if (Array.isArray(content)) for (const part of content) readPart(prompt, part);
    else if (content === undefined) prompt.json(item);
    else prompt.text(content);
  }
  for (const tool of listAt(body, "tools")) prompt.json(tool);
  prompt.json(objectAt(body, "text")["format"]);
  return prompt;
}

function readPart(prompt: PromptReader, part: unknown): void {
  const text = textAt(part, "text") ?? textAt(part, "refusal");
  if (text === undefined) prompt.attachment();
  else prompt.text(text);
}

/** What the provider does for a model while it answers, by the type of the item that tells of it. */
const providerTools: Readonly<Record<string, string>> = {
  web_search_call: "tool_calls_web_search",
  file_search_call: "tool_calls_file_search",
  code_interpreter_call: "tool_calls_code_interpreter",
  image_generation_call: "tool_calls_image_generation",
  mcp_call: "tool_calls_mcp",
};

/** V1. */
const textAlone: TextForm = { bucket: "output_text", before: '"delta":"', after: "" };

class ResponseReader implements AnswerReader {
  readonly #delivered: Delivered;
  readonly #outputHeld: number;
  /** V3. */
  readonly #runsOn: boolean;
  #usage: Usage | undefined;
  #isDone = false;
  #hasFailed = false;
  /** An item is over, and no other has begun. */
  #isBetweenItems = false;
  #response: string | undefined;
  #model: string | undefined;

  constructor(
    estimator: Estimator,
    { outputHeld, runsOn }: { readonly outputHeld: number; readonly runsOn: boolean },
  ) {
    this.#delivered = new Delivered(estimator, readOutput);
    this.#outputHeld = outputHeld;
    this.#runsOn = runsOn;
  }

  event(data: string, name: string): "keep" {
    if (name.endsWith(".delta") || data.startsWith('{"type":"response.output_text.delta"')) {
      this.#isBetweenItems = false;
      if (name === "response.output_text.delta") this.#delivered.textOf(data, textAlone);
      else if (name !== imageDelta) this.#delivered.later(data);
      return "keep";
    }
    // Pieces of a picture are large, and tell nothing.
    if (name === "response.image_generation_call.partial_image") return "keep";
    const event = parsed(data);
    const type = textAt(event, "type") ?? name;
    this.#isBetweenItems = type === "response.output_item.done" && isMessage(event);
    if (type === "response.completed" || type === "response.incomplete") this.#isDone = true;
    if (type === "error" || type === "response.failed") this.#hasFailed = true;
    if (isJson(event) && isJson(event["response"])) this.#read(event["response"]);
    else this.#delivered.now(event);
    return "keep";
  }

  body(body: unknown, isEnded: boolean): void {
    const status = textAt(body, "status");
    // What runs on behind its answer is fetched later, unmetered.
    if (body === undefined || status === "queued" || status === "in_progress") {
      this.#delivered.unread(this.#outputHeld);
      this.#response = textAt(body, "id");
      this.#isDone = isEnded;
      return;
    }
    if (!isJson(body)) return;
    this.#read(body);
    for (const item of listAt(body, "output")) this.#delivered.now({ item });
    this.#isDone =
      status !== "failed" && (Array.isArray(body["output"]) || this.#usage !== undefined);
  }

  get isNearlyWhole(): boolean {
    return this.#isDone || this.#isBetweenItems;
  }

  get isUsageTold(): boolean {
    return this.#usage !== undefined;
  }

  evidence(): Evidence {
    const hasEnd = this.#isDone || this.#hasFailed || this.#usage !== undefined;
    const isLeft = this.#runsOn && !hasEnd && this.#response !== undefined;
    const delivered = this.#usage === undefined ? this.#delivered.usage() : {};
    return {
      usage: this.#usage,
      isUsageRunning: false,
      delivered: isLeft ? atLeast(this.#outputHeld, delivered) : delivered,
      isWhole: this.#isDone || isLeft,
      hasFailed: this.#hasFailed,
      response: this.#response,
      model: this.#model,
    };
  }

  #read(response: Json): void {
    this.#response ??= textAt(response, "id");
    this.#model = textAt(response, "model") ?? this.#model;
    const usage = responseUsage(response["usage"]);
    if (usage !== undefined) this.#usage = addUsage(usage, toolsOf(response));
  }
}

const imageDelta = "response.image_generation_call.delta";
const isMessage = (event: unknown): boolean =>
  textAt(objectAt(event, "item"), "type") === "message";

/** V3. What was held for the output, or what came of it where that is more. */
function atLeast(outputHeld: number, delivered: Usage): Usage {
  const { output_text: text = 0, output_reasoning: thoughts = 0 } = delivered;
  return addUsage(delivered, { output_text: Math.max(0, outputHeld - text - thoughts) });
}

/** V2. What the provider counted itself goes before what is seen of it. */
function toolsOf(response: Json): Usage {
  const calls: Record<string, number> = {};
  for (const item of listAt(response, "output")) {
    const bucket = providerTools[textAt(item, "type") ?? ""];
    if (bucket !== undefined) calls[bucket] = (calls[bucket] ?? 0) + 1;
  }
  const told = objectAt(response, "tool_usage");
  const searches = quantityAt(objectAt(told, "web_search"), "num_requests");
  if (searches !== undefined) calls["tool_calls_web_search"] = searches;
  const pictures = imageUsage(told["image_gen"]) ?? {};
  return withoutZeros(addUsage(calls, pictures));
}

/** Of one event, or of an item of an answer in one piece. */
function readOutput(event: Json, delivered: Delivered): void {
  const type = textAt(event, "type") ?? "";
  if (type.endsWith(".delta")) {
    const bucket = type.includes("reasoning") ? "output_reasoning" : "output_text";
    delivered.text(bucket, event["delta"]);
    return;
  }
  const item = objectAt(event, "item");
  const tool = providerTools[textAt(item, "type") ?? ""];
  if (type === "response.output_item.done" || type === "") {
    if (tool !== undefined) delivered.count(tool);
  }
  // A call of a function says its name before its arguments.
  if (type === "response.output_item.added") delivered.text("output_text", item["name"]);
  if (type !== "") return;
  for (const part of listAt(item, "content")) delivered.text("output_text", textAt(part, "text"));
  for (const part of listAt(item, "summary"))
    delivered.text("output_reasoning", textAt(part, "text"));
  delivered.text("output_text", item["name"]);
  delivered.text("output_text", item["arguments"] ?? item["input"]);
}
