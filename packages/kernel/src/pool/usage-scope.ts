import type { Lot } from "./lot.ts";

/** What a restricted lot looks at to know whether it pays for a usage. */
export interface UsageScope {
  readonly member: string;
  readonly groups: readonly string[];
  readonly meter: string | null;
}

/** Whether `lot` may pay for this usage: every list that its grant gave must match (RULES 33). */
export function applies(lot: Lot, usage: UsageScope): boolean {
  const only = lot.appliesTo;
  if (only === null) return true;
  if (only.members !== undefined && !only.members.includes(usage.member)) return false;
  if (only.meters !== undefined && (usage.meter === null || !only.meters.includes(usage.meter)))
    return false;
  return only.groups === undefined || only.groups.some((group) => usage.groups.includes(group));
}
