import type { EngineClock } from "../../src/engine/index.ts";

/** A clock that stands still until it is told; what is soon runs soon all the same. */
export class TestClock implements EngineClock {
  #now: number;
  #timers: { readonly at: number; readonly callBack: () => void }[] = [];

  constructor(now: number = Date.UTC(2026, 0, 15, 12)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, callBack: () => void): () => void {
    const timer = { at: this.#now + ms, callBack };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  soon(callBack: () => void): void {
    setImmediate(callBack);
  }

  /** Moves on, and calls what is due, in order. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.toSorted((a, b) => a.at - b.at);
      if (next === undefined || next.at > until) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callBack();
    }
    this.#now = until;
  }
}

/** Lets everything that is ready run, also what it makes ready. */
export async function settled(turns: number = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1)
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
}
