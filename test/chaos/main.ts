/** The long form: `npm run chaos -- --seed 7`. Exits with 1 where the judge finds anything. */
import { parseArgs } from "node:util";
import { figuresOf } from "./figures.ts";
import { rules } from "./judge/finding.ts";
import { judge } from "./judge/judge.ts";
import { startOwnDatabase } from "./processes/own-database.ts";
import { type Progress, makeStorm } from "./storm.ts";

const findingsShown = 20;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    faults: { type: "string", default: "24" },
    crashes: { type: "string", default: "6" },
    operations: { type: "string", default: "100000" },
    callers: { type: "string", default: "6" },
  },
});
const seed = numberOf("seed", values.seed);
const weather = {
  nodeFaults: numberOf("faults", values.faults),
  databaseFaults: numberOf("crashes", values.crashes),
};
const faultsMax = weather.nodeFaults + weather.databaseFaults;
const operationsMin = numberOf("operations", values.operations);

console.log(
  `Seed ${seed}: ${weather.nodeFaults} kills and stops of two nodes and ${weather.databaseFaults} crashes of their PostgreSQL over ${operationsMin} acknowledged operations.`,
);
const database = await startOwnDatabase();
try {
  const storm = await makeStorm({
    seed,
    ...weather,
    databaseUrl: database.url,
    database,
    operationsMin,
    callersPerShare: numberOf("callers", values.callers),
    onProgress: progressLine(),
  });
  process.stderr.write("\n");
  console.table(figuresOf(storm));
  const findings = judge(storm.history);
  for (const { rule, workspace, found } of findings.slice(0, findingsShown))
    console.log(`${rule} (${rules[rule]})\n  ${workspace}: ${found}`);
  console.log(
    findings.length === 0
      ? "Nothing acknowledged is missing, nothing is doubled, no pool was oversold."
      : `${findings.length} findings. The same choices again: npm run chaos -- --seed ${seed}`,
  );
  process.exitCode = findings.length === 0 ? 0 : 1;
} finally {
  await database.stop();
}

function numberOf(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} is ${text}; it must be a number.`);
  return Number(text);
}

/** One line that renews itself on a terminal, and a line every few seconds elsewhere. */
function progressLine(): (progress: Progress) => void {
  const everyMs = process.stderr.isTTY ? 0 : 5_000;
  let toldAt = Number.NEGATIVE_INFINITY;
  return ({ acknowledged, faults, now }) => {
    if (performance.now() - toldAt < everyMs) return;
    toldAt = performance.now();
    const share = Math.min(1, acknowledged / Math.max(1, operationsMin));
    const bar = "█".repeat(Math.round(share * 30)).padEnd(30, "░");
    const line = `${bar} ${acknowledged} acknowledged, ${faults} of ${faultsMax} faults, ${now}`;
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  };
}
