import type { Catalog } from "../catalog/index.ts";

/** Where versions of a catalog are kept, as the commands see it: a database, or the server that works with it. */
export interface CatalogPlace {
  /** The version that was pushed last. */
  latest(): Promise<
    | { readonly version: number; readonly effectiveAtMs: number; readonly catalog: Catalog }
    | undefined
  >;
  /** Makes a catalog the newest version; `isSame`: it is that already. */
  push(
    catalog: Catalog,
    effectiveAtMs: number | undefined,
  ): Promise<{
    readonly version: number;
    readonly effectiveAtMs: number;
    readonly isSame: boolean;
  }>;
}
