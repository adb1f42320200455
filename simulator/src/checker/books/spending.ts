/** Owns what each kind of event must move, and leaves behind in the books. */
import type { Event } from "@cistern/kernel";
import { type Books, demand } from "./accounts.ts";
import { debit, refund } from "./after-the-fact.ts";
import { extendHold, openHold } from "./authorizing.ts";
import type { Desk, Reached } from "./desk.ts";
import { expire, release, settle } from "./ending.ts";
import { chargeBack, escheat, repay, revise, sell } from "./money.ts";

type PoolEvent = Extract<Event, { readonly transfers: unknown }>;

/** Checks one event that may move credits; gives the caps that it reached. */
export function checkSpending(desk: Desk, event: PoolEvent): Reached {
  const { books } = desk;
  switch (event.kind) {
    case "credits.granted":
    case "top_up.succeeded":
      sell(books, event);
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
    case "subscription.started":
    case "subscription.renewed":
    case "subscription.granted":
    case "subscription.resumed":
    case "subscription.changed":
    case "subscription.paused":
    case "subscription.ended":
    case "subscription.cancelled":
      takeBack(books, event);
      if (event.clawback !== undefined) books.claims.add(event.clawback);
      for (const lot of event.lots) books.grant(lot);
      for (const { lot, expiresAt } of event.prolonged ?? []) {
        demand(books.lot(lot).phase === "live", () => `lot ${lot} is over and prolonged`);
        books.lot(lot).expiresAt = expiresAt;
      }
      books.payDebts();
      return [];
    case "credits.rolled_over":
      rollOver(books, event);
      return [];
    case "credits.repaid":
      repay(books, event);
      return [];
    case "credits.charged_back":
      chargeBack(books, event);
      return [];
    case "credits.escheated":
      escheat(books, event);
      return [];
    case "breakage.revised":
      revise(books, event);
      return [];
    case "hold.opened":
      return openHold(desk, event);
    case "hold.extended":
      return extendHold(desk, event);
    case "hold.settled":
      return settle(desk, event);
    case "hold.released":
      return release(desk, event);
    case "hold.expired":
      return expire(desk, event);
    case "usage.debited":
      return debit(desk, event);
    case "usage.refunded":
      return refund(desk, event);
  }
}

/** A change takes credits of the plan's own lots alone, and no more than are free: back (RULES 15), or over into a new lot (E11). */
function takeBack(books: Books, event: Extract<PoolEvent, { readonly booked: unknown }>): void {
  for (const { lot: id, from, to, credits, into, rebases } of event.transfers) {
    const isTakenOver = from === "available" && to === "moved";
    if (rebases !== true && !isTakenOver) continue;
    const isTaken =
      isTakenOver || (from === "available" && to === "revoked" && into === "CustomerBalance");
    demand(isTaken, () => `a change moves ${credits} of lot ${id} from ${from} to ${to}`);
    demand(event.subscription.id.slice(4) === id.slice(4, 12), () => `lot ${id} is not the plan's`);
    demand(books.lot(id).phase === "live", () => `lot ${id} is over and taken back`);
    if (credits === 0n) books.moves.push({ lot: id, from, to, credits });
    else books.move(id, from, to, credits);
  }
}

/** What rolled is a lot of its own now; all else of the old ones expired. */
function rollOver(books: Books, event: Extract<Event, { kind: "credits.rolled_over" }>): void {
  for (const id of event.from) {
    const lot = books.lot(id);
    const rolled = event.lots.find(({ reference }) => reference === id)?.granted ?? 0n;
    if (rolled > 0n) books.move(id, "available", "moved", rolled);
    lot.phase = "expired";
    books.move(id, "available", "expired", lot.parts.available);
  }
  for (const { lot, rollover } of event.owed ?? []) books.lot(lot).owedRollover = rollover.quota;
  for (const lot of event.lots) books.grant(lot);
  books.payDebts();
}

function revoke(books: Books, event: Extract<Event, { kind: "credits.revoked" }>): void {
  const lot = books.lot(event.lot);
  const { available, held } = lot.parts;
  const isOver = lot.phase === "expired" || lot.phase === "revoked";
  const asked = event.credits + event.owed;
  const left = available + (held > lot.owedRevoke ? held - lot.owedRevoke : 0n);
  demand(!isOver, () => `lot ${lot.id} is over and revoked`);
  demand(asked <= left, () => `lot ${lot.id} has ${left} to revoke, not ${asked}`);
  demand(
    event.credits === (asked < available ? asked : available),
    () => "what is free goes first",
  );
  demand(!event.isWhole || asked === left, () => `all of lot ${lot.id} is ${left}, not ${asked}`);
  lot.owedRevoke = event.isWhole ? 0n : lot.owedRevoke + event.owed;
  if (event.isWhole) lot.phase = "revoked";
  books.move(lot.id, "available", "revoked", event.credits);
}
