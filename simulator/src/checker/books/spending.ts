/** Owns what each kind of event must move, and leaves behind in the books. */
import type { Event, HoldExtended, HoldOpened, HoldSettled } from "@cistern/kernel";
import { addCharge, burnsFirst, demand } from "./accounts.ts";
import type { Books, HoldRecord } from "./accounts.ts";
import { type Ledger, newLot } from "./ledger.ts";

type PoolEvent = Extract<Event, { readonly transfers: unknown }>;
type Reached = ReturnType<Ledger["limits"]["reachedBy"]>;

const aDayMs = 24 * 60 * 60 * 1_000;

/** Checks one event that may move credits; gives the caps that it reached. */
export function checkSpending(ledger: Ledger, event: PoolEvent): Reached {
  const { books } = ledger;
  switch (event.kind) {
    case "credits.granted":
      newLot(books, event.lot);
      if (event.lot.phase === "live") books.payDebts();
      return [];
    case "credits.effective":
      for (const id of event.lots) books.lot(id).phase = "live";
      books.payDebts();
      return [];
    case "credits.expired":
      for (const id of event.lots) {
        const lot = books.lot(id);
        lot.phase = "expired";
        books.move(id, "available", "expired", lot.parts.available);
      }
      return [];
    case "credits.revoked":
      revoke(books, event);
      return [];
    case "hold.opened":
      return openHold(ledger, event);
    case "hold.extended":
      return extendHold(ledger, event);
    case "hold.settled":
      return settle(ledger, event);
    case "hold.released":
      return release(ledger, event);
    case "hold.expired":
      return expire(ledger, event);
    case "usage.debited":
      return debit(ledger, event);
    case "usage.refunded":
      return refund(ledger, event);
  }
}

function revoke(books: Books, event: Extract<Event, { kind: "credits.revoked" }>): void {
  const lot = books.lot(event.lot);
  const { available, held } = lot.parts;
  const isOver = lot.phase === "expired" || lot.phase === "revoked";
  const asked = event.credits + event.owed;
  const left = available + (held > lot.owedRevoke ? held - lot.owedRevoke : 0n);
  demand(!isOver, () => `lot ${lot.id} is over and revoked`);
  demand(asked <= left, () => `lot ${lot.id} has ${left} to revoke, not ${asked}`);
  demand(event.credits === (asked < available ? asked : available), () => "what is free goes first");
  demand(!event.isWhole || asked === left, () => `all of lot ${lot.id} is ${left}, not ${asked}`);
  lot.owedRevoke = event.isWhole ? 0n : lot.owedRevoke + event.owed;
  if (event.isWhole) lot.phase = "revoked";
  books.move(lot.id, "available", "revoked", event.credits);
}

/** RULES 2: as much as there is from the pool, the rest within what the overage still allows. */
function authorize(
  ledger: Ledger,
  usage: HoldRecord["usage"],
  event: Pick<HoldOpened, "credits" | "legs" | "overage">,
) {
  const { books, workspace } = ledger;
  const { taken, missing } = books.draw(usage, event.credits, "held");
  demand(told(taken) === told(event.legs), () => `legs are ${told(event.legs)}, not ${told(taken)}`);
  demand(missing === event.overage, () => `overage is ${event.overage}, not ${missing}`);
  if (missing === 0n) return taken;
  const limit = workspace.overage.kind === "debt" ? workspace.overage.limit : 0n;
  let owed = missing;
  for (const { credits } of books.debts) owed += credits;
  for (const hold of books.holds.values()) if (hold.status === "open") owed += hold.overage;
  demand(owed <= limit, () => `K3 holds exceed the pool by ${owed}, allowed are ${limit}`);
  return taken;
}

function openHold(ledger: Ledger, event: HoldOpened): Reached {
  const { books, limits, people, workspace } = ledger;
  const { path, meter, at, hold: id } = event;
  demand(!books.holds.has(id), () => `hold ${id} is opened twice`);
  people.checkPath(path, event.guest?.id ?? null, workspace, true);
  limits.approve(event, path, 1n);
  const usage = { member: path.member, groups: path.groups, meter };
  const legs = authorize(ledger, usage, event);
  demand(event.expiresAt > at && event.expiresAt <= at + aDayMs, () => `${id} lives too long`);
  const hold: HoldRecord = {
    id,
    isDebit: false,
    status: "open",
    usage,
    authorized: event.credits,
    legs,
    overage: event.overage,
    charged: 0n,
    refunded: 0n,
    owed: 0n,
    charges: [],
    openedAt: at,
    expiresAt: event.expiresAt,
    authorizations: 1,
    counted: [],
  };
  books.holds.set(id, hold);
  count(hold, event.counts);
  return limits.reachedBy(event.counts, at);
}

