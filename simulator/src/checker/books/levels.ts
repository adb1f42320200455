/**
 * Owns for which times a level is charged (docs/decisions/0011): those that no report of it told before, but for reports that were
 * refunded whole, also those that an allowance took and that were charged nothing. Worked out apart from the kernel: every report is looked at again.
 */
import type { Event, Interval } from "@cistern/kernel";
import { type Books, demand } from "./accounts.ts";
import type { HoldRecord } from "./records.ts";

/** A report of a level: what it is of, and the times that are charged by it. */
export type LevelRecord = NonNullable<HoldRecord["level"]>;

/** What a debit tells of a level; undefined of other usage. */
export function levelOf(
  books: Books,
  event: Extract<Event, { kind: "usage.debited" }>,
): LevelRecord | undefined {
  const { over, fresh, path, meter, model, project, attributes } = event;
  if (over === undefined) return undefined;
  const said = Object.entries(attributes ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const key = JSON.stringify([path.member, meter, model, project, said]);
  let left: readonly Interval[] = [over];
  for (const { level, isUndone } of books.holds.values())
    if (level?.key === key && !isUndone)
      for (const told of level.times) left = left.flatMap((time) => without(time, told));
  const times = fresh ?? [over];
  demand(
    JSON.stringify(times) === JSON.stringify(left),
    () => `${event.debit} is charged for ${JSON.stringify(times)}, not ${JSON.stringify(left)}`,
  );
  return { key, times };
}

function without(time: Interval, told: Interval): readonly Interval[] {
  if (told.end <= time.start || time.end <= told.start) return [time];
  const parts: Interval[] = [];
  if (time.start < told.start) parts.push({ start: time.start, end: told.start });
  if (told.end < time.end) parts.push({ start: told.end, end: time.end });
  return parts;
}
