/**
 * Owns the lots and debts of one workspace, and the orders and totals over them that decisions ask for.
 *
 * Q1 `burning` holds the unrestricted live lots that have credits, in burn order. Q2 restricted lots are found by what
 * restricts them, so that a pool with many personal lots costs a call only its own. Q3 totals follow the tables alone.
 */
import { type Credits, credits, least, noCredits } from "../amount.ts";
import type { Balance } from "../fact.ts";
import type { Instant } from "../instant.ts";
import { DueQueue } from "../state/due-queue.ts";
import { SortedIndex } from "../state/sorted-index.ts";
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";
import { burnOrder, byId } from "./burn-order.ts";
import { type Clawback, claimedOf } from "./clawback.ts";
import { type Debt, oldestFirst } from "./debt.ts";
import type { Lot } from "./lot.ts";
import { RestrictedLots } from "./restricted-lots.ts";
import { type UsageScope, applies } from "./usage-scope.ts";

/** Sums over all lots and debts. */
export interface Totals {
  available: bigint;
  /** Held on unrestricted lots, and not free again when the holds end: their lot is over, or a revoke is owed. */
  doomed: bigint;
  held: bigint;
  restrictedAvailable: bigint;
  restrictedHeld: bigint;
  consumed: bigint;
  restrictedConsumed: bigint;
  debt: bigint;
  /** Granted in all, without what only moved from one lot to another. */
  granted: bigint;
}

/** Lots and debts of one workspace. */
export interface PoolSlice {
  readonly lots: Table<Lot>;
  readonly debts: Table<Debt>;
  /** Claims on what was held during a change of plan. */
  readonly clawbacks: Table<Clawback>;
  readonly burning: SortedIndex<Lot>;
  readonly restricted: RestrictedLots;
  readonly owing: SortedIndex<Debt>;
  /** Pending lots, by their time. */
  readonly starting: SortedIndex<Lot>;
  readonly ending: DueQueue;
  readonly totals: Totals;
}

/** An empty slice. */
export function poolSlice(undo: UndoLog): PoolSlice {
  const lots = new Table<Lot>("lots", undo, isLot);
  const debts = new Table<Debt>("debts", undo, isDebt);
  const clawbacks = new Table<Clawback>("clawbacks", undo, isClawback);
  const burning = new SortedIndex<Lot>(burnOrder);
  const restricted = new RestrictedLots();
  const owing = new SortedIndex<Debt>(oldestFirst);
  const starting = new SortedIndex<Lot>(byTime);
  const ending = new DueQueue((id, dueAt) => endsAt(lots.get(id)) === dueAt);
  const totals: Totals = {
    available: 0n,
    doomed: 0n,
    held: 0n,
    restrictedAvailable: 0n,
    restrictedHeld: 0n,
    consumed: 0n,
    restrictedConsumed: 0n,
    debt: 0n,
    granted: 0n,
  };
  lots.watch((id, before, after) => {
    burning.replace(burns(before) ? before : undefined, burns(after) ? after : undefined);
    restricted.replace(before, after);
    starting.replace(isPending(before) ? before : undefined, isPending(after) ? after : undefined);
    ending.change(id, endsAt(before), endsAt(after));
    shift(totals, before, after);
  });
  debts.watch((_id, before, after) => {
    owing.replace(before, after);
    totals.debt += (after?.credits ?? 0n) - (before?.credits ?? 0n);
  });
  return { lots, debts, clawbacks, burning, restricted, owing, starting, ending, totals };
}

/** Held credits that will not be available when their holds end (RULES 9). */
const doomed = (lot: Lot): Credits =>
  lot.phase === "live" ? least(lot.held, lot.owedRevoke) : lot.held;

/** Whether credits of this lot may be taken now. */
export const isDrawable = (lot: Lot): boolean => lot.phase === "live" && lot.available > 0n;

/** Lots that may pay a usage, in burn order. */
export function drawable(pool: PoolSlice, usage: UsageScope): Iterable<Lot> {
  const candidates = pool.restricted.of(usage);
  if (candidates.length === 0) return pool.burning.rows;
  const special = candidates.filter((lot) => isDrawable(lot) && applies(lot, usage));
  return merged(special.toSorted(burnOrder), pool.burning.rows);
}

/** Two lists in burn order as one. */
function* merged(special: readonly Lot[], others: readonly Lot[]): Generator<Lot> {
  let next = 0;
  for (const lot of others) {
    for (
      let one = special[next];
      one !== undefined && burnOrder(one, lot) < 0;
      one = special[next]
    ) {
      yield one;
      next += 1;
    }
    yield lot;
  }
  yield* special.slice(next);
}

