/** Owns how invoices are told. Amounts are of the workspace's currency. */
import {
  type CreditsDrawn,
  type EventData,
  type ExplainedLine,
  type Invoice,
  type InvoiceAmounts,
  type InvoiceChange,
  type InvoiceParty,
  type InvoiceSummary,
  type InvoiceWarning,
  type Money,
  type UpcomingInvoice,
  printCredits,
  printInstant,
} from "@cistern/contract";
import type {
  DraftInvoice,
  Event,
  InvoicePreview,
  IssuedInvoice,
  Line,
  Position,
} from "@cistern/kernel";
import { type Particulars, arithmeticOf, descriptionOf, linePrice } from "../../billing/index.ts";
import type { InvoiceRecord, ListedInvoice } from "../../projections/index.ts";
import { balanceAmounts } from "./customer-balance.ts";
import { happenedBody } from "./invoice-entries.ts";
import { lineBody, moneyBody } from "./subscription.ts";
import type { ToldOf } from "./told-event.ts";

type InvoiceEvent = Extract<
  Event,
  {
    readonly kind:
      | "invoice.finalized"
      | "invoice.paid"
      | "invoice.voided"
      | "invoice.uncollectible"
      | "credit_note.issued"
      | "balance.applied";
  }
>;

/** An event of an invoice as it is told: the invoice as it leaves it, and what happened. */
export function toldInvoice(
  event: InvoiceEvent,
  { position, currency }: { readonly position: Position; readonly currency: string },
): ToldOf<InvoiceEvent["kind"]> & { readonly data: InvoiceChange } {
  const money = (amount: bigint): Money => moneyBody(amount, currency);
  const invoice = issuedBody(event.invoice, currency, position);
  switch (event.kind) {
    case "invoice.finalized": {
      const lines = event.lines.map((line) => lineBody(line, currency));
      return { type: event.kind, data: { ...invoice, lines } };
    }
    case "invoice.paid": {
      const payment = {
        id: event.payment,
        amount: money(event.amount),
        fee: money(event.fee),
        ...(event.excess === undefined ? {} : { excess: money(event.excess) }),
        ...(event.reference === null ? {} : { reference: event.reference }),
      };
      return { type: event.kind, data: { ...invoice, payment } };
    }
    case "invoice.voided":
    case "invoice.uncollectible": {
      const reason = event.reason === null ? {} : { reason: event.reason };
      return { type: event.kind, data: { ...invoice, ...reason } };
    }
    case "credit_note.issued": {
      const creditNote = {
        id: event.creditNote,
        ...(event.number === null ? {} : { number: event.number }),
        amount: money(event.amount),
        tax: money(event.tax),
        ...(event.reason === null ? {} : { reason: event.reason }),
      };
      return { type: event.kind, data: { ...invoice, creditNote } };
    }
    case "balance.applied": {
      const balancePayment = { amount: money(event.amount) };
      return { type: event.kind, data: { ...invoice, balancePayment } };
    }
  }
}

/** A draft, with its lines. */
export function draftedBody(draft: DraftInvoice, currency: string): EventData["invoice.drafted"] {
  const { id, status, subscription, draftedAt, finalizesAt, lines } = draft;
  return {
    id,
    status,
    subscription,
    ...interimPart(draft),
    draftedAt: printInstant(draftedAt),
    finalizesAt: printInstant(finalizesAt),
    lines: lines.map((line) => lineBody(line, currency)),
  };
}

/** An issued invoice, without its lines. */
function issuedBody(one: IssuedInvoice, currency: string, at: Position): InvoiceChange {
  const { number, subscription } = one;
  if (number === null || subscription === null)
    throw new Error(`${one.id} is of a purchase, which commands of invoices change nothing of.`);
  return {
    id: one.id,
    status: one.status,
    number,
    subscription,
    ...interimPart(one),
    ...(one.purchaseOrder === null ? {} : { purchaseOrder: one.purchaseOrder }),
    issuedAt: printInstant(one.issuedAt),
    dueAt: printInstant(one.dueAt),
    ...amountsBody(one, currency),
    at,
  };
}

