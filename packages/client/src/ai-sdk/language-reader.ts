// Owns: what was seen of a language model's answer, in one piece or as it passes. R1: memory is bounded, however long the answer: its text is kept
// as `Delivered` keeps it, and the ids of the calls of tools that are being spelled out.
import type { Usage } from "@cistern/contract";
import { type Estimator, tokensPerAttachment } from "../estimates/estimator.ts";
import type { Evidence } from "../metering/ending.ts";
import { Delivered } from "../providers/delivered.ts";
import { isJson, listAt, objectAt, textAt } from "../providers/json.ts";
import { languageUsage } from "./language-usage.ts";

/** What is read of an answer in one piece. */
export interface Generated {
  readonly content: readonly unknown[];
  readonly usage: unknown;
  readonly response?: unknown;
}

/** What was seen of an answer that came in one piece. */
export function generatedEvidence(result: Generated, estimator: Estimator): Evidence {
  const reader = new LanguageReader(estimator);
  for (const item of listAt(result, "content")) reader.see(item);
  reader.see({ type: "finish", finishReason: { unified: "stop" }, usage: result.usage });
  return { ...reader.evidence(), ...answeredBy(result.response) };
}

const answeredBy = (response: unknown): Pick<Evidence, "response" | "model"> => ({
  response: textAt(response, "id"),
  model: textAt(response, "modelId"),
});

/** Reads the parts of one answer. Mutable. */
export class LanguageReader {
  readonly #delivered: Delivered;
  /** Calls of tools whose input was seen word by word: their `tool-call` repeats it. */
  readonly #spelled = new Set<string>();
  #outputs = 0;
  #usage: Usage | undefined;
  #finish: string | undefined;
  #answered: Pick<Evidence, "response" | "model"> = { response: undefined, model: undefined };

  constructor(estimator: Estimator) {
    this.#delivered = new Delivered(estimator, () => {});
  }

  /** Whether its end was seen. */
  get isOver(): boolean {
    return this.#finish !== undefined;
  }

  /** How many pieces of output were. */
  get outputs(): number {
    return this.#outputs;
  }

  /** Takes a part of a stream, or of the content. */
  see(part: unknown): void {
    if (!isJson(part)) return;
    switch (part["type"]) {
      case "text-delta":
      case "reasoning-delta":
      case "tool-input-delta":
        this.#text(part["delta"]);
        break;
      case "text":
      case "reasoning":
        this.#text(part["text"]);
        break;
      case "tool-input-start":
        if (typeof part["id"] === "string") this.#spelled.add(part["id"]);
        this.#text(part["toolName"]);
        break;
      case "tool-call":
        if (this.#spelled.delete(textAt(part, "toolCallId") ?? "")) break;
        this.#text(part["toolName"]);
        this.#text(part["input"]);
        break;
      case "file":
      case "reasoning-file":
        this.#outputs += 1;
        this.#delivered.count("output_image", tokensPerAttachment);
        break;
      case "response-metadata":
        this.#answered = answeredBy(part);
        break;
      case "finish":
        this.#finish = textAt(objectAt(part, "finishReason"), "unified") ?? "other";
        this.#usage = languageUsage(part["usage"]);
        break;
      default:
        break;
    }
  }

  evidence(): Evidence {
    const isWhole = this.#isWhole();
    return {
      usage: this.#usage,
      isUsageRunning: !isWhole,
      delivered: this.#delivered.usage(),
      isWhole,
      ...this.#answered,
    };
  }

  /** A stream that was cut off still has a `finish`: `interrupted`, `error`, or `other` without usage. */
  #isWhole(): boolean {
    switch (this.#finish) {
      case undefined:
      case "interrupted":
      case "error":
        return false;
      case "other":
        return this.#usage !== undefined;
      default:
        return true;
    }
  }

  #text(text: unknown): void {
    if (typeof text !== "string" || text === "") return;
    this.#outputs += 1;
    this.#delivered.text("output_text", text);
  }
}
