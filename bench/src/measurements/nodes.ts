import { Books } from "../cistern/books.ts";
import { startNode } from "../cistern/node.ts";
import { RemoteNode } from "../cistern/remote-node.ts";
import { prepareWorkspace } from "../cistern/workspace.ts";
import { medianRatio } from "../load/contest.ts";
import { median } from "../load/samples.ts";
import { callersAtOnce } from "../load/spender.ts";
import { type Bench, type Measurement, VoidRunError } from "./measurement.ts";

/** Two nodes share the callers, so each takes several times as long as the one until its code is warm: their rate rose for three rounds. */
const warmUps = 4;

/** Two nodes that fight over one pool, beside one node that has it alone: as many callers, nobody routes them. */
export const nodes: Measurement = {
  name: "nodes",
  about: `one pool under ${callersAtOnce} callers: on one node, and on two`,
  async run(bench) {
    const url = await bench.postgres.createDatabase("nodes");
    const judge = await startNode(url);
    bench.closing.defer(() => judge.close());
    const teams = [await gather(1, url, bench), await gather(2, url, bench)];
    for (const { workspaceId } of teams) await prepareWorkspace(judge, workspaceId);
    const { pace, say } = bench;
    for (let round = -warmUps; round < pace.rounds; round += 1) {
      const durationMs = round < 0 ? pace.warmUpMs : pace.measureMs;
      for (const team of round % 2 === 0 ? teams : teams.toReversed()) {
        const rate = await run(team, { durationMs, round });
        if (round >= 0) team.rates.push(rate);
        const faults = await new Books(judge, [team.workspaceId]).faults(team.pairs);
        if (faults.length > 0) throw new VoidRunError(`${team.members.length} node(s)`, faults);
      }
      const rates = teams.map((team) => Math.round(team.rates.at(-1) ?? 0).toLocaleString("en"));
      if (round >= 0) say(`round ${round + 1}/${pace.rounds}, operations/s: ${rates.join(", ")}`);
    }
    const books = new Books(
      judge,
      teams.map((team) => team.workspaceId),
    );
    const faults = await books.audit();
    if (faults.length > 0) throw new VoidRunError("nodes", faults);
    const [one = [], two = []] = teams.map((team) => team.rates);
    return {
      two_nodes_one_pool_vs_one_node: medianRatio(two, one),
      "one_node.ops_per_s": median(one),
      "two_nodes_one_pool.ops_per_s": median(two),
    };
  },
};

/** Nodes that share one pool. Mutable: what they did so far. */
interface Team {
  readonly members: readonly RemoteNode[];
  readonly workspaceId: string;
  readonly rates: number[];
  pairs: number;
}

async function gather(size: number, url: string, bench: Bench): Promise<Team> {
  const members: RemoteNode[] = [];
  for (let index = 0; index < size; index += 1) {
    const node = await RemoteNode.start(url);
    bench.closing.defer(() => node.stop());
    members.push(node);
  }
  return { members, workspaceId: `pool-of-${size}`, rates: [], pairs: 0 };
}

/** Operations a second of all nodes of the team together. */
async function run(
  team: Team,
  { durationMs, round }: { durationMs: number; round: number },
): Promise<number> {
  const results = await Promise.all(
    team.members.map((node, index) =>
      node.run({
        callers: callersAtOnce / team.members.length,
        durationMs,
        workspaceIds: [team.workspaceId],
        run: `nodes-${round}-${index}`,
      }),
    ),
  );
  const pairs = results.reduce((sum, result) => sum + result.pairs, 0);
  team.pairs += pairs;
  return (pairs * 2 * 1000) / Math.max(...results.map((result) => result.elapsedMs));
}
