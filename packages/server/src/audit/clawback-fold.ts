/**
 * Owns the auditor's own account of claims on credits that were held during a change of plan (RULES 15), roundings included.
 *
 * V10 a claim is what the change lacked and calls in flight held, at the price of its lines. V11 what returns of such a call meets
 * the claim before anything else, and no more than was held does. V12 all that is credited is the prorated price less the worth of
 * what is still missing, whatever the order.
 */
import type { ClawedBack, Clawback, Event, State, Transfer } from "@cistern/kernel";
import { expect, expectEqual } from "./fault.ts";

interface Folded {
  readonly claim: Clawback;
  lots: readonly string[];
  returned: bigint;
}

const keptForMs = 200 * 24 * 60 * 60 * 1_000;

/** Claims of one workspace. Mutable. */
export class ClawbackFold {
  readonly #claims = new Map<string, Folded>();
  readonly #openedAt = new Map<string, number>();

  fold(event: Event): void {
    if (event.kind === "hold.opened") this.#openedAt.set(event.hold, event.at);
    // What was prepaid is held since its purse was opened.
    if ("fromPurse" in event && event.fromPurse !== undefined)
      this.#openedAt.set(event.hold, event.fromPurse.purse.openedAt);
    if ("clawback" in event && event.clawback !== undefined) this.#begin(event, event.clawback);
    if (event.kind === "credits.escheated") this.#waive(event.lot);
    if (event.kind === "credits.charged_back") for (const { lot } of event.lots) this.#waive(lot);
    if (!("transfers" in event)) return;
    const taken = event.transfers.filter(isClaimed);
    const holds = returningHolds(event);
    if ("clawedBack" in event && event.clawedBack !== undefined)
      this.#meet(event.clawedBack, taken);
    else
      expect(
        (holds.length === 0 && event.kind !== "usage.refunded") || taken.length === 0,
        "V11 what is taken of a return is taken for a claim",
        () => event.kind,
      );
    if (holds.length > 0) this.#checkRest(holds, event.transfers);
  }

  /** The kernel has the same. */
  compare({ pool }: State): void {
    const said = [...pool.clawbacks.values()].map((one) => `${one.id} ${one.returned}`).toSorted();
    const own = [...this.#claims].map(([id, one]) => `${id} ${one.returned}`).toSorted();
    expect(said.join() === own.join(), "K6 the kernel knows the same claims", () => said.join());
  }

  #begin(event: Event, claim: Clawback): void {
    expect(
      claim.owed <= claim.missing && claim.owed > 0n && claim.returned === 0n,
      "V10 a claim is of what the change lacked",
      () => `${claim.owed} of ${claim.missing}`,
    );
    // What is left of a commitment, and what a plan included of meters, is no part of what the change was worth.
    const lines =
      "lines" in event ? event.lines.filter(({ account }) => account !== "Unbilled") : [];
    const sum = (isUsed: boolean): bigint =>
      lines.reduce(
        (total, one) => ((one.kind === "used_credits") === isUsed ? total + one.amount : total),
        0n,
      );
    const price = sum(false) < 0n ? -sum(false) : 0n;
    expectEqual(claim.price, price, `V10 the price of claim ${claim.id}`);
    const folded = { claim, lots: claim.lots, returned: 0n };
    const lacked = sum(true);
    expectEqual(price - lacked, creditedBy(folded, 0n), `V10 what ${claim.id} lacked at first`);
    for (const [id, old] of this.#claims)
      if (old.claim.at + keptForMs <= event.at) this.#claims.delete(id);
    this.#claims.set(claim.id, folded);
  }

  #meet({ taken, unearned, lines }: ClawedBack, transfers: readonly Transfer[]): void {
    let credits = 0n;
    let money = 0n;
    for (const one of taken) {
      const folded = this.#claims.get(one.clawback);
      expect(folded !== undefined, "V11 a claim that is met was made", () => one.clawback);
      const { owed } = folded.claim;
      const after = folded.returned + one.credits;
      expect(after <= owed, "V11 no more returns than was held", () => `${after} of ${owed}`);
      const due = creditedBy(folded, after) - creditedBy(folded, folded.returned);
      expectEqual(one.money, due, `V12 what ${one.clawback} credits`);
      credits += one.credits;
      money += one.money;
      if (after === owed) this.#claims.delete(one.clawback);
      else folded.returned = after;
    }
    const fromLots = transfers.reduce((total, one) => total + one.money, 0n);
    const ofLots = transfers.reduce((total, one) => total + one.credits, 0n);
    expectEqual(ofLots, credits, "V11 what claims take, lots give");
    expectEqual(
      fromLots + unearned,
      money,
      "V12 what is credited comes out of the lots and revenue",
    );
    const onLines = lines.reduce((total, one) => total - one.amount, 0n);
    expectEqual(onLines, money, "V12 what is credited stands on lines");
  }

  /** V11: nothing goes further while a claim on it waits. Of several holds nobody can say whose it was. */
  #checkRest(holds: readonly string[], transfers: readonly Transfer[]): void {
    for (const { claim, lots } of this.#claims.values()) {
      if (!holds.every((id) => (this.#openedAt.get(id) ?? Infinity) <= claim.at)) continue;
      const passed = transfers.find(
        ({ lot, from, to }) =>
          lots.includes(lot) && from === "held" && to !== "consumed" && to !== "revoked",
      );
      expect(
        passed === undefined,
        "V11 what returns meets a claim before anything else",
        () => `${passed?.credits} of ${passed?.lot} become ${passed?.to}`,
      );
    }
  }

  #waive(lot: string): void {
    for (const one of this.#claims.values()) one.lots = one.lots.filter((other) => other !== lot);
  }
}

const isClaimed = ({ to, into, rebases }: Transfer): boolean =>
  to === "revoked" && into === "CustomerBalance" && rebases === true;

function returningHolds(event: Event): readonly string[] {
  if (event.kind === "hold.settled") return event.isLate ? [] : [event.hold];
  if (event.kind === "hold.released") return [event.hold];
  return event.kind === "hold.expired" ? event.holds.map((one) => one.hold) : [];
}

/** Half away from zero; nothing here is below it. */
function creditedBy({ claim }: Folded, returned: bigint): bigint {
  const worth = claim.cost * (claim.missing - returned);
  const gone = (2n * worth + claim.granted) / (2n * claim.granted);
  return claim.price > gone ? claim.price - gone : 0n;
}
