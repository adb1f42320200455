import { amountText } from "../amount-text.ts";
import { daysBetween } from "../days.ts";
import { type Pair, type ReportFold, namesOf } from "./report.ts";

/** A lot that still has credits, or money that is not recognised, at the end of a month. */
export type OutstandingRow = {
  readonly workspace: string;
  readonly grant: string;
  /** The day of its first posting. */
  readonly since: string;
  /** Days from then to the month's last. */
  readonly ageDays: number;
  readonly credits: string;
  readonly currency: string;
  readonly deferred: string;
};

interface Lot {
  since: string;
  credits: bigint;
  deferred: bigint;
  currency: string;
}

/** Credits that customers still have, by lot. `lastDay`: the month's. Lots that are used up are kept: a refund may fill one again. */
export function creditsOutstanding(lastDay: string): ReportFold<OutstandingRow> {
  const lots = new Map<Pair, Lot>();
  return {
    add({ workspaceId, date, lines }) {
      for (const { account, commodity, amount } of lines) {
        if (account.lot === null) continue;
        const key: Pair = `${workspaceId} ${account.lot}`;
        const lot = lots.get(key) ?? { since: date, credits: 0n, deferred: 0n, currency: "" };
        if (date < lot.since) lot.since = date;
        if (account.key === "Available") lot.credits -= amount;
        else {
          lot.deferred -= amount;
          lot.currency = commodity;
        }
        lots.set(key, lot);
      }
    },
    rows: () =>
      [...lots].flatMap(([key, { since, credits, currency, deferred }]) => {
        if (credits === 0n && deferred === 0n) return [];
        const [workspace, grant] = namesOf(key);
        return {
          workspace,
          grant,
          since,
          ageDays: daysBetween(since, lastDay),
          credits: amountText(credits, "CREDIT"),
          currency,
          deferred: currency === "" ? "0" : amountText(deferred, currency),
        };
      }),
  };
}
