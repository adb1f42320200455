/** Owns how reports of a month are made: one walk over the journals, whatever number of reports is asked for. */
import type { BooksSource } from "../books-source.ts";
import type { ChartNames } from "../chart.ts";
import { daysBetween, firstDayOf, monthAfter, monthOf } from "../days.ts";
import { createBookkeeper, createDating } from "../keep-books.ts";
import { breakage } from "./breakage.ts";
import { creditsOutstanding } from "./credits-outstanding.ts";
import type { FactFold, ReportFold } from "./report.ts";
import { revenue } from "./revenue.ts";
import { rollForward } from "./roll-forward.ts";
import { trialBalance } from "./trial-balance.ts";
import { unbilled } from "./unbilled.ts";

/** What reports are about. */
export interface ReportOptions {
  readonly source: BooksSource;
  /** `YYYY-MM`. */
  readonly month: string;
  /** One workspace; left out: all. */
  readonly workspaceId?: string | undefined;
  readonly names?: ChartNames;
  /** What of a lot without an estimate of its own was expected to go unused, in hundredths of a percent; default none (FINANCE, section 1). */
  readonly expectedBreakageBps?: number | undefined;
  readonly onProgress?: (done: { readonly workspaces: number; readonly entries: number }) => void;
}

const foldsOf = ({ month, names, expectedBreakageBps = 0 }: ReportOptions) => ({
  trialBalance: trialBalance(names),
  rollForward: rollForward(),
  revenue: revenue(),
  unbilled: unbilled(),
  creditsOutstanding: creditsOutstanding(lastDayOf(month)),
  breakage: breakage(expectedBreakageBps),
});

type Folds = ReturnType<typeof foldsOf>;

/** A report of a month, by its name. */
export type ReportName = keyof Folds;

/** Every report, and how far the month is closed. */
export type MonthReports = { readonly [Name in ReportName]: ReturnType<Folds[Name]["rows"]> } & {
  readonly standing: MonthStanding;
};

/** Of the workspaces that the reports are about, those that had begun by the month's end: who has closed it, and who has not yet. */
export interface MonthStanding {
  readonly closed: number;
  /** While there are any, what the reports say is provisional. */
  readonly open: number;
}

/** Whether nothing of a month changes any more. */
export const statusOf = ({ closed, open }: MonthStanding): "closed" | "provisional" =>
  open === 0 && closed > 0 ? "closed" : "provisional";

/**
 * Every report of a month. Rejects with `BooksFault` or `ChartFault`.
 *
 * @example
 * const { trialBalance, rollForward } = await monthReports({ source, month: "2026-10" });
 */
export async function monthReports(options: ReportOptions): Promise<MonthReports> {
  const { breakage: unused, ...folds } = foldsOf(options);
  const standing = await walk(options, Object.values(folds), [unused]);
  return {
    standing,
    trialBalance: folds.trialBalance.rows(),
    rollForward: folds.rollForward.rows(),
    revenue: folds.revenue.rows(),
    unbilled: folds.unbilled.rows(),
    creditsOutstanding: folds.creditsOutstanding.rows(),
    breakage: unused.rows(),
  };
}

async function walk(
  options: ReportOptions,
  folds: readonly ReportFold[],
  facts: readonly FactFold[],
): Promise<MonthStanding> {
  const { source, month, workspaceId, onProgress } = options;
  const done = { workspaces: 0, entries: 0 };
  const standing = { closed: 0, open: 0 };
  for await (const id of workspaceId === undefined ? source.workspaces() : [workspaceId]) {
    const keep = createBookkeeper(id);
    const dateOf = createDating();
    let stands: keyof MonthStanding | undefined;
    for await (const placed of source.events(id)) {
      const entry = keep(placed);
      // Nothing is posted there any more (RULES 16), so the rest of the journal need not be read.
      if (placed.event.kind === "period.closed" && placed.event.month >= month) {
        // One that begins after the month has no part in it.
        if (stands !== undefined) stands = "closed";
        break;
      }
      const booked = monthOf(dateOf(placed.event));
      if (booked > month) continue;
      stands = "open";
      const isBefore = booked < month;
      for (const fold of facts) fold.note({ workspaceId: id, event: placed.event, isBefore });
      if (entry === undefined) continue;
      for (const fold of folds) fold.add(entry, isBefore);
      done.entries += 1;
    }
    if (stands !== undefined) standing[stands] += 1;
    done.workspaces += 1;
    onProgress?.(done);
  }
  return standing;
}

function lastDayOf(month: string): string {
  const [first, next] = [firstDayOf(month), firstDayOf(monthAfter(month))];
  return `${month}-${String(daysBetween(first, next)).padStart(2, "0")}`;
}
