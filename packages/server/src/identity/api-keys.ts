/**
 * Owns API keys: who may do what, on every workspace or bound to one.
 *
 * A1 a secret is shown once; what is stored is its SHA-256. A2 a revoked key opens nothing: here at once, on other nodes when
 * their memory of it ends (`rememberMs`). A3 a key that is known costs no query.
 */
import { timingSafeEqual } from "node:crypto";
import type { ApiKeyScope } from "@cistern/contract";
import type { Pool } from "pg";
import { rowsOf } from "../database/index.ts";
import { type ApiKeyRow, type StoredKey, storedKey } from "./stored-key.ts";
import { hashOf, isMistyped, newSecret, prefixOf } from "./secret.ts";
import {
  insertFirstKeySql,
  insertKeySql,
  readKeyByHashSql,
  readKeyByOpSql,
  readKeysSql,
  revokeKeySql,
} from "./statements.ts";

/** A key to make. */
export interface NewKey {
  readonly name: string;
  readonly scopes: readonly ApiKeyScope[];
  readonly workspace: string | undefined;
  readonly member?: string | undefined;
  readonly opId: string;
  readonly fingerprint: string;
}

/** A key that was made now (`secret`), or by an earlier try under the same idempotency key. */
export type KeyMade =
  | { readonly kind: "made"; readonly key: StoredKey; readonly secret: string }
  | { readonly kind: "replayed"; readonly key: StoredKey }
  | { readonly kind: "key_reused" };

/** All keys of one installation. Every method rejects with `DatabaseFault`. */
export interface ApiKeys {
  /** The key behind a secret, unless it is unknown or revoked. */
  authenticate(secret: string): StoredKey | undefined | Promise<StoredKey | undefined>;
  make(wanted: NewKey): Promise<KeyMade>;
  /** Keys after `cursor` by id; only those bound to `workspace` where it is given. */
  list(page: {
    readonly after: string;
    readonly limit: number;
    readonly workspace: string | undefined;
  }): Promise<readonly StoredKey[]>;
  /** The key as it is now; undefined when there is none, or none bound to `workspace`. */
  revoke(id: string, workspace: string | undefined): Promise<StoredKey | undefined>;
  /**
   * At start: makes the operator's own key (`CISTERN_API_KEY`) known, else makes the first one. Answers the secret that
   * was made, for the one time that it is shown.
   */
  begin(configured: string | undefined): Promise<string | undefined>;
}

/** What keys need from their host. */
export interface ApiKeysOptions {
  readonly pool: Pool;
  readonly now: () => number;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly newId: (prefix: string) => string;
  /** How long a key is taken from memory without a look at the database. */
  readonly rememberMs?: number;
}

interface Remembered {
  readonly hash: Buffer;
  readonly key: StoredKey | undefined;
  readonly until: number;
}

const rememberMsDefault = 5_000;
const rememberedMax = 10_000;
/** Two nodes that start at once make one first key: its id is the same. */
const firstKeyId = `key_${"0".repeat(26)}`;

/** Keys in the control table of a database that has `identityMigrations`. */
export function createApiKeys(options: ApiKeysOptions): ApiKeys {
  const { pool, now } = options;
  const rememberMs = options.rememberMs ?? rememberMsDefault;
  const remembered = new Map<string, Remembered>();
  /** A look that began before a revocation must not bring the key back (A2). */
  const revokedHere = new Set<string>();
  const looking = new Map<string, Promise<StoredKey | undefined>>();

  const query = rowsOf(pool);
  const lookUp = async (hash: string) => {
    const rows = await query<ApiKeyRow>("Reading an API key", readKeyByHashSql, [bytesOf(hash)]);
    const row = rows[0];
    const isOpen = row !== undefined && row.revoked_at_ms === null && !revokedHere.has(row.id);
    const key = isOpen ? storedKey(row) : undefined;
    if (remembered.size >= rememberedMax) remembered.clear();
    remembered.set(hash, { hash: bytesOf(hash), key, until: now() + rememberMs });
    return key;
  };
  const forget = (id: string) => {
    for (const [hash, one] of remembered) if (one.key?.id === id) remembered.delete(hash);
  };

  return {
    authenticate(secret) {
      if (isMistyped(secret)) return undefined;
      const hash = hashOf(secret);
      const known = remembered.get(hash);
      // The map is asked for a hash, which an attacker cannot steer; the comparison is constant in time all the same.
      if (known !== undefined && now() < known.until && timingSafeEqual(known.hash, bytesOf(hash)))
        return known.key;
      const under = looking.get(hash);
      if (under !== undefined) return under;
      const asked = lookUp(hash).finally(() => looking.delete(hash));
      looking.set(hash, asked);
      return asked;
    },
    async make(wanted) {
      const secret = newSecret(options.randomBytes);
      const values = [
        options.newId("key"),
        bytesOf(hashOf(secret)),
        prefixOf(secret),
        wanted.name,
        wanted.scopes,
        wanted.workspace ?? null,
        wanted.member ?? null,
        now(),
        wanted.opId,
        wanted.fingerprint,
      ];
      const [made] = await query<ApiKeyRow>("Making an API key", insertKeySql, values);
      if (made !== undefined) return { kind: "made", key: storedKey(made), secret };
      const [prior] = await query<ApiKeyRow>("Reading an API key", readKeyByOpSql, [wanted.opId]);
      if (prior === undefined || prior.fingerprint !== wanted.fingerprint)
        return { kind: "key_reused" };
      return { kind: "replayed", key: storedKey(prior) };
    },
    async list({ after, limit, workspace }) {
      const values = [after, workspace ?? null, limit];
      return (await query<ApiKeyRow>("Listing API keys", readKeysSql, values)).map(storedKey);
    },
    async revoke(id, workspace) {
      const values = [id, workspace ?? null, now()];
      const [row] = await query<ApiKeyRow>("Revoking an API key", revokeKeySql, values);
      if (row === undefined) return undefined;
      if (revokedHere.size >= rememberedMax) revokedHere.clear();
      revokedHere.add(id);
      forget(id);
      return storedKey(row);
    },
    async begin(configured) {
      const secret = configured ?? newSecret(options.randomBytes);
      const id = configured === undefined ? firstKeyId : options.newId("key");
      const name = configured === undefined ? "first key" : "CISTERN_API_KEY";
      const onlyWhenNone = configured === undefined;
      const values = [id, bytesOf(hashOf(secret)), prefixOf(secret), name, now(), onlyWhenNone];
      const made = await query<ApiKeyRow>("Making the first API key", insertFirstKeySql, values);
      return made.length > 0 && configured === undefined ? secret : undefined;
    },
  };
}

function bytesOf(hash: string): Buffer {
  return Buffer.from(hash, "hex");
}
