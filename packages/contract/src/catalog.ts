import type { CreditWords } from "./credit-words.ts";

/** A version of the catalog. `in_force` is the one that prices calls now; `upcoming` ones follow, each at its instant. */
export interface CatalogVersion {
  /** From 1, without gaps. */
  readonly version: number;
  /** SHA-256 of the content as canonical JSON (RFC 8785), in hex. */
  readonly hash: string;
  readonly effectiveAt: string;
  readonly status: "past" | "in_force" | "upcoming";
}

/** A version with what was pushed. */
export interface Catalog extends CatalogVersion {
  /** As `cistern.config.ts` or the JSON file said it. */
  readonly content: Readonly<Record<string, unknown>>;
  /** What it calls credits, and how many decimals people see; `credit` and `credits` where it says nothing. */
  readonly credits: CreditWords;
}

/** A page of versions, newest first. */
export interface CatalogVersionPage {
  readonly data: readonly CatalogVersion[];
  readonly nextCursor?: string;
}

/** A catalog that is to be the newest version. */
export interface CatalogRequest {
  /** As `cistern.config.ts` exports it, or the JSON file says it. */
  readonly content: Readonly<Record<string, unknown>>;
  /** At least a minute ahead; default as soon as may be. */
  readonly effectiveAt?: string;
}

/** The version that a push made, or that it found to be the same. */
export interface CatalogPushed extends CatalogVersion {
  /** The newest version has this content already: nothing was pushed. */
  readonly unchanged?: boolean;
}
