/** Owns changes of many limits at once: all of them, or none (docs/decisions/0039). */
import { type Decision, accept, reject } from "../decision.ts";
import type { Instant } from "../instant.ts";
import type { LimitsUpdated } from "../limits/events.ts";
import { goesOn } from "../limits/goes-on.ts";
import type { Limit } from "../limits/limit.ts";
import { isOfPlan } from "../limits/of-plan.ts";
import { ruleFault } from "../limits/rule-fault.ts";
import { type SplitOf, type Splitting, equalSplit } from "../limits/split.ts";
import type { Rejection } from "../rejections.ts";
import type { State } from "../state/state.ts";

/** Sets and removes limits. */
export interface PutLimits {
  readonly kind: "putLimits";
  readonly limits: readonly Limit[];
  readonly remove: readonly string[];
}

/** Gives each member of a group, or of the workspace, an equal part. */
export interface SplitLimit extends SplitOf {
  readonly kind: "splitLimit";
}

/** Limits that one command sets and removes at most. */
const limitsMax = 1_000;

type Fault = { readonly field: string; readonly reason: string };

/** All or none: whatever is wrong is told with its place. */
export function putLimits(state: State, { limits, remove }: PutLimits, at: Instant): Decision {
  const many = limits.length + remove.length;
  if (many === 0 || many > limitsMax)
    return rejectAll([
      {
        field: "limits",
        reason: `One call sets and removes 1 to ${limitsMax} limits; not ${many}.`,
      },
    ]);
  const ids = [...limits.map(({ id }) => id), ...remove];
  const repeated = repeatedIn(ids);
  const faults = [
    ...limits.flatMap((limit, index) =>
      faultsOf(state, limit, repeated).map(({ field, reason }) => ({
        field: `limits/${index}/${field}`,
        reason,
      })),
    ),
    ...remove.flatMap((id, index) =>
      removalFaults(state, id, repeated).map((reason) => ({ field: `remove/${index}`, reason })),
    ),
  ];
  return faults.length > 0 ? rejectAll(faults) : accept(updated(state, limits, remove, at));
}

/** The same that its preview shows. */
export function splitLimit(state: State, command: SplitLimit, at: Instant): Decision {
  const split = equalSplit(state, command);
  if (split.kind === "refused") return reject(split.rejection);
  return accept(updated(state, limitsOf(split), split.removed, at));
}

const limitsOf = ({ parts }: Extract<Splitting, { kind: "split" }>): readonly Limit[] =>
  parts.map(({ limit }) => limit);

function updated(
  state: State,
  limits: readonly Limit[],
  remove: readonly string[],
  at: Instant,
): LimitsUpdated {
  const known = state.limits.limits;
  const set = limits.map((limit) => {
    const before = known.get(limit.id);
    return { limit, restarts: before !== undefined && !goesOn(before, limit) };
  });
  const removed = remove.flatMap((id) => {
    const before = known.get(id);
    if (before === undefined) return [];
    const { scope, rule } = before;
    return [{ id, scope, rule }];
  });
  return { kind: "limits.updated", at, limits: set, removed };
}

function repeatedIn(ids: readonly string[]): ReadonlySet<string> {
  const [seen, repeated] = [new Set<string>(), new Set<string>()];
  for (const id of ids) {
    if (seen.has(id)) repeated.add(id);
    seen.add(id);
  }
  return repeated;
}

function faultsOf(
  { members }: State,
  { id, scope, rule }: Limit,
  repeated: ReadonlySet<string>,
): readonly Fault[] {
  const faults: Fault[] = [];
  if (isOfPlan(id)) faults.push({ field: "id", reason: ofPlan(id) });
  if (repeated.has(id)) faults.push({ field: "id", reason: twice(id) });
  if (scope.kind === "group" && members.groups.get(scope.id) === undefined)
    faults.push({ field: "scope/id", reason: `There is no group ${scope.id}.` });
  const wrong = ruleFault(rule);
  if (wrong !== null)
    faults.push({ field: wrong.field.replaceAll(".", "/"), reason: wrong.reason });
  return faults;
}

function removalFaults(
  { limits }: State,
  id: string,
  repeated: ReadonlySet<string>,
): readonly string[] {
  if (isOfPlan(id)) return [ofPlan(id)];
  if (repeated.has(id)) return [twice(id)];
  return limits.limits.get(id) === undefined ? [`There is no limit ${id}.`] : [];
}

const ofPlan = (id: string): string => `Limit ${id} comes with the plan, which alone changes it.`;
const twice = (id: string): string => `Limit ${id} is named twice in this call.`;

function rejectAll(faults: readonly Fault[]): Decision {
  const [first, ...more] = faults;
  const rejection: Rejection = {
    code: "invalid_request",
    field: first?.field ?? "",
    reason: first?.reason ?? "",
    ...(more.length === 0 ? {} : { more }),
  };
  return reject(rejection);
}
