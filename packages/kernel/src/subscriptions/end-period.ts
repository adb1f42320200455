/**
 * Owns what happens at the end of a period by itself (RULES 10): unused credits roll over, then the next period begins with
 * what was planned for it, or there is none.
 */
import { allowanceLines } from "../allowances/lines.ts";
import { type Credits, beyond, least, minus, money, total } from "../amount.ts";
import type {
  CreditsRolledOver,
  SubscriptionEnded,
  SubscriptionPaused,
  SubscriptionRenewed,
} from "../events.ts";
import type { Calendar, Instant } from "../instant.ts";
import { draftInvoice, numbered } from "../invoices/gather.ts";
import { claimedOn } from "../pool/clawback.ts";
import { Draft } from "../pool/draft.ts";
import { type Lot, invoicedAs, newLot } from "../pool/lot.ts";
import { isSameMinimum } from "../pricing/commitment.ts";
import type { State } from "../state/state.ts";
import { type PeriodBegun, beginPeriod, grantAll } from "./begin-period.ts";
import { isSameDrawdown, minimumOf } from "./committed.ts";
import { endOpen, isPrepaid, isTermOver, keepOpen } from "./drawdown.ts";
import { termsAfter } from "./following.ts";
import { type CommitmentLeft, leaveCommitment, leaveFor } from "./leave-commitment.ts";
import { indexed } from "./lot-ids.ts";
import { grantEndAfter } from "./grant-series.ts";
import { isSameCadence, periodAt } from "./period.ts";
import type { Plan, Rollover } from "./plan.ts";
import { rolloverParts, rolloverQuota } from "./rollover.ts";
import type { Subscription } from "./subscription.ts";

/** Credits that roll at the end of a period: those that it included, or what was prepaid for the term that ends with it. */
export interface Rolling {
  readonly of: "included" | "prepaid";
  readonly rollover: Rollover;
  readonly lots: readonly string[];
  /** That there were at first. */
  readonly whole: Credits;
  /** The subscription, once they have rolled. */
  readonly after: Subscription;
}

/** What rolls before the lots of the period, or of a grant within it, expire: one after the other, until nothing does. */
export function rollsNext(
  subscription: Subscription,
  { isPeriodOver }: { readonly isPeriodOver: boolean },
): Rolling | undefined {
  const { plan, isRolled, atEnd, status, drawdown, lots, included } = subscription;
  if (status !== "active" || (isPeriodOver && atEnd !== "renew")) return undefined;
  const ofPeriod = plan.included?.rollover ?? null;
  if (ofPeriod !== null && !isRolled)
    return {
      of: "included",
      rollover: ofPeriod,
      lots,
      whole: included,
      after: { ...subscription, isRolled: true },
    };
  const ofTerm = plan.drawdown?.rollover ?? null;
  if (
    !isPeriodOver ||
    ofTerm === null ||
    drawdown === undefined ||
    drawdown.isRolled ||
    !isTermOver(subscription)
  )
    return undefined;
  return {
    of: "prepaid",
    rollover: ofTerm,
    lots: drawdown.lots,
    whole: drawdown.credits,
    after: { ...subscription, drawdown: { ...drawdown, isRolled: true } },
  };
}

/** What goes on into the next period; all else of these lots expires in the same event, so that R3 splits their money. */
export function rollOver(
  state: State,
  subscription: Subscription,
  { rolling, at, calendar }: { rolling: Rolling; at: Instant; calendar: Calendar },
): CreditsRolledOver {
  const { rollover } = rolling;
  const open = liveLots(state, rolling.lots);
  const before = rolledBefore(state, subscription, { of: rolling.of, at });
  const quota = rolloverQuota(rollover, rolling.whole, before);
  const parts = rolloverParts(open, quota);
  const leave = (draft: Draft): void => {
    for (const lot of open) {
      const rolled = parts.find((part) => part.lot === lot)?.credits;
      if (rolled !== undefined) draft.move(lot.id, "available", "moved", rolled);
      draft.put({ ...draft.lot(lot.id), phase: "expired" });
      draft.move(lot.id, "available", "expired", draft.lot(lot.id).available);
    }
  };
  // Drafted twice: what moves must be priced before the lots that take it over can be made.
  const priced = new Draft(state.pool);
  leave(priced);
  const { transfers } = priced.finish();
  const tag = rolling.of === "prepaid" ? "d" : "";
  const expiresAt = rolledUntil(subscription, rolling, calendar);
  const lots = parts.map(({ lot, credits }, index) =>
    rolledLot(lot, {
      id: `grt_${subscription.id.slice(4)}${indexed(subscription.begun)}${tag}r${index + 1}`,
      granted: credits,
      cost: money(
        transfers
          .filter((one) => one.lot === lot.id && one.to === "moved")
          .reduce((sum, one) => sum + one.money, 0n),
      ),
      at,
      expiresAt,
    }),
  );
  const draft = new Draft(state.pool);
  leave(draft);
  for (const lot of lots) draft.put(lot);
  draft.payDebts();
  return {
    kind: "credits.rolled_over",
    at,
    subscription: rolling.after,
    from: open.map(({ id }) => id),
    ...owedTo(state, open, {
      quota: minus(quota, total(parts.map((part) => part.credits))),
      expiresAt,
    }),
    lots,
    ...draft.finish(),
  };
}

/** When what rolls is over: so many periods later, or grants where credits come more often. */
function rolledUntil(
  { anchor, plan, timeZone, period, grants }: Subscription,
  { of, rollover: { periods } }: Rolling,
  calendar: Calendar,
): Instant {
  const every = plan.included?.every ?? null;
  if (of === "prepaid" || grants === null || every === null)
    return periodAt(period.index + periods, { anchor, cadence: plan.cadence, timeZone }, calendar)
      .end;
  return grantEndAfter({ anchor, plan, timeZone, period, grants }, { every, periods }, calendar);
}

