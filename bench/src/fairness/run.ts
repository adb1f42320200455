/** `npm run bench -- fairness`: the acceptance table and the traces, played through the production kernel. */
import { spawnSync } from "node:child_process";
import { access, constants, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Acceptance, type Effort, acceptances, barOf, holds } from "./acceptance/index.ts";
import { TraceError } from "./csv.ts";
import { document } from "./document.ts";
import { type Columns, ownTrace } from "./own-trace.ts";
import type { Accepted, BySize, Results, Told } from "./results.ts";
import { story } from "./story.ts";
import { judgeTraces, meansOf, scoresOf } from "./trace-scores.ts";
import { repositoryTraces } from "./traces.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const resultsFile = join(repository, "bench/fairness.json");

export const fairnessUsage = `npm run bench -- fairness [--quick] [--json FILE]
npm run bench -- fairness --trace FILE --members COLUMN --credits COLUMN --time COLUMN [--json FILE]

  Without --trace: measures the acceptance table and the traces of the repository, writes bench/fairness.json, docs/fairness.md
  and its pictures, and exits with 1 where a bar is missed.

  --quick       a part of it, and nothing is written
  --trace FILE  plays a CSV file of your own, with a header and a row a request; its figures go under "traces" of the results
  --members, --credits, --time COLUMN
                who asks; for how many credits; when (seconds from any start, or instants such as 2026-04-01T09:30:00Z)
  --json FILE   where the results go; by default bench/fairness.json`;

/** Runs it; answers the exit code. */
export async function runFairness(args: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: "boolean", default: false },
        json: { type: "string" },
        trace: { type: "string" },
        members: { type: "string" },
        credits: { type: "string" },
        time: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(fairnessUsage);
      return 0;
    }
    const { trace, members, credits, time, json } = values;
    if (json !== undefined) await mustBeWritable(json);
    if (trace === undefined) {
      if (members !== undefined || credits !== undefined || time !== undefined)
        throw new TraceError(
          "--members, --credits and --time name columns of a file: add --trace.",
        );
      return await measureAll({ isQuick: values.quick, json });
    }
    if (values.quick) throw new TraceError("--quick is for the whole measure, not for --trace.");
    if (members === undefined || credits === undefined || time === undefined)
      throw new TraceError("--trace needs --members, --credits and --time, each with a column.");
    return await playOwn(trace, { members, credits, time }, json ?? resultsFile);
  } catch (error) {
    if (!(error instanceof TraceError || isUsageError(error))) throw error;
    console.error(`${error.message}\n\n${fairnessUsage}`);
    return 2;
  }
}

const isUsageError = (error: unknown): error is Error =>
  error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");

async function measureAll({
  isQuick,
  json,
}: {
  isQuick: boolean;
  json: string | undefined;
}): Promise<number> {
  const say = sayer();
  const effort = { scale: isQuick ? 0.1 : 1, isTimed: true };
  const accepted = Object.fromEntries(
    acceptances.map((one) => {
      const outcome = accept(one, effort);
      for (const [name, told] of Object.entries(outcome.figures))
        say(`${one.key.padEnd(3)} ${name} ${inWords(told)}`);
      return [one.key, outcome];
    }),
  );
  const traces = (await repositoryTraces()).map((trace) => ({
    ...trace,
    scores: scoresOf(trace, say),
  }));
  const counted = traces.filter(({ isCounted }) => isCounted).map(({ scores }) => scores);
  const means = meansOf(counted);
  const traceBars = judgeTraces(means, counted);
  for (const [name, told] of Object.entries(traceBars)) say(`${name} ${inWords(told)}`);
  const results: Results = {
    acceptance: accepted,
    traces: Object.fromEntries(traces.map(({ name, scores }) => [name, scores])),
    means,
    traceBars,
    story: story(),
  };
  if (json !== undefined) await writeFile(json, `${JSON.stringify(results, null, 2)}\n`);
  else if (!isQuick) await publish(results);
  const missed = missedIn(results);
  for (const line of missed) console.error(`MISSED ${line}`);
  say(missed.length === 0 ? "All bars are reached." : `${missed.length} bars are missed.`);
  return missed.length === 0 ? 0 : 1;
}

