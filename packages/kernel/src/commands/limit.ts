import { type Decision, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import type { Limit, LimitRule, LimitScope } from "../limits/limit.ts";
import { isSameKind } from "../limits/slice.ts";
import type { State } from "../state/state.ts";
import type { PutLimit, RemoveLimit } from "./command.ts";

/** Sets a limit. A cap whose window stays keeps what it counted; any other change of rule or scope counts from nothing. */
export function putLimit(state: State, command: PutLimit, at: Instant): Decision {
  if (command.scope.kind === "group" && state.members.groups.get(command.scope.id) === undefined)
    return reject({ code: "unknown_group", group: command.scope.id });
  const limit: Limit = { id: command.limit, scope: command.scope, rule: command.rule };
  const before = state.limits.limits.get(command.limit);
  const restarts =
    before !== undefined &&
    !(isSameScope(before.scope, limit.scope) && keepsCounting(before, limit));
  return accept({ kind: "limit.updated", at, limit, restarts });
}

/** Removes a limit. */
export function removeLimit(state: State, command: RemoveLimit, at: Instant): Decision {
  const limit = state.limits.limits.get(command.limit);
  if (limit === undefined) return reject({ code: "unknown_limit", limit: command.limit });
  const { id, scope, rule } = limit;
  return accept({ kind: "limit.removed", at, limit: { id, scope, rule } });
}

function keepsCounting(before: Limit, after: Limit): boolean {
  if (before.rule.kind === "cap") return isSameKind(before, after);
  return isSameRate(before.rule, after.rule);
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
