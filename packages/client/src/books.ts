import type {
  BooksClosed,
  BreakageQuery,
  BreakageReport,
  ClosingRequest,
  CreditsOutstandingReport,
  ReportQuery,
  RevenueReport,
  RollForwardReport,
  TrialBalanceReport,
  UnbilledReport,
} from "@cistern/contract";
import type { CallOptions } from "./call-options.ts";
import type { Calls } from "./calls.ts";
import type { Download } from "./download.ts";
import { paths } from "./paths.ts";

/** Of which month, of whom; how it is written is said by the method. */
type Of<Query extends ReportQuery> = Omit<Query, "format">;

/** The reports by the names that their paths have. */
export type ReportName =
  | "trial-balance"
  | "roll-forward"
  | "revenue"
  | "unbilled"
  | "credits-outstanding"
  | "breakage";

/**
 * The vendor's books over all workspaces, or one. Months are `YYYY-MM`; amounts are exact decimals in the currency's own digits. It
 * takes a key that is not bound to a workspace, else `forbidden`. A report reads whole journals, so it takes its time: where there is
 * much to read, give the client a longer `requestTimeoutMs`. `overloaded` where others are being made.
 *
 * @example
 * await cistern.books.close({ month: "2026-10" });
 * const { data } = await cistern.books.trialBalance({ month: "2026-10" });
 */
export interface BooksClient {
  /** Closes a month of every workspace. Send it again where it broke off: what is closed stays as it is. */
  close(request: ClosingRequest, options?: CallOptions): Promise<BooksClosed>;
  /** What stood on each account, was debited and credited, and stands there then; debit above zero. */
  trialBalance(query: Of<ReportQuery>, options?: CallOptions): Promise<TrialBalanceReport>;
  /** Deferred revenue of each customer: opening + billed - recognised - refunded + moved = closing. */
  rollForward(query: Of<ReportQuery>, options?: CallOptions): Promise<RollForwardReport>;
  revenue(query: Of<ReportQuery>, options?: CallOptions): Promise<RevenueReport>;
  /** What each customer owes that no invoice has yet. */
  unbilled(query: Of<ReportQuery>, options?: CallOptions): Promise<UnbilledReport>;
  /** Lots that have credits, or money not recognised, at the end of the month. */
  creditsOutstanding(
    query: Of<ReportQuery>,
    options?: CallOptions,
  ): Promise<CreditsOutstandingReport>;
  /** What was estimated to go unused, against what did. */
  breakage(query: Of<BreakageQuery>, options?: CallOptions): Promise<BreakageReport>;
  /** A report as a table (RFC 4180, UTF-8). */
  csv(report: ReportName, query: Of<BreakageQuery>, options?: CallOptions): Promise<Download>;
}

export function booksClient(calls: Calls): BooksClient {
  const read = async <Report>(name: ReportName, query: object, options?: CallOptions) =>
    await calls.read<Report>(paths.books(name), query, options);
  return {
    close: async (request, options) => await calls.ask(paths.books("closings"), request, options),
    trialBalance: async (query, options) => await read("trial-balance", query, options),
    rollForward: async (query, options) => await read("roll-forward", query, options),
    revenue: async (query, options) => await read("revenue", query, options),
    unbilled: async (query, options) => await read("unbilled", query, options),
    creditsOutstanding: async (query, options) => await read("credits-outstanding", query, options),
    breakage: async (query, options) => await read("breakage", query, options),
    csv: async (report, query, options) =>
      await calls.download(paths.books(report), { ...query, format: "csv" }, options),
  };
}
