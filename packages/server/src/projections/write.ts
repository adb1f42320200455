/** Owns how projected rows become parameters of the one statement that writes them. */
import type { Pool } from "pg";
import {
  bigintArray,
  int64Array,
  integerArray,
  nullableTextArray,
  textArray,
} from "../database/index.ts";
import type { StoredInvoice, StoredInvoiceEntry } from "./projected-invoices.ts";
import type { Projected } from "./projected-rows.ts";
import { storedDue } from "./due-workspaces.ts";
import { projectSql } from "./statements.ts";

/** One workspace's step: from a cursor to another, with what lies between. */
export interface Advance {
  readonly workspaceId: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  /** Instant of the last row. */
  readonly atMs: number;
  /** When something happens by itself after it: infinite where nothing will, 0 where nobody has looked. */
  readonly nextDueAtMs: number;
  /** Known when the step begins at the start; else it is in the table. */
  readonly currency: string;
  readonly rows: Projected;
}

/** Writes steps of different workspaces, each all or nothing; gives those whose cursor stood where the step begins. */
export async function writeAdvances(
  pool: Pool,
  advances: readonly Advance[],
): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ workspace_id: string }>({
    name: "project",
    text: projectSql,
    values: parameters(advances),
  });
  return new Set(rows.map((row) => row.workspace_id));
}

function parameters(advances: readonly Advance[]): unknown[] {
  const usage = numbered(advances, (rows) => rows.usage);
  const refunds = numbered(advances, (rows) => rows.refunds);
  const entries = numbered(advances, (rows) => rows.entries);
  const mentions = numbered(advances, (rows) => rows.mentions);
  const invoices = numbered(advances, (rows) => [...rows.invoices.values()]);
  const paid = numbered(advances, (rows) => rows.debtPayments);
  const happened = numbered(advances, (rows) => rows.invoiceEntries);
  return [
    textArray(advances.map((one) => one.workspaceId)),
    bigintArray(advances.map((one) => one.fromSeq)),
    bigintArray(advances.map((one) => one.toSeq)),
    textArray(advances.map((one) => one.currency)),
    bigintArray(usage.numbers),
    bigintArray(usage.items.map((one) => one.seq)),
    integerArray(usage.items.map((one) => one.idx)),
    textArray(usage.items.map((one) => one.id)),
    bigintArray(usage.items.map((one) => one.occurredAtMs)),
    textArray(usage.items.map((one) => one.member)),
    textArray(usage.items.map((one) => one.groups)),
    nullableTextArray(usage.items.map((one) => one.project)),
    nullableTextArray(usage.items.map((one) => one.meter)),
    nullableTextArray(usage.items.map((one) => one.model)),
    int64Array(usage.items.map((one) => one.credits)),
    textArray(usage.items.map((one) => one.detail)),
    bigintArray(refunds.numbers),
    textArray(refunds.items.map((one) => one.of)),
    bigintArray(refunds.items.map((one) => one.seq)),
    integerArray(refunds.items.map((one) => one.idx)),
    int64Array(refunds.items.map((one) => one.credits)),
    bigintArray(entries.numbers),
    bigintArray(entries.items.map((one) => one.seq)),
    integerArray(entries.items.map((one) => one.idx)),
    bigintArray(entries.items.map((one) => one.atMs)),
    textArray(entries.items.map((one) => one.kind)),
    textArray(entries.items.map((one) => one.of)),
    textArray(entries.items.map((one) => one.postings)),
    bigintArray(mentions.numbers),
    textArray(mentions.items.map((one) => one.hold)),
    bigintArray(mentions.items.map((one) => one.seq)),
    ...invoiceParameters(invoices),
    ...entryParameters(happened),
    bigintArray(advances.map((one) => one.atMs)),
    bigintArray(advances.map((one) => storedDue(one.nextDueAtMs))),
    int64Array(usage.items.map((one) => one.drawn)),
    int64Array(refunds.items.map((one) => one.returned)),
    bigintArray(paid.numbers),
    bigintArray(paid.items.map((one) => one.seq)),
    integerArray(paid.items.map((one) => one.idx)),
    textArray(paid.items.map((one) => one.of)),
    int64Array(paid.items.map((one) => one.credits)),
    int64Array(usage.items.map((one) => one.worth)),
    int64Array(refunds.items.map((one) => one.worth)),
    int64Array(paid.items.map((one) => one.worth)),
    nullableTextArray(usage.items.map((one) => one.response)),
  ];
}

const invoiceParameters = ({ items, numbers }: Numbered<StoredInvoice>): unknown[] => [
  bigintArray(numbers),
  textArray(items.map((one) => one.id)),
  bigintArray(items.map((one) => one.seq)),
  integerArray(items.map((one) => one.idx)),
  textArray(items.map((one) => one.status)),
  bigintArray(items.map((one) => one.finalizesAtMs)),
  bigintArray(items.map((one) => one.draftedSeq)),
  bigintArray(items.map((one) => one.draftedAtMs)),
  textArray(items.map((one) => one.document)),
  textArray(items.map((one) => one.lines)),
];

const entryParameters = ({ items, numbers }: Numbered<StoredInvoiceEntry>): unknown[] => [
  bigintArray(numbers),
  textArray(items.map((one) => one.invoice)),
  bigintArray(items.map((one) => one.seq)),
  integerArray(items.map((one) => one.idx)),
  bigintArray(items.map((one) => one.atMs)),
  textArray(items.map((one) => one.kind)),
  textArray(items.map((one) => one.detail)),
];

/** Rows of several steps, and beside each the number of its step. */
interface Numbered<Row> {
  readonly items: Row[];
  readonly numbers: number[];
}

/** Rows of all steps in one list, and beside each the number of its step, from 1. */
function numbered<Row>(
  advances: readonly Advance[],
  rowsOf: (rows: Projected) => readonly Row[],
): Numbered<Row> {
  const items: Row[] = [];
  const numbers: number[] = [];
  for (const [index, { rows }] of advances.entries())
    for (const row of rowsOf(rows)) {
      items.push(row);
      numbers.push(index + 1);
    }
  return { items, numbers };
}
