/**
 * Owns the auditor's own account of one lot's money, roundings included.
 *
 * V2 money posted per lot is the rounded share of what is gone (K8); from where a price changed, of what was left then. With
 * expected breakage it stays within the cost, usage of it is the rounded share of what was used, and a revised estimate meets
 * its series. A lot with nothing left defers nothing. V4 no more is given back than was paid, tax apart.
 */
import type { CreditsChargedBack, CreditsRepaid, Lot, Transfer } from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";

/** Credits of a lot, as its transfers leave them. */
export interface LotCredits {
  readonly left: bigint;
  readonly consumed: bigint;
}

/** What was used of a lot, and what that came to. */
interface LotUse {
  readonly credits: bigint;
  readonly money: bigint;
}

/** The money of one lot. Mutable. */
export class LotMoney {
  readonly #id: string;
  readonly #granted: bigint;
  readonly #cost: bigint;
  readonly #tax: bigint;
  readonly #isUnpaid: boolean;
  readonly #onExpiry: Transfer["into"];
  #breakage: bigint | null;
  #posted = 0n;
  /** Recognised as usage; undefined where the estimate came later, so that usage has no series of its own. */
  #usage: bigint | undefined;
  #base: { left: bigint; deferred: bigint; gone: bigint; posted: bigint; used: LotUse } | undefined;
  /** Posted with what was consumed. */
  #used = 0n;
  /** Left the lot for another lot, the state, or the customer's balance. */
  #elsewhere = 0n;
  /** Money of access that a change of plan left in it: paid as well. */
  #added = 0n;
  #back = 0n;
  #taxBack = 0n;
  /** Where the money of what is revoked goes, once a chargeback or the state has taken the lot. */
  #fate: Transfer["into"];

  constructor({ id, granted, cost, finance }: Lot) {
    this.#id = id;
    this.#granted = granted;
    this.#cost = cost;
    this.#tax = finance?.tax ?? 0n;
    this.#isUnpaid = finance?.isUnpaid ?? false;
    this.#onExpiry = finance?.escheats === true ? "UnclaimedProperty" : undefined;
    this.#breakage = asBps(finance?.breakage ?? null);
    this.#usage = this.#breakage === null ? undefined : 0n;
  }

