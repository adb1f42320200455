/**
 * Owns the simulated database: what is durable, and the true record of what ever was. It executes one statement at a time,
 * at one instant of virtual time; everything that can go wrong on the way there and back is in `connection.ts`.
 *
 * D1 it keeps the promises of the journal's port (J1-J4), unless a bug is planted here. D2 a failover takes it back to a
 * moment that has passed; what was lost by it stays in the record as a branch, so that the checker can say exactly what.
 */
import { StoreFault, genesisHead } from "cistern/journal";
import type {
  Append,
  AppendOutcome,
  Head,
  JournalRow,
  OpRow,
  SnapshotManifest,
  SnapshotPage,
} from "cistern/journal";
import type { CapTold, Spender, WatchCursor } from "cistern/watching";
import type { PlantedBug } from "../planted/planted-bug.ts";
import type { Chance } from "../world/chance.ts";
import type { FaultCounts } from "../world/fault-counts.ts";
import type { World } from "../world/world.ts";

/** A row with its keys, and the moment of its commit. */
export interface Committed {
  readonly row: JournalRow;
  readonly ops: readonly OpRow[];
  readonly committedUs: number;
}

/** The rows of one workspace between two failovers. */
export interface Branch {
  readonly rows: readonly Committed[];
  readonly fromUs: number;
  /** When a failover ended it; infinity for the branch that stands. */
  readonly untilUs: number;
  /** Rows that the failover kept; all of them for the branch that stands. */
  readonly kept: number;
}

interface Snapshots {
  readonly writtenUs: number;
  /** Newest first, at most two. */
  readonly manifests: readonly SnapshotManifest[];
  readonly pages: ReadonlyMap<string, SnapshotPage>;
}

/** What the watch over a workspace keeps, as its last statement left it. */
export interface Watched extends Omit<WatchCursor, "storedSeq" | "seq"> {
  readonly writtenUs: number;
  readonly seq: number;
  readonly spenders: ReadonlyMap<string, Spender>;
  readonly caps: ReadonlyMap<string, CapTold>;
}

interface Journal {
  rows: Committed[];
  ops: Map<string, OpRow>;
  /** Versions by time, newest last. */
  snapshots: Snapshots[];
  watched: Watched[];
  readonly branches: Branch[];
  branchFromUs: number;
}

const noSnapshots: Snapshots = { writtenUs: -1, manifests: [], pages: new Map() };

/** See the file head. */
export class Database {
  readonly #world: World;
  readonly #chance: Chance;
  readonly #counts: FaultCounts;
  readonly #bug: PlantedBug | undefined;
  readonly #journals = new Map<string, Journal>();

  constructor(world: World, chance: Chance, counts: FaultCounts, bug?: PlantedBug) {
    this.#world = world;
    this.#chance = chance;
    this.#counts = counts;
    this.#bug = bug;
  }

  get nowMs(): number {
    return this.#world.nowMs;
  }

  head(workspaceId: string): Head {
    const last = this.#journal(workspaceId).rows.at(-1)?.row;
    return last === undefined ? genesisHead : { seq: last.seq, hash: last.hash };
  }

