/** Owns how the catalog of a running server is read and pushed over its API: the one way where the server's database is embedded in it. */
import {
  type CatalogPushed,
  type CatalogRequest,
  CatalogPushedSchema,
  CatalogSchema,
  CatalogVersionPageSchema,
  type Problem,
  ProblemSchema,
  parseInstant,
  printInstant,
} from "@cistern/contract";
import type { Static, TSchema } from "typebox";
import { Check } from "typebox/value";
import { type Catalog, CatalogFault, readCatalog } from "../catalog/index.ts";
import type { CatalogPlace } from "./catalog-place.ts";

/** Where a server answers, and a key that opens it: one with the scope `admin`, for no workspace alone. */
export interface ServerAccess {
  readonly url: string;
  readonly key: string | undefined;
}

/** The server cannot be reached, or did not do as it was asked; the message says why and what to do. */
export class ServerFault extends Error {
  override readonly name = "ServerFault";
  /** Nobody decided: the same call may go well later. */
  readonly isUndecided: boolean;

  constructor(
    message: string,
    { isUndecided = false, ...options }: ErrorOptions & { readonly isUndecided?: boolean } = {},
  ) {
    super(message, options);
    this.isUndecided = isUndecided;
  }
}

const timeoutMs = 30_000;

/** One call of the API; what is refused is thrown, as `CatalogFault` where the catalog that was sent has faults. */
export type CallServer = <Schema extends TSchema>(
  method: "GET" | "POST" | "PUT",
  path: string,
  schema: Schema,
  body?: object,
) => Promise<Static<Schema>>;

/** Calls of a running server. */
export const serverCalls =
  (access: ServerAccess): CallServer =>
  (method, path, schema, body) =>
    ask(access, method, path, schema, body);

/** The catalog of a running server. */
export function serverCatalog(access: ServerAccess): CatalogPlace {
  return {
    async latest() {
      const page = await ask(access, "GET", "/v1/catalog?limit=1", CatalogVersionPageSchema);
      const [newest] = page.data;
      if (newest === undefined) return undefined;
      const { version, effectiveAt } = newest;
      const { content } = await ask(access, "GET", `/v1/catalog/${version}`, CatalogSchema);
      const catalog = readCatalog(content, `Version ${version} of the catalog`, { isPushed: true });
      return { version, effectiveAtMs: parseInstant(effectiveAt), catalog };
    },
    async push(catalog, effectiveAtMs) {
      const {
        version,
        effectiveAt,
        unchanged = false,
      } = await pushed(access, catalog, effectiveAtMs);
      return { version, effectiveAtMs: parseInstant(effectiveAt), isSame: unchanged };
    },
  };
}

async function pushed(
  access: ServerAccess,
  catalog: Catalog,
  effectiveAtMs: number | undefined,
): Promise<CatalogPushed> {
  const body: CatalogRequest = {
    content: JSON.parse(catalog.content),
    ...(effectiveAtMs === undefined ? {} : { effectiveAt: printInstant(effectiveAtMs) }),
  };
  return await ask(access, "PUT", "/v1/catalog", CatalogPushedSchema, body);
}

async function ask<Schema extends TSchema>(
  { url, key }: ServerAccess,
  method: "GET" | "POST" | "PUT",
  path: string,
  schema: Schema,
  body?: object,
): Promise<Static<Schema>> {
  const answer = await fetch(url.replace(/\/$/, "") + path, {
    method,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((cause: unknown) => {
    throw new ServerFault(`The server at ${url} cannot be reached: ${why(cause)}.`, {
      cause,
      isUndecided: true,
    });
  });
  const value: unknown = await answer.json().catch(() => undefined);
  if (answer.ok && Check(schema, value)) return value;
  if (Check(ProblemSchema, value)) throw refusedBy(value, `The server at ${url}`);
  throw new ServerFault(
    `What answers at ${url} is no Cistern: ${method} ${path} gave ${answer.status}.`,
    { isUndecided: answer.status >= 500 },
  );
}

/** A refusal as a fault; what is wrong with a catalog is told as it is told of a file. */
export function refusedBy({ code, status, detail, violations = [] }: Problem, who: string): Error {
  const inContent = violations.filter(({ pointer }) => pointer.startsWith("/content"));
  if (inContent.length === 0 || code !== "invalid_request")
    return new ServerFault(`${who} refused: ${detail}`, { isUndecided: status >= 500 });
  return new CatalogFault(
    "The catalog",
    inContent.map(({ pointer, detail: message }) => ({
      path: pointer.slice("/content".length),
      message,
    })),
  );
}

const why = (error: unknown): string => {
  const deepest = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return deepest instanceof Error ? deepest.message : String(deepest);
};
