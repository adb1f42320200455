import type { EngineClock } from "./engine-options.ts";
import type { Flusher } from "./flusher.ts";
import type { RunnableLane } from "./lane-around.ts";

/**
 * Runs the lanes that have something to do, all in one turn, so that their appends share a statement. A turn begins once what
 * was ready to run has run: callers that were just answered have asked again, and their requests share a batch.
 */
export class Turns {
  readonly #clock: EngineClock;
  readonly #flusher: Flusher;
  #ready: RunnableLane[] = [];
  #isDue = false;

  constructor(clock: EngineClock, flusher: Flusher) {
    this.#clock = clock;
    this.#flusher = flusher;
  }

  add(lane: RunnableLane): void {
    this.#ready.push(lane);
    if (this.#isDue) return;
    this.#isDue = true;
    this.#clock.soon(() => this.#turn());
  }

  #turn(): void {
    this.#isDue = false;
    const lanes = this.#ready;
    this.#ready = [];
    for (const lane of lanes) lane.run();
    this.#flusher.pump();
  }
}
