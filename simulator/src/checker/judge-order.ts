/**
 * Asks of each workspace's calls: is their order in the journal one that true time allows? What was answered before another
 * call began stands before it; what was proven was the head at some moment of its call. One pass over calls in order of time.
 */
import type { Position } from "@cistern/kernel";
import type { Call } from "../history/call.ts";
import { type Grounded, answeredWith } from "./judge-answers.ts";
import { type Placed, type Timeline, eventAt, isBefore, told } from "./timeline.ts";
import type { Violation } from "./violation.ts";

/** A refusal or a read: what it says it stood on, and when it was asked and answered. */
export interface Proven {
  readonly call: Call;
  readonly answeredUs: number;
  readonly at: Position;
}

/** Refusals and strict reads of the present. */
export function provenCalls(calls: readonly Call[]): Proven[] {
  const refusals = answeredWith(calls, "rejected").map(({ call, answeredUs, answer }) => ({
    call,
    answeredUs,
    at: answer.at,
  }));
  const reads = calls.flatMap((call) => {
    const { ask, reply, answeredUs } = call;
    if (ask.kind !== "read" || reply?.kind !== "read" || answeredUs === undefined) return [];
    if (reply.answer.kind !== "read" || ask.question.kind === "balanceAt") return [];
    return [{ call, answeredUs, at: reply.answer.at }];
  });
  return [...refusals, ...reads];
}

/** Judges one timeline: the answers that stand on it, and what was proven against it. */
export function judgeOrder(
  timeline: Timeline,
  grounded: readonly Grounded[],
  violations: Violation[],
): void {
  const { workspaceId } = timeline;
  const answers = grounded.filter((one) => one.timeline === timeline);
  const ends = answers.toSorted((a, b) => a.answeredUs - b.answeredUs);
  const starts = answers
    .filter(({ isReplayed }) => !isReplayed)
    .toSorted((a, b) => a.call.askedUs - b.call.askedUs);
  let known: { position: Position; call: number } | undefined;
  let heard = 0;
  for (const { call, placed } of starts) {
    for (
      let end = ends[heard];
      end !== undefined && end.answeredUs < call.askedUs;
      end = ends[heard]
    ) {
      const { position } = end.placed;
      if (known === undefined || isBefore(known.position, position))
        known = { position, call: end.call.number };
      heard += 1;
    }
    if (known === undefined || isBefore(known.position, placed.position)) continue;
    const text = `call ${call.number} stands at ${told(placed.position)}, and call ${known.call}, answered before it began, at ${told(known.position)}`;
    violations.push({ question: "order", workspaceId, text });
  }
}

/** Timelines on which something proven may stand: those that were there at some moment of the call. */
export function timelinesOf(
  { call, answeredUs }: Proven,
  timelines: readonly Timeline[],
): Timeline[] {
  return timelines.filter(
    ({ branch }) => branch.fromUs <= answeredUs && branch.untilUs >= call.askedUs,
  );
}

/** Whether a position was the head of its timeline at some moment of the call. */
export function wasHead(
  { call, answeredUs, at }: Proven,
  timeline: Timeline,
): { readonly isSo: boolean; readonly placed: Placed | undefined } {
  const placed = at.seq === 0 ? undefined : eventAt(timeline, at);
  if (placed === undefined) {
    const first = timeline.events[0];
    const isEmpty = at.seq === 0 && (first?.committed.committedUs ?? Infinity) >= call.askedUs;
    return { isSo: isEmpty, placed };
  }
  const next = nextRow(timeline, placed);
  const wasThere = placed.committed.committedUs <= answeredUs;
  // A failover ends a branch, with the last row that it had.
  const untilUs = Math.min(next?.committedUs ?? Infinity, timeline.branch.untilUs);
  return { isSo: wasThere && untilUs >= call.askedUs, placed };
}

function nextRow({ branch }: Timeline, { position }: Placed) {
  return branch.rows[position.seq];
}
