/** Owns the subscriptions of one workspace: at most one of them lives; those that ended may still have revenue to come. */
import { DueQueue } from "../state/due-queue.ts";
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import { nextGrantAt } from "./grant-series.ts";
import type { Subscription } from "./subscription.ts";

/** Subscriptions of one workspace. */
export interface SubscriptionSlice {
  readonly subscriptions: Table<Subscription>;
  /** The one that lives. */
  readonly live: { row: Subscription | undefined };
  /** By the end of their period. */
  readonly ending: DueQueue;
  /** By the month's end at which revenue of access is due. */
  readonly recognising: DueQueue;
  /** By the next of the grants of a period that is charged at once. */
  readonly granting: DueQueue;
}

/** An empty slice. */
export function subscriptionSlice(undo: UndoLog): SubscriptionSlice {
  const subscriptions = new Table<Subscription>("subscriptions", undo, isSubscription);
  const live: SubscriptionSlice["live"] = { row: undefined };
  const ending = new DueQueue((id, dueAt) => endsAt(subscriptions.get(id)) === dueAt);
  const recognising = new DueQueue((id, dueAt) => subscriptions.get(id)?.recognisesAt === dueAt);
  const granting = new DueQueue((id, dueAt) => grantsAt(subscriptions.get(id)) === dueAt);
  subscriptions.watch((id, before, after) => {
    granting.change(id, grantsAt(before), grantsAt(after));
    if (after !== undefined && after.status !== "ended") live.row = after;
    else if (live.row?.id === id) live.row = undefined;
    ending.change(id, endsAt(before), endsAt(after));
    recognising.change(id, before?.recognisesAt ?? undefined, after?.recognisesAt ?? undefined);
  });
  return { subscriptions, live, ending, recognising, granting };
}

/** A subscription as it was before an event; of one that begins, the newest of those before it. */
export function earlierThan(
  { subscriptions }: SubscriptionSlice,
  { id }: Subscription,
): Subscription | undefined {
  const own = subscriptions.get(id);
  if (own !== undefined) return own;
  let newest: Subscription | undefined;
  for (const one of subscriptions.values())
    if (newest === undefined || one.startedAt > newest.startedAt) newest = one;
  return newest;
}

const endsAt = (one: Subscription | undefined): number | undefined =>
  one?.status === "active" || one?.status === "trialing" ? one.period.end : undefined;

const grantsAt = (one: Subscription | undefined): number | undefined =>
  one?.status === "active" ? (nextGrantAt(one.grants) ?? undefined) : undefined;

const isSubscription = (value: unknown): value is Subscription =>
  typeof value === "object" && value !== null && "anchor" in value;
