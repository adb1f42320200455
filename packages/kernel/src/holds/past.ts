/**
 * Owns what a hold takes past the pool, as ceilings on overage count it: one parcel for its opening and one for each extension.
 *
 * O1 a hold counts what it was charged past the pool, owed or billed, less what a refund took off that, and while it is open what it may
 * still take. Debt that is paid later stays counted: it was taken. O2 corrections go to the windows of the authorization (RULES 4).
 */
import { type Credits, credits, noCredits, plus } from "../amount.ts";
import type { Instant } from "../instant.ts";
import type { Count } from "../limits/limit.ts";
import type { LimitSlice } from "../limits/slice.ts";
import { corrections, recount } from "./counted.ts";
import type { Hold, Past } from "./hold.ts";

/** What an event says of ceilings. */
export interface PastSaid {
  /** Counted by ceilings on overage; left out where none does. */
  readonly pastPool?: readonly Count[];
}

interface PastMove {
  readonly status: Hold["status"];
  /** What is owed or billed by this event; below zero where it is taken back. */
  readonly charged: bigint;
  /** What the hold may still take past the pool after it. */
  readonly overage: Credits;
}

/** The counts that bring the open windows to what the hold takes now. */
export function pastSaid(
  slice: LimitSlice,
  { past }: Pick<Hold, "past">,
  move: PastMove,
  at: Instant,
): PastSaid {
  if (past === undefined) return {};
  const counts = corrections(slice, past.counted, targetOf(past, move), at);
  return counts.length === 0 ? {} : { pastPool: counts };
}

/** The same on the hold itself. */
export function pastAfter({ past }: Pick<Hold, "past">, move: PastMove): Pick<Hold, "past"> {
  if (past === undefined) return {};
  const counted = recount(past.counted, targetOf(past, move));
  return { past: { charged: credits(past.charged + move.charged), counted } };
}

/** At an authorization. What was taken before a ceiling counted it is in a parcel of no window. */
export function pastWith(
  hold: Pick<Hold, "past" | "overage"> | undefined,
  { overage, pastPool }: PastSaid & { readonly overage: Credits },
): Pick<Hold, "past"> {
  const before = hold?.past;
  if (before === undefined && pastPool === undefined) return {};
  const parcel = { credits: overage, windows: pastPool ?? [] };
  if (before !== undefined) return { past: { ...before, counted: [...before.counted, parcel] } };
  const earlier = hold === undefined ? [] : [{ credits: hold.overage, windows: [] }];
  return { past: { charged: noCredits, counted: [...earlier, parcel] } };
}

const targetOf = ({ charged }: Past, move: PastMove): Credits => {
  const net = credits(charged + move.charged);
  return move.status === "open" ? plus(net, move.overage) : net;
};
