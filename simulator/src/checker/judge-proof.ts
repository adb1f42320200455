/**
 * Asks of every refusal and every strict read: was it proven against a head that was the head during the call, had all that was
 * due happened there, and does a replay up to that very place give that very refusal, or that very value?
 *
 * One replay of each timeline, with its questions in the order of their places.
 */
import {
  Bug,
  type Command,
  type Event,
  type Position,
  type State,
  apply,
  decide,
  emptyState,
  instant,
  nextDue,
  recall,
  workspaceOf,
} from "@cistern/kernel";
import type { Call, Question } from "../history/call.ts";
import { textOf } from "../history/text-of.ts";
import { answerQuestion } from "../nodes/answer-question.ts";
import { rateCardAt } from "../nodes/node.ts";
import { utcCalendar } from "../world/utc-calendar.ts";
import { type Proven, timelinesOf, wasHead } from "./judge-order.ts";
import { type Placed, type Timeline, isBefore, told } from "./timeline.ts";
import type { Violation } from "./violation.ts";

const around = (at: number) => ({ calendar: utcCalendar, rateCard: rateCardAt(at) });

/** Judges what was proven, against every timeline that it may stand on: one must bear it out. */
export function judgeProof(
  proven: readonly Proven[],
  timelines: readonly Timeline[],
  violations: Violation[],
): void {
  const wrongs = new Map<Proven, string>();
  const right = new Set<Proven>();
  for (const timeline of timelines) {
    const replay = new Replay(timeline);
    const here = proven.filter((one) => timelinesOf(one, timelines).includes(timeline));
    for (const one of here.toSorted((a, b) => (isBefore(a.at, b.at) ? -1 : 1))) {
      const wrong = judgeOne(one, timeline, replay);
      if (wrong === undefined) right.add(one);
      else wrongs.set(one, wrong);
    }
  }
  for (const one of proven) {
    if (right.has(one)) continue;
    const { call, at } = one;
    const workspaceId = timelines[0]?.workspaceId ?? "";
    const text = `call ${call.number}, proven at ${told(at)}, ${wrongs.get(one) ?? "stands nowhere"}`;
    violations.push({ question: "proof", workspaceId, text });
  }
}

function judgeOne(one: Proven, timeline: Timeline, replay: Replay): string | undefined {
  const { isSo, placed } = wasHead(one, timeline);
  if (!isSo) return "was not the head at any moment of the call";
  replay.until(placed);
  if (replay.broken !== undefined) return `cannot be replayed: ${replay.broken}`;
  try {
    return judgeAt(one.call, replay);
  } catch (error) {
    // A journal that a bug has bent may be past what the kernel takes for possible.
    if (!(error instanceof Bug)) throw error;
    return `cannot be asked again: ${error.message}`;
  }
}

function judgeAt({ ask, reply }: Call, replay: Replay): string | undefined {
  const { state } = replay;
  if (ask.kind === "command") {
    if (reply?.kind !== "answer" || reply.answer.kind !== "rejected") return undefined;
    const { rejection, decidedAt } = reply.answer;
    if (nextDue(state, decidedAt, utcCalendar) !== undefined)
      return "stands before something that was due";
    const command = replay.recalled(ask.request.command);
    const again = decide(state, command, decidedAt, around(decidedAt));
    const expected = again.kind === "rejected" ? textOf(again.rejection) : `accepted`;
    const found = textOf(rejection);
    return expected === found ? undefined : `says ${found}, decided again it is ${expected}`;
  }
  if (reply?.kind !== "read" || reply.answer.kind !== "read") return undefined;
  const { value, asOf } = reply.answer;
  if (nextDue(state, asOf, utcCalendar) !== undefined)
    return "stands before something that was due";
  const expected = textOf(replay.ask(ask.question, asOf));
  const found = textOf(value);
  return expected === found ? undefined : `read ${found}, read again it is ${expected}`;
}

