/**
 * Asks of every accepted answer: does its event stand at exactly its place, in exactly its words, and was it durable before
 * anybody heard of it? Is it what was asked for, under that key and with that body? And of every key: one effect, one answer.
 */
import type { Answer } from "cistern/engine";
import type { Call } from "../history/call.ts";
import { textOf } from "../history/text-of.ts";
import { carriesOut } from "./claims.ts";
import { type Placed, type Timeline, eventAt, told } from "./timeline.ts";
import type { Violation } from "./violation.ts";

/** An accepted answer with the event that it is, on the timeline where it stands. */
export interface Grounded {
  readonly call: Call;
  readonly answeredUs: number;
  readonly isReplayed: boolean;
  readonly timeline: Timeline;
  readonly placed: Placed;
}

type Accepted = Extract<Answer, { kind: "accepted" }>;
type CommandAsk = Extract<Call["ask"], { kind: "command" }>;

/** A call that was answered. */
export interface Answered<Kind extends Answer["kind"]> {
  readonly call: Call;
  readonly ask: CommandAsk;
  readonly answeredUs: number;
  readonly answer: Extract<Answer, { kind: Kind }>;
}

/** Calls that were answered with one kind of answer. */
export function answeredWith<Kind extends Answer["kind"]>(
  calls: readonly Call[],
  kind: Kind,
): Answered<Kind>[] {
  const isKind = (answer: Answer): answer is Extract<Answer, { kind: Kind }> =>
    answer.kind === kind;
  return calls.flatMap((call) => {
    const { ask, reply, answeredUs } = call;
    if (ask.kind !== "command" || reply?.kind !== "answer" || answeredUs === undefined) return [];
    return isKind(reply.answer) ? [{ call, ask, answeredUs, answer: reply.answer }] : [];
  });
}

/** Judges the accepted answers of one workspace; gives them with their events. */
export function judgeAnswers(
  calls: readonly Call[],
  timelines: readonly Timeline[],
  violations: Violation[],
): Grounded[] {
  const byKey = new Map<string, Call[]>();
  for (const call of calls) {
    const key = call.ask.kind === "command" ? call.ask.request.opId : null;
    if (key !== null) byKey.set(key, [...(byKey.get(key) ?? []), call]);
  }
  const all: Grounded[] = [];
  for (const { call, ask, answeredUs, answer } of answeredWith(calls, "accepted")) {
    const { workspaceId, opId } = ask.request;
    const tell = (text: string): void => {
      violations.push({ question: "answers", workspaceId, text: `call ${call.number} ${text}` });
    };
    const grounds = groundsOf(answer, timelines);
    const [ground] = grounds;
    if (ground === undefined) {
      tell(
        `was told of ${answer.event.kind} at ${told(answer.position)} (${answer.hash}), which is not there`,
      );
      continue;
    }
    const { placed } = ground;
    const { isReplayed } = answer;
    const committedUs = Math.min(...grounds.map((one) => one.placed.committed.committedUs));
    if (committedUs > answeredUs) tell(`was answered before ${told(placed.position)} was durable`);
    if (
      !isReplayed &&
      Math.max(...grounds.map((one) => one.placed.committed.committedUs)) < call.askedUs
    )
      tell(`was answered with ${told(placed.position)}, which was there before it was asked`);
    const sources = opId === null ? [call] : (byKey.get(opId) ?? []);
    if (!isReplayed && !carriesOut(placed.event, ask.request.command))
      tell(
        `asked ${ask.request.command.kind} and got ${placed.event.kind} of ${told(placed.position)}`,
      );
    if (!sources.some((one) => isSource(one, call, placed)))
      tell(
        `was answered with ${told(placed.position)}, which no call with its key and body asked for`,
      );
    for (const { timeline, placed: there } of grounds)
      all.push({ call, answeredUs, isReplayed, timeline, placed: there });
  }
  return all;
}

/** Timelines that have this event at this place; the one that stands first. */
function groundsOf(
  answer: Accepted,
  timelines: readonly Timeline[],
): { timeline: Timeline; placed: Placed }[] {
  const text = textOf(answer.event);
  return timelines.toReversed().flatMap((timeline) => {
    const placed = eventAt(timeline, answer.position);
    if (placed?.text !== text) return [];
    return placed.committed.row.hash.startsWith(answer.hash) ? [{ timeline, placed }] : [];
  });
}

/** Whether a call with the same key and the same body may have led to the event. */
function isSource(source: Call, { ask }: Call, { event }: Placed): boolean {
  if (source.ask.kind !== "command" || ask.kind !== "command") return false;
  const { fingerprint, command } = source.ask.request;
  return fingerprint === ask.request.fingerprint && carriesOut(event, command);
}
