/**
 * Owns when a workspace buys by itself, and how much.
 *
 * U1 at most one request of the rule waits. U2 what is granted for requests of the rule in a calendar month of the workspace's zone
 * costs no more than the ceiling: a request leaves room for all that was granted in the month that it is made in, and what
 * waits over a month's end counts in the month in which it is granted. U3 the rule looks at the pool one millisecond after the last event: then all that happened
 * together has happened, and when somebody asks makes no difference.
 */
import { creditsMax, credits, money } from "../amount.ts";
import type { TopUpRequested } from "./events.ts";
import type { Calendar, Instant } from "../instant.ts";
import { type State, lastAt, workspaceOf } from "../state/state.ts";
import { type Pack, creditsOf } from "./pack.ts";
import { type TopUpRule, failuresMax } from "./top-up.ts";

/** Packs in one request at most. */
export const packsMax = 10_000;

/** When the rule will ask for credits; undefined where nothing is missing, or it may not. */
export function topUpDueAt(state: State): number | undefined {
  const rule = state.topUps.rule.row;
  if (rule === undefined || !rule.isEnabled || rule.failures >= failuresMax) return undefined;
  if (state.topUps.pending.automatic !== undefined) return undefined;
  if (expected(state) >= rule.threshold) return undefined;
  if (!isOffered(state, rule.pack)) return undefined;
  if (workspaceOf(state)?.status !== "active" || !hasRoom(state, rule.pack, 1)) return undefined;
  const soonest = Math.max(lastAt(state) + 1, rule.retryAt ?? 0);
  const { month } = rule;
  const isSpent =
    month !== null && soonest < month.end && month.spent + rule.pack.price > rule.monthlyCeiling;
  return isSpent ? month.end : soonest;
}

/** The request that is due at this instant. */
export function askForCredits(
  state: State,
  rule: TopUpRule,
  at: Instant,
  calendar: Calendar,
): TopUpRequested {
  const { pack } = rule;
  const month = monthOf(state, rule, at, calendar);
  const missing = rule.target - expected(state);
  const each = creditsOf(pack, 1);
  const wanted = (missing + each - 1n) / each;
  const affordable = (rule.monthlyCeiling - month.spent) / pack.price;
  const room = (creditsMax - state.pool.totals.granted - state.topUps.pending.credits) / each;
  const quantity = [affordable, room, BigInt(packsMax)].reduce(
    (least, one) => (one < least ? one : least),
    wanted,
  );
  const asked = rule.asked + 1;
  return {
    kind: "top_up.requested",
    at,
    topUp: {
      id: `${rule.series}${String(asked).padStart(6, "0")}`,
      isAutomatic: true,
      pack,
      quantity: Number(quantity),
      amount: money(pack.price * quantity),
      credits: credits(each * quantity),
      note: null,
      requestedAt: at,
      status: "requested",
      payment: null,
      detail: null,
      grants: [],
      resolvedAt: null,
    },
    rule: { ...rule, month, asked },
  };
}

/** Whether the plan of now sells a pack: a rule that was put under another plan buys nothing that this one does not offer. */
export function isOffered({ subscriptions }: State, { name }: Pick<Pack, "name">): boolean {
  const offered = subscriptions.live.row?.plan.topUps;
  return offered === undefined || offered.includes(name);
}

/** The month that counts at an instant: one that was begun is counted to its end, whatever becomes of the zone. */
export function monthOf(
  state: State,
  { month }: Pick<TopUpRule, "month">,
  at: Instant,
  calendar: Calendar,
): NonNullable<TopUpRule["month"]> {
  if (month !== null && at < month.end) return month;
  const { start, end } = calendar.window("month", at, workspaceOf(state)?.timeZone ?? "UTC");
  return { start, end, spent: money(0n) };
}

/** Whether a workspace can be granted so many packs in its life, beside what it has asked for. */
export const hasRoom = ({ pool, topUps }: State, pack: Pack, quantity: number): boolean =>
  pool.totals.granted + topUps.pending.credits + creditsOf(pack, quantity) <= creditsMax;

/** What everybody may spend, less debt, when all that was asked for has come. */
const expected = ({ pool, topUps }: State): bigint =>
  pool.totals.available - pool.totals.debt + topUps.pending.credits;
