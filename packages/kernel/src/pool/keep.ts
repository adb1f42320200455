/** Owns that each lot is made once and is there when something happens to it. */
import { minus } from "../amount.ts";
import { assert } from "../bug.ts";
import type { Lot } from "./lot.ts";
import type { PoolSlice } from "./slice.ts";

/** The lot that something happens to. */
export function lotOf({ lots }: PoolSlice, id: string): Lot {
  const lot = lots.get(id);
  assert(lot !== undefined, `lot ${id} that something happens to exists`);
  return lot;
}

/** A lot that was not there. */
export function addLot({ lots }: PoolSlice, lot: Lot): void {
  assert(lots.get(lot.id) === undefined, `a lot is granted once: ${lot.id}`);
  lots.set(lot.id, lot);
}

/** What returned to a lot that owes it to a rollover is a lot of its own from here on. */
export function addRolled(pool: PoolSlice, lot: Lot): void {
  const source = lotOf(pool, lot.reference ?? "");
  const { rollover } = source;
  assert(rollover !== undefined, "what rolls on late was owed to a rollover");
  const quota = minus(rollover.quota, lot.granted);
  changeLot(pool, source.id, { rollover: { ...rollover, quota, made: rollover.made + 1 } });
  addLot(pool, lot);
}

/** A lot with other terms; credits move on it by transfers alone. */
export function changeLot(
  pool: PoolSlice,
  id: string,
  terms: Partial<Pick<Lot, "phase" | "expiresAt" | "owedRevoke" | "rollover">>,
): void {
  pool.lots.set(id, { ...lotOf(pool, id), ...terms });
}
