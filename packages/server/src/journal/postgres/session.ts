/**
 * Owns how a statement reaches the database, and what an error says about it.
 *
 * Q1 `outcome: "none"` only when the database said that the statement was rolled back, or it never left this process.
 * Q2 a connection on which anything but a refused statement happened is not used again.
 */
import type { Pool, PoolClient } from "pg";
import { databaseFault, type DatabaseFault, ReadyPool } from "../../database/index.ts";
import { StoreFault } from "../port.ts";
import { tuneSessionSql } from "./statements.ts";

/** A prepared statement: its name must stand for one text. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** One column of one row, as the driver gives it: 8-byte integers come as text. */
export type Column = string | number | null;
/** The rows of an answer, column by column in the order of the select list. */
export type Rows = readonly (readonly Column[])[];

/** Runs statements on connections of the pool. */
export interface Session {
  /**
   * One statement, one round trip. `doing` words the fault ("Appending to ws_1"). Statements of one `line` that overlap run one
   * after the other, in the order of the calls, each sent at once.
   */
  run(
    statement: Statement,
    values: readonly unknown[],
    doing: string,
    line?: string,
  ): Promise<Rows>;
}

/** A connection in use. Mutable: how many statements are on it. */
interface Lease {
  readonly client: PoolClient;
  statements: number;
  isUsable: boolean;
}

/** A session on `pool`; `tunes` is whether the engine knows PostgreSQL's planner settings. */
export function openSession(pool: Pool, tunes: boolean): Session {
  const prepared = new WeakSet<PoolClient>();

  /** A connection that is there already, so that the statement leaves at once. */
  function takeReady(): PoolClient | undefined {
    return pool instanceof ReadyPool ? pool.take() : undefined;
  }

  async function connect(doing: string): Promise<PoolClient> {
    try {
      const client = await pool.connect();
      if (!prepared.has(client)) await prepare(client);
      return client;
    } catch (error) {
      throw storeFault(error, doing, "none");
    }
  }

  async function prepare(client: PoolClient): Promise<void> {
    // A loss in mid-statement reaches the statement's own promise as well; unheard here it would end the process.
    client.on("error", () => {});
    try {
      if (tunes) await client.query(tuneSessionSql);
      prepared.add(client);
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** The connections of lines that have statements on their way, or are being made for them. */
  const lines = new Map<string, Lease | Promise<Lease>>();

  function shared(line: string | undefined): Lease | Promise<Lease> | undefined {
    const lease = line === undefined ? undefined : lines.get(line);
    return lease === undefined || lease instanceof Promise || lease.isUsable ? lease : undefined;
  }

  function lend(client: PoolClient, line: string | undefined): Lease {
    const lease = { client, statements: 0, isUsable: true };
    if (line !== undefined) lines.set(line, lease);
    return lease;
  }

  function borrow(doing: string, line: string | undefined): Lease | Promise<Lease> {
    const ready = takeReady();
    if (ready !== undefined) return lend(ready, line);
    const coming = connect(doing).then((client) => lend(client, line));
    if (line === undefined) return coming;
    lines.set(line, coming);
    coming.catch(() => {
      if (lines.get(line) === coming) lines.delete(line);
    });
    return coming;
  }

  function giveBack(lease: Lease, line: string | undefined): void {
    lease.statements -= 1;
    if (lease.statements > 0) return;
    if (line !== undefined && lines.get(line) === lease) lines.delete(line);
    if (lease.isUsable && pool instanceof ReadyPool) pool.keep(lease.client);
    else lease.client.release(!lease.isUsable);
  }

  return {
    async run({ name, text }, values, doing, line) {
      const found = shared(line) ?? borrow(doing, line);
      const lease = found instanceof Promise ? await found : found;
      lease.statements += 1;
      try {
        const { rows } = await lease.client.query<Column[]>({
          name,
          text,
          values: [...values],
          rowMode: "array",
        });
        return rows;
      } catch (error) {
        const outcome = outcomeOf(error);
        lease.isUsable &&= outcome === "none" && sqlStateOf(error) !== undefined;
        throw storeFault(error, doing, outcome);
      } finally {
        giveBack(lease, line);
      }
    },
  };
}

/** SQLSTATEs after which the statement may stand: lost connections, unknown completion, a session that was ended. */
const unknownCompletion = /^(08|40003|57P)/;

/** Q1. What is thrown without a SQLSTATE is a broken or silent connection, unless the driver never sent the statement. */
function outcomeOf(error: unknown): "none" | "unknown" {
  const sqlState = sqlStateOf(error);
  if (sqlState !== undefined) return unknownCompletion.test(sqlState) ? "unknown" : "none";
  return error instanceof Error && /not queryable/.test(error.message) ? "none" : "unknown";
}

/** Codes of sockets (`EPIPE`) have five letters too, but none of these classes. */
const sqlStateForm = /^(\d\w|F0|HV|P0|XX)\w{3}$/;

function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && sqlStateForm.test(error.code) ? error.code : undefined;
}

/** Whether the database refused the statement for a key that is there already. */
export function isUniqueViolation(fault: unknown): boolean {
  return fault instanceof StoreFault && sqlStateOf(causeOf(fault.cause)) === "23505";
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function storeFault(error: unknown, doing: string, outcome: "none" | "unknown"): StoreFault {
  const fault: DatabaseFault = databaseFault(error, doing);
  // A server that was demoted refuses writes until the address leads to its successor.
  const isDemoted = sqlStateOf(error) === "25006";
  return new StoreFault(fault.message, {
    code: isDemoted ? "unavailable" : fault.code,
    isRetryable: isDemoted || fault.isRetryable,
    outcome,
    cause: fault,
  });
}
