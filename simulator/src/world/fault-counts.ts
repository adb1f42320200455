/** What can go wrong in the simulated world, by name, as the report counts it. */
export const faultKinds = [
  "requestsLost",
  "repliesLost",
  "requestsDoubled",
  "statementsLost",
  "statementRepliesLost",
  "statementsDoubled",
  "commitsDelayed",
  "statementsSlow",
  "serializationFailures",
  "deadlocks",
  "connectionsRefused",
  "databaseRestarts",
  "failovers",
  "rowsLost",
  "nodeCrashes",
  "nodeStops",
  "nodeSleeps",
  "clockJumpsWithinGuard",
  "clockJumpsBeyondGuard",
  "snapshotsCorrupted",
] as const;

/** One kind of fault. */
export type FaultKind = (typeof faultKinds)[number];

/** How often each kind happened. */
export type FaultCounts = Record<FaultKind, number>;

/** Nothing happened yet. */
export const noFaults = (): FaultCounts => ({
  requestsLost: 0,
  repliesLost: 0,
  requestsDoubled: 0,
  statementsLost: 0,
  statementRepliesLost: 0,
  statementsDoubled: 0,
  commitsDelayed: 0,
  statementsSlow: 0,
  serializationFailures: 0,
  deadlocks: 0,
  connectionsRefused: 0,
  databaseRestarts: 0,
  failovers: 0,
  rowsLost: 0,
  nodeCrashes: 0,
  nodeStops: 0,
  nodeSleeps: 0,
  clockJumpsWithinGuard: 0,
  clockJumpsBeyondGuard: 0,
  snapshotsCorrupted: 0,
});
