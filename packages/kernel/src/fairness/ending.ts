/** Owns whose credits return with an event: of which calls of the period, how much of each, and what of that became available (RULES 9). */
import type { Leg } from "../holds/hold.ts";
import type { HoldsExpired } from "../holds/events.ts";
import type { Transfer } from "../pool/lot.ts";
import { split } from "../rounding.ts";
import type { State } from "../state/state.ts";
import { isShared, keptBy, legsOf } from "./call.ts";
import { wholeOf } from "./drawn.ts";
import type { Drawn } from "./events.ts";
import type { LotsMoved } from "./lots-moved.ts";

/** Credits of one call that count no longer. */
export interface Ending {
  readonly drawn: Drawn;
  /** What counted before. */
  readonly kept: bigint;
  readonly ended: bigint;
  /** Of that, what became available; the rest met the fate of its lot. */
  readonly freed: bigint;
}

/** Calls of this period of which credits return. */
export function endingIn(
  state: State,
  event: LotsMoved,
  { period, gained }: { readonly period: number; readonly gained: bigint },
): readonly Ending[] {
  if (event.kind === "hold.expired") return expiring(state, event, period);
  const from = event.kind === "usage.refunded" ? "consumed" : "held";
  const id = idOf(event);
  if (id === undefined) return [];
  const hold = state.holds.holds.get(id);
  const drawn = hold?.drawn;
  if (hold === undefined || drawn === undefined || drawn.period !== period) return [];
  const ended = event.transfers.reduce(
    (sum, one) => (isReturn(state, one, from) ? sum + one.credits : sum),
    0n,
  );
  if (ended === 0n) return [];
  const kept = from === "held" ? wholeOf(drawn) : keptBy(state, hold) + ended;
  return [{ drawn, kept, ended, freed: gained < ended ? gained : ended }];
}

function idOf(event: LotsMoved): string | undefined {
  if (event.kind === "usage.refunded") return event.of;
  return event.kind === "hold.settled" || event.kind === "hold.released" ? event.hold : undefined;
}

const isReturn = (state: State, { lot, from, to }: Transfer, of: "held" | "consumed"): boolean =>
  from === of && to !== "consumed" && isShared(state, lot);

/** Several holds in one event: what a lot gives back is split by what each had on it. */
function expiring(state: State, event: HoldsExpired, period: number): readonly Ending[] {
  const returned = new Map<string, bigint>();
  for (const { lot, from, to, credits } of event.transfers)
    if (from === "held" && to === "available")
      returned.set(lot, (returned.get(lot) ?? 0n) + credits);
  // What a purse has again counts with it.
  const holds = event.holds.flatMap(({ hold, toPurse }) =>
    toPurse === undefined ? (state.holds.holds.get(hold) ?? []) : [],
  );
  const legs = holds.flatMap((hold) =>
    hold.legs.filter(({ lot }) => isShared(state, lot)).map((leg) => ({ hold: hold.id, leg })),
  );
  const freed = freedByHold(legs, returned);
  return holds.flatMap((hold) => {
    const { drawn } = hold;
    if (drawn === undefined || drawn.period !== period) return [];
    return [
      { drawn, kept: wholeOf(drawn), ended: legsOf(state, hold), freed: freed.get(hold.id) ?? 0n },
    ];
  });
}

function freedByHold(
  legs: readonly { readonly hold: string; readonly leg: Leg }[],
  returned: ReadonlyMap<string, bigint>,
): ReadonlyMap<string, bigint> {
  const byLot = new Map<string, { readonly hold: string; readonly credits: bigint }[]>();
  for (const { hold, leg } of legs) {
    const on = byLot.get(leg.lot);
    if (on === undefined) byLot.set(leg.lot, [{ hold, credits: leg.credits }]);
    else on.push({ hold, credits: leg.credits });
  }
  const freed = new Map<string, bigint>();
  for (const [lot, on] of byLot) {
    const back = returned.get(lot) ?? 0n;
    if (back === 0n) continue;
    const parts = split(
      back,
      on.map(({ credits }) => credits),
    );
    for (const [index, { hold }] of on.entries())
      freed.set(hold, (freed.get(hold) ?? 0n) + (parts[index] ?? 0n));
  }
  return freed;
}
