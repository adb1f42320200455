import { half } from "@cistern/kernel";
import { amountText } from "../amount-text.ts";
import { rowOf } from "../chart.ts";
import { deferredChange } from "./roll-forward.ts";
import { type Pair, type ReportFold, Sums, namesOf } from "./report.ts";

/** What was estimated to go unused of the credits whose money was recognised, against what did. */
export type BreakageRow = {
  readonly currency: string;
  /** The month, or all until its end. */
  readonly span: "month" | "to_date";
  readonly recognised: string;
  readonly breakage: string;
  readonly estimated: string;
  /** Breakage beyond the estimate; below zero where less went unused. */
  readonly difference: string;
};

const tenThousand = 10_000n;

/** Breakage against `expectedBps` hundredths of a percent of what lots recognised; R1 once a row. */
export function breakage(expectedBps: number): ReportFold<BreakageRow> {
  const sums = new Sums<Pair, "recognised" | "breakage">(["recognised", "breakage"]);
  return {
    add({ lines }, isBefore) {
      const change = deferredChange(lines);
      if (change === undefined) return;
      const { currency } = change;
      const unused = lines.reduce(
        (total, { account, amount }) =>
          rowOf(account.key) === rowOf("Breakage") ? total - amount : total,
        0n,
      );
      for (const span of isBefore ? (["to_date"] as const) : (["month", "to_date"] as const)) {
        sums.add(`${currency} ${span}`, "recognised", change.recognised);
        sums.add(`${currency} ${span}`, "breakage", unused);
      }
    },
    rows: () =>
      [...sums.entries()].map(([key, sum]) => {
        const [currency, span] = namesOf(key);
        const estimated = half(sum("recognised") * BigInt(expectedBps), tenThousand);
        const print = (amount: bigint): string => amountText(amount, currency);
        return {
          currency,
          span: span === "month" ? "month" : "to_date",
          recognised: print(sum("recognised")),
          breakage: print(sum("breakage")),
          estimated: print(estimated),
          difference: print(sum("breakage") - estimated),
        };
      }),
  };
}
