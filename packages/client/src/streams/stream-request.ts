import type { HoldRequest, Outcome, Usage } from "@cistern/contract";
import type { CisternProblem, CisternUnavailable } from "../errors.ts";
import type { SliceTerms } from "./stream-slices.ts";

/**
 * What happens when what is approved is used up and no more is: `stop` aborts the stream; `finish` lets it go on, and what it uses beyond is
 * charged above the hold; `downgrade` and `redirect` abort it and name the model to go on with, or where to top up.
 */
export type FinalAction =
  | { readonly kind: "stop" }
  | { readonly kind: "finish" }
  | { readonly kind: "downgrade"; readonly model: string }
  | { readonly kind: "redirect"; readonly url: string };

/** A call whose length nobody knows. */
export interface StreamRequest
  extends Omit<HoldRequest, "credits" | "estimate" | "meter">, SliceTerms {
  readonly meter: string;
  /** Default `{ kind: "stop" }`. */
  readonly onFinal?: FinalAction;
  /**
   * Settles with each slice what was delivered by then, so that a process that dies has charged it. Default `false`: all is settled in the
   * end. What was settled in parts is not taken back where the provider tells less in the end.
   */
  readonly parts?: boolean;
}

/** Options of `reserveStream`. */
export interface StreamOptions {
  /** Aborts the stream's signal too; the stream is still to be ended. */
  readonly signal?: AbortSignal | undefined;
}

/** How a stream ended. Without `usage` it is reckoned: the input, and the output that was delivered. */
export interface StreamEnd {
  readonly usage?: Usage;
  readonly outcome?: Outcome;
  readonly model?: string;
  readonly estimated?: boolean;
  readonly response?: string;
}

/** Why a stream's signal aborts: what was approved is used up, and why there is no more. */
export class StreamFinal extends Error {
  readonly action: FinalAction;
  readonly why: CisternProblem | CisternUnavailable;

  constructor(action: FinalAction, why: CisternProblem | CisternUnavailable) {
    super(`What was approved of this stream is used up. ${why.message}`, { cause: why });
    this.name = "StreamFinal";
    this.action = action;
    this.why = why;
  }
}
