/** Owns how callers buy credits, and how whoever collects the money answers: in any order, late, twice, and the other way round. */
import { credits, money } from "@cistern/kernel";
import type { TopUpOutcome } from "@cistern/kernel";
import { type Choice, type Choosing, keyed } from "./choice.ts";
import type { KnownBilling } from "./known-billing.ts";
import { packs } from "./offers.ts";

/** A top-up, what became of one, or the rule. */
export function topUp(choosing: Choosing, known: KnownBilling): Choice {
  const { chance, number } = choosing;
  const what = chance.weighted([
    ["resolve", 6],
    ["request", 4],
    ["rule", 1.5],
  ]);
  if (what === "rule")
    return keyed({
      kind: "putTopUpRule",
      isEnabled: chance.happens(0.85),
      pack: chance.pick(packs),
      threshold: credits(BigInt(chance.between(1, 40)) * 1_000_000n),
      target: credits(BigInt(chance.between(41, 120)) * 1_000_000n),
      monthlyCeiling: money(BigInt(chance.between(3_000, 20_000))),
      currency: "EUR",
      series: `top_auto${number}n`,
    });
  const found = chance.happens(0.85)
    ? chance.pick([...known.waiting])
    : chance.pick(known.paidTopUps);
  if (found === undefined || what === "request")
    return keyed({
      kind: "requestTopUp",
      topUp: "",
      pack: chance.pick(packs),
      quantity: chance.between(1, 2),
      note: null,
    });
  const outcome = answered(choosing);
  // One payment may be told for two top-ups, and one top-up paid by two.
  const payment = outcome.kind === "succeeded" || chance.happens(0.5) ? `of-${found}` : null;
  const other = chance.happens(0.25) ? `pay-${chance.between(1, 6)}` : payment;
  return keyed({
    kind: "resolveTopUp",
    topUp: found,
    payment: other,
    outcome: other === null && outcome.kind === "succeeded" ? { kind: "processing" } : outcome,
    grant: "",
    bonusGrant: "",
  });
}

function answered({ chance }: Choosing): TopUpOutcome {
  const kind = chance.weighted([
    ["succeeded", 6],
    ["declined", 2],
    ["processing", 2],
    ["requires_action", 1],
  ]);
  switch (kind) {
    case "processing":
      return { kind };
    case "declined":
      return { kind, reason: "no money" };
    case "requires_action":
      return { kind, action: "approve it" };
    case "succeeded":
    case undefined:
      return {
        kind: "succeeded",
        amount: null,
        tax: money(BigInt(chance.pick([0, 190] as const))),
        fee: money(BigInt(chance.pick([0, 31] as const))),
        currency: null,
      };
  }
}
