/**
 * Owns an invoice as PDF: what a finance person reads, books and pays by.
 *
 * F2 nothing of an invoice is left out: lines that do not fit on a page go on on the next, under the table's head. F3 the sums add up,
 * whatever became of the invoice, and never stand on a page without a line. F4 what comes to less than nothing is in the
 * customer's favour, and called so: a credit note takes a part of another invoice back, under a number of its own.
 *
 * F5 credits go by the word of the catalog. Figures that no amount is worked out of are rounded for people; a quantity that one is
 * worked out of stays exact.
 */
import {
  type CreditWords,
  type ExplainedLine,
  type Invoice,
  type Money,
  creditFigure,
  creditText,
  grouped,
  parseInstant,
  readCredits,
} from "@cistern/contract";
import type { Content, TableCell } from "pdfmake";
import { createDayIn } from "../../books/index.ts";
import { type ClosedRest, closedRest } from "./closed-rest.ts";
import { countsCredits, printedMoney } from "./explain-line.ts";
import { headOf, moneyText, partiesOf, printPage, sumsOf, tableLayout } from "./page.ts";

/**
 * Prints an invoice.
 *
 * @example const bytes = await invoicePdf(invoice, plainCreditWords); // begins with "%PDF-1.3"
 */
export async function invoicePdf(invoice: Invoice, credits: CreditWords): Promise<Buffer> {
  const print = new Print(invoice, credits);
  const { id, number = id, status } = invoice;
  const isNone = status === "draft" || status === "void";
  return await printPage({
    title: `${print.name} ${number}`,
    number,
    issuer: invoice.issuer,
    created: invoice.issuedAt ?? invoice.draftedAt,
    ...(isNone ? { watermark: status.toUpperCase() } : {}),
    content: [print.head(), print.parties(), print.lines(), print.drawn(), print.happened()],
  });
}

/** The parts of one invoice. */
class Print {
  readonly #invoice: Invoice;
  readonly #credits: CreditWords;
  readonly #dayIn = createDayIn();

  constructor(invoice: Invoice, credits: CreditWords) {
    this.#invoice = invoice;
    this.#credits = credits;
  }

  /** F4. */
  get #isCredit(): boolean {
    return BigInt(this.#invoice.total.amount) < 0n;
  }

  get name(): string {
    const name = this.#invoice.interim === true ? "Interim invoice" : "Invoice";
    return this.#isCredit ? `${name} in your favour` : name;
  }

  head(): Content {
    const { issuer, id, number } = this.#invoice;
    const name = number === undefined ? `Draft ${this.name.toLowerCase()}` : this.name;
    return headOf(issuer, name, number ?? id);
  }