/** Writes the results, and the document and pictures that tell them. */
async function publish(results: Results): Promise<void> {
  // Only here, since the library that draws takes half a second to load.
  const { pictures } = await import("./pictures.ts");
  const folder = join(repository, "docs/fairness");
  await mkdir(folder, { recursive: true });
  await writeFile(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(join(repository, "docs/fairness.md"), document(results));
  for (const [name, svg] of Object.entries(await pictures(results)))
    await writeFile(join(folder, name), svg);
  // As the repository has all its files; npm puts it on the PATH.
  spawnSync("oxfmt", ["bench/fairness.json", "docs/fairness.md"], { cwd: repository });
}

/** One line of the table, measured and judged. */
function accept(one: Acceptance, effort: Effort): Accepted {
  const figures = one.measure(effort);
  const told = figures.map((figure): [string, Told] => {
    const bar = barOf(figure);
    const { name, value, note } = figure;
    const judged = bar === "" ? { value } : { value, bar, holds: holds(figure) };
    return [name, note === undefined ? judged : { ...judged, note }];
  });
  return { claim: one.claim, holds: figures.every(holds), figures: Object.fromEntries(told) };
}

function missedIn({ acceptance, traceBars }: Results): string[] {
  const all = [
    ...Object.entries(acceptance).flatMap(([key, { figures }]) =>
      Object.entries(figures).map(([name, told]) => [`${key} ${name}`, told] as const),
    ),
    ...Object.entries(traceBars),
  ];
  return all
    .filter(([, { holds: isReached }]) => isReached === false)
    .map(([name, told]) => `${name} ${inWords(told)}`);
}

const inWords = ({ value, bar, holds: isReached }: Told): string => {
  const verdict = isReached === undefined ? "" : ` (${bar}: ${isReached ? "reached" : "MISSED"})`;
  return `${Number.isInteger(value) ? value : Number(value.toPrecision(4))}${verdict}`;
};

/** Plays a recording, shows its figures, and puts them beside those that are there. */
async function playOwn(path: string, columns: Columns, target: string): Promise<number> {
  const say = sayer();
  // Before minutes of work are put in.
  const before = await readResults(target);
  const trace = await ownTrace(path, columns);
  const requests = trace.workloads.reduce((sum, one) => sum + one.requests.length, 0);
  const periods = trace.workloads.length;
  say(`${trace.name}: ${requests} requests in ${periods} ${periods === 1 ? "period" : "periods"}`);
  if (trace.leftOut > 0)
    say(`Left out: ${trace.leftOut} rows after the last whole period of thirty days.`);
  const scores = scoresOf(trace, say);
  console.log(`\n${tableOf(scores)}\n`);
  const after = { ...before, traces: { ...before.traces, [trace.name]: scores } };
  await writeFile(target, `${JSON.stringify(after, null, 2)}\n`);
  say(`The figures stand in ${target}.`);
  return 0;
}

function tableOf(scores: Readonly<Record<string, BySize>>): string {
  const figures = ["lightDenial", "use", "shortfall", "jain", "needlessDenial"] as const;
  const lines = Object.entries(scores).flatMap(([policy, bySize]) =>
    (["pool50", "pool80", "pool125"] as const).map((size) =>
      [
        policy.padEnd(13),
        size.padEnd(8),
        ...figures.map((name) => bySize[size][name].toFixed(4).padStart(16)),
      ].join(""),
    ),
  );
  const head = ["policy".padEnd(13), "pool".padEnd(8), ...figures.map((name) => name.padStart(16))];
  return [head.join(""), ...lines].join("\n");
}

async function readResults(file: string): Promise<Partial<Results>> {
  let text = "";
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw new TraceError(`The results cannot be read: ${whyOf(error)}`, { cause: error });
  }
  const noResults = `${file} is there and holds no results of this command. Name another with --json.`;
  try {
    const found: unknown = JSON.parse(text);
    if (isResults(found)) return found;
  } catch (error) {
    throw new TraceError(noResults, { cause: error });
  }
  throw new TraceError(noResults);
}

const isResults = (found: unknown): found is Partial<Results> =>
  typeof found === "object" &&
  found !== null &&
  !Array.isArray(found) &&
  (!("traces" in found) || (typeof found.traces === "object" && found.traces !== null));

/** Said before anything is measured. */
async function mustBeWritable(file: string): Promise<void> {
  try {
    await access(dirname(file), constants.W_OK);
  } catch (error) {
    throw new TraceError(`The results cannot be written: ${whyOf(error)}`, { cause: error });
  }
}

const whyOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Lines with the minutes and seconds since the run began. */
function sayer(): (line: string) => void {
  const begun = performance.now();
  return (line) => {
    const seconds = Math.floor((performance.now() - begun) / 1_000);
    console.log(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} ${line}`);
  };
}
