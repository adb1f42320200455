/**
 * Owns what the checker knows of a pool: lots, holds and debts as plain records, moved by nothing but the rules' own words
 * (RULES 1, 7-14, 33). Written apart from the kernel, without its indexes, totals or state: naive on purpose.
 *
 * Mutable: one `Books` per timeline; a `Discrepancy` is thrown at the first event that does not follow.
 */
import type { Lot, LotPart } from "@cistern/kernel";
import { Claims } from "./claims.ts";
import type { DebtRecord, HoldRecord, LotRecord, Move, Pool, UsageOf } from "./records.ts";

/** An event that does not follow from what went before. */
export class Discrepancy extends Error {
  override readonly name = "Discrepancy";
}

/** Throws a `Discrepancy` unless it is so. */
export function demand(isSo: boolean, law: () => string): asserts isSo {
  if (!isSo) throw new Discrepancy(law());
}

/** See the file head. */
export class Books {
  readonly lots = new Map<string, LotRecord>();
  readonly holds = new Map<string, HoldRecord>();
  debts: DebtRecord[] = [];
  /** All that calls have cost the vendor, in the one currency that the card says. */
  vendorNanos = 0n;
  /** Movements of the event that is being checked. */
  moves: Move[] = [];
  /** Lots that the event says that it makes of what returns to a period that is over. */
  #made: readonly Lot[] = [];
  #rolled = new Map<string, bigint>();
  /** As the event found it that is being checked. */
  atStart: Pool = { left: 0n, consumed: 0n };
  readonly claims = new Claims();
  /** What claims take in this event, by lot. */
  readonly #claimed = new Map<string, { from: LotPart; credits: bigint }>();

  begin(made: readonly Lot[] = []): void {
    this.atStart = this.shared();
    this.#made = made;
    this.#rolled = new Map();
  }

