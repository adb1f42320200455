/** The example that maps usage to an outside billing system, on the files that a server's sink writes. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { startApi } from "../../packages/server/test/api/api-server.ts";
import { until } from "../../packages/server/test/outbound/outbound-node.ts";

const script = join(import.meta.dirname, "../outside/meter-events.ts");

async function map(folder: string, out: string): Promise<string> {
  const args = ["--conditions=cistern-source", script, folder, out];
  return (await promisify(execFile)(process.execPath, args)).stdout;
}

test("usage that a file sink wrote becomes meter events of another system, each once however often it is run", async () => {
  const home = await mkdtemp(join(tmpdir(), "cistern-outside-"));
  after(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const [folder, out] = [join(home, "events"), join(home, "meter-events.jsonl")];
  const api = await startApi({ CISTERN_SINKS: `file:${folder}` });
  const path = "/v1/workspaces/acme";
  await api.post("/v1/workspaces", { id: "acme" });
  await api.post(`${path}/grants`, { credits: "100", source: "purchase" });
  const hold = await api.post(`${path}/holds`, { member: "ana", credits: "75" });
  const id = hold.textAt("id");
  await api.post(`${path}/holds/${id}/settle`, { credits: "20", final: false, part: 1 });
  await api.post(`${path}/holds/${id}/settle`, { credits: "30.5" });
  await api.post(`${path}/refunds`, { of: id, credits: "10", reason: "failed" });
  const written = async () => {
    const names = await readdir(folder);
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
    return texts.join("");
  };
  await until(async () => (await written()).includes("usage.refunded"));
  assert.equal(await map(folder, out), "3 meter events are new, 0 were known.\n");
  const debit = await api.post(`${path}/debits`, { member: "bo", credits: "2" });
  await until(async () => (await written()).includes("usage.debited"));
  assert.equal(await map(folder, out), "1 meter events are new, 3 were known.\n");
  assert.equal(await map(folder, out), "0 meter events are new, 4 were known.\n");
  const lines = (await readFile(out, "utf8")).trim().split("\n");
  const mapped = lines.map((line): Record<string, unknown> => JSON.parse(line));
  assert.deepEqual(
    mapped.map(({ customer, value, dimensions }) => [customer, value, dimensions]),
    [
      ["acme", "20", { member: "ana", type: "hold.settled" }],
      ["acme", "30.5", { member: "ana", type: "hold.settled" }],
      ["acme", "-10", { member: "ana", type: "usage.refunded" }],
      ["acme", "2", { member: "bo", type: "usage.debited" }],
    ],
  );
  assert.equal(mapped[3]?.["timestamp"], debit.textAt("occurredAt"));
});
