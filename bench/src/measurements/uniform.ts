import { Books } from "../cistern/books.ts";
import { EngineSpender } from "../cistern/engine-spender.ts";
import { startNode } from "../cistern/node.ts";
import { prepareWorkspace } from "../cistern/workspace.ts";
import { type Contestant, holdContest, medianRatio } from "../load/contest.ts";
import { median } from "../load/samples.ts";
import { callersAtOnce } from "../load/spender.ts";
import { type Measurement, VoidRunError } from "./measurement.ts";

/** Whether one busy pool is as fast as as many pools as there are callers: a hot workspace should cost nothing extra. */
export const uniform: Measurement = {
  name: "uniform",
  about: `${callersAtOnce} callers on one pool, and on ${callersAtOnce}`,
  async run(bench) {
    const node = await startNode(await bench.postgres.createDatabase("uniform"));
    bench.closing.defer(() => node.close());
    const spender = new EngineSpender(node);
    const contestant = async (name: string, workspaceIds: readonly string[]) => {
      for (const id of workspaceIds) await prepareWorkspace(node, id);
      const books = new Books(node, workspaceIds);
      const faults = (pairs: number) => books.faults(pairs);
      return { name, spender, workspaceIds, callers: callersAtOnce, faults, books };
    };
    const many = Array.from({ length: callersAtOnce }, (_, index) => `uniform-${index}`);
    const contestants = [await contestant("hot", ["hot"]), await contestant("uniform", many)];
    const { pace, say } = bench;
    const scores = await holdContest({ name: "uniform", contestants, pace, say });
    for (const { name, books } of contestants) {
      const faults = await books.audit();
      if (faults.length > 0) throw new VoidRunError(name, faults);
    }
    const rates = contestants.map((one: Contestant) => scores.get(one)?.operationsPerSecond ?? []);
    const [hot = [], spread = []] = rates;
    return {
      hot_vs_uniform: medianRatio(hot, spread),
      "uniform.ops_per_s": median(spread),
    };
  },
};
