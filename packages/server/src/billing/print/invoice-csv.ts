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
  const { id, number = id, status, currency, taxRate } = invoice;
  const head = [
    number,
    status,
    invoice.issuedAt ?? "",
    invoice.dueAt ?? "",
    harmless(invoice.purchaseOrder ?? ""),
  ];
  const money = (minor: string): string => amountText(BigInt(minor), currency);
  const due = money(invoice.due.amount);
  const row = (line: ExplainedLine): readonly string[] => [
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
  const other = (
    kind: string,
    description: string,
    amount: string,
    { quantity = "", unit = "", worth = "" } = {},
  ) => [
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
  const settling = (
    kind: string,
    { id: of, at, about, amount }: { id: string; at: string; about: string; amount: string },
  ) => [
    ...head,
    harmless(of),
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
  const tax = other("tax", taxRate?.name ?? "", money(invoice.tax.amount));
  const drawn = invoice.creditsDrawn.map(({ meter = "", credits, worth }) =>
    other("credits_drawn", meter, money("0"), {
      quantity: credits,
      unit: "credits",
      worth: money(worth.amount),
    }),
  );
  const { balanceApplied, payments, creditNotes } = invoice;
  const balance = { id: "", at: invoice.issuedAt ?? "", about: "", amount: balanceApplied.amount };
  const settled = [
    ...(balanceApplied.amount === "0" ? [] : [settling("balance_applied", balance)]),
    ...payments.map((one) =>
      settling("payment", {
        id: one.id,
        at: one.at,
        about: one.reference ?? "",
        amount: one.amount.amount,
      }),
    ),
    ...creditNotes.map((one) =>
      settling("credit_note", {
        id: one.number,
        at: one.at,
        about: one.reason ?? "",
        amount: one.amount.amount,
      }),
    ),
  ];
  const rest = closedRest(invoice);
  const closing =
    rest === undefined
      ? []
      : [
          settling(rest.kind, {
            id: "",
            at: "",
            about: rest.amount < 0n ? "" : (invoice.reason ?? ""),
            amount: rest.amount.toString(),
          }),
        ];
  return written([columns, ...invoice.lines.map(row), ...drawn, tax, ...settled, ...closing]);
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
