/**
 * Owns what settlements must say of the vendor's own cost: of parts what they cost together, and nothing where it is not known;
 * and what the books have of it: the nearest minor unit of all that calls have cost.
 */
import type { HoldSettled, UsageDebited } from "@cistern/kernel";
import { exactVendorCost, roundedNanos } from "../rating.ts";
import { type Books, demand } from "./accounts.ts";
import type { HoldRecord } from "./records.ts";

export function checkVendorCost(
  books: Books,
  hold: HoldRecord,
  event: HoldSettled | UsageDebited,
): void {
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
  if (cost === undefined) return;
  const accruedBefore = nearest(books.vendorNanos);
  books.vendorNanos += cost;
  const accrued = nearest(books.vendorNanos) - accruedBefore;
  const said = event.cost?.accrued;
  demand(said === accrued, () => `${hold.id} adds ${accrued} to the vendor's cost, not ${said}`);
}

/** Calls of the simulator cost more than nothing, whatever part of one does. */
const nearest = (nanos: bigint): bigint => (2n * nanos + 1_000_000_000n) / 2_000_000_000n;
