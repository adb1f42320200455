/**
 * Owns what a change does at once: its lines, the credits that it adds or takes back, and the money that is shared anew. What
 * gives back, of money or of credits, is worked out in `take-back.ts`.
 */
import { changedAllowances } from "../allowances/included.ts";
import { allowanceLines } from "../allowances/lines.ts";
import { type Credits, type Money, credits, money, noCredits, noMoney } from "../amount.ts";
import type { SubscriptionChanged } from "./events.ts";
import type { Calendar, Instant } from "../instant.ts";
import { draftInvoice, nextInvoiceId, numbered } from "../invoices/gather.ts";
import { Draft } from "../pool/draft.ts";
import { type Lot, afterTransfer, deferred, movedWorth, newLot, worthOn } from "../pool/lot.ts";
import { financeBy } from "../pool/unused.ts";
import type { State } from "../state/state.ts";
import type { PeriodBegun } from "./begin-period.ts";
import { type Change, type Terms, booking, changeAt, sharesOf, worthOfMore } from "./change.ts";
import { includedCredits, isRatable, ratableWorth } from "./charge.ts";
import { leaveCommitment } from "./leave-commitment.ts";
import { keepingMinimum } from "./committed.ts";
import { liveLots } from "../pool/slice.ts";
import { indexed } from "./lot-ids.ts";
import { withAccessFrom } from "./recognise.ts";
import { takeBack } from "./take-back.ts";
import type { Subscription } from "./subscription.ts";

/** When it is. */
interface Now {
  readonly at: Instant;
  readonly calendar: Calendar;
}

/** What it is changed to, and what is planned then. */
export interface Changed {
  readonly to: Terms;
  readonly next: Subscription["next"];
}

/** Changes an active subscription in the middle of its period. */
export function changeNow(
  state: State,
  before: Subscription,
  { to, next }: Changed,
  now: Now,
): SubscriptionChanged {
  const change = changeAt(before, to, now);
  const { at } = now;
  if (change.net < 0n || change.fewer > 0n) {
    const given = giveBack(state, before, { to, next }, { change, now });
    return { kind: "subscription.changed", at, ...given };
  }
  const takenOver =
    to.plan.modification === "prospective" && change.more > 0n
      ? takeOver(state, before)
      : nothingTaken;
  const bought = { ...change, ...now, takenOver };
  const shares = sharesOf(before, to, bought);
  const worth =
    isRatable(to.plan) || takenOver.lots.some((lot) => lot.worth !== undefined)
      ? money(takenOver.worth + worthOfMore(before, to, bought))
      : noMoney;
  const granted = credits(takenOver.credits + change.more);
  const lots =
    granted === 0n
      ? []
      : [addedLot(state, before, { granted, cost: shares.lot, worth, ...now, to })];
  const draft = new Draft(state.pool);
  moveOver(draft, takenOver.lots);
  for (const lot of lots) draft.put(lot);
  draft.payDebts();
  return {
    kind: "subscription.changed",
    at,
    subscription: changed(before, { to, next }, { lots, access: shares.access, now }),
    lots,
    lines: numbered(state.invoices, change.lines),
    booked: [...booking("Receivable", change.net), ...booking("Deferred:Access", -shares.access)],
    invoice: null,
    ...draft.finish(),
  };
}

/** Ends an active subscription: a change to nothing. Credits of the time that has passed last until their period ends. */
export function cancelNow(state: State, before: Subscription, now: Now): PeriodBegun {
  const { plan } = before;
  const { reserved: _reserved, ...rest } = plan;
  const nothing = { ...rest, version: "", base: null, seats: null, included: null };
  const to: Terms = { plan: nothing, seats: 0 };
  const change = changeAt(before, to, now);
  const { lines: back, ...given } = giveBack(state, before, { to, next: null }, { change, now });
  const left = leaveCommitment(state, before, now.at);
  const subscription: Subscription = {
    ...given.subscription,
    grants: null,
    plan,
    seats: before.seats,
    included: before.included,
    status: "ended",
    lots: [],
    term: null,
  };
  const units = allowanceLines(state, before, back.length + left.lines.length);
  const more = numbered(state.invoices, [...units, ...left.lines], back.length);
  const lines = [...back, ...more];
  const invoice = draftInvoice(state.invoices, { subscription, lines, at: now.at });
  const booked = [...given.booked, ...left.booked];
  const { leftTerm } = left;
  return {
    ...given,
    booked,
    subscription,
    lines,
    invoice,
    ...(leftTerm === undefined ? {} : { leftTerm }),
  };
}

