/**
 * Owns what is asked of the shares before a call (RULES 2): how much of the pool is open to a member now. Reads alone.
 *
 * A1 what is read is the state as it stands at the tick of the call, whether or not anything happened since.
 */
import { credits } from "../amount.ts";
import type { Instant } from "../instant.ts";
import type { State } from "../state/state.ts";
import { tickAt } from "./clock.ts";
import { type Draw, type Now, type SharePath, draw, drawOwn } from "./draw.ts";
import type { Drawn, PotPart } from "./events.ts";
import { joining } from "./joining.ts";
import { layOut } from "./lay-out.ts";
import { type ShareNode, guestsId, rootId } from "./node.ts";
import { type SharingPeriod, waitingIn } from "./period.ts";
import { guestsPlace, placesNow } from "./places.ts";
import { seatOf } from "./seat-of.ts";
import { type Nodes, Standing, type Sums } from "./standing.ts";

interface Place {
  readonly period: SharingPeriod;
  readonly tick: number;
  readonly leaf: ShareNode;
  readonly standing: Standing;
  readonly available: bigint;
  /** The guests' seat is not there yet: it joins with this call. */
  readonly isJoining: boolean;
}

/** A member's place in the tree at the tick of a call. Most calls ask for no more than what is reserved there. */
export class Asked implements Place {
  readonly period: SharingPeriod;
  readonly tick: number;
  readonly leaf: ShareNode;
  readonly standing: Standing;
  readonly available: bigint;
  readonly isJoining: boolean;
  /** What is reserved for it. */
  readonly own: bigint;

  constructor({ period, tick, leaf, standing, available, isJoining }: Place) {
    this.period = period;
    this.tick = tick;
    this.leaf = leaf;
    this.standing = standing;
    this.available = available;
    this.isJoining = isJoining;
    this.own = standing.valueOf(leaf);
  }

  get now(): Now {
    return nowAt(this.period, this.tick);
  }

  /** Its way to the workspace's pot. */
  get path(): SharePath {
    const { leaf, available } = this;
    return this.standing.pathFrom(leaf, this.isJoining ? available - leaf.reserved : available);
  }
}

/** Where a member stands; undefined where the pool is not shared. `seatId`: on the leaf that a call was authorized on. */
export function askFor(
  state: State,
  who: { readonly member: string; readonly sponsors: readonly string[] },
  at: Instant,
  seatId?: string,
): Asked | undefined {
  const { period } = state.fairness.current;
  if (period === undefined || at >= period.end) return undefined;
  const tick = tickAt(period, at);
  const available = state.pool.totals.available;
  const { standing, seat } =
    seatId === undefined ? standingFor(state, period, who) : seated(state, seatId);
  standing.moveTo(tick, period.ticks);
  const left = BigInt(period.ticks - tick);
  const openPot = (): bigint => available - standing.below(rootId) - waitingIn(period);
  const leaf = seat ?? newGuest(standing, openPot(), left);
  return new Asked({ period, tick, leaf, standing, available, isJoining: seat === undefined });
}

/** The guests' seat, as it would come now. `open`: of the pot, what does not wait for seats that were added. */
const newGuest = (standing: Standing, open: bigint, left: bigint): ShareNode =>
  joining(guestsPlace, {
    pot: open > 0n ? open : 0n,
    weights: standing.weightBelow(rootId),
    left,
    ticks: standing.ticks,
  });

/** The same way at a later tick, if nobody spends. */
export function pathLater(asked: Asked, sums: Sums): SharePath {
  const { standing, leaf, available, isJoining, period } = asked;
  const path = standing.pathLater(leaf, available, sums);
  const pot = path.at(-1)?.stock;
  if (!isJoining || pot === undefined) return path;
  const guest = newGuest(standing, pot - waitingIn(period), sums.left);
  return standing.pathLater(guest, available - guest.reserved, sums);
}