/** Those of these lots that are not over. */
export const liveLots = (
  { lots }: Pick<PoolSlice, "lots">,
  ids: readonly string[],
): readonly Lot[] =>
  ids.flatMap((id) => {
    const lot = lots.get(id);
    return lot?.phase === "live" ? [lot] : [];
  });

/** What a usage may draw on: credits available now (of lots effective `by` an instant), and credits that holds in flight keep from it. */
export function openTo(
  pool: PoolSlice,
  usage: UsageScope,
  by?: Instant,
): { available: Credits; held: Credits } {
  if (by !== undefined) return openToEarlier(pool, usage, by);
  let available = pool.totals.available;
  let held = pool.totals.held - pool.totals.restrictedHeld - pool.totals.doomed;
  if (pool.clawbacks.size > 0) {
    // Lots of plans are restricted to nothing; what is held on those that are over is doomed.
    const claimed = claimedOf(pool.clawbacks.values(), (id) => {
      const lot = pool.lots.get(id);
      return lot?.phase === "live" ? lot : undefined;
    });
    held = held > claimed ? held - claimed : 0n;
  }
  for (const lot of pool.restricted.of(usage)) {
    if (lot.phase !== "live" || !applies(lot, usage)) continue;
    available += lot.available;
    held += lot.held - doomed(lot);
  }
  return { available: credits(available), held: credits(held) };
}

/** What returns to lots of a trial that is over is none of a later call's. */
function openToEarlier(
  pool: PoolSlice,
  usage: UsageScope,
  by: Instant,
): { available: Credits; held: Credits } {
  let available = 0n;
  for (const lot of drawable(pool, usage)) if (lot.effectiveAt <= by) available += lot.available;
  return { available: credits(available), held: noCredits };
}

/** The totals as an event and an answer state them. */
export function balanceOf({ totals }: { readonly totals: Readonly<Totals> }): Balance {
  return {
    available: credits(totals.available),
    held: credits(totals.held - totals.restrictedHeld),
    restrictedAvailable: credits(totals.restrictedAvailable),
    restrictedHeld: credits(totals.restrictedHeld),
    consumed: credits(totals.consumed),
    debt: credits(totals.debt),
  };
}

/** Moves sums by what a lot has become. */
export function shift(totals: Totals, before: Lot | undefined, after: Lot | undefined): void {
  // Most events move credits between parts of one live lot: then only what changed is added up.
  if (before !== undefined && after !== undefined && before.phase === after.phase)
    return shiftParts(totals, before, after);
  if (before !== undefined) shiftParts(totals, before, nothingOf(before));
  if (after !== undefined) shiftParts(totals, nothingOf(after), after);
}

function shiftParts(totals: Totals, before: Lot, after: Lot): void {
  const isLive = after.phase === "live";
  const isRestricted = after.appliesTo !== null;
  if (after.consumed !== before.consumed) {
    const more = after.consumed - before.consumed;
    totals.consumed += more;
    if (isRestricted) totals.restrictedConsumed += more;
  }
  if (after.granted !== before.granted) totals.granted += after.granted - before.granted;
  if (after.moved !== before.moved) totals.granted += before.moved - after.moved;
  if (isLive && after.available !== before.available) {
    const more = after.available - before.available;
    if (isRestricted) totals.restrictedAvailable += more;
    else totals.available += more;
  }
  if (after.held !== before.held) {
    const more = after.held - before.held;
    totals.held += more;
    if (isRestricted) totals.restrictedHeld += more;
  }
  if (!isRestricted && (!isLive || after.owedRevoke > 0n || before.owedRevoke > 0n))
    totals.doomed += doomed(after) - doomed(before);
}

/** The same lot with nothing in it. */
const nothingOf = (lot: Lot): Lot => ({
  ...lot,
  granted: noCredits,
  available: noCredits,
  held: noCredits,
  consumed: noCredits,
  moved: noCredits,
  owedRevoke: noCredits,
});

const burns = (lot: Lot | undefined): boolean =>
  lot !== undefined && lot.appliesTo === null && isDrawable(lot);
const isPending = (lot: Lot | undefined): boolean => lot?.phase === "pending";
const byTime = (a: Lot, b: Lot): number => a.effectiveAt - b.effectiveAt || byId(a.id, b.id);
const endsAt = (lot: Lot | undefined): number | undefined =>
  lot !== undefined && lot.expiresAt !== null && (lot.phase === "pending" || lot.phase === "live")
    ? lot.expiresAt
    : undefined;

const isLot = (value: unknown): value is Lot =>
  typeof value === "object" && value !== null && "granted" in value;
const isClawback = (value: unknown): value is Clawback =>
  typeof value === "object" && value !== null && "missing" in value;
const isDebt = (value: unknown): value is Debt =>
  typeof value === "object" && value !== null && "usage" in value;
