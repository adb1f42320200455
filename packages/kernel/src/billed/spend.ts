/**
 * Owns what of a spend cap is left: the money of a period that is billed, and what calls in flight may add to it.
 *
 * B4 each call in flight is priced on the line that it was opened on, in the stretch in which it was authorized: so all of them, each
 * settled for what it may, come to what is counted here. Calls of an earlier period are counted in that one.
 */
import {
  type Credits,
  type Money,
  credits,
  creditsMax,
  money,
  moneyMax,
  noCredits,
} from "../amount.ts";
import type { Instant } from "../instant.ts";
import type { OutcomePeriod } from "../outcomes/period.ts";
import { accrual } from "../pricing/unit-price.ts";
import type { State } from "../state/state.ts";
import { type Beyond, lineIn } from "./bill.ts";

type Billing = Extract<Beyond, { readonly kind: "bill" }>;

/** Where a period stands against its spend cap. */
export interface Spend {
  /** null: none. */
  readonly cap: Money | null;
  readonly billed: Money;
  /** Of calls in flight and, where one is asked for, of that. */
  readonly asked: Money;
}

/** With a call that would be billed for so much beyond the pool. */
export function spendWith(state: State, beyond: Billing, amount: Credits): Spend {
  const { stretch } = beyond;
  const own = lineIn(state, beyond);
  const { billing, unpinned } = state.holds.inFlight;
  const lines = new Map([...billing].filter(([, { line }]) => line.to === own.to));
  const before = lines.get(own.key)?.credits ?? 0n;
  // Holds that are older than their lines are taken to be of the line that is asked for.
  lines.set(own.key, { line: own, credits: credits(before + unpinned.credits + amount) });
  let asked = 0n;
  for (const [key, { line, credits: more }] of lines) {
    const billed = state.billed.totals.get(key)?.quantity ?? 0n;
    asked += accrual(line.line.price, { before: billed, after: billed + more });
  }
  return { cap: capOf(stretch), billed: billedIn(state, own.to), asked: bounded(asked) };
}

/** The most that a call could be billed for now beyond the pool; null where there is no bound. */
export function billableNow(state: State, beyond: Billing): Credits | null {
  if (capOf(beyond.stretch) === null) return null;
  const fits = (amount: bigint): boolean => {
    const { cap, billed, asked } = spendWith(state, beyond, credits(amount));
    return cap === null || billed + asked <= cap;
  };
  if (!fits(0n)) return noCredits;
  let [low, high] = [0n, creditsMax];
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if (fits(middle)) low = middle;
    else high = middle - 1n;
  }
  return credits(low);
}

/** What goes beyond all money goes beyond any cap. */
const bounded = (amount: bigint): Money => money(amount < moneyMax ? amount : moneyMax);

const capOf = ({ overage }: OutcomePeriod): Money | null =>
  overage.kind === "bill" ? overage.spendCap : null;

function billedIn({ billed }: State, end: Instant): Money {
  let sum = 0n;
  for (const { to, amount } of billed.totals.values()) if (to === end) sum += amount;
  return money(sum);
}
