import type { Attempt } from "./history/log.ts";
import type { Storm } from "./storm.ts";
import type { Operation } from "./load/operation.ts";

/** What a storm was like, so that a verdict of "nothing found" can be weighed. */
export interface Figures {
  /** Different operations that were acknowledged. */
  readonly acknowledged: number;
  /** Events in the journals. */
  readonly events: number;
  /** Calls that were refused with a reason that was then checked. */
  readonly refusals: number;
  /** Strict reads that were checked. */
  readonly reads: number;
  /** Calls that got no decision: the node was dead, asleep, or without a database. */
  readonly unanswered: number;
  /** Operations that were acknowledged after a call for them had got no decision. */
  readonly recovered: number;
  /** Acknowledgements beyond the first of an operation: each was the same. */
  readonly repeated: number;
  /** Operations that were acknowledged, and under way in the moment of a strike. */
  readonly underWay: number;
  /** Answers of a node that was stopped between the question and the answer. */
  readonly late: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly silenceMs: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** Counts them. */
export function figuresOf({ history, faults, struckAt, silenceMs, seconds }: Storm): Figures {
  const { attempts, readings, journals } = history;
  const acknowledged = new Set<Operation>();
  const lost = new Set<Operation>();
  const recovered = new Set<Operation>();
  const counts = { refusals: 0, unanswered: 0, acknowledgements: 0, late: 0 };
  for (const { operation, outcome, isLate } of attempts) {
    if (isLate && outcome.kind !== "unanswered") counts.late += 1;
    switch (outcome.kind) {
      case "acknowledged":
        counts.acknowledgements += 1;
        if (!acknowledged.has(operation) && lost.has(operation)) recovered.add(operation);
        acknowledged.add(operation);
        break;
      case "refused":
        counts.refusals += 1;
        break;
      case "unanswered":
        counts.unanswered += 1;
        lost.add(operation);
    }
  }
  const struck: Record<string, number> = {};
  for (const { kind } of faults) struck[kind] = (struck[kind] ?? 0) + 1;
  return {
    acknowledged: acknowledged.size,
    events: journals.reduce((sum, { facts }) => sum + facts.length, 0),
    refusals: counts.refusals,
    reads: readings.length,
    unanswered: counts.unanswered,
    recovered: recovered.size,
    repeated: counts.acknowledgements - acknowledged.size,
    underWay: underWayAt(struckAt, attempts, acknowledged),
    late: counts.late + readings.filter(({ isLate }) => isLate).length,
    faults: struck,
    silenceMs,
    seconds: Math.round(seconds),
  };
}

function underWayAt(
  struckAt: readonly number[],
  attempts: readonly Attempt[],
  acknowledged: ReadonlySet<Operation>,
): number {
  const struck = new Set<Operation>();
  for (const { operation, invokedAt, answeredAt } of attempts)
    if (acknowledged.has(operation) && struckAt.some((at) => invokedAt < at && at < answeredAt))
      struck.add(operation);
  return struck.size;
}
