/** The simulator's command line: the one place that sees the process. */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { checkHistory } from "./checker/check-history.ts";
import { printHistory } from "./history/print-history.ts";
import { type PlantedBug, isPlantedBug, kindOf, plantedBugs } from "./planted/planted-bug.ts";
import { run } from "./run.ts";
import { Report } from "./sweep/report.ts";
import { sweep } from "./sweep/sweep.ts";
import type { Task } from "./sweep/task.ts";

const usage = `Usage: npm run simulate -- [--seeds 200] [--json FILE] [--plant NAME]
       npm run simulate -- --seed N [--plans | --shared] [--plant NAME]     one run, with its history

Every seed is run three times: with workspaces that have a pool alone, with ones that live on plans (--plans), and with
ones that share their pool by a policy (--shared).

Planted bugs:
${Object.entries(plantedBugs)
  .map(([name, what]) => `  ${name.padEnd(30)}${what}`)
  .join("\n")}`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "200" },
      seed: { type: "string" },
      json: { type: "string" },
      plant: { type: "string" },
      plans: { type: "boolean", default: false },
      shared: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { plant } = values;
  const seeds = numberOf(values.seeds);
  const seed = values.seed === undefined ? undefined : numberOf(values.seed);
  const isKnown = plant === undefined || isPlantedBug(plant);
  if (
    values.help ||
    seeds === undefined ||
    !isKnown ||
    (values.seed !== undefined && seed === undefined)
  ) {
    console.log(usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const isGood =
    seed === undefined
      ? await sweepAll(seeds, { plant, json: values.json })
      : await showOne(seed, plant, { isBilled: values.plans, isShared: values.shared });
  process.exitCode = isGood ? 0 : 1;
}

const numberOf = (text: string): number | undefined =>
  /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;

/** Prints one run. Good is a clean history, or with a bug planted one that shows it. */
async function showOne(
  seed: number,
  plant: PlantedBug | undefined,
  asked: { readonly isBilled: boolean; readonly isShared: boolean },
): Promise<boolean> {
  const kind =
    plant === undefined
      ? asked
      : {
          ...kindOf(plant),
          isBilled: asked.isBilled || kindOf(plant).isBilled,
          isShared: asked.isShared || kindOf(plant).isShared,
        };
  const done = await run(seed, kind);
  const violations = checkHistory(done);
  console.log(printHistory(done, violations));
  return (violations.length === 0) === (plant === undefined);
}

async function sweepAll(
  seeds: number,
  { plant, json }: { plant: PlantedBug | undefined; json: string | undefined },
): Promise<boolean> {
  const clean = Array.from({ length: seeds }, (_, index) => index + 1).flatMap((seed) =>
    kinds.map((kind) => ({ kind: "clean", seed, ...kind }) as const),
  );
  const bugs = Object.keys(plantedBugs).filter(isPlantedBug);
  const planted = bugs
    .filter((bug) => plant === undefined || bug === plant)
    .map((bug) => ({ kind: "planted", bug, seeds }) as const);
  const tasks: readonly Task[] = plant === undefined ? [...clean, ...planted] : planted;
  const report = new Report();
  const startedMs = performance.now();
  let done = 0;
  await sweep(tasks, Math.min(availableParallelism(), threadsMax), (outcome) => {
    report.add(outcome);
    done += 1;
    if (done % tellEvery !== 0 && done !== tasks.length) return;
    const { operations, violations, found, planted: judged } = report.figures();
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    console.error(
      `${done}/${tasks.length} runs, ${operations} operations, ${violations} violations, ${found}/${judged} planted bugs found, ${seconds} s`,
    );
  });
  console.log(report.words());
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report.figures(), null, 2)}\n`);
  return report.isGood;
}

/** With a pool alone, on plans, and with a pool that is shared. */
const kinds = [{}, { isBilled: true }, { isShared: true }] as const;
/** More threads than this only wait for memory. */
const threadsMax = 8;
/** Outcomes between two lines of progress. */
const tellEvery = 10;

await main();
