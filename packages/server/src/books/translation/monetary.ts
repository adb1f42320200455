/**
 * Owns what monetary accounts stand at: money that is there, and what is owed in a fixed number of units of a currency (IAS 21.16,
 * 23; ASC 830-20-35). Other accounts keep what was posted to them.
 */
import type { AccountKey } from "../chart.ts";
import type { Entry, Line } from "../entry.ts";
import { type Rates, inMinorUnits, worth } from "./rates.ts";

const monetary: ReadonlySet<AccountKey> = new Set([
  "Cash",
  "Receivable",
  "Unbilled",
  "CustomerBalance",
  "Tax",
  "UnclaimedProperty",
  "AccruedProvider",
]);

interface Balance {
  readonly key: AccountKey;
  readonly currency: string;
  /** In its own currency. */
  amount: bigint;
  /** As it stands in the reporting currency, posted and exactly. */
  reported: bigint;
  picos: bigint;
}

/** Balances of monetary accounts, by their own currency. Mutable. */
export class MonetaryBalances {
  readonly #rates: Rates;
  readonly #balances = new Map<string, Balance>();

  constructor(rates: Rates) {
    this.#rates = rates;
  }

  /** Notes a line, with what was posted for it and what that is exactly; accounts that are not monetary are left alone. */
  note(
    { account: { key }, commodity: currency, amount }: Line,
    { reported, picos }: Pick<Balance, "reported" | "picos">,
  ): void {
    if (!monetary.has(key)) return;
    const name = `${key} ${currency}`;
    const nothing = { key, currency, amount: 0n, reported: 0n, picos: 0n };
    const balance = this.#balances.get(name) ?? nothing;
    balance.amount += amount;
    balance.reported += reported;
    balance.picos += picos;
    this.#balances.set(name, balance);
  }

  /** One entry for each currency whose balances the rate of a day changes. */
  remeasured(day: string): readonly Entry[] {
    const balances = [...this.#balances.values()];
    const currencies = [...new Set(balances.map(({ currency }) => currency))].toSorted();
    return currencies.flatMap((currency) => {
      const own = balances.filter((balance) => balance.currency === currency);
      const before = own.reduce((sum, { picos }) => sum + picos, 0n);
      const lines = own.flatMap((balance) => this.#line(balance, day));
      if (lines.length === 0) return [];
      const sum = lines.reduce((total, { amount }) => total + amount, 0n);
      const difference = inMinorUnits(own.reduce((total, { picos }) => total + picos, -before));
      return {
        workspaceId: "remeasurement",
        position: { seq: 0, index: 0 },
        date: day,
        kind: "books.remeasured",
        of: currency,
        lines: [
          ...lines,
          ...this.#posting("ExchangeDifferences", -difference),
          // Roundings of single postings, which their sum has not.
          ...this.#posting("Rounding", difference - sum),
        ],
      } as const;
    });
  }

  #line(balance: Balance, day: string): readonly Line[] {
    const { key, currency, amount, reported } = balance;
    balance.picos = worth(amount, this.#rates.on(day, currency));
    const standing = inMinorUnits(balance.picos);
    balance.reported = standing;
    return this.#posting(key, standing - reported);
  }

  #posting(key: AccountKey, amount: bigint): readonly Line[] {
    if (amount === 0n) return [];
    return [{ account: { key, lot: null }, commodity: this.#rates.currency, amount }];
  }
}
