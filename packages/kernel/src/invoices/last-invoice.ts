/**
 * Owns what becomes of lines for which no period ends any more: an outcome that matures, or usage that is told, after its subscription
 * was over (or while it is paused).
 *
 * L1 they come on a last invoice of the subscription that was there last, one a calendar month: it is drafted with the first of them, and
 * takes what else comes until the month is over. L2 a subscription that begins before that takes what comes from then on, on its own
 * invoices. L3 it is drafted one millisecond after the last event: then all that happened together has happened, and when somebody asks
 * makes no difference.
 */
import type { InvoiceDrafted } from "./events.ts";
import { type Calendar, type Instant, instant } from "../instant.ts";
import { type State, lastAt } from "../state/state.ts";
import type { SubscriptionSlice } from "../subscriptions/slice.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import { draftInvoice, hasPeriodToCome } from "./gather.ts";

/** When a last invoice is due; undefined where nothing waits, or a period will end that takes it. */
export function lastInvoiceDueAt(state: State): number | undefined {
  if (state.invoices.pending.size === 0 || hasPeriodToCome(state.subscriptions)) return undefined;
  return lastSubscription(state.subscriptions) === undefined ? undefined : lastAt(state) + 1;
}

/** Drafts it; undefined where there is nothing to draft. */
export function draftLastInvoice(
  state: State,
  at: Instant,
  calendar: Calendar,
): InvoiceDrafted | undefined {
  const subscription = lastSubscription(state.subscriptions);
  if (subscription === undefined) return undefined;
  const draft = draftInvoice(state.invoices, { subscription, lines: [], at });
  if (draft === null) return undefined;
  const { end } = calendar.window("month", at, subscription.timeZone);
  const finalizesAt = instant(Math.max(end, draft.finalizesAt));
  return { kind: "invoice.drafted", at, invoice: { ...draft, finalizesAt } };
}

/** The subscription that began last. */
export function lastSubscription({ subscriptions }: SubscriptionSlice): Subscription | undefined {
  let last: Subscription | undefined;
  for (const one of subscriptions.values())
    if (
      last === undefined ||
      one.startedAt > last.startedAt ||
      (one.startedAt === last.startedAt && one.id > last.id)
    )
      last = one;
  return last;
}
