import { WorkspaceAudit, isFault } from "../../../packages/server/src/audit/index.ts";
import { createCalendar } from "../../../packages/server/src/host/index.ts";
import type { JournalStore } from "../../../packages/server/src/journal/index.ts";

const rowsPage = 256;

/** The first fault of each journal. */
export async function faultsIn(
  store: JournalStore,
  workspaceIds: Iterable<string>,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const workspaceId of workspaceIds) {
    const fault = await firstFault(store, workspaceId);
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
}

/** The first fault that the auditor of `cistern verify` finds in a journal: chain, postings, lots, holds, use, state. */
async function firstFault(store: JournalStore, workspaceId: string): Promise<string | undefined> {
  const audit = new WorkspaceAudit(workspaceId, createCalendar());
  for (;;) {
    const rows = await store.readRows(workspaceId, audit.head.seq, rowsPage);
    for (const row of rows) {
      const result = audit.row(row);
      if (isFault(result)) return `${workspaceId}/${row.seq}: ${result.rule}: ${result.found}`;
    }
    if (rows.length > 0) continue;
    const fault = audit.finish();
    return fault === undefined ? undefined : `${workspaceId}: ${fault.rule}: ${fault.found}`;
  }
}
