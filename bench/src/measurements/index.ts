import { cold } from "./cold.ts";
import { collectors } from "./collectors.ts";
import { lots, members, openHolds } from "./flat-cost.ts";
import { fleet } from "./fleet.ts";
import { gateway } from "./gateway.ts";
import { hot } from "./hot.ts";
import { http } from "./http.ts";
import { idle } from "./idle.ts";
import type { Measurement } from "./measurement.ts";
import { memory } from "./memory.ts";
import { monthEnd } from "./month-end.ts";
import { nodes } from "./nodes.ts";
import { plans } from "./plans.ts";
import { rating } from "./rating.ts";
import { recovery } from "./recovery.ts";
import { shared } from "./fair-pool.ts";
import { uniform } from "./uniform.ts";

/** The fixed list, in the order in which it runs: what leaves much behind in memory or on the disk comes last. */
export const measurements: readonly Measurement[] = [
  rating,
  collectors,
  idle,
  hot,
  plans,
  shared,
  uniform,
  nodes,
  http,
  gateway,
  lots,
  members,
  memory,
  fleet,
  monthEnd,
  recovery,
  cold,
  openHolds,
];
