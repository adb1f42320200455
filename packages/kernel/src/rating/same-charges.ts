/** Owns whether two versions of a rate card charge the same, whatever calls cost the vendor. */
import type { RateCard, RateRow } from "./rate-card.ts";

/** By cards, which never change: it is asked of each workspace, again and again while nothing has been priced by the second. */
const known = new WeakMap<RateCard, WeakMap<RateCard, boolean>>();

/** Of cards that list their rows in another order nothing is said: they may. */
export function chargeSame(a: RateCard, b: RateCard): boolean {
  const ofA = known.get(a) ?? new WeakMap<RateCard, boolean>();
  known.set(a, ofA);
  const before = ofA.get(b);
  if (before !== undefined) return before;
  const isSame = chargesOf(a) === chargesOf(b);
  ofA.set(b, isSame);
  return isSame;
}

const chargesOf = (card: RateCard): string =>
  JSON.stringify(card.rows.map(withoutCost), (_, value: unknown) =>
    typeof value === "bigint" ? `${value}` : value,
  );

const withoutCost = ({ cost: _cost, ...charges }: RateRow): Omit<RateRow, "cost"> => charges;
