/** Owns how callers say what they want to be told of, and look at what was raised. */
import type { AlertWatch, Recipient } from "@cistern/kernel";
import type { Chance } from "../world/chance.ts";
import { type Choice, type Choosing, groups, keyed, members } from "./choice.ts";

const ruleNames = ["low", "busy", "odd"] as const;

/** A rule set or removed, or an alert reviewed. */
export function chooseAlert(choosing: Choosing): Choice {
  const { chance, known } = choosing;
  const waiting = chance.pick(known.alerts.slice(-5));
  if (waiting !== undefined && chance.happens(0.4)) {
    const verdict = chance.pick(["fine", "confirmed"] as const);
    return keyed({ kind: "reviewAlert", alert: waiting, verdict });
  }
  const rule = chance.pick([...known.alertRules]);
  if (rule !== undefined && chance.happens(0.15)) return keyed({ kind: "removeAlertRule", rule });
  return alertRule(choosing);
}

/** Mostly of the pool: there it is known to the last credit what must be told. */
export function alertRule({ chance, number }: Pick<Choosing, "chance" | "number">): Choice {
  const id = chance.pick(ruleNames);
  return keyed({
    kind: "putAlertRule",
    rule: { id, watch: watch(chance), recipients: recipients(chance, number) },
  });
}

function watch(chance: Chance): AlertWatch {
  const kind = chance.weighted([
    ["pool", 6],
    ["member", 2],
    ["group", 1],
    ["run", 1],
    ["forecast", 1],
    ["unusual", 2],
  ]);
  const all = [20, 50, 80, 95, 100].filter(() => chance.happens(0.6));
  const percents = all.length === 0 ? [50] : all;
  switch (kind) {
    case "member":
      return { kind, id: chance.happens(0.5) ? null : chance.pick(members), percents };
    case "group":
      return { kind, id: chance.happens(0.5) ? null : chance.pick(groups), percents };
    case "run":
      return { kind, id: null, percents };
    case "forecast":
      return { kind };
    case "unusual":
      return { kind, most: chance.pick(["note", "notify", "lower", "pause"] as const) };
    case "pool":
    case undefined:
      return { kind: "pool", percents };
  }
}

/** `number` tells one PUT from the next. */
function recipients(chance: Chance, number: number): readonly Recipient[] {
  const quiet = chance.happens(0.4) ? { from: chance.between(0, 1_439), until: 300 } : null;
  return [
    { id: "ana", quiet },
    { id: `kim-${number}`, quiet: null },
  ];
}
