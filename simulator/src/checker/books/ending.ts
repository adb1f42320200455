/** Owns how a hold must end: settled, released or expired, once, with everything back where it came from (RULES 1, 7-9). */
import type { Event, HoldSettled } from "@cistern/kernel";
import { type Free, exactCost, rounded } from "../rating.ts";
import { type Books, addCharge, burnsFirst, demand } from "./accounts.ts";
import type { HoldRecord } from "./records.ts";
import { checkVendorCost } from "./vendor-cost.ts";
import {
  type Desk,
  type Reached,
  checkCounted,
  count,
  countsOf,
  openOne,
  pastOf,
  setAside,
  told,
} from "./desk.ts";
import { overrunFromPurse, returnToPurse } from "./purses.ts";

/** A settlement, in part or whole, in time or late. */
export function settle(desk: Desk, event: HoldSettled): Reached {
  const { books, limits } = desk;
  const hold = books.hold(event.hold);
  const isLate = hold.status === "expired";
  demand(hold.status === "open" || isLate, () => `K4 ${hold.id} is ${hold.status} and settled`);
  demand(event.isLate === isLate, () => `${hold.id} is late: ${isLate}`);
  demand(event.isFinal || !isLate, () => `${hold.id} is settled late in part`);
  checkRating(hold, event, desk.allowances.settle(hold, event));
  checkVendorCost(books, hold, event);
  const capped = cappedAt(desk, hold, event);
  const cost = event.charged + event.loss - capped;
  const { fromPurse: move, at } = event;
  const unheld = isLate ? cost : takeLegs(books, hold, cost);
  const unpaid = overrunFromPurse(books, hold, { move, amount: unheld, at });
  const beyondLegs = isLate ? takeReturned(books, hold, unpaid) : unpaid;
  const { taken, missing } = books.draw(hold.usage, beyondLegs, "consumed", {
    by: desk.billing.payableBy(hold.openedAt),
  });
  const { owed, lost } = desk.billing.pay(desk.workspace, hold, {
    missing,
    at: hold.openedAt,
    billed: event.billed,
  });
  demand(event.debt === owed, () => `${hold.id} owes ${event.debt}, the rules say ${owed}`);
  const loss = capped + lost;
  demand(event.loss === loss, () => `the loss on ${hold.id} is ${event.loss}, not ${loss}`);
  const own = books.moves.filter(({ to }) => to === "consumed");
  for (const { lot, credits } of own) addCharge(hold, lot, credits);
  demand(taken.length <= own.length, () => "what is drawn is charged");
  const permitted = hold.overage > beyondLegs ? hold.overage - beyondLegs : 0n;
  let returned = 0n;
  if (event.isFinal && !isLate) {
    returned = hold.legs.reduce((sum, leg) => sum + leg.credits, 0n);
    hold.overage = permitted;
    if (!returnToPurse(books, hold, { move: event.toPurse, overage: permitted, at }))
      for (const { lot, credits } of hold.legs) books.giveBack(hold, lot, credits);
    hold.legs = [];
  }
  if (event.isFinal) books.payDebts();
  books.owe(hold, owed, event.at);
  hold.charged += event.charged;
  hold.overage = permitted;
  if (event.isFinal) end(hold, "settled", event.at);
  checkSettled(hold, event, event.isFinal ? returned + permitted : 0n);
  hold.past += pastOf(event);
  count(hold, event);
  limits.add(countsOf(event));
  checkCounted(desk, hold, event.at);
  return limits.reachedBy(event, event.at);
}

function checkSettled(hold: HoldRecord, event: HoldSettled, returned: bigint): void {
  const { id, charged, legs, overage } = hold;
  demand(charged === event.chargedInTotal, () => `K13 ${id} is charged ${charged} in all`);
  demand(returned === event.returned, () => `${id} returns ${event.returned}, not ${returned}`);
  const left = event.isFinal ? [] : legs;
  demand(told(left) === told(event.legs), () => `${id} has ${told(left)} left`);
  demand(overage === event.overage, () => `${id} has ${overage} of overage left`);
}

