import { type Instant, type State, allowance, poolBalance } from "@cistern/kernel";
import type { Question } from "../history/call.ts";
import { utcCalendar } from "../world/utc-calendar.ts";

/** What a read asks of a state: the engine is given this, and so is the checker's own replay. */
export function answerQuestion(
  question: Extract<Question, { kind: "balance" | "balanceAt" | "allowance" }>,
): (state: State, at: Instant) => unknown {
  switch (question.kind) {
    case "balance":
    case "balanceAt":
      return (state) => poolBalance(state);
    case "allowance":
      return (state, at) => allowance(state, question.member, at, utcCalendar);
  }
}
