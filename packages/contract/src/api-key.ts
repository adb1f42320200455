/** What an API key may do: `admin` everything, `usage:write` spend, `read` look, `gateway:use` call models through the gateway and no more. */
export type ApiKeyScope = "admin" | "usage:write" | "read" | "gateway:use";

/** A key to make. */
export interface ApiKeyRequest {
  readonly name: string;
  readonly scopes: readonly ApiKeyScope[];
  /** The one workspace that it is bound to; left out, all. */
  readonly workspace?: string;
  /** The one member of that workspace whom it spends for through the gateway; left out, whom the request names. */
  readonly member?: string;
}

/** A key as it is listed: never the secret. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  /** The first characters, to tell keys apart. */
  readonly prefix: string;
  readonly scopes: readonly ApiKeyScope[];
  readonly workspace?: string;
  readonly member?: string;
  readonly createdAt: string;
  readonly revokedAt?: string;
}

/** A key just made. `key` is shown in this answer alone: a replayed answer leaves it out. */
export interface ApiKeyCreated extends ApiKey {
  readonly key?: string;
}

/** A page of keys. */
export interface ApiKeyPage {
  readonly data: readonly ApiKey[];
  readonly nextCursor?: string;
}
