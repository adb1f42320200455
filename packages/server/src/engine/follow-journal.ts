/**
 * Owns how a replica comes to stand on the journal's head: from cold, and after another node was faster.
 *
 * L1 a snapshot is used only when the chain goes on from its head; else an older one is, or the whole journal.
 * L2 a journal that no longer has the row that a replica stands on has lost its tail: that is told exactly, and the replica
 * is not used again (RULES 24).
 */
import type { Calendar } from "@cistern/kernel";
import { type Head, type JournalRow, type JournalStore, genesisHead } from "../journal/index.ts";
import type { Counters } from "./counters.ts";
import type { EngineLogEntry, TailLost } from "./engine-options.ts";
import { Replica } from "./replica.ts";
import type { Rules } from "./rules.ts";
import { loadSnapshot } from "./snapshots/load-snapshot.ts";
import type { StoreCalls } from "./store-calls.ts";

/** Events applied in one go: about 5 ms. */
const eventsPerPause = 512;

/** What following a journal needs. */
export interface FollowAround {
  readonly store: JournalStore;
  readonly calls: StoreCalls;
  readonly rules: Rules;
  readonly calendar: Calendar;
  readonly counters: Counters;
  readonly replayRowsMax: number;
  /** Lets other workspaces run. */
  readonly pause: () => Promise<void>;
  readonly log: (entry: EngineLogEntry) => void;
}

/** What catching up came to. */
export type CaughtUp =
  | { readonly kind: "caught_up" }
  | { readonly kind: "tail_lost"; readonly loss: TailLost };

/** A replica of a workspace that is not in memory, at the journal's head as of some moment after the call. */
export async function loadReplica(workspaceId: string, around: FollowAround): Promise<Replica> {
  const { store, calls, counters, replayRowsMax } = around;
  counters.coldLoads += 1;
  const cold = await calls.read(workspaceId, () => store.readCold(workspaceId, replayRowsMax));
  if (cold.manifest === undefined)
    return replay(new Replica(workspaceId, around.rules), cold.rows, cold.head, around);
  const newest = cold.manifest;
  const loaded = await fromSnapshot(newest, around);
  if (loaded !== undefined && goesOn(loaded.head, cold))
    return replay(loaded, cold.rows, cold.head, around);
  if (loaded !== undefined) reportBad(newest, "the journal does not go on from its head", around);
  return loadWithout(newest, cold.head, around);
}

/** Applies what other nodes appended. Answers at the journal's head as of some moment after the call, or short of it when there is much. */
export async function catchUp(replica: Replica, around: FollowAround): Promise<CaughtUp> {
  const { workspaceId } = replica;
  const { store, calls, replayRowsMax } = around;
  const rows = await calls.read(workspaceId, () =>
    store.readRows(workspaceId, replica.head.seq, replayRowsMax),
  );
  const [next] = rows;
  if (next === undefined) {
    const { head } = await calls.read(workspaceId, () => store.readHead(workspaceId, []));
    const isLost =
      head.seq < replica.head.seq ||
      (head.seq === replica.head.seq && head.hash !== replica.head.hash);
    return isLost ? loseTail(replica, head, around) : { kind: "caught_up" };
  }
  if (next.prevHash !== replica.head.hash && !(await hasRow(replica.head, workspaceId, around))) {
    const { head } = await calls.read(workspaceId, () => store.readHead(workspaceId, []));
    return loseTail(replica, head, around);
  }
  await followAll(replica, rows, around);
  return { kind: "caught_up" };
}

async function replay(
  replica: Replica,
  first: readonly JournalRow[],
  until: Head,
  around: FollowAround,
): Promise<Replica> {
  const { store, calls, replayRowsMax } = around;
  const { workspaceId } = replica;
  let rows = first;
  for (;;) {
    await followAll(replica, rows, around);
    if (replica.head.seq >= until.seq) return replica;
    rows = await calls.read(workspaceId, () =>
      store.readRows(workspaceId, replica.head.seq, replayRowsMax),
    );
    // The tail was lost between the two reads: what is there is all there is.
    if (rows.length === 0) return replica;
  }
}

