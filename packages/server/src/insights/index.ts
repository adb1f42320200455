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
