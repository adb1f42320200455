/**
 * Owns when shares are laid out, followed and put away. An event is met twice: before it changes anything, when the tree is brought to
 * its tick, and after.
 *
 * S1 the tree of a period whose end has passed is not followed: it is shared anew before anybody draws.
 */
import type { Event } from "../events.ts";
import type { State } from "../state/state.ts";
import { unlaidNodes } from "./ask.ts";
import { tickAt } from "./clock.ts";
import type { Drawn, SharingOpened } from "./events.ts";
import { followLots } from "./follow.ts";
import { guestsId } from "./node.ts";
import { knobsNow } from "./open.ts";
import { bringMember, followOwner, giftOf, isOwners, movedBy } from "./people.ts";
import type { SharingPeriod } from "./period.ts";
import { isAnybodyThere, isSeated } from "./places.ts";
import { periodKey } from "./slice.ts";
import { type Bought, ShareTree } from "./tree.ts";

/** What is known of an event before it changes anything. */
export interface Met {
  readonly period: SharingPeriod;
  readonly tick: number;
  /** Available on shared lots. */
  readonly available: bigint;
  /** Seats that are paid for. */
  readonly seats: number;
}

/** Brings the tree to the tick of an event; undefined where no period is to follow it. */
export function meetEvent(state: State, event: Event): Met | undefined {
  const { period } = state.fairness.current;
  if (period === undefined || event.at >= period.end) return undefined;
  if (sharingOf(event) !== undefined) return undefined;
  const tick = tickAt(period, event.at);
  const isWaiting = !period.isLaid && !laysOut(event, period, tick);
  if (!period.isLaid && !isWaiting) layOutNow(state, period, drawnOf(event)?.seat === guestsId);
  const { standing, current } = state.fairness;
  if (!isWaiting) standing.moveTo(tick, period.ticks);
  return {
    period: current.period ?? period,
    tick,
    available: state.pool.totals.available,
    seats: state.subscriptions.live.row?.seats ?? 0,
  };
}

/** Follows an event that has been carried out. */
export function followEvent(state: State, event: Event, met: Met | undefined): void {
  const sharing = sharingOf(event);
  if (sharing !== undefined) return openPeriod(state, sharing);
  if (met === undefined) return;
  if (mayEnd(event) && knobsNow(state) === undefined) return endPeriod(state, met.period, event);
  if (!met.period.isLaid) return noteWho(state, event, met);
  const bought = boughtBy(state, event, met);
  if ("transfers" in event)
    followLots(state, event, { period: met.period, before: met.available, bought });
  if (bought > 0n) noteBought(state, event, { met, bought });
  const moved = movedBy(event);
  if (moved.length === 0 && !isOwners(event)) return;
  const tree = new ShareTree(state.fairness, state.pool.totals.available);
  for (const id of moved) bringMember(state, tree, id, () => claimBought(state, tree.pot));
  followOwner(state, tree, event);
  if (moved.length > 0 || giftOf(event) !== undefined) tree.check(state.pool.totals.available);
}

const sharingOf = (event: Event): SharingOpened | undefined =>
  "sharing" in event ? event.sharing : undefined;

const drawnOf = (event: Event): Drawn | undefined => ("drawn" in event ? event.drawn : undefined);

/** Shares are laid out with what draws on them, or when the tick is over in which somebody was there first. */
const laysOut = (event: Event, { since }: SharingPeriod, tick: number): boolean =>
  drawnOf(event) !== undefined || giftOf(event) !== undefined || (since !== null && tick > since);

function layOutNow(state: State, period: SharingPeriod, hasGuests: boolean): void {
  const { nodes, periods, standing } = state.fairness;
  const laid = unlaidNodes(state, period, hasGuests);
  standing.changeMany(() => {
    for (const node of laid.values()) nodes.replace(node.id, undefined, node);
  });
  periods.set(periodKey, { ...period, isLaid: true });
}

function openPeriod(state: State, sharing: SharingOpened): void {
  const { periods, current } = state.fairness;
  putAway(state);
  const number = (current.period?.number ?? 0) + 1;
  const since = isAnybodyThere(state) ? 0 : null;
  periods.set(periodKey, { ...sharing, number, since, isLaid: false, bought: null });
}

/** The pool is shared no longer. The row stays, so that the next period has another number. */
function endPeriod(state: State, period: SharingPeriod, { at }: Event): void {
  putAway(state);
  state.fairness.periods.set(periodKey, { ...period, end: at, isLaid: false, bought: null });
}

function putAway({ fairness: { nodes, standing } }: State): void {
  if (nodes.size === 0) return;
  standing.changeMany(() => {
    for (const [id, node] of nodes.entries()) nodes.replace(id, node, undefined);
  });
}

const mayEnd = ({ kind }: Event): boolean =>
  kind === "workspace.updated" || kind.startsWith("subscription.");

/** The first who is there begins the wait for others. */
function noteWho(state: State, event: Event, { period, tick }: Met): void {
  const [id] = movedBy(event);
  if (period.since !== null || id === undefined) return;
  const member = state.members.members.get(id);
  if (member !== undefined && isSeated(state, member))
    state.fairness.periods.set(periodKey, { ...period, since: tick });
}

/** Credits that came with seats that were added: they are for who will have these (RULES 18). */
function boughtBy(state: State, event: Event, { seats, available }: Met): bigint {
  if (event.kind !== "subscription.changed" || event.subscription.seats <= seats) return 0n;
  const gained = state.pool.totals.available - available;
  return gained > 0n ? gained : 0n;
}

function noteBought(
  { fairness: { periods, current } }: State,
  event: Event,
  { met, bought }: { readonly met: Met; readonly bought: bigint },
): void {
  const { period } = current;
  if (period === undefined || event.kind !== "subscription.changed") return;
  const { seats = 0, credits = 0n } = period.bought ?? {};
  const more = event.subscription.seats - met.seats;
  periods.set(periodKey, { ...period, bought: { seats: seats + more, credits: credits + bought } });
}

/** What was bought with the next seat that somebody takes. */
function claimBought({ fairness: { periods, current } }: State, pot: bigint): Bought {
  const { period } = current;
  if (period === undefined || period.bought === null) return { bought: 0n, waiting: 0n };
  const { seats, credits } = period.bought;
  const each = credits / BigInt(seats);
  const waiting = credits - each;
  const rest = seats === 1 ? null : { seats: seats - 1, credits: waiting };
  periods.set(periodKey, { ...period, bought: rest });
  return { bought: each < pot ? each : pot, waiting };
}
