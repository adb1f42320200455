/**
 * Owns what one event will do to the lots, worked out on copies while the state is only read: the transfers, with the money
 * that each moves, and the balance after them.
 *
 * W1 transfers are in the order in which they happen. W2 the money of a lot's exits in one event is the difference of its
 * series, split by R3 in the order of `exits` (RULES 14). W3 credits that change their exit carry their money along.
 */
import { assert } from "../bug.ts";
import {
  type Credits,
  type Money,
  credits,
  least,
  minus,
  money,
  noCredits,
  noMoney,
} from "../amount.ts";
import type { Balance } from "../events.ts";
import { split } from "../rounding.ts";
import { burnOrder } from "./burn-order.ts";
import type { Debt } from "./debt.ts";
import {
  type Exit,
  type Lot,
  type LotPart,
  type Transfer,
  afterTransfer,
  exits,
  gone,
  isExit,
  recognisedAt,
} from "./lot.ts";
import { type PoolSlice, type Totals, addTo, balanceOf, drawable, isDrawable } from "./slice.ts";
import { type UsageScope, applies } from "./usage-scope.ts";

/** What `finish` gives to an event. */
export interface DraftResult {
  readonly transfers: readonly Transfer[];
  readonly balance: Balance;
}

/** A plan of transfers. One draft, one event. */
export class Draft {
  readonly #pool: PoolSlice;
  /** `before`: in the state; `origin`: where this event's transfers begin; they differ for a lot that it makes. */
  readonly #changed = new Map<
    string,
    { readonly before: Lot | undefined; readonly origin: Lot; after: Lot }
  >();
  readonly #moves: Transfer[] = [];
  readonly #owed = new Map<string, Credits>();
  /** Lots that this event made drawable, so that the burn order of the state does not list them. */
  readonly #fresh = new Set<string>();
  #debtDelta = 0n;

  constructor(pool: PoolSlice) {
    this.#pool = pool;
  }

  /** The lot as this event leaves it so far. */
  lot(id: string): Lot {
    const lot = this.#changed.get(id)?.after ?? this.#pool.lots.get(id);
    assert(lot !== undefined, `lot ${id} that something is pinned on exists`);
    return lot;
  }

  /** Puts a new lot, or one in another phase, on the table. */
  put(lot: Lot): void {
    const changed = this.#changed.get(lot.id);
    const before = this.#pool.lots.get(lot.id);
    if (changed === undefined)
      this.#changed.set(lot.id, { before, origin: before ?? lot, after: lot });
    else changed.after = lot;
    if (isDrawable(lot)) this.#fresh.add(lot.id);
  }

  /** Moves credits inside a lot. `carried` is the money of credits that change their exit; else `finish` finds it. */
  move(
    id: string,
    from: LotPart,
    to: LotPart,
    amount: Credits,
    options: { carried?: Money; debt?: string } = {},
  ): void {
    if (amount === 0n) return;
    const lot = this.lot(id);
    const transfer = {
      lot: id,
      from,
      to,
      credits: amount,
      money: options.carried ?? noMoney,
      ...(options.debt === undefined ? {} : { debt: options.debt }),
    };
    this.#moves.push(transfer);
    const changed = this.#changed.get(id);
    const moved = afterTransfer(lot, { ...transfer, money: noMoney });
    if (changed === undefined) this.#changed.set(id, { before: lot, origin: lot, after: moved });
    else changed.after = moved;
    if (to === "available" && isDrawable(moved)) this.#fresh.add(id);
  }

  /** Takes up to `amount` from available lots in burn order, to held or consumed; gives what it took by lot. */
  draw(
    usage: UsageScope,
    amount: Credits,
    to: "held" | "consumed",
    debt?: string,
  ): readonly { lot: string; credits: Credits }[] {
    const taken: { lot: string; credits: Credits }[] = [];
    let missing: bigint = amount;
    if (missing === 0n) return taken;
    for (const id of this.#drawable(usage)) {
      const part = least(this.lot(id).available, credits(missing));
      if (part === 0n) continue;
      this.move(id, "available", to, part, debt === undefined ? {} : { debt });
      taken.push({ lot: id, credits: part });
      missing -= part;
      if (missing === 0n) break;
    }
    return taken;
  }

  /** Gives held credits back to where they came from, or to the fate of a lot that is over (RULES 9). */
  giveBack(id: string, amount: Credits): void {
    if (this.lot(id).phase === "revoked") return this.move(id, "held", "revoked", amount);
    const left = this.payRevoke(id, "held", amount);
    this.move(id, "held", this.lot(id).phase === "expired" ? "expired" : "available", left);
  }

