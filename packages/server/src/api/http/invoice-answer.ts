import {
  type CreditNotePaper,
  CreditNotePaperSchema,
  type Invoice,
  InvoiceSchema,
} from "@cistern/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Paper, type Printer, creditNoteCsv, invoiceCsv } from "../../billing/index.ts";
import { compileCheck } from "../calls/check.ts";
import { type Refusal, refuse } from "../problems/problem.ts";
import { sendAnswer } from "./send-answer.ts";

type Format = "json" | "csv" | "pdf";

const invoice = compileCheck<Invoice>(InvoiceSchema);
const creditNote = compileCheck<CreditNotePaper>(CreditNotePaperSchema);

/** Sends an invoice, or a credit note, as it is wanted: by `?format`, else by `Accept`, else as JSON. */
export async function sendInvoice(
  reply: FastifyReply,
  request: FastifyRequest,
  { body, printer }: { readonly body: unknown; readonly printer: Pick<Printer, "pdf"> },
): Promise<FastifyReply> {
  const format = formatOf(request);
  if (format === "json") return reply.code(200).send(body);
  const paper = paperOf(body);
  const bytes = format === "csv" ? Buffer.from(csvOf(paper)) : await printer.pdf(paper);
  if (bytes === undefined) return sendAnswer(reply, tooMany);
  const name = nameOf(paper).replaceAll(/[^\w.-]/g, "-");
  return reply
    .code(200)
    .header("content-disposition", `inline; filename="${name}.${format}"`)
    .header("content-type", types[format])
    .send(bytes);
}

function paperOf(body: unknown): Paper {
  if (creditNote.is(body)) return { kind: "credit_note", creditNote: body };
  if (invoice.is(body)) return { kind: "invoice", invoice: body };
  throw new Error("The answer is no invoice.");
}

const csvOf = (paper: Paper): string =>
  paper.kind === "invoice" ? invoiceCsv(paper.invoice) : creditNoteCsv(paper.creditNote);

const nameOf = (paper: Paper): string =>
  paper.kind === "invoice" ? (paper.invoice.number ?? paper.invoice.id) : paper.creditNote.number;

const types = { csv: "text/csv; charset=utf-8; header=present", pdf: "application/pdf" } as const;

const tooMany: Refusal = {
  ...refuse("overloaded", "As many invoices as can be are being printed. Ask again in a moment."),
  retryAfter: 2,
};

function formatOf({ query, headers: { accept = "" } }: FastifyRequest): Format {
  const said: unknown =
    typeof query === "object" && query !== null && "format" in query ? query.format : undefined;
  if (said !== undefined) return said === "csv" || said === "pdf" ? said : "json";
  if (accept.includes("application/json")) return "json";
  if (accept.includes("application/pdf")) return "pdf";
  return accept.includes("text/csv") ? "csv" : "json";
}
