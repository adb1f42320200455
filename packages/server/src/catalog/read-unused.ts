/** Owns what a catalog says of credits that are never used. */
import type { UnusedTerms } from "@cistern/kernel";
import type { CatalogProblem } from "./catalog.ts";
import { minor } from "./plan-amounts.ts";

/** Reads it, at a place as a JSON pointer, and tells what is wrong with it. */
export function readUnused(
  { breakage, escheat = false }: { readonly breakage?: string; readonly escheat?: boolean },
  path: string,
  tell: (problem: CatalogProblem) => void,
): UnusedTerms {
  if (breakage === "100")
    tell({ path: `${path}/breakage`, message: "is 100, so that nobody would use any of it" });
  if (breakage !== undefined && escheat)
    tell({ path: `${path}/breakage`, message: "is said of credits that are owed to the state" });
  return {
    ...(breakage === undefined ? {} : { breakage: Number(minor(breakage, 2) ?? 0n) }),
    ...(escheat ? { escheats: true } : {}),
  };
}