/** Ticks left, and how far members may go. */
export const nowAt = ({ ticks, reach }: SharingPeriod, tick: number): Now => ({
  left: BigInt(ticks - tick),
  ticks: BigInt(ticks),
  reach: BigInt(reach),
});

/** What `amount` would draw. */
export const drawOn = (asked: Asked, amount: bigint): Draw =>
  drawOwn(asked.own, amount) ?? draw(asked.path, amount, asked.now);

/** A draw as a fact. */
export function drawnAs(
  asked: Asked,
  {
    reserve,
    pots,
    others = 0n,
  }: { readonly reserve: bigint; readonly pots: readonly bigint[]; readonly others?: bigint },
): Drawn {
  const { period, leaf } = asked;
  const own = credits(reserve);
  const parts = pots.length === 0 ? noParts : partsOf(asked.path, pots);
  const drawn = { period: period.number, seat: leaf.id, reserve: own, pots: parts };
  return others === 0n ? drawn : { ...drawn, others: credits(others) };
}

const noParts: readonly PotPart[] = [];

function partsOf(path: SharePath, pots: readonly bigint[]): readonly PotPart[] {
  const parts: PotPart[] = [];
  for (let place = 1; place < path.length; place += 1) {
    const part = pots[place - 1] ?? 0n;
    if (part > 0n) parts.push({ node: path[place]?.id ?? rootId, credits: credits(part) });
  }
  return parts;
}

/** Only a period that is laid out has calls. */
const seated = (
  { fairness }: State,
  id: string,
): { standing: Standing; seat: ShareNode | undefined } => ({
  standing: fairness.standing,
  seat: fairness.nodes.get(id),
});

function standingFor(
  state: State,
  period: SharingPeriod,
  who: { readonly member: string; readonly sponsors: readonly string[] },
): { standing: Standing; seat: ShareNode | undefined } {
  const { fairness } = state;
  if (period.isLaid)
    return { standing: fairness.standing, seat: seatOf(fairness.nodes, who, fairness.nodeIds) };
  const known = unlaidStanding(state, period, false);
  const seat = seatOf(known.nodes, who, fairness.nodeIds);
  if (seat !== undefined) return { standing: known.standing, seat };
  const withGuests = unlaidStanding(state, period, true);
  return { standing: withGuests.standing, seat: seatOf(withGuests.nodes, who, fairness.nodeIds) };
}

/** Shares as they would be laid out now; worked out once for a state. */
function unlaidStanding(
  state: State,
  { reserve }: SharingPeriod,
  hasGuests: boolean,
): { standing: Standing; nodes: Nodes } {
  const { unlaid } = state.fairness;
  const of = state.current.row;
  if (unlaid.of !== of || unlaid.hasGuests !== hasGuests) {
    const pool = state.pool.totals.available;
    const nodes = new UnlaidNodes(
      layOut(placesNow(state, hasGuests), { pool, reserve: BigInt(reserve) }),
    );
    unlaid.of = of;
    unlaid.hasGuests = hasGuests;
    unlaid.nodes = nodes;
    unlaid.standing = new Standing(nodes);
  }
  return unlaid;
}

/** The nodes that are laid out with the next draw. */
export const unlaidNodes = (state: State, period: SharingPeriod, hasGuests: boolean): Nodes =>
  unlaidStanding(state, period, hasGuests).nodes;

/** Rows that no table has yet. Leaves are looked for one by one: shares are laid out with the first that draws. */
class UnlaidNodes implements Nodes {
  readonly #rows: readonly ShareNode[];
  readonly #few = new Map<string, ShareNode>();

  constructor(rows: readonly ShareNode[]) {
    this.#rows = rows;
    for (const row of rows) if (!row.isLeaf || row.id === guestsId) this.#few.set(row.id, row);
  }

  get(id: string): ShareNode | undefined {
    return this.#few.get(id) ?? this.#rows.find((row) => row.id === id);
  }

  values(): Iterable<ShareNode> {
    return this.#rows;
  }
}
