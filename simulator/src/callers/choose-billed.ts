/** Owns what callers of a workspace with plans ask for, beside what all do. */
import { instant } from "@cistern/kernel";
import { type Choice, type Choosing, keyed, members } from "./choice.ts";
import { lotMoney } from "./choose-money.ts";
import { outcome } from "./choose-outcomes.ts";
import { changePlan, closeMonth, endPlan, invoice, seat } from "./choose-plan.ts";
import { topUp } from "./choose-top-ups.ts";
import { chooseShares } from "./choose-shares.ts";
import type { KnownBilling } from "./known-billing.ts";

/** Chooses one. */
export function chooseBilled(choosing: Choosing, known: KnownBilling): Choice {
  const { chance } = choosing;
  const what = chance.weighted([
    ["plan", 8],
    ["end", 7],
    ["seat", 10],
    ["invoice", 10],
    ["outcome", 14],
    ["topUp", 14],
    ["level", 3],
    ["close", 4],
    ["money", 5],
    ["shares", 4],
    ["read", 6],
  ]);
  switch (what) {
    case "plan":
      return changePlan(choosing);
    case "end":
      return endPlan(choosing);
    case "seat":
      return seat(choosing);
    case "invoice":
      return invoice(choosing, known) ?? changePlan(choosing);
    case "outcome":
      return outcome(choosing, known);
    case "topUp":
      return topUp(choosing, known);
    case "level":
      return level(choosing);
    case "money":
      return lotMoney(choosing) ?? topUp(choosing, known);
    case "shares":
      return chooseShares(choosing);
    case "close":
      return closeMonth(choosing);
    case "read":
    case undefined:
      return { kind: "read", question: { kind: "billing" } };
  }
}

/** What was stored for a while, told after it was. */
function level({ chance, nowMs }: Choosing): Choice {
  const end = nowMs - chance.around(2_000);
  const over = {
    start: instant(end - chance.around(chance.pick([60_000, 3_600_000]))),
    end: instant(end),
  };
  return keyed({
    kind: "debit",
    debit: "",
    member: chance.pick(members),
    meter: "storage",
    model: null,
    amount: { kind: "level", usage: { gib: chance.around(400) }, over },
    occurredAt: null,
    run: null,
    project: null,
    attributes: null,
  });
}
