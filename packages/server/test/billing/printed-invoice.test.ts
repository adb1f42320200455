/** Invoices on paper and in spreadsheets, read back by programs that we did not write. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CreditNotePaper, type Invoice, plainCreditWords } from "@cistern/contract";
import { type Line, half, instant, money } from "@cistern/kernel";
import { parse } from "csv-parse/sync";
import * as fc from "fast-check";
import { arithmeticOf, createPrinter, creditNoteCsv, invoiceCsv } from "../../src/billing/index.ts";
import { pagesOf, wordsOf } from "./read-pdf.ts";
import { line, sampleInvoice } from "./sample-invoice.ts";

const printer = createPrinter();
const print = async (invoice: Invoice, credits = plainCreditWords): Promise<Uint8Array> => {
  const bytes = await printer.pdf({ kind: "invoice", invoice, credits });
  assert(bytes !== undefined);
  return bytes;
};

const upgrade = [
  line({ kind: "base_fee", per: { unit: "month", count: 1 } }),
  line({
    kind: "unused_time",
    quantity: -1n,
    unitPrice: money(10_000n),
    fraction: { part: 1_728_000_000n, whole: 2_592_000_000n },
    amount: money(-6_667n),
  }),
  line({
    kind: "remaining_time",
    fraction: { part: 20n, whole: 30n },
    amount: money(16_667n),
    from: instant(Date.UTC(2026, 10, 11)),
  }),
  line({
    kind: "usage",
    about: "chat",
    quantity: 1_234_567_000_000n,
    unitPrice: null,
    amount: money(370n),
  }),
];

test("a page says who owes whom what, for what, and until when", async () => {
  const [page = "", ...others] = await pagesOf(await print(sampleInvoice(upgrade)));
  assert.deepEqual(others, []);
  for (const expected of [
    "INV-000042",
    "Vendor Ltd",
    "Tax id GB987654321",
    "Ünïcorn GmbH",
    "10115 Berlin",
    // Half an hour before midnight in London is the day after in Berlin.
    "Date 2026-11-01",
    "Due 2026-11-15",
    "Terms 14 days",
    "Purchase order PO 7",
    "Base fee, plan team 2026-11-01 - 2026-12-01 1 month 250.00 250.00",
    "-1 x 100.00 x 20 d of 30 d",
    "1 x 250.00 x 20 d of 30 d",
    "Usage, chat 2026-11-01 - 2026-12-01 1,234,567 credits 3.70",
    "Subtotal 353.70",
    "VAT 19 % 67.20",
    "Amount due 420.90 EUR",
    "chat 1,204 4,812.5 38.50 0.00",
    "page 1 of 1",
  ])
    assert.ok(page.includes(expected), `${expected}\n---\n${page}`);
});

test("many lines go on over pages, each under the head of the table, and none is lost", async () => {
  const lines = Array.from({ length: 150 }, (_, index) =>
    line({ kind: "usage", about: `meter-${index}`, unitPrice: null, amount: money(BigInt(index)) }),
  );
  const pages = await pagesOf(await print(sampleInvoice(lines)));
  assert.ok(pages.length > 3);
  for (const { about } of lines)
    assert.equal(pages.filter((page) => page.includes(`Usage, ${about} `)).length, 1, about);
  for (const [index, page] of pages.entries()) {
    assert.ok(page.includes(`page ${index + 1} of ${pages.length}`));
    if (page.includes("Usage, meter-"))
      assert.ok(page.includes("Description Period Quantity Unit price Amount"));
  }
});

test("the sums never stand on a page without a line, however many lines there are", async () => {
  for (let count = 8; count < 40; count += 1) {
    const lines = Array.from({ length: count }, (_, index) =>
      line({ kind: "other", about: `thing ${index + 1}.`, amount: money(1n) }),
    );
    const pages = await pagesOf(await print(sampleInvoice(lines)));
    const end = pages.find((page) => page.includes("Amount due")) ?? "";
    assert.ok(end.includes(`thing ${count}.`), `${count} lines\n${end}`);
    assert.ok(end.includes("Description Period Quantity Unit price Amount"), end);
    for (const { about } of lines)
      assert.equal(pages.filter((page) => page.includes(about)).length, 1, about);
  }
});

test("a long name goes on on another line before it touches what stands beside it", async () => {
  const name = "Acme Gesellschaft für angewandte Künstliche Intelligenz mbH & Co. KGaA ".repeat(2);
  const invoice = sampleInvoice(upgrade, { customer: { name, address: name }, issuer: { name } });
  const words = await wordsOf(await print(invoice));
  const ends = words.filter(({ x, y }) => x < 60 && y > 500 && y < 800);
  assert.ok(ends.length >= 6, "names of several lines");
  for (const { x, y, width, text } of ends)
    for (const beside of words)
      if (Math.abs(beside.y - y) < 8 && beside.x > x && beside.x > 250)
        assert.ok(x + width + 20 < beside.x, `${text} | ${beside.text}`);
});

test("quantities and amounts of many digits keep to their columns", async () => {
  const wide = line({
    kind: "prepayment",
    quantity: 123_456_789_012_345_000n,
    unitPrice: null,
    amount: money(999_999_999_999_999n),
  });
  const words = await wordsOf(await print(sampleInvoice([wide])));
  const row = words.filter(({ y }) =>
    words.some((one) => one.text.startsWith("Prepaid") && one.y === y),
  );
  const [, ...cells] = row.toSorted((a, b) => a.x - b.x);
  assert.equal(cells.length, 3, JSON.stringify(row));
  for (const [index, { x }] of cells.entries()) {
    const before = cells[index - 1];
    if (before !== undefined) assert.ok(before.x + before.width + 5 < x, JSON.stringify(cells));
  }
});

const eur = (amount: string) => ({ amount, currency: "EUR" });

/** What the rows above the amount due come to. */
function sumShown(page: string, from: string): bigint {
  const rows = page
    .slice(page.indexOf(`\n${from} `), page.indexOf("\nAmount due"))
    .trim()
    .split("\n");
  return rows.reduce(
    (sum, row) => sum + BigInt(/(-?[\d,]+\.\d\d)$/.exec(row)?.[1]?.replaceAll(/[.,]/g, "") ?? "0"),
    0n,
  );
}

