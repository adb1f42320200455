/**
 * Owns what happens by itself, and in which order (RULES 10, 11): at one instant revenue of the month before and estimates of it, hold expiries, runs that idled,
 * rollover, lot expiries, outcomes that have matured, what a commitment lacks, the end of a period, lots becoming effective, an invoice of what no period takes, what the customer's balance pays of open invoices, requests for more that nobody answered, then a request of the top-up rule, then that the pool is shared anew where nothing else did that; ties by id; at most `dueMax` ids in one event.
 * Cap windows need no event: they open when they are used.
 *
 * Z1 an event takes one instant, so that what happens does not depend on when somebody asked for it.
 */
import { unitsReleased, unitsSaid } from "./allowances/settle.ts";
import { noCredits, noMoney } from "./amount.ts";
import type { Event } from "./events.ts";
import type { HoldsExpired } from "./holds/events.ts";
import type { EstimateReleased, OutcomesEstimated, OutcomesMatured } from "./outcomes/events.ts";
import type { CreditsEffective, CreditsExpired } from "./pool/events.ts";
import type { CreditRequestsExpired } from "./requests/events.ts";
import type { SubscriptionRecognised } from "./subscriptions/events.ts";
import { corrections, countable, setAside } from "./holds/counted.ts";
import type { Hold } from "./holds/hold.ts";
import { pastSaid } from "./holds/past.ts";
import { purseWith, stillCounted } from "./holds/purse.ts";
import { openByItself, sharingDueAt, withSharing } from "./fairness/open.ts";
import { type Calendar, type Instant, instant } from "./instant.ts";
import { applyBalance, balanceDueAt } from "./invoices/customer-balance.ts";
import { draftLastInvoice, lastInvoiceDueAt } from "./invoices/last-invoice.ts";
import { expectedOf, hasExpected } from "./outcomes/estimate.ts";
import { recount } from "./outcomes/recount.ts";
import { Draft } from "./pool/draft.ts";
import { onExpiry } from "./pool/finance.ts";
import type { Lot } from "./pool/lot.ts";
import { goOnIn } from "./runs/counting.ts";
import { backToPurse, purseOf } from "./runs/purse.ts";
import type { RunsExpired } from "./runs/events.ts";
import { type State, lastAt, workspaceOf } from "./state/state.ts";
import type { DueEntry } from "./state/due-queue.ts";
import { openCommitment, trueUp } from "./subscriptions/close-term.ts";
import { withClawedBack } from "./subscriptions/clawed-back.ts";
import { endPeriod } from "./subscriptions/end-period.ts";
import { grantNext } from "./subscriptions/grant-next.ts";
import { rollOver, rollsNext } from "./subscriptions/rollover.ts";
import { recognise } from "./subscriptions/recognise.ts";
import { askForCredits, topUpDueAt } from "./topups/automatic.ts";

/** Ids in one event at most. */
export const dueMax = 512;

const never = Number.POSITIVE_INFINITY;

/** The next instant at which something happens by itself; undefined when nothing will. */
export function nextDueAt(state: State): number | undefined {
  const first = Math.min(
    state.holds.expiring.firstAt() ?? never,
    state.runs.idling.firstAt() ?? never,
    state.pool.ending.firstAt() ?? never,
    state.pool.starting.rows[0]?.effectiveAt ?? never,
    state.outcomes.finalizing.firstAt() ?? never,
    state.outcomes.estimate.row?.dueAt ?? never,
    state.subscriptions.ending.firstAt() ?? never,
    state.subscriptions.recognising.firstAt() ?? never,
    state.subscriptions.granting.firstAt() ?? never,
    lastInvoiceDueAt(state) ?? never,
    balanceDueAt(state) ?? never,
    topUpDueAt(state) ?? never,
    sharingDueAt(state) ?? never,
    state.requests.expiring.firstAt() ?? never,
  );
  return first === never ? undefined : first;
}

/** The next event that is due at or before `at`; apply it and ask again, until there is none. */
export function nextDue(state: State, at: Instant, calendar: Calendar): Event | undefined {
  const event = dueEvent(state, at, calendar);
  return event === undefined ? undefined : withSharing(state, event, calendar);
}