/** Parts cost together what they would cost at once; what has no price costs what is left of the hold (RULES 19). */
function checkRating(hold: HoldRecord, event: HoldSettled, free: Free): void {
  if (event.usage === null) return;
  const before = hold.exact;
  const own = exactCost(event.usage, event.price, free);
  hold.exact = before === undefined || own === undefined ? undefined : before + own;
  const left = hold.authorized > hold.charged ? hold.authorized - hold.charged : 0n;
  const difference =
    own === undefined ? left : rounded((before ?? 0n) + own) - rounded(before ?? 0n);
  const isFree = event.outcome === "failed";
  const cost = isFree ? 0n : difference;
  demand(event.isUnrated === (own === undefined && !isFree), () => `${hold.id} is unrated`);
  demand(event.charged + event.loss === cost, () => `the usage of ${hold.id} costs ${cost}`);
}

/** What goes beyond the hold is drawn, owed or billed, or it is the vendor's loss by the workspace's choice (RULES 1). */
function cappedAt({ workspace }: Desk, hold: HoldRecord, event: HoldSettled): bigint {
  const amount = event.charged + event.loss;
  const room = hold.authorized > hold.charged ? hold.authorized - hold.charged : 0n;
  const beyond = amount > room ? amount - room : 0n;
  return workspace.overrun === "cap_at_hold" ? beyond : 0n;
}

const inBurnOrder = (books: Books, { legs }: HoldRecord) =>
  legs.toSorted((a, b) => burnsFirst(books.lot(a.lot), books.lot(b.lot)));

/** From the pinned lots, in burn order; gives what they lack. */
function takeLegs(books: Books, hold: HoldRecord, amount: bigint): bigint {
  let missing = amount;
  for (const leg of inBurnOrder(books, hold)) {
    const part = leg.credits < missing ? leg.credits : missing;
    books.move(leg.lot, "held", "consumed", part);
    leg.credits -= part;
    missing -= part;
  }
  hold.legs = inBurnOrder(books, hold).filter(({ credits }) => credits > 0n);
  return missing;
}

/** From what an expired hold had returned, where it still is, or what expired with its lot (RULES 7). */
function takeReturned(books: Books, hold: HoldRecord, amount: bigint): bigint {
  let missing = amount;
  for (const leg of inBurnOrder(books, hold)) {
    const { phase, parts } = books.lot(leg.lot);
    const from = phase === "live" ? "available" : phase === "expired" ? "expired" : undefined;
    if (from === undefined) continue;
    const there = parts[from] < leg.credits ? parts[from] : leg.credits;
    const part = there < missing ? there : missing;
    books.move(leg.lot, from, "consumed", part);
    missing -= part;
  }
  return missing;
}

/** A hold given up. */
export function release(desk: Desk, event: Extract<Event, { kind: "hold.released" }>): Reached {
  const { books, limits } = desk;
  const hold = openOne(books, event.hold);
  demand(event.returned === setAside(hold), () => `${hold.id} returns ${event.returned}`);
  desk.allowances.giveBack(hold.id, event.units);
  const { toPurse: move, at } = event;
  if (!returnToPurse(books, hold, { move, overage: hold.overage, at }))
    for (const { lot, credits } of hold.legs) books.giveBack(hold, lot, credits);
  books.payDebts();
  end(hold, "released", event.at);
  hold.legs = [];
  count(hold, event);
  limits.add(countsOf(event));
  checkCounted(desk, hold, event.at);
  return [];
}

/** Holds that ran out of time. */
export function expire(desk: Desk, event: Extract<Event, { kind: "hold.expired" }>): Reached {
  const { books, limits } = desk;
  for (const one of event.holds) {
    const hold = openOne(books, one.hold);
    demand(one.expiredAt === hold.expiresAt, () => `${hold.id} expires at ${hold.expiresAt}`);
    demand(one.returned === setAside(hold), () => `${hold.id} returns ${one.returned}`);
    desk.allowances.giveBack(hold.id, one.units);
    const had = hold.legs.map((leg) => ({ ...leg }));
    const { toPurse: move, expiredAt: at } = one;
    if (!returnToPurse(books, hold, { move, overage: hold.overage, at }))
      for (const { lot, credits } of hold.legs) books.giveBack(hold, lot, credits);
    // What it returned is what a late settle takes again.
    hold.legs = had;
    end(hold, "expired", one.expiredAt);
    count(hold, one);
    limits.add(countsOf(one));
    checkCounted(desk, hold, one.expiredAt);
  }
  books.payDebts();
  return [];
}

function end(hold: HoldRecord, status: "settled" | "released" | "expired", at: number): void {
  hold.status = status;
  hold.endedAt = at;
  hold.overage = 0n;
}
