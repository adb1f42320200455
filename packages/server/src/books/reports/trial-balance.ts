import { amountText } from "../amount-text.ts";
import { type ChartNames, rowOf } from "../chart.ts";
import { type Pair, type ReportFold, Sums, namesOf } from "./report.ts";

/** What stood on an account, what was debited and credited in the month, and what stands there then. Debit positive. */
export type TrialBalanceRow = {
  readonly account: string;
  readonly commodity: string;
  readonly opening: string;
  readonly debit: string;
  readonly credit: string;
  readonly closing: string;
};

/** The account of the rows in which each commodity is summed up. */
const totalAccount = "total";
const parts = ["opening", "debit", "credit"] as const;

/**
 * The trial balance: the accounts of lots stand together under one name. Its last rows are the sums of each commodity: of what stood
 * and what stands zero, of debits and credits the same.
 */
export function trialBalance(names: ChartNames = {}): ReportFold<TrialBalanceRow> {
  const sums = new Sums<Pair, (typeof parts)[number]>(parts);
  return {
    add({ lines }, isBefore) {
      for (const { account, commodity, amount } of lines) {
        const key: Pair = `${names[account.key] ?? rowOf(account.key).name} ${commodity}`;
        if (isBefore) sums.add(key, "opening", amount);
        else if (amount > 0n) sums.add(key, "debit", amount);
        else sums.add(key, "credit", -amount);
      }
    },
    rows() {
      const totals = new Sums<Pair, (typeof parts)[number]>(parts);
      for (const [key, sum] of sums.entries()) {
        const [, commodity] = namesOf(key);
        for (const part of parts) totals.add(`${totalAccount} ${commodity}`, part, sum(part));
      }
      // A commodity in which nothing moved in the month stands there with zeros.
      return [...sums.entries(), ...totals.all()].map(rowFrom);
    },
  };
}

function rowFrom([key, sum]: readonly [
  Pair,
  (part: (typeof parts)[number]) => bigint,
]): TrialBalanceRow {
  const [account, commodity] = namesOf(key);
  const print = (amount: bigint): string => amountText(amount, commodity);
  return {
    account,
    commodity,
    opening: print(sum("opening")),
    debit: print(sum("debit")),
    credit: print(sum("credit")),
    closing: print(sum("opening") + sum("debit") - sum("credit")),
  };
}
