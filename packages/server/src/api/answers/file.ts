/** Owns answers as files: rows as CSV (RFC 4180), an invoice as CSV or PDF. */
import {
  type CreditNotePaper,
  CreditNotePaperSchema,
  type CreditWords,
  type Invoice,
  InvoiceSchema,
  type Route,
} from "@cistern/contract";
import { stringify } from "csv-stringify/sync";
import { type Paper, type Printer, creditNoteCsv, invoiceCsv } from "../../billing/index.ts";
import { compileCheck } from "../calls/check.ts";
import { type Refusal, refuse } from "../problems/problem.ts";

/** The form in which an answer is wanted. */
export type FileFormat = "csv" | "pdf";

/** A file that is the answer of a call. */
export interface AnswerFile {
  readonly kind: "file";
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly fileName?: string;
}

const types = { csv: "text/csv; charset=utf-8; header=present", pdf: "application/pdf" } as const;
const invoice = compileCheck<Invoice>(InvoiceSchema);
const creditNote = compileCheck<CreditNotePaper>(CreditNotePaperSchema);

/** With what papers are printed. */
export interface Printing {
  readonly printer: Pick<Printer, "pdf">;
  /** As people read of credits now: words and decimals only, and nothing that an issued invoice says in money. */
  readonly credits: () => CreditWords;
}

/** Whether a route's answer may be had in this form. */
export function hasFormat({ isTable, isInvoice }: Route, format: FileFormat): boolean {
  return isInvoice === true || (isTable === true && format === "csv");
}

/** Writes the answer of a route in a form that it has; refused where too many are being printed. */
export async function fileOf(
  route: Route,
  body: unknown,
  { format, printer, credits }: Printing & { readonly format: FileFormat },
): Promise<AnswerFile | Refusal> {
  if (route.isInvoice !== true)
    return { kind: "file", bytes: Buffer.from(tableCsv(route, body)), contentType: types.csv };
  const paper = paperOf(body, credits());
  const bytes = format === "csv" ? Buffer.from(csvOf(paper)) : await printer.pdf(paper);
  if (bytes === undefined) return tooMany;
  const name = nameOf(paper).replaceAll(/[^\w.-]/g, "-");
  return { kind: "file", bytes, contentType: types[format], fileName: `${name}.${format}` };
}

function paperOf(body: unknown, credits: CreditWords): Paper {
  if (creditNote.is(body)) return { kind: "credit_note", creditNote: body };
  if (invoice.is(body)) return { kind: "invoice", invoice: body, credits };
  throw new Error("The answer is no invoice.");
}

const csvOf = (paper: Paper): string =>
  paper.kind === "invoice" ? invoiceCsv(paper.invoice) : creditNoteCsv(paper.creditNote);

const nameOf = (paper: Paper): string =>
  paper.kind === "invoice" ? (paper.invoice.number ?? paper.invoice.id) : paper.creditNote.number;

const tooMany: Refusal = {
  ...refuse("overloaded", "As many invoices as can be are being printed. Ask again in a moment."),
  retryAfter: 2,
};

/** The columns are those of the route's schema, also where there are no rows. */
function tableCsv(route: Route, body: unknown): string {
  const columns = columnsOf(route);
  const rows = memberOf(body, "data");
  const lines = Array.isArray(rows)
    ? rows.map((row: unknown) => columns.map((name) => memberOf(row, name)))
    : [];
  return stringify([columns, ...lines], { record_delimiter: "windows" });
}

function columnsOf({ responses }: Route): readonly string[] {
  let part: unknown = responses[200];
  for (const step of ["properties", "data", "items", "properties"]) part = memberOf(part, step);
  return Object.keys(typeof part === "object" && part !== null ? part : {});
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
