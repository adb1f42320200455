import { type Instant, type State, allowance, memberShare, poolBalance } from "@cistern/kernel";
import type { Question } from "../history/call.ts";
import { utcCalendar } from "../world/utc-calendar.ts";

/** What a read asks of a state: the engine is given this, and so is the checker's own replay. */
export function answerQuestion(
  question: Extract<
    Question,
    { kind: "balance" | "balanceAt" | "allowance" | "share" | "billing" }
  >,
): (state: State, at: Instant) => unknown {
  switch (question.kind) {
    case "balance":
    case "balanceAt":
      return (state) => poolBalance(state);
    case "billing":
      return billingOf;
    case "share":
      return (state, at) => memberShare(state, question.member, at) ?? null;
    case "allowance":
      return (state, at) => allowance(state, question.member, at, utcCalendar);
  }
}

/** All that plans, seats, billed usage, commitments, allowances, invoices, outcomes and top-ups have come to; in the order of their keys, since tables have none. */
function billingOf(state: State): unknown {
  const { subscriptions, seats, invoices, outcomes, topUps, closing, billed, allowances } = state;
  return {
    billed: byKey(billed.totals.entries()),
    terms: byKey(billed.terms.entries()),
    allowances: byKey(allowances.counts.entries()),
    live: subscriptions.live.row,
    seats: byKey(seats.seats.entries()),
    invoices: byKey(invoices.invoices.entries()),
    account: byKey(invoices.accounts.entries()),
    outcomes: byKey(outcomes.outcomes.entries()),
    topUps: byKey(topUps.topUps.entries()),
    rule: topUps.rule.row,
    closed: closing.latest.row,
  };
}

const byKey = <Row>(rows: Iterable<readonly [string, Row]>): readonly Row[] =>
  [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
