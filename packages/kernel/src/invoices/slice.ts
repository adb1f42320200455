/** Owns lines that no invoice took yet, invoices, and what the vendor owes a customer. */
import { type Money, noMoney } from "../amount.ts";
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import { type DraftInvoice, type Invoice, type IssuedInvoice, dueOn } from "./invoice.ts";
import { type Line, creditOf, creditOn } from "./line.ts";

/** The customer's account: one row. */
export interface Account {
  /** What the vendor owes the customer; taken off the next invoice. */
  readonly balance: Money;
  /** Lines so far, which their ids count. */
  readonly lines: number;
  /** Invoices so far, which their ids count. */
  readonly invoices: number;
}

/** Invoices of one workspace. */
export interface InvoiceSlice {
  readonly pending: Table<Line>;
  /** Pending lines that usage adds to, by their key. */
  readonly byKey: ReadonlyMap<string, Line>;
  readonly invoices: Table<Invoice>;
  /** Those that are not issued yet. */
  readonly drafts: ReadonlyMap<string, DraftInvoice>;
  /** Those of which something is due. */
  readonly open: ReadonlyMap<string, IssuedInvoice>;
  /** What lines give back that no issued invoice has yet. Mutable: the sums of two tables. */
  readonly waiting: { credit: bigint };
  readonly accounts: Table<Account>;
  /** Lines of those that may still be voided. */
  readonly issuedLines: Table<IssuedLines>;
  /** Payments by their id, which counts once for ever. */
  readonly payments: Table<Payment>;
}

/** What an invoice was issued with. */
export interface IssuedLines {
  readonly invoice: string;
  readonly lines: readonly Line[];
}

/** Money that was received. */
export interface Payment {
  readonly id: string;
  readonly invoice: string;
}

/** The key of the one account. */
export const accountKey = "account";

const noAccount: Account = { balance: noMoney, lines: 0, invoices: 0 };

/** An empty slice. */
export function invoiceSlice(undo: UndoLog): InvoiceSlice {
  const pending = new Table<Line>("lines", undo, isLine);
  const byKey = new Map<string, Line>();
  const waiting = { credit: 0n };
  pending.watch((_id, before, after) => {
    waiting.credit += creditOn(after) - creditOn(before);
    if (before !== undefined && before.key !== null) byKey.delete(before.key);
    if (after !== undefined && after.key !== null) byKey.set(after.key, after);
  });
  const invoices = new Table<Invoice>("invoices", undo, isInvoice);
  const drafts = new Map<string, DraftInvoice>();
  const open = new Map<string, IssuedInvoice>();
  invoices.watch((id, before, after) => {
    waiting.credit += draftedCredit(after) - draftedCredit(before);
    if (after?.status === "draft") drafts.set(id, after);
    else drafts.delete(id);
    if (after?.status === "finalized" && dueOn(after) > 0n) open.set(id, after);
    else open.delete(id);
  });
  return {
    pending,
    byKey,
    invoices,
    drafts,
    open,
    waiting,
    accounts: new Table<Account>("accounts", undo, isAccount),
    issuedLines: new Table<IssuedLines>("issued_lines", undo, isIssuedLines),
    payments: new Table<Payment>("payments", undo, isPayment),
  };
}

/** The account as it stands. */
export const accountOf = ({ accounts }: InvoiceSlice): Account =>
  accounts.get(accountKey) ?? noAccount;

/** Lines that no invoice took yet, in their order. */
export const pendingLines = ({ pending }: InvoiceSlice): readonly Line[] =>
  [...pending.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));

const draftedCredit = (invoice: Invoice | undefined): bigint =>
  invoice?.status === "draft" ? creditOf(invoice.lines) : 0n;

const isLine = (value: unknown): value is Line =>
  typeof value === "object" && value !== null && "quantity" in value;
const isInvoice = (value: unknown): value is Invoice =>
  typeof value === "object" && value !== null && "subscription" in value;
const isIssuedLines = (value: unknown): value is IssuedLines =>
  typeof value === "object" && value !== null && "lines" in value;
const isPayment = (value: unknown): value is Payment =>
  typeof value === "object" && value !== null && "invoice" in value;
const isAccount = (value: unknown): value is Account =>
  typeof value === "object" && value !== null && "balance" in value;
