/** Owns endpoints in the database. What is told to a key of one workspace is its own alone (`boundTo`). */
import type { Pool } from "pg";
import { rowsOf } from "../../database/index.ts";
import type { Endpoint, OldSecret } from "./endpoint.ts";
import {
  disableSql,
  enableSql,
  insertEndpointSql,
  listEndpointsSql,
  readEndpointSql,
  removeEndpointSql,
  rotateSql,
  updateEndpointSql,
} from "./statements.ts";

/** What may be changed of an endpoint. */
export type EndpointSettings = Pick<Endpoint, "url" | "types" | "workspaces" | "description">;

/** Whose: undefined is the operator, who sees all. */
export interface Named {
  readonly id: string;
  readonly boundTo: string | undefined;
}

/** The table. Every method rejects with what the database met. */
export interface EndpointRows {
  /** undefined: the id is taken, or there are too many. */
  insert(
    endpoint: Named & EndpointSettings & Pick<Endpoint, "consumer" | "secret" | "createdAtMs">,
    most: { readonly ofOne: number; readonly all: number },
  ): Promise<Endpoint | undefined>;
  update(named: Named, settings: EndpointSettings): Promise<Endpoint | undefined>;
  read(named: Named): Promise<Endpoint | undefined>;
  list(page: {
    readonly after: string;
    readonly boundTo: string | undefined;
    readonly limit: number;
  }): Promise<readonly Endpoint[]>;
  /** The consumer that it was. */
  remove(named: Named): Promise<string | undefined>;
  /** undefined: another call rotated it meanwhile. */
  rotate(
    endpoint: Endpoint,
    to: { readonly secret: string; readonly old: readonly OldSecret[]; readonly by: string },
  ): Promise<Endpoint | undefined>;
  /** The id, if it was enabled until now. */
  disable(consumer: string, atMs: number, reason: string): Promise<string | undefined>;
  enable(named: Named): Promise<Endpoint | undefined>;
}

const doing = "Keeping endpoints of webhooks";

/** See the file head. */
export function createEndpointRows(pool: Pool): EndpointRows {
  const query = rowsOf(pool);
  const endpoints = async (sql: string, values: readonly unknown[]): Promise<readonly Endpoint[]> =>
    (await query<EndpointColumns>(doing, sql, values)).map(endpointOf);
  const one = async (sql: string, values: readonly unknown[]): Promise<Endpoint | undefined> =>
    (await endpoints(sql, values))[0];
  const settingsOf = ({ url, types, workspaces, description }: EndpointSettings) => [
    url,
    types ?? null,
    workspaces ?? null,
    description ?? null,
  ];
  return {
    insert: (made, { ofOne, all }) =>
      one(insertEndpointSql, [
        made.id,
        made.consumer,
        made.boundTo ?? null,
        ...settingsOf(made),
        made.secret,
        ofOne,
        all,
        made.createdAtMs,
      ]),
    update: ({ id, boundTo }, settings) =>
      one(updateEndpointSql, [id, boundTo ?? null, ...settingsOf(settings)]),
    read: ({ id, boundTo }) => one(readEndpointSql, [id, boundTo ?? null]),
    list: ({ after, boundTo, limit }) =>
      endpoints(listEndpointsSql, [after, boundTo ?? null, limit]),
    async remove({ id, boundTo }) {
      const values = [id, boundTo ?? null];
      const rows = await query<{ consumer: string }>(doing, removeEndpointSql, values);
      return rows[0]?.consumer;
    },
    rotate: ({ id, secret: known }, { secret, old, by }) =>
      one(rotateSql, [id, known, secret, JSON.stringify(old), by]),
    async disable(consumer, atMs, reason) {
      const rows = await query<{ id: string }>(doing, disableSql, [consumer, atMs, reason]);
      return rows[0]?.id;
    },
    enable: ({ id, boundTo }) => one(enableSql, [id, boundTo ?? null]),
  };
}

interface EndpointColumns {
  readonly id: string;
  readonly consumer: string;
  readonly bound_to: string | null;
  readonly url: string;
  readonly types: readonly string[] | null;
  readonly workspaces: readonly string[] | null;
  readonly description: string | null;
  readonly secret: string;
  readonly old_secrets: string;
  readonly rotated_by: string;
  readonly created_at_ms: string;
  readonly disabled_at_ms: string | null;
  readonly disabled_reason: string | null;
}

const endpointOf = (row: EndpointColumns): Endpoint => ({
  id: row.id,
  consumer: row.consumer,
  boundTo: row.bound_to ?? undefined,
  url: row.url,
  types: row.types ?? undefined,
  workspaces: row.workspaces ?? undefined,
  description: row.description ?? undefined,
  secret: row.secret,
  oldSecrets: oldSecretsOf(row.old_secrets),
  rotatedBy: row.rotated_by,
  createdAtMs: Number(row.created_at_ms),
  disabled:
    row.disabled_at_ms === null
      ? undefined
      : { atMs: Number(row.disabled_at_ms), reason: row.disabled_reason ?? "" },
});

function oldSecretsOf(text: string): readonly OldSecret[] {
  const list: unknown = JSON.parse(text);
  return Array.isArray(list) ? list.filter(isOldSecret) : [];
}

const isOldSecret = (value: unknown): value is OldSecret =>
  typeof value === "object" && value !== null && "secret" in value && "untilMs" in value;
