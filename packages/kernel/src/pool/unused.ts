/** Owns what a plan or a pack says of the money of credits that are never used (FINANCE, section 1). */
import type { Money } from "../amount.ts";
import { plainFinance } from "./finance.ts";
import type { Lot } from "./lot.ts";

/** At most one of them. Left out: it is breakage when the credits end. */
export interface UnusedTerms {
  /** Basis points expected never to be used, recognised with use. */
  readonly breakage?: number;
  /** What expires is owed to the state. */
  readonly escheats?: true;
}

/** What is particular about the money of a lot that was sold on such terms; nothing where it has none. */
export function financeBy({ breakage, escheats }: UnusedTerms, cost: Money): Pick<Lot, "finance"> {
  if (cost === 0n || (breakage === undefined && escheats !== true)) return {};
  return {
    finance: { ...plainFinance, breakage: breakage ?? null, escheats: escheats === true },
  };
}
