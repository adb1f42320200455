import type { Call } from "../history/call.ts";
import { Discrepancy } from "./books/accounts.ts";
import { Ledger } from "./books/ledger.ts";
import { type Answered, answeredWith } from "./judge-answers.ts";
import { wasHead } from "./judge-order.ts";
import { type Timeline, told } from "./timeline.ts";
import type { Violation } from "./violation.ts";

/**
 * Asks of a timeline: does every event follow from those before it? The first that does not ends the question. And of each refusal of a hold
 * that stood on it: do the books, as they were then, refuse it too?
 */
export function judgeBooks(
  calls: readonly Call[],
  timeline: Timeline,
  violations: Violation[],
): void {
  const { workspaceId } = timeline;
  const ledger = new Ledger();
  const refusals = refusalsOn(calls, timeline);
  for (const { event, position, ordinal } of timeline.events) {
    const wrong = discrepancyOf(() => ledger.take(event));
    if (wrong !== undefined) {
      const text = `${event.kind} at ${told(position)} does not follow: ${wrong}`;
      violations.push({ question: "books", workspaceId, text });
      return;
    }
    for (const refusal of refusals.get(ordinal) ?? []) {
      const bad = discrepancyOf(() => judgeRefusal(ledger, refusal));
      const text = `call ${refusal.call.number}, refused at ${told(position)}: ${bad}`;
      if (bad !== undefined) violations.push({ question: "books", workspaceId, text });
    }
  }
}

function discrepancyOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof Discrepancy)) throw error;
    return error.message;
  }
}

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
  if (command.kind !== "openHold") return;
  const { rejection, decidedAt } = answer;
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
    default:
  }
}
