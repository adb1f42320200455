import type { ApiKeyScope } from "@cistern/contract";

/** A row of the keys' table. */
export interface ApiKeyRow {
  readonly id: string;
  readonly prefix: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly bound_to: string | null;
  readonly member: string | null;
  /** Eight bytes, which the driver gives as text. */
  readonly created_at_ms: string;
  readonly revoked_at_ms: string | null;
  readonly fingerprint: string | null;
}

/** An API key without its secret. */
export interface StoredKey {
  readonly id: string;
  readonly prefix: string;
  readonly name: string;
  readonly scopes: ReadonlySet<ApiKeyScope>;
  /** The one workspace that it opens; undefined: all. */
  readonly workspace: string | undefined;
  /** The one member whom it spends for; undefined: whom the request names. */
  readonly member: string | undefined;
  readonly createdAt: number;
  readonly revokedAt: number | undefined;
}

/** A key as its row says. */
export function storedKey(row: ApiKeyRow): StoredKey {
  return {
    id: row.id,
    prefix: row.prefix,
    name: row.name,
    scopes: new Set(row.scopes.filter(isScope)),
    workspace: row.bound_to ?? undefined,
    member: row.member ?? undefined,
    createdAt: Number(row.created_at_ms),
    revokedAt: row.revoked_at_ms === null ? undefined : Number(row.revoked_at_ms),
  };
}

/** A scope that this version does not know opens nothing. */
function isScope(text: string): text is ApiKeyScope {
  return text === "admin" || text === "usage:write" || text === "read" || text === "gateway:use";
}
