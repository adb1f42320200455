/**
 * Asks of every event: is its instant one that its node's clock showed, or the instant of the event before it (RULES 21)? And
 * of every node that learned that its clock is wrong: did it stop deciding until it learned that it is right?
 */
import type { Call, ClockCompared, History } from "../history/call.ts";
import type { Grounded } from "./judge-answers.ts";
import { happensByItself } from "./happens-by-itself.ts";
import { type Timeline, told } from "./timeline.ts";
import type { Violation } from "./violation.ts";

/** Farther than this from the database's clock a node stops deciding. */
const guardMs = 500;

/** Judges the instants of one workspace's events, and who decided with which clock. */
export function judgeClocks(
  history: History,
  startMs: number,
  grounded: readonly Grounded[],
  violations: Violation[],
): void {
  for (const { call, answeredUs, isReplayed, timeline, placed } of grounded) {
    if (isReplayed) continue;
    const { workspaceId } = timeline;
    const at = placed.event.at;
    const before = timeline.events[placed.ordinal - 1]?.event.at ?? 0;
    const [low, high] = shown(history, startMs, call, answeredUs);
    if (at === before || (at >= low && at <= high && at >= before)) continue;
    const text = `${told(placed.position)} is of ${at}; the clock of ${call.node} showed ${low} to ${high}, the event before is of ${before}`;
    violations.push({ question: "clocks", workspaceId, text });
  }
}

/** No event is later than any clock of its writer ever showed before it was durable, unless the one before it was. */
export function judgeLateness(
  history: History,
  startMs: number,
  timeline: Timeline,
  violations: Violation[],
): void {
  const { workspaceId } = timeline;
  let before = 0;
  for (const { event, position, committed } of timeline.events) {
    const { committedUs, row } = committed;
    const aheadMs = aheadUntil(history, row.writer, 0, committedUs);
    const latest = Math.max(
      before,
      startMs + Math.floor(committedUs / 1_000) + Math.max(...aheadMs),
    );
    before = Math.max(before, event.at);
    if (event.at <= latest || happensByItself(event)) continue;
    const text = `${told(position)} is of ${event.at}, later than ${row.writer} ever saw: ${latest}`;
    violations.push({ question: "clocks", workspaceId, text });
  }
}

/** A node whose last comparison said that its clock is wrong answers nothing by it. */
export function judgeGuard(history: History, violations: Violation[]): void {
  const byNode = new Map<string, ClockCompared[]>();
  for (const one of history.compared) byNode.set(one.node, [...(byNode.get(one.node) ?? []), one]);
  for (const call of history.calls) {
    if (!decides(call)) continue;
    const compared = byNode.get(call.node) ?? [];
    const last = compared.findLast(({ atUs }) => atUs < call.askedUs);
    const since = compared.filter(
      ({ atUs }) => atUs >= call.askedUs && atUs <= (call.answeredUs ?? 0),
    );
    const isNewLife = history.starts.some(
      ({ node, atUs }) =>
        node === call.node && atUs > (last?.atUs ?? 0) && atUs <= (call.answeredUs ?? 0),
    );
    const isWrong =
      (last?.distanceMs ?? 0) > guardMs && since.every((one) => one.distanceMs > guardMs);
    if (!isWrong || isNewLife) continue;
    const workspaceId = call.ask.kind === "command" ? call.ask.request.workspaceId : "";
    const text = `${call.node} decided call ${call.number} though its clock was ${last?.distanceMs} ms off`;
    violations.push({ question: "clocks", workspaceId, text });
  }
}

function decides({ reply }: Call): boolean {
  if (reply?.kind !== "answer") return false;
  return reply.answer.kind === "accepted"
    ? !reply.answer.isReplayed
    : reply.answer.kind === "rejected";
}

/** A batch keeps the instant of its first decisions though the clock is set back; it lives no longer than this. */
const batchLifeUs = 5_000_000;

/** The lowest and the highest that a node's clock showed while it had a call, and the batch that the call came into. */
function shown(
  history: History,
  startMs: number,
  { node, askedUs }: Call,
  answeredUs: number,
): [number, number] {
  const during = aheadUntil(history, node, askedUs, answeredUs);
  const before = aheadUntil(history, node, askedUs - batchLifeUs, answeredUs);
  return [
    startMs + Math.floor(askedUs / 1_000) + Math.min(...during),
    startMs + Math.floor(answeredUs / 1_000) + Math.max(...before),
  ];
}

/** How far a node's clock was ahead, at one time or another of an interval. */
function aheadUntil({ clocks }: History, node: string, fromUs: number, untilUs: number): number[] {
  const own = clocks.filter((one) => one.node === node && one.atUs <= untilUs);
  const first = own.findLastIndex(({ atUs }) => atUs <= fromUs);
  return own.slice(Math.max(0, first)).map(({ aheadMs }) => aheadMs);
}
