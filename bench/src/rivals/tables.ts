import type { ClientBase } from "pg";
import {
  grantedCredits,
  memberCap,
  memberName,
  membersPerWorkspace,
  settledCredits,
} from "../load/spender.ts";

/**
 * The tables of both rivals on PostgreSQL. Half-filled pages where rows change let an update stay on its page (HOT), so
 * that it touches no index. Whoever expires holds finds them by `holds_expiry`.
 */
const createTables = `
  CREATE TABLE pools (workspace_id text PRIMARY KEY, available bigint NOT NULL, held bigint NOT NULL, consumed bigint NOT NULL) WITH (fillfactor = 50);
  CREATE TABLE members (workspace_id text, member_id text, used bigint NOT NULL, cap bigint NOT NULL, PRIMARY KEY (workspace_id, member_id)) WITH (fillfactor = 50);
  CREATE TABLE holds (workspace_id text, hold_id text, member_id text NOT NULL, credits bigint NOT NULL, charged bigint, is_settled boolean NOT NULL, expires_at_ms bigint NOT NULL, PRIMARY KEY (workspace_id, hold_id)) WITH (fillfactor = 50);
  CREATE INDEX holds_expiry ON holds (expires_at_ms);
  CREATE TABLE keys (workspace_id text, key text, hold_id text NOT NULL, PRIMARY KEY (workspace_id, key));
  CREATE TABLE ledger (entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, workspace_id text NOT NULL, hold_id text NOT NULL, credits bigint NOT NULL);
`;
const insertPool = "INSERT INTO pools VALUES ($1, $2, 0, 0)";
const insertMember = "INSERT INTO members VALUES ($1, $2, 0, $3)";

/** Creates the tables with one workspace, its grant and its members. */
export async function createRivalTables(client: ClientBase, workspaceId: string): Promise<void> {
  await client.query(createTables);
  await client.query(insertPool, [workspaceId, String(grantedCredits)]);
  for (let index = 0; index < membersPerWorkspace; index += 1)
    await client.query(insertMember, [workspaceId, memberName(index), String(memberCap)]);
}

const selectTotals = `
  SELECT p.available::text, p.held::text, p.consumed::text,
    (SELECT sum(used) FROM members m WHERE m.workspace_id = p.workspace_id)::text AS used,
    (SELECT coalesce(sum(charged), 0) FROM holds h WHERE h.workspace_id = p.workspace_id AND h.is_settled)::text AS charged,
    (SELECT count(*) FROM holds h WHERE h.workspace_id = p.workspace_id AND NOT h.is_settled)::text AS open,
    (SELECT count(*) FROM keys k WHERE k.workspace_id = p.workspace_id)::text AS keys,
    (SELECT count(*) FROM ledger l WHERE l.workspace_id = p.workspace_id)::text AS entries
  FROM pools p WHERE p.workspace_id = $1`;

/** What does not add up after `pairs` answered pairs; `entriesPerPair` ledger entries were promised for each. */
export async function rivalFaults(
  client: ClientBase,
  expected: { workspaceId: string; pairs: number; entriesPerPair: number },
): Promise<readonly string[]> {
  const found = await client.query<Record<string, string>>(selectTotals, [expected.workspaceId]);
  const consumed = settledCredits * BigInt(expected.pairs);
  const right: Readonly<Record<string, bigint>> = {
    available: grantedCredits - consumed,
    held: 0n,
    consumed,
    used: consumed,
    charged: consumed,
    open: 0n,
    keys: BigInt(expected.pairs),
    entries: BigInt(expected.pairs * expected.entriesPerPair),
  };
  return Object.entries(right).flatMap(([what, amount]) => {
    const value = found.rows[0]?.[what];
    return value === String(amount) ? [] : [`${what}: ${value} instead of ${amount}`];
  });
}