function dueEvent(state: State, at: Instant, calendar: Calendar): Event | undefined {
  const first = nextDueAt(state);
  if (first === undefined || first > at) return undefined;
  const isDue = (dueAt: number | undefined): boolean => dueAt === first;
  const { holds, pool, outcomes, subscriptions } = state;
  if (isDue(subscriptions.recognising.firstAt())) return recogniseAccess(state, first, calendar);
  if (isDue(outcomes.estimate.row?.dueAt)) return estimateOutcomes(state, first, calendar);
  if (isDue(holds.expiring.firstAt()))
    return expireHolds(state, holds.expiring.upTo(first, dueMax));
  if (isDue(state.runs.idling.firstAt()))
    return expireRuns(state, state.runs.idling.upTo(first, dueMax));
  const { row: live } = subscriptions.live;
  const subscription = isDue(subscriptions.ending.firstAt()) ? live : undefined;
  const ending = subscription ?? (isDue(subscriptions.granting.firstAt()) ? live : undefined);
  const isPeriodOver = subscription !== undefined;
  const rolling = ending === undefined ? undefined : rollsNext(ending, { isPeriodOver });
  if (ending !== undefined && rolling !== undefined)
    return rollOver(state, ending, { rolling, at: dueInstant(state, first), calendar });
  if (isDue(pool.ending.firstAt())) return expireLots(state, pool.ending.upTo(first, dueMax));
  if (isDue(outcomes.finalizing.firstAt()))
    return matureOutcomes(state, outcomes.finalizing.upTo(first, dueMax));
  const commitment = openCommitment(state, subscription);
  if (commitment !== null) return trueUp(state, commitment, dueInstant(state, first));
  if (subscription !== undefined)
    return endPeriod(state, subscription, dueInstant(state, first), calendar);
  if (isDue(subscriptions.granting.firstAt()) && live !== undefined && live.grants !== null)
    return grantNext(state, live, live.grants, dueInstant(state, first));
  if (isDue(pool.starting.rows[0]?.effectiveAt))
    return startLots(state, startingAt(pool.starting.rows, first));
  if (isDue(lastInvoiceDueAt(state)))
    return draftLastInvoice(state, dueInstant(state, first), calendar);
  if (isDue(balanceDueAt(state))) return applyBalance(state, dueInstant(state, first));
  if (isDue(state.requests.expiring.firstAt()))
    return expireRequests(state, state.requests.expiring.upTo(first, dueMax));
  const rule = state.topUps.rule.row;
  if (rule !== undefined && isDue(topUpDueAt(state)))
    return askForCredits(state, rule, dueInstant(state, first), calendar);
  return openByItself(state, dueInstant(state, first), calendar);
}

function recogniseAccess(
  state: State,
  dueAt: number,
  calendar: Calendar,
): SubscriptionRecognised | undefined {
  const id = state.subscriptions.recognising.first()?.id ?? "";
  const before = state.subscriptions.subscriptions.get(id);
  if (before === undefined) return undefined;
  const month = recognise(before, instant(dueAt), calendar);
  return {
    kind: "subscription.recognised",
    at: dueInstant(state, dueAt),
    postedAt: instant(dueAt - 1),
    ...month,
  };
}

function expireHolds(state: State, due: readonly DueEntry[]): HoldsExpired {
  const draft = new Draft(state.pool);
  // As what went before in this event leaves them.
  const purses = new Map<string, Hold>();
  const holds = due.flatMap(({ id, dueAt }) => {
    const hold = state.holds.holds.get(id);
    if (hold === undefined) return [];
    const open = purseOf(state, hold, instant(dueAt));
    const purse = open === undefined ? undefined : (purses.get(open.id) ?? open);
    const toPurse = backToPurse(state, purse, hold, hold);
    if (purse !== undefined && toPurse !== undefined)
      purses.set(purse.id, purseWith(purse, toPurse));
    else for (const leg of hold.legs) draft.giveBack(hold, leg.lot, leg.credits);
    const target = countable("expired", hold, hold);
    const still = stillCounted(hold, toPurse);
    return {
      hold: id,
      member: hold.path.member,
      expiredAt: instant(dueAt),
      returned: setAside(hold),
      ...(toPurse === undefined ? {} : { toPurse }),
      counts: corrections(state.limits, still.counted, target, instant(dueAt)),
      ...pastSaid(
        state.limits,
        still,
        { status: "expired", charged: 0n, overage: noCredits },
        instant(dueAt),
      ),
      ...goOnIn(state.runs, hold, { status: "expired", target }),
      ...unitsSaid(unitsReleased(hold)),
    };
  });
  draft.payDebts();
  const returned = withClawedBack(state.invoices, draft.finish());
  return { kind: "hold.expired", at: atOf(state, due), holds, ...returned };
}

