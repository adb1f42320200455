/**
 * The composition root: the one place with a clock, chance, timers and the process. `serve` runs a node with HTTP on it until
 * it is told to stop.
 */
import { randomBytes, randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import { type FastifyInstance } from "fastify";
import { destination, pino, type Logger } from "pino";
import { createApi } from "./api/index.ts";
import type { Taxes } from "./billing/index.ts";
import { type CatalogSource, builtInCatalog, readCatalog } from "./catalog/index.ts";
import { serveGateway } from "./gateway/index.ts";
import { type Settings, readVersion } from "./host/index.ts";
import { type OpenGateway, openGateway } from "./open-gateway.ts";
import { type Node, type NodeLogEntry, openNode } from "./open-node.ts";
import type { OutboundSettings } from "./open-outbound.ts";
import { openSinks } from "./open-sinks.ts";
import type { Platform } from "./platform.ts";

/** This process. */
export const platform: Platform = {
  now: () => Date.now(),
  after: (ms, callBack) => {
    const timer = setTimeout(callBack, ms);
    return () => clearTimeout(timer);
  },
  soon: (callBack) => {
    setImmediate(callBack);
  },
  randomBytes: (length) => randomBytes(length),
  randomUuid: () => randomUUID(),
  host: process,
};

/** The port is taken, or the address is not this machine's. */
export class ListenFault extends Error {
  override readonly name = "ListenFault";
}

/** A node that answers over HTTP. */
export interface Server {
  /** Such as `http://127.0.0.1:4200`. */
  readonly url: string;
  /** The first admin key, when this start made it: it is shown this one time. */
  readonly firstKey: string | undefined;
  readonly node: Node;
  readonly app: FastifyInstance;
  /** Stops listening, answers what has arrived, then closes the node. May be called twice. */
  stop(): Promise<void>;
}

/** How a server is started besides its settings. */
export interface ServeOptions {
  /** Gives the start up. */
  readonly signal?: AbortSignal;
  /** In force until a catalog is pushed; left out: the built-in one. */
  readonly catalog?: CatalogSource;
  /** Who knows the tax of an invoice; left out: its billing profile. */
  readonly taxes?: Taxes;
  /** How what leaves is paced, where it is not as by default. */
  readonly outbound?: OutboundSettings;
  /** Adds routes beside the contract's, before it listens. */
  readonly extend?: (app: FastifyInstance) => void;
}

/**
 * Starts a server.
 *
 * @throws DatabaseFault, CatalogFault, SinkFault, GatewayFault, ListenFault
 */
export async function serve(settings: Settings, options: ServeOptions = {}): Promise<Server> {
  const logger = pino({ level: settings.logLevel }, destination({ fd: 2, sync: true }));
  const node = await openNode(
    {
      databaseUrl: settings.databaseUrl,
      folder: settings.folder,
      catalog: readCatalog(options.catalog ?? builtInCatalog, "The catalog to begin with"),
      log: (entry) => logEntry(logger, entry),
      taxes: options.taxes,
      outbound: {
        allowsLoopback: settings.webhooksAllowLoopback,
        secretKeys: settings.secretKeys,
        ...options.outbound,
      },
      observationDays: settings.observationDays,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    },
    platform,
  );
  let gateway: OpenGateway | undefined;
  try {
    const sinks = await openSinks(settings.sinks, {
      pump: node.pump,
      platform,
      stdout: process.stdout,
      onMended: (message) => logger.warn(message),
    });
    const { app, operations } = await createApi(node.parts, { logger, version: readVersion() });
    const { upstreams, folder, readerStillMs: stillMs } = settings;
    const opened = await openGateway({
      operations,
      upstreams,
      folder,
      platform,
      log: ({ message, cause: err, ...fields }) => logger.warn({ ...fields, err }, message),
    });
    gateway = opened;
    const { keys } = node.parts;
    await serveGateway(app, {
      gateway,
      authenticate: (secret) => keys.authenticate(secret),
      reader: { stillMs, after: (ms, callBack) => platform.after(ms, callBack) },
    });
    options.extend?.(app);
    const url = await listen(app, settings);
    // Last, since whoever makes the first key has to show it: a start that fails must not use it up.
    const firstKey = await node.parts.keys.begin(settings.apiKey);
    let stopping: Promise<void> | undefined;
    const stop = async (): Promise<void> => {
      node.drain();
      await closeApp(app);
      await opened.stop();
      await node.close();
      await sinks.close();
    };
    return { url, firstKey, node, app, stop: () => (stopping ??= stop()) };
  } catch (error) {
    await gateway?.stop();
    await node.close();
    throw error;
  }
}

const idleCheckMs = 50;

/** Answers what has arrived. A connection that falls idle only after the close has begun would stay until it times out. */
async function closeApp(app: FastifyInstance): Promise<void> {
  const sweeping = setInterval(() => app.server.closeIdleConnections(), idleCheckMs);
  try {
    await app.close();
  } finally {
    clearInterval(sweeping);
  }
}

async function listen(app: FastifyInstance, { host, port }: Settings): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EADDRINUSE")
      throw new ListenFault(
        `Port ${port} of ${host} is in use. Stop what listens there, or set PORT to another one.`,
        { cause: error },
      );
    if (code === "EACCES")
      throw new ListenFault(`Port ${port} is reserved. Set PORT to one above 1023.`, {
        cause: error,
      });
    if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
      throw new ListenFault(`HOST ${host} is not an address of this machine.`, { cause: error });
    throw error;
  }
  return urlOf(app.server.address(), host);
}

function urlOf(address: AddressInfo | string | null, host: string): string {
  if (address === null || typeof address === "string") return `http://${host}`;
  // Nobody can connect to "any address": this machine's own is as good.
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${address.port}`;
}

function logEntry(logger: Logger, { level, message, ...fields }: NodeLogEntry): void {
  const { cause, ...rest } = fields;
  logger[level](cause === undefined ? rest : { ...rest, err: cause }, message);
}
