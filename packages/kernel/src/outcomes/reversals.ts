/** Owns which outcomes were taken back: what was billed of them is on no line now. A new price of what stays billed is no reversal. */
import type { Instant } from "../instant.ts";
import type { State } from "../state/state.ts";
import type { OutcomeChange } from "./change.ts";
import type { OutcomeReversed } from "./events.ts";

/** What is told of changes: one notice an outcome, in their order. */
export function reversalsOf(
  { outcomes }: State,
  { changes, at }: { readonly changes: readonly OutcomeChange[]; readonly at: Instant },
): readonly OutcomeReversed[] {
  return changes.flatMap(({ outcome, moves }) => {
    const move = moves.find(({ kind }) => kind === "reversed");
    if (move === undefined || outcome.booked !== null) return [];
    const about = outcomes.cases.get(outcome.case)?.about ?? null;
    return [{ kind: "outcome.reversed", at, reversed: outcome, about, move }];
  });
}
