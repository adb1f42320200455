import type { Pool } from "pg";
import { databaseFault } from "./database-fault.ts";

/** A node further than this from the database's clock stops deciding (RULES 21). */
export const clockDistanceMsMax = 500;

/** The only use of the database's `now()`: it is compared, never stored. */
const databaseClockSql =
  "SELECT CAST(extract(epoch FROM now()) * 1000 AS double precision) AS at_ms";

/** How this node's clock stands to the database's, as of one round trip. */
export interface ClockComparison {
  /** The database's clock, milliseconds since 1970. */
  readonly databaseMs: number;
  /** This node's clock in the middle of the round trip. */
  readonly nodeMs: number;
  readonly roundTripMs: number;
  /** Database less node: positive when the node is behind. Off by at most half the round trip. */
  readonly offsetMs: number;
  /** The distance that is certain: a slow answer alone never takes a node out of service. */
  readonly certainDistanceMs: number;
}

/**
 * Asks the database for its clock. `now` is the node's clock in milliseconds.
 *
 * @throws DatabaseFault when the database does not answer.
 */
export async function compareClocks(pool: Pool, now: () => number): Promise<ClockComparison> {
  try {
    const client = await pool.connect();
    try {
      // From here on, so that waiting for a connection does not count.
      const sentMs = now();
      const { rows } = await client.query<{ at_ms: number }>(databaseClockSql);
      const receivedMs = now();
      const row = rows[0];
      if (row === undefined) throw new Error("The database answered with no row");
      return comparison(row.at_ms, sentMs, receivedMs);
    } finally {
      client.release();
    }
  } catch (error) {
    throw databaseFault(error, "Reading the database's clock");
  }
}

function comparison(databaseMs: number, sentMs: number, receivedMs: number): ClockComparison {
  // Below zero when the node's clock was set back meanwhile.
  const roundTripMs = Math.max(0, receivedMs - sentMs);
  const nodeMs = receivedMs - roundTripMs / 2;
  const offsetMs = databaseMs - nodeMs;
  const certainDistanceMs = Math.max(0, Math.abs(offsetMs) - roundTripMs / 2);
  return { databaseMs, nodeMs, roundTripMs, offsetMs, certainDistanceMs };
}
