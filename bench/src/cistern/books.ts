import type { State } from "@cistern/kernel";
import { WorkspaceAudit, isFault } from "../../../packages/server/src/audit/index.ts";
import { grantedCredits, settledCredits } from "../load/spender.ts";
import type { Node } from "./node.ts";

const rowsPage = 256;

/**
 * The books of one workspace that only pairs have spent from. `faults` checks the balance, the use of the members and the keys
 * against what was acknowledged; `audit` has the auditor of `cistern verify` judge the whole journal.
 */
export class Books {
  readonly #node: Node;
  readonly #workspaceId: string;

  constructor(node: Node, workspaceId: string) {
    this.#node = node;
    this.#workspaceId = workspaceId;
  }

  /** What does not add up after so many pairs, each under a key of its own. */
  async faults(pairs: number): Promise<readonly string[]> {
    const answer = await this.#node.engine.read(this.#workspaceId, totalsOf);
    if (answer.kind !== "read") return ["the workspace is unknown"];
    const keys = await this.#node.pool.query<{ count: string }>(
      "SELECT count(*) FROM ops WHERE workspace_id = $1 AND op_id LIKE 'key\\_%\\_%'",
      [this.#workspaceId],
    );
    const consumed = settledCredits * BigInt(pairs);
    const found: Readonly<Record<string, bigint>> = {
      ...answer.value,
      keys: BigInt(keys.rows[0]?.count ?? -1),
    };
    const right: Readonly<Record<string, bigint>> = {
      available: grantedCredits - consumed,
      held: 0n,
      consumed,
      used: consumed,
      open: 0n,
      keys: BigInt(pairs),
    };
    return Object.entries(right).flatMap(([what, amount]) =>
      found[what] === amount ? [] : [`${what}: ${found[what]} instead of ${amount}`],
    );
  }

  /** The first fault of the journal, if there is one: hash chain, postings, lots, holds, use, and the kernel's state. */
  async audit(): Promise<readonly string[]> {
    const audit = new WorkspaceAudit(this.#workspaceId);
    for (;;) {
      const rows = await this.#node.store.readRows(this.#workspaceId, audit.head.seq, rowsPage);
      if (rows.length === 0) break;
      for (const row of rows) {
        const result = audit.row(row);
        if (isFault(result)) return [`${result.position.seq}: ${result.rule}: ${result.found}`];
      }
    }
    const fault = audit.finish();
    return fault === undefined ? [] : [`${fault.position.seq}: ${fault.rule}: ${fault.found}`];
  }
}

function totalsOf({ pool, holds, limits }: State) {
  let used = 0n;
  for (const counter of limits.counters.values()) used += counter.used;
  return {
    available: pool.totals.available,
    held: pool.totals.held,
    consumed: pool.totals.consumed,
    used,
    open: BigInt(holds.totals.open),
  };
}
