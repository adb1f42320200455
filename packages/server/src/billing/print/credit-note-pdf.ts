/** Owns a credit note as PDF: what of which invoice is taken back, and why. */
import { type CreditNotePaper, parseInstant } from "@cistern/contract";
import type { Content, TableCell } from "pdfmake";
import { createDayIn } from "../../books/index.ts";
import { headOf, moneyText, partiesOf, printPage, sumsOf, tableLayout } from "./page.ts";

/**
 * Prints a credit note.
 *
 * @example const bytes = await creditNotePdf(note); // begins with "%PDF-1.3"
 */
export async function creditNotePdf(note: CreditNotePaper): Promise<Buffer> {
  const { number, issuer, issuedAt, customer, timeZone, invoice, currency, purchaseOrder } = note;
  const dayIn = createDayIn();
  const day = (instant: string): string => dayIn(parseInstant(instant), timeZone);
  return await printPage({
    title: `Credit note ${number}`,
    number,
    issuer,
    created: issuedAt,
    content: [
      headOf(issuer, "Credit note", number),
      partiesOf(customer, [
        ["Date", day(issuedAt)],
        ["Invoice", invoice.number],
        ["Invoice of", day(invoice.issuedAt)],
        ["Purchase order", purchaseOrder],
        ["Currency", currency],
        ["Reference", note.id],
      ]),
      linesOf(note),
      sumsOf(
        [
          ["Subtotal", note.subtotal],
          ...(note.tax.amount === "0" ? [] : [[note.taxRate?.name ?? "Tax", note.tax] as const]),
        ],
        ["Total credit", note.total],
      ),
      ...(note.reason === undefined
        ? []
        : [{ text: `Reason: ${note.reason}`, margin: [0, 18, 0, 0] as const }]),
    ],
  });
}

function linesOf({ lines }: CreditNotePaper): Content {
  const head = ["Description", "Amount"].map((text, index): TableCell => ({
    text,
    style: "head",
    alignment: index === 0 ? "left" : "right",
  }));
  return {
    layout: tableLayout,
    table: {
      headerRows: 1,
      dontBreakRows: true,
      widths: ["*", "auto"],
      body: [
        head,
        ...lines.map(({ description, amount }): TableCell[] => [
          { text: description },
          { text: moneyText(amount), alignment: "right", noWrap: true },
        ]),
      ],
    },
  };
}
