import { type LedgerEntry, type UsageRow, printCredits, printInstant } from "@cistern/contract";
import {
  type Event,
  type UsageRow as KernelUsageRow,
  type Position,
  postings,
  subjectOf,
} from "@cistern/kernel";

/** A row of usage as it is told. */
export function usageRowBody(row: KernelUsageRow, position: Position): UsageRow {
  return {
    id: row.id,
    occurredAt: printInstant(row.occurredAt),
    member: row.member,
    groups: row.groups,
    ...(row.project === null ? {} : { project: row.project }),
    ...(row.meter === null ? {} : { meter: row.meter }),
    ...(row.model === null ? {} : { model: row.model }),
    ...(row.usage === null ? {} : { usage: row.usage }),
    credits: printCredits(row.credits),
    ...(row.rate === null ? {} : { rate: row.rate }),
    ...(row.attributes === null ? {} : { attributes: row.attributes }),
    position,
  };
}

/** An event in double entry; undefined for one that posts nothing. */
export function ledgerEntryBody(
  event: Event,
  position: Position,
  currency: string,
): LedgerEntry | undefined {
  const lines = postings(event);
  if (lines.length === 0) return undefined;
  const of = subjectOf(event);
  return {
    position,
    at: printInstant(event.at),
    kind: event.kind,
    ...(of === "" ? {} : { of }),
    postings: lines.map(({ account, commodity, amount }) =>
      commodity === "CREDIT"
        ? { account, commodity, amount: printCredits(amount) }
        : { account, commodity: currency, amount: amount.toString() },
    ),
  };
}
