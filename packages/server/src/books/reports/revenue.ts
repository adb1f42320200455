import { amountText } from "../amount-text.ts";
import { rowOf } from "../chart.ts";
import { type Pair, type ReportFold, Sums, namesOf } from "./report.ts";

/** Revenue of one kind in a month; what takes revenue back stands below zero. */
export type RevenueRow = {
  readonly kind: string;
  readonly currency: string;
  readonly amount: string;
};

/** Revenue by kind, by the chart's own names. */
export function revenue(): ReportFold<RevenueRow> {
  const sums = new Sums<Pair, "amount">(["amount"]);
  return {
    add({ lines }, isBefore) {
      if (isBefore) return;
      for (const { account, commodity, amount } of lines)
        if (rowOf(account.key).name.startsWith("Revenue:"))
          sums.add(`${account.key} ${commodity}`, "amount", -amount);
    },
    rows: () =>
      [...sums.entries()].map(([key, sum]) => {
        const [kind, currency] = namesOf(key);
        return { kind, currency, amount: amountText(sum("amount"), currency) };
      }),
  };
}
