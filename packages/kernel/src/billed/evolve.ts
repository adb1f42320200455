/** Owns what events do to billed usage and to the commitments that it is held against. */
import { money } from "../amount.ts";
import { assert } from "../bug.ts";
import type { Instant } from "../instant.ts";
import { accrue } from "../invoices/evolve.ts";
import type { State } from "../state/state.ts";
import type { CountedOutcomes, CountedToward } from "../outcomes/change.ts";
import { type CommittedTerm, type TrueUp, overAt } from "./committed-term.ts";
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
  accrue(state.invoices, [accrual]);
  if (billed.trueUp !== undefined) trueUp(state, billed.trueUp, at);
  const before = state.billed.totals.get(key);
  const quantity = (before?.quantity ?? 0n) + billed.credits;
  const amount = money((before?.amount ?? 0n) + accrual.amount);
  assert(quantity >= 0n, "no more is taken off a bill than was on it");
  state.billed.totals.set(key, { key, line, from, to, quantity, amount });
}

/** Outcomes that count toward minimums from now on, or (below zero) no longer do; what that changes of periods that are closed. */
export function countOutcomes(
  state: State,
  { countedOutcomes = [], trueUps = [] }: CountedToward,
  at: Instant,
): void {
  for (const one of countedOutcomes) count(state, one, at);
  for (const one of trueUps) trueUp(state, one, at);
}

function count({ billed: { outcomes, terms } }: State, one: CountedOutcomes, at: Instant): void {
  const key = countedKey(one);
  const isKept = ({ subscription, end }: CountedOutcomes): boolean =>
    at < end + billedKeptForMs ||
    [...terms.values()].some(
      (term) => term.subscription === subscription && term.periods.some((of) => of.end === end),
    );
  for (const [old, row] of outcomes.entries())
    if (old !== key && !isKept(row)) outcomes.set(old, undefined);
  const before = outcomes.get(key);
  const amount = money((before?.amount ?? 0n) + one.amount);
  const share = (before?.share ?? 0n) + one.share;
  assert(share >= 0n, "M3 no more of outcomes is taken off a minimum than counted");
  const isOver = share === 0n && amount === 0n;
  outcomes.set(key, isOver ? undefined : { ...one, amount, share });
}

/** Keeps a term of a commitment; those whose usage is no longer known are forgotten. */
export function setTerm({ billed: { terms } }: State, term: CommittedTerm, at: Instant): void {
  for (const [old, one] of terms.entries())
    if (old !== term.id && overAt(one) + billedKeptForMs <= at) terms.set(old, undefined);
  terms.set(term.id, term);
}

/** Late usage stands in a commitment as if it had been there when its period was closed. */
function trueUp(state: State, { term, accruals, standing }: TrueUp, at: Instant): void {
  accrue(state.invoices, accruals);
  setTerm(state, term, at);
  const { subscriptions } = state.subscriptions;
  const subscription = subscriptions.get(term.subscription);
  if (standing !== null && subscription !== undefined)
    subscriptions.set(subscription.id, { ...subscription, term: standing });
}
