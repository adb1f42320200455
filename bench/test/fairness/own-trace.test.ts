import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { TraceError } from "../../src/fairness/csv.ts";
import { ownTrace } from "../../src/fairness/own-trace.ts";
import { periodMs } from "../../src/fairness/workload.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cistern-trace-"));
});
after(() => rm(folder, { recursive: true, force: true }));

const columns = { members: "who", credits: "cost", time: "when" };

async function read(text: string): ReturnType<typeof ownTrace> {
  const path = join(folder, "calls.csv");
  await writeFile(path, text);
  return ownTrace(path, columns);
}

const refused = (text: string, message: RegExp): Promise<void> =>
  assert.rejects(
    () => read(text),
    (error) => error instanceof TraceError && message.test(error.message),
  );

test("a recording is laid over one period, whatever its columns and its times are called", async () => {
  const { name, workloads } = await read(
    'when,who,"cost"\n2026-04-01T00:00:00Z,ana,1.5\n2026-04-01T01:00:00Z,"b, ob",2\n2026-04-01T02:00:00Z,ana,0\n',
  );
  assert.equal(name, "calls.csv");
  assert.deepEqual(workloads[0]?.requests, [
    { member: 0, credits: 1_500_000n, atMs: 0 },
    { member: 1, credits: 2_000_000n, atMs: periodMs / 2 },
  ]);
});

test("a long recording is cut in periods of thirty days", async () => {
  const rows = Array.from({ length: 70 }, (_, day) => `${day * 86_400},m${day % 2},1`);
  const { workloads, leftOut } = await read(`when,who,cost\n${rows.join("\n")}\n`);
  assert.deepEqual(
    workloads.map(({ requests }) => requests.length),
    [30, 30],
  );
  assert.equal(leftOut, 10);
});

test("amounts that no pool could hold, or none could share, are told with the unit to take", async () => {
  await refused("when,who,cost\n1,ana,1e15\n2,bob,1\n", /more than 3,000,000,000,000 .*larger/);
  await refused("when,who,cost\n1,ana,1e-9\n2,bob,1e-9\n", /less than 0\.001 .*smaller/);
  const { workloads } = await read("when,who,cost\n1,ana,3e11\n2,bob,0.0005\n");
  assert.equal(workloads[0]?.requests.length, 2);
});

test("what is wrong with a recording is said with the row and the column", async () => {
  await refused("when,who\n1,ana\n", /no column "cost"; it has when, who/);
  await assert.rejects(
    () => ownTrace(join(folder, "calls.csv"), { ...columns, members: "toString" }),
    /no column "toString"/,
  );
  await refused("", /has no rows/);
  await refused("when,who,cost\n", /has no rows/);
  await refused("when,who,cost\n1,ana,2\n2,ana,much\n", /row 2: cost is "much"/);
  await refused("when,who,cost\n1,ana,2\n2,ana,-1\n", /row 2: cost is "-1"/);
  await refused("when,who,cost\n1,ana,2\nsoon,ana,1\n", /row 2: when is "soon"/);
  await refused("when,who,cost\n1,ana,2\n2,,1\n", /row 2: who is empty/);
  await refused("when,who,cost\n1,ana,2\n1,bob,1\n", /the same when/);
  await refused("when,who,cost\n1,ana,0\n2,bob,0\n", /cost is 0 in all rows/);
  await refused("when,who,cost\n1,ana,2,3\n", /is not a CSV file/);
  await assert.rejects(() => ownTrace(join(folder, "none.csv"), columns), /cannot be read/);
});
