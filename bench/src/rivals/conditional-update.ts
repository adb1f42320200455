import { Client, DatabaseError } from "pg";
import { type Call, heldCredits, holdTtlMs, settledCredits } from "../load/spender.ts";
import { createRivalTables, rivalFaults } from "./tables.ts";
import type { Rival } from "./rival.ts";

/** Locks the member before the pool, and so does `settleHold`: nothing deadlocks, and the hot row is locked last. */
const openHold = {
  name: "open_hold",
  text: `WITH member AS (SELECT FROM members WHERE workspace_id = $1 AND member_id = $3 AND used + $4 <= cap FOR UPDATE),
    pool AS (UPDATE pools SET available = available - $4, held = held + $4
      WHERE workspace_id = $1 AND available >= $4 AND EXISTS (SELECT FROM member) RETURNING available),
    cap AS (UPDATE members SET used = used + $4 WHERE workspace_id = $1 AND member_id = $3 AND EXISTS (SELECT FROM pool)),
    hold AS (INSERT INTO holds SELECT $1, $2, $3, $4, NULL, false, $5 FROM pool),
    key AS (INSERT INTO keys SELECT $1, $6, $2 FROM pool)
    SELECT available FROM pool`,
};
const settleHold = {
  name: "settle_hold",
  text: `WITH hold AS (UPDATE holds SET is_settled = true, charged = $3 WHERE workspace_id = $1 AND hold_id = $2 AND NOT is_settled
      RETURNING member_id, credits),
    member AS (UPDATE members m SET used = used - (hold.credits - $3) FROM hold
      WHERE m.workspace_id = $1 AND m.member_id = hold.member_id RETURNING hold.credits)
    UPDATE pools p SET available = available + member.credits - $3, held = held - member.credits, consumed = consumed + $3
      FROM member WHERE p.workspace_id = $1 RETURNING available`,
};
const selectKey = {
  name: "select_key",
  text: "SELECT hold_id FROM keys WHERE workspace_id = $1 AND key = $2",
};
const uniqueViolation = "23505";

/** The careful way on PostgreSQL: one statement a request, which changes the pool only where it has enough. */
export class ConditionalUpdateRival implements Rival {
  readonly name = "conditional_update";
  readonly connectionCounts = [1, 2, 4, 8];
  readonly tuning = [
    "one prepared statement is the whole transaction, so the hot row stays locked for one commit and no round trip",
    "statements are pipelined on each connection; the count of connections is the best of a probe",
    "no ledger entry: the hold's row is all that is kept",
    "a used key is found by the unique index; a settle needs no key of its own",
    "half-filled pages: updates of pool, member and hold touch no index",
  ];
  readonly #url: string;
  #clients: Client[] = [];
  #next = 0;

  constructor(connectionString: string) {
    this.#url = connectionString;
  }

  async prepare(workspaceId: string): Promise<void> {
    await this.connect(1);
    await createRivalTables(this.#client(), workspaceId);
  }

  async connect(connections: number): Promise<void> {
    await this.close();
    for (let index = 0; index < connections; index += 1) {
      const client = new Client({ connectionString: this.#url, pipeline: true });
      await client.connect();
      this.#clients.push(client);
    }
  }

  async authorize(call: Call): Promise<string> {
    const { workspaceId, memberId, key } = call;
    const holdId = `hld${key.slice(3)}`;
    const expiresAtMs = Date.now() + holdTtlMs;
    const values = [workspaceId, holdId, memberId, String(heldCredits), expiresAtMs, key];
    try {
      const answer = await this.#client().query({ ...openHold, values });
      if (answer.rowCount !== 1) throw new Error(`The hold ${holdId} was refused`);
      return holdId;
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== uniqueViolation) throw error;
      const query = { ...selectKey, values: [workspaceId, key] };
      const first = (await this.#client().query<{ hold_id: string }>(query)).rows[0];
      if (first === undefined) throw error;
      return first.hold_id;
    }
  }

  async settle(workspaceId: string, holdId: string): Promise<void> {
    const values = [workspaceId, holdId, String(settledCredits)];
    const answer = await this.#client().query({ ...settleHold, values });
    if (answer.rowCount !== 1) throw new Error(`The hold ${holdId} is not open`);
  }

  async faults(workspaceId: string, pairs: number): Promise<readonly string[]> {
    return rivalFaults(this.#client(), { workspaceId, pairs, entriesPerPair: 0 });
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await client.end();
    this.#clients = [];
  }

  #client(): Client {
    this.#next = (this.#next + 1) % this.#clients.length;
    const client = this.#clients[this.#next];
    if (client === undefined) throw new Error(`${this.name} has no open connection`);
    return client;
  }
}
