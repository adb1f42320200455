/** Owns how a period begins, the first or any other: its fees, its credits, and the invoice that they come on. */
import { allowanceLines } from "../allowances/lines.ts";
import { withWholeAllowances } from "../allowances/included.ts";
import { type Credits, least, money, noCredits, noMoney, total } from "../amount.ts";
import type { SubscriptionFact } from "./events.ts";
import type { Calendar, Instant } from "../instant.ts";
import { draftInvoice, nextInvoiceId, numbered } from "../invoices/gather.ts";
import { Draft, type DraftResult } from "../pool/draft.ts";
import { type Lot, newLot, worthOn } from "../pool/lot.ts";
import { financeBy } from "../pool/unused.ts";
import type { State } from "../state/state.ts";
import { periodCharge } from "./charge.ts";
import { beginDrawdown, prolonging } from "./drawdown.ts";
import { counted } from "./following.ts";
import { grantEnds, partOf } from "./grant-series.ts";
import { type CommitmentLeft, nothingLeft } from "./leave-commitment.ts";
import { indexed, roomFor } from "./lot-ids.ts";
import { setAside } from "./reserved.ts";
import type { Period, Subscription } from "./subscription.ts";
import { withAccess } from "./recognise.ts";

/** What an event of a subscription says beside its kind. */
export type PeriodBegun = Omit<SubscriptionFact<never>, "kind" | "at">;

/** Begins a paid period: `from` is the subscription as it goes into it. */
export function beginPeriod(
  state: State,
  from: Subscription,
  {
    period,
    at,
    calendar,
    before,
    left = nothingLeft,
  }: {
    period: Period;
    at: Instant;
    calendar: Calendar;
    /** The subscription in the period that ended with this. */
    before?: Subscription;
    /** Of the commitment that was left with it. */
    left?: CommitmentLeft;
  },
): PeriodBegun {
  const ends = grantEnds(from.plan, period, { ...from, calendar });
  const charge = periodCharge(from.plan, from.seats, period, ends.length);
  const begun: Subscription = {
    ...from,
    plan: counted(from.plan),
    status: "active",
    period,
    begun: from.begun + 1,
  };
  const cost = partOf(charge.creditsCost, ends.length);
  const worth = partOf(charge.creditsWorth, ends.length);
  const lots = includedLots(state, begun, {
    amount: charge.credits,
    cost,
    worth,
    at,
    expiresAt: ends[0] ?? period.end,
  });
  const lotsCost = lots.reduce((sum, lot) => sum + lot.cost, 0n);
  const granted = total(lots.map((lot) => lot.granted));
  const prepaid = beginDrawdown(state, begun, { at, calendar, granted });
  const due = [...left.lines, ...charge.lines, ...prepaid.lines];
  const units = before === undefined ? [] : allowanceLines(state, before, due.length);
  const lines = numbered(state.invoices, [...units, ...due]);
  const isMany = ends.length > 1;
  // Where there is no room for credits, what was paid for them is for access.
  const paid = isMany ? charge.access : charge.amount - lotsCost;
  const access = money(paid + prepaid.unplaced);
  const { drawdown: _before, committed: _over, ...rest } = begun;
  const subscription = withAccess(
    withWholeAllowances({
      ...rest,
      lots: lots.map(({ id }) => id),
      included: charge.credits,
      grants: isMany
        ? {
            left: money(charge.creditsCost - lotsCost),
            ...worthOn(money(charge.creditsWorth - lotsWorth(lots))),
            each: charge.credits,
            since: period.start,
            ends,
          }
        : null,
      isRolled: false,
      ...(prepaid.standing === undefined ? {} : { drawdown: prepaid.standing }),
    }),
    { total: access, start: period.start, end: period.end },
    calendar,
  );
  const all = [...lots, ...prepaid.lots];
  return {
    subscription,
    lots: all,
    lines,
    booked: [
      ...left.booked,
      { account: "Receivable", amount: money(charge.amount + prepaid.price) },
      {
        account: "Deferred:Access",
        amount: money(lotsCost - charge.amount - prepaid.unplaced),
      },
    ],
    invoice: draftInvoice(state.invoices, { subscription, lines, at }),
    ...prolonging(prepaid.prolonged),
    ...(left.leftTerm === undefined ? {} : { leftTerm: left.leftTerm }),
    ...grantAll(state, all),
  };
}

/** Begins a trial: the credits of a period, without cost, that end with it (RULES 18). */
export function beginTrial(state: State, from: Subscription, at: Instant): PeriodBegun {
  const { credits: amount } = periodCharge(from.plan, from.seats, from.period);
  const expiresAt = from.period.end;
  const lots = includedLots(state, from, { amount, cost: noMoney, at, expiresAt });
  return {
    subscription: withWholeAllowances({
      ...from,
      lots: lots.map(({ id }) => id),
      included: amount,
    }),
    lots,
    lines: [],
    booked: [],
    invoice: null,
    ...grantAll(state, lots),
  };
}

/** Puts new lots into the pool; they pay debts first (RULES 12). */
export function grantAll(state: State, lots: readonly Lot[]): DraftResult {
  const draft = new Draft(state.pool);
  for (const lot of lots) draft.put(lot);
  if (lots.length > 0) draft.payDebts();
  return draft.finish();
}

/** What lots are worth that carry no money of their own. */
export const lotsWorth = (lots: readonly Lot[]): bigint =>
  lots.reduce((sum, { worth = noMoney }) => sum + worth, 0n);

/** One lot, or none; two where a share is set aside. */
export function includedLots(
  { pool, invoices }: State,
  { id, plan, begun }: Subscription,
  {
    amount,
    cost,
    worth = noMoney,
    at,
    expiresAt,
    invoiced = { invoice: nextInvoiceId(invoices, { id }) },
  }: { amount: Credits; cost: Lot["cost"]; at: Instant; expiresAt: Instant } & Pick<
    Lot,
    "invoiced" | "worth"
  >,
): readonly Lot[] {
  const granted = least(amount, roomFor(pool.totals.granted));
  if (granted === noCredits) return [];
  const lot = newLot({
    id: `grt_${id.slice(4)}${indexed(begun)}`,
    source: "plan",
    priority: plan.included?.priority ?? 0,
    granted,
    cost,
    ...worthOn(worth),
    grantedAt: at,
    effectiveAt: at,
    expiresAt,
    reference: id,
    ...financeBy(plan.included ?? {}, cost),
    ...(cost === 0n ? {} : { invoiced }),
  });
  return setAside(lot, plan);
}
