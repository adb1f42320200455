/** Owns what events do to billed usage and to the commitments that it is held against. */
import { money } from "../amount.ts";
import { assert } from "../bug.ts";
import type { Instant } from "../instant.ts";
import { accrue } from "../invoices/evolve.ts";
import type { State } from "../state/state.ts";
import type { CountedOutcomes } from "../outcomes/change.ts";
import type { CommittedTerm, TrueUp } from "./committed-term.ts";
import { countedKey } from "./slice.ts";
import type { BilledUsage } from "./terms.ts";

/** Usage may be settled for a month and refunded for longer; what is older is for credit notes. */
const billedKeptForMs = 200 * 24 * 60 * 60 * 1_000;

/** Usage that went on the bill, or came off it. */
export function addBilled(state: State, billed: BilledUsage | undefined, at: Instant): void {
  if (billed === undefined) return;
  const { accrual, line } = billed;
  const { key, from, to } = accrual;
  for (const [old, { to: end }] of state.billed.totals.entries())
    if (old !== key && end + billedKeptForMs <= at) state.billed.totals.set(old, undefined);
  accrue(state.invoices, [accrual, ...(billed.trueUp?.accruals ?? [])]);
  if (billed.trueUp !== undefined) trueUp(state, billed.trueUp, at);
  const before = state.billed.totals.get(key);
  const quantity = (before?.quantity ?? 0n) + billed.credits;
  const amount = money((before?.amount ?? 0n) + accrual.amount);
  assert(quantity >= 0n, "no more is taken off a bill than was on it");
  state.billed.totals.set(key, { key, line, from, to, quantity, amount });
}

/** Outcomes that were billed, or (below zero) taken back, in a period with a minimum. */
export function countOutcomes(
  { billed: { outcomes } }: State,
  counted: CountedOutcomes | undefined,
  at: Instant,
): void {
  if (counted === undefined) return;
  const { subscription, end } = counted;
  const key = countedKey(subscription, end);
  for (const [old, row] of outcomes.entries())
    if (old !== key && row.end + billedKeptForMs <= at) outcomes.set(old, undefined);
  const amount = money((outcomes.get(key)?.amount ?? 0n) + counted.amount);
  outcomes.set(key, { subscription, end, amount });
}

/** Keeps a term of a commitment; those whose usage is no longer known are forgotten. */
export function setTerm({ billed: { terms } }: State, term: CommittedTerm, at: Instant): void {
  for (const [old, { periods }] of terms.entries())
    if (old !== term.id && (periods.at(-1)?.end ?? 0) + billedKeptForMs <= at)
      terms.set(old, undefined);
  terms.set(term.id, term);
}

/** Late usage stands in a commitment as if it had been there when its period was closed. */
function trueUp(state: State, { term, standing }: TrueUp, at: Instant): void {
  setTerm(state, term, at);
  const { subscriptions } = state.subscriptions;
  const subscription = subscriptions.get(term.subscription);
  if (standing !== null && subscription !== undefined)
    subscriptions.set(subscription.id, { ...subscription, term: standing });
}
