/**
 * Owns what events add to the tables of invoices.
 *
 * I1 a row of `invoices` is the invoice as the last event leaves it. Its lines are those that were drafted, and from its issue on those
 * that were issued: what late usage adds to a draft in between, the state knows. I2 an
 * event that follows the draft adds an entry.
 */
import type {
  DraftInvoice,
  Event,
  Invoice,
  Line,
  PurchaseInvoiced,
  TopUpSucceeded,
} from "@cistern/kernel";
import { codecVersion, decodeEvents, encodeEvents } from "../journal/index.ts";

/** An invoice as it is stored. What only a draft says is 0, or empty, where this step of the cursor does not have the draft. */
export interface StoredInvoice {
  readonly id: string;
  readonly seq: number;
  readonly idx: number;
  readonly status: Invoice["status"];
  /** 0 once it is issued. */
  readonly finalizesAtMs: number;
  readonly draftedSeq: number;
  readonly draftedAtMs: number;
  readonly document: string;
  readonly lines: string;
}

/** What happened to an invoice, as it is stored. */
export interface StoredInvoiceEntry {
  readonly invoice: string;
  readonly seq: number;
  readonly idx: number;
  readonly atMs: number;
  readonly kind: InvoiceEvent["kind"];
  readonly detail: string;
}

/** Events that follow a draft. */
export type InvoiceEvent = Extract<
  Event,
  {
    readonly kind:
      | "invoice.finalized"
      | "invoice.paid"
      | "invoice.voided"
      | "invoice.uncollectible"
      | "credit_note.issued"
      | "balance.applied";
  }
>;

/** What an entry says beside the invoice, its lines and what is booked: they stand elsewhere. */
export type InvoiceEntry = InvoiceEvent extends infer One
  ? One extends InvoiceEvent
    ? Omit<One, "invoice" | "lines" | "booked" | "waiting">
    : never
  : never;

/** Invoices by id, and what happened, in the order of the journal. */
export interface ProjectedInvoices {
  readonly invoices: Map<string, StoredInvoice>;
  readonly invoiceEntries: StoredInvoiceEntry[];
}

/** Adds what an event says of invoices. */
export function projectInvoice(
  into: ProjectedInvoices,
  event: Event,
  seq: number,
  idx: number,
): void {
  switch (event.kind) {
    case "subscription.started":
    case "subscription.renewed":
    case "subscription.resumed":
    case "subscription.changed":
    case "subscription.paused":
    case "subscription.ended":
    case "subscription.cancelled":
    case "invoice.drafted":
      if (event.invoice !== null)
        into.invoices.set(event.invoice.id, draftRow(event.invoice, seq, idx));
      return;
    case "invoice.finalized":
    case "invoice.paid":
    case "invoice.voided":
    case "invoice.uncollectible":
    case "credit_note.issued":
    case "balance.applied":
      return addEntry(into, event, seq, idx);
    case "top_up.succeeded":
      return event.purchase === undefined
        ? undefined
        : addPurchase(into, { ...event, purchase: event.purchase }, seq, idx);
    case "credits.charged_back":
    case "credits.repaid": {
      const note = noteOf(event);
      return note === undefined ? undefined : addEntry(into, note, seq, idx);
    }
    default:
  }
}

/** Money given back that was never paid, or that paid for what was bought, is a credit note on its invoice. */
function noteOf(
  event: Extract<Event, { readonly kind: "credits.repaid" | "credits.charged_back" }>,
): InvoiceEvent | undefined {
  const { at, reason } = event;
  const note = (event.kind === "credits.repaid" ? event.unpaid?.note : undefined) ?? event.note;
  if (note === undefined) return undefined;
  return { kind: "credit_note.issued", at, number: null, reason, booked: [], ...note };
}

/** It was never a draft: `drafted_*` are 0, so that no other invoice begins where it was issued. */
function addPurchase(
  into: ProjectedInvoices,
  { at, topUp, payment, purchase }: TopUpSucceeded & { readonly purchase: PurchaseInvoiced },
  seq: number,
  idx: number,
): void {
  const { invoice, lines } = purchase;
  const paid: InvoiceEvent = {
    kind: "invoice.paid",
    at,
    invoice,
    payment: topUp.payment ?? "",
    amount: invoice.total,
    fee: payment.fee,
    reference: null,
    booked: [],
  };
  addEntry(into, paid, seq, idx);
  const row = into.invoices.get(invoice.id);
  if (row !== undefined) into.invoices.set(invoice.id, { ...row, lines: encodeEvents(lines) });
}

function addEntry(into: ProjectedInvoices, event: InvoiceEvent, seq: number, idx: number): void {
  const { invoice } = event;
  const { draftedSeq = 0, draftedAtMs = 0, lines = "" } = into.invoices.get(invoice.id) ?? {};
  into.invoices.set(invoice.id, {
    id: invoice.id,
    seq,
    idx,
    status: invoice.status,
    finalizesAtMs: 0,
    draftedSeq,
    draftedAtMs,
    document: encodeEvents([invoice]),
    lines: event.kind === "invoice.finalized" ? encodeEvents(event.lines) : lines,
  });
  into.invoiceEntries.push({
    invoice: invoice.id,
    seq,
    idx,
    atMs: event.at,
    kind: event.kind,
    detail: encodeEvents([entryOf(event)]),
  });
}

/** What was stored of an invoice. */
export function readStoredInvoice({ document, lines }: { document: string; lines: string }): {
  readonly invoice: Invoice;
  readonly lines: readonly Line[];
} {
  const [invoice] = decodeEvents<Invoice>(document, codecVersion);
  if (invoice === undefined) throw new Error("An invoice is stored without its document.");
  return { invoice, lines: decodeEvents<Line>(lines, codecVersion) };
}

/** What was stored of an event. */
export function readStoredEntry(detail: string): InvoiceEntry {
  const [entry] = decodeEvents<InvoiceEntry>(detail, codecVersion);
  if (entry === undefined) throw new Error("An entry of an invoice is stored empty.");
  return entry;
}

function draftRow(draft: DraftInvoice, seq: number, idx: number): StoredInvoice {
  const { lines, ...rest } = draft;
  return {
    id: draft.id,
    seq,
    idx,
    status: draft.status,
    finalizesAtMs: draft.finalizesAt,
    draftedSeq: seq,
    draftedAtMs: draft.draftedAt,
    document: encodeEvents([{ ...rest, lines: [] }]),
    lines: encodeEvents(lines),
  };
}

function entryOf(event: InvoiceEvent): object {
  const { invoice: _invoice, booked: _booked, ...rest } = event;
  if (rest.kind === "invoice.voided") {
    const { waiting: _waiting, ...closed } = rest;
    return closed;
  }
  if (!("lines" in rest)) return rest;
  const { lines: _lines, ...issued } = rest;
  return issued;
}
