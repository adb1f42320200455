/**
 * The port of the journal: what the engine asks of a store, and nothing more. `memory` and `postgres` implement it, and so
 * does the simulator's store.
 *
 * J1 a row is appended only if the workspace's head is exactly the expected one (the fence); else nothing is written.
 * J2 the row, the head and the op ids of one append become durable together or not at all.
 * J3 (workspaceId, seq) is gapless and starts at 1; `prevHash` of a row is `hash` of the row before it.
 * J4 an op id is accepted at most once per workspace.
 */

/** The tip of a workspace's journal. A workspace without rows has `seq` 0 and `genesisHash`. */
export interface Head {
  readonly seq: number;
  /** SHA-256 of the last row, 64 hex digits. */
  readonly hash: string;
}

/** One flush of one workspace: the exact bytes that were hashed, and what chains them. */
export interface JournalRow {
  readonly workspaceId: string;
  readonly seq: number;
  /** Names this attempt to append, so that an unknown outcome can be settled by reading. */
  readonly batchId: string;
  readonly prevHash: string;
  readonly hash: string;
  /** Instant of the last event in the row, milliseconds. */
  readonly atMs: number;
  /** The node that wrote it. */
  readonly writer: string;
  /** Version of the codec that wrote `events`. */
  readonly codec: number;
  /** The encoded events, byte for byte as hashed. */
  readonly events: string;
}

/** An accepted key: where its event stands, and what the request was. */
export interface OpRow {
  readonly opId: string;
  /** SHA-256 over method, path and canonical body, 64 hex digits. */
  readonly fingerprint: string;
  readonly seq: number;
  readonly index: number;
}

/** One append: `row.seq` is `expected.seq + 1` and `row.prevHash` is `expected.hash`. */
export interface Append {
  readonly expected: Head;
  readonly row: JournalRow;
  readonly ops: readonly OpRow[];
  /** Keys of refused commands that want proof in the same statement that they were never accepted. */
  readonly watched: readonly string[];
}

/**
 * What became of one append. `appended`: durable; `seen` lists those of `watched` that had been accepted before.
 * `fenced`: the head was another one; nothing was written. `duplicate`: one of `ops` had been accepted before; nothing was written
 * (when that op's append is what moved the head, either of the two may be said). Each speaks for its own workspace alone.
 */
export type AppendOutcome =
  | { readonly kind: "appended"; readonly seen: readonly OpRow[] }
  | { readonly kind: "fenced" }
  | { readonly kind: "duplicate" };

/** One page of a snapshot: an opaque body under a name, with the hash that the manifest repeats. */
export interface SnapshotPage {
  readonly page: string;
  readonly hash: string;
  readonly body: string;
}

/**
 * A snapshot names the page versions that make it up: `pages[name] = { seq, hash }`, where `seq` is the snapshot that wrote
 * that page, so that a snapshot writes only pages that changed.
 */
export interface SnapshotManifest {
  readonly workspaceId: string;
  readonly head: Head;
  readonly codec: number;
  readonly pages: Readonly<Record<string, { readonly seq: number; readonly hash: string }>>;
}

/** Why a store could not do its work. `outcome` says whether the statement may still have taken effect. */
export class StoreFault extends Error {
  override readonly name = "StoreFault";
  readonly code: string;
  readonly isRetryable: boolean;
  readonly outcome: "none" | "unknown";

  constructor(
    message: string,
    fault: { code: string; isRetryable: boolean; outcome: "none" | "unknown"; cause?: unknown },
  ) {
    super(message, { cause: fault.cause });
    this.code = fault.code;
    this.isRetryable = fault.isRetryable;
    this.outcome = fault.outcome;
  }
}

/** Events that one page of rows holds at most, in bytes, unless its first row alone is larger. */
export const pageBytesMax: number = 8 * 1024 * 1024;

/** A durable log of every workspace. All methods reject with `StoreFault`. */
export interface JournalStore {
  /** Whether appends of several workspaces may share one statement (one PostgreSQL), or not (a distributed engine). */
  readonly sharesStatements: boolean;
  /**
   * Whether appends of one workspace that are sent alone, one after the other, take effect in this order even while the first is
   * unanswered: then one may expect the row of another that is on its way. Left out: no.
   */
  readonly keepsOrder?: boolean;
  /**
   * Appends for different workspaces, each all or nothing; outcomes in the order given. A fault speaks for all of them: then
   * the caller appends again one workspace a call, each with its first `batchId`; with outcome `unknown` by RULES 22:
   * the same append again, and when that is fenced read the row at `expected.seq + 1` and compare its `batchId`.
   */
  append(appends: readonly Append[]): Promise<readonly AppendOutcome[]>;
  /** One read of the head and of these keys, both as of one moment after the call began. */
  readHead(
    workspaceId: string,
    opIds: readonly string[],
  ): Promise<{ head: Head; ops: readonly OpRow[] }>;
  /**
   * Rows after `afterSeq`, ascending, at most `limit` and at most `pageBytesMax` of events, but always the first: only an
   * empty answer says that there are no more.
   */
  readRows(workspaceId: string, afterSeq: number, limit: number): Promise<readonly JournalRow[]>;
  /**
   * What a cold workspace needs in one round trip: its head, the newest snapshot's manifest that is not beyond the head, and
   * the rows after it (all rows when there is none), bounded as in `readRows`.
   */
  readCold(
    workspaceId: string,
    limit: number,
  ): Promise<{ head: Head; manifest?: SnapshotManifest; rows: readonly JournalRow[] }>;
  /** Manifests, newest first; at most the two newest are kept. One beyond the head outlived a loss of the journal's tail. */
  readManifests(workspaceId: string): Promise<readonly SnapshotManifest[]>;
  /** The pages that the manifest names, in no order; one that is gone is left out. The reader checks the hashes. */
  readPages(manifest: SnapshotManifest): Promise<readonly SnapshotPage[]>;
  /**
   * Writes a manifest with its changed pages (those whose `seq` is the manifest's); drops manifests but the two newest, and
   * pages that neither names. When an unchanged page is gone (another node wrote two snapshots meanwhile) nothing is written
   * and the fault has the code `snapshot_page_missing`: write all pages.
   */
  writeSnapshot(manifest: SnapshotManifest, changed: readonly SnapshotPage[]): Promise<void>;
}
