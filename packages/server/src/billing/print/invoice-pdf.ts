/**
 * Owns an invoice as PDF: what a finance person reads, books and pays by.
 *
 * F1 the bytes are a function of the invoice: no clock, no chance, no network; fonts come with the library. F2 nothing of an
 * invoice is left out: lines that do not fit on a page go on on the next, under the table's head.
 *
 * pdfmake on pdfkit, since it breaks tables over pages and ships Roboto, which has Latin, Greek and Cyrillic; both are released
 * several times a year. pdf-lib has not been since 2021, and pdfkit alone has no tables that repeat their head.
 */
import { createRequire } from "node:module";
import {
  type ExplainedLine,
  type Invoice,
  type InvoiceParty,
  type Money,
  parseInstant,
} from "@cistern/contract";
import pdfmake, { type Content, type TableCell } from "pdfmake";
import { createDayIn } from "../../books/index.ts";
import { grouped, printedMoney, quantityText } from "./explain-line.ts";

const fontFolder = createRequire(import.meta.url).resolve(
  "pdfmake/fonts/Roboto/Roboto-Regular.ttf",
);
const font = (weight: string): string => fontFolder.replace(/Regular\.ttf$/, `${weight}.ttf`);
const fonts = {
  Roboto: {
    normal: font("Regular"),
    bold: font("Medium"),
    italics: font("Italic"),
    bolditalics: font("MediumItalic"),
  },
};

/** What is in text of ours or of others is only ever text; this refuses what a later change might let through. */
pdfmake.setUrlAccessPolicy(() => false);
pdfmake.setLocalAccessPolicy((path) => Object.values(fonts.Roboto).includes(path));
pdfmake.setFonts(fonts);

/**
 * Prints an invoice.
 *
 * @example const bytes = await invoicePdf(invoice); // begins with "%PDF-1.3"
 */
export async function invoicePdf(invoice: Invoice): Promise<Buffer> {
  const print = new Print(invoice);
  const created = parseInstant(invoice.issuedAt ?? invoice.draftedAt);
  const { id, number = id } = invoice;
  return await pdfmake
    .createPdf({
      info: {
        title: `Invoice ${number}`,
        author: invoice.issuer.name,
        // oxlint-disable-next-line no-restricted-globals -- no clock: the invoice's own instant, which the library wants as a Date
        creationDate: new Date(created),
      },
      pageSize: "A4",
      pageMargins: [42, 48, 42, 56],
      defaultStyle: { font: "Roboto", fontSize: 9, lineHeight: 1.15 },
      styles,
      ...watermarkOf(invoice),
      content: [
        print.head(),
        print.parties(),
        print.lines(),
        print.totals(),
        print.drawn(),
        print.happened(),
      ],
      footer: (page, pages) => ({
        columns: [
          {
            text: `${invoice.issuer.name}${invoice.issuer.taxId === undefined ? "" : ` · ${invoice.issuer.taxId}`}`,
          },
          { text: `${number} · page ${page} of ${pages}`, alignment: "right" },
        ],
        margin: [42, 18, 42, 0],
        style: "small",
      }),
    })
    .getBuffer();
}

const grey = "#5a6270";
const rule = "#c9ced6";
const styles = {
  title: { fontSize: 20, bold: true },
  label: { color: grey },
  small: { color: grey, fontSize: 7.5 },
  head: { bold: true, fontSize: 8, color: grey },
  section: { bold: true, fontSize: 10, margin: [0, 18, 0, 4] as const },
};

function watermarkOf({ status }: Invoice): {
  watermark?: { text: string; color: string; opacity: number };
} {
  if (status !== "draft" && status !== "void") return {};
  return { watermark: { text: status.toUpperCase(), color: grey, opacity: 0.12 } };
}

/** The parts of one invoice. */
class Print {
  readonly #invoice: Invoice;
  readonly #dayIn = createDayIn();

  constructor(invoice: Invoice) {
    this.#invoice = invoice;
  }

  head(): Content {
    const { issuer, id, number } = this.#invoice;
    return {
      columns: [
        { width: "*", stack: partyText(issuer) },
        {
          width: "auto",
          stack: [
            {
              text: number === undefined ? "Draft invoice" : "Invoice",
              style: "title",
              alignment: "right",
            },
            { text: number ?? id, alignment: "right", bold: true },
          ],
        },
      ],
      margin: [0, 0, 0, 26],
    };
  }

