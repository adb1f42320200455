import { hot } from "./hot.ts";
import { http } from "./http.ts";
import { idle } from "./idle.ts";
import type { Measurement } from "./measurement.ts";

/** The fixed list, in the order in which it runs. */
export const measurements: readonly Measurement[] = [idle, hot, http];