/** An invoice of a list. */
export function summaryBody(
  { invoice, lines, draftedAtMs }: ListedInvoice,
  {
    currency,
    draft,
    purchaseNumber,
  }: {
    readonly currency: string;
    readonly draft: readonly Line[] | undefined;
    /** Of a purchase. */
    readonly purchaseNumber?: string | undefined;
  },
): InvoiceSummary {
  const money = (amount: bigint): Money => moneyBody(amount, currency);
  const { id, status } = invoice;
  const of = ofPart(invoice);
  const draftedAt = printInstant(draftedAtMs);
  if (invoice.status === "draft")
    return {
      id,
      status,
      ...of,
      draftedAt,
      finalizesAt: printInstant(invoice.finalizesAt),
      subtotal: money((draft ?? lines).reduce((sum, { amount }) => sum + amount, 0n)),
    };
  const number = purchaseNumber ?? invoice.number;
  const { purchaseOrder, issuedAt, dueAt, subtotal, tax, total } = invoice;
  return {
    id,
    status,
    ...(number === null ? {} : { number }),
    ...of,
    ...(purchaseOrder === null ? {} : { purchaseOrder }),
    draftedAt,
    issuedAt: printInstant(issuedAt),
    dueAt: printInstant(dueAt),
    subtotal: money(subtotal),
    tax: money(tax),
    total: money(total),
    due: money(openOn(invoice)),
  };
}

/** All that a whole invoice is told from. */
export interface InvoiceTold {
  readonly record: InvoiceRecord;
  readonly currency: string;
  readonly particulars: Particulars;
  readonly warnings: readonly InvoiceWarning[];
  /** Of a draft: its lines, with what came late, and what it would come to now. */
  readonly preview: Pick<InvoicePreview, "lines" | "amounts"> | undefined;
  /** Numbers of its credit notes, by their ids. */
  readonly noteNumbers: ReadonlyMap<string, string>;
  /** Of a purchase. */
  readonly purchaseNumber: string | undefined;
}

/** An invoice in whole. */
export function invoiceBody({
  record,
  currency,
  particulars,
  warnings,
  preview,
  noteNumbers,
  purchaseNumber,
}: InvoiceTold): Invoice {
  const { invoice, lines, entries, drawn, draftedAtMs } = record;
  const { tax, customer, issuer, termsDays, timeZone } = particulars;
  return {
    ...identityBody(invoice, particulars, purchaseNumber),
    currency,
    timeZone,
    draftedAt: printInstant(draftedAtMs),
    termsDays,
    issuer: partyBody(issuer),
    ...(customer === undefined ? {} : { customer }),
    ...(tax === undefined ? {} : { taxRate: tax }),
    ...(warnings.length === 0 ? {} : { warnings }),
    lines: (preview?.lines ?? lines).map((line) => explainedLine(line, currency)),
    creditsDrawn: drawn.meters.map(({ meter, credits, worth, calls }): CreditsDrawn => ({
      ...(meter === "" ? {} : { meter }),
      calls,
      credits: printCredits(credits),
      worth: moneyBody(worth, currency),
    })),
    creditsReturned: printCredits(drawn.returned),
    creditsReturnedWorth: moneyBody(drawn.returnedWorth, currency),
    ...(invoice.status === "draft"
      ? amountsBody(
          { ...(preview?.amounts ?? noAmounts), paid: 0n, credited: 0n, status: "finalized" },
          currency,
        )
      : amountsBody(invoice, currency)),
    ...happenedBody(entries, currency, noteNumbers),
  };
}

