/**
 * Owns the search for the tick at which a request passes if nobody else spends (FAIRNESS 1.8).
 *
 * B1 it is the smallest one. B2 of a range of ticks in which a request cannot pass none is tried: it is asked of more than the path has at any
 * of them, at the last, when the factor is largest. More credits help, later ticks help, and of the same credits those help most that lie
 * nearer. B3 what is on the path grows, since all beside it fades; and a pot has at most what its line leaves over what is below. A line is
 * straight, and what fades below it bends down, so that difference is largest at an end of a range, but for rounding.
 */
import { type Asked, nowAt, pathLater } from "./ask.ts";
import { type SharePath, draw } from "./draw.ts";
import { lineAt } from "./node.ts";

/** How the path stands at one tick. */
interface Stand {
  readonly tick: number;
  readonly path: SharePath;
  /** All that is on it. */
  readonly total: bigint;
  /** Of each place but the last. */
  readonly pots: readonly Pot[];
}

/** What bounds the pot of an inner node (B3). */
interface Pot {
  /** The line over what fades below it. */
  readonly over: bigint;
  /** The most that it has, over all that is below it. */
  readonly has: bigint;
  readonly promised: bigint;
  readonly rounding: bigint;
}

/** The first tick after the one that it is asked at; undefined: not in this period. */
export function earliestTick(asked: Asked, amount: bigint): number | undefined {
  const { period } = asked;
  const last = period.ticks - 1;
  if (asked.tick === last) return undefined;
  const next = standAt(asked, asked.tick + 1);
  if (passes(next.path, next.tick)) return next.tick;
  return next.tick === last ? undefined : firstIn(next, standAt(asked, last));

  /** After the tick of `from`, up to that of `to`. */
  function firstIn(from: Stand, to: Stand): number | undefined {
    if (!passes(mostBetween(from, to, asked.isJoining), to.tick)) return undefined;
    if (to.tick === from.tick + 1) return passes(to.path, to.tick) ? to.tick : undefined;
    const middle = standAt(asked, (from.tick + to.tick) >>> 1);
    return firstIn(from, middle) ?? firstIn(middle, to);
  }

  function passes(path: SharePath, tick: number): boolean {
    return draw(path, amount, nowAt(period, tick)).kind === "drawn";
  }
}

function standAt(asked: Asked, tick: number): Stand {
  const { standing, leaf, isJoining } = asked;
  const sums = standing.later(tick);
  const path = pathLater(asked, sums);
  const total = path.reduce((sum, { stock }) => sum + stock, 0n);
  const inner = isJoining ? [] : standing.rowsFrom(leaf).slice(1);
  const pots = inner.map((row): Pot => {
    const { fading, promised, rounding } = standing.fadingBelow(row.id, sums);
    const over = lineAt(row, sums.left, standing.ticks) - fading;
    return { over, has: row.reserved - sums.below(row.id), promised, rounding };
  });
  return { tick, path, total, pots };
}

/** No less than the path has at any tick of a range, as near as it can lie (B2). Who joins has the more the later it comes. */
function mostBetween(from: Stand, to: Stand, isJoining: boolean): SharePath {
  if (isJoining) return to.path;
  const root = to.path.length - 1;
  let left = to.total;
  return to.path.map((node, place) => {
    const most = place === 0 ? (from.path[0]?.stock ?? 0n) : mostOf(from, to, place - 1);
    const stock = place === root || most > left ? left : most;
    left -= stock;
    return { ...node, stock };
  });
}

/** The most that a pot has at any tick of a range. */
function mostOf(from: Stand, to: Stand, place: number): bigint {
  const [start, end] = [from.pots[place], to.pots[place]];
  if (start === undefined || end === undefined) return 0n;
  const highest = (start.over > end.over ? start.over : end.over) + end.rounding - start.promised;
  const most = highest < end.has ? highest : end.has;
  return most > 0n ? most : 0n;
}
