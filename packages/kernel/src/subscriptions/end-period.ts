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
import type { State } from "../state/state.ts";
import { type PeriodBegun, beginPeriod, grantAll, indexed } from "./begin-period.ts";
import { termsAfter } from "./following.ts";
import { grantEndAfter } from "./grant-series.ts";
import { isSameCadence, periodAt } from "./period.ts";
import type { Rollover } from "./plan.ts";
import { rolloverParts, rolloverQuota } from "./rollover.ts";
import type { Subscription } from "./subscription.ts";

/** Whether credits roll before the lots of the period, or of a grant within it, expire. */
export const rolls = (
  { plan, isRolled, atEnd, status }: Subscription,
  { isPeriodOver }: { readonly isPeriodOver: boolean },
): boolean =>
  status === "active" &&
  (atEnd === "renew" || !isPeriodOver) &&
  !isRolled &&
  (plan.included?.rollover ?? null) !== null;

/** What goes on into the next period; all else of these lots expires in the same event, so that R3 splits their money. */
export function rollOver(
  state: State,
  subscription: Subscription,
  { rollover, at, calendar }: { rollover: Rollover; at: Instant; calendar: Calendar },
): CreditsRolledOver {
  const open = liveLots(state, subscription.lots);
  const before = rolledBefore(state, subscription, at);
  const quota = rolloverQuota(rollover, subscription.included, before);
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
  const expiresAt = rolledUntil(subscription, rollover.periods, calendar);
  const lots = parts.map(({ lot, credits }, index) =>
    rolledLot(lot, {
      id: `grt_${subscription.id.slice(4)}${indexed(subscription.begun)}r${index + 1}`,
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
    subscription: { ...subscription, isRolled: true },
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
  periods: number,
  calendar: Calendar,
): Instant {
  const every = plan.included?.every ?? null;
  if (grants === null || every === null)
    return periodAt(period.index + periods, { anchor, cadence: plan.cadence, timeZone }, calendar)
      .end;
  return grantEndAfter({ anchor, plan, timeZone, period, grants }, { every, periods }, calendar);
}

/** Lots of credits that rolled at the end of earlier periods, and are not over now. */
const rolledBefore = ({ pool }: State, { id }: Subscription, at: Instant): readonly Lot[] =>
  [...pool.lots.values()].filter(
    (lot) =>
      lot.source === "rollover" &&
      lot.phase === "live" &&
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
      return { kind: "subscription.paused", at, ...closing(state, subscription, at, "paused") };
    case "end":
      return { kind: "subscription.ended", at, ...closing(state, subscription, at) };
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
  const from: Subscription = { ...before, plan, seats, anchor, next: null };
  const { timeZone } = from;
  const index = isNewCount ? 0 : before.period.index + 1;
  const period = periodAt(index, { anchor, cadence: plan.cadence, timeZone }, calendar);
  // A commitment is to one version of a plan: another one begins its own term.
  const term = plan.version === before.plan.version ? before.term : null;
  return beginPeriod(state, { ...from, term }, { period, at, calendar, before });
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
    reference: lot.id,
    ...invoicedAs(lot),
  });

/** An end without more to charge; what is pending comes on a last invoice. */
export function closing(
  state: State,
  from: Subscription,
  at: Instant,
  status: "ended" | "paused" = "ended",
): PeriodBegun {
  const next = status === "paused" ? from.next : null;
  const subscription: Subscription = { ...from, status, lots: [], term: null, next };
  const lines = numbered(state.invoices, allowanceLines(state, from, 0));
  return {
    subscription,
    lots: [],
    lines,
    booked: [],
    invoice: draftInvoice(state.invoices, { subscription, lines, at }),
    ...grantAll(state, []),
  };
}