/** What is pending, as it would be issued now. */
export function upcomingBody(
  { lines, amounts, balance }: InvoicePreview,
  {
    currency,
    particulars: { tax: taxRate },
    warnings,
    draftsAt,
  }: Pick<InvoiceTold, "currency" | "particulars" | "warnings"> & {
    readonly draftsAt: number | undefined;
  },
): UpcomingInvoice {
  const money = (amount: bigint): Money => moneyBody(amount, currency);
  return {
    currency,
    lines: lines.map((line) => explainedLine(line, currency)),
    subtotal: money(amounts.subtotal),
    tax: money(amounts.tax),
    total: money(amounts.total),
    balanceApplied: money(amounts.balanceApplied),
    charged: money(amounts.charged),
    customerBalance: balanceAmounts(balance, currency),
    ...(taxRate === undefined ? {} : { taxRate }),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(draftsAt === undefined ? {} : { draftsAt: printInstant(draftsAt) }),
  };
}

function identityBody(
  invoice: DraftInvoice | IssuedInvoice,
  { purchaseOrder }: Particulars,
  purchaseNumber: string | undefined,
): Pick<
  Invoice,
  | "id"
  | "status"
  | "subscription"
  | "topUp"
  | "interim"
  | "number"
  | "purchaseOrder"
  | "finalizesAt"
  | "issuedAt"
  | "dueAt"
> {
  const { id, status } = invoice;
  const of = ofPart(invoice);
  if (invoice.status === "draft")
    return {
      id,
      status,
      ...of,
      ...(purchaseOrder === undefined ? {} : { purchaseOrder }),
      finalizesAt: printInstant(invoice.finalizesAt),
    };
  const number = purchaseNumber ?? invoice.number;
  return {
    id,
    status,
    ...of,
    ...(number === null ? {} : { number }),
    ...(invoice.purchaseOrder === null ? {} : { purchaseOrder: invoice.purchaseOrder }),
    issuedAt: printInstant(invoice.issuedAt),
    dueAt: printInstant(invoice.dueAt),
  };
}

/** Whose it is: a subscription's, or of what was bought. */
const ofPart = (
  invoice: DraftInvoice | IssuedInvoice,
): Pick<Invoice, "subscription" | "topUp" | "interim"> => ({
  ...(invoice.subscription === null ? {} : { subscription: invoice.subscription }),
  ...("topUp" in invoice ? { topUp: invoice.topUp } : {}),
  ...interimPart(invoice),
});

const interimPart = ({ isInterim }: Pick<DraftInvoice, "isInterim">): { readonly interim?: true } =>
  isInterim === true ? { interim: true } : {};

function explainedLine(line: Line, currency: string): ExplainedLine {
  const unitPriceDecimal = linePrice(line, currency);
  return {
    ...lineBody(line, currency),
    description: descriptionOf(line),
    arithmetic: arithmeticOf(line, currency),
    ...(unitPriceDecimal === undefined ? {} : { unitPriceDecimal }),
  };
}

const partyBody = ({ name, address, taxId }: InvoiceParty): InvoiceParty => ({
  name,
  ...(address === undefined ? {} : { address }),
  ...(taxId === undefined ? {} : { taxId }),
});

type Amounts = { readonly [Name in Exclude<keyof InvoiceAmounts, "due">]: bigint } & Pick<
  IssuedInvoice,
  "status"
>;

function amountsBody(one: Amounts, currency: string): InvoiceAmounts {
  const money = (amount: bigint): Money => moneyBody(amount, currency);
  return {
    subtotal: money(one.subtotal),
    tax: money(one.tax),
    total: money(one.total),
    balanceApplied: money(one.balanceApplied),
    charged: money(one.charged),
    paid: money(one.paid),
    credited: money(one.credited),
    due: money(openOn(one)),
  };
}

/** Left to pay; a credit note may take back more than that. */
const openOn = ({
  charged,
  paid,
  credited,
  status,
}: Pick<Amounts, "charged" | "paid" | "credited" | "status">): bigint => {
  const due = status === "void" || status === "uncollectible" ? 0n : charged - paid - credited;
  return due > 0n ? due : 0n;
};

const noAmounts = { subtotal: 0n, tax: 0n, total: 0n, balanceApplied: 0n, charged: 0n };
