/**
 * Owns what purses of prepaid runs give to calls and get back, worked out apart from the kernel (docs/decisions/0047): no lot moves, and what
 * was counted in windows goes with the credits.
 */
import type { Counted, PurseMove } from "@cistern/kernel";
import { type Books, burnsFirst, demand, pays } from "./accounts.ts";
import { told } from "./desk.ts";
import type { CountedRecord, HoldRecord } from "./records.ts";

type Leg = HoldRecord["legs"][number];

/** All of `amount` comes out of the purse. */
export function takeFromPurse(
  books: Books,
  call: HoldRecord,
  { move, amount, at }: { readonly move: PurseMove; readonly amount: bigint; readonly at: number },
): void {
  const purse = openPurse(books, move, at);
  const { legs, missing } = given(books, purse, { call, amount });
  demand(missing === move.overage, () => `purse ${purse.id} lacks ${missing}`);
  pass(purse, call, { move, legs, overage: missing });
}

/** As much of `amount` as its lots have, for usage that nothing refuses; gives what they lack. */
export function overrunFromPurse(
  books: Books,
  call: HoldRecord,
  { move, amount, at }: { move: PurseMove | undefined; amount: bigint; at: number },
): bigint {
  const purse = purseOf(books, call, at);
  const { legs, missing } =
    purse === undefined ? { legs: [], missing: amount } : given(books, purse, { call, amount });
  demand((move !== undefined) === legs.length > 0, () => `${call.id} overruns into its purse`);
  if (move === undefined || purse === undefined) return amount;
  demand(move.purse.id === purse.id, () => `${call.id} is of another purse`);
  const before = call.legs.map((leg) => ({ ...leg }));
  pass(purse, call, { move, legs, overage: 0n });
  call.legs = before;
  for (const { lot, credits } of legs) books.move(lot, "held", "consumed", credits);
  return missing;
}

/** What a call leaves is its purse's again, while that is open; whether it is. */
export function returnToPurse(
  books: Books,
  call: HoldRecord,
  {
    move,
    overage,
    at,
  }: { readonly move: PurseMove | undefined; readonly overage: bigint; readonly at: number },
): boolean {
  const purse = purseOf(books, call, at);
  const amount = call.legs.reduce((sum, leg) => sum + leg.credits, overage);
  const isPrepaid = purse !== undefined && amount > 0n;
  demand((move !== undefined) === isPrepaid, () => `${call.id} returns to its purse: ${isPrepaid}`);
  if (move === undefined || purse === undefined) return false;
  const isTold = told(move.legs) === told(call.legs) && move.overage === overage;
  demand(isTold, () => `${call.id} returns ${told(move.legs)}, not ${told(call.legs)}`);
  pass(call, purse, { move, legs: call.legs.map((leg) => ({ ...leg })), overage });
  return true;
}

function openPurse(books: Books, { purse: { id, openedAt } }: PurseMove, at: number): HoldRecord {
  const purse = books.hold(id);
  const isOpen = purse.isPurse && purse.status === "open" && at < purse.expiresAt;
  demand(isOpen && purse.openedAt === openedAt, () => `${id} is no purse that is open`);
  return purse;
}

function purseOf(books: Books, { purse }: HoldRecord, at: number): HoldRecord | undefined {
  const known = purse === undefined ? undefined : books.hold(purse);
  return known?.status === "open" && at < known.expiresAt ? known : undefined;
}

/** Of what pays for the call, what burns first. */
function given(
  books: Books,
  purse: HoldRecord,
  { call, amount }: { readonly call: HoldRecord; readonly amount: bigint },
): { readonly legs: Leg[]; readonly missing: bigint } {
  const isOwn = purse.usage.member === call.usage.member;
  demand(isOwn, () => `${call.id} is taken from the purse of ${purse.usage.member}`);
  const legs: Leg[] = [];
  let missing = amount;
  for (const leg of purse.legs.toSorted((a, b) => burnsFirst(books.lot(a.lot), books.lot(b.lot)))) {
    const part = leg.credits < missing ? leg.credits : missing;
    if (part === 0n || !pays(books.lot(leg.lot), call.usage)) continue;
    legs.push({ lot: leg.lot, credits: part });
    missing -= part;
  }
  return { legs, missing };
}

function pass(
  from: HoldRecord,
  to: HoldRecord,
  { move, legs, overage }: { move: PurseMove; legs: readonly Leg[]; overage: bigint },
): void {
  demand(told(move.legs) === told(legs), () => `${told(move.legs)} move, not ${told(legs)}`);
  for (const { lot, credits } of legs) {
    const had = from.legs.find((leg) => leg.lot === lot);
    demand(had !== undefined && had.credits >= credits, () => `${from.id} has less of ${lot}`);
    had.credits -= credits;
    const has = to.legs.find((leg) => leg.lot === lot);
    if (has === undefined) to.legs.push({ lot, credits });
    else has.credits += credits;
  }
  from.legs = from.legs.filter(({ credits }) => credits > 0n);
  from.overage -= overage;
  to.overage += overage;
  demand(from.overage >= 0n, () => `${from.id} gives overage that it does not have`);
  const size = legs.reduce((sum, leg) => sum + leg.credits, overage);
  const parcels = move.counted.reduce((sum, one) => sum + one.credits, 0n);
  demand(parcels === size, () => `${move.purse.id} moves ${size} and counts ${parcels}`);
  for (const parcel of move.counted) passCount(from.counted, to.counted, parcel);
  for (const parcel of move.past ?? []) passCount(from.countedPast, to.countedPast, parcel);
  const call = from.isPurse ? to : from;
  call.purse = move.purse.id;
  call.pinnedSince = move.purse.openedAt;
}

function passCount(
  from: CountedRecord[],
  to: CountedRecord[],
  { credits, windows }: Counted,
): void {
  for (const { counter, limit, start, end } of windows) {
    const giver = from.find((one) => one.counter === counter && one.start === start);
    if (giver !== undefined) giver.net -= credits;
    const taker = to.find((one) => one.counter === counter && one.start === start);
    if (taker === undefined) to.push({ counter, limit, start, end, net: credits });
    else taker.net += credits;
  }
}
