/** The oracle's holds and debts on its lots. */
import type { Workspace } from "@cistern/kernel";
import {
  Ledger,
  type Move,
  type OracleLot,
  type Use,
  inBurnOrder,
  pays,
  round,
  sum,
} from "./ledger.ts";
import type { Counted } from "./limits.ts";
import { taxAlong } from "./money.ts";
import type { Verdict } from "./verdict.ts";

const day = 24 * 60 * 60 * 1_000;

export interface OracleHold {
  readonly id: string;
  readonly isDebit: boolean;
  status: "open" | "settled" | "released" | "expired";
  readonly use: Use;
  authorized: bigint;
  legs: { readonly lot: OracleLot; credits: bigint }[];
  overage: bigint;
  charged: bigint;
  refunded: bigint;
  readonly charges: { readonly lot: OracleLot; credits: bigint; money: bigint; refunded: bigint }[];
  owed: bigint;
  owedSince: number;
  readonly parcels: { credits: bigint; readonly windows: readonly Counted[] }[];
  /** Owed at some time, less what a refund took off that. */
  pastCharged: bigint;
  readonly pastParcels: { credits: bigint; readonly windows: readonly Counted[] }[];
  readonly openedAt: number;
  expiresAt: number;
}

export class Pool {
  readonly ledger = new Ledger();
  readonly holds: OracleHold[] = [];
  /** Charges of the event that is being worked out: they get their money when it is over. */
  #taken: { readonly hold: OracleHold; readonly move: Readonly<Move> }[] = [];

  get debt(): bigint {
    return sum(this.holds.map((hold) => hold.owed));
  }

  hold(id: string): OracleHold | undefined {
    return this.holds.find((one) => one.id === id);
  }

  /** RULES 13, for one leg. */
  undo(
    charge: OracleHold["charges"][number],
    part: bigint,
    { at, refund }: { at: number; refund: string },
  ): void {
    const { lot } = charge;
    charge.refunded += part;
    if (lot.phase === "revoked") {
      this.ledger.move(lot, ["consumed", "revoked"], part, 0n);
      return;
    }
    const owed = least(lot.owed, part);
    lot.owed -= owed;
    this.ledger.move(lot, ["consumed", "revoked"], owed, 0n);
    const back = part - owed;
    if (lot.phase !== "expired") {
      this.ledger.move(lot, ["consumed", "available"], back);
      return;
    }
    if (back === 0n) return;
    const moneyOf = (credits: bigint): bigint => round(charge.money * credits, charge.credits);
    const money = moneyOf(charge.refunded) - moneyOf(charge.refunded - back);
    this.ledger.move(lot, ["consumed", "moved"], back, money);
    const stem = refund.replace("rfd_", "grt_");
    const made = this.ledger.lots.filter((one) => one.id.startsWith(stem)).length;
    const other = this.ledger.add({
      id: made === 0 ? stem : `${stem}${made}`,
      granted: back,
      cost: money,
      priority: lot.priority,
      grantedAt: at,
      effectiveAt: at,
      expiresAt: at + 30 * day,
      only: lot.only,
      phase: "live",
    });
    const moved = this.ledger.lots.filter((one) => one.origin === lot.id);
    const all = sum(moved.map((one) => one.cost)) + money;
    Object.assign(other, {
      isUnpaid: lot.isUnpaid,
      escheats: lot.escheats,
      origin: lot.id,
      tax: taxAlong(lot, money, all),
    });
  }

  /** Usage that nothing refuses: available lots, then debt. */
  take(hold: OracleHold, amount: bigint, at: number): void {
    const taken = this.ledger.draw(hold.use, amount, "consumed");
    for (const move of taken) this.#taken.push({ hold, move });
    const debt = amount - sum(taken.map((move) => move.credits));
    if (debt > 0n && hold.owed === 0n) hold.owedSince = at;
    hold.owed += debt;
  }

  /** What an open hold pinned, in burn order; gives what is missing. */
  takePinned(hold: OracleHold, amount: bigint): bigint {
    let missing = amount;
    for (const leg of legsInOrder(hold)) {
      const part = least(leg.credits, missing);
      leg.credits -= part;
      missing -= part;
      if (part > 0n)
        this.#taken.push({ hold, move: this.ledger.move(leg.lot, ["held", "consumed"], part) });
    }
    hold.legs = hold.legs.filter((leg) => leg.credits > 0n);
    return missing;
  }

