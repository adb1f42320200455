/**
 * Owns what a hold counts in windows: one parcel for its opening and one for each extension.
 *
 * N1 a hold counts what it charged, less refunds, and while it is open what it still sets aside. N2 a correction goes to
 * the windows of the authorization, while they are open, and nowhere else (RULES 4).
 */
import { type Credits, credits, least, minus, plus } from "../amount.ts";
import type { Instant } from "../instant.ts";
import { isOpen } from "../limits/cap.ts";
import type { Count } from "../limits/limit.ts";
import type { LimitSlice } from "../limits/slice.ts";
import type { Counted, Hold } from "./hold.ts";

/** What a hold should count (N1). */
export function countable(
  status: Hold["status"],
  { charged, refunded }: Pick<Hold, "charged" | "refunded">,
  left: Pick<Hold, "legs" | "overage">,
): Credits {
  const net = minus(charged, refunded);
  return status === "open" ? plus(net, setAside(left)) : net;
}

/** What a hold sets aside, overage permission included. */
export const setAside = ({ legs, overage }: Pick<Hold, "legs" | "overage">): Credits =>
  credits(legs.reduce((sum: bigint, leg) => sum + leg.credits, overage));

/** The parcels brought to `target`: less is taken from the newest, more goes to the first. */
export function recount(counted: readonly Counted[], target: Credits): readonly Counted[] {
  const now = counted.reduce((sum: bigint, parcel) => sum + parcel.credits, 0n);
  if (now === target || counted.length === 0) return counted;
  if (target > now) return withFirst(counted, target - now);
  const parcels = [...counted];
  let surplus = now - target;
  for (let index = parcels.length - 1; index >= 0 && surplus > 0n; index -= 1) {
    const parcel = parcels[index];
    if (parcel === undefined) break;
    const part = least(parcel.credits, credits(surplus));
    parcels[index] = { credits: minus(parcel.credits, part), windows: parcel.windows };
    surplus -= part;
  }
  return parcels;
}

function withFirst(counted: readonly Counted[], more: bigint): readonly Counted[] {
  return counted.map((parcel, index) =>
    index === 0 ? { credits: credits(parcel.credits + more), windows: parcel.windows } : parcel,
  );
}

/** The counts that bring the open windows of a hold to `target` (N2). */
export function corrections(
  slice: LimitSlice,
  counted: readonly Counted[],
  target: Credits,
  at: Instant,
): readonly Count[] {
  const after = recount(counted, target);
  if (after === counted) return none;
  let counts: Count[] | undefined;
  for (let index = 0; index < counted.length; index += 1) {
    const parcel = counted[index];
    const delta = (after[index]?.credits ?? 0n) - (parcel?.credits ?? 0n);
    if (parcel === undefined || delta === 0n) continue;
    for (const window of parcel.windows) {
      if (!isOpen(slice, window, at)) continue;
      const { counter, limit, start, end } = window;
      const count = { counter, limit, start, end, credits: delta };
      if (counts === undefined) counts = [count];
      else counts.push(count);
    }
  }
  return counts ?? none;
}

const none: readonly Count[] = [];
