/**
 * Owns what a lot becomes when its money goes back, is taken, or is estimated anew: used for the decision and again by
 * `apply`, before the transfers of the same event.
 */
import { type Money, money, noCredits } from "../amount.ts";
import { type AwayAccount, givenBack } from "./finance.ts";
import { type Lot, financeOf } from "./lot.ts";

/** Whether nothing can be taken from a lot any more; what is held on it stays pinned. */
export const isOver = ({ phase }: Lot): boolean => phase === "expired" || phase === "revoked";

/** Money that was paid for a lot and is still the vendor's to give back: used or not. */
export function refundable(lot: Lot): Money {
  const finance = financeOf(lot);
  const { UnclaimedProperty, CustomerBalance } = finance.away;
  const elsewhere = lot.posted.moved + UnclaimedProperty + CustomerBalance;
  const left = finance.isUnpaid ? 0n : lot.cost - elsewhere - givenBack(finance);
  return money(left > 0n ? left : 0n);
}

/** After a repayment: `goodwill` stays recognised, `tax` goes back beside it. Money of unused credits goes by transfer. */
export function repaid(lot: Lot, { goodwill, tax }: { goodwill: Money; tax: Money }): Lot {
  const finance = financeOf(lot);
  return {
    ...lot,
    finance: {
      ...finance,
      goodwill: money(finance.goodwill + goodwill),
      taxReturned: money(finance.taxReturned + tax),
    },
  };
}

/** After a chargeback: the lot is over, and what returns to it is set against the chargeback. */
export function chargedBack(lot: Lot, taken: { money: Money; tax: Money }): Lot {
  const over = ended(lot, "Chargebacks");
  const finance = financeOf(over);
  return {
    ...over,
    finance: {
      ...finance,
      disputed: taken.money,
      taxReturned: money(finance.taxReturned + taken.tax),
    },
  };
}

/** After its rest went to the state: what returns follows it. */
export const escheated = (lot: Lot): Lot => ended(lot, "UnclaimedProperty");

/** With another estimate of what is never used. */
export const revised = (lot: Lot, breakage: number | null): Lot => ({
  ...lot,
  finance: { ...financeOf(lot), breakage },
});

/** A lot that ended before keeps the fate that it has. */
const ended = (lot: Lot, fate: AwayAccount): Lot =>
  isOver(lot)
    ? lot
    : {
        ...lot,
        phase: "revoked",
        owedRevoke: noCredits,
        finance: { ...financeOf(lot), fate },
      };
