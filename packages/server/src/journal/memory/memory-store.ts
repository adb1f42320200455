/**
 * Owns a journal in memory: for simulation and for users' unit tests. It keeps the promises of the port (J1-J4) but that of
 * outliving the process, and gives back exactly the rows that it was given. Mutable: the map of journals below.
 */
import { assertAppends, assertKeysDiffer } from "../assert-append.ts";
import { genesisHead } from "../chain.ts";
import {
  pageBytesMax,
  StoreFault,
  type Append,
  type AppendOutcome,
  type Head,
  type JournalRow,
  type JournalStore,
  type OpRow,
  type SnapshotManifest,
  type SnapshotPage,
} from "../port.ts";

interface Journal {
  head: Head;
  readonly rows: JournalRow[];
  readonly ops: Map<string, OpRow>;
  /** Newest first, at most two. */
  manifests: SnapshotManifest[];
  /** By `pageKey`. */
  pages: Map<string, SnapshotPage>;
}

/** A store that forgets everything with the process. Example: `const engine = startEngine({ store: memoryStore(), … })`. */
export function memoryStore(): JournalStore {
  const journals = new Map<string, Journal>();
  const journalOf = (workspaceId: string): Journal => journals.get(workspaceId) ?? emptyJournal();

  return {
    sharesStatements: true,
    keepsOrder: true,
    async append(appends) {
      assertAppends(appends);
      assertKeysDiffer(appends);
      return appends.map((append) => {
        const journal = journalOf(append.row.workspaceId);
        journals.set(append.row.workspaceId, journal);
        return appendTo(journal, append);
      });
    },
    async readHead(workspaceId, opIds) {
      const { head, ops } = journalOf(workspaceId);
      return { head, ops: accepted(ops, opIds) };
    },
    async readRows(workspaceId, afterSeq, limit) {
      return rowsAfter(journalOf(workspaceId), afterSeq, limit);
    },
    async readCold(workspaceId, limit) {
      const journal = journalOf(workspaceId);
      const { head } = journal;
      const manifest = journal.manifests.find((candidate) => candidate.head.seq <= head.seq);
      const rows = rowsAfter(journal, manifest?.head.seq ?? 0, limit);
      return manifest === undefined ? { head, rows } : { head, manifest, rows };
    },
    async readManifests(workspaceId) {
      return journalOf(workspaceId).manifests;
    },
    async readPages(manifest) {
      const { pages } = journalOf(manifest.workspaceId);
      return pageKeys(manifest).flatMap((key) => pages.get(key) ?? []);
    },
    async writeSnapshot(manifest, changed) {
      const journal = journalOf(manifest.workspaceId);
      journals.set(manifest.workspaceId, journal);
      writeSnapshotTo(journal, manifest, changed);
    },
  };
}

function emptyJournal(): Journal {
  return { head: genesisHead, rows: [], ops: new Map(), manifests: [], pages: new Map() };
}

function appendTo(journal: Journal, { expected, row, ops, watched }: Append): AppendOutcome {
  if (journal.head.seq !== expected.seq || journal.head.hash !== expected.hash)
    return { kind: "fenced" };
  if (ops.some((op) => journal.ops.has(op.opId))) return { kind: "duplicate" };
  const seen = accepted(journal.ops, watched);
  journal.rows.push(row);
  journal.head = { seq: row.seq, hash: row.hash };
  for (const op of ops) journal.ops.set(op.opId, op);
  return { kind: "appended", seen };
}

function accepted(ops: ReadonlyMap<string, OpRow>, opIds: readonly string[]): readonly OpRow[] {
  return [...new Set(opIds)].flatMap((opId) => ops.get(opId) ?? []);
}

function rowsAfter(journal: Journal, afterSeq: number, limit: number): readonly JournalRow[] {
  const rows: JournalRow[] = [];
  let bytes = 0;
  for (const row of journal.rows.slice(afterSeq, afterSeq + limit)) {
    bytes += Buffer.byteLength(row.events);
    if (rows.length > 0 && bytes > pageBytesMax) break;
    rows.push(row);
  }
  return rows;
}

function pageKey(page: string, seq: number): string {
  return `${seq} ${page}`;
}

function pageKeys(manifest: SnapshotManifest): string[] {
  return Object.entries(manifest.pages).map(([page, { seq }]) => pageKey(page, seq));
}

function writeSnapshotTo(
  journal: Journal,
  manifest: SnapshotManifest,
  changed: readonly SnapshotPage[],
): void {
  const { seq } = manifest.head;
  const pages = new Map(journal.pages);
  for (const page of changed) pages.set(pageKey(page.page, seq), page);
  const missing = pageKeys(manifest).find((key) => !pages.has(key));
  if (missing !== undefined)
    throw new StoreFault(
      `Snapshot ${manifest.workspaceId}/${seq} names the lost page ${missing}.`,
      {
        code: "snapshot_page_missing",
        isRetryable: false,
        outcome: "none",
      },
    );
  const others = journal.manifests.filter((other) => other.head.seq !== seq);
  journal.manifests = [manifest, ...others].toSorted((a, b) => b.head.seq - a.head.seq).slice(0, 2);
  const named = new Set(journal.manifests.flatMap(pageKeys));
  journal.pages = new Map([...pages].filter(([key]) => named.has(key)));
}
