// Owns: OpenAI's images: made, edited and varied. I1: what is priced by the piece is counted by what came, what is priced by tokens by what the
// provider tells; where it does not, or was cut off, a picture takes what its quality takes at most. I2: pictures in a stream are not parsed before the last one.
import type { Usage } from "@cistern/contract";
import { type Estimator, countPrompt, tokensPerAttachment } from "../estimates/estimator.ts";
import { PromptReader } from "../estimates/prompt.ts";
import { addUsage } from "../metering/buckets.ts";
import type { Evidence } from "../metering/ending.ts";
import type { AnswerReader, Dialect, Exchange, ProviderRequest } from "./dialect.ts";
import { bounded, type Json, isJson, listAt, parsed, quantityAt, textAt } from "./json.ts";
import { imageUsage, responseUsage } from "./openai-usage.ts";

/** `POST …/images/generations`, `…/edits`, `…/variations`. */
export const openaiImages: Dialect = {
  name: "openai.images",
  speaks: (path) => /\/images\/(generations|edits|variations)$/.test(path),
  exchange: (request, { estimator }) => exchangeOf(request, estimator),
};

function exchangeOf({ body }: ProviderRequest, estimator: Estimator): Exchange {
  const prompt = new PromptReader();
  prompt.text(body["prompt"]);
  const text = countPrompt(estimator, prompt);
  const model = textAt(body, "model");
  const images = Math.max(quantityAt(body, "n") ?? 1, 1);
  const given = picturesIn(body) * tokensPerAttachment;
  const pixels = model?.startsWith("dall-e") === true ? 0 : outputTokensOf(body);
  const input: Usage = { input_text: text, ...(given === 0 ? {} : { input_image: given }) };
  return {
    kind: "image",
    model,
    ...attributesOf(body),
    estimate: {
      ...input,
      input_text: estimator.safe(text),
      images,
      ...(pixels === 0 ? {} : { output_image: bounded(pixels * images) }),
    },
    input,
    isStream: body["stream"] === true,
    read: () => new ImageReader(images, pictureOf(model, body)),
  };
}

function picturesIn(body: Json): number {
  const count = (value: unknown): number =>
    Array.isArray(value) ? value.length : value === undefined || value === null ? 0 : 1;
  return count(body["image"]) + count(body["images"]) + count(body["mask"]);
}

/** The most that one picture of a quality takes, as the provider publishes it for its largest size. */
export function outputTokensOf(body: Json): number {
  switch (textAt(body, "quality")) {
    case "low":
      return 408;
    case "medium":
      return 1_584;
    default:
      return 6_240;
  }
}

/** One picture whose usage nobody tells. Models that are priced by the piece never tell one. */
export function pictureOf(model: string | undefined, body: Json): Usage {
  const isByTokens = model?.includes("gpt-image") === true;
  return { images: 1, ...(isByTokens ? { output_image: outputTokensOf(body) } : {}) };
}

/** What prices of pictures differ by. */
function attributesOf(body: Json): {
  readonly attributes?: Readonly<Record<string, string>>;
} {
  const said = ["size", "quality"].flatMap((name) => {
    const value = textAt(body, name);
    return value === undefined || value === "auto" || value.length > attributeCharactersMax
      ? []
      : [[name, value] as const];
  });
  return said.length === 0 ? {} : { attributes: Object.fromEntries(said) };
}

const attributeCharactersMax = 64;

class ImageReader implements AnswerReader {
  readonly #asked: number;
  readonly #picture: Usage;
  #told: Usage | undefined;
  #images = 0;
  #hasPart = false;
  #isCut = false;
  #hasFailed = false;

  /** @param picture what one takes where nobody tells */
  constructor(asked: number, picture: Usage) {
    this.#asked = asked;
    this.#picture = picture;
  }

  event(data: string, name: string): "keep" {
    // I2. A picture is some MiB; what it is stands in the event's name or its first member.
    if (name.endsWith(".partial_image") || data.slice(0, 200).includes(".partial_image")) {
      this.#hasPart = true;
      return "keep";
    }
    const event = parsed(data);
    const type = textAt(event, "type") ?? name;
    if (type === "error" || (isJson(event) && isJson(event["error"]))) this.#hasFailed = true;
    if (!type.endsWith(".completed") || !isJson(event)) return "keep";
    this.#images += 1;
    this.#tell(imageUsage(event["usage"]));
    return "keep";
  }

  body(body: unknown, isEnded: boolean): void {
    this.#isCut = !isEnded;
    if (body === undefined) this.#images = this.#asked;
    if (!isJson(body)) return;
    this.#images = listAt(body, "data").length;
    // A drawing is written by a model of text, which is charged beside the pictures.
    this.#tell(imageUsage(body["usage"]));
    this.#tell(responseUsage(withReasoning(body["svg_usage"])));
  }

  #tell(usage: Usage | undefined): void {
    if (usage !== undefined) this.#told = addUsage(this.#told ?? {}, usage);
  }

  get isNearlyWhole(): boolean {
    return this.#images >= this.#asked;
  }

  get isUsageTold(): boolean {
    return this.isNearlyWhole;
  }

  evidence(): Evidence {
    const isWhole = this.isNearlyWhole || (this.#images > 0 && !this.#hasPart);
    // By the piece, the pictures themselves tell.
    const isTold = this.#told !== undefined || (!this.#isCut && !("output_image" in this.#picture));
    // A picture that was seen in parts was drawn whole by the provider.
    const seen = this.#images === 0 && this.#hasPart ? 1 : this.#images;
    return {
      usage:
        isTold && this.#images > 0
          ? addUsage({ images: this.#images }, this.#told ?? {})
          : undefined,
      isUsageRunning: false,
      delivered: times(this.#picture, seen),
      isWhole,
      hasFailed: this.#hasFailed,
      response: undefined,
      model: undefined,
    };
  }
}

/** So many of it. */
export function times(usage: Usage, count: number): Usage {
  const all = Object.entries(usage).map(
    ([bucket, each]) => [bucket, bounded(each * count)] as const,
  );
  return Object.fromEntries(all);
}

function withReasoning(usage: unknown): Json | undefined {
  if (!isJson(usage)) return undefined;
  return { ...usage, output_tokens_details: { reasoning_tokens: usage["reasoning_tokens"] } };
}
