/** Owns what becomes of the money of lots: sold, paid back, taken, owed to the state, estimated anew. */
import type { CreditsGranted, Event, TopUpSucceeded, Transfer } from "@cistern/kernel";
import { type Books, demand } from "./accounts.ts";
import type { LotRecord } from "./records.ts";

/** A sale shares its price with its bonus, to the cent. */
export function sell(books: Books, { lot, bonus, payment }: CreditsGranted | TopUpSucceeded): void {
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
    books.claims.waive(lot.id);
    end(books, lot, "Chargebacks");
  }
}

export function escheat(books: Books, event: Escheated): void {
  const lot = books.lot(event.lot);
  demand(!isOver(lot), () => `lot ${lot.id} is over and goes to the state`);
  books.claims.waive(lot.id);
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
  for (const { lot: id, from, to, money, into, outOf, rebases } of transfers) {
    const lot = books.lot(id);
    if (isExit(to)) lot.recognised += money;
    if (isExit(from)) lot.recognised -= money;
    if (to === "consumed") lot.used += money;
    if (from === "consumed") lot.used -= money;
    if (to === "moved" || into === "UnclaimedProperty" || into === "CustomerBalance")
      lot.elsewhere += money;
    if (rebases === true) rebase(lot);
    if (outOf === "UnclaimedProperty") lot.elsewhere -= money;
    if (to === "expired" || from === "expired") {
      const account = to === "expired" ? into : outOf;
      const due = lot.isStates ? "UnclaimedProperty" : undefined;
      demand(account === due, () => `what expires of lot ${id} is ${account}, not ${due}`);
    }
    if (to !== "revoked" || isExit(from) || lot.fate === undefined) continue;
    demand(into === lot.fate, () => `what returns to lot ${id} goes to ${into}, not ${lot.fate}`);
  }
}

function rebase(lot: LotRecord): void {
  const { granted, cost, recognised, parts, used } = lot;
  const left = parts.available + parts.held;
  if (left === 0n) return;
  const { consumed } = parts;
  lot.base = { left, gone: granted - left, deferred: cost - recognised, used, consumed };
}

/** What is recognised of a lot whose price changed: its rest by the rest's money; usage before that at what it came to. */
function sinceBase({ cost, granted, parts, base }: LotRecord): bigint | undefined {
  if (base === undefined) return undefined;
  const more = granted - parts.available - parts.held - base.gone;
  const before = cost - base.deferred;
  if (more < 0n) return before - rounded(base.used * -more, base.consumed);
  return before + rounded(base.deferred * more, base.left);
}

/** Half away from zero. */
function rounded(numerator: bigint, denominator: bigint): bigint {
  const size = numerator < 0n ? -numerator : numerator;
  const whole = (2n * size + denominator) / (2n * denominator);
  return numerator < 0n ? -whole : whole;
}

/** K8, by the series of E6 where breakage is expected: exactly so after an estimate, within the cost in between. */
export function checkMoney(lot: LotRecord): void {
  const { id, granted, cost, parts, recognised, breakage } = lot;
  const other = parts.moved + parts.revoked + parts.expired;
  const used = 10_000n - (breakage ?? 0n);
  const divisor = granted * used;
  const exact = cost * (parts.consumed * 10_000n + other * used);
  const reached = rounded(exact, divisor);
  const isEmpty = parts.available + parts.held === 0n;
  const due = (isEmpty ? cost : sinceBase(lot)) ?? (reached < cost ? reached : cost);
  const isExact = breakage === null || isEmpty || (lot.isRevised && lot.base === undefined);
  demand(
    isExact ? recognised === due : recognised <= cost,
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
