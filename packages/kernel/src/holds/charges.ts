import { money, noCredits, plus } from "../amount.ts";
import type { Charge } from "./hold.ts";

/** Charges with one more. What the last lot gives again joins its charge, so that a stream settled in parts stays short. */
export function withCharge(
  charges: readonly Charge[],
  more: Pick<Charge, "lot" | "credits" | "money">,
): readonly Charge[] {
  const last = charges.at(-1);
  if (last === undefined || last.lot !== more.lot || last.refunded > 0n) {
    const charge = { lot: more.lot, credits: more.credits, money: more.money, refunded: noCredits };
    return last === undefined ? [charge] : [...charges, charge];
  }
  const joined = {
    ...last,
    credits: plus(last.credits, more.credits),
    money: money(last.money + more.money),
  };
  return [...charges.slice(0, -1), joined];
}

/** Nothing was charged. */
export const noCharges: readonly Charge[] = [];
