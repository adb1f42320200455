import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { createApp } from "./http/create-app.ts";
import { serveDocuments } from "./http/documents.ts";
import { serveMetrics } from "./http/metrics.ts";
import { type Operations, createOperations, printingOf } from "./operations.ts";
import type { ApiParts } from "./parts.ts";

/** How the API presents itself. */
export interface ApiOptions {
  readonly logger: FastifyBaseLogger;
  /** The version in the OpenAPI document. */
  readonly version: string;
}

/** The API: over HTTP, and in process. */
export interface Api {
  /** Not listening yet; routes may be added beside the contract's. */
  readonly app: FastifyInstance;
  readonly operations: Operations;
}

/** Binds the contract to an engine and puts it on HTTP. */
export async function createApi(parts: ApiParts, { logger, version }: ApiOptions): Promise<Api> {
  const operations = createOperations(parts, (fault, operation) =>
    logger.error({ err: fault, operation }, "A call met a fault"),
  );
  const app = await createApp({
    operations: operations.byName.values(),
    keys: parts.keys,
    feed: parts.feed,
    printing: printingOf(parts),
    logger,
    beside: async (instance) => {
      serveMetrics(instance, parts);
      await serveDocuments(instance, version);
    },
  });
  return { app, operations };
}