test("the sums add up to what is due, whatever became of the invoice", async () => {
  const paid = { charged: eur("42090"), paid: eur("10000"), due: eur("0") };
  const closed: readonly (readonly [string, Partial<Invoice>, bigint])[] = [
    ["Given up -320.90", { ...paid, status: "uncollectible" }, 32_090n],
    ["Taken back -420.90", { status: "void", due: eur("0") }, 42_090n],
    ["To your balance 79.10", { ...paid, status: "paid", credited: eur("40000") }, -7_910n],
  ];
  for (const [row, said, rest] of closed) {
    const invoice = sampleInvoice(upgrade, said);
    const [page = ""] = await pagesOf(await print(invoice));
    assert.ok(page.includes(`\n${row}\n`), page);
    assert.ok(page.includes("Amount due 0.00 EUR"), page);
    assert.equal(sumShown(page, "Total"), 0n, page);
    const settled = rowsOf(invoice).at(-1);
    assert.equal(BigInt((settled?.["settled"] ?? "").replace(".", "")), rest);
  }
});

test("what comes to less than nothing is in the customer's favour: added to the balance, and due on no day", async () => {
  const [, unused] = upgrade;
  assert.ok(unused !== undefined);
  const invoice = sampleInvoice([unused], {
    status: "paid",
    tax: eur("0"),
    total: eur("-6667"),
    balanceApplied: eur("-6667"),
    charged: eur("0"),
    due: eur("0"),
  });
  const [page = ""] = await pagesOf(await print(invoice));
  assert.ok(page.includes("Invoice in your favour"), page);
  assert.ok(page.includes("Status added to your balance"), page);
  assert.ok(page.includes("Added to your balance 66.67"), page);
  assert.equal(sumShown(page, "Total"), 0n, page);
  const [part = ""] = await pagesOf(await print({ ...invoice, interim: true }));
  assert.ok(part.includes("Interim invoice in your favour"), part);
  const [draft = ""] = await pagesOf(await print({ ...withoutNumber(invoice), status: "draft" }));
  assert.ok(draft.includes("Draft invoice in your favour"), draft);
  for (const absent of ["Credit note", "Status paid", "Due ", "Terms", "Balance applied", "To pay"])
    assert.ok(!page.includes(absent), `${absent}\n${page}`);
});

