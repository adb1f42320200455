/** Owns how recommending is put on a node: what it stands on, how often it looks, and that it replays one past at a time. */
import type { Pool } from "pg";
import { type WakerOptions, createWaker } from "./background/index.ts";
import type { Engine, EngineClock } from "./engine/index.ts";
import {
  type Recommender,
  type Replays,
  type ReplaysOptions,
  createLookRows,
  createRecommender,
  createReplays,
} from "./recommending/index.ts";

/** What recommending stands on. */
export interface RecommendingOptions
  extends Pick<WakerOptions, "log">, Pick<ReplaysOptions, "calendar" | "rateCards" | "refusals"> {
  readonly pool: Pool;
  readonly engine: Engine;
  readonly clock: EngineClock;
  /** By somebody who looks at each stop. */
  readonly isClockMoved: boolean;
}

const sweepMs = 60_000;
/** Other nodes have written by then what they refused. */
const writtenWithinMs = 60_000;

/** A recommender that is not started yet: every minute it looks for workspaces of which a period is over. */
export function openRecommending(
  options: RecommendingOptions,
): Recommender & { readonly replays: Replays; start(): void; stop(): Promise<void> } {
  const { pool, engine, clock, log } = options;
  const rows = createLookRows(pool);
  const replays = createReplays({
    ...options,
    soon: (callBack) => clock.soon(callBack),
  });
  const now = (): number => clock.now();
  const graceMs = options.isClockMoved ? 0 : writtenWithinMs;
  const recommender = createRecommender({ engine, replays, rows, now, graceMs });
  let isOver = false;
  const waker = createWaker({
    clock,
    log,
    sweepMs,
    togetherMax: 1,
    workspaces: (page) => rows.due(page),
    wake: (workspaceId) => recommender.look(workspaceId, () => isOver),
  });
  return {
    ...recommender,
    replays,
    start: () => waker.start(),
    async stop() {
      isOver = true;
      await waker.stop();
    },
  };
}
