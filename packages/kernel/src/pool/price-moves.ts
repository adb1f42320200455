/**
 * Owns what money moves with the credits of one event, lot by lot.
 *
 * W2 the money of a lot's exits in one event is the difference of its series, split by R3 in the order of `exits`
 * (RULES 14). W4 money that a command states (a base restarted, an estimate revised) is left as it is stated.
 */
import { money } from "../amount.ts";
import { split } from "../rounding.ts";
import { recognisedAt, usageAt } from "./finance.ts";
import { type Lot, type Transfer, deferred, exits, gone, isExit, postedOf } from "./lot.ts";

/** A transfer whose money is not known yet. */
export type TransferDraft = { -readonly [Field in keyof Transfer]: Transfer[Field] };

/** Credits that come back first, as one step of the series; then all that leave, as the next (W2). */
export function priceMoves(all: readonly TransferDraft[], lot: Lot, after: Lot): void {
  let priced = 0;
  let last: TransferDraft | undefined;
  for (const move of all) {
    if (move.lot !== lot.id || !isPriced(move)) continue;
    priced += 1;
    last = move;
  }
  if (last === undefined) return;
  if (priced > 1 || !isExit(last.to)) return priceAll(all, lot, after);
  last.money = money(recognisedAt(lot, gone(lot) + last.credits, after.consumed) - postedOf(lot));
}

function priceAll(all: readonly TransferDraft[], lot: Lot, after: Lot): void {
  const moves = all.filter((move) => move.lot === lot.id && isPriced(move));
  const back = moves.filter((move) => isExit(move.from));
  const out = moves.filter((move) => isExit(move.to));
  const low = gone(lot) - sum(back);
  const used = lot.consumed - sum(back.filter((move) => move.from === "consumed"));
  const base = back.length === 0 ? postedOf(lot) : recognisedAt(lot, low, used);
  if (back.length > 0) spread(postedOf(lot) - base, back);
  if (out.length === 0) return;
  const whole = recognisedAt(lot, low + sum(out), after.consumed) - base;
  const groups = exits
    .map((exit) => out.filter((move) => move.to === exit))
    .filter((group) => group.length > 0);
  if (groups.length === 1) return spread(whole, out);
  const parts = split(whole, groups.map(sum));
  for (const [index, group] of groups.entries()) spread(parts[index] ?? 0n, group);
}

/** Credits that leave the lot or come back to it: their money follows from its series. */
const isPriced = ({ from, to, credits: amount, rebases }: Transfer): boolean =>
  isExit(from) !== isExit(to) && rebases !== true && amount !== 0n;

const sum = (moves: readonly Transfer[]): bigint =>
  moves.reduce((total, move) => total + move.credits, 0n);

function spread(whole: bigint, moves: readonly TransferDraft[]): void {
  const [first] = moves;
  if (first !== undefined && moves.length === 1) {
    first.money = money(whole);
    return;
  }
  const parts = split(
    whole,
    moves.map((move) => move.credits),
  );
  for (const [index, move] of moves.entries()) move.money = money(parts[index] ?? 0n);
}

/** What a lot defers once all that is priced by its series has its money. */
export function deferredAfter(all: readonly Transfer[], lot: Lot): bigint {
  let left: bigint = deferred(lot);
  for (const { lot: of, from, to, money: moved } of all) {
    if (of !== lot.id) continue;
    if (isExit(from)) left += moved;
    if (isExit(to)) left -= moved;
  }
  return left;
}

/** Of the money of credits that were used, or are no longer, what is more than usage is breakage (R5). */
export function tellBreakage(all: readonly TransferDraft[], lot: Lot): void {
  let used: bigint = lot.consumed;
  for (const move of all) {
    if (move.lot !== lot.id || (move.from === "consumed") === (move.to === "consumed")) continue;
    const to = move.to === "consumed" ? used + move.credits : used - move.credits;
    const usage = usageAt(lot, to) - usageAt(lot, used);
    used = to;
    // Usage that is undone into a revoked lot leaves its money where it is (RULES 13).
    if (move.from === "consumed" && move.to === "revoked") continue;
    const breakage = move.money - (move.to === "consumed" ? usage : -usage);
    if (breakage !== 0n) move.breakage = money(breakage);
  }
}
