import { lots, members, openHolds } from "./flat-cost.ts";
import { hot } from "./hot.ts";
import { http } from "./http.ts";
import { idle } from "./idle.ts";
import type { Measurement } from "./measurement.ts";

/** The fixed list, in the order in which it runs: what leaves much behind in memory or on the disk comes last. */
export const measurements: readonly Measurement[] = [idle, hot, http, lots, members, openHolds];
