/**
 * Owns when workspaces are looked at for a period that is over.
 *
 * W1 one node has a workspace at a time, for at most as long as it took it; if it ends meanwhile, another takes it after that.
 */
import type { Pool } from "pg";
import { lookedSql, takeSql, toLookAtSql } from "./statements.ts";

/** The table. Every method rejects with what the database met. */
export interface LookRows {
  /** Workspaces that are to be looked at by an instant, in order after one of them. */
  due(page: {
    readonly at: number;
    readonly after: string;
    readonly limit: number;
  }): Promise<readonly string[]>;
  /** Up to where its past was replayed (0: never); undefined: it is not due, or another node has it. */
  take(
    workspaceId: string,
    at: number,
    untilMs: number,
  ): Promise<{ readonly replayedToMs: number } | undefined>;
  /** Gives it back. */
  looked(workspaceId: string, nextAtMs: number, replayedToMs: number): Promise<void>;
}

/** See the file head. */
export function createLookRows(pool: Pool): LookRows {
  return {
    async due({ at, after, limit }) {
      const { rows } = await pool.query<{ workspace_id: string }>(toLookAtSql, [at, after, limit]);
      return rows.map((row) => row.workspace_id);
    },
    async take(workspaceId, at, untilMs) {
      const { rows } = await pool.query<{ replayed_to_ms: string }>(takeSql, [
        workspaceId,
        at,
        untilMs,
      ]);
      return rows.map((row) => ({ replayedToMs: Number(row.replayed_to_ms) }))[0];
    },
    async looked(workspaceId, nextAtMs, replayedToMs) {
      await pool.query(lookedSql, [workspaceId, nextAtMs, replayedToMs]);
    },
  };
}
