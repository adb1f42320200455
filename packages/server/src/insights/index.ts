/** Entry of the part: pure questions on facts. */
export { type HourlyPace } from "./hourly-pace.ts";
export { type Newcomers, noNewcomers, usualOfNewcomers } from "./newcomers.ts";
export {
  type Finding,
  type Observed,
  type Use,
  type UsualUse,
  acceptAsUsual,
  observe,
} from "./unusual-use.ts";
export {
  FairnessReplay,
  type FairnessReport,
  type RefusedInHour,
  type ReplayOutcome,
} from "./fairness-replay.ts";
export { recommendPreset, type Recommendation } from "./recommend-preset.ts";
export type { Crossing } from "./crossing.ts";
export { type CapTold, type CapUse, capCrossings, capsOf, countersIn } from "./limit-use.ts";
export { spendersIn } from "./spent.ts";
export { type Measure, WorkspaceWatch } from "./watch-workspace.ts";
export { type Spender, type WatchedWorkspace, unwatched } from "./watched.ts";
export { type IdleSeat, type IdleSeats, idleSeats, usersOfSeats } from "./reports/idle-seats.ts";
export {
  type CallPart,
  type FailureKind,
  type Hint,
  Inefficiency,
  type Priced,
  hintId,
  largerTimes,
  retryWithinMs,
  shortOutputMax,
} from "./reports/inefficiency.ts";
export {
  type PowerUser,
  type RefusedOnDay,
  type UsedOnDay,
  powerUsers,
  shortageCodes,
} from "./reports/power-users.ts";
