/** Owns how callers tell results: late, twice, in any order, and of cases that others talk about too. */
import { type Instant, instant } from "@cistern/kernel";
import { type Choice, type Choosing, keyed } from "./choice.ts";
import type { KnownBilling } from "./known-billing.ts";

const when = ({ chance, nowMs }: Choosing): Instant | null =>
  chance.happens(0.5)
    ? null
    : instant(nowMs - chance.around(chance.pick([2_000, 60_000, 7_200_000])));

const about = ({ chance }: Choosing) => ({
  customer: chance.pick(["c1", "c2", "c3"] as const),
  topic: chance.pick(["refund", "setup"] as const),
  conversation: `conv-${chance.between(1, 4)}`,
});

/** A result, or what somebody did about it. */
export function outcome(choosing: Choosing, known: KnownBilling): Choice {
  const { chance } = choosing;
  const what = chance.weighted([
    ["claim", 10],
    ["signal", 6],
    ["confirm", 3],
    ["dispute", 3],
    ["reopen", 2],
  ]);
  const occurredAt = when(choosing);
  if (what === "signal") {
    const signal = chance.pick(["contact", "contact", "handover", "negative_feedback"] as const);
    return keyed({ kind: "signalCase", signal, ...about(choosing), occurredAt });
  }
  const found = chance.pick(known.outcomes);
  if (found === undefined || what === "claim" || what === undefined)
    return claim(choosing, occurredAt);
  if (what === "confirm")
    return keyed({ kind: "confirmOutcome", outcome: found, attestor: null, occurredAt });
  if (what === "reopen") return keyed({ kind: "reopenOutcome", outcome: found, occurredAt });
  const resolution = chance.pick([null, null, "upheld", "rejected"] as const);
  return keyed({ kind: "disputeOutcome", outcome: found, reason: null, resolution });
}

function claim(choosing: Choosing, occurredAt: Instant | null): Choice {
  const { chance } = choosing;
  const isReport = chance.happens(0.3);
  const evidence = chance.happens(0.3)
    ? { hash: `${chance.between(1, 6)}`.padStart(64, "0"), attestor: "desk" }
    : null;
  const nothing = { customer: null, topic: null, conversation: null };
  return keyed({
    kind: "claimOutcome",
    outcome: "",
    type: isReport ? "report" : "resolution",
    ...(isReport ? nothing : about(choosing)),
    channel: isReport ? null : chance.pick(["chat", "ticket"] as const),
    quantity: BigInt(isReport ? chance.between(1, 4) : 1),
    part: !isReport && chance.happens(0.2) ? "assisted" : null,
    evidence,
    isTest: chance.happens(0.05),
    isSubstantive: chance.happens(0.9),
    occurredAt,
  });
}
