import type { Credits } from "../amount.ts";
import type { Knobs } from "../fairness/setting.ts";
import type { Instant } from "../instant.ts";
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
  /** What keeps it from more; null where it may have all that the pool has. */
  readonly blockedBy: "reserved_for_others" | "borrow_limit" | null;
  /** When more is open to it, if nobody spends; null: not before all is shared anew. */
  readonly freesAt: Instant | null;
}

/** Where a member, known or not, stands; undefined where the pool is not shared. */
export function memberShare(_state: State, _member: string, _at: Instant): MemberShare | undefined {
  return undefined;
}
