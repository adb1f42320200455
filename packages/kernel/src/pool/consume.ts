/**
 * Owns what usage takes that nothing may refuse (RULES 1): the credits that were set aside for it, then available lots in
 * burn order, then debt.
 */
import { type Credits, type Money, beyond, credits, least, minus, money } from "../amount.ts";
import type { Instant } from "../instant.ts";
import { noCharges, withCharge } from "../holds/charges.ts";
import type { Charge, Hold, Leg } from "../holds/hold.ts";
import { half } from "../rounding.ts";
import { burnOrder } from "./burn-order.ts";
import type { Draft } from "./draft.ts";
import { onExpiry } from "./finance.ts";
import type { Transfer } from "./lot.ts";
import type { UsageScope } from "./usage-scope.ts";

/** Takes `amount` from the legs that an open hold pinned, in burn order; gives the legs that are left. */
export function consumeLegs(
  draft: Draft,
  legs: readonly Leg[],
  amount: Credits,
): { legs: readonly Leg[]; missing: Credits } {
  let missing = amount;
  let left: Leg[] | undefined;
  for (const leg of inBurnOrder(draft, legs)) {
    const part = least(leg.credits, missing);
    draft.move(leg.lot, "held", "consumed", part);
    missing = minus(missing, part);
    if (part === leg.credits) continue;
    const rest = { lot: leg.lot, credits: minus(leg.credits, part) };
    if (left === undefined) left = [rest];
    else left.push(rest);
  }
  return { legs: left ?? noLegs, missing };
}

/** No credits on any lot. */
export const noLegs: readonly Leg[] = [];

/**
 * Takes `amount` from the credits that an expired hold had returned (RULES 7): from its lots where they are still there, or
 * from what expired with a lot, with the money that was recognised as breakage.
 */
export function consumeReturned(draft: Draft, hold: Hold, amount: Credits): Credits {
  let missing: bigint = amount;
  for (const leg of inBurnOrder(draft, hold.legs)) {
    const lot = draft.lot(leg.lot);
    const wanted = least(leg.credits, credits(missing));
    if (lot.phase === "live") {
      const part = least(wanted, lot.available);
      draft.move(leg.lot, "available", "consumed", part);
      missing -= part;
    } else if (lot.phase === "expired") {
      const part = least(wanted, lot.expired);
      draft.move(leg.lot, "expired", "consumed", part, {
        carried: carriedMoney(lot.posted.expired, part, lot.expired),
        outOf: onExpiry(lot),
      });
      missing -= part;
    }
  }
  return credits(missing);
}

/** An extension may have pinned a lot that burns before the earlier ones. */
function inBurnOrder(draft: Draft, legs: readonly Leg[]): readonly Leg[] {
  if (legs.length < 2) return legs;
  return legs.toSorted((a, b) => burnOrder(draft.lot(a.lot), draft.lot(b.lot)));
}

/** Takes what is missing from available lots, of usage of a trial from those that were effective `by` then; gives what nobody has. */
export function consumeAvailable(
  draft: Draft,
  usage: UsageScope,
  amount: Credits,
  by?: Instant,
): Credits {
  const taken = draft.draw(usage, amount, "consumed", { by });
  return credits(amount - taken.reduce((sum, part) => sum + part.credits, 0n));
}

/** What goes beyond a hold under `cap_at_hold`: the vendor's loss. */
export const lossBeyond = (hold: Hold, amount: Credits): Credits =>
  beyond(amount, beyond(hold.authorized, hold.charged));

/** Charges of a settlement, by lot, in the order taken: what it consumed itself, not what it paid of older debts. */
export function chargesOf(transfers: readonly Transfer[]): readonly Charge[] {
  let charges = noCharges;
  for (const one of transfers)
    if (one.to === "consumed" && one.debt === undefined) charges = withCharge(charges, one);
  return charges;
}

/** The share of recognised money that goes with `part` of `whole` credits (R1). */
const carriedMoney = (recognised: Money, part: Credits, whole: Credits): Money =>
  part === 0n ? money(0n) : money(half(recognised * part, whole));
