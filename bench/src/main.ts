/** `npm run bench`: runs the fixed list of measurements on one PostgreSQL, prints a table, writes `bench/results.json`. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine } from "./environment/machine.ts";
import { startPostgres } from "./environment/postgres.ts";
import { findRedis } from "./environment/redis-server.ts";
import { measurements } from "./measurements/index.ts";
import {
  type Figures,
  type Measurement,
  VoidRunError,
  fullPace,
  quickPace,
} from "./measurements/measurement.ts";
import { renderTable } from "./report/table.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const usage = `npm run bench -- [--only NAME]... [--quick] [--json FILE]

  --only NAME   run only this measurement (may be repeated)
  --quick       short rounds: shows that everything works, the figures are rough
  --json FILE   where to write the results; by default bench/results.json, and nowhere with --only or --quick

Measurements:
${measurements.map(({ name, about }) => `  ${name.padEnd(12)}  ${about}`).join("\n")}`;

async function main(): Promise<number> {
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
  const begun = performance.now();
  // Inside the repository and not in the system's folder for temporary files, which may be memory and never sync.
  const folder = join(repository, ".cistern", `bench-${process.pid}`);
  await mkdir(folder, { recursive: true });
  const postgres = await startPostgres(join(folder, "postgres"));
  const interrupted = Promise.withResolvers<never>();
  process.once("SIGINT", () => interrupted.reject(new Error("Interrupted")));
  process.once("SIGTERM", () => interrupted.reject(new Error("Terminated")));
  const figures: Record<string, number> = {};
  const voided: string[] = [];
  const redisVersion = findRedis();
  const machine = describeMachine({ postgres: postgres.version, redis: redisVersion });
  try {
    console.log(
      Object.entries(machine)
        .map(([what, value]) => `${what}: ${value}`)
        .join("\n"),
    );
    for (const [index, measurement] of options.chosen.entries()) {
      console.log(
        `\n${index + 1}/${options.chosen.length} ${measurement.name}: ${measurement.about}`,
      );
      const bench = {
        postgres,
        redisVersion,
        folder,
        pace: options.isQuick ? quickPace : fullPace,
        say: (line: string) => console.log(`  ${clock(begun)} ${line}`),
      };
      const outcome = await Promise.race([orVoid(measurement.run(bench)), interrupted.promise]);
      if (outcome instanceof VoidRunError) {
        voided.push(`${measurement.name}: ${outcome.message}`);
        console.error(`  VOID: ${outcome.message}`);
      } else Object.assign(figures, outcome);
    }
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
  console.log(`\n${renderTable(figures)}\n\nThe run took ${clock(begun)}.`);
  for (const line of voided) console.error(`VOID ${line}`);
  if (options.target !== undefined)
    await writeFile(options.target, `${JSON.stringify({ machine, figures }, null, 2)}\n`);
  return voided.length === 0 ? 0 : 1;
}

async function orVoid(run: Promise<Figures>): Promise<Figures | VoidRunError> {
  try {
    return await run;
  } catch (error) {
    if (error instanceof VoidRunError) return error;
    throw error;
  }
}

/** Minutes and seconds since the run began. */
function clock(begun: number): string {
  const seconds = Math.floor((performance.now() - begun) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

process.exitCode = await main();
