import { amountText } from "../amount-text.ts";
import { type Pair, type ReportFold, Sums, namesOf } from "./report.ts";

/** What one customer owes for usage and outcomes that no invoice has yet. */
export type UnbilledRow = {
  readonly workspace: string;
  readonly currency: string;
  readonly opening: string;
  readonly accrued: string;
  readonly billed: string;
  readonly closing: string;
};

/** The contract asset by workspace. */
export function unbilled(): ReportFold<UnbilledRow> {
  const sums = new Sums<Pair, "opening" | "accrued" | "billed">(["opening", "accrued", "billed"]);
  return {
    add({ workspaceId, kind, lines }, isBefore) {
      for (const { account, commodity, amount } of lines) {
        if (account.key !== "Unbilled") continue;
        // What a void invoice had billed is not billed any more.
        const isBilled =
          kind === "invoice.voided" ||
          (amount < 0n && lines.some((line) => line.account.key === "Receivable"));
        const key: Pair = `${workspaceId} ${commodity}`;
        if (isBefore) sums.add(key, "opening", amount);
        else if (isBilled) sums.add(key, "billed", -amount);
        else sums.add(key, "accrued", amount);
      }
    },
    rows: () =>
      [...sums.entries()].map(([key, sum]) => {
        const [workspace, currency] = namesOf(key);
        const print = (amount: bigint): string => amountText(amount, currency);
        return {
          workspace,
          currency,
          opening: print(sum("opening")),
          accrued: print(sum("accrued")),
          billed: print(sum("billed")),
          closing: print(sum("opening") + sum("accrued") - sum("billed")),
        };
      }),
  };
}
