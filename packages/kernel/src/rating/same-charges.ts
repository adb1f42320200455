/** Owns whether two versions of a rate card charge the same, whatever calls cost the vendor. */
import type { RateCard, RateRow } from "./rate-card.ts";

/** Of cards that list their rows in another order nothing is said: they may. */
export const chargeSame = (a: RateCard, b: RateCard): boolean => chargesOf(a) === chargesOf(b);

/** By card, which never changes: it is asked once for each workspace that meets a new version. */
const known = new WeakMap<RateCard, string>();

function chargesOf(card: RateCard): string {
  const before = known.get(card);
  if (before !== undefined) return before;
  const text = JSON.stringify(card.rows.map(withoutCost), (_, value: unknown) =>
    typeof value === "bigint" ? `${value}` : value,
  );
  known.set(card, text);
  return text;
}

const withoutCost = ({ cost: _cost, ...charges }: RateRow): Omit<RateRow, "cost"> => charges;
