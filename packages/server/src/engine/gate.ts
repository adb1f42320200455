import { EngineFault } from "./engine-fault.ts";

/** Lets at most so many pieces of work run at once; so many others wait their turn, and more are shed. */
export class Gate {
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(atOnceMax: number, waitingMax: number) {
    this.#free = atOnceMax;
    this.#waitingMax = waitingMax;
  }

  /** Rejects with `EngineFault` `overloaded` when too many wait. */
  async run<T>(workspaceId: string, work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn(workspaceId);
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  #turn(workspaceId: string): Promise<void> {
    if (this.#waiting.length >= this.#waitingMax)
      throw new EngineFault("overloaded", {
        workspaceId,
        message: "Too many requests wait to read the journal. Nothing was decided; retry later.",
      });
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
