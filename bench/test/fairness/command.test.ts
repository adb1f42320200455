import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, after, before, test } from "node:test";
import { runFairness } from "../../src/fairness/run.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cistern-fairness-"));
});
after(() => rm(folder, { recursive: true, force: true }));

/** Runs the command, and gives what it printed. */
async function run(
  t: TestContext,
  args: readonly string[],
): Promise<{ status: number; told: string; wrong: string }> {
  const log = t.mock.method(console, "log", () => {});
  const error = t.mock.method(console, "error", () => {});
  const status = await runFairness(args);
  const linesOf = (printed: typeof log): string =>
    printed.mock.calls.map((call) => String(call.arguments[0])).join("\n");
  const [told, wrong] = [linesOf(log), linesOf(error)];
  t.mock.restoreAll();
  return { status, told, wrong };
}

test("a recording of one's own is played under every policy, and stands beside what was there", async (t) => {
  const [trace, json] = [join(folder, "calls.csv"), join(folder, "results.json")];
  // One takes nine tenths at once, and two ask a little all the time.
  const rows = Array.from({ length: 100 }, (_, index) => [
    `${index / 100},hog,${index < 50 ? 20 : 0}`,
    `${index},ana,1`,
    `${index},bob,1`,
  ]);
  await writeFile(trace, `t,who,cost\n${rows.flat().join("\n")}\n`);
  await writeFile(json, '{ "traces": { "older.csv": {} } }\n');
  const columns = ["--members", "who", "--credits", "cost", "--time", "t"];
  const { status, told, wrong } = await run(t, ["--trace", trace, ...columns, "--json", json]);
  assert.equal(status, 0, wrong);
  assert.match(told, /calls\.csv: 250 requests in 1 period$/m);
  const { traces } = JSON.parse(await readFile(json, "utf8"));
  assert.deepEqual(Object.keys(traces), ["older.csv", "calls.csv"]);
  const own = traces["calls.csv"];
  assert.deepEqual(Object.keys(own), [
    "fcfs",
    "caps",
    "token_bucket",
    "strict",
    "balanced",
    "lend_early",
  ]);
  assert(own.fcfs.pool50.lightDenial >= 0.9);
  assert(own.balanced.pool50.lightDenial < 0.05);
  assert(own.balanced.pool50.use > 0.7);
});

test("what is missing or wrong is said, with how it is called", async (t) => {
  const missing = await run(t, ["--trace", join(folder, "calls.csv"), "--members", "who"]);
  assert.equal(missing.status, 2);
  assert.match(missing.wrong, /--trace needs --members, --credits and --time/);
  const columns = ["--members", "name", "--credits", "cost", "--time", "t"];
  const wrong = await run(t, ["--trace", join(folder, "calls.csv"), ...columns]);
  assert.equal(wrong.status, 2);
  assert.match(wrong.wrong, /no column "name"; it has t, who, cost/);
  assert.equal((await run(t, ["--tracer", "x"])).status, 2);
  const alone = await run(t, ["--members", "who"]);
  assert.equal(alone.status, 2);
  assert.match(alone.wrong, /add --trace/);
});

test("what cannot take the results is said before anything is played, and stays as it is", async (t) => {
  const [trace, notes] = [join(folder, "calls.csv"), join(folder, "notes.json")];
  const columns = ["--members", "who", "--credits", "cost", "--time", "t"];
  for (const text of ["not json", "[]", '"a text"', '{ "traces": 3 }']) {
    await writeFile(notes, text);
    const { status, told, wrong } = await run(t, ["--trace", trace, ...columns, "--json", notes]);
    assert.equal(status, 2);
    assert.match(wrong, /notes\.json is there and holds no results/);
    assert.equal(told, "");
    assert.equal(await readFile(notes, "utf8"), text);
  }
  const nowhere = join(folder, "none", "results.json");
  const lost = await run(t, ["--trace", trace, ...columns, "--json", nowhere]);
  assert.equal(lost.status, 2);
  assert.match(lost.wrong, /cannot be written/);
});
