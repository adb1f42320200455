import type { World } from "../world/world.ts";

/**
 * One life of a node's process: everything that happens to it goes through here, so that a crash silences it for ever and a
 * stopped process (SIGSTOP) finds all that it missed waiting for it, in order.
 */
export class Life {
  readonly number: number;
  readonly #world: World;
  #isAlive = true;
  /** Until when it is asleep; 0 when it is awake. */
  #wakesAtUs = 0;
  #missed: (() => void)[] = [];

  constructor(world: World, number: number) {
    this.#world = world;
    this.number = number;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  end(): void {
    this.#isAlive = false;
    this.#missed = [];
  }

  /** Runs something in this process now, or when it wakes, or never. */
  hand(run: () => void): void {
    if (!this.#isAlive) return;
    if (this.#wakesAtUs > 0) this.#missed.push(run);
    else run();
  }

  /** Runs something in this process later; the result cancels it. */
  later(delayUs: number, run: () => void): () => void {
    let isCancelled = false;
    const cancel = this.#world.schedule(delayUs, () =>
      this.hand(() => {
        if (!isCancelled) run();
      }),
    );
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  sleep(forUs: number): void {
    const wakesAtUs = this.#world.nowUs + forUs;
    if (wakesAtUs <= this.#wakesAtUs || !this.#isAlive) return;
    this.#wakesAtUs = wakesAtUs;
    this.#world.schedule(forUs, () => {
      if (this.#wakesAtUs !== wakesAtUs) return;
      this.#wakesAtUs = 0;
      const missed = this.#missed;
      this.#missed = [];
      for (const run of missed) this.later(0, run);
    });
  }
}
