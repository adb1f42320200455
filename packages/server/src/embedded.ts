/**
 * Owns Cistern without a server: the client's own interface on an engine in this process. What passes is JSON as over HTTP, so
 * that the same code means the same, and nobody holds a piece of the engine's state.
 */
import { type CallingOptions, type Cistern, type Transport, cisternOver } from "@cistern/client";
import type { OperationResult } from "@cistern/contract";
import type { Taxes } from "./billing/index.ts";
import { type PathCall, createOperations, resultOf } from "./api/index.ts";
import { type CatalogSource, builtInCatalog, readCatalog } from "./catalog/index.ts";
import type { StoredKey } from "./identity/index.ts";
import { type Node, type NodeLogEntry, openNode } from "./open-node.ts";
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
  /** Told of what an operator should know; default nobody. */
  readonly log?: (entry: NodeLogEntry) => void;
}

const folderDefault = "./.cistern";

/** Calls to a node in this process. */
export interface NodeCalls {
  readonly call: (sent: PathCall, signal?: AbortSignal) => Promise<OperationResult>;
  /** Reads a path as a file: the body is the client's `Download`. */
  readonly file: (path: string, signal: AbortSignal) => Promise<OperationResult>;
}

/** Whoever embeds the engine may do everything: there is nobody to keep out of one's own process. */
export const host: StoredKey = {
  id: `key_${"0".repeat(26)}`,
  prefix: "embedded",
  name: "embedded",
  scopes: new Set(["admin"]),
  workspace: undefined,
  createdAt: 0,
  revokedAt: undefined,
};

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
    },
    platform,
  );
  return cisternOver({
    ...calling,
    transport: transportOf(callsTo(node, tell)),
    onClose: () => node.close(),
  });
}

/** Calls to the operations of a node in this process, by method and path. */
export function callsTo({ parts }: Node, log: (entry: NodeLogEntry) => void): NodeCalls {
  const { dispatch, file } = createOperations(parts, (cause, operation) =>
    log({ level: "error", code: "call_failed", message: `${operation} met a fault.`, cause }),
  );
  return {
    async call(sent, signal) {
      signal?.throwIfAborted();
      const answer = dispatch({ ...asJson(sent), signal }, host).then((given) =>
        asJson(resultOf(given)),
      );
      return await (signal === undefined ? answer : unlessAborted(answer, signal));
    },
    async file(path, signal) {
      signal.throwIfAborted();
      const given = await unlessAborted(file(path, host), signal);
      if (given.kind === "refused") return asJson(resultOf(given));
      const { kind: _, ...download } = given;
      return { status: 200, body: download };
    },
  };
}

/** The client's way to those operations. */
export const transportOf = ({ call, file }: NodeCalls): Transport => ({
  send: (operation, signal) => call(operation, signal),
  read: (path, signal) => call({ method: "GET", path }, signal),
  download: (path, signal) => file(path, signal),
});

/** What would arrive at the other end of a wire. */
function asJson<T>(value: T): T {
  const copy: T = JSON.parse(JSON.stringify(value));
  return copy;
}

async function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([answer, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