  move({ from, to, credits, money, into, outOf, breakage }: Transfer): void {
    const broken: bigint = breakage ?? 0n;
    this.#posted += (isGone(to) ? money : 0n) - (isGone(from) ? money : 0n);
    this.#used += (to === "consumed" ? money : 0n) - (from === "consumed" ? money : 0n);
    if (to === "moved" || into === "UnclaimedProperty" || into === "CustomerBalance")
      this.#elsewhere += money;
    if (into === "CustomerBalance" && money < 0n) this.#added -= money;
    if (outOf === "UnclaimedProperty") this.#elsewhere -= money;
    if (into === "Cash") this.#back += money;
    if (to === "expired" || from === "expired")
      expect(
        (to === "expired" ? into : outOf) === this.#onExpiry,
        "E7 what expires is breakage, or the state's",
        () => `${money} of ${this.#id} go to ${into ?? "Breakage"}`,
      );
    if (to === "revoked" && !isGone(from) && this.#fate !== undefined)
      expect(
        into === this.#fate,
        "RULES 9: what returns meets the fate of its lot",
        () => `${money} of ${this.#id} go to ${into ?? "Breakage"}, not ${this.#fate}`,
      );
    if (this.#breakage === null && credits > 0n)
      expectEqual(broken, 0n, `E6 lot ${this.#id} expects no breakage`);
    if (this.#usage === undefined) return;
    // Usage that is undone into a revoked lot leaves its money: from there on its series is not known.
    if (from === "consumed" && to === "revoked") this.#usage = undefined;
    else if (to === "consumed") this.#usage += money - broken;
    else if (from === "consumed") this.#usage -= money - broken;
  }

  /** From here on the rest is worth what it defers. */
  rebase({ left, consumed }: LotCredits): void {
    this.#usage = undefined;
    if (left === 0n) return;
    const gone = this.#granted - left;
    const used = { credits: consumed, money: this.#used };
    this.#base = { left, deferred: this.#cost - this.#posted, gone, posted: this.#posted, used };
  }

  repay({ money, goodwill, tax, unpaid }: CreditsRepaid, byTransfers: bigint): void {
    expectEqual(money, byTransfers + goodwill, `V4 what is paid back of lot ${this.#id}`);
    const owed = unpaid?.amount ?? 0n;
    expect(
      owed >= 0n && owed <= money + tax,
      "V4 no more comes off what is owed than goes back",
      () => `${owed} of ${money + tax}`,
    );
    if (unpaid?.note !== undefined)
      expectEqual(unpaid.note.amount, owed + unpaid.note.tax, "V4 a credit note is with its tax");
    this.#back += goodwill;
    this.#taxBack += tax;
  }

  chargeBack({ money, tax }: CreditsChargedBack["lots"][number], isOver: boolean): void {
    const paid = this.#isUnpaid ? 0n : this.#cost - this.#elsewhere - this.#back;
    expectEqual(money, paid > 0n ? paid : 0n, `V4 what a bank takes of lot ${this.#id}`);
    this.#back += money;
    this.#taxBack += tax;
    if (!isOver) this.#fate = "Chargebacks";
  }

  escheat(): void {
    this.#fate = "UnclaimedProperty";
  }

  /** Checked by `check` at the end of the event: an estimate that was revised meets its series. */
  revise(breakage: number | null, credits: LotCredits): void {
    if (breakage === null || this.#breakage === null) this.#usage = undefined;
    this.#breakage = asBps(breakage);
    if (this.#breakage === null || this.#base !== undefined) return;
    const used = 10_000n - this.#breakage;
    const gone = this.#granted - credits.left;
    const exact = this.#cost * (credits.consumed * 10_000n + (gone - credits.consumed) * used);
    const reached = rounded(exact, this.#granted * used);
    expectEqual(
      this.#posted,
      reached < this.#cost ? reached : this.#cost,
      `E6.2 lot ${this.#id} meets its new estimate`,
    );
  }

  check({ left, consumed }: LotCredits): void {
    const posted = this.#posted;
    if (this.#breakage === null)
      expectEqual(posted, this.#shareOf(this.#granted - left), `K8 lot ${this.#id} and its share`);
    expect(
      posted <= this.#cost,
      "K8 deferred money is never below zero",
      () => `${this.#id}: ${posted} of ${this.#cost}`,
    );
    if (left === 0n) expectEqual(posted, this.#cost, `K8 lot ${this.#id} defers nothing`);
    if (this.#usage !== undefined) {
      const usage = rounded(this.#cost * consumed, this.#granted);
      expectEqual(this.#usage, usage, `E6 lot ${this.#id} and its usage`);
    }
    const paid = (this.#isUnpaid ? 0n : this.#cost) + this.#added;
    expect(
      this.#back <= paid && this.#taxBack <= this.#tax,
      "V4 no more is given back than was paid",
      () => `${this.#id}: ${this.#back} of ${paid}, tax ${this.#taxBack} of ${this.#tax}`,
    );
  }

  #shareOf(gone: bigint): bigint {
    if (this.#base === undefined) return rounded(this.#cost * gone, this.#granted);
    const { left, deferred, gone: before, posted, used } = this.#base;
    return gone < before
      ? posted - rounded(used.money * (before - gone), used.credits)
      : posted + rounded(deferred * (gone - before), left);
  }
}

const isGone = (part: Transfer["from"]): boolean => part !== "available" && part !== "held";

const asBps = (share: number | null): bigint | null => (share === null ? null : BigInt(share));

/** Half away from zero. */
function rounded(numerator: bigint, denominator: bigint): bigint {
  const size = numerator < 0n ? -numerator : numerator;
  const whole = (2n * size + denominator) / (2n * denominator);
  return numerator < 0n ? -whole : whole;
}
