/**
 * Owns what workspaces, groups and members are called, and what people wrote to each other (why somebody asks for more, what was
 * answered). RULES 26: names, and words that may have names in them, never enter the journal; this is a plain table, in which they can
 * be erased.
 */
import type { Pool } from "pg";
import { rowsOf } from "../database/index.ts";
import { putNameIfNoneSql, putNameSql, readNamesSql } from "./statements.ts";

/** Whose name it is, or of which request the reason or the note. A workspace's id stands for itself. */
export interface Named {
  readonly workspaceId: string;
  readonly kind: "workspace" | "group" | "member" | "reason" | "note";
  readonly id: string;
}

/** All names of one installation. Every method rejects with `DatabaseFault`. */
export interface Names {
  /** `undefined` erases the name. */
  put(named: Named, name: string | undefined): Promise<void>;
  /** As `put`, unless something was said of it before: for a call that may be a late retry. */
  putIfNone(named: Named, name: string): Promise<void>;
  /** The names of those that have one. */
  read(
    whose: { readonly workspaceId: string; readonly kind: Named["kind"] },
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, string>>;
}

/** Names in a database that has `identityMigrations`. */
export function createNames(pool: Pool): Names {
  const query = rowsOf(pool);
  // Writes of one workspace happen in the order in which they were asked for: the last name is the one that stays.
  const latest = new Map<string, Promise<unknown>>();
  const inOrder = async (workspaceId: string, write: () => Promise<unknown>): Promise<void> => {
    const before = latest.get(workspaceId);
    const written = before === undefined ? write() : before.then(write, write);
    latest.set(workspaceId, written);
    try {
      await written;
    } finally {
      if (latest.get(workspaceId) === written) latest.delete(workspaceId);
    }
  };
  return {
    async put({ workspaceId, kind, id }, name) {
      const values = [workspaceId, kind, id, name ?? null];
      await inOrder(workspaceId, () => query("Keeping a name", putNameSql, values));
    },
    async putIfNone({ workspaceId, kind, id }, name) {
      const values = [workspaceId, kind, id, name];
      await inOrder(workspaceId, () => query("Keeping a name", putNameIfNoneSql, values));
    },
    async read({ workspaceId, kind }, ids) {
      if (ids.length === 0) return new Map();
      const rows = await query<{ id: string; name: string }>("Reading names", readNamesSql, [
        workspaceId,
        kind,
        ids,
      ]);
      return new Map(rows.map(({ id, name }) => [id, name]));
    },
  };
}
