/** What this process gives to a node: time, chance, timers, itself. Only the composition root makes one. */
import type { DatabaseOptions } from "./database/index.ts";
import type { EngineClock } from "./engine/index.ts";

/** See the file head. */
export interface Platform extends EngineClock {
  readonly randomBytes: (length: number) => Uint8Array;
  readonly randomUuid: () => string;
  readonly host: DatabaseOptions["host"];
}