function extendHold(ledger: Ledger, event: HoldExtended): Reached {
  const { books, limits, people, workspace } = ledger;
  const hold = openOne(books, event.hold);
  people.checkActive(hold.usage.member, workspace);
  limits.approve(event, event.path, 0n);
  for (const leg of authorize(ledger, hold.usage, event)) {
    const same = hold.legs.find(({ lot }) => lot === leg.lot);
    if (same === undefined) hold.legs.push(leg);
    else same.credits += leg.credits;
  }
  hold.authorized += event.credits;
  hold.overage += event.overage;
  const isInTime = event.expiresAt > event.at && event.expiresAt <= hold.openedAt + aDayMs;
  demand(isInTime, () => `${hold.id} lives too long`);
  hold.expiresAt = event.expiresAt;
  // More time alone counts nothing.
  if (event.credits > 0n) {
    hold.authorizations += 1;
    count(hold, event.counts);
  }
  return limits.reachedBy(event.counts, event.at);
}

function settle(ledger: Ledger, event: HoldSettled): Reached {
  const { books, limits } = ledger;
  const hold = books.hold(event.hold);
  const isLate = hold.status === "expired";
  demand(hold.status === "open" || isLate, () => `K4 ${hold.id} is ${hold.status} and settled`);
  demand(event.isLate === isLate, () => `${hold.id} is late: ${isLate}`);
  demand(event.isFinal || !isLate, () => `${hold.id} is settled late in part`);
  checkLoss(ledger, hold, event);
  let missing = isLate
    ? takeReturned(books, hold, event.charged)
    : takeLegs(books, hold, event.charged);
  const beyondLegs = missing;
  const { taken, missing: debt } = books.draw(hold.usage, missing, "consumed");
  missing = debt;
  demand(event.debt === missing, () => `${hold.id} owes ${event.debt}, the rules say ${missing}`);
  const own = books.moves.filter(({ to }) => to === "consumed");
  for (const { lot, credits } of own) addCharge(hold, lot, credits);
  demand(taken.length <= own.length, () => "what is drawn is charged");
  const permitted = hold.overage > beyondLegs ? hold.overage - beyondLegs : 0n;
  let returned = 0n;
  if (event.isFinal && !isLate) {
    for (const { lot, credits } of hold.legs) {
      books.giveBack(lot, credits);
      returned += credits;
    }
    hold.legs = [];
  }
  if (event.isFinal) books.payDebts();
  books.owe(hold, missing, event.at);
  hold.charged += event.charged;
  hold.overage = event.isFinal ? 0n : permitted;
  if (event.isFinal) hold.status = "settled";
  checkSettled(hold, event, event.isFinal ? returned + permitted : 0n);
  count(hold, event.counts);
  limits.add(event.counts);
  checkCounted(ledger, hold, event.at);
  return limits.reachedBy(event.counts, event.at);
}

function checkSettled(hold: HoldRecord, event: HoldSettled, returned: bigint): void {
  const { id, charged, legs, overage } = hold;
  demand(charged === event.chargedInTotal, () => `K13 ${id} is charged ${charged} in all`);
  demand(returned === event.returned, () => `${id} returns ${event.returned}, not ${returned}`);
  const left = event.isFinal ? [] : legs;
  demand(told(left) === told(event.legs), () => `${id} has ${told(left)} left`);
  demand(overage === event.overage, () => `${id} has ${overage} of overage left`);
}

