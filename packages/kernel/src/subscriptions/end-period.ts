/** Owns what the end of a period brings by itself (RULES 10): the next one, with what was planned for it, a pause, or the end. */
import { allowanceLines } from "../allowances/lines.ts";
import type { Calendar, Instant } from "../instant.ts";
import { draftInvoice, numbered } from "../invoices/gather.ts";
import { isSameMinimum } from "../pricing/commitment.ts";
import type { State } from "../state/state.ts";
import { type PeriodBegun, beginPeriod, grantAll } from "./begin-period.ts";
import { isSameDrawdown, minimumOf } from "./committed.ts";
import { endOpen, isTermOver, keepOpen, prolonging } from "./drawdown.ts";
import type { SubscriptionEnded, SubscriptionPaused, SubscriptionRenewed } from "./events.ts";
import { termsAfter } from "./following.ts";
import { type CommitmentLeft, leaveCommitment, leaveFor, nothingLeft } from "./leave-commitment.ts";
import { isSameCadence, periodAt } from "./period.ts";
import type { Plan } from "./plan.ts";
import type { Subscription } from "./subscription.ts";

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
  const left = leaveFor(state, before, { plan, at });
  return beginPeriod(state, from, { period, at, calendar, before, left });
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

/** An end without more to come: what is pending comes on a last invoice. */
export function closing(
  state: State,
  from: Subscription,
  { at, calendar }: { at: Instant; calendar: Calendar },
): PeriodBegun {
  const { drawdown: _over, ...rest } = from;
  const after: Subscription = { ...rest, status: "ended", lots: [], term: null, next: null };
  return {
    ...stopped(state, from, { after, left: leaveCommitment(state, from, at), at }),
    ...prolonging(from.status === "paused" ? endOpen(state, from, at, calendar) : []),
  };
}

/** No other period begins until it is resumed; a term that is not over goes on then. */
function pausing(state: State, from: Subscription, at: Instant): PeriodBegun {
  const after: Subscription = { ...from, status: "paused", lots: [] };
  return {
    ...stopped(state, from, { after, left: nothingLeft, at }),
    ...prolonging(isTermOver(from) ? [] : keepOpen(state, from)),
  };
}

/** What the period used comes on an invoice, and no other one begins. */
function stopped(
  state: State,
  from: Subscription,
  { after, left, at }: { readonly after: Subscription; readonly left: CommitmentLeft; at: Instant },
): PeriodBegun {
  const units = allowanceLines(state, from, left.lines.length);
  const lines = numbered(state.invoices, [...units, ...left.lines]);
  return {
    subscription: after,
    lots: [],
    lines,
    booked: left.booked,
    ...(left.leftTerm === undefined ? {} : { leftTerm: left.leftTerm }),
    invoice: draftInvoice(state.invoices, { subscription: after, lines, at }),
    ...grantAll(state, []),
  };
}
