import { Books } from "../cistern/books.ts";
import { EngineSpender } from "../cistern/engine-spender.ts";
import { startNode } from "../cistern/node.ts";
import { type WorkspaceSize, prepareWorkspace } from "../cistern/workspace.ts";
import { type Contestant, holdContest, medianRatio } from "../load/contest.ts";
import { median } from "../load/samples.ts";
import { callersAtOnce } from "../load/spender.ts";
import { connectBest } from "../rivals/best-connections.ts";
import { ForUpdateRival } from "../rivals/for-update.ts";
import { type Measurement, VoidRunError } from "./measurement.ts";

/** A pool that a thousand members share by the default policy. */
export const sharedSize = {
  members: 1_000,
  fairness: { preset: "balanced" },
} as const satisfies WorkspaceSize;

/** What fair sharing takes from the hot path: a pool with it, one without, and the row lock that does neither journal nor books. */
export const shared: Measurement = {
  name: "shared",
  about: `${callersAtOnce} callers on one pool that ${sharedSize.members} members share fairly, and on one without`,
  async run(bench) {
    const rival = new ForUpdateRival(await bench.postgres.createDatabase("shared_for_update"));
    bench.closing.defer(() => rival.close());
    const node = await startNode(await bench.postgres.createDatabase("shared"));
    bench.closing.defer(() => node.close());
    await prepareWorkspace(node, "bare");
    await prepareWorkspace(node, "shared", sharedSize);
    const books = { bare: new Books(node, ["bare"]), shared: new Books(node, ["shared"]) };
    const own = (name: keyof typeof books, members?: number): Contestant => ({
      name,
      spender: new EngineSpender(node),
      workspaceIds: [name],
      callers: callersAtOnce,
      ...(members === undefined ? {} : { members }),
      faults: (pairs) => books[name].faults(pairs),
    });
    await rival.prepare("shared");
    const probe = await connectBest(rival, {
      workspaceId: "shared",
      probeMs: bench.pace.probeMs,
    });
    const forUpdate: Contestant = {
      name: rival.name,
      spender: rival,
      workspaceIds: ["shared"],
      callers: callersAtOnce,
      faults: (pairs) => rival.faults("shared", pairs + probe.pairs),
    };
    const bare = own("bare");
    const fair = own("shared", sharedSize.members);
    const { pace, say } = bench;
    const contestants = [bare, fair, forUpdate];
    const scores = await holdContest({ name: "shared", contestants, pace, say });
    for (const [name, one] of Object.entries(books)) {
      const faults = await one.audit();
      if (faults.length > 0) throw new VoidRunError(name, faults);
    }
    const rounds = (one: Contestant) => scores.get(one)?.operationsPerSecond ?? [];
    return {
      "shared.in_process.vs_for_update": medianRatio(rounds(fair), rounds(forUpdate)),
      "shared.in_process.vs_bare": medianRatio(rounds(fair), rounds(bare)),
      "shared.in_process.ops_per_s": median(rounds(fair)),
    };
  },
};
