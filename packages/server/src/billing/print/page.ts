/**
 * Owns what all papers of billing look like: fonts, page, foot, tables, parties.
 *
 * F1 the bytes are a function of what is printed: no clock, no chance, no network; fonts come with the library.
 *
 * pdfmake on pdfkit, since it breaks tables over pages and ships Roboto, which has Latin, Greek and Cyrillic; both are released
 * several times a year. pdf-lib has not been since 2021, and pdfkit alone has no tables that repeat their head.
 */
import { createRequire } from "node:module";
import { type InvoiceParty, type Money, parseInstant } from "@cistern/contract";
import pdfmake, { type Content, type TableCell } from "pdfmake";
import { printedMoney } from "./explain-line.ts";

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

/** A paper. */
export interface Page {
  /** `Invoice INV-000042`. */
  readonly title: string;
  readonly number: string;
  readonly issuer: InvoiceParty;
  /** RFC 3339: the paper's own instant. */
  readonly created: string;
  readonly watermark?: string;
  readonly content: Content;
}

/** Prints a paper. */
export async function printPage({
  title,
  number,
  issuer,
  created,
  watermark,
  content,
}: Page): Promise<Buffer> {
  return await pdfmake
    .createPdf({
      info: {
        title,
        author: issuer.name,
        // oxlint-disable-next-line no-restricted-globals -- no clock: the paper's own instant, which the library wants as a Date
        creationDate: new Date(parseInstant(created)),
      },
      pageSize: "A4",
      pageMargins: [42, 48, 42, 56],
      defaultStyle: { font: "Roboto", fontSize: 9, lineHeight: 1.15 },
      styles,
      ...(watermark === undefined
        ? {}
        : { watermark: { text: watermark, color: grey, opacity: 0.12 } }),
      content,
      footer: (page, pages) => ({
        columns: [
          { text: `${issuer.name}${issuer.taxId === undefined ? "" : ` · ${issuer.taxId}`}` },
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

/** Who sends it, what it is, and its number. */
export const headOf = (issuer: InvoiceParty, title: string, number: string): Content => ({
  columns: [
    { width: "*", stack: partyText(issuer) },
    {
      width: "auto",
      stack: [
        { text: title, style: "title", alignment: "right" },
        { text: number, alignment: "right", bold: true },
      ],
    },
  ],
  columnGap,
  margin: [0, 0, 0, 26],
});

/** Between columns: a long name goes on on the next line before it touches what stands beside it. */
const columnGap = 28;

/** Who is billed, beside facts of the paper; those that are undefined are left out. */
export const partiesOf = (
  customer: InvoiceParty | undefined,
  facts: readonly (readonly [string, string | undefined])[],
): Content => ({
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
                  { text: label, style: "label", noWrap: true },
                  { text: value, alignment: "right" },
                ],
              ],
        ),
      },
    },
  ],
  columnGap,
  margin: [0, 0, 0, 20],
});

/** Sums at the right, the last one large. */
export const sumsOf = (
  rows: readonly (readonly [string, Money])[],
  [label, last]: readonly [string, Money],
): Content => ({
  columns: [
    { width: "*", text: "" },
    {
      width: 220,
      layout: "noBorders",
      table: {
        widths: ["*", "auto"],
        body: [
          ...rows.map(([text, amount]): TableCell[] => [
            { text },
            { text: moneyText(amount), alignment: "right" },
          ]),
          [
            { text: label, bold: true, fontSize: 11 },
            {
              text: `${moneyText(last)} ${last.currency}`,
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
});

/** Lines of a table, thin and grey; the last of its rows, which has its own, has none below. */
export const tableLayout = {
  hLineWidth: (index: number) => (index === 0 ? 0 : 0.5),
  vLineWidth: () => 0,
  hLineColor: () => rule,
  paddingLeft: (column: number) => (column === 0 ? 0 : 8),
  paddingRight: () => 0,
  paddingTop: () => 4,
  paddingBottom: () => 4,
};

/** A party, a line each. */
function partyText({ name, address, taxId }: InvoiceParty): Content[] {
  return [
    { text: name, bold: true },
    ...(address === undefined ? [] : [{ text: address }]),
    ...(taxId === undefined ? [] : [{ text: `Tax id ${taxId}` }]),
  ];
}

/** An amount without its currency. */
export const moneyText = ({ amount, currency }: Money): string =>
  printedMoney(BigInt(amount), currency);
