/** Owns what becomes of the money of lots: sold, paid back, taken, owed to the state, estimated anew. */
import type { CreditsGranted, Event, Transfer } from "@cistern/kernel";
import { type Books, type LotRecord, demand } from "./accounts.ts";

/** A sale shares its price with its bonus, to the cent. */
export function sell(books: Books, { lot, bonus, payment }: CreditsGranted): void {
  books.grant(lot);
  if (bonus !== undefined) books.grant(bonus);
  const tax = (lot.finance?.tax ?? 0n) + (bonus?.finance?.tax ?? 0n);
  demand(tax === (payment?.tax ?? 0n), () => `lot ${lot.id} and its bonus are taxed ${tax}`);
  if (lot.phase === "live") books.payDebts();
}

type Repaid = Extract<Event, { readonly kind: "credits.repaid" }>;
type ChargedBack = Extract<Event, { readonly kind: "credits.charged_back" }>;
type Escheated = Extract<Event, { readonly kind: "credits.escheated" }>;
type Revised = Extract<Event, { readonly kind: "breakage.revised" }>;

export function repay(books: Books, event: Repaid): void {
  const lot = books.lot(event.lot);
  demand(!isOver(lot) || event.credits === 0n, () => `lot ${lot.id} is over and paid back`);
  const isGoodwill = event.goodwill > 0n;
  demand(!isGoodwill || event.credits === 0n, () => "goodwill takes no credits");
  const unused = event.transfers.reduce((sum, one) => sum + one.money, 0n);
  const told = unused + event.goodwill;
  demand(event.money === told, () => `${told} go back, ${event.money} are told`);
  giveBack(lot, event.money);
  books.move(lot.id, "available", "revoked", event.credits);
}

/** A bank takes what was paid and is still there, of the lot and of its bonus. */
export function chargeBack(books: Books, event: ChargedBack): void {
  for (const one of event.lots) {
    const lot = books.lot(one.lot);
    const left = lot.isUnpaid ? 0n : lot.cost - lot.elsewhere - lot.givenBack;
    const due = left > 0n ? left : 0n;
    demand(one.money === due, () => `a bank takes ${one.money} of lot ${lot.id}, not ${due}`);
    giveBack(lot, one.money);
    end(books, lot, "Chargebacks");
  }
}

export function escheat(books: Books, event: Escheated): void {
  const lot = books.lot(event.lot);
  demand(!isOver(lot), () => `lot ${lot.id} is over and goes to the state`);
  end(books, lot, "UnclaimedProperty");
}

/** The one movement is money alone; that it meets the new estimate is checked with the lot (`checkMoney`). */
export function revise(books: Books, event: Revised): void {
  const lot = books.lot(event.lot);
  demand(!isOver(lot), () => `lot ${lot.id} is over and estimated`);
  lot.breakage = event.breakage === null ? null : BigInt(event.breakage);
  lot.isRevised = true;
  if (event.transfers.length === 0) return;
  books.moves.push({ lot: lot.id, from: "available", to: "consumed", credits: 0n });
}

/** Takes what transfers say of money. */
export function noteMoney(books: Books, transfers: readonly Transfer[]): void {
  for (const { lot: id, from, to, money, into } of transfers) {
    const lot = books.lot(id);
    if (isExit(to)) lot.recognised += money;
    if (isExit(from)) lot.recognised -= money;
    if (to === "moved" || into === "UnclaimedProperty") lot.elsewhere += money;
    if (to !== "revoked" || isExit(from) || lot.fate === undefined) continue;
    demand(into === lot.fate, () => `what returns to lot ${id} goes to ${into}, not ${lot.fate}`);
  }
}

/** K8, by the series of E6 where breakage is expected: exactly so after an estimate, within the cost in between. */
export function checkMoney(lot: LotRecord): void {
  const { id, granted, cost, parts, recognised, breakage } = lot;
  const other = parts.moved + parts.revoked + parts.expired;
  const used = 10_000n - (breakage ?? 0n);
  const divisor = granted * used;
  const exact = cost * (parts.consumed * 10_000n + other * used);
  const reached = (2n * exact + divisor) / (2n * divisor);
  const due = reached < cost ? reached : cost;
  const isExact = breakage === null || lot.isRevised || parts.available + parts.held === 0n;
  demand(
    isExact ? recognised === due : recognised >= 0n && recognised <= cost,
    () => `K8 lot ${id} recognised ${recognised}, not ${due}`,
  );
  lot.isRevised = false;
}

function giveBack(lot: LotRecord, money: bigint): void {
  lot.givenBack += money;
  const paid = lot.isUnpaid ? 0n : lot.cost;
  demand(lot.givenBack <= paid, () => `${lot.givenBack} go back of lot ${lot.id}, paid ${paid}`);
}

function end(books: Books, lot: LotRecord, fate: LotRecord["fate"]): void {
  if (isOver(lot)) return;
  lot.phase = "revoked";
  lot.owedRevoke = 0n;
  lot.fate = fate;
  books.move(lot.id, "available", "revoked", lot.parts.available);
}

const isOver = ({ phase }: LotRecord): boolean => phase === "expired" || phase === "revoked";
const isExit = (part: string): boolean => part !== "available" && part !== "held";
