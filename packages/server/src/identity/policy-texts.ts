/**
 * Owns the texts of policies, by their hash. The journal says which hash stood and who accepted it; this plain table says what
 * that is, so it is written first: a hash in the journal always has its text.
 */
import type { Pool } from "pg";
import { databaseFault } from "../database/index.ts";
import { putPolicyTextSql, readPolicyTextSql } from "./statements.ts";

/** All texts of one installation. Every method rejects with `DatabaseFault`. */
export interface PolicyTexts {
  put(workspaceId: string, hash: string, text: string): Promise<void>;
  /** undefined: the workspace never had such a text. */
  read(workspaceId: string, hash: string): Promise<string | undefined>;
}

/** Texts in a database that has `identityMigrations`. */
export function createPolicyTexts(pool: Pool): PolicyTexts {
  return {
    async put(workspaceId, hash, text) {
      try {
        await pool.query(putPolicyTextSql, [workspaceId, hash, text]);
      } catch (error) {
        throw databaseFault(error, "Keeping the text of a policy");
      }
    },
    async read(workspaceId, hash) {
      try {
        const { rows } = await pool.query<{ text: string }>(readPolicyTextSql, [workspaceId, hash]);
        return rows[0]?.text;
      } catch (error) {
        throw databaseFault(error, "Reading the text of a policy");
      }
    },
  };
}
