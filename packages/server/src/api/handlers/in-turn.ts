/** Owns the line before what costs much: so many are made at once, so many more wait in the order in which they came. */

/** Does it in its turn; `full`: the line is as long as it may be, and nothing was done. */
export type InTurn = <Done>(work: () => Promise<Done>) => Promise<Done | "full">;

/** Makes a line. */
export function createLine({ atOnce, waiting }: { atOnce: number; waiting: number }): InTurn {
  const line: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < atOnce) running += 1;
    else if (line.length >= waiting) return "full";
    // Whoever is done hands its place over, so that nobody who comes meanwhile is before us.
    else await new Promise<void>((resolve) => line.push(resolve));
    try {
      return await work();
    } finally {
      const next = line.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
