import type { State } from "@cistern/kernel";
import { grantedCredits, settledCredits } from "../load/spender.ts";
import { faultsIn } from "./first-fault.ts";
import type { Node } from "./node.ts";

const countKeys = `SELECT count(*) FROM ops WHERE workspace_id = ANY ($1::text[]) AND op_id LIKE 'key\\_%\\_%'`;

/** What the pools of some workspaces come to. */
interface Totals {
  available: bigint;
  held: bigint;
  consumed: bigint;
  used: bigint;
  open: bigint;
}

/** What the workspaces have that others have not. */
export interface BooksOptions {
  /** Holds of before the contest, each of one micro-credit. */
  readonly openBefore?: number;
  /** Micro-credits of each beside the grant. */
  readonly alsoGranted?: bigint;
  /** Caps that count each credit; one when left out. */
  readonly caps?: bigint;
}

/**
 * The books of workspaces that only pairs have spent from. `faults` checks balances, the use of members and the keys against
 * what was acknowledged; `audit` has the auditor of `cistern verify` judge whole journals.
 */
export class Books {
  readonly #node: Node;
  readonly #workspaceIds: readonly string[];
  /** Holds of before the contest, each of one micro-credit. */
  readonly #openBefore: bigint;
  readonly #alsoGranted: bigint;
  readonly #caps: bigint;

  constructor(node: Node, workspaceIds: readonly string[], options: BooksOptions = {}) {
    this.#node = node;
    this.#workspaceIds = workspaceIds;
    this.#openBefore = BigInt(options.openBefore ?? 0);
    this.#alsoGranted = options.alsoGranted ?? 0n;
    this.#caps = options.caps ?? 1n;
  }

  /** What does not add up after so many pairs in all, each under a key of its own. */
  async faults(pairs: number): Promise<readonly string[]> {
    const found: Totals = { available: 0n, held: 0n, consumed: 0n, used: 0n, open: 0n };
    for (const id of this.#workspaceIds) {
      const answer = await this.#node.engine.read(id, totalsOf);
      if (answer.kind !== "read") return [`the workspace ${id} is unknown`];
      add(found, answer.value);
    }
    const { rows } = await this.#node.pool.query<{ count: string }>(countKeys, [
      this.#workspaceIds,
    ]);
    const consumed = settledCredits * BigInt(pairs);
    const granted = (grantedCredits + this.#alsoGranted) * BigInt(this.#workspaceIds.length);
    const held = this.#openBefore;
    const right: Totals = {
      available: granted - consumed - held,
      held,
      consumed,
      used: (consumed + held) * this.#caps,
      open: held,
    };
    const faults = Object.entries({ ...right, keys: BigInt(pairs) });
    const all = new Map(Object.entries({ ...found, keys: BigInt(rows[0]?.count ?? -1) }));
    return faults.flatMap(([what, amount]) =>
      all.get(what) === amount ? [] : [`${what}: ${all.get(what)} instead of ${amount}`],
    );
  }

  /** The first fault of each journal: hash chain, postings, lots, holds, use, and the kernel's state. */
  audit(): Promise<readonly string[]> {
    return faultsIn(this.#node.store, this.#workspaceIds);
  }
}

function totalsOf({ pool, holds, limits }: State): Totals {
  let used = 0n;
  for (const counter of limits.counters.values()) used += counter.used;
  const { available, held, consumed } = pool.totals;
  return { available, held, consumed, used, open: BigInt(holds.totals.open) };
}

function add(sum: Totals, one: Totals): void {
  sum.available += one.available;
  sum.held += one.held;
  sum.consumed += one.consumed;
  sum.used += one.used;
  sum.open += one.open;
}
