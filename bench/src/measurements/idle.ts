import { Books } from "../cistern/books.ts";
import { EngineSpender } from "../cistern/engine-spender.ts";
import { startNode } from "../cistern/node.ts";
import { prepareWorkspace } from "../cistern/workspace.ts";
import { withClient } from "../environment/postgres.ts";
import { Samples, percentile } from "../load/samples.ts";
import { memberName } from "../load/spender.ts";
import { type Measurement, VoidRunError } from "./measurement.ts";

const createTable = "CREATE TABLE commits (commit_id bigint PRIMARY KEY, note text NOT NULL)";
const insertRow = { name: "insert_row", text: "INSERT INTO commits VALUES ($1, $2)" };
const note = "a row of about the size of a small event, so that the log has something to write";
const warmUpSamples = 200;
const workspaceId = "acme";

/** A hold beside one durable commit, faster than which nobody can answer a single caller on this machine. */
export const idle: Measurement = {
  name: "idle",
  about: "one caller who waits for each answer, on an idle system",
  async run(bench) {
    const node = await startNode(await bench.postgres.createDatabase("idle"));
    bench.closing.defer(() => node.close());
    await prepareWorkspace(node, workspaceId);
    const spender = new EngineSpender(node);
    const [commits, holds, settles] = [new Samples(), new Samples(), new Samples()];
    const turns = warmUpSamples + bench.pace.idleSamples;
    await withClient(await bench.postgres.createDatabase("idle_commits"), async (client) => {
      await client.query(createTable);
      for (let turn = 0; turn < turns; turn += 1) {
        const start = performance.now();
        await client.query({ ...insertRow, values: [turn, note] });
        const committed = performance.now();
        const call = { workspaceId, memberId: memberName(turn), key: `key_idle_${turn}` };
        const holdId = await spender.authorize(call);
        const held = performance.now();
        await spender.settle(workspaceId, holdId);
        if (turn < warmUpSamples) continue;
        commits.add(committed - start);
        holds.add(held - committed);
        settles.add(performance.now() - held);
      }
    });
    const faults = await new Books(node, [workspaceId]).faults(turns);
    if (faults.length > 0) throw new VoidRunError("idle", faults);
    return {
      "idle.commit_ms.p50": percentile(commits.values(), 0.5),
      "idle.hold_ms.p50": percentile(holds.values(), 0.5),
      "idle.hold_ms.p99": percentile(holds.values(), 0.99),
      "idle.settle_ms.p50": percentile(settles.values(), 0.5),
    };
  },
};
