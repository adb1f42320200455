import type { Balance } from "@cistern/contract";
import type { AuditFault } from "../../../packages/server/src/audit/index.ts";
import type { Journal } from "./journal.ts";
import type { Attempt, Reading } from "./log.ts";

/** The balance of a workspace after the storm, from each node at the same place of the journal. */
export interface LastWord {
  readonly workspace: string;
  readonly balances: readonly { readonly node: string; readonly balance: Balance }[];
}

/** All that the judge gets to see: what callers know, what the database holds, what the nodes say at the end. */
export interface History {
  readonly attempts: readonly Attempt[];
  readonly readings: readonly Reading[];
  readonly journals: readonly Journal[];
  readonly lastWords: readonly LastWord[];
  /** What `verify` found. */
  readonly auditFaults: readonly AuditFault[];
}
