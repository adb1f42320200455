import { allowanceLines } from "../allowances/lines.ts";
import type { Instant } from "../instant.ts";
import { numbered } from "../invoices/gather.ts";
import { type CustomerBalance, customerBalance, usableBy } from "../invoices/customer-balance.ts";
import type { DraftInvoice, IssuedInvoice } from "../invoices/invoice.ts";
import { issue } from "../invoices/issue.ts";
import type { Line } from "../invoices/line.ts";
import { pendingLines } from "../invoices/slice.ts";
import type { State } from "../state/state.ts";

/** What an invoice would come to if it were issued now. */
export interface InvoicePreview {
  readonly lines: readonly Line[];
  readonly amounts: Pick<
    IssuedInvoice,
    "subtotal" | "tax" | "total" | "balanceApplied" | "charged"
  >;
  /** What the vendor owes the customer, before it. */
  readonly balance: CustomerBalance;
}

/**
 * A draft, or (null) all that is pending, as it would be issued now: by the rule that issues it. Of several drafts each is shown
 * as if it were the next.
 *
 * @example previewInvoice(state, null, { taxBps: 1_900, at })
 */
export function previewInvoice(
  state: State,
  draft: DraftInvoice | null,
  { taxBps, at }: { readonly taxBps: number; readonly at: Instant },
): InvoicePreview {
  const lines = draft?.lines ?? upcomingLines(state);
  const nothing = { id: "", subscription: "", draftedAt: at, finalizesAt: at };
  const { invoice } = issue(
    draft ?? { status: "draft", ...nothing, lines },
    usableBy(state.invoices, lines),
    {
      number: "",
      taxBps,
      issuedAt: at,
      dueAt: at,
      purchaseOrder: null,
    },
  );
  return { lines, amounts: invoice, balance: customerBalance(state) };
}

/** Those that wait, and what the period has used of allowances so far. */
function upcomingLines(state: State): readonly Line[] {
  const live = state.subscriptions.live.row;
  const units = live === undefined ? [] : allowanceLines(state, live, 0);
  return [...pendingLines(state.invoices), ...numbered(state.invoices, units)];
}
