import type {
  DeniedByReason,
  LedgerEntry,
  LedgerQuery,
  UsageQuery,
  UsageRow,
} from "@cistern/contract";
import type { Instant } from "@cistern/kernel";

/** A page of rows; `nextCursor` is left out on the last one. */
export interface RecordPage<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor?: string;
}

/** What the API asks of the projections: rows of usage and of the ledger, as of their cursor. */
export interface Records {
  usage(workspaceId: string, query: UsageQuery): Promise<RecordPage<UsageRow>>;
  ledger(workspaceId: string, query: LedgerQuery): Promise<RecordPage<LedgerEntry>>;
  /** How far the projections are behind the journal, in seconds. */
  lagSeconds(): number;
}

/** What the API asks of the counts of refusals. Those of this node are written first. */
export interface Refusals {
  byReason(asked: {
    readonly workspaceId: string;
    readonly member: string;
    /** Counts from the hour that it is in. */
    readonly since: Instant;
  }): Promise<readonly DeniedByReason[]>;
}