  parties(): Content {
    const {
      customer,
      issuedAt,
      dueAt,
      finalizesAt,
      purchaseOrder,
      termsDays,
      currency,
      status,
      id,
    } = this.#invoice;
    const facts: readonly (readonly [string, string | undefined])[] = [
      ["Date", this.#day(issuedAt)],
      ["Due", this.#day(dueAt)],
      ["Will be issued", this.#day(finalizesAt)],
      ["Terms", termsDays === 0 ? "due at once" : `${termsDays} days`],
      ["Purchase order", purchaseOrder],
      ["Currency", currency],
      ["Status", status],
      ["Reference", id],
    ];
    return {
      columns: [
        {
          width: "*",
          stack: [
            { text: "Bill to", style: "label" },
            ...(customer === undefined ? [{ text: "-" }] : partyText(customer)),
          ],
        },
        {
          width: "auto",
          layout: "noBorders",
          table: {
            body: facts.flatMap(([label, value]): TableCell[][] =>
              value === undefined
                ? []
                : [
                    [
                      { text: label, style: "label" },
                      { text: value, alignment: "right" },
                    ],
                  ],
            ),
          },
        },
      ],
      margin: [0, 0, 0, 20],
    };
  }

  lines(): Content {
    const head = ["Description", "Period", "Quantity", "Unit price", "Amount"].map(
      (text, index): TableCell => ({
        text,
        style: "head",
        alignment: index < 2 ? "left" : "right",
      }),
    );
    return {
      layout: tableLayout,
      table: {
        headerRows: 1,
        dontBreakRows: true,
        widths: ["*", "auto", "auto", "auto", "auto"],
        body: [head, ...this.#invoice.lines.map((line) => this.#line(line))],
      },
    };
  }

  totals(): Content {
    const { subtotal, tax, taxRate, total, balanceApplied, charged, paid, credited, due } =
      this.#invoice;
    const rows: readonly (readonly [string, Money, boolean])[] = [
      ["Subtotal", subtotal, true],
      [taxRate?.name ?? "Tax", tax, taxRate !== undefined || tax.amount !== "0"],
      ["Total", total, true],
      ["Balance applied", negated(balanceApplied), balanceApplied.amount !== "0"],
      ["To pay", charged, balanceApplied.amount !== "0"],
      ["Paid", negated(paid), paid.amount !== "0"],
      ["Credited", negated(credited), credited.amount !== "0"],
    ];
    const shown = rows.filter(([, , isShown]) => isShown);
    return {
      columns: [
        { width: "*", text: "" },
        {
          width: 220,
          layout: "noBorders",
          table: {
            widths: ["*", "auto"],
            body: [
              ...shown.map(([label, amount]): TableCell[] => [
                { text: label },
                { text: moneyText(amount), alignment: "right" },
              ]),
              [
                { text: "Amount due", bold: true, fontSize: 11 },
                {
                  text: `${moneyText(due)} ${due.currency}`,
                  alignment: "right",
                  bold: true,
                  fontSize: 11,
                },
              ],
            ],
          },
        },
      ],
      unbreakable: true,
      margin: [0, 10, 0, 0],
    };
  }

  drawn(): Content {
    const { creditsDrawn, creditsReturned, currency } = this.#invoice;
    if (creditsDrawn.length === 0) return [];
    const zero = printedMoney(0n, currency);
    return [
      { text: "Credits drawn since the last invoice (paid for already)", style: "section" },
      {
        layout: tableLayout,
        table: {
          headerRows: 1,
          widths: ["*", "auto", "auto", "auto"],
          body: [
            ["Meter", "Calls", "Credits", "Amount"].map((text, index): TableCell => ({
              text,
              style: "head",
              alignment: index === 0 ? "left" : "right",
            })),
            ...creditsDrawn.map(({ meter = "Without a meter", calls, credits }): TableCell[] => [
              meter,
              { text: grouped(calls.toString()), alignment: "right" },
              { text: grouped(credits), alignment: "right" },
              { text: zero, alignment: "right" },
            ]),
          ],
        },
      },
      ...(creditsReturned === "0"
        ? []
        : [{ text: `Refunds gave ${grouped(creditsReturned)} credits back.`, style: "small" }]),
    ];
  }

  happened(): Content {
    const { payments, creditNotes, reason } = this.#invoice;
    return [
      ...(payments.length === 0 ? [] : [{ text: "Payments", style: "section" }]),
      ...payments.map(({ id, at, amount, reference }) => ({
        text: `${this.#day(at)}  ${moneyText(amount)} ${amount.currency}  ${reference ?? id}`,
      })),
      ...(creditNotes.length === 0 ? [] : [{ text: "Credit notes", style: "section" }]),
      ...creditNotes.map(({ number, at, amount, reason: why }) => ({
        text: `${this.#day(at)}  ${number}  ${moneyText(amount)} ${amount.currency}  ${why ?? ""}`,
      })),
      ...(reason === undefined
        ? []
        : [
            {
              text: `Reason: ${reason}`,
              margin: [0, 10, 0, 0] as const,
            },
          ]),
    ];
  }

  #line(line: ExplainedLine): TableCell[] {
    return [
      { stack: [{ text: line.description }, { text: line.arithmetic, style: "small" }] },
      { text: this.#period(line), noWrap: true },
      { text: quantityText(line), alignment: "right", noWrap: true },
      {
        text: line.unitPrice === undefined ? "" : moneyText(line.unitPrice),
        alignment: "right",
        noWrap: true,
      },
      { text: moneyText(line.amount), alignment: "right", noWrap: true },
    ];
  }

  /** Its days, the last one included: a period ends before its end. */
  #period({ from, to }: ExplainedLine): string {
    const { timeZone } = this.#invoice;
    const [start, end] = [parseInstant(from), parseInstant(to)];
    const first = this.#dayIn(start, timeZone);
    const last = this.#dayIn(end > start ? end - 1 : start, timeZone);
    return first === last ? first : `${first} - ${last}`;
  }

  #day(instant: string): string;
  #day(instant: string | undefined): string | undefined;
  #day(instant: string | undefined): string | undefined {
    return instant === undefined
      ? undefined
      : this.#dayIn(parseInstant(instant), this.#invoice.timeZone);
  }
}

const tableLayout = {
  hLineWidth: (index: number) => (index === 0 ? 0 : 0.5),
  vLineWidth: () => 0,
  hLineColor: () => rule,
  paddingLeft: (column: number) => (column === 0 ? 0 : 8),
  paddingRight: () => 0,
  paddingTop: () => 4,
  paddingBottom: () => 4,
};

function partyText({ name, address, taxId }: InvoiceParty): Content[] {
  return [
    { text: name, bold: true },
    ...(address === undefined ? [] : [{ text: address }]),
    ...(taxId === undefined ? [] : [{ text: `Tax id ${taxId}` }]),
  ];
}

const moneyText = ({ amount, currency }: Money): string => printedMoney(BigInt(amount), currency);

const negated = ({ amount, currency }: Money): Money => ({
  amount: (-BigInt(amount)).toString(),
  currency,
});
