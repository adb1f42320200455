// Owns: a call that was asked for before it is made, so that who asks can still answer that it may not be.
// P1: one call takes it, of the meter, the model and the scope that it was held for; the next ones ask for themselves. P2: what nobody takes is released.
import type { Usage } from "@cistern/contract";
import type { Estimator } from "../estimates/estimator.ts";
import { countPrompt } from "../estimates/estimator.ts";
import { promptIn } from "../estimates/prompt.ts";
import { defaultEnvironment } from "../defaults.ts";
import { MeteredCall, type MeteredCallParts } from "./metered-call.ts";
import type { MeteredKind, MeteredRequest } from "./metered-request.ts";
import { type CallScope, isSameScope } from "./scope.ts";

/** A call that will be made, as far as it is known. */
export interface CallPreview {
  /** Default `chat`. */
  readonly kind?: MeteredKind;
  /** As the call will name it. */
  readonly model?: string;
  /** A text, or messages in any provider's form. */
  readonly prompt?: unknown;
  /** The bound on its output that the call will name; default what the collector holds for a call without one. */
  readonly maxOutputTokens?: number;
  /** What to hold, in place of what prompt and bound come to. */
  readonly estimate?: Usage;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** What is asked for a call that will be made. */
export function previewed(
  { kind = "chat", model, prompt, maxOutputTokens, estimate, attributes }: CallPreview,
  estimating: { readonly estimator: Estimator; outputTokens(kind: MeteredKind): number },
): MeteredRequest {
  const { estimator } = estimating;
  const tokens = countPrompt(estimator, promptIn(prompt));
  const output =
    kind === "chat" ? { output_text: maxOutputTokens ?? estimating.outputTokens(kind) } : {};
  return {
    kind,
    model,
    estimate: estimate ?? { input_text: estimator.safe(tokens), ...output },
    input: { input_text: tokens },
    ...(attributes === undefined ? {} : { attributes }),
  };
}

/** Mutable: it is taken or given back, once. */
export class HeldCall {
  readonly #meter: string;
  readonly #scope: CallScope;
  readonly #cancelTimer: () => void;
  #parts: MeteredCallParts | undefined;

  constructor(meter: string, scope: CallScope, parts: MeteredCallParts) {
    this.#meter = meter;
    this.#scope = scope;
    this.#parts = parts;
    this.#cancelTimer = defaultEnvironment.setTimer(unusedMsMax, () => this.release(), true);
  }

  /** The call that may be made, where it is this one's. */
  take(meter: string, scope: CallScope, request: MeteredRequest): MeteredCall | undefined {
    const parts = this.#parts;
    const isMeant = meter === this.#meter && request.model === parts?.request.model;
    if (parts === undefined || !isMeant || !isSameScope(scope, this.#scope)) return undefined;
    this.#parts = undefined;
    this.#cancelTimer();
    return new MeteredCall({
      ...parts,
      request: { ...request, estimate: parts.request.estimate },
    });
  }

  /** Gives it back, where nobody took it. */
  release(): void {
    const parts = this.#parts;
    if (parts === undefined) return;
    this.#parts = undefined;
    this.#cancelTimer();
    parts.track(
      (async () => {
        await parts.hold.release();
      })(),
    );
  }
}

/** Between an answer that it may be made and the call. A hold that is held on to for nothing is missing to others. */
const unusedMsMax = 60_000;
