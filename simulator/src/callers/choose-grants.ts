/** Owns how credits come and go. */
import { credits, instant, money } from "@cistern/kernel";
import type { Grant, Restriction } from "@cistern/kernel";
import type { Chance } from "../world/chance.ts";
import { type Choice, type Choosing, groups, keyed, members } from "./choice.ts";
import { some } from "./choose-spending.ts";

/** A grant; `mean` is in credits. */
export function grantOf(chance: Chance, nowMs: number, mean: number): Grant {
  const isLater = chance.happens(0.25);
  const effectiveAt = isLater
    ? instant(nowMs + chance.around(chance.pick([500, 5_000, 600_000])))
    : null;
  const expiresAt = chance.happens(0.65)
    ? instant(
        (effectiveAt ?? nowMs) +
          chance.around(chance.pick([800, 5_000, 60_000, 7_200_000])) +
          2_000,
      )
    : null;
  return {
    kind: "grant",
    grant: "",
    credits: credits(BigInt(chance.around(mean * 1_000_000))),
    source: chance.pick(["purchase", "promotion", "adjustment"] as const),
    cost: money(BigInt(chance.happens(0.3) ? 0 : chance.around(5_000))),
    currency: chance.happens(0.02) ? "XXX" : null,
    priority: chance.pick([10, 50, 50, 90] as const),
    effectiveAt,
    expiresAt,
    appliesTo: restriction(chance),
    reference: null,
  };
}

/** A grant that keeps the pool near its end; a plan brings credits of its own. */
export const grant = ({ chance, nowMs, known }: Choosing): Choice =>
  keyed(grantOf(chance, nowMs, known.billing === undefined ? 90 : 20));

function restriction(chance: Chance): Restriction | null {
  if (!chance.happens(0.25)) return null;
  const one = chance.between(1, 4);
  if (one === 1) return { members: [chance.pick(members)] };
  if (one === 2) return { groups: [chance.pick(groups)] };
  if (one === 3) return { meters: ["chat"] };
  return { meters: ["image"], groups: [chance.pick(groups)] };
}

/** A lot taken back, in part or whole. */
export function revoke({ chance, known }: Choosing): Choice | undefined {
  const found = chance.pick(known.grants);
  if (found === undefined) return undefined;
  const part = chance.happens(0.5) ? null : some(chance, 10);
  return keyed({ kind: "revoke", grant: found, credits: part });
}
