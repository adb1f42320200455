/** The promises of the port (J1-J4, snapshots) as tests that every store runs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  codecVersion,
  genesisHead,
  hashRow,
  pageBytesMax,
  verifyRow,
  type Append,
  type Head,
  type JournalRow,
  type JournalStore,
  type OpRow,
  type SnapshotManifest,
  type SnapshotPage,
} from "../../src/journal/index.ts";

/** Opens `count` stores on one journal (two nodes on one database), and closes them after the test. */
export type OpenStores = (count: number) => Promise<readonly JournalStore[]>;

let made = 0;

/** A workspace id that no other test uses. */
export function freshWorkspace(): string {
  made += 1;
  return `ws_${made}`;
}

/** The append of one row with these keys after `expected`. */
export function appendAfter(
  workspaceId: string,
  expected: Head,
  rest: { opIds?: readonly string[]; watched?: readonly string[]; events?: string } = {},
): Append {
  made += 1;
  const row = {
    workspaceId,
    seq: expected.seq + 1,
    batchId: `batch_${made}`,
    prevHash: expected.hash,
    atMs: 1_763_900_000_000 + made,
    writer: "node-1",
    codec: codecVersion,
    events: rest.events ?? `[{"type":"tested","name":"é 😀 \\"q\\" '","credits":"#${made}"}]`,
  };
  const ops = (rest.opIds ?? []).map((opId, index) => opRow(opId, row.seq, index));
  return { expected, row: { ...row, hash: hashRow(row) }, ops, watched: rest.watched ?? [] };
}

export function opRow(opId: string, seq: number, index: number): OpRow {
  return { opId, fingerprint: Buffer.from(opId).toString("hex").padEnd(64, "0"), seq, index };
}

export function headOf(row: JournalRow): Head {
  return { seq: row.seq, hash: row.hash };
}

/** Appends `count` rows one after the other and gives them back. */
export async function appendChain(
  store: JournalStore,
  workspaceId: string,
  count: number,
  events?: string,
): Promise<JournalRow[]> {
  const rows: JournalRow[] = [];
  for (let written = 0; written < count; written += 1) {
    const last = rows.at(-1);
    const expected = last === undefined ? genesisHead : headOf(last);
    const append = appendAfter(workspaceId, expected, events === undefined ? {} : { events });
    assert.deepEqual(await store.append([append]), [{ kind: "appended", seen: [] }]);
    rows.push(append.row);
  }
  return rows;
}

function snapshotAt(
  row: JournalRow,
  pages: Readonly<Record<string, { seq: number; hash: string }>>,
): SnapshotManifest {
  return { workspaceId: row.workspaceId, head: headOf(row), codec: codecVersion, pages };
}

const byId = (a: OpRow, b: OpRow): number => (a.opId < b.opId ? -1 : 1);
const byPage = (a: SnapshotPage, b: SnapshotPage): number => (a.page < b.page ? -1 : 1);

/** Registers the tests of `store` under the store's name. */
export function testStore(name: string, open: OpenStores): void {
  const storeTest = (
    sentence: string,
    check: (store: JournalStore, workspaceId: string) => Promise<void>,
  ): void => {
    test(`${name}: ${sentence}`, async () => {
      const [store] = await open(1);
      assert.ok(store);
      await check(store, freshWorkspace());
    });
  };
  testAppends(storeTest);
  testSharedAppends(storeTest);
  testRepeatedKeys(storeTest);
  testReads(storeTest);
  testSnapshots(storeTest);
  testTwoNodes(name, open);
}

type StoreTest = (
  sentence: string,
  check: (store: JournalStore, workspaceId: string) => Promise<void>,
) => void;