  /** Claims are met at the end; what rolled on in this event is in the lots that it made. */
  end(): void {
    for (const [lot, { from, credits }] of this.#claimed)
      this.moves.push({ lot, from, to: "revoked", credits });
    this.#claimed.clear();
    for (const { id, granted, reference } of this.#made) {
      const rolled = this.#rolled.get(reference ?? "") ?? 0n;
      demand(granted === rolled, () => `lot ${id} has ${granted} of ${rolled} that rolled on`);
    }
    const { size } = this.#rolled;
    demand(size === this.#made.length, () => `${size} lots roll on, into ${this.#made.length}`);
  }

  lot(id: string): LotRecord {
    const lot = this.lots.get(id);
    demand(lot !== undefined, () => `lot ${id} does not exist`);
    return lot;
  }

  hold(id: string): HoldRecord {
    const hold = this.holds.get(id);
    demand(hold !== undefined, () => `hold ${id} does not exist`);
    return hold;
  }

  /** A lot as its first event has it. */
  grant(lot: Lot): void {
    const { id, granted, cost, priority, grantedAt, effectiveAt, expiresAt, appliesTo, phase } =
      lot;
    demand(!this.lots.has(id), () => `lot ${id} is granted twice`);
    demand(
      lot.available === granted && granted > 0n,
      () => `lot ${id} begins with less than it has`,
    );
    this.lots.set(id, {
      id,
      granted,
      cost,
      priority,
      grantedAt,
      effectiveAt,
      expiresAt,
      appliesTo,
      phase,
      parts: { available: granted, held: 0n, consumed: 0n, moved: 0n, revoked: 0n, expired: 0n },
      recognised: 0n,
      owedRevoke: 0n,
      owedRollover: 0n,
      breakage: asBps(lot.finance?.breakage ?? null),
      isRevised: false,
      isUnpaid: lot.finance?.isUnpaid ?? false,
      isStates: lot.finance?.escheats ?? false,
      givenBack: 0n,
      elsewhere: 0n,
      base: undefined,
      used: 0n,
      fate: undefined,
    });
  }

  move(id: string, from: LotPart, to: LotPart, credits: bigint, debt?: string): void {
    if (credits === 0n) return;
    const { parts } = this.lot(id);
    demand(parts[from] >= credits, () => `lot ${id} has ${parts[from]} ${from}, not ${credits}`);
    parts[from] -= credits;
    parts[to] += credits;
    this.moves.push({ lot: id, from, to, credits, ...(debt === undefined ? {} : { debt }) });
  }

  /** Lots that are available to a usage (effective `by` an instant), in burn order. */
  openTo(usage: UsageOf, by = Infinity): readonly LotRecord[] {
    const open = [...this.lots.values()].filter(
      (lot) =>
        lot.phase === "live" &&
        lot.effectiveAt <= by &&
        lot.parts.available > 0n &&
        pays(lot, usage),
    );
    return open.toSorted(burnsFirst);
  }

  /** What burn order takes of an amount out of lots that are shared. */
  sharedPart(usage: UsageOf, amount: bigint, by?: number): bigint {
    let [missing, shared] = [amount, 0n];
    for (const { parts, appliesTo } of this.openTo(usage, by)) {
      const part = parts.available < missing ? parts.available : missing;
      missing -= part;
      if (appliesTo === null) shared += part;
    }
    return shared;
  }

  /** Takes up to `amount` of what is available to a usage (of lots effective `by` an instant, of those that are shared at most `sharedMost`), in burn order; gives what it took, by lot. */
  draw(
    usage: UsageOf,
    amount: bigint,
    to: "held" | "consumed",
    {
      debt,
      by,
      sharedMost,
    }: {
      readonly debt?: string;
      readonly by?: number | undefined;
      readonly sharedMost?: bigint | undefined;
    } = {},
  ) {
    const taken: { lot: string; credits: bigint }[] = [];
    let missing = amount;
    let shared = sharedMost ?? amount;
    for (const lot of this.openTo(usage, by)) {
      const { available } = lot.parts;
      const most = lot.appliesTo === null && shared < missing ? shared : missing;
      const part = available < most ? available : most;
      if (part === 0n) continue;
      if (lot.appliesTo === null) shared -= part;
      this.move(lot.id, "available", to, part, debt);
      taken.push({ lot: lot.id, credits: part });
      missing -= part;
    }
    return { taken, missing };
  }

  /** What returns goes where it came from, or meets the fate of a lot that is over. */
  giveBack(hold: HoldRecord, id: string, credits: bigint): void {
    const lot = this.lot(id);
    const isRevoked = lot.phase === "revoked";
    const unrevoked = isRevoked ? credits : this.payRevoke(id, "held", credits);
    const unclaimed = this.claw(hold, id, "held", unrevoked);
    if (isRevoked) return this.move(id, "held", "revoked", unclaimed);
    const left = this.#rollOn(lot, unclaimed);
    this.move(id, "held", lot.phase === "expired" ? "expired" : "available", left);
  }

  /** Claims take what returns; what was used becomes available first. Gives what is left. */
  claw(hold: HoldRecord, id: string, from: "held" | "consumed", credits: bigint): bigint {
    const openedAt = hold.pinnedSince ?? hold.openedAt;
    const taken = this.claims.take({ openedAt, endedAt: hold.endedAt }, id, credits);
    if (taken === 0n) return credits;
    const back = from === "held" ? "held" : "available";
    if (from === "consumed") this.move(id, from, back, taken);
    const { parts } = this.lot(id);
    parts[back] -= taken;
    parts.revoked += taken;
    const before = this.#claimed.get(id)?.credits ?? 0n;
    this.#claimed.set(id, { from: back, credits: before + taken });
    return credits - taken;
  }

  /** What a rollover is still owed of a period that is over goes on (RULES 9). */
  #rollOn(lot: LotRecord, credits: bigint): bigint {
    const part = lot.owedRollover < credits ? lot.owedRollover : credits;
    if (lot.phase !== "expired" || part === 0n) return credits;
    this.move(lot.id, "held", "moved", part);
    lot.owedRollover -= part;
    const made = this.#made.find(({ reference }) => reference === lot.id);
    demand(made !== undefined, () => `no lot takes what rolls on of lot ${lot.id}`);
    if (!this.#rolled.has(lot.id)) this.grant(made);
    this.#rolled.set(lot.id, (this.#rolled.get(lot.id) ?? 0n) + part);
    return credits - part;
  }

  /** A partial revoke takes what returns first. */
  payRevoke(id: string, from: "held" | "consumed", credits: bigint): bigint {
    const lot = this.lot(id);
    const part = lot.owedRevoke < credits ? lot.owedRevoke : credits;
    lot.owedRevoke -= part;
    this.move(id, from, "revoked", part);
    return credits - part;
  }

  /** Debts are paid with whatever is available to their usage, oldest first (RULES 12). */
  payDebts(): void {
    for (const debt of this.debts) {
      const hold = this.hold(debt.of);
      const { taken } = this.draw(hold.usage, debt.credits, "consumed", { debt: debt.of });
      for (const { lot, credits } of taken) {
        debt.credits -= credits;
        hold.owed -= credits;
        addCharge(hold, lot, credits);
      }
    }
    this.debts = this.debts.filter((debt) => debt.credits > 0n);
  }

  /** More debt, or (below zero) less. */
  owe(hold: HoldRecord, credits: bigint, at: number): void {
    if (credits === 0n) return;
    hold.owed += credits;
    demand(hold.owed >= 0n, () => `${hold.id} owes less than nothing`);
    const known = this.debts.find((debt) => debt.of === hold.id);
    if (known === undefined) this.debts.push({ of: hold.id, since: at, credits });
    else known.credits += credits;
    this.debts = this.debts
      .filter((debt) => debt.credits > 0n)
      .toSorted((a, b) => a.since - b.since || (a.of < b.of ? -1 : 1));
  }

  /** What lots without restriction have, and have given. */
  shared(): Pool {
    let [left, consumed] = [0n, 0n];
    for (const { parts, phase, appliesTo } of this.lots.values()) {
      if (appliesTo !== null) continue;
      left += parts.held + (phase === "live" ? parts.available : 0n);
      consumed += parts.consumed;
    }
    return { left, consumed };
  }

  /** Totals as events state them, from every lot anew. */
  balance() {
    const sums = {
      available: 0n,
      held: 0n,
      restrictedAvailable: 0n,
      restrictedHeld: 0n,
      consumed: 0n,
      debt: 0n,
    };
    for (const { parts, phase, appliesTo } of this.lots.values()) {
      const available = phase === "live" ? parts.available : 0n;
      if (appliesTo === null) {
        sums.available += available;
        sums.held += parts.held;
      } else {
        sums.restrictedAvailable += available;
        sums.restrictedHeld += parts.held;
      }
      sums.consumed += parts.consumed;
    }
    for (const { credits } of this.debts) sums.debt += credits;
    return sums;
  }
}

const asBps = (share: number | null): bigint | null => (share === null ? null : BigInt(share));

/** Notes what a settlement took; what the last lot gives again joins its charge. */
export function addCharge(hold: HoldRecord, lot: string, credits: bigint): void {
  const last = hold.charges.at(-1);
  if (last?.lot === lot && last.refunded === 0n) last.credits += credits;
  else hold.charges.push({ lot, credits, refunded: 0n });
}

/** priority asc, restricted first, expiresAt asc (none last), grantedAt asc, id asc. */
export function burnsFirst(a: LotRecord, b: LotRecord): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if ((a.appliesTo === null) !== (b.appliesTo === null)) return a.appliesTo === null ? 1 : -1;
  if (a.expiresAt !== b.expiresAt) return (a.expiresAt ?? Infinity) - (b.expiresAt ?? Infinity);
  if (a.grantedAt !== b.grantedAt) return a.grantedAt - b.grantedAt;
  return a.id < b.id ? -1 : 1;
}

/** All lists that a grant gives must match (RULES 33). */
export function pays({ appliesTo }: LotRecord, { member, groups, meter }: UsageOf): boolean {
  if (appliesTo?.members?.includes(member) === false) return false;
  if (appliesTo?.meters?.includes(meter ?? "") === false) return false;
  return appliesTo?.groups === undefined || groups.some((id) => appliesTo.groups?.includes(id));
}
