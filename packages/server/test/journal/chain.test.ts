import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  genesisHead,
  hashRow,
  verifyRow,
  type HashedRow,
  type JournalRow,
} from "../../src/journal/index.ts";

const first: HashedRow = {
  workspaceId: "ws_a",
  seq: 1,
  batchId: "b1",
  prevHash: genesisHead.hash,
  atMs: 1_763_900_000_000,
  writer: "node-1",
  codec: 1,
  events: '[{"type":"x"}]',
};
const sealed = (row: HashedRow): JournalRow => ({ ...row, hash: hashRow(row) });

test("the hash of a row is the same in every build", () => {
  assert.equal(hashRow(first), "e3f81c72a544b29199c92088e4a94f23f82a7400c9ed9761d33448cf9f8a1012");
});

test("H1 a change of any column changes the hash", () => {
  const changes: readonly Partial<HashedRow>[] = [
    { workspaceId: "ws_b" },
    { seq: 2 },
    { batchId: "b2" },
    { prevHash: "1".repeat(64) },
    { atMs: 1_763_900_000_001 },
    { writer: "node-2" },
    { codec: 2 },
    { events: '[{"type":"y"}]' },
  ];
  const hashes = changes.map((change) => hashRow({ ...first, ...change }));
  assert.equal(new Set([hashRow(first), ...hashes]).size, changes.length + 1);
});

test("H1 text that moves from one column to the next changes the hash", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(text, text, text, text, (a, b, c, d) => {
      const one = { ...first, workspaceId: a, batchId: b, writer: c, events: d };
      const other = { ...first, workspaceId: a + b, batchId: "", writer: c + d, events: "" };
      fc.pre(b !== "" || d !== "");
      assert.notEqual(hashRow(one), hashRow(other));
    }),
  );
});

test("H2 a row is valid only right after the head that it names", () => {
  const one = sealed(first);
  const two = sealed({ ...first, seq: 2, prevHash: one.hash, batchId: "b2" });
  assert.equal(verifyRow(one, genesisHead), undefined);
  assert.equal(verifyRow(two, one), undefined);
  assert.equal(verifyRow(two, genesisHead), "seq");
  assert.equal(verifyRow(two, { seq: 1, hash: "0".repeat(64) }), "prevHash");
  assert.equal(verifyRow({ ...two, events: '[{"type":"z"}]' }, one), "hash");
});
