/** Owns what happens to usage after it happened: reported without a hold, or undone (RULES 1, 13). */
import type { Event } from "@cistern/kernel";
import { checkVendorCost } from "./vendor-cost.ts";
import { addCharge, demand } from "./accounts.ts";
import type { HoldRecord } from "./records.ts";
import { levelOf } from "./levels.ts";
import { type Desk, type Reached, checkCounted, count, countsOf, pastOf } from "./desk.ts";

/** Usage that was not held. */
export function debit(desk: Desk, event: Extract<Event, { kind: "usage.debited" }>): Reached {
  const { books, limits, people, workspace } = desk;
  const { debit: id, path, meter, at, charged } = event;
  demand(!books.holds.has(id), () => `debit ${id} happens twice`);
  people.checkPath(path, event.guest?.id ?? null, workspace, false);
  const usage = { member: path.member, groups: path.groups, meter };
  const hold: HoldRecord = {
    id,
    isDebit: true,
    isPurse: false,
    level: levelOf(books, event),
    status: "settled",
    usage,
    authorized: charged,
    legs: [],
    overage: 0n,
    charged,
    exact: undefined,
    exactVendor: 0n,
    refunded: 0n,
    isUndone: false,
    owed: 0n,
    charges: [],
    openedAt: at,
    endedAt: at,
    expiresAt: at,
    authorizations: 1,
    counted: [],
    past: pastOf(event),
    countedPast: [],
  };
  const by = desk.billing.payableBy(event.occurredAt);
  const used = charged + (event.loss ?? 0n);
  const { taken, missing } = books.draw(usage, used, "consumed", { by });
  for (const { lot, credits } of taken) addCharge(hold, lot, credits);
  const { owed, lost } = desk.billing.pay(workspace, hold, {
    missing,
    at: event.occurredAt,
    billed: event.billed,
  });
  demand(event.debt === owed, () => `${id} owes ${event.debt}, the rules say ${owed}`);
  demand((event.loss ?? 0n) === lost, () => `the loss on ${id} is ${event.loss}, not ${lost}`);
  desk.allowances.debit(event);
  checkVendorCost(books, hold, event);
  books.holds.set(id, hold);
  books.owe(hold, owed, at);
  const { past } = hold;
  limits.report(event, path, { at: event.occurredAt, now: at, credits: charged, past });
  count(hold, event);
  return limits.reachedBy(event, at);
}

/** RULES 13: outstanding debt, then what was billed, then charges from the last back; a lot that is over makes room for a new one. */
export function refund(desk: Desk, event: Extract<Event, { kind: "usage.refunded" }>): Reached {
  const { books, limits } = desk;
  const hold = books.hold(event.of);
  const open = hold.charged - hold.refunded;
  demand(event.credits <= open, () => `K13 ${hold.id} has ${open} to refund, not ${event.credits}`);
  desk.allowances.refund(hold.id, event.units, event.credits === open);
  const debt = hold.owed < event.credits ? hold.owed : event.credits;
  demand(event.debt === debt, () => `the refund cancels ${event.debt} of debt, not ${debt}`);
  books.owe(hold, -debt, event.at);
  let left = desk.billing.refund(hold, event.credits - debt, event.billed);
  const made = [...event.lots];
  for (const charge of hold.charges.toReversed()) {
    const whole = charge.credits - charge.refunded;
    const part = whole < left ? whole : left;
    if (part === 0n) continue;
    left -= part;
    charge.refunded += part;
    const lot = books.lot(charge.lot);
    const kept = books.claw(hold, lot.id, "consumed", part);
    if (lot.phase === "revoked") {
      books.move(lot.id, "consumed", "revoked", kept);
      continue;
    }
    const back = books.payRevoke(lot.id, "consumed", kept);
    if (lot.phase !== "expired") books.move(lot.id, "consumed", "available", back);
    else if (back > 0n) {
      books.move(lot.id, "consumed", "moved", back);
      const next = made.shift();
      demand(next?.granted === back, () => `no lot takes the ${back} refunded to ${lot.id}`);
      books.grant(next);
    }
  }
  demand(left === 0n && made.length === 0, () => `${left} of the refund comes from nowhere`);
  books.payDebts();
  hold.refunded += event.credits;
  hold.isUndone = hold.refunded === hold.charged;
  hold.past += (event.billed?.credits ?? 0n) - event.debt;
  count(hold, event);
  limits.add(countsOf(event));
  checkCounted(desk, hold, event.at);
  return [];
}
