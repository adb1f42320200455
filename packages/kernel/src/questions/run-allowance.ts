import { beyond, noCredits } from "../amount.ts";
import type { Calendar, Instant } from "../instant.ts";
import { pathOf } from "../members/slice.ts";
import type { Rejection } from "../rejections.ts";
import type { Run, RunBound } from "../runs/run.ts";
import { prepaidLeft, purseFor } from "../runs/purse.ts";
import { blockedBy, runReported } from "../runs/standing.ts";
import type { State } from "../state/state.ts";
import { type Allowance, allowance } from "./allowance.ts";

/** What binds: as of a member, or a run. */
export interface RunBinding {
  /** `limit`: which bound of the run; left out of one that has ended. */
  readonly scope: { readonly kind: "run"; readonly id: string; readonly limit?: RunBound };
  readonly reason: "run";
  readonly resetsAt: null;
}

/** An allowance within a run. */
export interface AllowanceInRun extends Omit<Allowance, "binding"> {
  readonly binding: Allowance["binding"] | RunBinding;
}

/** What a member may spend in a run now: the least of its allowance and of what that run and each around it leave. Tools' calls are not asked of. */
export function allowanceInRun(
  state: State,
  { member, run: id }: { readonly member: string; readonly run: string },
  at: Instant,
  calendar: Calendar,
): AllowanceInRun | Rejection {
  const own = allowance(state, member, at, calendar);
  if (own === undefined) return { code: "unknown_workspace" };
  const found = runReported(state.runs, id);
  if (found.kind === "refused") return found.rejection;
  const [run] = found.path;
  const { sponsors } = pathOf(state.members, member, state.members.members.get(member));
  if (run !== undefined && run.member !== member && !sponsors.includes(run.member))
    return { code: "run_of_another", run: id, member };
  let answer = prepaid(state, { own, member, path: found.path }, at);
  for (const one of found.path) {
    const { left, bound } = leftIn(one, at);
    if (left === null || left >= answer.remaining) continue;
    const scope = { kind: "run", id: one.id, ...(bound === null ? {} : { limit: bound }) } as const;
    answer = { ...answer, remaining: left, binding: { scope, reason: "run", resetsAt: null } };
  }
  return answer;
}

/** What was prepaid for this member's calls is asked of neither pool, shares nor caps again; all else still holds. */
function prepaid(
  state: State,
  {
    own,
    member,
    path,
  }: { readonly own: Allowance; readonly member: string; readonly path: readonly Run[] },
  at: Instant,
): AllowanceInRun {
  const purse = purseFor(state, path, member, at);
  const run = path.find((one) => one.purse !== undefined && one.purse === purse?.id);
  if (run?.purse === undefined || !asked.has(own.binding.reason)) return own;
  const remaining = prepaidLeft(state, run.purse);
  if (remaining <= own.remaining) return own;
  const scope = { kind: "run", id: run.id, limit: "limit" } as const;
  return { ...own, remaining, binding: { scope, reason: "run", resetsAt: null } };
}

/** Asked when a purse was set aside. */
const asked: ReadonlySet<Allowance["binding"]["reason"]> = new Set([
  "pool",
  "fairness",
  "spend_cap",
  "cap",
  "overage",
] as const);

/** What a run leaves of the next call, and what of it says so; null without a bound. */
function leftIn(run: Run, at: Instant) {
  const { limit, maxSteps } = run.bounds;
  if (run.status !== "open") return { left: noCredits, bound: null };
  if (blockedBy(run, at) !== undefined)
    return { left: noCredits, bound: run.pausedBy ?? ("deadline" as const) };
  if (maxSteps !== null && run.steps >= maxSteps)
    return { left: noCredits, bound: "maxSteps" as const };
  return { left: limit === null ? null : beyond(limit, run.used), bound: "limit" as const };
}
