/**
 * Owns the auditor's own account of holds, settlements and debts.
 *
 * V4 held credits leave held once: each event takes from the lots exactly what the hold's legs lose (K4, K12).
 * V5 charged = lots + debt; refunds stay within it (K13). V6 an open hold is touched only before its expiry. V27 a purse gives what it
 * has, to calls of its member; what they do not use is its own again while it is open, and it is over with its run. V28 a use that was
 * reckoned says so, and names the answer as its provider does: both are left out where they were not said.
 */
import type {
  Event,
  HoldExtended,
  HoldOpened,
  HoldSettled,
  PurseMove,
  Run,
  Transfer,
  UsageDebited,
  UsageRefunded,
} from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";

interface FoldedHold {
  status: "open" | "ended" | "expired";
  readonly legs: Map<string, bigint>;
  overage: bigint;
  expiresAt: number;
  charged: bigint;
  refunded: bigint;
  /** The line that it is billed on. */
  line?: string;
  readonly member: string;
  readonly isPurse: boolean;
  /** Of a call: the purse that it was taken from. */
  purse?: string;
}

type Leg = { readonly lot: string; readonly credits: bigint };

/** All holds of one workspace that the journal has told of. */
export class HoldFold {
  readonly #holds = new Map<string, FoldedHold>();
  readonly #billed = new Map<string, bigint>();
  readonly #debts = new Map<string, bigint>();
  legs = 0n;
  debt = 0n;

  openLegs(id: string): ReadonlyMap<string, bigint> | undefined {
    const hold = this.#holds.get(id);
    return hold?.status === "open" ? hold.legs : undefined;
  }

  owed(id: string): bigint {
    return this.#debts.get(id) ?? 0n;
  }

  get openIds(): string[] {
    return [...this.#holds].filter(([, hold]) => hold.status === "open").map(([id]) => id);
  }

  /** Carries out what one event says of holds and debts. */
  fold(event: Event): void {
    if ("transfers" in event)
      for (const { debt, credits } of event.transfers)
        if (debt !== undefined) this.#owe(debt, -credits);
    switch (event.kind) {
      case "hold.opened":
        return this.#open(event);
      case "hold.extended":
        return this.#extend(event);
      case "hold.settled":
        return this.#settle(event);
      case "hold.released": {
        const hold = this.#openAt(event.hold, event.at);
        this.#checkReturn(hold, event, event.returned);
        this.#take(hold, event.transfers, event.toPurse?.legs ?? []);
        hold.status = "ended";
        return this.#giveBack(hold, event.toPurse, event.at);
      }
      case "run.closed":
        return this.#endPurse(event.run, event.at);
      case "run.expired":
        for (const run of event.runs) this.#endPurse(run, event.at);
        return undefined;
      case "hold.expired":
        return this.#expire(event);
      case "usage.debited":
        return this.#debit(event);
      case "usage.refunded":
        return this.#refund(event);
      default:
        return undefined;
    }
  }

  /** Nothing that was due by `at` may have been left out. */
  checkDue(at: number): void {
    for (const [id, hold] of this.#holds)
      expect(
        hold.status !== "open" || hold.expiresAt > at,
        "RULES 10: what is due has happened",
        () => `hold ${id} is still open at ${at}`,
      );
  }

  #open(event: HoldOpened): void {
    expect(!this.#holds.has(event.hold), "a hold is opened once", () => event.hold);
    const hold: FoldedHold = {
      status: "open",
      legs: new Map(),
      overage: 0n,
      expiresAt: event.expiresAt,
      charged: 0n,
      refunded: 0n,
      member: event.path.member,
      isPurse: event.opens !== undefined,
    };
    this.#holds.set(event.hold, hold);
    this.#pin(hold, event);
  }

  /** What a purse gives to a call. */
  #fromPurse(hold: FoldedHold, { purse: { id }, legs, overage }: PurseMove, at: number): void {
    const purse = this.#openAt(id, at);
    expect(purse.isPurse, "V27 what is prepaid comes out of a purse", () => id);
    expect(
      purse.member === hold.member,
      "V27 a purse gives to calls of its own member",
      () => `${id} to ${hold.member}`,
    );
    for (const { lot, credits } of legs) {
      const left = (purse.legs.get(lot) ?? 0n) - credits;
      expect(left >= 0n, "V27 a purse gives what it has", () => `${left} of ${lot} in ${id}`);
      purse.legs.set(lot, left);
    }
    purse.overage -= overage;
    expect(purse.overage >= 0n, "V27 a purse gives what it has", () => `overage of ${id}`);
    this.legs -= sum(legs);
    hold.purse = id;
  }

  /** What a call does not use; its legs have been taken down to that. */
  #giveBack(hold: FoldedHold, move: PurseMove | undefined, at: number): void {
    if (move === undefined) return;
    expect(hold.purse === move.purse.id, "V27 it returns where it came from", () => move.purse.id);
    const purse = this.#openAt(move.purse.id, at);
    for (const { lot, credits } of move.legs)
      purse.legs.set(lot, (purse.legs.get(lot) ?? 0n) + credits);
    purse.overage += move.overage;
    hold.legs.clear();
  }

