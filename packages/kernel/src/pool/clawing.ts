/**
 * Owns what one event takes for claims on credits that were held during a change of plan (RULES 15), worked out beside a draft.
 *
 * C4 what is taken is a priced change of its lot: the lot defers what it did less what is credited, and its series runs anew over
 * what is left (RULES 14). C5 where a lot defers less than is credited, or more for the last of its credits, the difference is
 * revenue that is set right.
 */
import { type Credits, type Money, least, minus, money, noCredits, plus } from "../amount.ts";
import type { Hold } from "../holds/hold.ts";
import { split } from "../rounding.ts";
import {
  type Clawback,
  type ClawbackTaken,
  afterReturn,
  claimed,
  claimsOn,
  creditedAt,
} from "./clawback.ts";
import type { Transfer } from "./lot.ts";

/** What an event takes for claims, before its lines are numbered. */
export interface Clawed {
  readonly taken: readonly ClawbackTaken[];
  /** Credited beyond what the lots deferred; below zero where they deferred more and nothing is left on them. */
  readonly unearned: Money;
}

/** A lot as all else of the event leaves it. */
export interface LotLeft {
  readonly deferred: bigint;
  /** Available and held. */
  readonly credits: bigint;
}

interface Claim {
  readonly before: Clawback;
  readonly byLot: Map<string, Credits>;
  after: Clawback;
}

/** Claims of one event. Mutable. */
export class Clawing {
  readonly #clawbacks: readonly Clawback[];
  readonly #claims = new Map<string, Claim>();
  readonly #byLot = new Map<string, { readonly from: Transfer["from"]; credits: Credits }>();

  constructor(clawbacks: Iterable<Clawback>) {
    this.#clawbacks = [...clawbacks];
  }

  /** Of what returns of a hold to a lot, what is claimed: it goes no further than to `from`. */
  take(
    hold: Pick<Hold, "openedAt" | "endedAt">,
    { lot, from, amount }: { lot: string; from: Transfer["from"]; amount: Credits },
  ): Credits {
    let left = amount;
    for (const before of claimsOn(this.#clawbacks, lot, hold)) {
      const claim = this.#claims.get(before.id) ?? { before, byLot: new Map(), after: before };
      const part = least(claimed(claim.after), left);
      if (part === 0n) continue;
      left = minus(left, part);
      claim.after = afterReturn(claim.after, part);
      claim.byLot.set(lot, plus(claim.byLot.get(lot) ?? noCredits, part));
      this.#claims.set(before.id, claim);
    }
    const taken = minus(amount, left);
    if (taken > 0n) {
      const known = this.#byLot.get(lot)?.credits ?? noCredits;
      this.#byLot.set(lot, { from, credits: plus(known, taken) });
    }
    return taken;
  }

  /** The transfers that end the event, lot by lot (C4), and what they come to. */
  conclude(leftOf: (lot: string) => LotLeft): { transfers: readonly Transfer[]; clawed: Clawed } {
    const claims = [...this.#claims.values()].map((claim) => ({ ...claim, money: worth(claim) }));
    const credited = new Map<string, bigint>();
    for (const { byLot, money: whole } of claims) {
      const parts = split(whole, [...byLot.values()]);
      for (const [index, lot] of [...byLot.keys()].entries())
        credited.set(lot, (credited.get(lot) ?? 0n) + (parts[index] ?? 0n));
    }
    const transfers = [...this.#byLot].map(([lot, { from, credits }]): Transfer => {
      const left = leftOf(lot);
      const amount = leaves(left, credited.get(lot) ?? 0n);
      const to = { to: "revoked", into: "CustomerBalance", rebases: true } as const;
      return { lot, from, credits, money: money(amount), ...to };
    });
    const fromLots = transfers.reduce((sum, one) => sum + one.money, 0n);
    const all = claims.reduce((sum, one) => sum + one.money, 0n);
    const taken = claims.map(({ before, after, money: amount }) => ({
      clawback: after.id,
      credits: minus(after.returned, before.returned),
      money: amount,
      left: after,
    }));
    return { transfers, clawed: { taken, unearned: money(all - fromLots) } };
  }
}

const worth = ({ before, after }: Claim): Money =>
  money(creditedAt(after, after.returned) - creditedAt(before, before.returned));

/** C5. */
const leaves = ({ deferred, credits }: LotLeft, credited: bigint): bigint =>
  credits === 0n || credited > deferred ? deferred : credited;
