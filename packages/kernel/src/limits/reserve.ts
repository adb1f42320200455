/**
 * Owns a reserved rate: a call that fits into it is not refused by the rates of the nodes that it covers.
 *
 * V1 a call within the reserved rate is charged to it alone, of the rates of the workspace and of the group that it is for; one beyond
 * it goes by these as if nothing were reserved. So what others use up of them never takes what is reserved. V2 rates of members and of
 * other groups, and all caps, hold all the same: they say who in the workspace may do what.
 */
import type { Credits } from "../amount.ts";
import type { Instant } from "../instant.ts";
import type { Path } from "../members/member.ts";
import type { LimitScope, RateCharge, RateLimitRule, Scope } from "./limit.ts";
import { viewRate } from "./rate.ts";
import type { AppliedLimit, LimitSlice } from "./slice.ts";

/** What of a rate is reserved, and for whom. */
export interface Reserve {
  /** Names its state among those of rates. */
  readonly key: string;
  /** Only calls of its members are carried; null: all of the workspace. */
  readonly group: string | null;
  readonly rule: RateLimitRule;
}

/** What stands for a limit's id in charges of a reserve: no limit is called so. */
export const reserveId = "plan:reserved";

/** The charge of a call that fits into what is reserved; undefined where it does not. */
export function chargeReserve(
  slice: LimitSlice,
  { key, group, rule }: Reserve,
  ask: { path: Path; credits: Credits; requests: bigint; at: Instant },
): RateCharge | undefined {
  if (group !== null && !ask.path.groups.includes(group)) return undefined;
  const units = rule.unit === "requests" ? ask.requests : ask.credits;
  if (units === 0n) return undefined;
  const view = viewRate(rule, slice.rates.get(key), ask.at, units);
  if (view.kind === "refused") return undefined;
  const { arrival, remaining } = view;
  return { rate: key, limit: reserveId, arrival, remaining, rule };
}

/** Whether a reserve stands in for a limit (V1). */
export const isCovered = ({ limit: { scope, rule } }: AppliedLimit, reserve: Reserve): boolean =>
  rule.kind === "rate" && isStandIn(reserve, scope);

/** Whether a reserve covers the rates of a node. */
export const isStandIn = ({ group }: Reserve, scope: LimitScope | Scope): boolean =>
  scope.kind === "workspace" || (scope.kind === "group" && scope.id === group);
