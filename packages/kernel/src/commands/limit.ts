import { type Decision, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import type { Limit, LimitRule, LimitScope } from "../limits/limit.ts";
import { isSameKind } from "../limits/slice.ts";
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

/** Sets a limit. A cap whose window stays keeps what it counted; any other change of rule or scope counts from nothing. */
export function putLimit(state: State, command: PutLimit, at: Instant): Decision {
  if (command.scope.kind === "group" && state.members.groups.get(command.scope.id) === undefined)
    return reject({ code: "unknown_group", group: command.scope.id });
  const wrong = malformed(command.rule);
  if (wrong !== null) return reject({ code: "invalid_request", ...wrong });
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

/** Windows and rates are kept within a year, so that their ends are instants too. */
const spanMaxMs = 366 * 24 * 60 * 60 * 1_000;
const isSpan = (durationMs: number): boolean =>
  Number.isSafeInteger(durationMs) && durationMs > 0 && durationMs <= spanMaxMs;

function malformed(rule: LimitRule): { readonly field: string; readonly reason: string } | null {
  if (rule.kind === "rate") {
    if (!isSpan(rule.perMs))
      return { field: "rate.per", reason: "A rate is per more than nothing and at most 366 days." };
    if (rule.quantity <= 0n || rule.burst <= 0n)
      return {
        field: "rate",
        reason: "A rate lets through more than nothing; a cap of 0 does not.",
      };
    return null;
  }
  if (rule.window.kind === "calendar" || isSpan(rule.window.durationMs)) return null;
  return {
    field: "cap.window",
    reason: "A window is more than nothing and at most 366 days long.",
  };
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