function testAppends(storeTest: StoreTest): void {
  storeTest(
    "appends that overlap take effect in the order in which they were sent",
    async (store, workspaceId) => {
      assert.equal(store.keepsOrder, true);
      const first = appendAfter(workspaceId, genesisHead, { opIds: ["a"] });
      const second = appendAfter(workspaceId, headOf(first.row), { opIds: ["b"], watched: ["a"] });
      const third = appendAfter(workspaceId, headOf(second.row), { opIds: ["c"] });
      const sent = [first, second, third].map((append) => store.append([append]));
      const kinds = (await Promise.all(sent)).map(([outcome]) => outcome?.kind);
      assert.deepEqual(kinds, ["appended", "appended", "appended"]);
      const late = appendAfter(workspaceId, headOf(second.row), { opIds: ["d"] });
      const behind = appendAfter(workspaceId, headOf(late.row), { opIds: ["e"] });
      const lost = [late, behind].map((append) => store.append([append]));
      const fenced = (await Promise.all(lost)).map(([outcome]) => outcome?.kind);
      assert.deepEqual(fenced, ["fenced", "fenced"]);
      const used = appendAfter(workspaceId, headOf(third.row), { opIds: ["a"] });
      const after = appendAfter(workspaceId, headOf(used.row), { opIds: ["f"] });
      const refused = [used, after].map((append) => store.append([append]));
      const outcomes = (await Promise.all(refused)).map(([outcome]) => outcome?.kind);
      assert.deepEqual(outcomes, ["duplicate", "fenced"]);
      assert.equal((await store.readHead(workspaceId, [])).head.seq, 3);
    },
  );

  storeTest("a workspace without rows has the genesis head", async (store, workspaceId) => {
    assert.deepEqual(await store.readHead(workspaceId, ["k"]), { head: genesisHead, ops: [] });
    assert.deepEqual(await store.readRows(workspaceId, 0, 10), []);
    assert.deepEqual(await store.readCold(workspaceId, 10), { head: genesisHead, rows: [] });
  });

  storeTest("J2 an append moves the head and keeps row and keys exactly", async (store, ws) => {
    const append = appendAfter(ws, genesisHead, { opIds: ["k1", "k2"] });
    assert.deepEqual(await store.append([append]), [{ kind: "appended", seen: [] }]);
    const { head, ops } = await store.readHead(ws, ["k2", "k1", "k3", "k1"]);
    assert.deepEqual(head, headOf(append.row));
    assert.deepEqual(ops.toSorted(byId), append.ops);
    assert.deepEqual(await store.readRows(ws, 0, 10), [append.row]);
  });

  storeTest("J1 an append on another head writes nothing", async (store, ws) => {
    const [first] = await appendChain(store, ws, 1);
    assert.ok(first);
    const wrong: readonly Head[] = [
      genesisHead,
      { seq: 1, hash: "f".repeat(64) },
      { seq: 2, hash: first.hash },
    ];
    for (const expected of wrong) {
      const append = appendAfter(ws, expected, { opIds: ["k"] });
      assert.deepEqual(await store.append([append]), [{ kind: "fenced" }]);
    }
    assert.deepEqual(await store.readHead(ws, ["k"]), { head: headOf(first), ops: [] });
    assert.deepEqual(await store.readRows(ws, 0, 10), [first]);
  });

  storeTest("J1 a workspace without rows fences an append on a later head", async (store, ws) => {
    const append = appendAfter(ws, { seq: 3, hash: "a".repeat(64) }, { opIds: ["k"] });
    assert.deepEqual(await store.append([append]), [{ kind: "fenced" }]);
    assert.deepEqual(await store.readHead(ws, ["k"]), { head: genesisHead, ops: [] });
  });

  storeTest("J3 rows are gapless and each names the one before it", async (store, ws) => {
    await appendChain(store, ws, 5);
    let head = genesisHead;
    for (const row of await store.readRows(ws, 0, 10)) {
      assert.equal(verifyRow(row, head), undefined);
      head = headOf(row);
    }
    assert.equal(head.seq, 5);
  });

  storeTest("J4 a key is accepted once; its repetition writes nothing", async (store, ws) => {
    const first = appendAfter(ws, genesisHead, { opIds: ["k1"] });
    await store.append([first]);
    const second = appendAfter(ws, headOf(first.row), { opIds: ["k2", "k1"] });
    assert.deepEqual(await store.append([second]), [{ kind: "duplicate" }]);
    const { head, ops } = await store.readHead(ws, ["k1", "k2"]);
    assert.deepEqual(head, headOf(first.row));
    assert.deepEqual(ops, first.ops);
  });

  storeTest("J4 one key is free in every other workspace", async (store, ws) => {
    await store.append([appendAfter(ws, genesisHead, { opIds: ["k1"] })]);
    const other = appendAfter(freshWorkspace(), genesisHead, { opIds: ["k1"], watched: ["k1"] });
    assert.deepEqual(await store.append([other]), [{ kind: "appended", seen: [] }]);
  });

  storeTest("an append lists the watched keys that were accepted before it", async (store, ws) => {
    const first = appendAfter(ws, genesisHead, { opIds: ["k1", "k2"] });
    await store.append([first]);
    const watched = ["k3", "k2", "k9", "k1"];
    const second = appendAfter(ws, headOf(first.row), { opIds: ["k3"], watched });
    const [outcome] = await store.append([second]);
    assert.ok(outcome?.kind === "appended");
    assert.deepEqual(outcome.seen.toSorted(byId), first.ops);
  });

  storeTest(
    "the same append sent twice is fenced, and its batch can be read",
    async (store, ws) => {
      const append = appendAfter(ws, genesisHead, { opIds: ["k1"] });
      await store.append([append]);
      assert.deepEqual(await store.append([append]), [{ kind: "fenced" }]);
      const [row] = await store.readRows(ws, 0, 1);
      assert.equal(row?.batchId, append.row.batchId);
    },
  );

  storeTest("an append that does not follow its head is a bug, not a fault", async (store, ws) => {
    const append = appendAfter(ws, genesisHead);
    const skipped = { ...append, row: { ...append.row, seq: 2 } };
    await assert.rejects(store.append([skipped]), /does not follow/);
    await assert.rejects(store.append([append, append]), /appended twice/);
    const repeated = appendAfter(ws, genesisHead, { opIds: ["k1", "k1"] });
    await assert.rejects(store.append([repeated]), /accepted twice/);
    const rootless = appendAfter(ws, { seq: 0, hash: "f".repeat(64) });
    await assert.rejects(store.append([rootless]), /not the genesis/);
  });
}

