/**
 * Owns an invoice as CSV: a row a line, one for the tax, one for each meter whose credits are paid for already, and one for each
 * thing that settled it (what the customer's balance paid, payments, credit notes, what was given up or went back); and a credit note.
 */
import type { CreditNotePaper, ExplainedLine, Invoice } from "@cistern/contract";
import { stringify } from "csv-stringify/sync";
import { amountText } from "../../books/index.ts";
import { closedRest } from "./closed-rest.ts";

const columns = [
  "invoice",
  "status",
  "issued",
  "due_date",
  "purchase_order",
  "line",
  "kind",
  "description",
  "from",
  "to",
  "quantity",
  "unit",
  "unit_price",
  "amount",
  "currency",
  "arithmetic",
  "worth",
  "settled",
  "amount_due",
];

/**
 * `worth` of credits that were drawn is what they cost when they were sold: no part of any sum. The rows' amounts add up to the
 * invoice's total, and less what `settled` adds up to, to what is due (RFC 4180).
 *
 * @example invoiceCsv(invoice).split("\r\n")[0] // "invoice,status,issued,…"
 */
export function invoiceCsv(invoice: Invoice): string {
  const rows = rowsOf(invoice);
  return written([
    columns,
    ...invoice.lines.map((line) => lineRow(rows, line)),
    ...drawnRows(rows, invoice),
    otherRow(rows, "tax", invoice.taxRate?.name ?? "", rows.money(invoice.tax.amount)),
    ...settledRows(rows, invoice),
    ...closingRows(rows, invoice),
  ]);
}

/** What all rows of an invoice have alike. */
interface Rows {
  readonly head: readonly string[];
  readonly currency: string;
  readonly due: string;
  readonly money: (minor: string) => string;
}

type Row = readonly string[];

function rowsOf(invoice: Invoice): Rows {
  const { id, number = id, status, currency } = invoice;
  const order = harmless(invoice.purchaseOrder ?? "");
  const head = [number, status, invoice.issuedAt ?? "", invoice.dueAt ?? "", order];
  const money = (minor: string): string => amountText(BigInt(minor), currency);
  return { head, currency, due: money(invoice.due.amount), money };
}

const lineRow = ({ head, currency, due, money }: Rows, line: ExplainedLine): Row => [
  ...head,
  line.id,
  line.kind,
  line.description,
  line.from,
  line.to,
  line.quantity,
  line.unit,
  line.unitPriceDecimal ?? "",
  money(line.amount.amount),
  currency,
  line.arithmetic,
  "",
  "",
  due,
];

const otherRow = (
  { head, currency, due }: Rows,
  kind: string,
  description: string,
  amount: string,
  { quantity = "", unit = "", worth = "" } = {},
): Row => [
  ...head,
  "",
  kind,
  harmless(description),
  "",
  "",
  quantity,
  unit,
  "",
  amount,
  currency,
  "",
  worth,
  "",
  due,
];

interface Settling {
  readonly id: string;
  readonly at: string;
  readonly about: string;
  readonly amount: string;
}

const settlingRow = (
  { head, currency, due, money }: Rows,
  kind: string,
  { id, at, about, amount }: Settling,
): Row => [
  ...head,
  harmless(id),
  kind,
  harmless(about),
  at,
  at,
  "",
  "",
  "",
  "",
  currency,
  "",
  "",
  money(amount),
  due,
];

const drawnRows = (rows: Rows, { creditsDrawn }: Invoice): readonly Row[] =>
  creditsDrawn.map(({ meter = "", credits, worth }) =>
    otherRow(rows, "credits_drawn", meter, rows.money("0"), {
      quantity: credits,
      unit: "credits",
      worth: rows.money(worth.amount),
    }),
  );

/** What the customer's balance paid, then payments, then credit notes. */
function settledRows(rows: Rows, invoice: Invoice): readonly Row[] {
  const { balanceApplied, payments, creditNotes, issuedAt = "" } = invoice;
  const balance = { id: "", at: issuedAt, about: "", amount: balanceApplied.amount };
  const paid = payments.map(({ id, at, reference = "", amount }) =>
    settlingRow(rows, "payment", { id, at, about: reference, amount: amount.amount }),
  );
  const credited = creditNotes.map(({ number: id, at, reason = "", amount }) =>
    settlingRow(rows, "credit_note", { id, at, about: reason, amount: amount.amount }),
  );
  return [
    ...(balance.amount === "0" ? [] : [settlingRow(rows, "balance_applied", balance)]),
    ...paid,
    ...credited,
  ];
}

/** What was given up, or went back. */
function closingRows(rows: Rows, invoice: Invoice): readonly Row[] {
  const rest = closedRest(invoice);
  if (rest === undefined) return [];
  const about = rest.amount < 0n ? "" : (invoice.reason ?? "");
  return [settlingRow(rows, rest.kind, { id: "", at: "", about, amount: rest.amount.toString() })];
}

/** A credit note as CSV: a row a line, and one for the tax; the amounts add up to what is taken back. */
export function creditNoteCsv(note: CreditNotePaper): string {
  const { number, invoice, issuedAt, currency, reason = "", taxRate } = note;
  const row = (kind: string, description: string, minor: string): readonly string[] => [
    number,
    invoice.number,
    issuedAt,
    kind,
    harmless(description),
    amountText(BigInt(minor), currency),
    currency,
    harmless(reason),
  ];
  return written([
    ["credit_note", "invoice", "issued", "kind", "description", "amount", "currency", "reason"],
    ...note.lines.map(({ description, amount }) => row("line", description, amount.amount)),
    row("tax", taxRate?.name ?? "", note.tax.amount),
  ]);
}

const written = (rows: readonly (readonly string[])[]): string =>
  stringify([...rows], { record_delimiter: "windows" });

/** A spreadsheet takes text that begins like this for a formula, and carries it out. */
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
