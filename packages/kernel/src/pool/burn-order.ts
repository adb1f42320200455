import type { Lot } from "./lot.ts";

/** Burn order: priority asc, restricted first, expiresAt asc (none last), grantedAt asc, id asc. */
export function burnOrder(a: Lot, b: Lot): number {
  return (
    a.priority - b.priority ||
    Number(a.appliesTo === null) - Number(b.appliesTo === null) ||
    expiryOf(a) - expiryOf(b) ||
    a.grantedAt - b.grantedAt ||
    byId(a.id, b.id)
  );
}

/** Ids in code unit order: the last tie-breaker everywhere. */
export const byId = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const expiryOf = (lot: Lot): number => lot.expiresAt ?? Number.MAX_SAFE_INTEGER;
