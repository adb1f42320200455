import { type Credits, credits } from "../amount.ts";
import { type Asked, askFor, drawOn } from "../fairness/ask.ts";
import { mostDrawn } from "../fairness/draw.ts";
import { groupOf, memberNode, ownNode } from "../fairness/places.ts";
import { opensAt } from "../fairness/refuse.ts";
import type { Knobs } from "../fairness/setting.ts";
import type { Instant } from "../instant.ts";
import { pathOf } from "../members/slice.ts";
import type { State } from "../state/state.ts";

/** Where a member stands in the sharing of the pool (FAIRNESS 1.9). Micro-credits of the pool that is shared: restricted lots stand apart. */
export interface MemberShare {
  readonly period: { readonly start: Instant; readonly end: Instant };
  readonly tick: number;
  readonly ticks: number;
  readonly knobs: Knobs;
  /** Its node in the tree of shares: its own, that of its sponsor, or the guests'. */
  readonly seat: string;
  readonly isShared: boolean;
  /** Thousandths of a seat. */
  readonly weight: bigint;
  readonly guarantee: Credits;
  /** Thousandths of the workspace's reach. */
  readonly reach: number;
  /** Fair share of the period. */
  readonly share: Credits;
  /** Used in the period, open holds included. */
  readonly used: Credits;
  /** Reserved for it now. */
  readonly reserved: Credits;
  /** Was reserved for it, and has faded to the team. */
  readonly faded: Credits;
  /** Of what was used, not out of its own reserve. */
  readonly fromPot: Credits;
  /** In the pots on its way to the workspace. */
  readonly potLeft: Credits;
  /** The most that it may ask for now. */
  readonly open: Credits;
  /** What refuses one micro-credit more; null where it may have all that the pool has. */
  readonly blockedBy: "reserved_for_others" | "borrow_limit" | null;
  /** When more is open to it, if nobody spends; null: not before all is shared anew. */
  readonly freesAt: Instant | null;
  /** The home group that it shares with; null where it hangs directly below the workspace. */
  readonly group: GroupShare | null;
}

/** Where a home group stands in the period. Micro-credits. */
export interface GroupShare {
  readonly group: string;
  /** Never leaves the group: what is in force, scaled where guarantees exceeded what the period had. */
  readonly guarantee: Credits;
  readonly share: Credits;
  readonly used: Credits;
  /** What the group has: reserved for its members, and in its pot. */
  readonly reserved: Credits;
  /** Of that, in its pot: open to its members, and to nobody else. */
  readonly pot: Credits;
}

const beyond = (a: bigint, b: bigint): Credits => credits(a > b ? a - b : 0n);

/** Where a member, known or not, stands; undefined where the pool is not shared. */
export function memberShare(state: State, member: string, at: Instant): MemberShare | undefined {
  const row = state.members.members.get(member);
  const { sponsors } = pathOf(state.members, member, row);
  const asked = askFor(state, { member, sponsors }, at);
  if (asked === undefined) return undefined;
  const { period, tick, leaf, path, now, available } = asked;
  const reserved = path[0]?.stock ?? 0n;
  const potLeft = path.reduce((sum, { stock }, place) => (place === 0 ? sum : sum + stock), 0n);
  const open = mostDrawn(path, now);
  const more = open < available ? drawOn(asked, open + 1n) : undefined;
  return {
    period: { start: period.start, end: period.end },
    tick,
    ticks: period.ticks,
    knobs: { reserve: period.reserve, reach: period.reach },
    seat: leaf.id,
    isShared: leaf.id !== memberNode(member) && leaf.id !== ownNode(member),
    weight: leaf.weight,
    guarantee: credits(leaf.guarantee),
    reach: leaf.reach,
    share: credits(leaf.share),
    used: credits(leaf.used),
    reserved: credits(reserved),
    faded: beyond(leaf.given, leaf.spent + reserved),
    fromPot: beyond(leaf.used, leaf.spent),
    potLeft: credits(potLeft),
    open: credits(open),
    blockedBy: more === undefined || more.kind === "drawn" ? null : more.kind,
    freesAt: more === undefined ? null : (opensAt(asked, open + 1n) ?? null),
    group: groupShare(asked),
  };
}

function groupShare({ standing, leaf }: Asked): GroupShare | null {
  const row = standing.rowsFrom(leaf).find(({ id }) => groupOf(id) !== undefined);
  const group = row === undefined ? undefined : groupOf(row.id);
  if (row === undefined || group === undefined) return null;
  const reserved = standing.valueOf(row);
  return {
    group,
    guarantee: credits(row.guarantee),
    share: credits(row.share),
    used: credits(row.used),
    reserved: credits(reserved),
    pot: credits(reserved - standing.below(row.id)),
  };
}
