/**
 * Owns what one event will do to the lots, worked out on copies while the state is only read: the transfers, with the money
 * that each moves, and the balance after them.
 *
 * W1 transfers are in the order in which they happen; their money is found when all are known (`price-moves.ts`, W2).
 * W3 credits that change their exit carry their money along.
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
  plus,
} from "../amount.ts";
import type { Balance } from "../fact.ts";
import type { Hold } from "../holds/hold.ts";
import { pinnedSince } from "../holds/purse.ts";
import type { Instant } from "../instant.ts";
import { burnOrder } from "./burn-order.ts";
import { type Clawed, Clawing } from "./clawing.ts";
import type { Debt } from "./debt.ts";
import { type AwayAccount, onExpiry, recognisedAt } from "./finance.ts";
import {
  type Lot,
  type LotDraft,
  type LotPart,
  type Transfer,
  deferred,
  gone,
  postedOf,
} from "./lot.ts";
import { type TransferDraft, deferredAfter, priceMoves, tellBreakage } from "./price-moves.ts";
import { moneyMoved, rolledLot } from "./rolled-lot.ts";
import { type PoolSlice, type Totals, balanceOf, drawable, isDrawable, shift } from "./slice.ts";
import { type UsageScope, applies } from "./usage-scope.ts";

/** What `finish` gives to an event. */
export interface DraftResult {
  readonly transfers: readonly Transfer[];
  readonly balance: Balance;
  /** Lots made of credits that returned and roll on; left out where there are none. */
  readonly made?: readonly Lot[];
  /** What is taken for claims of earlier changes of plan (RULES 15); left out where nothing is. */
  readonly clawed?: Clawed;
}

/** A lot that this event touches. */
interface Change {
  /** As the state has it. */
  readonly before: Lot | undefined;
  /** Where this event's transfers begin: of a lot that the event makes, its first form. */
  origin: Lot;
  lot: LotDraft;
}

/** `carried`: money of credits that change their exit. `debt`: whose debt they pay. `into`: who takes their money; `outOf`: who gives it back. */
interface MoveOptions {
  readonly carried?: Money;
  readonly debt?: string;
  readonly into?: AwayAccount | null;
  readonly outOf?: AwayAccount | null;
}

/** A plan of transfers. One draft, one event. */
export class Draft {
  readonly #pool: PoolSlice;
  /** Most events touch one lot. */
  #first: Change | undefined;
  #others: Map<string, Change> | undefined;
  #moves: TransferDraft[] = none;
  #owed: Map<string, Credits> | undefined;
  /** This event made a lot drawable that the burn order of the state may not list. */
  #isFresh = false;
  #debtDelta = 0n;
  /** Lots that this event makes of what returns to lots of a period that is over, by these. */
  #made: Map<string, string> | undefined;
  #clawing: Clawing | undefined;

  constructor(pool: PoolSlice) {
    this.#pool = pool;
  }

  /** The lot as this event leaves it so far. */
  lot(id: string): Lot {
    const lot = this.#find(id)?.lot ?? this.#pool.lots.get(id);
    assert(lot !== undefined, "a lot that something is pinned on exists");
    return lot;
  }

  /** Puts a new lot, or one in another phase, on the table. */
  put(lot: Lot): void {
    const change = this.#find(lot.id);
    const before = this.#pool.lots.get(lot.id);
    if (change === undefined) this.#add({ before, origin: before ?? lot, lot: { ...lot } });
    else change.lot = { ...lot };
    if (isDrawable(lot)) this.#isFresh = true;
  }

  /** Moves credits inside a lot. `carried` is the money of credits that change their exit; else `finish` finds it. */
  move(
    id: string,
    from: LotPart,
    to: LotPart,
    amount: Credits,
    options: MoveOptions = noOptions,
  ): void {
    if (amount === 0n) return;
    this.#move(this.#find(id) ?? this.#take(this.lot(id)), from, to, amount, options);
  }