/** Lots of credits that rolled at the end of earlier periods, and are not over now. */
const rolledBefore = (
  { pool }: State,
  { id }: Subscription,
  { of, at }: { of: Rolling["of"]; at: Instant },
): readonly Lot[] =>
  [...pool.lots.values()].filter(
    (lot) =>
      lot.source === "rollover" &&
      lot.phase === "live" &&
      isPrepaid(lot) === (of === "prepaid") &&
      lot.id.startsWith(`grt_${id.slice(4)}`) &&
      (lot.expiresAt === null || lot.expiresAt > at),
  );

/** What calls in flight hold rolls when it returns, as far as the quota goes (RULES 9). */
function owedTo(
  { pool }: State,
  lots: readonly Lot[],
  { quota, expiresAt }: { quota: Credits; expiresAt: Instant },
): Pick<CreditsRolledOver, "owed"> {
  let left = quota;
  const owed = lots.flatMap((lot) => {
    const part = least(beyond(lot.held, claimedOn(pool.clawbacks.values(), lot)), left);
    left = minus(left, part);
    return part === 0n ? [] : [{ lot: lot.id, rollover: { quota: part, expiresAt, made: 0 } }];
  });
  return owed.length === 0 ? {} : { owed };
}

/** The next period, or that there is none. */
export function endPeriod(
  state: State,
  subscription: Subscription,
  at: Instant,
  calendar: Calendar,
): SubscriptionRenewed | SubscriptionPaused | SubscriptionEnded {
  switch (subscription.atEnd) {
    case "renew":
      return {
        kind: "subscription.renewed",
        at,
        ...beginNext(state, subscription, at, calendar),
      };
    case "pause":
      return { kind: "subscription.paused", at, ...pausing(state, subscription, at) };
    case "end":
      return { kind: "subscription.ended", at, ...closing(state, subscription, { at, calendar }) };
  }
}

/** The period after this one: counted on from the anchor, or from here after a trial or where the cadence changes. */
function beginNext(
  state: State,
  before: Subscription,
  at: Instant,
  calendar: Calendar,
): PeriodBegun {
  const { plan, seats } = termsAfter(before, at);
  const isNewCount = before.status === "trialing" || !isSameCadence(plan, before.plan);
  const anchor = isNewCount ? before.period.end : before.anchor;
  const from = carriedOver({ ...before, seats, anchor, next: null }, plan);
  const { timeZone } = from;
  const index = isNewCount ? 0 : before.period.index + 1;
  const period = periodAt(index, { anchor, cadence: plan.cadence, timeZone }, calendar);
  const ended = leaveFor(state, before, { plan, at });
  return beginPeriod(state, from, { period, at, calendar, before, ended });
}

/** On another plan, or the same: commitments with equal terms go on, others begin their own. */
export function carriedOver(before: Subscription, plan: Plan): Subscription {
  const { drawdown, committed: _over, ...rest } = before;
  return {
    ...rest,
    ...(drawdown !== undefined && isSameDrawdown(before.plan, plan) ? { drawdown } : {}),
    plan,
    term: isSameMinimum(minimumOf(before), plan.minimum) ? before.term : null,
  };
}

/** Those of these lots that are not over. */
export const liveLots = ({ pool }: State, ids: readonly string[]): readonly Lot[] =>
  ids.flatMap((id) => {
    const lot = pool.lots.get(id);
    return lot?.phase === "live" ? [lot] : [];
  });

const rolledLot = (
  lot: Lot,
  made: Pick<Lot, "id" | "granted" | "cost" | "expiresAt"> & { readonly at: Instant },
): Lot =>
  newLot({
    id: made.id,
    source: "rollover",
    priority: lot.priority,
    granted: made.granted,
    cost: made.cost,
    grantedAt: made.at,
    effectiveAt: made.at,
    expiresAt: made.expiresAt,
    appliesTo: lot.appliesTo,
    reference: lot.id,
    ...invoicedAs(lot),
  });

/** An end without more to come: what is pending comes on a last invoice. */
export function closing(
  state: State,
  from: Subscription,
  { at, calendar }: { at: Instant; calendar: Calendar },
): PeriodBegun {
  const { drawdown: _over, ...rest } = from;
  const after: Subscription = { ...rest, status: "ended", lots: [], term: null, next: null };
  const ended = leaveCommitment(state, from, at);
  const prolonged = from.status === "paused" ? endOpen(state, from, at, calendar) : [];
  return {
    ...stopped(state, from, { after, ended, at }),
    ...(prolonged.length === 0 ? {} : { prolonged }),
  };
}

/** No other period begins until it is resumed; a term that is not over goes on then. */
function pausing(state: State, from: Subscription, at: Instant): PeriodBegun {
  const after: Subscription = { ...from, status: "paused", lots: [] };
  const prolonged = isTermOver(from) ? [] : keepOpen(state, from);
  return {
    ...stopped(state, from, { after, ended: { lines: [], booked: [] }, at }),
    ...(prolonged.length === 0 ? {} : { prolonged }),
  };
}

function stopped(
  state: State,
  from: Subscription,
  {
    after: subscription,
    ended,
    at,
  }: { readonly after: Subscription; readonly ended: CommitmentLeft; readonly at: Instant },
): PeriodBegun {
  const units = allowanceLines(state, from, ended.lines.length);
  const lines = numbered(state.invoices, [...units, ...ended.lines]);
  return {
    subscription,
    lots: [],
    lines,
    booked: ended.booked,
    invoice: draftInvoice(state.invoices, { subscription, lines, at }),
    ...grantAll(state, []),
  };
}