/** A page of rows may take a second to apply; the other workspaces of this node shall not wait for that. */
async function followAll(
  replica: Replica,
  rows: readonly JournalRow[],
  { pause }: FollowAround,
): Promise<void> {
  let events = 0;
  for (const row of rows) {
    if (events >= eventsPerPause) {
      await pause();
      events = 0;
    }
    events += replica.follow(row);
  }
}

async function fromSnapshot(
  manifest: Parameters<typeof loadSnapshot>[0],
  around: FollowAround,
): Promise<Replica | undefined> {
  const { store, calls } = around;
  const pages = await calls.read(manifest.workspaceId, () => store.readPages(manifest));
  const loaded = await loadSnapshot(manifest, pages, around);
  if (loaded.kind === "loaded") return loaded.replica;
  reportBad(manifest, loaded.reason, around);
  return undefined;
}

function reportBad(
  manifest: { readonly workspaceId: string; readonly head: Head },
  reason: string,
  { counters, log }: FollowAround,
): void {
  counters.snapshotsBad += 1;
  log({
    level: "warn",
    code: "snapshot_bad",
    workspaceId: manifest.workspaceId,
    message: `Snapshot ${manifest.workspaceId}/${manifest.head.seq} is passed over: ${reason}. The journal is read instead.`,
  });
}

/** L1: whether the first row after a snapshot, or the head itself, stands on the snapshot's head. */
function goesOn(
  from: Head,
  { head, rows }: { readonly head: Head; readonly rows: readonly JournalRow[] },
): boolean {
  const [next] = rows;
  return next === undefined ? head.hash === from.hash : next.prevHash === from.hash;
}

/** The newest snapshot is bad: an older one, else the whole journal. */
async function loadWithout(
  bad: { readonly workspaceId: string; readonly head: Head },
  until: Head,
  around: FollowAround,
): Promise<Replica> {
  const { store, calls, replayRowsMax } = around;
  const { workspaceId } = bad;
  const manifests = await calls.read(workspaceId, () => store.readManifests(workspaceId));
  for (const manifest of manifests) {
    if (manifest.head.seq >= bad.head.seq) continue;
    const loaded = await fromSnapshot(manifest, around);
    if (loaded === undefined) continue;
    const rows = await calls.read(workspaceId, () =>
      store.readRows(workspaceId, loaded.head.seq, replayRowsMax),
    );
    if (goesOn(loaded.head, { head: until, rows })) return replay(loaded, rows, until, around);
    reportBad(manifest, "the journal does not go on from its head", around);
  }
  const rows = await calls.read(workspaceId, () => store.readRows(workspaceId, 0, replayRowsMax));
  return replay(new Replica(workspaceId, around.rules), rows, until, around);
}

async function hasRow(head: Head, workspaceId: string, around: FollowAround): Promise<boolean> {
  if (head.seq === 0) return head.hash === genesisHead.hash;
  const [row] = await around.calls.read(workspaceId, () =>
    around.store.readRows(workspaceId, head.seq - 1, 1),
  );
  return row?.seq === head.seq && row.hash === head.hash;
}

/** L2: finds the last row that the journal and the replica have in common. */
async function loseTail(replica: Replica, found: Head, around: FollowAround): Promise<CaughtUp> {
  const { workspaceId, head: lost } = replica;
  const heads = replica.recentHeads;
  let missingFrom = heads.length;
  // Rows are lost from the end, so what is still there is a beginning of the list.
  for (let from = 0; from < missingFrom;) {
    const middle = (from + missingFrom) >>> 1;
    const head = heads[middle];
    if (head !== undefined && (await hasRow(head, workspaceId, around))) from = middle + 1;
    else missingFrom = middle;
  }
  const kept = heads[missingFrom - 1];
  around.counters.tailsLost += 1;
  const loss = { workspaceId, kept, lost, found };
  const after = kept === undefined ? "a row that this node no longer knows" : `row ${kept.seq}`;
  around.log({
    level: "error",
    code: "tail_lost",
    workspaceId,
    message: `The journal of ${workspaceId} lost acknowledged rows: all after ${after}, up to row ${lost.seq} (${lost.hash.slice(0, 8)}). Its head is now ${found.seq} (${found.hash.slice(0, 8)}).`,
  });
  return { kind: "tail_lost", loss };
}
