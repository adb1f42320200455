/** Owns how long a node keeps what others saw: a plain table beside the journal, which nothing else would ever make smaller. */
import { type Waker, type WakerOptions, createWaker } from "./background/index.ts";
import type { Observations } from "./ingest/index.ts";

/** What is kept beside the journal is kept so long where nobody says otherwise; reports and late debits look back no further. */
export const observationDaysDefault = 180;

export interface ForgettingOptions extends Pick<WakerOptions, "clock" | "log"> {
  readonly observations: Pick<Observations, "withOld" | "forget">;
  readonly observationDays: number;
}

const sweepMs = 3_600_000;
const msPerDay = 86_400_000;

/**
 * Forgets observations that are too old: once an hour, one workspace after the other, a thousand rows a statement. It is not started
 * yet; `stop` waits for one statement at most.
 */
export function openForgetting(options: ForgettingOptions): Waker {
  const { observations, observationDays, clock, log } = options;
  let isOver = false;
  const oldest = (): number => clock.now() - observationDays * msPerDay;
  const waker = createWaker({
    clock,
    log,
    sweepMs,
    togetherMax: 1,
    workspaces: ({ after, limit }) => observations.withOld({ before: oldest(), after, limit }),
    async wake(workspaceId) {
      const before = oldest();
      for (;;) if (isOver || (await observations.forget(workspaceId, before))) return;
    },
  });
  return {
    start: () => waker.start(),
    async stop() {
      isOver = true;
      await waker.stop();
    },
  };
}
