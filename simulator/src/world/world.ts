/**
 * Owns virtual time. Nothing happens but what was scheduled here, one thing at a time, in the order of (time, order of
 * scheduling); after each thing all promises that it settled have run. So a seed has one history.
 *
 * Mutable: the clock and the heap of what will happen.
 */

/** Microseconds of virtual time in one millisecond. */
export const usPerMs = 1_000;

interface Scheduled {
  readonly atUs: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** See the file head. */
export class World {
  /** True time of the simulated world, microseconds since its start. Nodes see it through clocks of their own. */
  nowUs = 0;
  /** Milliseconds since 1970 at the start. */
  readonly startMs: number;
  readonly #heap: Scheduled[] = [];
  #order = 0;

  constructor(startMs: number) {
    this.startMs = startMs;
  }

  /** True time in milliseconds since 1970. */
  get nowMs(): number {
    return this.startMs + Math.floor(this.nowUs / usPerMs);
  }

  /** Runs something later; the result cancels it. */
  schedule(delayUs: number, run: () => void): () => void {
    const one: Scheduled = {
      atUs: this.nowUs + Math.max(0, Math.round(delayUs)),
      order: (this.#order += 1),
      run,
    };
    push(this.#heap, one);
    return () => {
      one.run = undefined;
    };
  }

  sleep(delayUs: number): Promise<void> {
    return new Promise((resolve) => {
      this.schedule(delayUs, resolve);
    });
  }

  /** Lets the world go on until `done`; answers false when nothing is left to happen, or too much happens. */
  async run(
    done: () => boolean,
    { untilUs, happeningsMax }: { untilUs: number; happeningsMax: number },
  ): Promise<boolean> {
    await drained();
    for (let happenings = 0; !done(); happenings += 1) {
      const next = pop(this.#heap);
      if (next === undefined || next.atUs > untilUs || happenings > happeningsMax) return false;
      if (next.run === undefined) continue;
      this.nowUs = next.atUs;
      next.run();
      await drained();
    }
    return true;
  }
}

/** Resolves once every promise that can run has run: a macrotask starts only when no microtask is left. */
const drained = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

const isBefore = (a: Scheduled, b: Scheduled): boolean =>
  a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);

function push(heap: Scheduled[], one: Scheduled): void {
  let index = heap.length;
  heap.push(one);
  while (index > 0) {
    const parentIndex = (index - 1) >>> 1;
    const parent = heap[parentIndex];
    if (parent === undefined || !isBefore(one, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = one;
}

function pop(heap: Scheduled[]): Scheduled | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  let index = 0;
  for (;;) {
    let childIndex = 2 * index + 1;
    let child = heap[childIndex];
    const right = heap[childIndex + 1];
    if (child !== undefined && right !== undefined && isBefore(right, child)) {
      childIndex += 1;
      child = right;
    }
    if (child === undefined || !isBefore(child, last)) break;
    heap[index] = child;
    index = childIndex;
  }
  heap[index] = last;
  return top;
}
