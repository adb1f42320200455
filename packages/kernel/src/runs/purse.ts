/**
 * Owns what a prepaid run gives to its calls, and what comes back to it: worked out before the event, from the purse as it stands.
 *
 * P3 a call is taken from the purse as a whole, or asked of the pool as a whole. P4 what a purse gives leaves it as it came: legs in
 * burn order, then overage; of shares what was drawn first. What returns goes back the other way round.
 */
import { type Credits, beyond, credits, least, minus, noCredits } from "../amount.ts";
import { keptBy, legsOf } from "../fairness/call.ts";
import { firstOf, lastOf, mergedDrawn, restOf, wholeOf } from "../fairness/drawn.ts";
import { setAside } from "../holds/counted.ts";
import type { Hold, Leg, PurseMove } from "../holds/hold.ts";
import { newestOf } from "../holds/purse.ts";
import type { Instant } from "../instant.ts";
import { burnOrder } from "../pool/burn-order.ts";
import type { Lot } from "../pool/lot.ts";
import { type UsageScope, applies } from "../pool/usage-scope.ts";
import type { State } from "../state/state.ts";
import type { Run } from "./run.ts";

/** The purse that calls of a member take from, in these runs, near ones first: those of others who act for it are asked of the pool. */
export function purseFor(
  state: State,
  path: readonly Run[],
  member: string,
  at: Instant,
): Hold | undefined {
  for (const { purse } of path) {
    const open = purse === undefined ? undefined : openPurse(state, purse, at);
    if (open?.path.member === member) return open;
  }
  return undefined;
}

/** The purse that a call was taken from, while it takes back. */
export const purseOf = (state: State, { purse }: Hold, at: Instant): Hold | undefined =>
  purse === undefined ? undefined : openPurse(state, purse.id, at);

/** A purse is over when its run is, and at its deadline. */
export function openPurse({ holds }: State, id: string, at: Instant): Hold | undefined {
  const purse = holds.holds.get(id);
  return purse?.status === "open" && purse.expiresAt > at ? purse : undefined;
}

/** What is left of what a run prepaid: nothing, when its purse is over. */
export function prepaidLeft({ holds }: State, purse: string): Credits {
  const hold = holds.holds.get(purse);
  return hold?.status === "open" ? setAside(hold) : noCredits;
}

/** What a purse gives: all of `amount`, or nothing. */
export function takenFromPurse(
  state: State,
  purse: Hold | undefined,
  usage: UsageScope,
  { amount, call }: { readonly amount: Credits; readonly call?: Hold },
): PurseMove | undefined {
  if (purse === undefined) return undefined;
  const legs = legsFor(state, purse, usage, amount);
  const overage = beyond(amount, sumOf(legs));
  return overage > purse.overage ? undefined : moveOf(state, purse, { legs, overage, call });
}

/** What a purse gives to usage that nothing refuses: as much of `amount` as it has on lots. */
export function overrunFromPurse(
  state: State,
  purse: Hold | undefined,
  usage: UsageScope,
  { amount, call }: { readonly amount: Credits; readonly call: Hold },
): PurseMove | undefined {
  if (purse === undefined || amount === 0n) return undefined;
  const legs = legsFor(state, purse, usage, amount);
  return legs.length === 0 ? undefined : moveOf(state, purse, { legs, overage: noCredits, call });
}

function moveOf(
  state: State,
  purse: Hold,
  { legs, overage, call }: Pick<PurseMove, "legs" | "overage"> & { call: Hold | undefined },
): PurseMove {
  const shared = legsOf(state, { legs });
  const { past, billing } = purse;
  const has = call === undefined ? 0n : legsOf(state, call) + keptBy(state, call);
  const given = purse.drawn === undefined ? undefined : firstOf(purse.drawn, shared);
  const both = mergedDrawn({ drawn: call?.drawn, credits: has }, { drawn: given, credits: shared });
  const drawn = {
    ...(both === undefined ? {} : { call: both }),
    ...(purse.drawn === undefined ? {} : { purse: restOf(purse.drawn, shared) }),
  };
  return {
    purse: { id: purse.id, openedAt: purse.openedAt },
    legs,
    overage,
    ...(overage === 0n || billing === undefined ? {} : { billing }),
    counted: newestOf(purse.counted, credits(sumOf(legs) + overage)),
    ...(past === undefined ? {} : { past: newestOf(past.counted, overage) }),
    ...(Object.keys(drawn).length === 0 ? {} : { drawn }),
  };
}

/** What a call gives back to its purse; `call` as its event leaves it but for that. Undefined: there is nothing. */
export function backToPurse(
  state: State,
  purse: Hold | undefined,
  call: Hold,
  { legs, overage }: Pick<Hold, "legs" | "overage">,
): PurseMove | undefined {
  const amount = credits(sumOf(legs) + overage);
  if (purse === undefined || amount === 0n) return undefined;
  const shared = legsOf(state, { legs });
  const given = call.drawn === undefined ? undefined : lastOf(call.drawn, shared);
  const has = { drawn: purse.drawn, credits: legsOf(state, purse) };
  const both = mergedDrawn(has, { drawn: given, credits: shared });
  const drawn = {
    ...(call.drawn === undefined
      ? {}
      : { call: firstOf(call.drawn, wholeOf(call.drawn) - shared) }),
    ...(both === undefined ? {} : { purse: both }),
  };
  const { billing, past } = call;
  return {
    purse: { id: purse.id, openedAt: purse.openedAt },
    legs,
    overage,
    ...(overage === 0n || billing === undefined ? {} : { billing }),
    counted: newestOf(call.counted, amount),
    ...(past === undefined || overage === 0n ? {} : { past: newestOf(past.counted, overage) }),
    ...(Object.keys(drawn).length === 0 ? {} : { drawn }),
  };
}

/** What pays for a usage, in burn order, as far as it is there. */
function legsFor(state: State, purse: Hold, usage: UsageScope, amount: Credits): readonly Leg[] {
  const { lots } = state.pool;
  const known: { leg: Leg; lot: Lot }[] = [];
  for (const leg of purse.legs) {
    const lot = lots.get(leg.lot);
    if (lot !== undefined && applies(lot, usage)) known.push({ leg, lot });
  }
  if (known.length > 1) known.sort((a, b) => burnOrder(a.lot, b.lot));
  const taken: Leg[] = [];
  let missing = amount;
  for (const { leg } of known) {
    const part = least(leg.credits, missing);
    if (part === 0n) continue;
    taken.push({ lot: leg.lot, credits: part });
    missing = minus(missing, part);
  }
  return taken;
}

const sumOf = (legs: readonly Leg[]): Credits =>
  credits(legs.reduce((sum: bigint, leg) => sum + leg.credits, 0n));
