import { Books } from "../cistern/books.ts";
import { EngineSpender } from "../cistern/engine-spender.ts";
import { startNode } from "../cistern/node.ts";
import { plannedBooks, plannedCard, preparePlanned } from "../cistern/planned.ts";
import { prepareWorkspace } from "../cistern/workspace.ts";
import { asksByUsage, asksByUsageOfTeam } from "../load/asks.ts";
import { holdContest, medianRatio } from "../load/contest.ts";
import { median } from "../load/samples.ts";
import { callersAtOnce } from "../load/spender.ts";
import { type Measurement, VoidRunError } from "./measurement.ts";

/** What plans, limits and rating take from the hot path: pools with all of it, and one as the rivals have it. */
export const plans: Measurement = {
  name: "plans",
  about: `${callersAtOnce} callers on one pool with a plan, limits and rating, for a team's models and for all of the card, and without`,
  async run(bench) {
    const database = await bench.postgres.createDatabase("plans");
    const node = await startNode(database, { rateCard: plannedCard });
    bench.closing.defer(() => node.close());
    await prepareWorkspace(node, "bare");
    await preparePlanned(node, "planned");
    await preparePlanned(node, "everyRow");
    const books = {
      bare: new Books(node, ["bare"]),
      planned: new Books(node, ["planned"], plannedBooks),
      everyRow: new Books(node, ["everyRow"], plannedBooks),
    };
    const contestant = (name: keyof typeof books, spender: EngineSpender) => {
      const faults = (pairs: number) => books[name].faults(pairs);
      return { name, spender, workspaceIds: [name], callers: callersAtOnce, faults };
    };
    const bare = contestant("bare", new EngineSpender(node));
    const planned = contestant("planned", new EngineSpender(node, asksByUsageOfTeam));
    const everyRow = contestant("everyRow", new EngineSpender(node, asksByUsage));
    const { pace, say } = bench;
    const contestants = [bare, planned, everyRow];
    const scores = await holdContest({ name: "plans", contestants, pace, say });
    for (const [name, one] of Object.entries(books)) {
      const faults = await one.audit();
      if (faults.length > 0) throw new VoidRunError(name, faults);
    }
    const rounds = (one: typeof bare) => scores.get(one)?.operationsPerSecond ?? [];
    return {
      "plans.in_process.vs_bare": medianRatio(rounds(planned), rounds(bare)),
      "plans.in_process.every_row_vs_bare": medianRatio(rounds(everyRow), rounds(bare)),
      "plans.in_process.ops_per_s": median(rounds(planned)),
    };
  },
};
