/**
 * Owns what a change of plan claims of credits that calls in flight held (RULES 15): what of them returns is taken, at the end of the
 * event in which it returns. How much is claimed, and what it is worth, is taken as the events say it.
 */
import type { Clawback } from "@cistern/kernel";

/** What is claimed, and not taken yet. */
interface Claim {
  readonly id: string;
  readonly at: number;
  readonly lots: readonly string[];
  left: bigint;
}

/** Whose return it is: a call that was in flight at the change. */
interface Returning {
  readonly openedAt: number;
  readonly endedAt: number | null;
}

/** Claims of one workspace, oldest first. Mutable. */
export class Claims {
  #claims: Claim[] = [];

  add({ id, at, lots, owed }: Clawback): void {
    this.#claims.push({ id, at, lots, left: owed });
    this.#claims = this.#claims.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }

  /** A bank or the state takes what returns to a lot. */
  waive(lot: string): void {
    this.#claims = this.#claims.map((one) => ({
      ...one,
      lots: one.lots.filter((other) => other !== lot),
    }));
  }

  /** How much of what returns to a lot is taken. */
  take({ openedAt, endedAt }: Returning, lot: string, credits: bigint): bigint {
    let left = credits;
    for (const claim of this.#claims) {
      const isOurs = openedAt <= claim.at && (endedAt === null || endedAt > claim.at);
      if (!isOurs || !claim.lots.includes(lot)) continue;
      const part = claim.left < left ? claim.left : left;
      claim.left -= part;
      left -= part;
    }
    return credits - left;
  }
}