/** Reads of the past: the state after the last event up to that instant, and what was due by then. */
export function judgePast(
  calls: readonly Call[],
  timelines: readonly Timeline[],
  violations: Violation[],
): void {
  const reads = calls.flatMap((call) => {
    const { ask, reply, answeredUs } = call;
    if (ask.kind !== "read" || ask.question.kind !== "balanceAt") return [];
    if (reply?.kind !== "read" || reply.answer.kind !== "read") return [];
    if (answeredUs === undefined) return [];
    const { at, asOf, value } = reply.answer;
    return [{ call, question: ask.question, answeredUs, at, asOf, value }];
  });
  const wrongs = new Map<Call, string>();
  const right = new Set<Call>();
  for (const timeline of timelines) {
    const replay = new Replay(timeline);
    const here = reads.filter((one) => timelinesOf(one, timelines).includes(timeline));
    for (const one of here.toSorted((a, b) => (isBefore(a.at, b.at) ? -1 : 1))) {
      const { call, at, asOf, question } = one;
      const placed = timeline.events[replay.ordinalOf(at)];
      const next = timeline.events[(placed?.ordinal ?? -1) + 1];
      const isLast =
        placed !== undefined &&
        placed.event.at <= asOf &&
        (next === undefined || next.event.at > asOf || next.committed.committedUs >= call.askedUs);
      replay.until(placed);
      const expected = isLast ? replay.askPast(question, asOf) : "not the last by then";
      if (expected === textOf(one.value)) right.add(call);
      else
        wrongs.set(call, `read ${textOf(one.value)} as of ${asOf}, read again it is ${expected}`);
    }
  }
  for (const { call, at } of reads) {
    if (right.has(call)) continue;
    const workspaceId = timelines[0]?.workspaceId ?? "";
    const text = `call ${call.number}, at ${told(at)}, ${wrongs.get(call) ?? "stands nowhere"}`;
    violations.push({ question: "proof", workspaceId, text });
  }
}

/** A state that follows a timeline, by the production rules alone. Mutable. */
class Replay {
  readonly state: State = emptyState();
  broken: string | undefined;
  readonly #timeline: Timeline;
  #next = 0;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  ordinalOf({ seq, index }: Position): number {
    return (this.#timeline.firsts[seq - 1] ?? Number.NaN) + index;
  }

  /** Applies everything up to an event, with it. */
  until(placed: Placed | undefined): void {
    const last = placed?.ordinal ?? -1;
    while (this.#next <= last && this.broken === undefined) {
      const one = this.#timeline.events[this.#next];
      if (one === undefined) return;
      try {
        apply(this.state, one.event, one.position);
        this.state.undo.forgetTo(this.state.undo.mark());
      } catch (error) {
        this.broken = `${told(one.position)}: ${String(error)}`;
      }
      this.#next += 1;
    }
  }

  /** The command with the hold that it is about, where memory would no longer have it. */
  recalled(command: Command): Command {
    if (!("recalled" in command)) return command;
    const id = command.kind === "refund" ? command.of : command.hold;
    if (this.state.holds.holds.get(id) !== undefined) return command;
    return { ...command, recalled: this.#recall(id) ?? null };
  }

  ask(question: Question, at: Parameters<typeof decide>[2]): unknown {
    switch (question.kind) {
      case "hold":
        return this.state.holds.holds.get(question.hold) ?? this.#recall(question.hold);
      case "quote":
        return decide(this.state, question.command, at, around(at));
      case "balance":
      case "balanceAt":
      case "billing":
      case "allowance":
      case "share":
        return answerQuestion(question)(this.state, at);
    }
  }

  /** The value, as text. */
  askPast(question: Extract<Question, { kind: "balanceAt" }>, asOf: number): string {
    const mark = this.state.undo.mark();
    const at = instant(asOf);
    try {
      for (
        let due = nextDue(this.state, at, utcCalendar);
        due !== undefined;
        due = nextDue(this.state, at, utcCalendar)
      )
        apply(this.state, due, { seq: Number.MAX_SAFE_INTEGER, index: 0 });
      return textOf(answerQuestion(question)(this.state, at));
    } catch (error) {
      return `broken: ${String(error)}`;
    } finally {
      this.state.undo.undoTo(mark);
    }
  }

  #recall(id: string) {
    if (workspaceOf(this.state) === undefined) return undefined;
    const before: { event: Event; position: Position }[] = this.#timeline.events.slice(
      0,
      this.#next,
    );
    return recall(id, before);
  }
}
