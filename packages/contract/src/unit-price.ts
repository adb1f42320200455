/** A step of a price: quantities up to and including `upTo`; the last has none. */
export interface PriceTier {
  readonly upTo?: number;
  readonly price: string;
  /** Once, when the step is reached. */
  readonly flat?: string;
}

/**
 * Money for a quantity of a period, as a decimal of the currency. `"0.99"`: each. `graduated`: each at the price of the step that it
 * falls in. `volume`: all at the price of the step that the whole falls in. `package`: for each package of `per` that is begun.
 */
export type UnitPrice =
  | string
  | {
      readonly kind: "graduated" | "volume";
      /** Units that a price is for; default 1. */
      readonly per?: number;
      readonly tiers: readonly PriceTier[];
    }
  | { readonly kind: "package"; readonly per: number; readonly price: string };
