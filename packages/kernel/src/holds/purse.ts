/**
 * Owns what a purse is after something of it went to a call, or came back: pure functions of the hold and the move.
 *
 * P1 credits are in one place: the purse, a call, or the pool. What a purse gives it has, and counts no more; the call does.
 * P2 parcels keep the windows in which they were counted when they were prepaid, so that no cap counts them twice.
 */
import { type Credits, beyond, credits, minus, noCredits, plus } from "../amount.ts";
import { assert } from "../bug.ts";
import type { Instant } from "../instant.ts";
import type { Count } from "../limits/limit.ts";
import { countable, recount, setAside } from "./counted.ts";
import type { Counted, Hold, Leg, PurseMove } from "./hold.ts";

/** A purse after it gave to a call. */
export function purseWithout(purse: Hold, move: PurseMove): Hold {
  const legs = legsWithout(purse.legs, move.legs);
  const overage = minus(purse.overage, move.overage);
  return checked(purse, {
    ...purse,
    legs,
    overage,
    counted: recount(purse.counted, countable("open", purse, { legs, overage })),
    ...(purse.past === undefined
      ? {}
      : { past: { ...purse.past, counted: recount(purse.past.counted, overage) } }),
    ...drawnNow(move),
  });
}

/** A purse after a call gave back. */
export function purseWith(purse: Hold, move: PurseMove): Hold {
  const { billing } = move;
  return checked(purse, {
    ...purse,
    legs: joined(purse.legs, move.legs),
    overage: plus(purse.overage, move.overage),
    ...(purse.billing !== undefined || billing === undefined ? {} : { billing }),
    counted: withParcels(purse.counted, move.counted),
    ...pastWithMove(purse, move),
    ...drawnNow(move),
  });
}

/** What a call has counted and drawn with what it got of a purse; its legs are in the event itself. */
export function withMove(
  hold: Pick<Hold, "counted" | "past" | "overage" | "drawn">,
  move: PurseMove,
): Pick<Hold, "counted" | "past" | "drawn" | "purse"> {
  const drawn = move.drawn?.call ?? hold.drawn;
  return {
    purse: move.purse,
    counted: [...hold.counted, ...move.counted],
    ...pastWithMove(hold, move),
    ...(drawn === undefined ? {} : { drawn }),
  };
}

/** What a call counts without what its purse has again: that is counted still, where it was. */
export function stillCounted(
  hold: Pick<Hold, "counted" | "past">,
  toPurse: PurseMove | undefined,
): Pick<Hold, "counted" | "past"> {
  if (toPurse === undefined) return hold;
  const { counted, past } = hold;
  return {
    counted: without(counted, toPurse.counted),
    ...(past === undefined
      ? {}
      : { past: { ...past, counted: without(past.counted, toPurse.past ?? []) } }),
  };
}

/** Parcels without so much of the newest. */
function without(counted: readonly Counted[], less: readonly Counted[]): readonly Counted[] {
  const sum = (of: readonly Counted[]): bigint => of.reduce((all, one) => all + one.credits, 0n);
  return recount(counted, credits(sum(counted) - sum(less)));
}

/** The purse of a run that has ended is over as well: it expires by itself, as of then. */
export const ended = (purse: Hold, at: Instant): Hold =>
  purse.status === "open" && purse.expiresAt > at ? { ...purse, expiresAt: at } : purse;

/** Parcels of `amount`, the newest first, as `recount` takes them off. One of nothing says where an overrun of nothing counts. */
export function newestOf(counted: readonly Counted[], amount: Credits): readonly Counted[] {
  const now = counted.reduce((sum: bigint, one) => sum + one.credits, 0n);
  const left = recount(counted, beyond(credits(now), amount));
  const taken = counted.flatMap(({ credits: size, windows }, index) => {
    const part = minus(size, left[index]?.credits ?? size);
    return part === 0n ? [] : [{ credits: part, windows }];
  });
  const newest = counted.findLast(({ windows }) => windows.length > 0) ?? counted.at(-1);
  if (taken.length > 0 || newest === undefined) return taken;
  return [{ credits: noCredits, windows: newest.windows }];
}

/** Since when its credits are pinned: those of a call that was prepaid, since its purse was opened. */
export const pinnedSince = (hold: Pick<Hold, "openedAt" | "purse">): Instant =>
  hold.purse?.openedAt ?? hold.openedAt;

/** Parcels of the same windows are one, so that a purse of many calls stays short. */
function withParcels(counted: readonly Counted[], more: readonly Counted[]): readonly Counted[] {
  const parcels = [...counted];
  for (const one of more) {
    const index = parcels.findIndex(({ windows }) => areSame(windows, one.windows));
    const known = parcels[index];
    if (known === undefined) parcels.push(one);
    else parcels[index] = { ...known, credits: plus(known.credits, one.credits) };
  }
  return parcels;
}

const areSame = (a: readonly Count[], b: readonly Count[]): boolean =>
  a.length === b.length &&
  a.every((one, index) => {
    const other = b[index];
    return one.counter === other?.counter && one.limit === other.limit && one.start === other.start;
  });

/** What was there before a ceiling counted it is in a parcel of no window. */
function pastWithMove(
  { past, overage }: Pick<Hold, "past" | "overage">,
  move: PurseMove,
): Pick<Hold, "past"> {
  if (past === undefined && move.past === undefined) return {};
  const unseen = move.overage === 0n ? [] : [{ credits: move.overage, windows: [] }];
  const more = move.past ?? unseen;
  if (past !== undefined) return { past: { ...past, counted: withParcels(past.counted, more) } };
  const earlier = overage === 0n ? [] : [{ credits: overage, windows: [] }];
  return { past: { charged: noCredits, counted: [...earlier, ...more] } };
}

const drawnNow = ({ drawn }: PurseMove): Pick<Hold, "drawn"> =>
  drawn?.purse === undefined ? {} : { drawn: drawn.purse };

function legsWithout(legs: readonly Leg[], less: readonly Leg[]): readonly Leg[] {
  const left = new Map(legs.map(({ lot, credits: size }) => [lot, size]));
  for (const { lot, credits: size } of less) left.set(lot, minus(left.get(lot) ?? noCredits, size));
  return [...left].flatMap(([lot, size]) => (size === 0n ? [] : [{ lot, credits: size }]));
}

/** Legs with more on them, one for each lot. */
export function joined(legs: readonly Leg[], more: readonly Leg[]): readonly Leg[] {
  const sums = new Map<string, Credits>();
  for (const leg of [...legs, ...more])
    sums.set(leg.lot, plus(sums.get(leg.lot) ?? noCredits, leg.credits));
  return [...sums].map(([lot, sum]) => ({ lot, credits: sum }));
}

function checked(before: Hold, purse: Hold): Hold {
  assert(before.kind === "purse" && before.status === "open", "P1 a purse gives while it is open");
  const counts = purse.counted.reduce((sum: bigint, one) => sum + one.credits, 0n);
  assert(counts === setAside(purse), `P1 purse ${purse.id} counts what it has`);
  return purse;
}
