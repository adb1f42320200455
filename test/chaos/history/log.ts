/** Owns what the callers know: what they asked, when, through which node, and what they were told. Only ever appended. */
import type { UnavailableReason } from "@cistern/client";
import type { Balance, Hold, Problem, ProblemCode } from "@cistern/contract";
import type { Answer, Operation } from "../load/operation.ts";

/** What a caller heard. `unanswered`: whether it had its effect is unknown. */
export type Outcome =
  | { readonly kind: "acknowledged"; readonly answer: Answer }
  | { readonly kind: "refused"; readonly problem: Problem }
  | {
      readonly kind: "unanswered";
      readonly reason: UnavailableReason;
      /** Where the server spoke, but did not decide. */
      readonly code: ProblemCode | undefined;
    };

/** Invocation and answer, in milliseconds on the one clock of our process. */
interface Span {
  readonly node: string;
  readonly invokedAt: number;
  readonly answeredAt: number;
  /** The node was stopped in between and spoke after it woke. */
  readonly isLate: boolean;
}

/** One call for an operation. */
export interface Attempt extends Span {
  readonly operation: Operation;
  /** No request through the same door was lost meanwhile, so that this outcome is all that came of the call. */
  readonly isClean: boolean;
  readonly outcome: Outcome;
}

/** One strict read. */
export type Reading = Span & { readonly workspace: string } & (
    | { readonly kind: "balance"; readonly answer: Balance }
    | { readonly kind: "hold"; readonly answer: Hold }
  );

/** A read of something acknowledged that was refused, which must not be. */
export interface RefusedReading {
  readonly workspace: string;
  readonly node: string;
  readonly problem: Problem;
}

/** The callers' log. */
export class Log {
  readonly attempts: Attempt[] = [];
  readonly readings: Reading[] = [];
  readonly refusedReadings: RefusedReading[] = [];
  readonly #acknowledged = new Set<Operation>();
  readonly #underWay = new Set<Operation>();

  /** Different operations that were acknowledged so far. */
  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** A settle or a debit is on its way: usage is never refused, so it will be acknowledged whatever strikes now. */
  get hasUsageUnderWay(): boolean {
    for (const { kind } of this.#underWay) if (kind === "settle" || kind === "debit") return true;
    return false;
  }

  noteInvoked(operation: Operation): void {
    this.#underWay.add(operation);
  }

  note(attempt: Attempt): void {
    this.attempts.push(attempt);
    this.#underWay.delete(attempt.operation);
    if (attempt.outcome.kind === "acknowledged") this.#acknowledged.add(attempt.operation);
  }

  noteRefusedReading(reading: RefusedReading): void {
    this.refusedReadings.push(reading);
  }

  noteReading(reading: Reading): void {
    this.readings.push(reading);
  }
}
