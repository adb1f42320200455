import type {
  Catalog,
  CatalogDiff,
  CatalogDiffRequest,
  CatalogPushed,
  CatalogRequest,
  CatalogVersionPage,
  PageQuery,
} from "@cistern/contract";
import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type { Calls } from "./calls.ts";
import { paths, withQuery } from "./paths.ts";

/**
 * Meters, rate cards, plans and packs, by version. Refusals: `unknown_catalog_version` (also while none was pushed), and
 * `invalid_request` with every fault of a catalog by its path. `push` and `diff` take a key that is not bound to a workspace.
 *
 * @example
 * const { content } = await cistern.catalog.get();
 */
export interface CatalogClient {
  /** Newest first. */
  versions(query?: PageQuery, options?: CallOptions): Promise<CatalogVersionPage>;
  /** By its number, or the one that is in force. */
  get(version?: number | "current", options?: CallOptions): Promise<Catalog>;
  /** Makes a catalog the newest version, in force a minute later or from `effectiveAt` on. It changes no subscription. */
  push(request: CatalogRequest, options?: ChangeOptions): Promise<CatalogPushed>;
  /** What a push would change, and for whom; `nextCursor` goes on with further workspaces. */
  diff(request: CatalogDiffRequest, query?: PageQuery, options?: CallOptions): Promise<CatalogDiff>;
}

export function catalogClient(calls: Calls): CatalogClient {
  return {
    versions: async (query, options) => await calls.read(paths.catalog(), query, options),
    get: async (version = "current", options = {}) =>
      await calls.read(paths.catalog(`${version}`), {}, options),
    push: async (request, options) => await calls.change("PUT", paths.catalog(), request, options),
    diff: async (request, query = {}, options = {}) =>
      await calls.ask(withQuery(paths.catalog("diff"), query), request, options),
  };
}
