/**
 * Owns what a hold counts in windows: one parcel for its opening and one for each extension.
 *
 * N1 a hold counts what it charged, less refunds, and while it is open what it still sets aside. N2 a correction goes to
 * the windows of the authorization, while they are open, and nowhere else (RULES 4).
 */
import { type Credits, credits, least, total } from "../amount.ts";
import type { Instant } from "../instant.ts";
import { isOpen } from "../limits/cap.ts";
import type { Count } from "../limits/limit.ts";
import type { LimitSlice } from "../limits/slice.ts";
import type { Counted, Hold } from "./hold.ts";

/** What a hold should count now (N1). */
export function countable(
  hold: Pick<Hold, "status" | "charged" | "refunded" | "legs" | "overage">,
): Credits {
  const net = hold.charged - hold.refunded;
  if (hold.status !== "open") return credits(net);
  return credits(net + total(hold.legs.map((leg) => leg.credits)) + hold.overage);
}

/** The parcels brought to `target`: less is taken from the newest, more goes to the first. */
export function recount(counted: readonly Counted[], target: Credits): readonly Counted[] {
  const now = total(counted.map((one) => one.credits));
  if (now === target || counted.length === 0) return counted;
  const parcels = counted.map((one) => ({ ...one }));
  if (target > now) {
    const first = parcels[0];
    if (first !== undefined) first.credits = credits(first.credits + target - now);
    return parcels;
  }
  let surplus: bigint = now - target;
  for (const parcel of parcels.toReversed()) {
    const part = least(parcel.credits, credits(surplus));
    parcel.credits = credits(parcel.credits - part);
    surplus -= part;
  }
  return parcels;
}

/** The counts that bring the open windows of a hold to `target` (N2). */
export function corrections(
  slice: LimitSlice,
  counted: readonly Counted[],
  target: Credits,
  at: Instant,
): readonly Count[] {
  const after = recount(counted, target);
  if (after === counted) return [];
  return counted.flatMap((parcel, index) => {
    const delta = (after[index]?.credits ?? parcel.credits) - parcel.credits;
    if (delta === 0n) return [];
    return parcel.windows
      .filter((window) => isOpen(slice, window, at))
      .map((window) => ({ ...window, credits: delta }));
  });
}
