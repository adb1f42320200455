import type { Lot } from "../pool/lot.ts";
import type { State } from "../state/state.ts";
import type { LotsMoved } from "./lots-moved.ts";
import type { SharingPeriod } from "./period.ts";

/** Credits of new lots that outlast the period: they come in as a top-up, all else to the workspace's pot (RULES 29). */
export function lastingIn(state: State, event: LotsMoved, { end }: SharingPeriod): bigint {
  let sum = 0n;
  for (const id of lotsOf(event)) {
    const lot = state.pool.lots.get(id);
    if (lot === undefined || lot.appliesTo !== null || lot.phase !== "live") continue;
    if (lot.expiresAt !== null && lot.expiresAt < end) continue;
    sum += lot.available;
    for (const one of event.transfers)
      if (one.lot === id && one.from === "available" && one.debt !== undefined) sum += one.credits;
  }
  return sum;
}

function lotsOf(event: LotsMoved): readonly string[] {
  if (event.kind === "credits.granted" || event.kind === "top_up.succeeded")
    return idsOf(event.bonus === undefined ? [event.lot] : [event.lot, event.bonus]);
  if (event.kind === "credits.effective") return event.lots;
  return "subscription" in event && event.kind !== "credits.rolled_over" && "lots" in event
    ? idsOf(event.lots)
    : [];
}

const idsOf = (lots: readonly Lot[]): readonly string[] => lots.map(({ id }) => id);
