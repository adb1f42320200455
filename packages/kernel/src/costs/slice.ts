/**
 * Owns what calls have cost the vendor so far, by currency, and what each of them adds to the books (FINANCE, E16; RULES 17).
 *
 * V1 what the books have accrued of a currency is R1 of the exact sum, at every instant: any number of calls that cost far less
 * than a cent is at most half a cent off, whatever they are and whatever becomes of them. V2 nothing is given back: the
 * provider's bill stays, also where usage is refunded (docs/decisions/0009, 0021).
 */
import { type Price, type Usage, costTariffOf } from "../rating/tariff.ts";
import { type VendorCost, nanosPerMinorUnit, vendorCost } from "../rating/vendor-cost.ts";
import { half } from "../rounding.ts";
import { Table } from "../state/table.ts";
import type { UndoLog } from "../state/undo-log.ts";

/** All that calls have cost in one currency, as far as the books have it. */
export interface CostTotal {
  readonly currency: string;
  readonly nanos: bigint;
}

/** Costs of one workspace. */
export interface CostSlice {
  /** By currency. */
  readonly totals: Table<CostTotal>;
}

/** An empty slice. */
export const costSlice = (undo: UndoLog): CostSlice => ({
  totals: new Table<CostTotal>("costs", undo, isTotal),
});

interface CostedCall {
  readonly price: Price | null;
  /** What was reported of it already. */
  readonly before: Usage | null;
  readonly part: Usage | null;
  /** Of a level. */
  readonly heldMs?: number | undefined;
}

/** What `part` of a call costs (`vendorCost`), with what it adds to the books unless its row is kept out of them. */
export function accruedCost(
  { totals }: CostSlice,
  { price, before, part, heldMs }: CostedCall,
): VendorCost | null {
  const cost = vendorCost(price, before, part, heldMs);
  if (cost === null || price === null || costTariffOf(price)?.isOffBooks === true) return cost;
  const sum = totals.get(cost.currency)?.nanos ?? 0n;
  const accrued = half(sum + cost.nanos, nanosPerMinorUnit) - half(sum, nanosPerMinorUnit);
  return { ...cost, accrued };
}

/** Adds a call's cost, where the books have it. */
export function addCost({ totals }: CostSlice, cost: VendorCost | null | undefined): void {
  if (cost?.accrued === undefined || cost.nanos === 0n) return;
  const { currency, nanos } = cost;
  const before = totals.get(currency);
  totals.replace(currency, before, { currency, nanos: (before?.nanos ?? 0n) + nanos });
}

const isTotal = (value: unknown): value is CostTotal =>
  typeof value === "object" && value !== null && "nanos" in value;
