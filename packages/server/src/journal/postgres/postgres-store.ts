/**
 * Owns the journal in PostgreSQL, and keeps J1-J4 by its key constraints and one compare-and-set statement. Nothing is held in
 * this process: any number of stores, in any number of processes, may stand on one database.
 */
import type { Pool } from "pg";
import { readMigrations, type Migration } from "../../database/index.ts";
import { assertAppends, assertKeysDiffer } from "../assert-append.ts";
import { genesisHead } from "../chain.ts";
import {
  pageBytesMax,
  type Append,
  type AppendOutcome,
  type JournalRow,
  type JournalStore,
} from "../port.ts";
import { appendOneParameters, appendOutcomes, appendParameters, isPlain, opRow } from "./append.ts";
import { textArray } from "../../database/index.ts";
import {
  isUniqueViolation,
  openSession,
  type Column,
  type Rows,
  type Session,
  type Statement,
} from "./session.ts";
import { manifestOf, readManifests, readPages, writeSnapshot } from "./snapshots.ts";
import { appendOneSql, appendSql, readColdSql, readHeadSql, readRowsSql } from "./statements.ts";

/** Where a store finds its database. */
export interface PostgresStoreOptions {
  /** Its connections: one an append or read in flight. The store neither makes nor ends it. */
  readonly pool: Pool;
  /** Whether several machines commit together (`Database.isDistributed`): then one workspace a statement. Default false. */
  readonly isDistributed?: boolean;
}

const appendStatement: Statement = { name: "journal_append", text: appendSql };
const appendOneStatement: Statement = { name: "journal_append_one", text: appendOneSql };
const readHeadStatement: Statement = { name: "journal_head", text: readHeadSql };
const readRowsStatement: Statement = { name: "journal_rows", text: readRowsSql };
const readColdStatement: Statement = { name: "journal_cold", text: readColdSql };

/** The journal's tables, for `migrate`. */
export function journalMigrations(): Promise<readonly Migration[]> {
  return readMigrations("journal", new URL("migrations/", import.meta.url));
}

/**
 * A store on a database whose schema has `journalMigrations`.
 *
 * @example const store = postgresStore({ pool: database.openPool({ purpose: "journal", connectionsMax: 4 }) });
 */
export function postgresStore(options: PostgresStoreOptions): JournalStore {
  const isDistributed = options.isDistributed ?? false;
  const session = openSession(options.pool, !isDistributed);
  return {
    sharesStatements: !isDistributed,
    keepsOrder: true,
    append: (appends) => append(session, appends),
    async readHead(workspaceId, opIds) {
      const doing = `Reading the head of ${workspaceId}`;
      const rows = await session.run(readHeadStatement, [workspaceId, textArray(opIds)], doing);
      let head = genesisHead;
      const ops = [];
      for (const [kind, ...columns] of rows) {
        if (kind === "op") ops.push(opRow(columns));
        else head = { seq: Number(columns[2]), hash: String(columns[1]) };
      }
      return { head, ops };
    },
    async readRows(workspaceId, afterSeq, limit) {
      const values = [workspaceId, afterSeq, limit, pageBytesMax];
      const doing = `Reading rows of ${workspaceId} after ${afterSeq}`;
      const rows = await session.run(readRowsStatement, values, doing);
      return rows.map((row) => journalRow(workspaceId, row));
    },
    async readCold(workspaceId, limit) {
      const values = [workspaceId, limit, pageBytesMax];
      const doing = `Reading ${workspaceId} from its newest snapshot`;
      return coldOf(workspaceId, await session.run(readColdStatement, values, doing));
    },
    readManifests: (workspaceId) => readManifests(session, workspaceId),
    readPages: (manifest) => readPages(session, manifest),
    writeSnapshot: (manifest, changed) => writeSnapshot(session, manifest, changed),
  };
}

/**
 * Keys that were accepted before are rare, so the statement first runs without looking for them. If one is there, the key
 * constraint rolls it back, and it runs again and tells whose key it is. (A key that another node commits in between moves the
 * head too, so that append is fenced.)
 */
async function append(session: Session, appends: readonly Append[]) {
  assertAppends(appends);
  const [first] = appends;
  if (first === undefined) return [];
  const others = appends.length > 1 ? ` and ${appends.length - 1} more` : "";
  const doing = `Appending ${first.row.workspaceId}/${first.row.seq}${others}`;
  // On the connection of an append of the same workspace that is on its way, and so behind it.
  const line = appends.length === 1 ? first.row.workspaceId : undefined;
  const run = async (looksFirst: boolean): Promise<readonly AppendOutcome[]> => {
    if (appends.length === 1 && isPlain(first) && !looksFirst) {
      const rows = await session.run(appendOneStatement, appendOneParameters(first), doing, line);
      return [rows.length === 1 ? { kind: "appended", seen: [] } : { kind: "fenced" }];
    }
    const values = appendParameters(appends, looksFirst);
    return appendOutcomes(appends, await session.run(appendStatement, values, doing, line));
  };
  try {
    return await run(false);
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    assertKeysDiffer(appends);
    return run(true);
  }
}

/** Rows of kind head, manifest (at most one each) and row, in this order. */
function coldOf(workspaceId: string, rows: Rows): Awaited<ReturnType<JournalStore["readCold"]>> {
  const ofKind = (wanted: string) =>
    rows.filter(([kind]) => kind === wanted).map(([, ...columns]) => columns);
  const [head] = ofKind("head");
  const [manifest] = ofKind("manifest");
  return {
    head: head === undefined ? genesisHead : { seq: Number(head[0]), hash: String(head[1]) },
    ...(manifest === undefined ? {} : { manifest: manifestOf(workspaceId, manifest) }),
    rows: ofKind("row").map((columns) => journalRow(workspaceId, columns)),
  };
}

/** The columns seq, hash, codec, events, batch id, previous hash, at, writer. */
function journalRow(workspaceId: string, columns: readonly Column[]): JournalRow {
  const [seq, hash, codec, events, batchId, prevHash, atMs, writer] = columns;
  return {
    workspaceId,
    seq: Number(seq),
    batchId: String(batchId),
    prevHash: String(prevHash),
    hash: String(hash),
    atMs: Number(atMs),
    writer: String(writer),
    codec: Number(codec),
    events: String(events),
  };
}
