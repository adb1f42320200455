import type { TObject, TSchema } from "typebox";
import type { ApiKeyScope } from "../api-key.ts";
import type { ProblemCode } from "../problem.ts";

/**
 * How a route takes `Idempotency-Key`.
 * - `required`: 400 without one.
 * - `defaulted`: it may be left out where `template` can be filled in: `{hold}` from the path, `{part}` from the body.
 *   `template` is for a call without `part` (undefined: then a key is required), `partTemplate` for one with.
 * - `optional`: idempotent by itself; a key that is sent is kept like any other.
 * - `ignored`: the call has no effect of its own, or what it did is its own proof.
 */
export type Idempotency =
  | { readonly kind: "required" }
  | { readonly kind: "defaulted"; readonly template?: string; readonly partTemplate: string }
  | { readonly kind: "optional" }
  | { readonly kind: "ignored" };

/** One route of the API: everything that the server binds a handler to and the OpenAPI document prints. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With `{parameter}` as in OpenAPI. */
  readonly path: `/${string}`;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  /** The key needs one of these; `admin` always passes. Empty: no key is asked for. */
  readonly scopes: readonly ApiKeyScope[];
  readonly params?: TObject;
  readonly query?: TObject;
  readonly body?: TSchema;
  /** Media types that the body may have; left out: JSON alone. The first is the one of the document. */
  readonly mediaTypes?: readonly string[];
  /** Bytes of the body; left out: `limits.bodyBytesMax`. */
  readonly bodyBytesMax?: number;
  readonly idempotency: Idempotency;
  /** The answers that are no problem, by status. */
  readonly responses: Readonly<Record<number, TSchema>>;
  /** The answer is `{ data: rows }` of flat rows, and may be asked for as CSV. */
  readonly isTable?: true;
  /** The answer is an invoice, and may be asked for as CSV or PDF. */
  readonly isInvoice?: true;
  /** The answer may wait for something to happen: it is given up when its caller is gone. */
  readonly waits?: true;
  /** The answer goes on: a page of events, then what comes after it, as `text/event-stream`. */
  readonly isStream?: true;
  /** The problems that only some routes have; `commonProblems` come on top. */
  readonly problems: readonly ProblemCode[];
}

/** Problems that any route can answer with. */
export const commonProblems: readonly ProblemCode[] = [
  "overloaded",
  "unauthenticated",
  "forbidden",
  "invalid_request",
  "enforcement_unavailable",
  "internal",
];

/** Problems of routes that take a body. */
export const bodyProblems: readonly ProblemCode[] = [
  "too_large",
  "unsupported_media_type",
  "malformed",
];

/** Fastify's spelling of a path: `{workspace}` becomes `:workspace`. */
export function colonPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}
