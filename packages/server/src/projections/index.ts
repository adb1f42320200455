import { type Migration, readMigrations } from "../database/index.ts";

export { putDue, workspacesDue } from "./due-workspaces.ts";
export {
  draftsDue,
  invoicePage,
  invoiceRecord,
  projectedSeq,
  type CreditsDrawn,
  type DueDraft,
  type InvoiceRecord,
  type ListedInvoice,
} from "./invoice-records.ts";
export { createProjector, type Projector, type ProjectorOptions } from "./projector.ts";
export type { InvoiceEntry, StoredInvoice } from "./projected-invoices.ts";
export {
  nothingProjected,
  project,
  type Projected,
  type StoredEntry,
  type StoredUsage,
} from "./projected-rows.ts";
export { ledgerPage, mentionsIn, usagePage, type RecordPage } from "./records.ts";
export { refusalsByReason, refusalsInSpan } from "./refusals.ts";
export {
  useReportsIn,
  type CallRow,
  type RefusedRow,
  type ReportDay,
  type UsedRow,
  type UseReports,
} from "./use-reports.ts";
export { createRefusalCounts, type RefusalCounts } from "./refusal-counts.ts";

/** The tables of the projections, for `migrate`. */
export function projectionMigrations(): Promise<readonly Migration[]> {
  return readMigrations("projections", new URL("migrations/", import.meta.url));
}
