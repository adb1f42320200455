/**
 * Owns the texts of policies, by their hash. The journal says which hash stood and who accepted it; this plain table says what
 * that is, so it is written first: a hash in the journal always has its text.
 */
import type { Pool } from "pg";
import { rowsOf } from "../database/index.ts";
import { putPolicyTextSql, readPolicyTextSql } from "./statements.ts";

/** All texts of one installation. Every method rejects with `DatabaseFault`. */
export interface PolicyTexts {
  put(workspaceId: string, hash: string, text: string): Promise<void>;
  /** undefined: the workspace never had such a text. */
  read(workspaceId: string, hash: string): Promise<string | undefined>;
}

/** Texts in a database that has `identityMigrations`. */
export function createPolicyTexts(pool: Pool): PolicyTexts {
  const query = rowsOf(pool);
  return {
    async put(workspaceId, hash, text) {
      await query("Keeping the text of a policy", putPolicyTextSql, [workspaceId, hash, text]);
    },
    async read(workspaceId, hash) {
      const values = [workspaceId, hash];
      const [row] = await query<{ text: string }>(
        "Reading the text of a policy",
        readPolicyTextSql,
        values,
      );
      return row?.text;
    },
  };
}
