// Owns: one approved call until its one end.
// C1: exactly one end; whoever comes second changes nothing. C2: the hold is told what was used in the buckets that its price knows.
import type { Usage } from "@cistern/contract";
import type { AuthorizedHold, Deferred, Spent } from "../cistern.ts";
import { callUsage } from "./buckets.ts";
import type { MeteredRequest } from "./metered-request.ts";
import { type Ending, type Evidence, type Stop, endingOf } from "./ending.ts";
import { reroutedModel } from "./rerouted-model.ts";

/** What a call stands on. */
export interface MeteredCallParts {
  readonly hold: AuthorizedHold<Deferred>;
  readonly request: MeteredRequest;
  /** The buckets that its price knows; undefined: as they come. */
  readonly buckets: readonly string[] | undefined;
  /** The model that answered is said where it is another. */
  readonly chargesAnswered: boolean;
  /** Told of usage that the provider told. */
  readonly ended: (estimate: Usage, used: Usage) => void;
  /** Takes over the work that is left when the caller goes on. */
  readonly track: (work: Promise<void>) => void;
}

/** A call that may be made. Mutable: it ends once. */
export class MeteredCall {
  readonly hold: AuthorizedHold<Deferred>;
  readonly request: MeteredRequest;
  readonly #parts: MeteredCallParts;
  #ending: Ending | undefined;

  constructor(parts: MeteredCallParts) {
    this.#parts = parts;
    this.hold = parts.hold;
    this.request = parts.request;
  }

  /** How it ended; undefined: it has not. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Waits with the collector's `idle` for work that comes before the end. */
  until(work: Promise<void>): void {
    this.#parts.track(work);
  }

  /** Ends the call by what was seen of it, in the background. Only the first end counts. */
  end(evidence: Evidence, stop: Stop): void {
    if (this.#ending !== undefined) return;
    const ending = endingOf(evidence, this.request.input, stop);
    this.#ending = ending;
    this.#parts.track(this.#carryOut(ending, evidence));
  }

  async #carryOut(ending: Ending, evidence: Evidence): Promise<void> {
    if (ending.kind === "release") {
      await this.hold.release();
      return;
    }
    const { usage, outcome, isEstimated } = ending;
    const { buckets, chargesAnswered, ended } = this.#parts;
    const { credits } = this.request;
    if (credits !== undefined) {
      await this.hold.settle({ credits, outcome });
      return;
    }
    if (!isEstimated) ended(this.request.estimate, usage);
    const model = chargesAnswered ? reroutedModel(this.request.model, evidence.model) : undefined;
    const response = evidence.response ?? "";
    const spent: Spent = {
      // Without a price known, that of the debit decides whether a call is a request (`offline/replay.ts`).
      usage:
        this.hold.isOffline && buckets === undefined
          ? { requests: 1, ...usage }
          : callUsage(usage, buckets),
      outcome,
      ...(model === undefined || model.length > nameCharactersMax ? {} : { model }),
      ...(isEstimated ? { estimated: true } : {}),
      ...(responsePattern.test(response) ? { response } : {}),
    };
    await this.hold.settle(spent);
  }
}

/** As much of a provider's own words as the contract takes: what is none of that must not keep a call from being settled. */
const nameCharactersMax = 128;
const responsePattern = /^[ -~]{1,128}$/;