  /** What an expired hold returned, where it still is, or what of it expired with its lot (RULES 7). */
  takeReturned(hold: OracleHold, amount: bigint): bigint {
    let missing = amount;
    for (const { lot, credits } of legsInOrder(hold)) {
      if (lot.phase === "revoked") continue;
      const from = lot.phase === "expired" ? "expired" : "available";
      const part = least(least(credits, missing), lot.parts[from]);
      missing -= part;
      if (part === 0n) continue;
      const carried =
        from === "expired" ? round(lot.money.expired * part, lot.parts.expired) : null;
      this.#taken.push({ hold, move: this.ledger.move(lot, [from, "consumed"], part, carried) });
    }
    return missing;
  }

  return(hold: OracleHold): void {
    for (const leg of hold.legs) this.ledger.giveBack(leg.lot, leg.credits);
  }

  /** RULES 12: oldest first, in burn order, as consumption by the debtor. */
  payDebts(): void {
    const owing = this.holds
      .filter((hold) => hold.owed > 0n)
      .toSorted((a, b) => a.owedSince - b.owedSince || (a.id < b.id ? -1 : 1));
    for (const hold of owing)
      for (const move of this.ledger.draw(hold.use, hold.owed, "consumed")) {
        hold.owed -= move.credits;
        this.#taken.push({ hold, move });
      }
  }

  close(): void {
    this.ledger.close();
    for (const { hold, move } of this.#taken) {
      const last = hold.charges.at(-1);
      if (last !== undefined && last.lot === move.lot && last.refunded === 0n) {
        last.credits += move.credits;
        last.money += move.money;
      } else
        hold.charges.push({
          lot: move.lot,
          credits: move.credits,
          money: move.money,
          refunded: 0n,
        });
    }
    this.#taken = [];
  }

  /** RULES 2, the last rung. */
  authorize(
    workspace: Workspace,
    use: Use,
    amount: bigint,
  ): (Verdict & { kind: "rejected" }) | { kind: "legs"; fromPool: bigint; overage: bigint } {
    const available = this.ledger.available(use);
    if (amount <= available) return { kind: "legs", fromPool: amount, overage: 0n };
    const limit = workspace.overage.kind === "debt" ? workspace.overage.limit : 0n;
    const inFlight = sum(
      this.holds.filter((one) => one.status === "open").map((one) => one.overage),
    );
    const room = above(limit, this.debt + inFlight);
    if (amount - available <= room)
      return { kind: "legs", fromPool: available, overage: amount - available };
    const numbers = {
      scope: { kind: "workspace", id: workspace.id },
      requested: amount,
      available: available + room,
      missing: amount - available - room,
    };
    const returning = this.ledger.returning(use);
    const lent = workspace.overage.kind === "debt" ? limit - this.debt : 0n;
    if (amount <= available + returning + lent) {
      const ends = this.holds.filter((one) => one.status === "open").map((one) => one.expiresAt);
      const retryAt = ends.length === 0 ? null : Math.min(...ends);
      return { kind: "rejected", code: "credits_held", numbers: { ...numbers, retryAt } };
    }
    const retryAt = this.creditsAt(use, numbers.missing);
    return { kind: "rejected", code: "pool_exhausted", numbers: { ...numbers, retryAt } };
  }

  creditsAt(use: Use, missing: bigint): number | null {
    const pending = this.ledger.lots
      .filter((lot) => lot.phase === "pending" && pays(lot, use))
      .toSorted((a, b) => a.effectiveAt - b.effectiveAt);
    const enough = pending.find(
      (_, index) => sum(pending.slice(0, index + 1).map((lot) => lot.parts.available)) >= missing,
    );
    return enough?.effectiveAt ?? null;
  }

  pin(hold: OracleHold, amount: bigint): void {
    for (const move of this.ledger.draw(hold.use, amount, "held")) {
      const leg = hold.legs.find((one) => one.lot === move.lot);
      if (leg === undefined) hold.legs.push({ lot: move.lot, credits: move.credits });
      else leg.credits += move.credits;
    }
  }
}

export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const above = (a: bigint, b: bigint): bigint => (a > b ? a - b : 0n);

/** Pinned lots burn in burn order too, whichever was pinned first. */
const legsInOrder = ({ legs }: OracleHold): OracleHold["legs"] => {
  const order = inBurnOrder(legs.map((leg) => leg.lot));
  return legs.toSorted((a, b) => order.indexOf(a.lot) - order.indexOf(b.lot));
};
