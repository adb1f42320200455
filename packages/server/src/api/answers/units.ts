/** Owns how units of allowances are told: as they are, and of a level times hours. */
import { type UnitShare, printCredits } from "@cistern/contract";
import { type AllowanceMove, half, microCreditsPerCredit } from "@cistern/kernel";

const msPerHour = 3_600_000n;

/** Units with up to six digits after the point, which levels alone may need. */
export const unitsText = (units: bigint, isLevel: boolean | undefined): string =>
  printCredits(microUnits(units, isLevel));

const microUnits = (units: bigint, isLevel: boolean | undefined): bigint =>
  isLevel === true ? half(units * microCreditsPerCredit, msPerHour) : units * microCreditsPerCredit;

/** Of moves, or of parts of a hold, what is set aside or was used; left out where that is nothing. */
export function unitShares(
  moves: readonly Omit<AllowanceMove, "lines">[] | undefined,
  what: "held" | "used",
): { readonly allowance?: readonly UnitShare[] } {
  const levels = new Set<string>();
  const sums = new Map<string, bigint>();
  for (const move of moves ?? []) {
    sums.set(move.bucket, (sums.get(move.bucket) ?? 0n) + move[what]);
    if (move.isLevel === true) levels.add(move.bucket);
  }
  const allowance = [...sums]
    .filter(([, units]) => units !== 0n)
    .map(([bucket, units]) => {
      const size = units < 0n ? -units : units;
      return { bucket, units: unitsText(size, levels.has(bucket)) };
    });
  return allowance.length === 0 ? {} : { allowance };
}
