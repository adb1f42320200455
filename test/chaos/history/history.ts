import type { Balance } from "@cistern/contract";
import type { AuditFault } from "../../../packages/server/src/audit/index.ts";
import type { Told } from "../load/follower.ts";
import type { Journal } from "./journal.ts";
import type { Attempt, Reading, RefusedReading } from "./log.ts";

/** The balance of a workspace after the storm, from each node at the same place of the journal. */
export interface LastWord {
  readonly workspace: string;
  readonly balances: readonly { readonly node: string; readonly balance: Balance }[];
}

/** A line of a node's log. */
export interface Alarm {
  readonly node: string;
  readonly line: string;
}

/** All that the judge gets to see: what callers know, what the database holds, what the nodes say at the end. */
export interface History {
  readonly attempts: readonly Attempt[];
  readonly readings: readonly Reading[];
  readonly refusedReadings: readonly RefusedReading[];
  readonly journals: readonly Journal[];
  readonly lastWords: readonly LastWord[];
  /** What a follower of each workspace's feed was told. */
  readonly feeds: ReadonlyMap<string, readonly Told[]>;
  /** Lines of the nodes' logs that only an operator should cause. */
  readonly alarms: readonly Alarm[];
  /** What `verify` found. */
  readonly auditFaults: readonly AuditFault[];
}
