/**
 * Owns the auditor's own account of lots: a second, plainer reading of the facts than the kernel's `apply`, kept apart from
 * it on purpose, rounding included.
 *
 * V1 every part of a lot is what its transfers say, never below zero, and the parts add up to the grant (K2).
 * V3 nothing is taken from a lot outside its life. Its money: `lot-money.ts`.
 */
import type { Balance, Event, Lot, ProlongedLot, Transfer } from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";
import { type LotCredits, LotMoney } from "./lot-money.ts";

type Part = Transfer["from"];
type Phase = Lot["phase"];

interface FoldedLot {
  readonly granted: bigint;
  readonly effectiveAt: number;
  expiresAt: number;
  readonly isRestricted: boolean;
  readonly parts: Record<Part, bigint>;
  readonly money: LotMoney;
  phase: Phase;
}

/** The totals that a balance states, without debt. */
type Sums = Record<Exclude<keyof Balance, "debt">, bigint>;

/** All lots of one workspace, as the transfers leave them. */
export class LotFold {
  readonly #lots = new Map<string, FoldedLot>();
  readonly sums: Sums = {
    available: 0n,
    held: 0n,
    restrictedAvailable: 0n,
    restrictedHeld: 0n,
    consumed: 0n,
  };
  /** Of unrestricted lots. */
  unrestrictedConsumed = 0n;

  get ids(): Iterable<string> {
    return this.#lots.keys();
  }

  /** What a lot holds in each part; used to compare with the kernel's state. */
  part(id: string, part: Part): bigint {
    return this.#lot(id).parts[part];
  }

  phase(id: string): Phase {
    return this.#lot(id).phase;
  }

