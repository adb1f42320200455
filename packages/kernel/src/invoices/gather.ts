/** Owns how lines are gathered: their ids, and the draft that takes all that is pending. */
import { type Instant, after } from "../instant.ts";
import type { State } from "../state/state.ts";
import type { SubscriptionSlice } from "../subscriptions/slice.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { DraftInvoice } from "./invoice.ts";
import type { Accrual, Line } from "./line.ts";
import { type InvoiceSlice, accountOf, pendingLines } from "./slice.ts";

/** Gives lines their ids, after so many that the same event makes before them. */
export function numbered(
  slice: InvoiceSlice,
  lines: readonly Omit<Line, "id">[],
  made = 0,
): readonly Line[] {
  const before = accountOf(slice).lines + made;
  return lines.map((line, index) => ({ ...line, id: lineId(before + index + 1) }));
}

/** How many lines an accrual makes: one, or none where it adds to one that is there. */
export const linesMade = (
  slice: InvoiceSlice,
  accrual: Pick<Accrual, "line"> | undefined,
): number => (accrual !== undefined && accrual.line === lineId(accountOf(slice).lines + 1) ? 1 : 0);

/**
 * What usage adds to the line of its key: one on the draft that takes it, else the pending one, or a new one. Of several in one event the new ones count on from
 * `made`, which is how many lines the event has made before them.
 *
 * @example accrualOf(state, { key: "overage 2026-10", kind: "overage", about: "credits", from, to, unitPrice: null, quantity: 5n, amount }, 0)
 */
export function accrualOf(
  state: Pick<State, "invoices" | "subscriptions">,
  added: Omit<Accrual, "line">,
  made: number,
): Accrual {
  const { invoices } = state;
  const fresh = lineId(accountOf(invoices).lines + made + 1);
  const draft = draftOf(state, added.to);
  if (draft === undefined) return { line: invoices.byKey.get(added.key)?.id ?? fresh, ...added };
  const known = draft.lines.find(({ key }) => key === added.key);
  return { line: known?.id ?? fresh, invoice: draft.id, ...added };
}

/** What one event adds to several lines, in their order, after so many that it makes before them. */
export function accrualsOf(
  state: Pick<State, "invoices" | "subscriptions">,
  added: readonly Omit<Accrual, "line">[],
  before: number,
): readonly Accrual[] {
  let made = before;
  return added.map((one) => {
    const accrual = accrualOf(state, one, made);
    if (isNewLine(state.invoices, accrual)) made += 1;
    return accrual;
  });
}

/** Whether an accrual begins a line. */
export const isNewLine = (slice: InvoiceSlice, { line }: Accrual): boolean =>
  line > lineId(accountOf(slice).lines);

/**
 * The invoice of the period that ended at an instant, while it is not issued: what is heard late still comes on it. Where no period will end
 * any more, the newest draft takes what comes.
 */
function draftOf(
  { invoices: { drafts }, subscriptions }: Pick<State, "invoices" | "subscriptions">,
  end: Instant,
): DraftInvoice | undefined {
  if (drafts.size === 0) return undefined;
  const inOrder = [...drafts.values()].toSorted(
    (a, b) => a.draftedAt - b.draftedAt || (a.id < b.id ? -1 : 1),
  );
  const own = inOrder.find(({ draftedAt }) => draftedAt === end);
  return own ?? (hasPeriodToCome(subscriptions) ? undefined : inOrder.at(-1));
}

/** Whether a period ends some day, and with it comes an invoice that takes what is pending. */
export const hasPeriodToCome = ({ live: { row } }: SubscriptionSlice): boolean =>
  row?.status === "active" || row?.status === "trialing";

/** A draft of all pending lines and new ones; null where there is nothing to write down. */
export function draftInvoice(
  slice: InvoiceSlice,
  { subscription, lines, at }: { subscription: Subscription; lines: readonly Line[]; at: Instant },
): DraftInvoice | null {
  const all = [...pendingLines(slice), ...lines];
  if (all.length === 0) return null;
  return {
    status: "draft",
    id: nextInvoiceId(slice, subscription),
    subscription: subscription.id,
    draftedAt: at,
    finalizesAt: after(at, subscription.plan.graceMs),
    lines: all,
  };
}

/** The id of the invoice that is drafted next: what is charged now will stand on it. */
export const nextInvoiceId = (slice: InvoiceSlice, { id }: Pick<Subscription, "id">): string =>
  `inv_${id.slice(4)}${padded(accountOf(slice).invoices + 1, 4)}`;

const lineId = (index: number): string => `lin_${padded(index, 8)}`;

const padded = (index: number, width: number): string => String(index).padStart(width, "0");