test("the same invoice gives the same bytes, whenever and by whichever thread it is printed", async () => {
  const other = createPrinter();
  const first = await print(sampleInvoice(upgrade));
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const second = await other.pdf({
    kind: "invoice",
    invoice: sampleInvoice(upgrade),
    credits: plainCreditWords,
  });
  await other.stop();
  assert.ok(second !== undefined && Buffer.from(first).equals(second));
});

test("yen have no decimals and dinars three, on paper and in the table", async () => {
  for (const [currency, unit, due] of [
    ["JPY", "25,000", "29,750 JPY"],
    ["KWD", "25.000", "29.750 KWD"],
  ] as const) {
    const invoice = sampleInvoice([line({ kind: "base_fee" })], { currency });
    const [page = ""] = await pagesOf(await print(invoice));
    assert.ok(page.includes(`${unit} ${unit}`), page);
    assert.ok(page.includes(`Amount due ${due}`), page);
    const [row] = rowsOf(invoice);
    assert.equal(row?.["amount"], unit.replaceAll(",", ""));
  }
});

test("a draft, and one that was taken back, cannot be taken for an invoice", async () => {
  const { number: _none, issuedAt: _day, dueAt: _due, ...rest } = sampleInvoice(upgrade);
  const [draft = ""] = await pagesOf(await print({ ...rest, status: "draft" }));
  assert.ok(draft.includes("Draft invoice") && draft.includes("DRAFT"), draft);
  const [taken = ""] = await pagesOf(await print(sampleInvoice(upgrade, { status: "void" })));
  assert.ok(taken.includes("VOID"), taken);
});

test("what a customer is called is text: it is no formula in a spreadsheet and no address to fetch", async () => {
  const name = '=HYPERLINK("http://10.0.0.1")';
  const invoice = sampleInvoice(upgrade, { purchaseOrder: name, customer: { name } });
  assert.equal(rowsOf(invoice)[0]?.["purchase_order"], `'${name}`);
  const [page = ""] = await pagesOf(await print(invoice));
  assert.ok(page.includes("HYPERLINK"));
});

test("the rows of the table add up to the total, in whatever order", () => {
  fc.assert(
    fc.property(fc.array(lineArbitrary, { minLength: 1 }), (lines) => {
      const invoice = sampleInvoice(lines);
      const sum = (rows: readonly Record<string, string>[]): bigint =>
        rows.reduce((all, { amount = "" }) => all + BigInt(amount.replace(".", "")), 0n);
      const rows = rowsOf(invoice);
      assert.equal(rows.length, lines.length + 2);
      assert.equal(sum(rows), BigInt(invoice.total.amount));
      assert.equal(sum(rowsOf(sampleInvoice(lines.toReversed()))), sum(rows));
    }),
  );
});

