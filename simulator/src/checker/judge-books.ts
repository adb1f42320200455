import type { Call } from "../history/call.ts";
import type { Command } from "@cistern/kernel";
import { Discrepancy, demand } from "./books/accounts.ts";
import { Ledger } from "./books/ledger.ts";
import { checkSplit } from "./books/splits.ts";
import { type Answered, type Grounded, answeredWith } from "./judge-answers.ts";
import { wasHead } from "./judge-order.ts";
import { type Timeline, told } from "./timeline.ts";
import type { Violation } from "./violation.ts";

/**
 * Asks of a timeline: does every event follow from those before it? The first that does not ends the question. And of each refusal
 * that stood on it: do the books, as they were then, refuse it too? And in the end: was all told that was to be told?
 */
export function judgeBooks(
  calls: readonly Call[],
  grounded: readonly Grounded[],
  timeline: Timeline,
  violations: Violation[],
): void {
  const { workspaceId } = timeline;
  const ledger = new Ledger();
  const refusals = refusalsOn(calls, timeline);
  const splits = splitsOn(grounded, timeline);
  for (const { event, position, ordinal } of timeline.events) {
    const wrong = discrepancyOf(() => ledger.take(event));
    if (wrong !== undefined) {
      const text = `${event.kind} at ${told(position)} does not follow: ${wrong}`;
      violations.push({ question: "books", workspaceId, text });
      return;
    }
    const split = splits.get(ordinal);
    const uneven =
      split && discrepancyOf(() => checkSplit(split, event, ledger.people.present(groupOf(split))));
    if (uneven !== undefined) violations.push({ question: "books", workspaceId, text: uneven });
    for (const refusal of refusals.get(ordinal) ?? []) {
      const bad = discrepancyOf(() => judgeRefusal(ledger, refusal));
      const text = `call ${refusal.call.number}, refused at ${told(position)}: ${bad}`;
      if (bad !== undefined) violations.push({ question: "books", workspaceId, text });
    }
  }
  if (timeline.isStanding)
    for (const { rule, percent, used, of } of ledger.alerts.untold()) {
      const text = `rule ${rule} was to tell of ${percent} %, when ${used} of ${of} were used`;
      violations.push({ question: "books", workspaceId, text });
    }
}

/** Equal splits that were asked for, by the event that each became. */
function splitsOn(
  grounded: readonly Grounded[],
  timeline: Timeline,
): ReadonlyMap<number, SplitLimit> {
  const splits = new Map<number, SplitLimit>();
  for (const { call, timeline: own, placed } of grounded)
    if (own === timeline && call.ask.kind === "command") {
      const { command } = call.ask.request;
      if (command.kind === "splitLimit") splits.set(placed.ordinal, command);
    }
  return splits;
}

const groupOf = ({ among }: SplitLimit): string | null =>
  among.kind === "group" ? among.id : null;

function discrepancyOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof Discrepancy)) throw error;
    return error.message;
  }
}

type SplitLimit = Extract<Command, { kind: "splitLimit" }>;
type Refusal = Answered<"rejected">;

/** Refusals by the event that they stood on. */
function refusalsOn(
  calls: readonly Call[],
  timeline: Timeline,
): ReadonlyMap<number, readonly Refusal[]> {
  const byOrdinal = new Map<number, Refusal[]>();
  for (const one of answeredWith(calls, "rejected")) {
    const { call, answeredUs, answer } = one;
    const { isSo, placed } = wasHead({ call, answeredUs, at: answer.at }, timeline);
    if (!isSo || placed === undefined) continue;
    byOrdinal.set(placed.ordinal, [...(byOrdinal.get(placed.ordinal) ?? []), one]);
  }
  return byOrdinal;
}

function judgeRefusal(ledger: Ledger, { ask, answer }: Refusal): void {
  const { command } = ask.request;
  const { rejection, decidedAt } = answer;
  if (command.kind === "settleHold" || command.kind === "releaseHold") {
    const { code } = rejection;
    const isOfPeople = code === "member_inactive" || code === "workspace_suspended";
    demand(!isOfPeople, () => `what is in flight ends, though ${code}`);
    return;
  }
  if (command.kind !== "openHold") return;
  switch (rejection.code) {
    case "never_this_period":
    case "reserved_for_others":
    case "borrow_limit":
    case "credits_held":
    case "pool_exhausted": {
      const { member, meter } = command;
      const groups = ledger.people.groupsOf(member);
      return ledger.shares.judge(rejection, { member, groups, meter }, decidedAt);
    }
    case "limit_reached":
      return rejection.scope.limit === undefined
        ? undefined
        : ledger.limits.judge(rejection, decidedAt);
    default:
  }
}