  parties(): Content {
    const { customer, issuedAt, dueAt, finalizesAt, purchaseOrder, termsDays } = this.#invoice;
    const { currency, status, id, topUp } = this.#invoice;
    const isOwed = !this.#isCredit && topUp === undefined;
    return partiesOf(customer, [
      ["Date", this.#day(issuedAt)],
      ["Due", isOwed ? this.#day(dueAt) : undefined],
      ["Will be issued", this.#day(finalizesAt)],
      ["Terms", isOwed ? termsText(termsDays) : undefined],
      ["Purchase order", purchaseOrder],
      ["Currency", currency],
      ["Status", this.#isCredit && status === "paid" ? "added to your balance" : status],
      ["Reference", id],
    ]);
  }

  /** F3: the last line and the sums are one row, which no page's end comes into. */
  lines(): Content {
    const head = ["Description", "Period", "Quantity", "Unit price", "Amount"].map(
      (text, index): TableCell => ({
        text,
        style: "head",
        alignment: index < 2 ? "left" : "right",
      }),
    );
    const rows = this.#invoice.lines.map((line) => this.#line(line));
    const last = rows.at(-1);
    const widths = widthsOf([head, ...rows]);
    const end: Content =
      last === undefined
        ? this.#totals()
        : [{ layout: lastLineLayout, table: { widths, body: [last] } }, this.#totals()];
    return {
      layout: linesLayout(rows.length + 1),
      table: {
        headerRows: 1,
        dontBreakRows: true,
        widths,
        body: [
          head,
          ...rows.slice(0, -1),
          [{ stack: [end], colSpan: head.length }, ...head.slice(1).map(() => ({ text: "" }))],
        ],
      },
    };
  }

  #totals(): Content {
    const { subtotal, tax, taxRate, total, balanceApplied, charged, paid, credited, due } =
      this.#invoice;
    const rest = closedRest(this.#invoice);
    const isAdded = balanceApplied.amount.startsWith("-");
    const rows: readonly (readonly [string, Money, boolean])[] = [
      ["Subtotal", subtotal, true],
      [taxRate?.name ?? "Tax", tax, taxRate !== undefined || tax.amount !== "0"],
      ["Total", total, true],
      [
        isAdded ? "Added to your balance" : "Balance applied",
        negated(balanceApplied),
        balanceApplied.amount !== "0",
      ],
      ["To pay", charged, balanceApplied.amount !== "0" && !isAdded],
      ["Paid", negated(paid), paid.amount !== "0"],
      ["Credited", negated(credited), credited.amount !== "0"],
      [
        rest === undefined ? "" : restNames[rest.kind],
        { amount: (-(rest?.amount ?? 0n)).toString(), currency: due.currency },
        rest !== undefined,
      ],
    ];
    const shown = rows.flatMap(([label, amount, isShown]) =>
      isShown ? [[label, amount] as const] : [],
    );
    return sumsOf(shown, ["Amount due", due]);
  }

  drawn(): Content {
    const { creditsDrawn, creditsReturned, creditsReturnedWorth, currency } = this.#invoice;
    if (creditsDrawn.length === 0) return [];
    const zero = printedMoney(0n, currency);
    return [
      {
        text: `${capital(this.#credits.plural)} drawn since the last invoice (paid for already)`,
        style: "section",
      },
      {
        layout: tableLayout,
        table: {
          headerRows: 1,
          widths: ["*", "auto", "auto", "auto", "auto"],
          body: [
            drawnHead(this.#credits),
            ...creditsDrawn.map(
              ({ meter = "Without a meter", calls, credits, worth }): TableCell[] => [
                meter,
                { text: grouped(calls.toString()), alignment: "right" },
                { text: creditFigure(readCredits(credits), this.#credits), alignment: "right" },
                { text: moneyText(worth), alignment: "right" },
                { text: zero, alignment: "right" },
              ],
            ),
          ],
        },
      },
      ...(creditsReturned === "0"
        ? []
        : [
            {
              text: `Refunds gave ${creditText(readCredits(creditsReturned), this.#credits)} back, which were worth ${moneyText(creditsReturnedWorth)}.`,
              style: "small",
            },
          ]),
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
      {
        stack: [
          { text: descriptionText(line, this.#credits) },
          { text: arithmeticText(line, this.#credits), style: "small" },
        ],
      },
      { text: this.#period(line), noWrap: true },
      { text: quantityText(line, this.#credits), alignment: "right" },
      { text: grouped(line.unitPriceDecimal ?? ""), alignment: "right", noWrap: true },
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

const restNames: Readonly<Record<ClosedRest["kind"], string>> = {
  given_up: "Given up",
  voided: "Taken back",
  to_balance: "To your balance",
  paid_back: "Paid back",
};

const termsText = (days: number): string => (days === 0 ? "due at once" : `${days} days`);

/** Columns as wide as their longest words, so that the last row, a table of its own, stands below the others. */
function widthsOf(rows: readonly (readonly TableCell[])[]): readonly (number | "*")[] {
  return ["*", ...[1, 2, 3, 4].map((column) => widest(rows, column))];
}

const widest = (rows: readonly (readonly TableCell[])[], column: number): number =>
  Math.ceil(
    rows.reduce((width, row) => {
      const cell = row[column];
      const text = typeof cell === "object" && "text" in cell ? cell.text : "";
      return Math.max(width, textWidth(text));
    }, 0),
  );

/** In points, of Roboto in the size of a page; a little more rather than less. */
const textWidth = (text: string): number =>
  text.split("").reduce((width, letter) => width + (/[ .,:;il1-]/.test(letter) ? 3 : 5.3), 0);

/** Lines between rows, and none below the last one, which brings its own. */
const linesLayout = (rows: number) => ({
  ...tableLayout,
  hLineWidth: (index: number) => (index === 0 || index === rows ? 0 : 0.5),
});

const lastLineLayout = {
  ...tableLayout,
  paddingTop: () => 0,
  hLineWidth: (index: number) => (index === 0 ? 0 : 0.5),
};

/** With what it counts: `1 month`, `2,431.5 credits`. */
function quantityText({ kind, quantity, unit }: ExplainedLine, words: CreditWords): string {
  const isOne = quantity === "1" || quantity === "-1";
  if (countsCredits(kind)) return `${grouped(quantity)} ${isOne ? words.singular : words.plural}`;
  return `${grouped(quantity)} ${isOne ? (singulars.get(unit) ?? unit) : unit}`;
}

/** F5. In the texts of lines nothing but the names of plans, meters and packs is not ours, and those are left as they are. */
function descriptionText({ kind, description }: ExplainedLine, { plural }: CreditWords): string {
  if (kind === "purchase") return description.replace(/ credits$/, () => ` ${plural}`);
  return kind === "used_credits" ? description.replace(/^Credits/, capital(plural)) : description;
}

const arithmeticText = ({ kind, arithmetic }: ExplainedLine, { plural }: CreditWords): string =>
  arithmetic.replaceAll(
    countsCredits(kind) ? /\bcredits\b/g : /(?<=, charged in )credits$/g,
    () => plural,
  );

const drawnHead = ({ plural }: CreditWords): TableCell[] =>
  ["Meter", "Calls", capital(plural), "Worth", "Amount"].map((text, index) => ({
    text,
    style: "head",
    alignment: index === 0 ? "left" : "right",
  }));

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** Of words of our own; those of meters stay as the vendor wrote them. */
const singulars: ReadonlyMap<string, string> = new Map(
  ["credit", "seat", "outcome", "day", "week", "month", "year", "period", "pack", "item"].map(
    (word) => [`${word}s`, word],
  ),
);

const negated = ({ amount, currency }: Money): Money => ({
  amount: (-BigInt(amount)).toString(),
  currency,
});