/** What goes beyond the hold is drawn or owed, or it is the vendor's loss by the workspace's choice (RULES 1). */
function checkLoss({ workspace }: Ledger, hold: HoldRecord, event: HoldSettled): void {
  const amount = event.charged + event.loss;
  const room = hold.authorized > hold.charged ? hold.authorized - hold.charged : 0n;
  const beyond = amount > room ? amount - room : 0n;
  const loss = workspace.overrun === "cap_at_hold" ? beyond : 0n;
  demand(event.loss === loss, () => `the loss on ${hold.id} is ${event.loss}, not ${loss}`);
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

function release(ledger: Ledger, event: Extract<Event, { kind: "hold.released" }>): Reached {
  const { books, limits } = ledger;
  const hold = openOne(books, event.hold);
  demand(event.returned === setAside(hold), () => `${hold.id} returns ${event.returned}`);
  for (const { lot, credits } of hold.legs) books.giveBack(lot, credits);
  books.payDebts();
  end(hold, "released");
  hold.legs = [];
  count(hold, event.counts);
  limits.add(event.counts);
  checkCounted(ledger, hold, event.at);
  return [];
}

function expire(ledger: Ledger, event: Extract<Event, { kind: "hold.expired" }>): Reached {
  const { books, limits } = ledger;
  for (const one of event.holds) {
    const hold = openOne(books, one.hold);
    demand(one.expiredAt === hold.expiresAt, () => `${hold.id} expires at ${hold.expiresAt}`);
    demand(one.returned === setAside(hold), () => `${hold.id} returns ${one.returned}`);
    for (const { lot, credits } of hold.legs) books.giveBack(lot, credits);
    end(hold, "expired");
    count(hold, one.counts);
    limits.add(one.counts);
    checkCounted(ledger, hold, one.expiredAt);
  }
  books.payDebts();
  return [];
}

function debit(ledger: Ledger, event: Extract<Event, { kind: "usage.debited" }>): Reached {
  const { books, limits, people, workspace } = ledger;
  const { debit: id, path, meter, at, charged } = event;
  demand(!books.holds.has(id), () => `debit ${id} happens twice`);
  people.checkPath(path, event.guest?.id ?? null, workspace, false);
  const usage = { member: path.member, groups: path.groups, meter };
  const hold: HoldRecord = {
    id,
    isDebit: true,
    status: "settled",
    usage,
    authorized: charged,
    legs: [],
    overage: 0n,
    charged,
    refunded: 0n,
    owed: 0n,
    charges: [],
    openedAt: at,
    expiresAt: at,
    authorizations: 1,
    counted: [],
  };
  const { taken, missing } = books.draw(usage, charged, "consumed");
  for (const { lot, credits } of taken) addCharge(hold, lot, credits);
  demand(event.debt === missing, () => `${id} owes ${event.debt}, the rules say ${missing}`);
  books.holds.set(id, hold);
  books.owe(hold, missing, at);
  limits.report(event.counts, path, { at: event.occurredAt, now: at, credits: charged });
  count(hold, event.counts);
  return limits.reachedBy(event.counts, at);
}

/** RULES 13: outstanding debt, then charges from the last back; a lot that is over makes room for a new one. */
function refund(ledger: Ledger, event: Extract<Event, { kind: "usage.refunded" }>): Reached {
  const { books, limits } = ledger;
  const hold = books.hold(event.of);
  const open = hold.charged - hold.refunded;
  demand(event.credits <= open, () => `K13 ${hold.id} has ${open} to refund, not ${event.credits}`);
  const debt = hold.owed < event.credits ? hold.owed : event.credits;
  demand(event.debt === debt, () => `the refund cancels ${event.debt} of debt, not ${debt}`);
  books.owe(hold, -debt, event.at);
  let left = event.credits - debt;
  const made = [...event.lots];
  for (const charge of hold.charges.toReversed()) {
    const whole = charge.credits - charge.refunded;
    const part = whole < left ? whole : left;
    if (part === 0n) continue;
    left -= part;
    charge.refunded += part;
    const lot = books.lot(charge.lot);
    if (lot.phase === "revoked") {
      books.move(lot.id, "consumed", "revoked", part);
      continue;
    }
    const back = books.payRevoke(lot.id, "consumed", part);
    if (lot.phase !== "expired") books.move(lot.id, "consumed", "available", back);
    else if (back > 0n) {
      books.move(lot.id, "consumed", "moved", back);
      const next = made.shift();
      demand(next?.granted === back, () => `no lot takes the ${back} refunded to ${lot.id}`);
      newLot(books, next);
    }
  }
  demand(left === 0n && made.length === 0, () => `${left} of the refund comes from nowhere`);
  books.payDebts();
  hold.refunded += event.credits;
  count(hold, event.counts);
  limits.add(event.counts);
  checkCounted(ledger, hold, event.at);
  return [];
}

function openOne(books: Books, id: string): HoldRecord {
  const hold = books.hold(id);
  demand(hold.status === "open", () => `K4 ${id} is ${hold.status} and something happens to it`);
  return hold;
}

function end(hold: HoldRecord, status: "released" | "expired"): void {
  hold.status = status;
  hold.overage = 0n;
}

const setAside = (hold: HoldRecord): bigint =>
  hold.legs.reduce((sum, { credits }) => sum + credits, hold.overage);

const told = (legs: readonly { lot: string; credits: bigint }[]): string =>
  legs.map(({ lot, credits }) => `${credits} of ${lot}`).join(", ");

function count(hold: HoldRecord, counts: HoldOpened["counts"]): void {
  for (const { counter, limit, start, end, credits } of counts) {
    const same = hold.counted.find((one) => one.counter === counter && one.start === start);
    if (same === undefined) hold.counted.push({ counter, limit, start, end, net: credits });
    else same.net += credits;
  }
}

/** RULES 4: in windows that are still open a hold counts what it was charged, less refunds, and what it sets aside. */
function checkCounted({ limits }: Ledger, hold: HoldRecord, at: number): void {
  if (hold.authorizations > 1) return;
  const kept = hold.status === "open" ? setAside(hold) : 0n;
  const countable = hold.charged - hold.refunded + kept;
  for (const one of hold.counted)
    if (limits.isOpen(one, at))
      demand(
        one.net === countable,
        () => `K14 ${hold.id} counts ${one.net} in ${one.limit}, not ${countable}`,
      );
}
