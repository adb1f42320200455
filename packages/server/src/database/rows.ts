/** Owns statements outside of a transaction: the rows that they give, and as what they fail. */
import type { Pool, QueryResultRow } from "pg";
import { databaseFault } from "./database-fault.ts";

/** A statement; one with a name is planned once a connection. */
export type Statement = string | { readonly name: string; readonly text: string };

/**
 * Runs one statement for its rows; `doing` says for what, where it fails.
 *
 * @throws DatabaseFault
 */
export type Rows = <Row extends QueryResultRow>(
  doing: string,
  statement: Statement,
  values?: readonly unknown[],
) => Promise<Row[]>;

/**
 * The statements of a pool.
 *
 * @example const [key] = await rowsOf(pool)<KeyColumns>("Reading a key", readKeySql, [hash]);
 */
export const rowsOf =
  (pool: Pool): Rows =>
  async <Row extends QueryResultRow>(
    doing: string,
    statement: Statement,
    values: readonly unknown[] = [],
  ) => {
    const named = typeof statement === "string" ? { text: statement } : statement;
    try {
      return (await pool.query<Row>({ ...named, values: [...values] })).rows;
    } catch (error) {
      throw databaseFault(error, doing);
    }
  };
