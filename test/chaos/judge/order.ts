/**
 * Owns real time (C5): whatever was answered before something was asked stands before it in the journal. One pass over the
 * invocations in the order of time, with the furthest place that had been answered by then.
 */
import { placeOf, printPlace } from "../history/journal.ts";
import type { Attempt, Reading } from "../history/log.ts";
import type { Operation } from "../load/operation.ts";
import type { Finding } from "./finding.ts";

/** One thing that took place between two instants, at a place of the journal. */
interface Span {
  readonly what: string;
  readonly from: number;
  readonly to: number;
  readonly place: number;
  /** An effect is an event of its own, so it stands behind the floor; a read or a refusal may stand on it. */
  readonly isEffect: boolean;
}

/** Checks the attempts and readings of one workspace. */
export function judgeOrder(
  workspace: string,
  attempts: readonly Attempt[],
  readings: readonly Reading[],
): Finding[] {
  const spans = [
    ...effects(attempts),
    ...refusals(attempts),
    ...readings.map(({ kind, node, invokedAt, answeredAt, answer }) => ({
      what: `${kind} read from ${node}`,
      from: invokedAt,
      to: answeredAt,
      place: placeOf(answer.at),
      isEffect: false,
    })),
  ];
  const answered = spans.toSorted((a, b) => a.to - b.to);
  const findings: Finding[] = [];
  let next = 0;
  let floor: Span | undefined;
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    for (let one = answered[next]; one !== undefined && one.to < span.from; one = answered[next]) {
      if (floor === undefined || one.place > floor.place) floor = one;
      next += 1;
    }
    if (floor === undefined) continue;
    if (span.isEffect ? span.place <= floor.place : span.place < floor.place)
      findings.push({
        rule: "C5",
        workspace,
        found: `${span.what} stands at ${printPlace(span.place)}, though ${floor.what} at ${printPlace(floor.place)} was answered ${Math.round(span.from - floor.to)} ms before it was asked for`,
      });
  }
  return findings;
}

/** From the first attempt to the first answer: in between the effect took place. */
function effects(attempts: readonly Attempt[]): Span[] {
  const from = new Map<Operation, number>();
  const spans = new Map<Operation, Span>();
  for (const { operation, invokedAt } of attempts)
    from.set(operation, Math.min(invokedAt, from.get(operation) ?? invokedAt));
  for (const { operation, answeredAt, node, outcome } of attempts) {
    const known = spans.get(operation);
    if (outcome.kind !== "acknowledged" || (known !== undefined && known.to <= answeredAt))
      continue;
    spans.set(operation, {
      what: `${operation.kind} ${operation.key ?? ""} by ${node}`,
      from: from.get(operation) ?? answeredAt,
      to: answeredAt,
      place: placeOf(outcome.answer.at),
      isEffect: true,
    });
  }
  return [...spans.values()];
}

/** Refusals name the head that they were proven against. */
function refusals(attempts: readonly Attempt[]): Span[] {
  return attempts.flatMap(({ operation, invokedAt, answeredAt, node, outcome }) => {
    if (outcome.kind !== "refused" || outcome.problem.at === undefined) return [];
    const { code, at } = outcome.problem;
    return {
      what: `${code} to ${operation.kind} ${operation.key ?? ""} by ${node}`,
      from: invokedAt,
      to: answeredAt,
      place: placeOf(at),
      isEffect: false,
    };
  });
}