  /** A partial revoke that is still owed takes what returns, before anything else; gives what is left (RULES 9). */
  payRevoke(id: string, from: "held" | "consumed", amount: Credits): Credits {
    const owed = least(this.lot(id).owedRevoke, amount);
    if (owed === 0n) return amount;
    // Usage that is undone into a revoked lot keeps its money (RULES 13).
    this.move(id, from, "revoked", owed, from === "consumed" ? { carried: noMoney } : {});
    const lot = this.lot(id);
    this.put({ ...lot, owedRevoke: minus(lot.owedRevoke, owed) });
    return minus(amount, owed);
  }

  /** What a debt comes to in this event so far. */
  owed(debt: Debt): Credits {
    return this.#owed.get(debt.of) ?? debt.credits;
  }

  /** Notes that a settlement owes more, or (below zero) less. */
  owe(of: string, delta: bigint): void {
    this.#owed.set(
      of,
      credits((this.#owed.get(of) ?? this.#pool.debts.get(of)?.credits ?? 0n) + delta),
    );
    this.#debtDelta += delta;
  }

  /** Pays debts with what is available, oldest first, in burn order (RULES 12). */
  payDebts(): void {
    for (const debt of this.#pool.owing.rows) {
      const owed = this.owed(debt);
      for (const part of this.draw(debt.usage, owed, "consumed", debt.of))
        this.owe(debt.of, -part.credits);
    }
  }

  finish(): DraftResult {
    return { transfers: this.#withMoney(), balance: this.#balance() };
  }

  *#drawable(usage: UsageScope): Iterable<string> {
    if (this.#fresh.size === 0) {
      for (const lot of drawable(this.#pool, usage)) yield lot.id;
      return;
    }
    const all = new Map<string, Lot>();
    for (const lot of drawable(this.#pool, usage)) all.set(lot.id, this.lot(lot.id));
    for (const id of this.#fresh) all.set(id, this.lot(id));
    const open = [...all.values()].filter((lot) => isDrawable(lot) && applies(lot, usage));
    for (const lot of open.toSorted(burnOrder)) yield lot.id;
  }

  #balance(): Balance {
    const totals: Totals = { ...this.#pool.totals };
    for (const { before, after } of this.#changed.values()) {
      if (before !== undefined) addTo(totals, before, -1n);
      addTo(totals, after, 1n);
    }
    totals.debt += this.#debtDelta;
    return balanceOf({ totals });
  }

  #withMoney(): readonly Transfer[] {
    const priced = new Map<Transfer, Money>();
    for (const { origin } of this.#changed.values())
      if (origin.cost !== 0n) this.#price(origin, priced);
    if (priced.size === 0) return this.#moves;
    return this.#moves.map((move) => ({ ...move, money: priced.get(move) ?? move.money }));
  }

  /** Credits that come back first, as one step of the series; then all that leave, as the next (W2). */
  #price(lot: Lot, priced: Map<Transfer, Money>): void {
    const moves = this.#moves.filter((move) => move.lot === lot.id);
    const back = moves.filter((move) => isExit(move.from) && !isExit(move.to));
    const out = moves.filter((move) => !isExit(move.from) && isExit(move.to));
    const start = gone(lot);
    const low = start - sum(back);
    spread(recognisedAt(lot, start) - recognisedAt(lot, low), back, priced);
    if (out.length === 0) return;
    const groups = exits.map((exit) => out.filter((move) => move.to === exit));
    const used = groups.filter((group) => group.length > 0);
    const whole = recognisedAt(lot, low + sum(out)) - recognisedAt(lot, low);
    const parts = split(whole, used.map(sum));
    for (const [index, group] of used.entries()) spread(parts[index] ?? 0n, group, priced);
  }
}

const sum = (moves: readonly Transfer[]): bigint =>
  moves.reduce((total, move) => total + move.credits, 0n);

function spread(whole: bigint, moves: readonly Transfer[], priced: Map<Transfer, Money>): void {
  if (moves.length === 0) return;
  const parts =
    moves.length === 1
      ? [whole]
      : split(
          whole,
          moves.map((move) => move.credits),
        );
  for (const [index, move] of moves.entries()) priced.set(move, money(parts[index] ?? 0n));
}

/** What left a lot by one exit, as a sum over the transfers of an event. */
export const exitsOf = (transfers: readonly Transfer[], exit: Exit): Credits =>
  credits(
    transfers.reduce(
      (total: bigint, one) => (one.to === exit ? total + one.credits : total),
      noCredits,
    ),
  );
