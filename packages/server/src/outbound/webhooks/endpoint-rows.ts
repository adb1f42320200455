/** Owns endpoints in the database, their secrets sealed (`sealing.ts`). What is told to a key of one workspace is its own alone (`boundTo`). */
import type { Pool } from "pg";
import { rowsOf } from "../../database/index.ts";
import type { Endpoint, OldSecret } from "./endpoint.ts";
import type { Sealing } from "./sealing.ts";
import {
  disableSql,
  enableSql,
  insertEndpointSql,
  listEndpointsSql,
  readEndpointSql,
  removeEndpointSql,
  resealSql,
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
    endpoint: Named &
      EndpointSettings &
      Pick<Endpoint, "consumer" | "createdAtMs"> & {
        readonly secret: string;
      },
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
  /** Has its secrets stand as they are to be sealed now, if they do not and can be opened. */
  reseal(endpoint: Endpoint): Promise<void>;
  /** The id, if it was enabled until now. */
  disable(consumer: string, atMs: number, reason: string): Promise<string | undefined>;
  enable(named: Named): Promise<Endpoint | undefined>;
}

const doing = "Keeping endpoints of webhooks";

/** See the file head. */
export function createEndpointRows(pool: Pool, sealing: Sealing): EndpointRows {
  const query = rowsOf(pool);
  const endpoints = async (sql: string, values: readonly unknown[]): Promise<readonly Endpoint[]> =>
    (await query<EndpointColumns>(doing, sql, values)).map((row) => endpointOf(row, sealing));
  const one = async (sql: string, values: readonly unknown[]): Promise<Endpoint | undefined> =>
    (await endpoints(sql, values))[0];
  const settingsOf = ({ url, types, workspaces, description }: EndpointSettings) => [
    url,
    types ?? null,
    workspaces ?? null,
    description ?? null,
  ];
  const sealedOld = (old: readonly OldSecret[], of: string): string =>
    JSON.stringify(
      old.map(({ secret, untilMs }) => ({ secret: sealing.seal(secret, of), untilMs })),
    );
  return {
    insert: (made, { ofOne, all }) =>
      one(insertEndpointSql, [
        made.id,
        made.consumer,
        made.boundTo ?? null,
        ...settingsOf(made),
        sealing.seal(made.secret, made.consumer),
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
    rotate({ id, kept, consumer }, { secret, old, by }) {
      const sealed = sealing.seal(secret, consumer);
      return one(rotateSql, [id, kept.secret, sealed, sealedOld(old, consumer), by]);
    },
    async reseal({ id, consumer, secret, oldSecrets, kept }) {
      const all = [kept.secret, ...kept.oldSecrets.map((old) => old.secret)];
      const isOpen = secret !== undefined && oldSecrets.length === kept.oldSecrets.length;
      if (!isOpen || all.every((text) => sealing.isAsSealed(text))) return;
      const sealed = sealing.seal(secret, consumer);
      const before = [kept.secret, JSON.stringify(kept.oldSecrets)];
      await query(doing, resealSql, [id, ...before, sealed, sealedOld(oldSecrets, consumer)]);
    },
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

function endpointOf(row: EndpointColumns, sealing: Sealing): Endpoint {
  const kept = { secret: row.secret, oldSecrets: oldSecretsOf(row.old_secrets) };
  return {
    id: row.id,
    consumer: row.consumer,
    boundTo: row.bound_to ?? undefined,
    url: row.url,
    types: row.types ?? undefined,
    workspaces: row.workspaces ?? undefined,
    description: row.description ?? undefined,
    secret: sealing.open(kept.secret, row.consumer),
    oldSecrets: kept.oldSecrets.flatMap(({ secret: text, untilMs }) => {
      const secret = sealing.open(text, row.consumer);
      return secret === undefined ? [] : [{ secret, untilMs }];
    }),
    kept,
    rotatedBy: row.rotated_by,
    createdAtMs: Number(row.created_at_ms),
    disabled:
      row.disabled_at_ms === null
        ? undefined
        : { atMs: Number(row.disabled_at_ms), reason: row.disabled_reason ?? "" },
  };
}

function oldSecretsOf(text: string): readonly OldSecret[] {
  const list: unknown = JSON.parse(text);
  return Array.isArray(list) ? list.filter(isOldSecret) : [];
}

const isOldSecret = (value: unknown): value is OldSecret =>
  typeof value === "object" && value !== null && "secret" in value && "untilMs" in value;
