/** Owns the audit of a whole database: every workspace's journal, keys and projections, to the first fault of each. */
import type { Pool } from "pg";
import type { JournalStore } from "../journal/index.ts";
import { type AuditFault, FaultFound, expect } from "./fault.ts";
import type { WallClock } from "./policy-fold.ts";
import { headsPage, opsPage } from "./statements.ts";
import { type DecodedRow, ProjectionAudit } from "./projection-audit.ts";
import { WorkspaceAudit, isFault } from "./workspace-audit.ts";

/** What was read, and what was found wrong: at most one fault a workspace, since what follows a fault proves nothing. */
export interface Verdict {
  readonly workspaces: number;
  readonly rows: number;
  readonly events: number;
  readonly keys: number;
  readonly faults: readonly AuditFault[];
}

/** What to audit, and whom to tell. */
export interface VerifyOptions {
  readonly pool: Pool;
  readonly store: JournalStore;
  /** What the clock on the wall shows in a zone, for hours of policies. */
  readonly calendar: WallClock;
  /** Told after every page of rows. */
  readonly onProgress?: (done: { readonly workspaces: number; readonly events: number }) => void;
}

const rowsPage = 256;
const headsPageSize = 500;
const keysPage = 5_000;

/**
 * Audits everything up to the heads that stand when each workspace's turn comes; a running server may go on meanwhile.
 *
 * @example
 * const { faults } = await verify({ pool, store: postgresStore({ pool }), calendar: createCalendar() });
 */
export async function verify(options: VerifyOptions): Promise<Verdict> {
  const sums = { workspaces: 0, rows: 0, events: 0, keys: 0 };
  const faults: AuditFault[] = [];
  for await (const head of allHeads(options.pool)) {
    const audited = await verifyWorkspace(options, head, (events) =>
      options.onProgress?.({ workspaces: sums.workspaces, events: sums.events + events }),
    );
    sums.workspaces += 1;
    sums.rows += audited.rows;
    sums.events += audited.events;
    sums.keys += audited.keys;
    if (audited.fault !== undefined) faults.push(audited.fault);
  }
  return { ...sums, faults };
}

interface HeadRow {
  readonly workspaceId: string;
  readonly seq: number;
  readonly hash: string;
}

interface Audited {
  readonly rows: number;
  readonly events: number;
  readonly keys: number;
  readonly fault: AuditFault | undefined;
}

async function verifyWorkspace(
  options: VerifyOptions,
  head: HeadRow,
  onEvents: (events: number) => void,
): Promise<Audited> {
  const audit = new WorkspaceAudit(head.workspaceId, options.calendar);
  const ended = (fault: AuditFault | undefined, keys = 0): Audited => ({
    rows: audit.head.seq,
    events: audit.events,
    keys,
    fault,
  });
  try {
    const projections = await ProjectionAudit.begin(options.pool, head.workspaceId);
    while (audit.head.seq < head.seq) {
      const rows = await options.store.readRows(head.workspaceId, audit.head.seq, rowsPage);
      const due = rows.filter((row) => row.seq <= head.seq);
      expect(
        due.length > 0,
        "J3 the journal has no gap",
        () => `row ${audit.head.seq + 1} is missing`,
      );
      const decoded: DecodedRow[] = [];
      for (const row of due) {
        const result = audit.row(row);
        if (isFault(result)) return ended(result);
        decoded.push({ seq: row.seq, events: result });
      }
      await projections.page(decoded);
      onEvents(audit.events);
    }
    expect(audit.head.hash === head.hash, "the head is the last row", () => audit.head.hash);
    const atEnd = audit.finish();
    if (atEnd !== undefined) return ended(atEnd);
    await projections.finish({ seq: head.seq, nextDueAtMs: audit.nextDueAtMs });
    return ended(undefined, await verifyKeys(options.pool, head, audit));
  } catch (error) {
    if (!(error instanceof FaultFound)) throw error;
    return ended(faultAt(head, audit.head.seq, error.rule, error.found));
  }
}

/** K15: each key stands for one accepted command, and no two keys for the same. */
async function verifyKeys(pool: Pool, head: HeadRow, audit: WorkspaceAudit): Promise<number> {
  const taken = new Set<string>();
  let last = "";
  for (;;) {
    const { rows } = await pool.query<{
      op_id: string;
      fingerprint_bytes: number;
      seq: string;
      idx: number;
    }>(opsPage, [head.workspaceId, head.seq, last, keysPage]);
    for (const { op_id: key, fingerprint_bytes: bytes, seq, idx } of rows) {
      const place = `${seq}.${idx}`;
      const role = audit.roles.get(Number(seq))?.[idx];
      expect(
        role === "command",
        "K15 a key names an accepted command",
        () => `key ${key} names ${place}: ${role ?? "nothing"}`,
      );
      expect(
        !taken.has(place),
        "K15 a command has one key",
        () => `key ${key} names ${place} a second time`,
      );
      expect(
        bytes === 32,
        "a fingerprint is a SHA-256",
        () => `that of key ${key} has ${bytes} bytes`,
      );
      taken.add(place);
    }
    last = rows.at(-1)?.op_id ?? last;
    if (rows.length < keysPage) return taken.size;
  }
}

async function* allHeads(pool: Pool): AsyncGenerator<HeadRow> {
  let last = "";
  for (;;) {
    const { rows } = await pool.query<{ workspace_id: string; seq: string; hash: string }>(
      headsPage,
      [last, headsPageSize],
    );
    for (const row of rows)
      yield { workspaceId: row.workspace_id, seq: Number(row.seq), hash: row.hash };
    last = rows.at(-1)?.workspace_id ?? last;
    if (rows.length < headsPageSize) return;
  }
}

const faultAt = (head: HeadRow, seq: number, rule: string, found: string): AuditFault => ({
  workspaceId: head.workspaceId,
  position: { seq, index: 0 },
  rule,
  found,
});