test("payments, credit notes and the balance stand in the table beside the lines, with the day it is due", () => {
  const at = "2026-11-09T10:00:00Z";
  const invoice = sampleInvoice(upgrade, {
    balanceApplied: eur("1000"),
    charged: eur("41090"),
    paid: eur("20000"),
    credited: eur("5000"),
    due: eur("16090"),
    payments: [{ id: "pay_1", at, amount: eur("20000"), fee: eur("30"), reference: "=transfer" }],
    creditNotes: [{ id: "crn_1", number: "CN-000001", at, amount: eur("5000"), tax: eur("798") }],
  });
  const rows = rowsOf(invoice);
  const cents = (name: string): bigint =>
    rows.reduce((sum, row) => sum + BigInt((row[name] ?? "").replace(".", "") || "0"), 0n);
  assert.deepEqual(
    rows.flatMap(({ kind, line: id, description, settled }) =>
      settled === "" ? [] : [[kind, id, description, settled]],
    ),
    [
      ["balance_applied", "", "", "10.00"],
      ["payment", "pay_1", "'=transfer", "200.00"],
      ["credit_note", "CN-000001", "", "50.00"],
    ],
  );
  assert.equal(cents("amount"), BigInt(invoice.total.amount));
  assert.equal(cents("amount") - cents("settled"), BigInt(invoice.due.amount));
  assert.ok(
    rows.every((row) => row["due_date"] === invoice.dueAt && row["amount_due"] === "160.90"),
  );
});

test("a credit note has a paper of its own: its number, the invoice that it refers to, and why", async () => {
  const { issuer, customer, taxRate, purchaseOrder } = sampleInvoice(upgrade);
  const creditNote: CreditNotePaper = {
    id: "crn_1",
    number: "CN-000007",
    issuedAt: "2026-11-09T23:30:00Z",
    invoice: { id: "inv_1", number: "INV-000042", issuedAt: "2026-10-31T23:30:00Z" },
    ...(purchaseOrder === undefined ? {} : { purchaseOrder }),
    currency: "EUR",
    timeZone: "Europe/Berlin",
    issuer,
    ...(customer === undefined ? {} : { customer }),
    ...(taxRate === undefined ? {} : { taxRate }),
    reason: "=two days without service",
    lines: [{ description: "Credit for invoice INV-000042", amount: eur("5000") }],
    subtotal: eur("5000"),
    tax: eur("950"),
    total: eur("5950"),
  };
  const bytes = await printer.pdf({ kind: "credit_note", creditNote });
  assert(bytes !== undefined);
  const again = await printer.pdf({ kind: "credit_note", creditNote });
  assert(again !== undefined && Buffer.from(bytes).equals(again));
  const [page = "", ...others] = await pagesOf(bytes);
  assert.deepEqual(others, []);
  for (const expected of [
    "Credit note",
    "CN-000007",
    "Vendor Ltd",
    "Ünïcorn GmbH",
    "Date 2026-11-10",
    "Invoice INV-000042",
    "Invoice of 2026-11-01",
    "Purchase order PO 7",
    "Credit for invoice INV-000042 50.00",
    "VAT 19 % 9.50",
    "Total credit 59.50 EUR",
    "Reason: =two days without service",
    "CN-000007 · page 1 of 1",
  ])
    assert.ok(page.includes(expected), `${expected}\n---\n${page}`);
  const rows: readonly Record<string, string>[] = parse(creditNoteCsv(creditNote), {
    columns: true,
  });
  assert.deepEqual(
    rows.map(({ kind, amount }) => [kind, amount]),
    [
      ["line", "50.00"],
      ["tax", "9.50"],
    ],
  );
  assert.equal(rows[0]?.["reason"], "'=two days without service");
});

test("a sum that is rounded with others says so where it is not the amount by itself", () => {
  const thirds = { quantity: 10_000n, price: 1n, per: 30_000n };
  const told = (amount: bigint) =>
    arithmeticOf(
      line({ kind: "outcome", unitPrice: null, steps: [thirds], amount: money(amount) }),
      "EUR",
    );
  assert.equal(told(0n), "1 x 0.01 / 3");
  assert.equal(told(1n), "1 x 0.01 / 3, rounded with all that counts with it");
});

