/**
 * Owns how a request is told from another and from its own retry (RULES 20).
 *
 * I1 the fingerprint is SHA-256 over method, path and canonical JSON (RFC 8785) of the body as it came, before defaults.
 * I2 a final settle and a release without a key need no row of their own: the hold's state is the proof.
 */
import { hash } from "node:crypto";
import { IdempotencyKeySchema, type Route } from "@cistern/contract";
import canonicalize from "canonicalize";
import { compileCheck } from "./check.ts";

/** What makes a request's retries safe. */
export interface RequestKey {
  /** The key as it is stored; null where there is none, or where the state itself is the proof. */
  readonly opId: string | null;
  /** 64 hex digits; null where nothing is kept. */
  readonly fingerprint: string | null;
}

/** The key, or why there is none. */
export type KeyFound =
  | { readonly kind: "key"; readonly key: RequestKey }
  | { readonly kind: "missing" }
  | { readonly kind: "malformed" };

const keyCheck = compileCheck<string>(IdempotencyKeySchema);
const noKey: KeyFound = { kind: "key", key: { opId: null, fingerprint: null } };

/** What a request says of itself. */
export interface Identified {
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly sentKey: string | undefined;
}

/** Finds the key of a request that its schemas have let through. */
export function findKey(route: Route, request: Identified): KeyFound {
  const { idempotency } = route;
  if (idempotency.kind === "ignored") return noKey;
  const { sentKey } = request;
  if (sentKey !== undefined)
    return keyCheck.is(sentKey)
      ? { kind: "key", key: { opId: sentKey, fingerprint: fingerprint(route, request) } }
      : { kind: "malformed" };
  switch (idempotency.kind) {
    case "required":
      return { kind: "missing" };
    case "optional":
      return noKey;
    case "defaulted": {
      const part = numberIn(request.body, "part");
      if (part !== undefined) {
        const values = { ...request.params, part: part.toString() };
        const opId = fill(idempotency.partTemplate, values);
        return { kind: "key", key: { opId, fingerprint: fingerprint(route, request) } };
      }
      if (idempotency.template === undefined || isIncrement(request.body))
        return { kind: "missing" };
      return { kind: "key", key: { opId: null, fingerprint: fingerprint(route, request) } };
    }
  }
}

/** I1. The path is the route's with the decoded parameters, so that its spelling in a URL does not matter. */
function fingerprint(route: Route, { params, body }: Identified): string {
  const content = body === undefined ? "" : (canonicalize(body) ?? "");
  return hash("sha256", `${route.method} ${fill(route.path, params)}\n${content}`);
}

/** Texts of a template, and the names between them, in turns. Routes are few: each is taken apart once. */
const templates = new Map<string, readonly string[]>();

function fill(template: string, values: Readonly<Record<string, string>>): string {
  let parts = templates.get(template);
  if (parts === undefined) {
    parts = template.split(/[{}]/);
    templates.set(template, parts);
  }
  let text = "";
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] ?? "";
    text += index % 2 === 0 ? part : (values[part] ?? "");
  }
  return text;
}

function isIncrement(body: unknown): boolean {
  return typeof body === "object" && body !== null && "final" in body && body.final === false;
}

function numberIn(body: unknown, name: string): number | undefined {
  if (typeof body !== "object" || body === null || !(name in body)) return undefined;
  const value: unknown = Reflect.get(body, name);
  return typeof value === "number" ? value : undefined;
}
