import { type ClientBase, DatabaseError, Pool, type PoolClient } from "pg";
import { type Call, heldCredits, holdTtlMs, settledCredits } from "../load/spender.ts";
import { createRivalTables, rivalFaults } from "./tables.ts";
import type { Rival } from "./rival.ts";

const lockForHold = {
  name: "lock_for_hold",
  text: `SELECT p.available, m.used, m.cap FROM pools p, members m
    WHERE p.workspace_id = $1 AND m.workspace_id = $1 AND m.member_id = $2 FOR UPDATE`,
};
const writeHold = {
  name: "write_hold",
  text: `WITH hold AS (INSERT INTO holds VALUES ($1, $2, $3, $4, NULL, false, $5)),
    key AS (INSERT INTO keys VALUES ($1, $6, $2)),
    entry AS (INSERT INTO ledger (workspace_id, hold_id, credits) VALUES ($1, $2, $4)),
    member AS (UPDATE members SET used = used + $4 WHERE workspace_id = $1 AND member_id = $3)
    UPDATE pools SET available = available - $4, held = held + $4 WHERE workspace_id = $1`,
};
const lockForSettle = {
  name: "lock_for_settle",
  text: `SELECT h.member_id, h.credits, h.is_settled FROM pools p, holds h, members m
    WHERE p.workspace_id = $1 AND h.workspace_id = $1 AND h.hold_id = $2
      AND m.workspace_id = $1 AND m.member_id = h.member_id FOR UPDATE`,
};
const writeSettle = {
  name: "write_settle",
  text: `WITH hold AS (UPDATE holds SET is_settled = true, charged = $4 WHERE workspace_id = $1 AND hold_id = $2),
    entry AS (INSERT INTO ledger (workspace_id, hold_id, credits) VALUES ($1, $2, -$4::bigint)),
    member AS (UPDATE members SET used = used - $5 WHERE workspace_id = $1 AND member_id = $3)
    UPDATE pools SET available = available + $5, held = held - $4 - $5, consumed = consumed + $4 WHERE workspace_id = $1`,
};
const selectKey = {
  name: "select_key",
  text: "SELECT hold_id FROM keys WHERE workspace_id = $1 AND key = $2",
};
const uniqueViolation = "23505";

/** The way most teams begin: one transaction a request, which locks the rows that it is about to change. */
export class ForUpdateRival implements Rival {
  readonly name = "for_update";
  readonly connectionCounts = [1, 2, 4, 8, 16];
  readonly tuning = [
    "prepared statements on pooled connections; the size of the pool is the best of a probe",
    "two round trips a transaction instead of nine: BEGIN is pipelined with the locking SELECT, all writes (one statement) with COMMIT",
    "pool, member and hold are locked by one SELECT, always in that order, so nothing deadlocks",
    "a used key is found by the unique index, which costs a new key nothing; a settle needs no key of its own",
    "half-filled pages: updates of pool, member and hold touch no index",
  ];
  readonly #url: string;
  #pool: Pool;

  constructor(connectionString: string) {
    this.#url = connectionString;
    this.#pool = this.#open(1);
  }

  async prepare(workspaceId: string): Promise<void> {
    await this.#withClient((client) => createRivalTables(client, workspaceId));
  }

  async connect(connections: number): Promise<void> {
    await this.#pool.end();
    this.#pool = this.#open(connections);
  }

  async authorize(call: Call): Promise<string> {
    return this.#withClient(async (client) => {
      const holdId = `hld${call.key.slice(3)}`;
      const [, locked] = await Promise.all([
        client.query("BEGIN"),
        client.query<{ available: string; used: string; cap: string }>({
          ...lockForHold,
          values: [call.workspaceId, call.memberId],
        }),
      ]);
      const row = locked.rows[0];
      if (
        row === undefined ||
        BigInt(row.available) < heldCredits ||
        BigInt(row.used) + heldCredits > BigInt(row.cap)
      ) {
        await client.query("ROLLBACK");
        throw new Error(`The hold ${holdId} was refused`);
      }
      const expiresAtMs = Date.now() + holdTtlMs;
      const { workspaceId, memberId, key } = call;
      const values = [workspaceId, holdId, memberId, String(heldCredits), expiresAtMs, key];
      const [written, committed] = await Promise.allSettled([
        client.query({ ...writeHold, values }),
        client.query("COMMIT"),
      ]);
      if (written.status === "rejected") return firstAnswer(client, call, written.reason);
      if (committed.status === "rejected") throw committed.reason;
      return holdId;
    });
  }

  async settle(workspaceId: string, holdId: string): Promise<void> {
    await this.#withClient(async (client) => {
      const [, locked] = await Promise.all([
        client.query("BEGIN"),
        client.query<{ member_id: string; credits: string; is_settled: boolean }>({
          ...lockForSettle,
          values: [workspaceId, holdId],
        }),
      ]);
      const row = locked.rows[0];
      if (row === undefined || row.is_settled) {
        await client.query("ROLLBACK");
        throw new Error(`The hold ${holdId} is not open`);
      }
      const returned = String(BigInt(row.credits) - settledCredits);
      const values = [workspaceId, holdId, row.member_id, String(settledCredits), returned];
      await Promise.all([client.query({ ...writeSettle, values }), client.query("COMMIT")]);
    });
  }

  async faults(workspaceId: string, pairs: number): Promise<readonly string[]> {
    return this.#withClient((client) =>
      rivalFaults(client, { workspaceId, pairs, entriesPerPair: 2 }),
    );
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #withClient<Answer>(work: (client: PoolClient) => Promise<Answer>): Promise<Answer> {
    const client = await this.#pool.connect();
    try {
      return await work(client);
    } finally {
      client.release();
    }
  }

  #open(connections: number): Pool {
    return new Pool({
      connectionString: this.#url,
      max: connections,
      idleTimeoutMillis: 0,
      pipeline: true,
    });
  }
}

/** The transaction failed, so its COMMIT rolled it back; a key that was used before answers with its first hold. */
async function firstAnswer(client: ClientBase, call: Call, failure: unknown): Promise<string> {
  if (!(failure instanceof DatabaseError) || failure.code !== uniqueViolation) throw failure;
  const values = [call.workspaceId, call.key];
  const first = await client.query<{ hold_id: string }>({ ...selectKey, values });
  const row = first.rows[0];
  if (row === undefined) throw failure;
  return row.hold_id;
}