function testSharedAppends(storeTest: StoreTest): void {
  storeTest("one call appends to many workspaces, each with its keys", async (store) => {
    const appends = Array.from({ length: 64 }, (_, index) =>
      appendAfter(freshWorkspace(), genesisHead, {
        opIds: index % 2 === 0 ? ["k1"] : [],
        watched: index % 3 === 0 ? ["k2"] : [],
      }),
    );
    const outcomes = await store.append(appends);
    assert.deepEqual(new Set(outcomes.map((outcome) => outcome.kind)), new Set(["appended"]));
    for (const { row, ops } of appends) {
      const read = await store.readHead(row.workspaceId, ["k1"]);
      assert.deepEqual(read, { head: headOf(row), ops });
      assert.deepEqual(await store.readRows(row.workspaceId, 0, 2), [row]);
    }
  });

  storeTest("J1 a fenced workspace does not hold up the others of its call", async (store, ws) => {
    const [first] = await appendChain(store, ws, 1);
    assert.ok(first);
    const seeded = freshWorkspace();
    const known = appendAfter(seeded, genesisHead, { opIds: ["k1"] });
    await store.append([known]);
    const before = appendAfter(freshWorkspace(), genesisHead, { opIds: ["k1"] });
    const fenced = appendAfter(ws, genesisHead, { opIds: ["k1"], watched: ["k2"] });
    const after = appendAfter(seeded, headOf(known.row), { opIds: ["k2"], watched: ["k1"] });
    assert.deepEqual(await store.append([before, fenced, after]), [
      { kind: "appended", seen: [] },
      { kind: "fenced" },
      { kind: "appended", seen: known.ops },
    ]);
    assert.deepEqual(await store.readHead(ws, ["k1"]), { head: headOf(first), ops: [] });
  });
}

function testRepeatedKeys(storeTest: StoreTest): void {
  storeTest("J4 a repeated key does not hold up the others of its call", async (store, ws) => {
    const first = appendAfter(ws, genesisHead, { opIds: ["k1", "k2"] });
    await store.append([first]);
    const before = appendAfter(freshWorkspace(), genesisHead, { opIds: ["k1"], watched: ["k2"] });
    const repeated = appendAfter(ws, headOf(first.row), { opIds: ["k3", "k2"], watched: ["k1"] });
    const after = appendAfter(freshWorkspace(), genesisHead, { opIds: ["k2"] });
    const outcomes = await store.append([before, repeated, after]);
    assert.deepEqual(outcomes[0], { kind: "appended", seen: [] });
    assert.equal(outcomes[1]?.kind, "duplicate");
    assert.deepEqual(outcomes[2], { kind: "appended", seen: [] });
    assert.deepEqual(await store.readHead(ws, ["k3"]), { head: headOf(first.row), ops: [] });
  });
}

