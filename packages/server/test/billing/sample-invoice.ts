import type { ExplainedLine, Invoice, Money } from "@cistern/contract";
import { type Line, instant, money } from "@cistern/kernel";
import { lineBody } from "../../src/api/answers/subscription.ts";
import { arithmeticOf, descriptionOf, linePrice } from "../../src/billing/index.ts";

/** Lines as the kernel makes them. */
export function line(said: Partial<Line> & Pick<Line, "kind">): Line {
  return {
    id: "lin_00000001",
    about: "team",
    from: instant(Date.UTC(2026, 10, 1)),
    to: instant(Date.UTC(2026, 11, 1)),
    quantity: 1n,
    unitPrice: money(25_000n),
    fraction: null,
    amount: money(25_000n),
    account: "Receivable",
    key: null,
    ...said,
  };
}

/** A line as it is told. */
export function told(one: Line, currency: string): ExplainedLine {
  const unitPriceDecimal = linePrice(one, currency);
  return {
    ...lineBody(one, currency),
    description: descriptionOf(one),
    arithmetic: arithmeticOf(one, currency),
    ...(unitPriceDecimal === undefined ? {} : { unitPriceDecimal }),
  };
}

/** An issued invoice of 19 % tax over these lines. */
export function sampleInvoice(lines: readonly Line[], said: Partial<Invoice> = {}): Invoice {
  const { currency = "EUR" } = said;
  const cash = (amount: bigint): Money => ({ amount: amount.toString(), currency });
  const subtotal = lines.reduce((sum, { amount }) => sum + amount, 0n);
  const tax = (subtotal * 19n + 50n) / 100n;
  return {
    id: "inv_01m8evac1s3r3fksjkn1vwkshy0001",
    status: "finalized",
    number: "INV-000042",
    subscription: "sub_01m8evac1s3r3fksjkn1vwkshy",
    purchaseOrder: "PO 7",
    currency,
    timeZone: "Europe/Berlin",
    draftedAt: "2026-10-31T23:00:00Z",
    issuedAt: "2026-10-31T23:30:00Z",
    dueAt: "2026-11-14T23:30:00Z",
    termsDays: 14,
    issuer: { name: "Vendor Ltd", address: "1 High Street\nLondon E1 6AN", taxId: "GB987654321" },
    customer: { name: "Ünïcorn GmbH", address: "Hauptstr. 1\n10115 Berlin", taxId: "DE123456789" },
    taxRate: { basisPoints: 1_900, name: "VAT 19 %" },
    lines: lines.map((one) => told(one, currency)),
    creditsDrawn: [{ meter: "chat", calls: 1_204, credits: "4812.5", worth: cash(3_850n) }],
    creditsReturned: "12.5",
    creditsReturnedWorth: cash(10n),
    subtotal: cash(subtotal),
    tax: cash(tax),
    total: cash(subtotal + tax),
    balanceApplied: cash(0n),
    charged: cash(subtotal + tax),
    paid: cash(0n),
    credited: cash(0n),
    due: cash(subtotal + tax),
    payments: [],
    creditNotes: [],
    ...said,
  };
}