  begin(lot: Lot, at: number): void {
    expect(!this.#lots.has(lot.id), "a lot is granted once", () => `lot ${lot.id} a second time`);
    expectEqual(lot.available, lot.granted, `K2 lot ${lot.id} begins with all it was granted`);
    const folded: FoldedLot = {
      granted: lot.granted,
      effectiveAt: lot.effectiveAt,
      expiresAt: lot.expiresAt ?? Number.POSITIVE_INFINITY,
      isRestricted: lot.appliesTo !== null,
      parts: {
        available: lot.granted,
        held: 0n,
        consumed: 0n,
        moved: 0n,
        revoked: 0n,
        expired: 0n,
      },
      money: new LotMoney(lot),
      phase: lot.effectiveAt > at ? "pending" : "live",
    };
    this.#lots.set(lot.id, folded);
    this.#sum(folded, 1n);
  }

  become(id: string, phase: Phase, at: number): void {
    const lot = this.#lot(id);
    if (phase === "live")
      expect(
        lot.phase === "pending" && lot.effectiveAt <= at,
        "RULES 10: a lot is effective when its time has come",
        () => `${id} at ${at}`,
      );
    if (phase === "expired") {
      expect(
        lot.phase === "live" || lot.phase === "pending",
        "a lot expires once",
        () => `${id} was ${lot.phase}`,
      );
      expect(
        lot.expiresAt <= at,
        "RULES 10: a lot expires when its time has come",
        () => `${id} at ${at}`,
      );
    }
    this.#sum(lot, -1n);
    lot.phase = phase;
    this.#sum(lot, 1n);
  }

  /** A pause keeps open what was prepaid for a term, and its end says until when (D3). */
  prolong({ lot: id, expiresAt }: ProlongedLot, at: number): void {
    const lot = this.#lot(id);
    expect(
      lot.phase === "live" && lot.expiresAt > at && (expiresAt ?? Infinity) > at,
      "a lot is prolonged in its life, to a later instant",
      () => `${id} is ${lot.phase}, to ${expiresAt} at ${at}`,
    );
    lot.expiresAt = expiresAt ?? Number.POSITIVE_INFINITY;
  }

  move(transfer: Transfer, at: number): void {
    const { lot: id, from, to, credits } = transfer;
    const lot = this.#lot(id);
    // What holds return at the very instant at which their lot ends is there before it ends, and pays debt (RULES 10, 12).
    const isPaying = transfer.debt !== undefined;
    if (from === "available" && (to === "held" || to === "consumed"))
      expect(
        lot.phase === "live" && (isPaying ? at <= lot.expiresAt : at < lot.expiresAt),
        "V3 credits are taken from a lot in its life",
        () => `${id} is ${lot.phase} at ${at}`,
      );
    this.#sum(lot, -1n);
    lot.parts[from] -= credits;
    lot.parts[to] += credits;
    expect(
      lot.parts[from] >= 0n,
      "K2 no part of a lot is below zero",
      () => `${from} of ${id} is ${lot.parts[from]}`,
    );
    lot.money.move(transfer);
    if (transfer.rebases === true) lot.money.rebase(creditsOf(lot));
    this.#sum(lot, 1n);
  }

  /** Checks V1 and V2 of one lot, once all transfers of an event have been carried out. */
  check(id: string): void {
    const lot = this.#lot(id);
    const { parts, granted } = lot;
    const gone = parts.consumed + parts.moved + parts.revoked + parts.expired;
    expectEqual(
      parts.available + parts.held + gone,
      granted,
      `K2 the parts of lot ${id} are its grant`,
    );
    lot.money.check(creditsOf(lot));
  }

  /** What an event says of a lot's money besides its transfers, which come before. */
  settle(event: MoneyEvent): void {
    switch (event.kind) {
      case "credits.repaid":
        this.#lot(event.lot).money.repay(event, moneyOf(event.transfers));
        return this.check(event.lot);
      case "breakage.revised": {
        const lot = this.#lot(event.lot);
        lot.money.revise(event.breakage, creditsOf(lot));
        return this.check(event.lot);
      }
      case "credits.charged_back":
        for (const one of event.lots) this.check(one.lot);
        return;
      case "credits.escheated":
        return this.check(event.lot);
    }
  }

  /** What must be known of a lot before the transfers of the same event. */
  prepare(event: MoneyEvent, at: number): void {
    switch (event.kind) {
      case "credits.escheated":
        this.#lot(event.lot).money.escheat();
        return this.become(event.lot, "revoked", at);
      case "credits.charged_back":
        for (const one of event.lots) {
          const { money, phase } = this.#lot(one.lot);
          const isOver = phase === "expired" || phase === "revoked";
          money.chargeBack(one, isOver);
          if (!isOver) this.become(one.lot, "revoked", at);
        }
        return;
      case "credits.repaid":
      case "breakage.revised":
        return;
    }
  }

  /** Nothing that was due by `at` may have been left out. */
  checkDue(at: number): void {
    for (const [id, lot] of this.#lots) {
      const isLate =
        lot.phase === "live"
          ? lot.expiresAt <= at
          : lot.phase === "pending" && lot.effectiveAt <= at;
      expect(
        !isLate,
        "RULES 10: what is due has happened",
        () => `lot ${id} is still ${lot.phase} at ${at}`,
      );
    }
  }

  #lot(id: string): FoldedLot {
    const lot = this.#lots.get(id);
    expect(lot !== undefined, "a transfer names a lot that was granted", () => id);
    return lot;
  }

  #sum(lot: FoldedLot, sign: bigint): void {
    const isLive = lot.phase === "live";
    this.sums.consumed += sign * lot.parts.consumed;
    if (lot.isRestricted) {
      this.sums.restrictedHeld += sign * lot.parts.held;
      if (isLive) this.sums.restrictedAvailable += sign * lot.parts.available;
    } else {
      this.unrestrictedConsumed += sign * lot.parts.consumed;
      this.sums.held += sign * lot.parts.held;
      if (isLive) this.sums.available += sign * lot.parts.available;
    }
  }
}

/** Events that say more of a lot's money than their transfers do. */
type MoneyEvent = Extract<
  Event,
  {
    readonly kind:
      | "credits.repaid"
      | "credits.charged_back"
      | "credits.escheated"
      | "breakage.revised";
  }
>;

/** Whether an event is one of them. */
export const isAboutMoney = (event: Event): event is MoneyEvent =>
  event.kind === "credits.repaid" ||
  event.kind === "credits.charged_back" ||
  event.kind === "credits.escheated" ||
  event.kind === "breakage.revised";

const creditsOf = ({ parts }: FoldedLot): LotCredits => ({
  left: parts.available + parts.held,
  consumed: parts.consumed,
});

const moneyOf = (transfers: readonly Transfer[]): bigint =>
  transfers.reduce((sum, one) => sum + one.money, 0n);
