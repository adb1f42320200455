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

/** The trial balance: the accounts of lots stand together under one name. Each column but the names sums to zero, or to the other. */
export function trialBalance(names: ChartNames = {}): ReportFold<TrialBalanceRow> {
  const sums = new Sums<Pair, "opening" | "debit" | "credit">(["opening", "debit", "credit"]);
  return {
    add({ lines }, isBefore) {
      for (const { account, commodity, amount } of lines) {
        const key: Pair = `${names[account.key] ?? rowOf(account.key).name} ${commodity}`;
        if (isBefore) sums.add(key, "opening", amount);
        else if (amount > 0n) sums.add(key, "debit", amount);
        else sums.add(key, "credit", -amount);
      }
    },
    rows: () =>
      [...sums.entries()].map(([key, sum]) => {
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
      }),
  };
}
