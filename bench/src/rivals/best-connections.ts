import { runPairs } from "../load/pairs.ts";
import { callersAtOnce } from "../load/spender.ts";
import type { Rival } from "./rival.ts";

const passes = 2;

/** Tries each of the rival's connection counts (twice: a machine stumbles), and leaves it connected with the best. */
export async function connectBest(
  rival: Rival,
  options: { workspaceId: string; probeMs: number },
): Promise<{ connections: number; pairs: number }> {
  const best = { connections: 1, rate: 0 };
  let pairs = 0;
  for (let pass = 0; pass < passes; pass += 1) {
    for (const connections of rival.connectionCounts) {
      await rival.connect(connections);
      const run = await runPairs({
        spender: rival,
        callers: callersAtOnce,
        durationMs: options.probeMs,
        workspaceIds: [options.workspaceId],
        run: `probe-${pass}-${connections}`,
      });
      pairs += run.pairs;
      if (run.operationsPerSecond > best.rate)
        Object.assign(best, { connections, rate: run.operationsPerSecond });
    }
  }
  await rival.connect(best.connections);
  return { connections: best.connections, pairs };
}
