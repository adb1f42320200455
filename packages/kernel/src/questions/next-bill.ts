/**
 * Owns what the next invoice of a subscription will come to by what is known now: by playing what is due until one is drafted, with the
 * rules that act, and taking all of it back.
 *
 * N1 the state is as it was afterwards, whatever happens on the way.
 */
import { type Money, money } from "../amount.ts";
import { apply } from "../apply.ts";
import type { PutSubscription } from "../commands/subscription.ts";
import { decide } from "../decide.ts";
import type { Surroundings } from "../decision.ts";
import { nextDue } from "../due.ts";
import type { Event } from "../events.ts";
import { type Instant, instant } from "../instant.ts";
import type { State } from "../state/state.ts";

const dayMs = 24 * 60 * 60 * 1_000;
/** A last invoice comes within a month of the end. */
const pastEndMs = 40 * dayMs;
/** Behind every place of a journal. */
const seqAfterAll = 2 ** 50;

/**
 * Without tax, and before what the vendor owes; `change`: after that command. undefined: the change is refused.
 *
 * @example nextBill(state, at, around) // 2100n
 */
export function nextBill(
  state: State,
  at: Instant,
  around: Surroundings,
  change?: PutSubscription,
): Money | undefined {
  const mark = state.undo.mark();
  let seq = seqAfterAll;
  const play = (event: Event): void => apply(state, event, { seq: (seq += 1), index: 0 });
  try {
    if (change !== undefined) {
      const decision = decide(state, change, at, around);
      if (decision.kind === "rejected") return undefined;
      for (const event of [...decision.ahead, decision.event, ...decision.notices]) play(event);
    }
    const end = state.subscriptions.live.row?.period.end ?? at;
    const until = instant(end + pastEndMs);
    const before = new Set(state.invoices.drafts.keys());
    for (;;) {
      const due = nextDue(state, until, around.calendar);
      if (due === undefined) return money(0n);
      play(due);
      for (const [id, { lines }] of state.invoices.drafts)
        if (!before.has(id)) return money(lines.reduce((sum, { amount }) => sum + amount, 0n));
    }
  } finally {
    state.undo.undoTo(mark);
  }
}
