/** `npm run bench`: runs the fixed list of measurements on one PostgreSQL, prints a table, writes `bench/results.json`. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine } from "./environment/machine.ts";
import { startPostgres } from "./environment/postgres.ts";
import { findRedis } from "./environment/redis-server.ts";
import { fairnessUsage, runFairness } from "./fairness/run.ts";
import { measurements } from "./measurements/index.ts";
import {
  type Bench,
  type Figures,
  type Measurement,
  VoidRunError,
  fullPace,
  quickPace,
} from "./measurements/measurement.ts";
import { renderTable } from "./report/table.ts";
import { measureUnusual } from "./unusual/main.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const usage = `npm run bench -- [--only NAME]... [--quick] [--json FILE]
npm run bench -- unusual

  --only NAME   run only this measurement (may be repeated)
  --quick       short rounds: shows that everything works, the figures are rough
  --json FILE   where to write the results; by default bench/results.json, and nowhere with --only or --quick

  unusual       alarms and found bursts of the watch over unusual use, on the traces; writes bench/unusual.json, ends with 1 where a bar is missed

${fairnessUsage}

Measurements:
${measurements.map(({ name, about }) => `  ${name.padEnd(12)}  ${about}`).join("\n")}`;

async function main(): Promise<number> {
  const [command, ...rest] = process.argv.slice(2);
  if (command === "fairness") return runFairness(rest);
  if (command === "unusual") return measureUnusual(join(repository, "bench/unusual.json"));
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true },
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const unknown = (values.only ?? []).find((name) =>
    measurements.every((one) => one.name !== name),
  );
  if (unknown !== undefined) console.error(`There is no measurement "${unknown}".\n`);
  if (values.help || unknown !== undefined) {
    console.log(usage);
    return unknown === undefined ? 0 : 2;
  }
  const chosen = measurements.filter(({ name }) => values.only?.includes(name) ?? true);
  const isComplete = values.only === undefined && !values.quick;
  const target = values.json ?? (isComplete ? join(repository, "bench/results.json") : undefined);
  return measure({ chosen, isQuick: values.quick, target });
}

async function measure(options: {
  chosen: readonly Measurement[];
  isQuick: boolean;
  target: string | undefined;
}): Promise<number> {
  // Where there is something to take down; a signal ends the other commands at once.
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => interrupted.reject(new InterruptedError(`Stopped by ${signal}`)));
  const begun = performance.now();
  // Inside the repository and not in the system's folder for temporary files, which may be memory and never sync.
  const folder = join(repository, ".cistern", `bench-${process.pid}`);
  await mkdir(folder, { recursive: true });
  const postgres = await startPostgres(join(folder, "postgres"));
  const figures: Record<string, number> = {};
  const voided: string[] = [];
  try {
    const redisVersion = findRedis();
    const machine = describeMachine({ postgres: postgres.version, redis: redisVersion });
    for (const [what, value] of Object.entries(machine)) console.log(`${what}: ${value}`);
    for (const [index, one] of options.chosen.entries()) {
      console.log(`\n${index + 1}/${options.chosen.length} ${one.name}: ${one.about}`);
      const pace = options.isQuick ? quickPace : fullPace;
      const say = (line: string) => console.log(`  ${clock(begun)} ${line}`);
      const outcome = await runOne(one, { postgres, redisVersion, folder, pace, say });
      if (outcome instanceof VoidRunError) {
        voided.push(`${one.name}: ${outcome.message}`);
        say(`VOID: ${outcome.message}`);
      } else Object.assign(figures, outcome);
    }
    console.log(`\n${renderTable(figures)}\n\nThe run took ${clock(begun)}.`);
    for (const line of voided) console.error(`VOID ${line}`);
    if (options.target !== undefined)
      await writeFile(options.target, `${JSON.stringify({ machine, figures }, null, 2)}\n`);
    return voided.length === 0 ? 0 : 1;
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const interrupted = Promise.withResolvers<never>();
interrupted.promise.catch(() => {});

class InterruptedError extends Error {
  override readonly name = "InterruptedError";
}

async function runOne(
  measurement: Measurement,
  bench: Omit<Bench, "closing">,
): Promise<Figures | VoidRunError> {
  const closing = new AsyncDisposableStack();
  try {
    const running = measurement.run({ ...bench, closing });
    return await Promise.race([running, interrupted.promise]);
  } catch (error) {
    if (error instanceof VoidRunError) return error;
    throw error;
  } finally {
    await closing.disposeAsync();
  }
}

/** Minutes and seconds since the run began. */
function clock(begun: number): string {
  const seconds = Math.floor((performance.now() - begun) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof InterruptedError ? error.message : error);
  // Not by `exitCode`: callers of an interrupted measurement may still wait for answers that never come.
  process.exit(error instanceof InterruptedError ? 130 : 1);
}