test("where the arithmetic is written as a product, the product is the amount", () => {
  fc.assert(
    fc.property(lineArbitrary, fc.bigInt({ min: -2n, max: 2n }), (one, off) => {
      const amount = money(one.amount + off);
      const text = arithmeticOf({ ...one, amount }, "EUR");
      const product = /^(-?[\d,]+) x (-?[\d,.]+)(?: x ([^,/]+) of ([^,/]+))?$/.exec(text);
      if (product === null) return assert.ok(off !== 0n || !isOnePrice(one), text);
      const [count = 0n, cents = 0n] = product
        .slice(1, 3)
        .map((digits) => BigInt(digits.replaceAll(/[,.]/g, "")));
      const [part = 1n, whole = 1n] = product
        .slice(3)
        .map((span) => (span === undefined ? 1n : milliseconds(span)));
      assert.equal(half(count * cents * part, whole), amount);
    }),
  );
});

const isOnePrice = ({ unitPrice, fraction }: Line): boolean =>
  unitPrice !== null && fraction?.whole !== 1n;

/** `11 d 14 h`. */
const milliseconds = (span: string): bigint =>
  span
    .matchAll(/([\d,]+) (d|h|min|s|ms)(?= |$)/g)
    .reduce(
      (sum, [, digits = "", unit = ""]) =>
        sum + BigInt(digits.replaceAll(",", "")) * (unitsMs.get(unit) ?? 0n),
      0n,
    );
const unitsMs: ReadonlyMap<string, bigint> = new Map([
  ["d", 86_400_000n],
  ["h", 3_600_000n],
  ["min", 60_000n],
  ["s", 1_000n],
  ["ms", 1n],
]);

const lineArbitrary: fc.Arbitrary<Line> = fc
  .record({
    quantity: fc.bigInt({ min: -1_000n, max: 1_000_000n }),
    unit: fc.bigInt({ min: 0n, max: 1_000_000n }),
    fraction: fc.option(
      fc
        .tuple(fc.bigInt({ min: 1n, max: 2_678_400_000n }), fc.bigInt({ min: 0n, max: 100n }))
        .map(([whole, percent]) => ({ whole, part: (whole * percent) / 100n })),
    ),
    isTiered: fc.boolean(),
  })
  .map(({ quantity, unit, fraction, isTiered }) => {
    const { part, whole } = fraction ?? { part: 1n, whole: 1n };
    return line({
      kind: "other",
      quantity,
      unitPrice: isTiered ? null : money(unit),
      fraction,
      amount: money(half(quantity * unit * part, whole)),
    });
  });

function rowsOf(invoice: Invoice): readonly Record<string, string>[] {
  return parse(invoiceCsv(invoice), { columns: true });
}

test("credits go by the catalog's word and decimals; what an amount is worked out of stays exact (F5)", async () => {
  const [credits, used] = [1_234_567_890n, 500_500n];
  const lines = [
    line({
      kind: "usage",
      about: "credits",
      quantity: credits,
      unitPrice: null,
      amount: money(370n),
    }),
    line({ kind: "used_credits", quantity: used, unitPrice: null, amount: money(-5n) }),
    line({ kind: "base_fee", about: "credits", per: { unit: "month", count: 1 } }),
  ];
  const zero = { amount: "0", currency: "EUR" };
  const invoice = sampleInvoice(lines, {
    creditsDrawn: [
      { meter: "chat", calls: 3, credits: "1234.567890", worth: { amount: "12", currency: "EUR" } },
    ],
    creditsReturned: "1",
    creditsReturnedWorth: zero,
  });
  const text = (
    await pagesOf(await print(invoice, { singular: "token", plural: "tokens", decimals: 2 }))
  ).join(" ");
  for (const expected of [
    "1,234.56789 tokens 3.70",
    "Usage, credits",
    "Tokens used already, plan team",
    "0.5005 tokens, at what they cost",
    "Base fee, plan credits",
    "Tokens drawn since the last invoice",
    "Meter Calls Tokens Worth Amount",
    "chat 3 1,234.57 0.12 0.00",
    "Refunds gave 1.00 token back",
  ])
    assert(text.includes(expected), `${expected} in ${text}`);
  assert.equal(text.match(/[0-9] credits/g), null);
});

const withoutNumber = ({ number: _none, ...rest }: Invoice): Invoice => rest;
