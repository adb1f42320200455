import { withClient } from "../environment/postgres.ts";
import { Samples, percentile } from "../load/samples.ts";
import type { Measurement } from "./measurement.ts";

const createTable = "CREATE TABLE commits (commit_id bigint PRIMARY KEY, note text NOT NULL)";
const insertRow = { name: "insert_row", text: "INSERT INTO commits VALUES ($1, $2)" };
const note = "a row of about the size of a small event, so that the log has something to write";
const warmUpSamples = 20;

/** What one durable commit costs on this machine: nobody can answer a single caller faster. */
export const idle: Measurement = {
  name: "idle",
  about: "one caller who waits for each answer, on an idle system",
  async run(bench) {
    const database = await bench.postgres.createDatabase("idle");
    const commits = new Samples();
    await withClient(database, async (client) => {
      await client.query(createTable);
      for (let turn = 0; turn < warmUpSamples + bench.pace.idleSamples; turn += 1) {
        const before = performance.now();
        await client.query({ ...insertRow, values: [turn, note] });
        if (turn >= warmUpSamples) commits.add(performance.now() - before);
      }
    });
    return { "idle.commit_ms.p50": percentile(commits.values(), 0.5) };
  },
};
