import type { EngineClock } from "./engine-options.ts";
import type { Lanes } from "./lanes.ts";

/**
 * The engine's one timer. At each tick workspaces in memory for which something is due are woken, so that events are not late
 * (the state is right anyway, whenever somebody looks), and requests that waited too long are shed.
 */
export class Ticker {
  readonly #clock: EngineClock;
  readonly #tickMs: number;
  readonly #lanes: Lanes;
  #cancel: (() => void) | undefined;
  #isStopped = false;

  constructor(clock: EngineClock, tickMs: number, lanes: Lanes) {
    this.#clock = clock;
    this.#tickMs = tickMs;
    this.#lanes = lanes;
  }

  start(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#clock.after(this.#tickMs, () => {
      this.#tick();
      this.start();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  #tick(): void {
    const now = this.#clock.now();
    for (const lane of this.#lanes.all()) {
      if (lane.queued > 0) lane.shedLate(now);
      if (lane.dueAt <= now) lane.wake();
    }
  }
}
