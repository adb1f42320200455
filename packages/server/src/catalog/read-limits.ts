/** Owns what a plan of a catalog says of limits. */
import {
  type LimitRequest,
  type LimitWindow,
  parseCredits,
  parseDuration,
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
import type { PlanForm } from "./plan-form.ts";
import { rateOf } from "./read-reserved.ts";

/** Reads the limits of a plan, by their ids. */
export function readLimits(
  { limits }: PlanForm,
  { path, tell }: { readonly path: string; readonly tell: Tell },
): Pick<Plan, "limits"> {
  if (limits === undefined) return {};
  const read = Object.entries(limits).map(([name, said]): Limit => {
    const at = `${path}/limits/${name}`;
    const id = planLimitId(name);
    const rule = ruleOf(said);
    if (id === reserveId)
      tell({ path: at, message: "is the name of what is reserved; call the limit otherwise" });
    const fault = ruleFault(rule);
    if (fault !== null)
      tell({
        path: `${at}/${fault.field.replaceAll(".", "/")}`,
        message: `is wrong. ${fault.reason}`,
      });
    if (rule.kind === "cap" && rule.credits === null && said.scope.kind !== "member")
      tell({
        path: `${at}/cap/credits`,
        restsOn: [`${at}/cap/credits`, `${at}/scope`],
        message:
          "is null, which is no limit: that lifts the limit of each member for one of them (scope member) and says nothing elsewhere",
      });
    return { id, scope: said.scope, rule };
  });
  return { limits: read.toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
}

function ruleOf(said: LimitRequest): LimitRule {
  if ("rate" in said) return rateOf(said.rate);
  const { credits: amount, window } = said.cap;
  return {
    kind: "cap",
    credits: amount === null ? null : credits(parseCredits(amount)),
    window: windowOf(window),
  };
}

function windowOf(window: LimitWindow): Window {
  if (typeof window === "string") return { kind: "calendar", unit: window };
  return "rolling" in window
    ? { kind: "rolling", durationMs: parseDuration(window.rolling) }
    : { kind: "onFirstUse", durationMs: parseDuration(window.onFirstUse) };
}
