/**
 * Owns limits that come with the plan: rows among the workspace's own, under ids that these cannot have.
 *
 * N1 they are those of the plan that the workspace is on, in a trial and a pause too; they change in the event that changes the plan,
 * and none has an event of its own. N2 one whose name, node and window (or pace) stay keeps what it counted, as a limit that is set
 * again does. N3 they hold beside the workspace's own, which replace none of them (docs/decisions/0031).
 */
import type { Position } from "../holds/hold.ts";
import { dropUse } from "./evolve.ts";
import type { Limit } from "./limit.ts";
import { goesOn } from "./goes-on.ts";
import type { LimitSlice } from "./slice.ts";
import { isOfPlan } from "./of-plan.ts";

/** Makes the plan's limits those that are wanted. What begins to count counts from this place of the journal on. */
export function holdPlanLimits(
  slice: LimitSlice,
  wanted: readonly Limit[],
  { seq, index }: Position,
): void {
  const { limits } = slice;
  for (const [id, limit] of limits.entries()) {
    if (!isOfPlan(id) || wanted.some((one) => one.id === id)) continue;
    dropUse(slice, limit);
    limits.set(id, undefined);
  }
  for (const limit of wanted) {
    const before = limits.get(limit.id);
    const keeps = before !== undefined && goesOn(before, limit);
    if (before !== undefined && !keeps) dropUse(slice, before);
    limits.set(limit.id, { ...limit, epoch: keeps ? before.epoch : `${seq}.${index}` });
  }
}