  append(appends: readonly Append[]): readonly AppendOutcome[] {
    return appends.map((append) => this.#appendOne(append));
  }

  readHead(workspaceId: string, opIds: readonly string[]): { head: Head; ops: readonly OpRow[] } {
    const { ops } = this.#journal(workspaceId);
    return { head: this.head(workspaceId), ops: accepted(ops, opIds) };
  }

  readRows(workspaceId: string, afterSeq: number, limit: number): readonly JournalRow[] {
    const { rows } = this.#journal(workspaceId);
    return rows.slice(afterSeq, afterSeq + limit).map(({ row }) => row);
  }

  readCold(
    workspaceId: string,
    limit: number,
  ): { head: Head; manifest?: SnapshotManifest; rows: readonly JournalRow[] } {
    const head = this.head(workspaceId);
    const manifest = this.readManifests(workspaceId).find((one) => one.head.seq <= head.seq);
    if (manifest === undefined) return { head, rows: this.readRows(workspaceId, 0, limit) };
    if (this.#bug === "staleSnapshotTakenForCurrent")
      return { head, manifest: { ...manifest, head }, rows: [] };
    return { head, manifest, rows: this.readRows(workspaceId, manifest.head.seq, limit) };
  }

  readManifests(workspaceId: string): readonly SnapshotManifest[] {
    return this.#snapshots(workspaceId).manifests;
  }

  readPages(manifest: SnapshotManifest): readonly SnapshotPage[] {
    const { pages } = this.#snapshots(manifest.workspaceId);
    return pageKeys(manifest).flatMap((key) => pages.get(key) ?? []);
  }

  writeSnapshot(manifest: SnapshotManifest, changed: readonly SnapshotPage[]): void {
    const journal = this.#journal(manifest.workspaceId);
    const before = this.#snapshots(manifest.workspaceId);
    const { seq } = manifest.head;
    const pages = new Map(before.pages);
    for (const page of changed) pages.set(pageKey(page.page, seq), page);
    if (pageKeys(manifest).some((key) => !pages.has(key)))
      throw new StoreFault(`Snapshot ${seq} names a lost page.`, {
        code: "snapshot_page_missing",
        isRetryable: false,
        outcome: "none",
      });
    const manifests = [manifest, ...before.manifests.filter((one) => one.head.seq !== seq)]
      .toSorted((a, b) => b.head.seq - a.head.seq)
      .slice(0, 2);
    const named = new Set(manifests.flatMap(pageKeys));
    journal.snapshots.push({
      writtenUs: this.#world.nowUs,
      manifests,
      pages: new Map([...pages].filter(([key]) => named.has(key))),
    });
  }

  /** What the watch has come to. */
  watched(workspaceId: string): Watched | undefined {
    return this.#journal(workspaceId).watched.at(-1);
  }

  /** Takes it on, from where its writer found it; false: another was there first. */
  advanceWatch(workspaceId: string, from: number, next: Omit<Watched, "writtenUs">): boolean {
    const { watched } = this.#journal(workspaceId);
    if ((watched.at(-1)?.seq ?? 0) !== from) return false;
    watched.push({ ...next, writtenUs: this.#world.nowUs });
    return true;
  }

  /** Flips a letter of a page of a snapshot, or loses the page. */
  corruptSnapshot(): void {
    const ids = [...this.#journals.keys()].filter((id) => this.#snapshots(id).manifests.length > 0);
    const id = this.#chance.pick(ids);
    if (id === undefined) return;
    const before = this.#snapshots(id);
    const key = this.#chance.pick([...before.pages.keys()]);
    const page = key === undefined ? undefined : before.pages.get(key);
    if (key === undefined || page === undefined) return;
    const pages = new Map(before.pages);
    if (this.#chance.happens(0.3)) pages.delete(key);
    else pages.set(key, { ...page, body: flipped(page.body, this.#chance) });
    this.#journal(id).snapshots.push({ ...before, writtenUs: this.#world.nowUs, pages });
    this.#counts.snapshotsCorrupted += 1;
  }

  /** It comes back with all that it had answered. */
  restart(): void {
    this.#counts.databaseRestarts += 1;
    if (this.#bug !== "commitsNotSynced") return;
    const syncedUs = this.#world.nowUs - 50_000;
    for (const journal of this.#journals.values()) {
      journal.rows = journal.rows.filter(({ committedUs }) => committedUs <= syncedUs);
      journal.ops = keysOf(journal.rows);
    }
  }

  /** A replica that was `lagUs` behind takes over: whatever was committed since is gone. */
  failOver(lagUs: number): void {
    const cutUs = this.#world.nowUs - lagUs;
    const keepsSnapshots = this.#chance.happens(0.5);
    this.#counts.failovers += 1;
    for (const journal of this.#journals.values()) {
      const kept = journal.rows.filter(({ committedUs }) => committedUs <= cutUs).length;
      journal.watched = journal.watched.filter(({ writtenUs }) => writtenUs <= cutUs);
      if (!keepsSnapshots)
        journal.snapshots = journal.snapshots.filter(({ writtenUs }) => writtenUs <= cutUs);
      if (kept === journal.rows.length) continue;
      this.#counts.rowsLost += journal.rows.length - kept;
      journal.branches.push({
        rows: journal.rows,
        fromUs: journal.branchFromUs,
        untilUs: this.#world.nowUs,
        kept,
      });
      journal.branchFromUs = this.#world.nowUs;
      journal.rows = journal.rows.slice(0, kept);
      journal.ops = keysOf(journal.rows);
    }
  }

  /** The true record: branches that failovers ended, oldest first, and the one that stands. */
  branches(workspaceId: string): readonly Branch[] {
    const { branches, rows, branchFromUs } = this.#journal(workspaceId);
    const standing = { rows, fromUs: branchFromUs, untilUs: Infinity, kept: rows.length };
    return [...branches, standing];
  }

  /** All keys as the database has them now. */
  keys(workspaceId: string): ReadonlyMap<string, OpRow> {
    return this.#journal(workspaceId).ops;
  }

  #appendOne({ expected, row, ops, watched }: Append): AppendOutcome {
    const journal = this.#journal(row.workspaceId);
    const head = this.head(row.workspaceId);
    const isFenced = head.seq !== expected.seq || head.hash !== expected.hash;
    if (isFenced && this.#bug !== "noFence") return { kind: "fenced" };
    const isDoubled = ops.some((op) => journal.ops.has(op.opId));
    if (isDoubled && this.#bug !== "keysNotUnique") return { kind: "duplicate" };
    const seen = accepted(journal.ops, watched);
    if (isFenced) journal.rows = journal.rows.slice(0, expected.seq);
    journal.rows.push({ row, ops, committedUs: this.#world.nowUs });
    const writeKeys = (): void => {
      for (const op of ops) if (!journal.ops.has(op.opId)) journal.ops.set(op.opId, op);
    };
    if (this.#bug === "keysOutsideAppend")
      this.#world.schedule(this.#chance.around(500_000), writeKeys);
    else writeKeys();
    return { kind: "appended", seen };
  }

  #journal(workspaceId: string): Journal {
    const known = this.#journals.get(workspaceId);
    if (known !== undefined) return known;
    const journal: Journal = {
      rows: [],
      ops: new Map(),
      snapshots: [],
      watched: [],
      branches: [],
      branchFromUs: 0,
    };
    this.#journals.set(workspaceId, journal);
    return journal;
  }

  #snapshots(workspaceId: string): Snapshots {
    return this.#journal(workspaceId).snapshots.at(-1) ?? noSnapshots;
  }
}

const accepted = (ops: ReadonlyMap<string, OpRow>, opIds: readonly string[]): readonly OpRow[] =>
  [...new Set(opIds)].flatMap((opId) => ops.get(opId) ?? []);

const keysOf = (rows: readonly Committed[]): Map<string, OpRow> =>
  new Map(rows.flatMap(({ ops }) => ops).map((op) => [op.opId, op] as const));

const pageKey = (page: string, seq: number): string => `${seq} ${page}`;

const pageKeys = (manifest: SnapshotManifest): string[] =>
  Object.entries(manifest.pages).map(([page, { seq }]) => pageKey(page, seq));

function flipped(body: string, chance: Chance): string {
  const place = chance.between(0, Math.max(0, body.length - 1));
  const letter = body.charCodeAt(place) ^ 1;
  return body.slice(0, place) + String.fromCharCode(letter) + body.slice(place + 1);
}