  #move(
    { lot }: Change,
    from: LotPart,
    to: LotPart,
    amount: Credits,
    { carried = noMoney, debt, into = null, outOf = null }: MoveOptions,
  ): void {
    lot[from] = minus(lot[from], amount);
    lot[to] = plus(lot[to], amount);
    const move: TransferDraft =
      debt === undefined
        ? { lot: lot.id, from, to, credits: amount, money: carried }
        : { lot: lot.id, from, to, credits: amount, money: carried, debt };
    if (into !== null) move.into = into;
    if (outOf !== null) move.outOf = outOf;
    this.#note(move);
    if (to === "available" && isDrawable(lot)) this.#isFresh = true;
  }

  #note(move: TransferDraft): void {
    if (this.#moves === none) this.#moves = [move];
    else this.#moves.push(move);
  }

  /**
   * A priced change: takes credits back and leaves the lot deferring `left`, from where its series runs anew (RULES 14).
   * What else was deferred goes to `into`, below zero when the lot defers more than before. Nothing else moves on it.
   */
  rebase(
    id: string,
    { credits: amount, left, into }: { credits: Credits; left: Money; into: AwayAccount },
  ): void {
    const { lot, origin } = this.#find(id) ?? this.#take(this.lot(id));
    lot.available = minus(lot.available, amount);
    lot.revoked = plus(lot.revoked, amount);
    this.#note({
      lot: id,
      from: "available",
      to: "revoked",
      credits: amount,
      money: money(deferred(origin) - left),
      into,
      rebases: true,
    });
  }

  /** Another estimate: recognises (below zero: defers again) what it changes, as breakage (E6.2). */
  revise(id: string): void {
    const { lot } = this.#find(id) ?? this.#take(this.lot(id));
    const change = money(recognisedAt(lot, gone(lot), lot.consumed) - postedOf(lot));
    if (change === 0n) return;
    this.#note({
      lot: id,
      from: "available",
      to: "consumed",
      credits: noCredits,
      money: change,
      breakage: change,
    });
  }

  /** Takes up to `amount` from available lots (effective `by` an instant; of those that are shared at most `sharedMost`) in burn order, to held or consumed; gives what it took by lot. */
  draw(
    usage: UsageScope,
    amount: Credits,
    to: "held" | "consumed",
    {
      debt,
      by,
      sharedMost,
    }: {
      readonly debt?: string;
      readonly by?: Instant | undefined;
      readonly sharedMost?: Credits | undefined;
    } = noOptions,
  ): readonly { lot: string; credits: Credits }[] {
    if (amount === 0n) return none;
    let taken: { lot: string; credits: Credits }[] | undefined;
    let missing: Credits = amount;
    let shared = sharedMost;
    const options = debt === undefined ? noOptions : { debt };
    for (const row of this.#drawable(usage)) {
      if (by !== undefined && row.effectiveAt > by) continue;
      const change = this.#find(row.id);
      const has = least((change?.lot ?? row).available, missing);
      const isBounded = shared !== undefined && row.appliesTo === null;
      const part = isBounded && shared !== undefined ? least(has, shared) : has;
      if (part === 0n) continue;
      if (isBounded && shared !== undefined) shared = minus(shared, part);
      this.#move(change ?? this.#take(row), "available", to, part, options);
      const one = { lot: row.id, credits: part };
      if (taken === undefined) taken = [one];
      else taken.push(one);
      missing = minus(missing, part);
      if (missing === 0n) break;
    }
    return taken ?? none;
  }

  /** Gives held credits back to where they came from, or to the fate of a lot that is over (RULES 9). */
  giveBack(hold: Hold, id: string, amount: Credits): void {
    const { phase, finance } = this.lot(id);
    const unrevoked = phase === "revoked" ? amount : this.payRevoke(id, "held", amount);
    const unclaimed = this.clawBack(hold, id, "held", unrevoked);
    if (phase === "revoked")
      return this.move(id, "held", "revoked", unclaimed, { into: finance?.fate ?? null });
    const left = this.#rollOn(id, unclaimed);
    const lot = this.lot(id);
    if (lot.phase === "expired") this.move(id, "held", "expired", left, { into: onExpiry(lot) });
    else this.move(id, "held", "available", left);
  }

  /**
   * What a change of plan would have taken, had the hold not had it, is taken now (RULES 15); gives what is left. Of usage that
   * is undone it becomes available first, with its money.
   */
  clawBack(hold: Hold, id: string, from: "held" | "consumed", amount: Credits): Credits {
    const { clawbacks } = this.#pool;
    if (clawbacks.size === 0 || amount === 0n) return amount;
    const back = from === "held" ? "held" : "available";
    this.#clawing ??= new Clawing(clawbacks.values());
    const since = { openedAt: pinnedSince(hold), endedAt: hold.endedAt };
    const taken = this.#clawing.take(since, { lot: id, from: back, amount });
    if (taken === 0n) return amount;
    if (from === "consumed") this.move(id, from, back, taken);
    const { lot } = this.#find(id) ?? this.#take(this.lot(id));
    lot[back] = minus(lot[back], taken);
    lot.revoked = plus(lot.revoked, taken);
    return minus(amount, taken);
  }

  /** What a rollover is still owed goes on, in a lot of its own; gives what is left. */
  #rollOn(id: string, amount: Credits): Credits {
    const lot = this.lot(id);
    const { phase, rollover } = lot;
    const part = least(amount, rollover?.quota ?? noCredits);
    if (phase !== "expired" || rollover === undefined || part === 0n) return amount;
    this.move(id, "held", "moved", part);
    const quota = minus(rollover.quota, part);
    const into = this.#made?.get(id) ?? `${id}h${rollover.made + 1}`;
    const made = rollover.made + (this.#made?.has(id) === true ? 0 : 1);
    this.put({ ...this.lot(id), rollover: { ...rollover, quota, made } });
    const known = this.#find(into);
    if (known === undefined) {
      // As if it had rolled with the others, at the end of its period; it takes its money when that is known.
      const since = lot.expiresAt ?? lot.grantedAt;
      const { expiresAt } = rollover;
      this.put(rolledLot(lot, { id: into, granted: part, cost: noMoney, since, expiresAt }));
      this.#made ??= new Map();
      this.#made.set(id, into);
    } else {
      known.origin = grown(known.origin, part);
      known.lot = { ...grown(known.lot, part) };
    }
    return minus(amount, part);
  }

  /** A partial revoke that is still owed takes what returns, before anything else; gives what is left (RULES 9). */
  payRevoke(id: string, from: "held" | "consumed", amount: Credits): Credits {
    const owed = least(this.lot(id).owedRevoke, amount);
    if (owed === 0n) return amount;
    // Usage that is undone into a revoked lot keeps its money (RULES 13).
    this.move(id, from, "revoked", owed, from === "consumed" ? { carried: noMoney } : noOptions);
    const lot = this.lot(id);
    this.put({ ...lot, owedRevoke: minus(lot.owedRevoke, owed) });
    return minus(amount, owed);
  }

  /** What a debt comes to in this event so far. */
  owed(debt: Debt): Credits {
    return this.#owed?.get(debt.of) ?? debt.credits;
  }

  /** Notes that a settlement owes more, or (below zero) less. */
  owe(of: string, delta: bigint): void {
    const owed = this.#owed?.get(of) ?? this.#pool.debts.get(of)?.credits ?? noCredits;
    this.#owed ??= new Map();
    this.#owed.set(of, credits(owed + delta));
    this.#debtDelta += delta;
  }

  /** Pays debts with what is available, oldest first, in burn order (RULES 12). */
  payDebts(): void {
    for (const debt of this.#pool.owing.rows) {
      const owed = this.owed(debt);
      for (const part of this.draw(debt.usage, owed, "consumed", { debt: debt.of }))
        this.owe(debt.of, -part.credits);
    }
  }

  finish(): DraftResult {
    const totals: Totals = { ...this.#pool.totals };
    totals.debt += this.#debtDelta;
    // Nearly every event makes no lot, and touches one.
    if (this.#made !== undefined) this.#concludeMade(totals, this.#made);
    else if (this.#others !== undefined)
      for (const change of this.#changes()) this.#conclude(change, totals);
    else if (this.#first !== undefined) this.#conclude(this.#first, totals);
    const balance = balanceOf({ totals });
    if (this.#made === undefined && this.#clawing === undefined)
      return { transfers: this.#moves, balance };
    const made = [...(this.#made?.values() ?? [])].flatMap((id) => this.#find(id)?.origin ?? []);
    const claims = this.#clawing?.conclude((id) => this.#left(id));
    return {
      transfers: claims === undefined ? this.#moves : [...this.#moves, ...claims.transfers],
      balance,
      ...(made.length === 0 ? {} : { made }),
      ...(claims === undefined || claims.clawed.taken.length === 0
        ? {}
        : { clawed: claims.clawed }),
    };
  }

  #concludeMade(totals: Totals, made: ReadonlyMap<string, string>): void {
    const sources = new Map([...made].map(([from, into]) => [into, from]));
    for (const change of this.#changes()) {
      const source = sources.get(change.lot.id);
      if (source !== undefined) this.#takeMoney(change, source);
      this.#conclude(change, totals);
    }
  }

  /** What a lot has left once all that is priced by its series has its money. */
  #left(id: string): { deferred: bigint; credits: bigint } {
    const change = this.#find(id);
    assert(change !== undefined, "what a claim takes from is on the table");
    const { origin, lot } = change;
    return { deferred: deferredAfter(this.#moves, origin), credits: lot.available + lot.held };
  }

  /** A lot that takes credits over takes the money that moved with them: its source was concluded before it. */
  #takeMoney(change: Change, source: string): void {
    const cost = moneyMoved(this.#moves, source);
    change.origin = { ...change.origin, cost };
    change.lot = { ...change.lot, cost };
  }

  #find(id: string): Change | undefined {
    return this.#first?.lot.id === id ? this.#first : this.#others?.get(id);
  }

  #changes(): readonly Change[] {
    if (this.#first === undefined) return none;
    return this.#others === undefined ? [this.#first] : [this.#first, ...this.#others.values()];
  }

  #take(before: Lot): Change {
    return this.#add({ before, origin: before, lot: { ...before } });
  }

  #add(change: Change): Change {
    if (this.#first === undefined) this.#first = change;
    else {
      this.#others ??= new Map();
      this.#others.set(change.lot.id, change);
    }
    return change;
  }

  #drawable(usage: UsageScope): Iterable<Lot> {
    if (!this.#isFresh) return drawable(this.#pool, usage);
    const all = new Map<string, Lot>();
    for (const { id } of drawable(this.#pool, usage)) all.set(id, this.lot(id));
    for (const { lot } of this.#changes()) all.set(lot.id, lot);
    const open = [...all.values()].filter((lot) => isDrawable(lot) && applies(lot, usage));
    return open.toSorted(burnOrder);
  }

  #conclude({ before, origin, lot }: Change, totals: Totals): void {
    shift(totals, before, lot);
    // What cost nothing may have been given money since (a change of plan).
    if (origin.cost === 0n && (origin.finance?.base ?? null) === null) return;
    priceMoves(this.#moves, origin, lot);
    if ((origin.finance?.breakage ?? null) !== null) tellBreakage(this.#moves, origin);
  }
}

const grown = (lot: Lot, more: Credits): Lot => ({
  ...lot,
  granted: plus(lot.granted, more),
  available: plus(lot.available, more),
});

const noOptions: MoveOptions = {};
const none: never[] = [];
