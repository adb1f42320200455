/**
 * Owns what outlives a node: which workspaces may have top-ups that wait, and which of these a provider was asked for.
 *
 * H1 a workspace is on the list before anything of it can wait. H2 of many nodes one at a time calls a provider about a top-up.
 */
import type { Pool } from "pg";
import {
  dropAttemptSql,
  endAttemptSql,
  lookedAtSql,
  takeAttemptSql,
  toLookAtSql,
  unwatchSql,
  watchSql,
} from "./statements.ts";

/** A workspace, and when it was to be looked at. */
export interface Watched {
  readonly workspaceId: string;
  readonly lookAtMs: number;
}

/** A call to a provider that this node may make. */
export interface Attempt {
  /** From 1. */
  readonly tries: number;
  /** The provider may never have heard of the payment. */
  readonly isUnknown: boolean;
}

/** One top-up. */
export interface TopUpKey {
  readonly workspaceId: string;
  readonly topUp: string;
}

/** The list in the database. Every method rejects with what the database met. */
export interface WatchList {
  watch(workspaceId: string, lookAtMs: number): Promise<void>;
  toLookAt(page: { readonly after: string; readonly now: number }): Promise<readonly Watched[]>;
  /** `nextMs` null: it has nothing to look after. */
  lookedAt(watched: Watched, nextMs: number | null): Promise<void>;
  /** undefined: another node has it, or it is not its time. */
  take(key: TopUpKey, times: { now: number; untilMs: number }): Promise<Attempt | undefined>;
  end(key: TopUpKey, attempt: Attempt, nextMs: number): Promise<void>;
  drop(key: TopUpKey): Promise<void>;
}

/** Workspaces of one page. */
export const watchPage = 500;

/** See the file head. */
export function createWatchList(pool: Pool): WatchList {
  return {
    async watch(workspaceId, lookAtMs) {
      await pool.query(watchSql, [workspaceId, lookAtMs]);
    },
    async toLookAt({ after, now }) {
      const { rows } = await pool.query<{ workspace_id: string; look_at_ms: string }>(toLookAtSql, [
        after,
        now,
        watchPage,
      ]);
      return rows.map((row) => ({
        workspaceId: row.workspace_id,
        lookAtMs: Number(row.look_at_ms),
      }));
    },
    async lookedAt({ workspaceId, lookAtMs }, nextMs) {
      await (nextMs === null
        ? pool.query(unwatchSql, [workspaceId, lookAtMs])
        : pool.query(lookedAtSql, [workspaceId, lookAtMs, nextMs]));
    },
    async take({ workspaceId, topUp }, { now, untilMs }) {
      const { rows } = await pool.query<{ tries: number; is_unknown: boolean }>(takeAttemptSql, [
        workspaceId,
        topUp,
        now,
        untilMs,
      ]);
      return rows.map((row) => ({ tries: row.tries, isUnknown: row.is_unknown }))[0];
    },
    async end({ workspaceId, topUp }, { tries, isUnknown }, nextMs) {
      await pool.query(endAttemptSql, [workspaceId, topUp, tries, nextMs, isUnknown]);
    },
    async drop({ workspaceId, topUp }) {
      await pool.query(dropAttemptSql, [workspaceId, topUp]);
    },
  };
}
