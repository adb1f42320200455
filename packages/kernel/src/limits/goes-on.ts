/** Owns what a limit's use outlives: a cap whose window stays, or a rate whose pace stays, at the same node. */
import type { Limit, LimitRule, LimitScope } from "./limit.ts";
import { isSameKind } from "./slice.ts";

/** Whether what was counted for the one counts for the other, which takes its place. */
export function goesOn(before: Limit, after: Limit): boolean {
  if (!isSameScope(before.scope, after.scope)) return false;
  return before.rule.kind === "rate"
    ? isSameRate(before.rule, after.rule)
    : isSameKind(before, after);
}

const isSameRate = (a: LimitRule, b: LimitRule): boolean =>
  a.kind === "rate" &&
  b.kind === "rate" &&
  a.unit === b.unit &&
  a.perMs === b.perMs &&
  a.quantity === b.quantity;

function isSameScope(a: LimitScope, b: LimitScope): boolean {
  const idOf = (scope: LimitScope): string => ("id" in scope ? scope.id : "");
  return a.kind === b.kind && idOf(a) === idOf(b);
}
