/** Owns what events do to lines and invoices. */
import { assert } from "../bug.ts";
import { type Money, money } from "../amount.ts";
import type { Booking } from "./booking.ts";
import type { InvoiceNote, InvoiceVoided, PurchaseInvoiced, Unpaid } from "./events.ts";
import type { Transfer } from "../pool/lot.ts";
import { addSteps } from "../pricing/price-steps.ts";
import type { DraftInvoice, IssuedInvoice } from "./invoice.ts";
import { type Accrual, type Line, isOfCommitment } from "./line.ts";
import { type InvoiceSlice, accountKey, accountOf } from "./slice.ts";

/** Adds what usage accrued to its lines: of those that wait, or of a draft. */
export function accrue(slice: InvoiceSlice, accruals: readonly Accrual[]): void {
  for (const accrual of accruals) {
    const draft = accrual.invoice === undefined ? undefined : slice.drafts.get(accrual.invoice);
    const before =
      slice.pending.get(accrual.line) ?? draft?.lines.find(({ id }) => id === accrual.line);
    const line = before === undefined ? lineOf(accrual) : added(before, accrual);
    if (before === undefined) {
      const account = accountOf(slice);
      slice.accounts.set(accountKey, { ...account, lines: account.lines + 1 });
    }
    // A shortfall that usage has made up for is no line any more.
    const isGone = isOfCommitment(line.kind) && line.amount === 0n;
    if (draft === undefined) slice.pending.set(line.id, isGone ? undefined : line);
    else {
      const others = draft.lines.filter(({ id }) => id !== line.id);
      const isNew = others.length === draft.lines.length;
      const lines = draft.lines.map((one) => (one.id === line.id ? line : one));
      const kept = isNew ? [...lines, line] : lines;
      slice.invoices.set(draft.id, { ...draft, lines: isGone ? others : kept });
    }
  }
}

const lineOf = ({ line: id, invoice: _draft, ...line }: Accrual): Line => ({
  ...line,
  id,
  fraction: null,
  account: "Unbilled",
  ...(isOfCommitment(line.kind) ? asOne(line.amount) : {}),
});

function added(line: Line, { quantity, amount, steps, committed }: Accrual): Line {
  const sum = money(line.amount + amount);
  if (isOfCommitment(line.kind))
    return { ...line, ...asOne(sum), ...(committed === undefined ? {} : { committed }) };
  return {
    ...line,
    quantity: line.quantity + quantity,
    amount: sum,
    ...(steps === undefined ? {} : { steps: addSteps(line.steps ?? [], steps) }),
  };
}

/** A shortfall is one amount, charged or taken back. */
const asOne = (amount: Money): Pick<Line, "quantity" | "unitPrice" | "amount"> => ({
  quantity: amount < 0n ? -1n : 1n,
  unitPrice: money(amount < 0n ? -amount : amount),
  amount,
});

/** An invoice as an event leaves it, with what that did to the customer's balance. */
export function settleInvoice(
  slice: InvoiceSlice,
  { invoice: after, booked }: { invoice: IssuedInvoice; booked: readonly Booking[] },
): void {
  const account = accountOf(slice);
  const owed = owedBy(booked);
  if (owed !== 0n)
    slice.accounts.set(accountKey, { ...account, balance: money(account.balance + owed) });
  slice.invoices.set(after.id, after);
  const isVoidable = after.status === "finalized" && after.paid === 0n;
  if (!isVoidable && slice.issuedLines.get(after.id) !== undefined)
    slice.issuedLines.set(after.id, undefined);
}

/** Lines of an invoice that was taken back wait for another one; usage adds to them no more. */
export function waitAgain(
  slice: InvoiceSlice,
  { lines, credited }: NonNullable<InvoiceVoided["waiting"]>,
): void {
  for (const line of lines) slice.pending.set(line.id, line);
  if (credited === undefined) return;
  addToAccount(slice, { owed: 0n, lines: 1 });
  slice.pending.set(credited.id, credited);
}

/** What was bought is on its invoice. */
export function invoicePurchase(
  slice: InvoiceSlice,
  { invoice: paid, lines }: PurchaseInvoiced,
): void {
  addToAccount(slice, { owed: 0n, lines: lines.length });
  slice.invoices.set(paid.id, paid);
}

/** A credit note that comes of money that went back. */
export const noteBack = (slice: InvoiceSlice, note: InvoiceNote | undefined): void => {
  if (note !== undefined) settleInvoice(slice, { invoice: note.invoice, booked: [] });
};

/** What of a repayment was never paid comes off its invoice, or off the next one. */
export function creditUnpaid(slice: InvoiceSlice, { note, line, draft: id }: Unpaid): void {
  noteBack(slice, note);
  if (line === undefined) return;
  addToAccount(slice, { owed: 0n, lines: 1 });
  const draft = id === undefined ? undefined : slice.drafts.get(id);
  if (draft === undefined) slice.pending.set(line.id, line);
  else slice.invoices.set(draft.id, { ...draft, lines: [...draft.lines, line] });
}

/** What bookings add to what the vendor owes the customer: a liability, so credit is more. */
export const owedBy = (booked: readonly Booking[]): bigint =>
  booked
    .filter(({ account }) => account === "CustomerBalance")
    .reduce((sum, { amount }) => sum - amount, 0n);

/** What the vendor owes the customer, and how many lines there were, with more of both. */
export function addToAccount(
  slice: InvoiceSlice,
  { owed, lines }: { readonly owed: bigint; readonly lines: number },
): void {
  if (owed === 0n && lines === 0) return;
  const account = accountOf(slice);
  const balance = money(account.balance + owed);
  slice.accounts.set(accountKey, { ...account, balance, lines: account.lines + lines });
}

/** Charges lines: they wait for an invoice, or are on the one that this event drafted. */
export function invoice(
  slice: InvoiceSlice,
  {
    lines,
    booked,
    transfers,
    invoice: drafted,
  }: {
    readonly lines: readonly Line[];
    readonly booked: readonly Booking[];
    readonly transfers: readonly Transfer[];
    readonly invoice: DraftInvoice | null;
  },
): void {
  const account = accountOf(slice);
  const fromLots = transfers
    .filter(({ into }) => into === "CustomerBalance")
    .reduce((sum, one) => sum + one.money, 0n);
  const owed = owedBy(booked) + fromLots;
  if (lines.length > 0 || drafted !== null || owed !== 0n)
    slice.accounts.set(accountKey, {
      balance: money(account.balance + owed),
      lines: account.lines + lines.length,
      invoices: account.invoices + (drafted === null ? 0 : 1),
    });
  if (drafted === null) {
    for (const line of lines) slice.pending.set(line.id, line);
    return;
  }
  assert(
    drafted.lines.length >= lines.length,
    "an invoice that is drafted takes all that is pending",
  );
  for (const { id } of drafted.lines) slice.pending.set(id, undefined);
  slice.invoices.set(drafted.id, drafted);
}
