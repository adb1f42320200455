import type { Event } from "@cistern/kernel";
import { type AuditFault, WorkspaceAudit, isFault } from "../../src/audit/index.ts";
import { createCalendar } from "../../src/host/index.ts";
import type { JournalRow } from "../../src/journal/index.ts";
import { rowsOf } from "./rows-of.ts";

const calendar = createCalendar();

/** What an audit finds in events, in a chain that is valid. */
export const auditOf = (events: readonly Event[]): AuditFault | undefined =>
  auditOfRows(rowsOf(events));

/** What an audit finds in rows. */
export function auditOfRows(rows: readonly JournalRow[]): AuditFault | undefined {
  const audit = new WorkspaceAudit("acme", calendar);
  for (const row of rows) {
    const result = audit.row(row);
    if (isFault(result)) return result;
  }
  return audit.finish();
}