  /** All that is left returns to the purse that is open, or to the pool where none is. */
  #checkReturn(
    hold: FoldedHold,
    { at, toPurse }: { readonly at: number; readonly toPurse?: PurseMove },
    returned: bigint,
  ): void {
    const purse = this.#holds.get(hold.purse ?? "");
    const takesBack = purse?.status === "open" && at < purse.expiresAt;
    const back = toPurse === undefined ? 0n : sum(toPurse.legs) + toPurse.overage;
    expectEqual(back, takesBack ? returned : 0n, "V27 what a prepaid call does not use is prepaid");
  }

  #endPurse({ purse: id }: Run, at: number): void {
    const purse = this.#holds.get(id ?? "");
    if (purse?.status === "open") purse.expiresAt = Math.min(purse.expiresAt, at);
  }

  #extend(event: HoldExtended): void {
    const hold = this.#openAt(event.hold, event.at);
    hold.expiresAt = event.expiresAt;
    this.#pin(hold, event);
  }

  #pin(hold: FoldedHold, event: HoldOpened | HoldExtended): void {
    if (event.billing !== undefined) hold.line = event.billing.key;
    const pinned = sum(event.legs) + event.overage;
    expectEqual(pinned, event.credits, "a hold's legs and overage are what was authorized");
    const move = event.fromPurse;
    if (move !== undefined) this.#fromPurse(hold, move, event.at);
    const taken =
      move === undefined
        ? sumByLot(event.transfers, "held", "to")
        : new Map(move.legs.map((leg) => [leg.lot, leg.credits]));
    expect(
      move === undefined || (event.transfers.length === 0 && move.overage === event.overage),
      "V27 what is prepaid is taken from the purse alone",
      () => event.hold,
    );
    for (const leg of event.legs) {
      expectEqual(
        taken.get(leg.lot) ?? 0n,
        leg.credits,
        "K12 a leg is what was taken from its lot",
      );
      hold.legs.set(leg.lot, (hold.legs.get(leg.lot) ?? 0n) + leg.credits);
    }
    hold.overage += event.overage;
    this.legs += sum(event.legs);
  }

  #settle(event: HoldSettled): void {
    const hold = this.#holds.get(event.hold);
    expect(hold !== undefined, "a settlement names a hold that was opened", () => event.hold);
    expect(hold.status !== "ended", "K4 a hold ends once", () => event.hold);
    expect(
      event.isLate === (hold.status === "expired"),
      "a settle is late when its hold had expired",
      () => event.hold,
    );
    const { fromPurse, toPurse } = event;
    if (fromPurse !== undefined) this.#fromPurse(hold, fromPurse, event.at);
    if (hold.status === "open") {
      this.#openAt(event.hold, event.at);
      if (event.isFinal) this.#checkReturn(hold, event, event.returned);
      for (const { lot, credits } of fromPurse?.legs ?? [])
        hold.legs.set(lot, (hold.legs.get(lot) ?? 0n) + credits);
      this.legs += sum(fromPurse?.legs ?? []);
      this.#take(hold, event.transfers, [...event.legs, ...(toPurse?.legs ?? [])]);
      hold.overage = event.overage;
    } else
      expectSame(
        sumByLot(event.transfers, "held", "from"),
        new Map(fromPurse?.legs.map((leg) => [leg.lot, leg.credits])),
      );
    this.#giveBack(hold, toPurse, event.at);
    const { line } = hold;
    expect(
      event.billed === undefined || line === undefined || event.billed.accrual.key === line,
      "B4 a hold is billed on the line that it was opened on",
      () => event.hold,
    );
    if (event.isFinal) hold.status = "ended";
    hold.charged += event.charged;
    this.#charge(event, event.hold);
    expectEqual(event.chargedInTotal, hold.charged, "K13 the settlements of a hold add up");
  }

  #expire(event: Extract<Event, { readonly kind: "hold.expired" }>): void {
    const out = new Map<string, bigint>();
    for (const one of event.holds) {
      const hold = this.#holds.get(one.hold);
      expect(hold?.status === "open", "K4 only an open hold expires", () => one.hold);
      expect(hold.expiresAt === one.expiredAt, "a hold expires at its expiry", () => one.hold);
      const { toPurse } = one;
      this.#checkReturn(hold, { at: one.expiredAt, ...one }, one.returned);
      if (toPurse === undefined) {
        for (const [lot, credits] of hold.legs) out.set(lot, (out.get(lot) ?? 0n) + credits);
        this.legs -= [...hold.legs.values()].reduce((total, credits) => total + credits, 0n);
      } else {
        expectSame(new Map(toPurse.legs.map((leg) => [leg.lot, leg.credits])), hold.legs);
        this.#giveBack(hold, toPurse, one.expiredAt);
      }
      hold.status = "expired";
    }
    expectSame(sumByLot(event.transfers, "held", "from"), out);
  }

  #debit(event: UsageDebited): void {
    expect(!this.#holds.has(event.debit), "a debit happens once", () => event.debit);
    this.#holds.set(event.debit, {
      status: "ended",
      legs: new Map(),
      overage: 0n,
      expiresAt: event.at,
      charged: event.charged,
      refunded: 0n,
      member: event.path.member,
      isPurse: false,
    });
    this.#charge(event, event.debit);
  }

  #refund(event: UsageRefunded): void {
    const hold = this.#holds.get(event.of);
    expect(hold !== undefined, "a refund names a settlement", () => event.of);
    hold.refunded += event.credits;
    expect(hold.refunded <= hold.charged, "K13 refunds stay within the charge", () => event.of);
    expectEqual(event.refundedInTotal, hold.refunded, "K13 the refunds of a settlement add up");
    const billed = event.billed?.credits ?? 0n;
    expectEqual(
      sum(event.charges) + event.debt - billed,
      event.credits,
      "K13 a refund is lots, debt and what comes off the bill",
    );
    this.#bill(event.of, billed);
    this.#owe(event.of, -event.debt);
  }

  #charge(event: HoldSettled | UsageDebited, of: string): void {
    checkProvenance(event, of);
    const billed = event.billed?.credits ?? 0n;
    expectEqual(
      sum(event.charges) + event.debt + billed,
      event.charged,
      "K13 charged is lots, debt and what is billed",
    );
    this.#bill(of, billed);
    const consumed = event.transfers.filter(
      (one) => one.to === "consumed" && one.debt === undefined,
    );
    expectEqual(sum(consumed), sum(event.charges), "K13 charges are what lots gave");
    this.#owe(of, event.debt);
  }

  /** Takes an open hold's legs down to `left`, and sees that the lots lost exactly that from held. */
  #take(hold: FoldedHold, transfers: readonly Transfer[], left: readonly Leg[]): void {
    const remaining = new Map(left.map((leg) => [leg.lot, leg.credits]));
    const out = new Map<string, bigint>();
    for (const [lot, credits] of hold.legs) out.set(lot, credits - (remaining.get(lot) ?? 0n));
    expectSame(sumByLot(transfers, "held", "from"), out);
    hold.legs.clear();
    for (const [lot, credits] of remaining) hold.legs.set(lot, credits);
    this.legs -= [...out.values()].reduce((total, credits) => total + credits, 0n);
  }

  #openAt(id: string, at: number): FoldedHold {
    const hold = this.#holds.get(id);
    expect(hold?.status === "open", "K4 only an open hold is touched", () => id);
    expect(
      at < hold.expiresAt,
      "V6 an open hold is touched before its expiry",
      () => `${id} at ${at}`,
    );
    return hold;
  }

  /** No more comes off a bill than went on it. */
  #bill(of: string, delta: bigint): void {
    if (delta === 0n) return;
    const billed = (this.#billed.get(of) ?? 0n) + delta;
    expect(billed >= 0n, "K13 refunds take off the bill what was on it", () => `${of}: ${billed}`);
    this.#billed.set(of, billed);
  }

  #owe(of: string, delta: bigint): void {
    if (delta === 0n) return;
    const owed = this.owed(of) + delta;
    expect(owed >= 0n, "a debt is paid once", () => `${of} owes ${owed}`);
    if (owed === 0n) this.#debts.delete(of);
    else this.#debts.set(of, owed);
    this.debt += delta;
  }
}

/** What is not said of an event is left out of it, so that the bytes of a journal have one form. */
function checkProvenance({ isEstimated, response }: HoldSettled | UsageDebited, of: string): void {
  const isSaid = isEstimated === undefined || isEstimated;
  const isWord = response === undefined || /^[ -~]{1,128}$/u.test(response);
  expect(isSaid && isWord, "V28 a use says whether it was reckoned, and of which answer", () => of);
}

const sum = (parts: readonly { readonly credits: bigint }[]): bigint =>
  parts.reduce((total, part) => total + part.credits, 0n);

function sumByLot(
  transfers: readonly Transfer[],
  part: Transfer["from"],
  side: "from" | "to",
): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const one of transfers)
    if (one[side] === part) sums.set(one.lot, (sums.get(one.lot) ?? 0n) + one.credits);
  return sums;
}

function expectSame(
  actual: ReadonlyMap<string, bigint>,
  expected: ReadonlyMap<string, bigint>,
): void {
  for (const lot of new Set([...actual.keys(), ...expected.keys()]))
    expectEqual(
      actual.get(lot) ?? 0n,
      expected.get(lot) ?? 0n,
      `K12 lot ${lot} gives from held what the legs lose`,
    );
}
