/** Lets at most so many pieces of work run at once; so many others wait their turn in the order in which they came. */
export class Gate {
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(atOnceMax: number, waitingMax: number) {
    this.#free = atOnceMax;
    this.#waitingMax = waitingMax;
  }

  /** `full`: too many wait already, and nothing was done. */
  async run<T>(work: () => Promise<T>): Promise<T | "full"> {
    if (this.#free > 0) this.#free -= 1;
    else if (this.#waiting.length >= this.#waitingMax) return "full";
    // Whoever is done hands its place over, so that nobody who comes meanwhile is before us.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