/** What a change takes back and gives back, beside what it adds all the same. */
function giveBack(
  state: State,
  before: Subscription,
  { to, next }: Changed,
  { change, now }: { change: Change; now: Now },
): PeriodBegun {
  const taken = takeBack(state, before, to, { ...change, ...now });
  // Nothing is paid for such a change that its credits could share (`worthOfMore`): they take what the plan gives so many.
  const worth = ratableWorth(to.plan, to.seats, change.more);
  const made = { granted: change.more, cost: taken.added, worth, ...now, to };
  const lots = change.more === 0n ? [] : [addedLot(state, before, made)];
  const draft = new Draft(state.pool);
  let fromLots = 0n;
  for (const { lot, credits: amount, left } of taken.lots) {
    if (amount === 0n && left === deferred(lot)) continue;
    fromLots += deferred(lot) - left;
    draft.rebase(lot.id, { credits: amount, left, into: "CustomerBalance" });
  }
  for (const lot of lots) draft.put(lot);
  draft.payDebts();
  const owed = taken.back < 0n ? -taken.back : 0n;
  const access = money(taken.access + taken.toCome);
  return {
    subscription: changed(before, { to, next }, { lots, access, now }),
    lots,
    lines: numbered(state.invoices, [...change.lines, ...taken.lines]),
    booked: [
      ...booking("Receivable", owed),
      ...booking("Deferred:Access", -taken.access),
      // The rest of what is given back comes out of the lots.
      ...booking("CustomerBalance", fromLots - taken.back - owed),
      ...booking("Refunds", taken.unearned),
    ],
    invoice: null,
    ...(taken.clawback === undefined ? {} : { clawback: taken.clawback }),
    ...draft.finish(),
  };
}

/** The subscription on its new terms: with these lots, and another amount for the access of the rest of its period. */
export const changed = (
  before: Subscription,
  { to, next }: Changed,
  { lots, access, now }: { lots: readonly Lot[]; access: Money; now: Now },
): Subscription =>
  withAccessFrom(
    {
      ...keepingMinimum(before, to.plan),
      ...to,
      ...changedAllowances(before, to, now),
      included: includedCredits(to.plan, to.seats),
      next,
      lots: [...before.lots, ...lots.map(({ id }) => id)],
    },
    access,
    now,
  );

/** What lots of the plan have left, for a lot that replaces them. What is held stays where it is pinned. */
export interface TakenOver {
  readonly lots: readonly Lot[];
  readonly credits: Credits;
  readonly money: Money;
  /** What the credits are worth to who gives time back; `money`, but of ratable ones. */
  readonly worth: Money;
}

/** Nothing is replaced. */
export const nothingTaken: TakenOver = {
  lots: [],
  credits: noCredits,
  money: noMoney,
  worth: noMoney,
};

function takeOver(state: State, { lots: ids }: Subscription): TakenOver {
  // What is set aside for a group stays so.
  const lots = liveLots(state.pool, ids).filter(
    (lot) => lot.available > 0n && lot.appliesTo === null,
  );
  const draft = new Draft(state.pool);
  moveOver(draft, lots);
  const { transfers } = draft.finish();
  const worthMoved = (lot: Lot): bigint =>
    transfers
      .filter((one) => one.lot === lot.id)
      .reduce((sum, one) => sum + movedWorth(afterTransfer(lot, one)) - movedWorth(lot), 0n);
  return {
    lots,
    credits: credits(lots.reduce((sum, { available }) => sum + available, 0n)),
    money: money(transfers.reduce((sum, one) => sum + one.money, 0n)),
    worth: money(lots.reduce((sum, lot) => sum + worthMoved(lot), 0n)),
  };
}

function moveOver(draft: Draft, lots: readonly Lot[]): void {
  for (const lot of lots) draft.move(lot.id, "available", "moved", lot.available);
}

/** Credits of the rest of the period; they end with it, or when they are said to. */
export function addedLot(
  { pool, invoices }: State,
  { id, lots, begun, period }: Subscription,
  made: {
    granted: Credits;
    cost: Money;
    worth: Money;
    at: Instant;
    to: Terms;
    expiresAt?: Instant;
  },
): Lot {
  const prefix = `grt_${id.slice(4)}${indexed(begun)}c`;
  let count = lots.length;
  while (pool.lots.get(`${prefix}${count}`) !== undefined) count += 1;
  return newLot({
    id: `${prefix}${count}`,
    source: "plan",
    priority: made.to.plan.included?.priority ?? 0,
    granted: made.granted,
    cost: made.cost,
    ...worthOn(made.worth),
    grantedAt: made.at,
    effectiveAt: made.at,
    expiresAt: made.expiresAt ?? period.end,
    reference: id,
    ...financeBy(made.to.plan.included ?? {}, made.cost),
    ...(made.cost === 0n ? {} : { invoiced: { invoice: nextInvoiceId(invoices, { id }) } }),
  });
}
