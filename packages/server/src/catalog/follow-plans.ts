/**
 * Owns which plan follows which, and the versions of plans: that of a plan is named after all that it says, the plans after it
 * included.
 *
 * L1 plans follow each other in a line, never in a circle. L2 who is on one can be moved to the next without being asked: it has
 * the same currency, and no fewer seats.
 */
import type { Plan } from "@cistern/kernel";
import type { Finding, Tell } from "./catalog.ts";
import type { PlanForm } from "./plan-form.ts";

/** A plan as it was read, without those that follow. */
export type PlanAlone = Omit<Plan, "version" | "followedBy">;

/** What the plans of a catalog are linked by. */
export interface FollowOptions {
  readonly forms: ReadonlyMap<string, PlanForm>;
  readonly alone: ReadonlyMap<string, PlanAlone>;
  readonly versionOf: (plan: Omit<Plan, "version">) => string;
  readonly tell: Tell;
}

/** The plans with what follows them; all that is wrong with it is told. */
export function followPlans(options: FollowOptions): ReadonlyMap<string, Plan> {
  const { alone } = options;
  const made = new Map<string, Plan>();
  for (const name of alone.keys()) make(name, options, made);
  return made;
}

/** Makes a plan after those that follow it; undefined where there is none of that name. */
function make(name: string, options: FollowOptions, made: Map<string, Plan>): Plan | undefined {
  const known = made.get(name);
  const { alone, forms, tell, versionOf } = options;
  const plan = alone.get(name);
  if (known !== undefined || plan === undefined) return known;
  const said = forms.get(name)?.followedBy;
  const path = `/plans/${name}/followedBy/plan`;
  const circle = said === undefined ? undefined : circleFrom(name, forms);
  if (circle !== undefined)
    tell({
      path,
      message: `makes a circle: ${circle.join(" -> ")}. Plans follow each other in a line`,
    });
  else if (said !== undefined && !forms.has(said.plan))
    tell({ path, message: `is ${said.plan}, which is no plan of this catalog` });
  const next =
    said === undefined || circle !== undefined ? undefined : make(said.plan, options, made);
  for (const misfit of next === undefined ? [] : misfits(plan, next))
    tell({ ...misfit, path, restsOn: [path, ...misfit.restsOn] });
  const whole =
    said === undefined || next === undefined
      ? plan
      : { ...plan, followedBy: { plan: next, after: said.after } };
  const done = { ...whole, version: `${name}@${versionOf(whole)}` };
  made.set(name, done);
  return done;
}

/** L1: the plans from this one to itself again. */
function circleFrom(
  name: string,
  forms: ReadonlyMap<string, PlanForm>,
): readonly string[] | undefined {
  const seen = [name];
  for (
    let next = forms.get(name)?.followedBy?.plan;
    next !== undefined;
    next = forms.get(next)?.followedBy?.plan
  ) {
    if (next === name) return [...seen, next];
    // It leads into a circle without being part of it; that is told of those that are.
    if (seen.includes(next)) return undefined;
    seen.push(next);
  }
  return undefined;
}

type Misfit = Required<Pick<Finding, "message" | "restsOn">>;

/** L2. */
function misfits(plan: PlanAlone, next: Plan): readonly Misfit[] {
  const faults: Misfit[] = [];
  const both = (field: string): readonly string[] =>
    [plan, next].map(({ name }) => `/plans/${name}/${field}`);
  if (next.currency !== plan.currency)
    faults.push({
      restsOn: both("currency"),
      message: `is ${next.name}, which is in ${next.currency} and not in ${plan.currency}`,
    });
  if ((next.seats === null) !== (plan.seats === null))
    faults.push({
      restsOn: both("seats"),
      message: `is ${next.name}, and only one of the two has seats`,
    });
  const most = next.seats?.maximum ?? null;
  if (
    most !== null &&
    plan.seats !== null &&
    (plan.seats.maximum === null || plan.seats.maximum > most)
  )
    faults.push({
      restsOn: both("seats/maximum"),
      message: `is ${next.name}, which has at most ${most} seat(s), and this plan may have more`,
    });
  return faults;
}
