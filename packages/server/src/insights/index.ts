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
