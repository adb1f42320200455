/** Owns Cistern without a server: the client's own interface on an engine in this process. */
import { type CallingOptions, type Cistern, cisternOver } from "@cistern/client";
import type { Taxes } from "./billing/index.ts";
import { type CatalogSource, builtInCatalog, readCatalog } from "./catalog/index.ts";
import { callsTo, transportOf } from "./in-process.ts";
import { type NodeLogEntry, openNode } from "./open-node.ts";
import { platform } from "./server.ts";

/** Where an embedded Cistern keeps its data, and what it charges. */
export interface EmbeddedOptions extends CallingOptions {
  /** A PostgreSQL of yours; left out, one is started in `folder`. */
  readonly databaseUrl?: string;
  /** Folder of the embedded PostgreSQL; default `./.cistern`. */
  readonly folder?: string;
  /** In force until one is pushed to the database; default the built-in one. */
  readonly catalog?: CatalogSource;
  /** Who knows the tax of an invoice; default its billing profile. */
  readonly taxes?: Taxes;
  /** What arrives as spans is kept so many days; default 180. */
  readonly observationDays?: number;
  /** Told of what an operator should know; default nobody. */
  readonly log?: (entry: NodeLogEntry) => void;
}

const folderDefault = "./.cistern";

/**
 * Opens an engine in this process. `close` stops it, and the database where it was started here.
 *
 * @example
 * const cistern = await createCistern({ folder: "./.cistern" });
 * const hold = await cistern.workspace("acme").authorize({ member: "ana", credits: "75" });
 * @throws DatabaseFault, CatalogFault
 */
export async function createCistern(options: EmbeddedOptions = {}): Promise<Cistern> {
  const {
    databaseUrl,
    folder = folderDefault,
    catalog = builtInCatalog,
    log,
    taxes,
    observationDays,
    ...calling
  } = options;
  const tell = log ?? (() => {});
  const node = await openNode(
    {
      databaseUrl,
      folder,
      catalog: readCatalog(catalog, "The catalog"),
      log: tell,
      taxes,
      observationDays,
    },
    platform,
  );
  return cisternOver({
    ...calling,
    transport: transportOf(callsTo(node, tell)),
    onClose: () => node.close(),
  });
}
