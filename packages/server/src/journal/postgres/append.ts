/** Owns how appends become parameters of the one append statement, and how its answer becomes outcomes. */
import type { Append, AppendOutcome, OpRow } from "../port.ts";
import { bigintArray, digests, integerArray, textArray } from "../../database/index.ts";
import type { Column, Rows } from "./session.ts";

/** The parameters of `appendSql`. `looksFirst` makes it tell accepted keys apart; without it they fail the statement. */
export function appendParameters(appends: readonly Append[], looksFirst: boolean): unknown[] {
  const rows = appends.map((append) => append.row);
  const ops = numbered(appends, (append) => append.ops);
  const watched = numbered(appends, (append) =>
    append.watched.length > 1 ? [...new Set(append.watched)] : append.watched,
  );
  return [
    textArray(rows.map((row) => row.workspaceId)),
    bigintArray(rows.map((row) => row.seq)),
    textArray(rows.map((row) => row.batchId)),
    digests(rows.map((row) => row.prevHash)),
    digests(rows.map((row) => row.hash)),
    bigintArray(rows.map((row) => row.atMs)),
    textArray(rows.map((row) => row.writer)),
    integerArray(rows.map((row) => row.codec)),
    textArray(rows.map((row) => row.events)),
    bigintArray(ops.numbers),
    textArray(ops.items.map((op) => op.opId)),
    digests(ops.items.map((op) => op.fingerprint)),
    integerArray(ops.items.map((op) => op.index)),
    bigintArray(watched.numbers),
    textArray(watched.items),
    looksFirst,
  ];
}

/** Whether an append can do with `appendOneSql`. */
export const isPlain = ({ expected, watched }: Append): boolean =>
  expected.seq > 0 && watched.length === 0;

/** The parameters of `appendOneSql`. */
export function appendOneParameters({ row, ops }: Append): unknown[] {
  return [
    row.workspaceId,
    row.seq,
    row.batchId,
    digests([row.prevHash]),
    digests([row.hash]),
    row.atMs,
    row.writer,
    row.codec,
    row.events,
    textArray(ops.map((op) => op.opId)),
    digests(ops.map((op) => op.fingerprint)),
    integerArray(ops.map((op) => op.index)),
  ];
}

/** Items of all appends in one list, and beside each the number of its append, from 1. */
function numbered<Item>(
  appends: readonly Append[],
  itemsOf: (append: Append) => readonly Item[],
): { items: Item[]; numbers: number[] } {
  const items: Item[] = [];
  const numbers: number[] = [];
  for (const [index, append] of appends.entries())
    for (const item of itemsOf(append)) {
      items.push(item);
      numbers.push(index + 1);
    }
  return { items, numbers };
}

/** One outcome an append, in their order. No row about an append says that it was written. */
export function appendOutcomes(appends: readonly Append[], rows: Rows): AppendOutcome[] {
  const refused = new Map<number, AppendOutcome>();
  const seen = new Map<number, OpRow[]>();
  for (const [number, kind, ...op] of rows) {
    const index = Number(number) - 1;
    if (kind === "seen") seen.set(index, [...(seen.get(index) ?? []), opRow(op)]);
    else refused.set(index, { kind: kind === "duplicate" ? "duplicate" : "fenced" });
  }
  return appends.map(
    (_, index) => refused.get(index) ?? { kind: "appended", seen: seen.get(index) ?? [] },
  );
}

/** The columns op id, fingerprint, seq, index. */
export function opRow([opId, fingerprint, seq, index]: readonly Column[]): OpRow {
  return {
    opId: String(opId),
    fingerprint: String(fingerprint),
    seq: Number(seq),
    index: Number(index),
  };
}
