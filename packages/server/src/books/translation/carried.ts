/**
 * Owns what deferred revenue is carried at: each lot, and the access of each workspace, at the rates of the days on which it was
 * taken in (a contract liability is no monetary item: IAS 21, IFRIC 22, ASC 830).
 *
 * H1 what leaves takes its part of what is carried, and the last takes all: what is deferred closes at zero. H2 what comes back to
 * a lot, or to one that is made for it, comes at the lot's own rate.
 */
import { half } from "@cistern/kernel";
import { type Rate, inMinorUnits, worth } from "./rates.ts";

interface Carried {
  /** Minor units of its own currency; what is owed above zero. */
  amount: bigint;
  picos: bigint;
  /** At which it was carried last. */
  rate: Rate;
}

/** What a movement is worth, exactly and as it is posted. */
export interface Moved {
  readonly picos: bigint;
  readonly minor: bigint;
}

/** Deferred revenue, by account. Mutable. */
export class CarriedRevenue {
  readonly #accounts = new Map<string, Carried>();

  /** H1: so much leaves, above zero. `spot` counts where nothing is known of it. */
  release(account: string, amount: bigint, spot: Rate): Moved {
    const carried = this.#accounts.get(account) ?? { amount: 0n, picos: 0n, rate: spot };
    const isCovered = amount <= carried.amount;
    const picos = isCovered
      ? half(carried.picos * amount, carried.amount)
      : carried.picos + worth(amount - carried.amount, carried.rate);
    return this.#move(account, carried, { amount: -amount, picos: -picos });
  }

  /** H2: so much comes, above zero; what is new comes at its origin's rate or else at `rate`, and all that comes to access does. */
  take(
    account: string,
    amount: bigint,
    { rate, isLot, origin }: { rate: Rate; isLot: boolean; origin: string },
  ): Moved {
    const first = this.#accounts.get(origin)?.rate ?? rate;
    const carried = this.#accounts.get(account) ?? { amount: 0n, picos: 0n, rate: first };
    const at = isLot ? carried.rate : rate;
    return this.#move(account, { ...carried, rate: at }, { amount, picos: worth(amount, at) });
  }

  #move(
    account: string,
    { amount, picos, rate }: Carried,
    by: { readonly amount: bigint; readonly picos: bigint },
  ): Moved {
    const after = { amount: amount + by.amount, picos: picos + by.picos, rate };
    this.#accounts.set(account, after);
    // Debit positive: what is owed stands below zero.
    return {
      picos: -by.picos,
      minor: inMinorUnits(picos) - inMinorUnits(after.picos),
    };
  }
}