function expireRuns(state: State, due: readonly DueEntry[]): RunsExpired {
  const at = atOf(state, due);
  const runs = due.flatMap(({ id }) => {
    const run = state.runs.runs.get(id);
    if (run === undefined) return [];
    return [
      {
        ...run,
        status: "expired",
        pausedBy: null,
        actions: 0,
        touchedAt: at,
        endedAt: at,
      } as const,
    ];
  });
  return { kind: "run.expired", at, runs };
}

function expireLots(state: State, due: readonly DueEntry[]): CreditsExpired {
  const draft = new Draft(state.pool);
  for (const { id } of due) {
    const lot = draft.lot(id);
    draft.put({ ...lot, phase: "expired" });
    draft.move(id, "available", "expired", lot.available, { into: onExpiry(lot) });
  }
  return {
    kind: "credits.expired",
    at: atOf(state, due),
    lots: due.map(({ id }) => id),
    ...draft.finish(),
  };
}

/** Requests that nobody answered. */
function expireRequests(state: State, due: readonly DueEntry[]): CreditRequestsExpired {
  const at = atOf(state, due);
  const requests = due.flatMap(({ id }) => {
    const request = state.requests.requests.get(id);
    return request === undefined ? [] : [{ ...request, end: { kind: "expired", at } as const }];
  });
  return { kind: "credit_request.expired", at, requests };
}

/** What is expected of claims that wait is posted in the month that ended, and released in the next. */
function estimateOutcomes(
  state: State,
  dueAt: number,
  calendar: Calendar,
): OutcomesEstimated | EstimateReleased {
  const at = dueInstant(state, dueAt);
  const { open = noMoney } = state.outcomes.estimate.row ?? {};
  if (open !== 0n) {
    const timeZone = workspaceOf(state)?.timeZone ?? "UTC";
    const monthEnd = calendar.window("month", instant(dueAt), timeZone).end;
    const estimatesAt = hasExpected(state, at) ? monthEnd : null;
    return { kind: "outcome.estimate_released", at, amount: open, estimatesAt };
  }
  const amount = expectedOf(state, instant(dueAt - 1));
  return {
    kind: "outcome.estimated",
    at,
    postedAt: instant(dueAt - 1),
    amount,
    releasesAt: amount === 0n ? null : instant(dueAt),
  };
}

/** Outcomes of cases in which nobody was heard of for long enough. */
function matureOutcomes(state: State, due: readonly DueEntry[]): OutcomesMatured {
  const at = atOf(state, due);
  const cases = due.flatMap(({ id }) => state.outcomes.cases.get(id) ?? []);
  return { kind: "outcome.matured", at, ...recount(state, cases, at) };
}

function startLots(state: State, lots: readonly Lot[]): CreditsEffective {
  const draft = new Draft(state.pool);
  for (const lot of lots) draft.put({ ...lot, phase: "live" });
  draft.payDebts();
  return {
    kind: "credits.effective",
    at: dueInstant(state, lots[0]?.effectiveAt ?? 0),
    lots: lots.map(({ id }) => id),
    ...draft.finish(),
  };
}

/** Of lots in order of their time, those that are effective at one instant. */
function startingAt(lots: readonly Lot[], at: number): readonly Lot[] {
  const later = lots.findIndex((lot) => lot.effectiveAt !== at);
  return lots.slice(0, Math.min(later === -1 ? lots.length : later, dueMax));
}

/** What is due never lies before the last event. */
const dueInstant = (state: State, dueAt: number): Instant =>
  instant(Math.max(lastAt(state), dueAt));

/** The instant of the last one. */
const atOf = (state: State, due: readonly DueEntry[]): Instant =>
  dueInstant(state, due.at(-1)?.dueAt ?? 0);
