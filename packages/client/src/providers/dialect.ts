// What the providers' protocols have in common, as far as metering goes. A dialect knows one kind of request and its answers.
import type { Usage } from "@cistern/contract";
import type { Evidence } from "../metering/ending.ts";
import type { MeteredKind } from "../metering/metered-request.ts";
import type { Estimator } from "../estimates/estimator.ts";
import type { Json } from "./json.ts";

/** A request to a provider. */
export interface ProviderRequest {
  /** The path of its URL, as the caller wrote it. */
  readonly path: string;
  /** Its body: JSON, or the fields of a form, with files as `{ size }`. */
  readonly body: Json;
}

/** What a dialect estimates with. */
export interface Estimating {
  readonly estimator: Estimator;
  /** Tokens of output where the request names no bound. */
  readonly outputTokens: (kind: MeteredKind) => number;
}

/** A request that was understood. */
export interface Exchange {
  readonly kind: MeteredKind;
  readonly model: string | undefined;
  readonly attributes?: Readonly<Record<string, string>>;
  /** What to hold. */
  readonly estimate: Usage;
  /** What goes in, likeliest. */
  readonly input: Usage;
  /** The answer was asked for as a stream of events. */
  readonly isStream?: boolean;
  /** The body to send in place of the one that came, so that the provider tells its usage. */
  readonly changedBody?: Json;
  /** Reads the answer. */
  read(): AnswerReader;
}

/** Reads an answer as it passes. Mutable, for one answer; nothing that it is given makes it throw. */
export interface AnswerReader {
  /**
   * Takes one event of a stream.
   *
   * @returns whether the caller is to see it: `hide` what only an addition of ours brought
   */
  event(data: string, name: string): "keep" | "hide";
  /**
   * Takes an answer that came in one piece.
   *
   * @param body parsed where it is JSON, else its text; undefined where it is sound, or too large to be read
   * @param isEnded it ended by itself, and was not cut off
   */
  body(body: unknown, isEnded: boolean): void;
  /** All that is left to come of a stream is its usage: who stops reading now has had everything. */
  readonly isNearlyWhole: boolean;
  /** The provider has told its last word on the usage. */
  readonly isUsageTold: boolean;
  /** What was seen so far. */
  evidence(): Evidence;
}

/** A protocol. */
export interface Dialect {
  /** Such as `openai.chat`. */
  readonly name: string;
  /** Whether a POST to this path, in lower case, is in it. */
  speaks(path: string): boolean;
  exchange(request: ProviderRequest, estimating: Estimating): Exchange;
}
