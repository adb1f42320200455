/** Owns an invoice as CSV: a row a line, one for the tax, and one for each meter whose credits are paid for already. */
import type { ExplainedLine, Invoice } from "@cistern/contract";
import { stringify } from "csv-stringify/sync";
import { amountText } from "../../books/index.ts";

const columns = [
  "invoice",
  "status",
  "issued",
  "due",
  "purchase_order",
  "line",
  "kind",
  "description",
  "from",
  "to",
  "quantity",
  "unit_price",
  "amount",
  "currency",
  "arithmetic",
];

/**
 * The rows' amounts add up to the invoice's total (RFC 4180).
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
  const row = (line: ExplainedLine): readonly string[] => [
    ...head,
    line.id,
    line.kind,
    line.description,
    line.from,
    line.to,
    line.quantity,
    line.unitPrice === undefined ? "" : money(line.unitPrice.amount),
    money(line.amount.amount),
    currency,
    line.arithmetic,
  ];
  const other = (kind: string, description: string, quantity: string, amount: string) => [
    ...head,
    "",
    kind,
    harmless(description),
    "",
    "",
    quantity,
    "",
    amount,
    currency,
    "",
  ];
  const tax = other("tax", taxRate?.name ?? "", "", money(invoice.tax.amount));
  const drawn = invoice.creditsDrawn.map(({ meter = "", credits }) =>
    other("credits_drawn", meter, credits, money("0")),
  );
  return stringify([columns, ...invoice.lines.map(row), ...drawn, tax], {
    record_delimiter: "windows",
  });
}

/** A spreadsheet takes text that begins like this for a formula, and carries it out. */
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
