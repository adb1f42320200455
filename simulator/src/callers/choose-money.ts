/** Owns how money of lots goes back, and what is expected of them. */
import { credits, money } from "@cistern/kernel";
import { type Choice, type Choosing, keyed } from "./choice.ts";

/** Something about the money of a lot that was granted. */
export function lotMoney({ chance, known }: Choosing): Choice | undefined {
  const bought = chance.happens(0.4) ? chance.pick(known.billing?.bought ?? []) : undefined;
  const grant = bought ?? chance.pick(known.grants);
  if (grant === undefined) return undefined;
  const what = chance.weighted([
    ["repay", 4],
    ["chargeBack", 2],
    ["escheat", 1],
    ["breakage", 3],
  ]);
  const common = { currency: null, occurredAt: null, reason: null };
  switch (what) {
    case "chargeBack":
      return keyed({ kind: "chargeBack", chargeback: "", grant, fee: money(15n), ...common });
    case "escheat":
      return keyed({ kind: "escheat", grant });
    case "breakage":
      return keyed({
        kind: "reviseBreakage",
        grant,
        breakage: chance.pick([null, 0, 500, 2_500] as const),
      });
    case "repay":
    case undefined: {
      const isGoodwill = chance.happens(0.3);
      const part = chance.happens(0.5) ? credits(BigInt(chance.around(9_000_000))) : null;
      const goodwill = isGoodwill ? money(BigInt(chance.around(300))) : null;
      return keyed({
        kind: "repay",
        repayment: "",
        grant,
        credits: isGoodwill ? null : part,
        goodwill,
        ...common,
      });
    }
  }
}
