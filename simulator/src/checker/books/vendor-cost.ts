/** Owns what settlements must say of the vendor's own cost: of parts what they cost together, and nothing where it is not known. */
import type { HoldSettled, UsageDebited } from "@cistern/kernel";
import { exactVendorCost, roundedNanos } from "../rating.ts";
import { type HoldRecord, demand } from "./accounts.ts";

export function checkVendorCost(hold: HoldRecord, event: HoldSettled | UsageDebited): void {
  const stated = event.cost?.nanos;
  if (event.usage === null) {
    demand(stated === undefined, () => `nobody knows what ${hold.id} cost`);
    return;
  }
  const before = hold.exactVendor;
  const own = exactVendorCost(event.usage, event.price);
  hold.exactVendor = before === undefined || own === undefined ? undefined : before + own;
  const cost =
    own === undefined ? undefined : roundedNanos((before ?? 0n) + own) - roundedNanos(before ?? 0n);
  demand(stated === cost, () => `${hold.id} cost the vendor ${cost}, not ${stated}`);
}
