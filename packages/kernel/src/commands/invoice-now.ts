/**
 * Owns an invoice before the period is over (docs/decisions/0034): what is pending now, on a draft that is issued at once.
 *
 * N1 prices, minimums and caps count over the period all the same: what follows is billed as the difference to what was, on lines
 * of its own. So what a period costs does not depend on how often it was invoiced. N2 a line of usage says until when it is. N3 nothing of the
 * minimum of the period that runs is on it: neither a shortfall, nor what one that was kept covers of usage (docs/decisions/0036), which the period's end takes off.
 */
import { type Decision, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import { draftInvoice } from "../invoices/gather.ts";
import type { DraftInvoice } from "../invoices/invoice.ts";
import { lastSubscription } from "../invoices/last-invoice.ts";
import type { Line } from "../invoices/line.ts";
import type { State } from "../state/state.ts";

/** Drafts an invoice of all that is pending, without waiting for the period's end. */
export interface InvoiceNow {
  readonly kind: "invoiceNow";
}

/** Drafts it; refused where nothing is pending, or only what comes to nothing. */
export function invoiceNow(state: State, at: Instant): Decision {
  const subscription = lastSubscription(state.subscriptions);
  if (subscription === undefined) return reject(nothing);
  const draft = draftInvoice(state.invoices, { subscription, lines: [], at });
  if (draft === null || draft.lines.every(({ amount }) => amount === 0n)) return reject(nothing);
  const invoice: DraftInvoice = {
    ...draft,
    isInterim: true,
    // What is told later has the next invoice to come on: there is nothing to wait for.
    finalizesAt: at,
    lines: draft.lines.map((line) => untilNow(line, at)),
  };
  return accept({ kind: "invoice.drafted", at, invoice });
}

const nothing = { code: "nothing_to_invoice" } as const;

/** N2. */
const untilNow = (line: Line, at: Instant): Line =>
  line.account === "Unbilled" && line.from < at && at < line.to ? { ...line, to: at } : line;
