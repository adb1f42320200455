import type { Money } from "./money.ts";
import type { UnitPrice } from "./unit-price.ts";

/** A row of the rate card that one customer has: it wins over all rows of the card. Prices in credits, as in a catalog. */
export interface NegotiatedRow {
  readonly meter: string;
  /** A name, or a pattern with `*`; left out: any model, and calls that name none. */
  readonly model?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly perMillion?: Readonly<Record<string, string>>;
  readonly perThousand?: Readonly<Record<string, string>>;
  readonly perUnit?: Readonly<Record<string, string>>;
  readonly minimum?: string;
  readonly rounding?: "half" | "up" | "down";
}

/**
 * Prices that were negotiated; what is left out is as listed. They go by periods: what begins later begins with the first period that
 * begins at `from` or later, and the first one that begins at `until` or later goes by the list, or by what is negotiated from then on.
 */
export interface NegotiatedPrices {
  readonly base?: Money;
  /** Of one seat. */
  readonly seat?: Money;
  /** By the credit of usage that no lot pays, by meter, `*` for all others: of those that the plan has a price for. */
  readonly usage?: Readonly<Record<string, UnitPrice>>;
  /** By the credit, past what the plan includes. */
  readonly overage?: UnitPrice;
  /** Of results, by their type. */
  readonly outcomes?: Readonly<Record<string, UnitPrice>>;
  /** What usage costs in credits, over whichever version of the rate card is in force. */
  readonly rates?: {
    /** All prices times this; minimums stay as they are. */
    readonly multiplier?: string;
    readonly rows?: readonly NegotiatedRow[];
  };
  /** Left out: when it is put. */
  readonly from?: string;
  /** Left out: no end. */
  readonly until?: string;
}
