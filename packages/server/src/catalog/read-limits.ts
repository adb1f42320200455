/** Owns what a plan of a catalog says of limits. */
import {
  type Cap,
  type LimitWindow,
  parseCredits,
  parseDuration,
  parsePercent,
} from "@cistern/contract";
import {
  type Limit,
  type LimitRule,
  type Plan,
  type Window,
  credits,
  planLimitId,
  reserveId,
  ruleFault,
} from "@cistern/kernel";
import type { Tell } from "./catalog.ts";
import type { LimitForm, PlanForm } from "./plan-form.ts";
import { rateOf } from "./read-reserved.ts";

/** Reads the limits of a plan, by their ids. */
export function readLimits(
  { limits }: PlanForm,
  { path, tell }: { readonly path: string; readonly tell: Tell },
): Pick<Plan, "limits"> {
  if (limits === undefined) return {};
  const read = Object.entries(limits).flatMap(([name, said]): readonly Limit[] => {
    const at = `${path}/limits/${name}`;
    const id = planLimitId(name);
    if (id === reserveId)
      tell({ path: at, message: "is the name of what is reserved; call the limit otherwise" });
    const rule = ruleOf(said, at, tell);
    return rule === undefined ? [] : [{ id, scope: said.scope, rule }];
  });
  return { limits: read.toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
}

function ruleOf({ scope, cap, rate }: LimitForm, at: string, tell: Tell): LimitRule | undefined {
  if ((cap === undefined) === (rate === undefined))
    tell({
      path: at,
      restsOn: [at, `${at}/cap`, `${at}/rate`],
      message: cap === undefined ? "has no cap and no rate" : "has a cap and a rate; make it two",
    });
  const rule = cap === undefined ? rate && rateOf(rate) : capOf(cap);
  const fault = rule === undefined ? null : ruleFault(rule);
  if (fault !== null)
    tell({
      path: `${at}/${fault.field.replaceAll(".", "/")}`,
      message: `is wrong. ${fault.reason}`,
    });
  if (cap !== undefined && "credits" in cap && cap.credits === null && scope.kind !== "member")
    tell({
      path: `${at}/cap/credits`,
      restsOn: [`${at}/cap/credits`, `${at}/scope`],
      message:
        "is null, which is no limit: that lifts the limit of each member for one of them (scope member) and says nothing elsewhere",
    });
  return rule;
}

function capOf(cap: Cap): LimitRule {
  if ("percent" in cap)
    return {
      kind: "cap",
      percentBps: parsePercent(cap.percent),
      window: { kind: "calendar", unit: cap.window },
    };
  const window = windowOf(cap.window);
  const amount = cap.credits === null ? null : credits(parseCredits(cap.credits));
  return { kind: "cap", credits: amount, window };
}

function windowOf(window: LimitWindow): Window {
  if (typeof window === "string") return { kind: "calendar", unit: window };
  return "rolling" in window
    ? { kind: "rolling", durationMs: parseDuration(window.rolling) }
    : { kind: "onFirstUse", durationMs: parseDuration(window.onFirstUse) };
}
