import { type Decision, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import { goesOn } from "../limits/goes-on.ts";
import type { Limit, LimitRule, LimitScope } from "../limits/limit.ts";
import { isOfPlan } from "../limits/of-plan.ts";
import { ruleFault } from "../limits/rule-fault.ts";
import type { State } from "../state/state.ts";

/** Sets a limit. */
export interface PutLimit {
  readonly kind: "putLimit";
  readonly limit: string;
  readonly scope: LimitScope;
  readonly rule: LimitRule;
}

/** Removes a limit. */
export interface RemoveLimit {
  readonly kind: "removeLimit";
  readonly limit: string;
}

/** Sets a limit of the workspace's own: those of its plan are the plan's alone. A cap whose window stays keeps what it counted; any other change of rule or scope counts from nothing. */
export function putLimit(state: State, command: PutLimit, at: Instant): Decision {
  if (isOfPlan(command.limit)) return reject({ code: "limit_of_plan", limit: command.limit });
  if (command.scope.kind === "group" && state.members.groups.get(command.scope.id) === undefined)
    return reject({ code: "unknown_group", group: command.scope.id });
  const wrong = ruleFault(command.rule);
  if (wrong !== null) return reject({ code: "invalid_request", ...wrong });
  const limit: Limit = { id: command.limit, scope: command.scope, rule: command.rule };
  const before = state.limits.limits.get(command.limit);
  const restarts = before !== undefined && !goesOn(before, limit);
  return accept({ kind: "limit.updated", at, limit, restarts });
}

/** Removes a limit of the workspace's own. */
export function removeLimit(state: State, command: RemoveLimit, at: Instant): Decision {
  if (isOfPlan(command.limit)) return reject({ code: "limit_of_plan", limit: command.limit });
  const limit = state.limits.limits.get(command.limit);
  if (limit === undefined) return reject({ code: "unknown_limit", limit: command.limit });
  const { id, scope, rule } = limit;
  return accept({ kind: "limit.removed", at, limit: { id, scope, rule } });
}
