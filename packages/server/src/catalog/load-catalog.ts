/** Owns where a catalog is found: a file of JSON, or a module whose default export it is. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Catalog, CatalogFault, type CatalogProblem } from "./catalog.ts";
import { readCatalog } from "./read-catalog.ts";
import { repeatedKeys } from "./repeated-keys.ts";

const files = ["cistern.config.ts", "cistern.config.mts", "cistern.config.json"];

/** The file that is read where none is named: the first of these that is in the working directory. */
export const defaultCatalogFile = (): string =>
  files.find((file) => existsSync(file)) ?? "cistern.config.ts";

/**
 * Loads a catalog from `file`: `.json`, or a module (`.ts`, `.mts`, `.js`, `.mjs`). A module runs as part of this process.
 *
 * @throws CatalogFault where there is none, or it is not sound.
 */
export async function loadCatalog(file: string): Promise<Catalog> {
  const { value, told } = await contentOf(file);
  return readCatalog(value, file, { told });
}

async function contentOf(file: string): Promise<{
  readonly value: unknown;
  readonly told: readonly CatalogProblem[];
}> {
  try {
    if (extname(file) === ".json") {
      const text = await readFile(file, "utf8");
      return { value: JSON.parse(text), told: repeatedKeys(text) };
    }
    const loaded: { default?: unknown } = await import(pathToFileURL(resolve(file)).href);
    return { value: loaded.default, told: [] };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CatalogFault(file, [
      { path: "", message: `cannot be loaded: ${why}${advice(cause)}` },
    ]);
  }
}

/** Where a package.json says "type": "commonjs", as `npm init` writes it, a `.ts` or `.js` file is no module. */
const advice = (cause: unknown): string =>
  cause instanceof SyntaxError && /outside a module|Unexpected token 'export'/.test(cause.message)
    ? '. Name it .mts (or .mjs), or set "type": "module" in the package.json of its folder'
    : "";
