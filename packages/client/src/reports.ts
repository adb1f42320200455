import type {
  IdleSeatsQuery,
  IdleSeatsReport,
  InefficiencyReport,
  PowerUsersReport,
  UseReportQuery,
} from "@cistern/contract";
import type { CallOptions } from "./call-options.ts";
import type { Calls, Within } from "./calls.ts";
import type { Download } from "./download.ts";

/** The reports by the names that their paths have. */
export type UseReportName = "power-users" | "idle-seats" | "inefficiency";

type Of<Query extends UseReportQuery | IdleSeatsQuery> = Omit<Query, "format">;

/**
 * Reports on use, for the owner of a workspace. Each row says its rule and its numbers in `why`, and all are hints. Days are
 * `YYYY-MM-DD` in the workspace's zone, both included, at most 92; sums are exact. `overloaded` where others are being made.
 *
 * @example
 * const { data } = await acme.reports.powerUsers({ from: "2026-11-01", to: "2026-11-30" });
 * for (const { member, suggestedRaise, why } of data) console.log(member, suggestedRaise, why);
 */
export interface ReportsClient {
  /** Who was refused for want of credits, and the raise a day that would have covered 95 of 100 active days. */
  powerUsers(query: Of<UseReportQuery>, options?: CallOptions): Promise<PowerUsersReport>;
  /** Assigned seats without use for so many days (default 30), and what a period would cost less without them. */
  idleSeats(query?: Of<IdleSeatsQuery>, options?: CallOptions): Promise<IdleSeatsReport>;
  /** Failed calls, retries, cache misses, and models larger than the answers need. */
  inefficiency(query: Of<UseReportQuery>, options?: CallOptions): Promise<InefficiencyReport>;
  /** A report as a table (RFC 4180, UTF-8): its first rows, at most 1,000. */
  csv(
    report: UseReportName,
    query: Of<UseReportQuery> | Of<IdleSeatsQuery>,
    options?: CallOptions,
  ): Promise<Download>;
}

export function reportsClient(calls: Calls, within: Within): ReportsClient {
  const of = (name: UseReportName): string => within("reports", name);
  return {
    powerUsers: async (query, options) => await calls.read(of("power-users"), query, options),
    idleSeats: async (query, options) => await calls.read(of("idle-seats"), query, options),
    inefficiency: async (query, options) => await calls.read(of("inefficiency"), query, options),
    csv: async (report, query, options) =>
      await calls.download(of(report), { ...query, format: "csv" }, options),
  };
}
