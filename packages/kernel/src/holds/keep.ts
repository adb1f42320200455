/** Owns which holds memory has, and that each is checked when something happened to it. */
import { assert } from "../bug.ts";
import type { Instant } from "../instant.ts";
import { checkHold } from "./evolve.ts";
import type { Run } from "../runs/run.ts";
import type { Hold } from "./hold.ts";
import { ended } from "./purse.ts";
import { type HoldSlice, keptForMs, keptMax } from "./slice.ts";

/** A hold, or a debit, that was not there. */
export function addHold({ holds }: HoldSlice, hold: Hold): void {
  assert(holds.get(hold.id) === undefined, "K4 a hold is opened, and a debit made, once");
  checkHold(hold);
  holds.replace(hold.id, undefined, hold);
}

/** `recalled` stands in for a hold that memory no longer has; it is in memory again from here on. */
export function changeHold(
  { holds }: HoldSlice,
  id: string,
  become: (hold: Hold) => Hold,
  recalled: Hold | null = null,
): void {
  const row = holds.get(id);
  const before = row ?? recalled;
  assert(before !== null, "K4 a hold exists while something happens to it");
  const after = become(before);
  checkHold(after);
  holds.replace(id, row, after);
}

/** What runs that end have prepaid: it is over with them. */
export function endPurses(slice: HoldSlice, runs: readonly Run[], at: Instant): void {
  for (const { purse } of runs)
    if (purse !== undefined && slice.holds.get(purse) !== undefined)
      changeHold(slice, purse, (hold) => ended(hold, at));
}

/** Ended holds leave memory in the order in which they were last touched (H1); a few at each event keep pace. */
export function forgetHolds({ holds, resting, totals }: HoldSlice, at: Instant): void {
  for (let dropped = 0; dropped < 8; dropped += 1) {
    const first = resting.first();
    if (first === undefined) return;
    if (first.dueAt + keptForMs > at && totals.resting <= keptMax) return;
    holds.set(first.id, undefined);
  }
}
