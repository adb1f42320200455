/** Owns the questions that are asked of the tables of invoices. */
import type { InvoiceQuery } from "@cistern/contract";
import { limits } from "@cistern/contract";
import type { Invoice, Line } from "@cistern/kernel";
import type { Pool } from "pg";
import { type InvoiceEntry, readStoredEntry, readStoredInvoice } from "./projected-invoices.ts";
import type { RecordPage } from "./records.ts";
import {
  creditsDrawnSql,
  creditsReturnedSql,
  cursorSql,
  draftsDueSql,
  invoiceEntriesSql,
  invoicePageSql,
  invoiceSql,
  voidInvoicesSql,
} from "./statements.ts";

/** An invoice of a list. */
export interface ListedInvoice {
  readonly invoice: Invoice;
  readonly lines: readonly Line[];
  readonly draftedAtMs: number;
}

/** One invoice with all that is known of it. */
export interface InvoiceRecord extends ListedInvoice {
  readonly entries: readonly InvoiceEntry[];
  /** Credits that lots gave for usage between the draft before it and its own, and of the void ones whose lines it took over. */
  readonly drawn: CreditsDrawn;
}

/** Credits that were drawn, by meter ("" for usage without one). */
export interface CreditsDrawn {
  readonly meters: readonly {
    readonly meter: string;
    readonly credits: bigint;
    /** What they cost, in minor units. */
    readonly worth: bigint;
    readonly calls: number;
  }[];
  readonly returned: bigint;
  /** What these cost. */
  readonly returnedWorth: bigint;
}

/** A draft that is to be issued. */
export interface DueDraft {
  readonly workspaceId: string;
  readonly invoice: string;
  readonly finalizesAtMs: number;
}

/** Invoices of a workspace, oldest first. */
export async function invoicePage(
  pool: Pool,
  workspaceId: string,
  { limit = limits.pageRowsDefault, cursor = "", status }: InvoiceQuery,
): Promise<RecordPage<ListedInvoice>> {
  const { rows } = await pool.query<InvoiceColumns>({
    name: "invoice_page",
    text: invoicePageSql,
    values: [workspaceId, cursor, limit + 1, status ?? null],
  });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const page = { rows: shown.map(listed) };
  return rows.length > limit && last !== undefined ? { ...page, nextCursor: last.id } : page;
}

/** One invoice; undefined where there is none. */
export async function invoiceRecord(
  pool: Pool,
  workspaceId: string,
  id: string,
): Promise<InvoiceRecord | undefined> {
  const found = await pool.query<RecordColumns>(invoiceSql, [workspaceId, id]);
  const [row] = found.rows;
  if (row === undefined) return undefined;
  const entries = await pool.query<{ detail: string }>(invoiceEntriesSql, [workspaceId, id]);
  const none = await pool.query<VoidColumns>(voidInvoicesSql, [workspaceId, row.drafted_seq]);
  let drawn = await drawnBy(pool, workspaceId, row);
  for (const one of takenOverBy(id, none.rows))
    drawn = together(drawn, await drawnBy(pool, workspaceId, one));
  return {
    ...listed(row),
    entries: entries.rows.map(({ detail }) => readStoredEntry(detail)),
    drawn,
  };
}

/** What an invoice took over: the void ones, and what those took over before. */
const takenOverBy = (id: string, none: readonly VoidColumns[]): readonly VoidColumns[] =>
  none
    .filter((one) => one.taken_over_by === id)
    .flatMap((one) => [one, ...takenOverBy(one.id, none)]);

/** Between the draft before an invoice and its own. */
async function drawnBy(pool: Pool, workspaceId: string, row: SpanColumns): Promise<CreditsDrawn> {
  const span = [workspaceId, row.previous_seq, row.drafted_seq];
  const meters = await pool.query<DrawnColumns>(creditsDrawnSql, [
    ...span,
    row.previous_at_ms,
    row.drafted_at_ms,
    row.issued_seq,
  ]);
  const returned = await pool.query<{ credits: string; worth: string }>(creditsReturnedSql, span);
  return {
    meters: meters.rows.map(({ meter, credits, worth, calls }) => ({
      meter,
      credits: BigInt(credits),
      worth: BigInt(worth),
      calls: Number(calls),
    })),
    returned: BigInt(returned.rows[0]?.credits ?? 0),
    returnedWorth: BigInt(returned.rows[0]?.worth ?? 0),
  };
}

function together(one: CreditsDrawn, other: CreditsDrawn): CreditsDrawn {
  const meters = new Map(one.meters.map((drawn) => [drawn.meter, drawn]));
  for (const drawn of other.meters) {
    const { credits = 0n, worth = 0n, calls = 0 } = meters.get(drawn.meter) ?? {};
    meters.set(drawn.meter, {
      meter: drawn.meter,
      credits: credits + drawn.credits,
      worth: worth + drawn.worth,
      calls: calls + drawn.calls,
    });
  }
  return {
    meters: [...meters.values()].toSorted((a, b) => (a.meter < b.meter ? -1 : 1)),
    returned: one.returned + other.returned,
    returnedWorth: one.returnedWorth + other.returnedWorth,
  };
}

/** How far a workspace is projected. */
export async function projectedSeq(pool: Pool, workspaceId: string): Promise<number> {
  const { rows } = await pool.query<{ seq: string }>(cursorSql, [workspaceId]);
  return Number(rows[0]?.seq ?? 0);
}

/** Drafts that are due at an instant, a page at a time, after one of them. */
export async function draftsDue(
  pool: Pool,
  { at, after, limit }: { at: number; after: DueDraft | undefined; limit: number },
): Promise<readonly DueDraft[]> {
  const { rows } = await pool.query<{ workspace_id: string; id: string; finalizes_at_ms: string }>(
    draftsDueSql,
    [at, after?.workspaceId ?? "", after?.invoice ?? "", limit],
  );
  return rows.map((row) => ({
    workspaceId: row.workspace_id,
    invoice: row.id,
    finalizesAtMs: Number(row.finalizes_at_ms),
  }));
}

interface InvoiceColumns {
  readonly id: string;
  readonly drafted_at_ms: string;
  readonly document: string;
  readonly lines: string;
}

interface RecordColumns extends InvoiceColumns, SpanColumns {}

interface VoidColumns extends SpanColumns {
  readonly id: string;
  readonly taken_over_by: string | null;
}

interface SpanColumns {
  readonly drafted_at_ms: string;
  readonly drafted_seq: string;
  readonly previous_seq: string;
  readonly previous_at_ms: string | null;
  readonly issued_seq: string | null;
}

interface DrawnColumns {
  readonly meter: string;
  readonly credits: string;
  readonly worth: string;
  readonly calls: string;
}

function listed(row: InvoiceColumns): ListedInvoice {
  const stored = readStoredInvoice(row);
  const { invoice } = stored;
  const isBought = invoice.status !== "draft" && invoice.topUp !== undefined;
  return { ...stored, draftedAtMs: isBought ? invoice.issuedAt : Number(row.drafted_at_ms) };
}
