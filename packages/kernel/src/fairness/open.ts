/**
 * Owns when a pool begins to be shared anew, and over what time (RULES 29, 30): with a period of credits, with a plan, when the setting
 * is another one, and by itself where nothing else renews it.
 *
 * O1 the event that opens a period says its rules, its knobs and its end; so no zone and no later version is needed to replay it.
 */
import type { Event } from "../events.ts";
import { type Calendar, type Instant, instant } from "../instant.ts";
import { type State, lastAt, workspaceOf } from "../state/state.ts";
import type { SubscriptionFact } from "../subscriptions/events.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { ticksOfPeriod } from "./clock.ts";
import type { FairnessOpened, SharingOpened } from "./events.ts";
import type { SharingPeriod } from "./period.ts";
import { type FairnessPreset, type Knobs, knobsInForce, presetInForce } from "./setting.ts";

/** The event, with the period that it opens where it opens one. */
export function withSharing(state: State, event: Event, calendar: Calendar): Event {
  if (event.kind === "workspace.created" || event.kind === "workspace.updated") {
    const after = { workspace: event.workspace, live: state.subscriptions.live.row };
    const sharing = opening(state, event, after, calendar);
    return sharing === undefined ? event : { ...event, sharing };
  }
  if (!isOfPeriods(event)) return event;
  const { subscription } = event;
  const live = subscription.status === "ended" ? undefined : subscription;
  const sharing = opening(state, event, { workspace: workspaceOf(state), live }, calendar);
  return sharing === undefined ? event : { ...event, sharing };
}

type OfPeriods = Extract<Event, SubscriptionFact<Event["kind"]>>;

const isOfPeriods = (event: Event): event is OfPeriods => ofPeriods.has(event.kind);

const ofPeriods: ReadonlySet<Event["kind"]> = new Set([
  "subscription.started",
  "subscription.renewed",
  "subscription.granted",
  "subscription.resumed",
  "subscription.changed",
  "subscription.paused",
  "subscription.ended",
  "subscription.cancelled",
]);

interface After {
  readonly workspace: Workspace | undefined;
  readonly live: Subscription | undefined;
}

function opening(
  state: State,
  { kind, at }: Event,
  { workspace, live }: After,
  calendar: Calendar,
): SharingOpened | undefined {
  const knobs = knobsInForce(workspace?.fairness, live?.plan);
  if (knobs === undefined) return undefined;
  const { period } = state.fairness.current;
  const isRunning = period !== undefined && at < period.end;
  const isRenewal = renewals.has(kind) && hasCredits(live);
  if (isRunning && !isRenewal && isSame(period, knobs)) return undefined;
  return sharingFrom(at, knobs, windowEnd(state, at, live, calendar));
}

const renewals: ReadonlySet<Event["kind"]> = new Set([
  "subscription.started",
  "subscription.renewed",
  "subscription.granted",
  "subscription.resumed",
]);

const isSame = (period: SharingPeriod, { reserve, reach }: Knobs): boolean =>
  period.reserve === reserve && period.reach === reach;

const sharingFrom = (start: Instant, knobs: Knobs, end: Instant): SharingOpened => ({
  rules: 1,
  start,
  end,
  ticks: ticksOfPeriod,
  ...knobs,
});

/** Whether its periods bring credits, so that the pool is renewed with them. */
const hasCredits = (live: Subscription | undefined): boolean =>
  live !== undefined && (live.plan.included !== null || live.plan.drawdown !== undefined);

/** The end of the window of credits that holds `at`. */
function windowEnd(
  state: State,
  at: Instant,
  live: Subscription | undefined,
  calendar: Calendar,
): Instant {
  if (live !== undefined && hasCredits(live) && live.status !== "paused") {
    const end = live.grants?.ends[0] ?? live.period.end;
    if (end > at) return end;
  }
  const timeZone = workspaceOf(state)?.timeZone ?? "UTC";
  const months = (count: number): Instant =>
    calendar.boundary(at, { unit: "month", count }, 1, timeZone);
  let latest = 0;
  for (const { expiresAt, cost } of state.pool.burning.rows)
    if (cost > 0n && expiresAt !== null && expiresAt > latest) latest = expiresAt;
  if (latest <= at) return months(1);
  const longest = months(12);
  return latest < longest ? instant(latest) : longest;
}

/** When the pool is to be shared anew by itself; undefined where it is not. */
export function sharingDueAt(state: State): number | undefined {
  if (presetNow(state) === "off") return undefined;
  return state.fairness.current.period?.end ?? lastAt(state);
}

/** Shares it anew. */
export function openByItself(
  state: State,
  at: Instant,
  calendar: Calendar,
): FairnessOpened | undefined {
  const knobs = knobsNow(state);
  if (knobs === undefined) return undefined;
  const end = windowEnd(state, at, state.subscriptions.live.row, calendar);
  return { kind: "fairness.opened", at, sharing: sharingFrom(at, knobs, end) };
}

/** The knobs in force; undefined where the pool is not shared. */
export const knobsNow = (state: State): Knobs | undefined =>
  knobsInForce(workspaceOf(state)?.fairness, state.subscriptions.live.row?.plan);

const presetNow = (state: State): FairnessPreset =>
  presetInForce(workspaceOf(state)?.fairness, state.subscriptions.live.row?.plan);
