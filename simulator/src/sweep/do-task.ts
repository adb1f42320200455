import { checkHistory } from "../checker/check-history.ts";
import type { Violation } from "../checker/violation.ts";
import { kindOf } from "../planted/planted-bug.ts";
import { run } from "../run.ts";
import type { CleanOutcome, Outcome, PlantedOutcome, Task } from "./task.ts";

/** Violations of one seed that are told at most; all are counted. */
const toldMax = 20;

/** Runs and judges what a task says. */
export async function doTask(task: Task): Promise<Outcome> {
  return task.kind === "clean" ? judgeClean(task) : findPlanted(task);
}

async function judgeClean({
  seed,
  isBilled = false,
  isShared = false,
}: Extract<Task, { kind: "clean" }>): Promise<CleanOutcome> {
  const done = await run(seed, { isBilled, isShared });
  const all = checkHistory(done);
  const { operations, us, counts } = done;
  const violations = all.slice(0, toldMax);
  return {
    kind: "clean",
    seed,
    isBilled,
    isShared,
    operations,
    us,
    counts,
    violations,
    violationsCount: all.length,
  };
}

/** The first seed whose history shows the bug. */
async function findPlanted({
  bug,
  seeds,
  firstSeed,
  operations,
}: Extract<Task, { kind: "planted" }>): Promise<PlantedOutcome> {
  const kind = kindOf(bug);
  const how = operations === undefined ? kind : { ...kind, operations };
  const all = Array.from({ length: seeds }, (_, index) => index + 1);
  for (const seed of firstSeed === undefined ? all : [firstSeed, ...all]) {
    const violation = checkHistory(await run(seed, how)).find(shows);
    if (violation !== undefined) return { kind: "planted", bug, foundAt: seed, violation };
  }
  return { kind: "planted", bug, foundAt: undefined, violation: undefined };
}

/** A workspace that stops because the kernel noticed something is no find of the checker's. */
const shows = ({ question }: Violation): boolean => question !== "service";