function testReads(storeTest: StoreTest): void {
  storeTest("rows come in pages of at most the limit", async (store, ws) => {
    const rows = await appendChain(store, ws, 7);
    assert.deepEqual(await store.readRows(ws, 0, 3), rows.slice(0, 3));
    assert.deepEqual(await store.readRows(ws, 3, 3), rows.slice(3, 6));
    assert.deepEqual(await store.readRows(ws, 6, 3), rows.slice(6));
    assert.deepEqual(await store.readRows(ws, 7, 3), []);
  });

  storeTest("a page of rows is bounded in bytes, but has its first row", async (store, ws) => {
    const half = `["${"é".repeat(pageBytesMax / 4)}"]`;
    const rows = await appendChain(store, ws, 3, half);
    const huge = appendAfter(
      ws,
      { seq: 3, hash: rows[2]?.hash ?? "" },
      { events: `[${half},${half}]` },
    );
    await store.append([huge]);
    const seqs = async (afterSeq: number): Promise<number[]> =>
      (await store.readRows(ws, afterSeq, 10)).map((row) => row.seq);
    assert.deepEqual(await seqs(0), [1]);
    assert.deepEqual(await seqs(2), [3]);
    assert.deepEqual(await seqs(3), [4]);
    assert.deepEqual((await store.readCold(ws, 10)).rows, rows.slice(0, 1));
  });

  storeTest("a cold read starts at the newest snapshot within the head", async (store, ws) => {
    const rows = await appendChain(store, ws, 5);
    const [, second, third, , fifth] = rows;
    assert.ok(second && third && fifth);
    assert.deepEqual(await store.readCold(ws, 2), { head: headOf(fifth), rows: rows.slice(0, 2) });
    const within = snapshotAt(second, { a: { seq: 2, hash: "h" } });
    await store.writeSnapshot(within, [{ page: "a", hash: "h", body: "A" }]);
    const cold = await store.readCold(ws, 10);
    assert.deepEqual(cold, { head: headOf(fifth), manifest: within, rows: rows.slice(2) });
    const lost = snapshotAt({ ...fifth, seq: 9 }, { a: { seq: 9, hash: "h" } });
    await store.writeSnapshot(lost, [{ page: "a", hash: "h", body: "A" }]);
    assert.deepEqual((await store.readCold(ws, 10)).manifest, within);
    assert.deepEqual(await store.readManifests(ws), [lost, within]);
  });
}

