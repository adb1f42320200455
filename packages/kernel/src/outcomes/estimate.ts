/**
 * Owns revenue of claims that wait at the end of a month, where a plan elects it (FINANCE, E16b): what is expected of them, as far as
 * it is sure enough, is of that month.
 *
 * T1 an estimate is posted on the month's last instant and released at once in the next month, where what comes of the claims is
 * posted as always: so it moves revenue between months and never changes its sum, nor any invoice.
 */
import { type Money, money } from "../amount.ts";
import type { Instant } from "../instant.ts";
import { accrual } from "../pricing/unit-price.ts";
import { half } from "../rounding.ts";
import type { State } from "../state/state.ts";
import { type Claim, claimOf } from "./case.ts";
import { countIdOf, termsIn } from "./period.ts";
import { shared } from "./price-of-shares.ts";
import { periodAt } from "./slice.ts";

/** What is expected of all claims that wait. */
export function expectedOf(state: State, at: Instant): Money {
  const waiting = new Map<string, bigint>();
  for (const { type, quantity, shareBps } of waitingClaims(state))
    waiting.set(type, (waiting.get(type) ?? 0n) + quantity * BigInt(shareBps));
  let sum = 0n;
  for (const [type, share] of waiting) {
    const period = periodAt(state.outcomes, type, at);
    const terms = period === undefined ? undefined : termsIn(period, type);
    if (period === undefined || terms === undefined || terms.expectedBps === null) continue;
    const before = state.outcomes.counts.get(countIdOf(period, type))?.share ?? 0n;
    const whole = accrual(shared(terms.price), { before, after: before + share });
    sum += half(whole * BigInt(terms.expectedBps), 10_000n);
  }
  return money(sum);
}

/** Whether anything waits whose plan elects an estimate. */
export const hasExpected = (state: State, at: Instant): boolean =>
  waitingClaims(state).some(({ type }) => {
    const period = periodAt(state.outcomes, type, at);
    const terms = period === undefined ? undefined : termsIn(period, type);
    return terms !== undefined && terms.expectedBps !== null;
  });

const waitingClaims = ({ outcomes }: State): readonly Claim[] =>
  [...outcomes.outcomes.values()].flatMap(({ id, case: of, status }) => {
    const known =
      status === "claimed" || status === "disputed" ? outcomes.cases.get(of) : undefined;
    return known === undefined ? [] : (claimOf(known, id) ?? []);
  });
