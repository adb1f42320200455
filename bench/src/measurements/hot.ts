import { join } from "node:path";
import { Books } from "../cistern/books.ts";
import { EngineSpender } from "../cistern/engine-spender.ts";
import { startNode } from "../cistern/node.ts";
import { prepareWorkspace } from "../cistern/workspace.ts";
import { startRedis } from "../environment/redis-server.ts";
import { type Contestant, type Score, holdContest, medianRatio } from "../load/contest.ts";
import { median } from "../load/samples.ts";
import { callersAtOnce } from "../load/spender.ts";
import { connectBest } from "../rivals/best-connections.ts";
import { ConditionalUpdateRival } from "../rivals/conditional-update.ts";
import { ForUpdateRival } from "../rivals/for-update.ts";
import { RedisLuaRival } from "../rivals/redis-lua.ts";
import type { Rival } from "../rivals/rival.ts";
import { type Bench, type Figures, type Measurement, VoidRunError } from "./measurement.ts";

const workspaceId = "acme";

/** One workspace whose members all spend at once: Cistern in process, and its rivals on the same disk. */
export const hot: Measurement = {
  name: "hot",
  about: `authorize + settle pairs on one pool, ${callersAtOnce} callers`,
  async run(bench) {
    const rivals: Rival[] = [
      new ForUpdateRival(await bench.postgres.createDatabase("for_update")),
      new ConditionalUpdateRival(await bench.postgres.createDatabase("conditional_update")),
    ];
    for (const appendfsync of redisModes(bench)) {
      const server = await startRedis(join(bench.folder, appendfsync), appendfsync);
      bench.closing.defer(() => server.stop());
      rivals.push(new RedisLuaRival(`redis_${appendfsync}`, server.socketPath));
    }
    const node = await startNode(await bench.postgres.createDatabase("hot"));
    bench.closing.defer(() => node.close());
    await prepareWorkspace(node, workspaceId);
    const books = new Books(node, [workspaceId]);
    const contestants: Contestant[] = [
      {
        name: "in_process",
        spender: new EngineSpender(node),
        workspaceIds: [workspaceId],
        callers: callersAtOnce,
        faults: (pairs) => books.faults(pairs),
      },
    ];
    for (const rival of rivals) {
      bench.closing.defer(() => rival.close());
      contestants.push(await prepareRival(rival, bench));
    }
    const { pace, say } = bench;
    const scores = await holdContest({ name: "hot", contestants, pace, say });
    const faults = await books.audit();
    if (faults.length > 0) throw new VoidRunError("in_process", faults);
    return figures(scores);
  },
};

function redisModes(bench: Bench) {
  if (bench.redisVersion !== undefined) return ["always", "everysec"] as const;
  bench.say("there is no redis-server on the PATH: its two baselines are left out");
  return [];
}

async function prepareRival(rival: Rival, bench: Bench): Promise<Contestant> {
  await rival.prepare(workspaceId);
  const probe = await connectBest(rival, { workspaceId, probeMs: bench.pace.probeMs });
  bench.say(
    `${rival.name} on ${probe.connections} connection(s), the best of a probe; made faster by:`,
  );
  for (const line of rival.tuning) bench.say(`  - ${line}`);
  return {
    name: rival.name,
    spender: rival,
    workspaceIds: [workspaceId],
    callers: callersAtOnce,
    faults: (pairs) => rival.faults(workspaceId, pairs + probe.pairs),
  };
}

function figures(scores: ReadonlyMap<Contestant, Score>): Figures {
  const found: Record<string, number> = {};
  const own = [...scores].find(([contestant]) => contestant.name === "in_process")?.[1];
  for (const [{ name }, score] of scores) {
    found[`hot.${name}.ops_per_s`] = median(score.operationsPerSecond);
    found[`hot.${name}.p50_ms`] = median(score.latencyP50Ms);
    found[`hot.${name}.p99_ms`] = median(score.latencyP99Ms);
    if (own !== undefined && score !== own)
      found[`hot.in_process.vs_${name}`] = medianRatio(
        own.operationsPerSecond,
        score.operationsPerSecond,
      );
  }
  return found;
}