function testSnapshots(storeTest: StoreTest): void {
  storeTest("a snapshot is read from the pages that it names", async (store, ws) => {
    const [first, second] = await appendChain(store, ws, 2);
    assert.ok(first && second);
    const a = { page: "a", hash: "h1", body: '{"a":"é"}' };
    const b = { page: "b/1", hash: "h2", body: "B".repeat(100_000) };
    const one = snapshotAt(first, { a: { seq: 1, hash: "h1" }, "b/1": { seq: 1, hash: "h2" } });
    await store.writeSnapshot(one, [a, b]);
    const changed = { page: "a", hash: "h3", body: '{"a":2}' };
    const two = snapshotAt(second, { a: { seq: 2, hash: "h3" }, "b/1": { seq: 1, hash: "h2" } });
    await store.writeSnapshot(two, [changed]);
    assert.deepEqual(await store.readManifests(ws), [two, one]);
    assert.deepEqual((await store.readPages(one)).toSorted(byPage), [a, b]);
    assert.deepEqual((await store.readPages(two)).toSorted(byPage), [changed, b]);
  });

  storeTest("the two newest snapshots are kept, with their pages alone", async (store, ws) => {
    const rows = await appendChain(store, ws, 3);
    const manifests = rows.map((row) =>
      snapshotAt(row, { kept: { seq: 1, hash: "k" }, new: { seq: row.seq, hash: `n${row.seq}` } }),
    );
    for (const [index, manifest] of manifests.entries()) {
      const kept = index === 0 ? [{ page: "kept", hash: "k", body: "K" }] : [];
      await store.writeSnapshot(manifest, [
        ...kept,
        { page: "new", hash: `n${index + 1}`, body: "N" },
      ]);
    }
    const [one, two, three] = manifests;
    assert.ok(one && two && three);
    assert.deepEqual(await store.readManifests(ws), [three, two]);
    assert.equal((await store.readPages(three)).length, 2);
    assert.equal((await store.readPages(two)).length, 2);
    assert.deepEqual(await store.readPages(one), [{ page: "kept", hash: "k", body: "K" }]);
  });

  storeTest("a snapshot that names a lost page is refused whole", async (store, ws) => {
    const [first] = await appendChain(store, ws, 1);
    assert.ok(first);
    const manifest = snapshotAt(first, { a: { seq: 1, hash: "h" }, b: { seq: 0, hash: "h" } });
    await assert.rejects(store.writeSnapshot(manifest, [{ page: "a", hash: "h", body: "A" }]), {
      name: "StoreFault",
      code: "snapshot_page_missing",
      isRetryable: false,
      outcome: "none",
    });
    assert.deepEqual(await store.readManifests(ws), []);
    assert.deepEqual(await store.readPages(manifest), []);
  });

  storeTest("a snapshot written again at its place replaces the first", async (store, ws) => {
    const [first] = await appendChain(store, ws, 1);
    assert.ok(first);
    const old = snapshotAt(first, { a: { seq: 1, hash: "h1" } });
    await store.writeSnapshot(old, [{ page: "a", hash: "h1", body: "A" }]);
    const again = snapshotAt(first, { a: { seq: 1, hash: "h2" } });
    await store.writeSnapshot(again, [{ page: "a", hash: "h2", body: "B" }]);
    assert.deepEqual(await store.readManifests(ws), [again]);
    assert.deepEqual(await store.readPages(again), [{ page: "a", hash: "h2", body: "B" }]);
  });
}

function testTwoNodes(name: string, open: OpenStores): void {
  test(`${name}: J1 of two writers on one head exactly one wins each round`, async () => {
    const stores = await open(2);
    const workspaceId = freshWorkspace();
    let head = genesisHead;
    for (let round = 0; round < 20; round += 1) {
      const appends = stores.map((_, node) =>
        appendAfter(workspaceId, head, { opIds: [`k${round}/${node}`] }),
      );
      const outcomes = await Promise.all(
        stores.map((store, node) => store.append(appends.slice(node, node + 1))),
      );
      const kinds = outcomes.flat().map((outcome) => outcome.kind);
      assert.deepEqual(kinds.toSorted(), ["appended", "fenced"]);
      const winner = appends[kinds.indexOf("appended")];
      assert.ok(winner);
      head = headOf(winner.row);
      const keys = appends.flatMap((append) => append.ops.map((op) => op.opId));
      const read = await stores[round % 2]?.readHead(workspaceId, keys);
      assert.deepEqual(read, { head, ops: winner.ops });
    }
  });

  test(`${name}: two nodes that share many workspaces never wait for one another`, async () => {
    const stores = await open(2);
    const workspaceIds = Array.from({ length: 20 }, freshWorkspace);
    const heads = new Map<string, Head>();
    for (let round = 0; round < 10; round += 1) {
      const calls = stores.map((_, node) => {
        const order = node === 0 ? workspaceIds : workspaceIds.toReversed();
        return order.map((id) => appendAfter(id, heads.get(id) ?? genesisHead));
      });
      const outcomes = await Promise.all(
        stores.map((store, node) => store.append(calls[node] ?? [])),
      );
      for (const [node, call] of calls.entries())
        for (const [index, { row }] of call.entries())
          if (outcomes[node]?.[index]?.kind === "appended") heads.set(row.workspaceId, headOf(row));
      for (const id of workspaceIds) assert.equal(heads.get(id)?.seq, round + 1);
    }
  });

  test(`${name}: J4 of two writers with one key exactly one is accepted`, async () => {
    const stores = await open(2);
    for (let round = 0; round < 10; round += 1) {
      const workspaceId = freshWorkspace();
      const outcomes = await Promise.all(
        stores.map((store) =>
          store.append([appendAfter(workspaceId, genesisHead, { opIds: ["k1"] })]),
        ),
      );
      const kinds = outcomes.flat().map((outcome) => outcome.kind);
      assert.deepEqual(kinds.toSorted(), ["appended", "fenced"]);
    }
  });
}
