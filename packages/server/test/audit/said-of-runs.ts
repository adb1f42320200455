import { credits } from "@cistern/kernel";
import {
  debit,
  extend,
  grant,
  open,
  part,
  refund,
  release,
  settle,
} from "../../../kernel/test/scenario/commands.ts";
import {
  closeRun,
  inside,
  pause,
  raise,
  run,
  upTo,
} from "../../../kernel/test/scenario/run-commands.ts";
import type { Step } from "./lived.ts";

const hour = 3_600_000;

/** Runs of every ending, from `at` on, with calls of every ending in them; a pause and a raise; one id used twice. */
export function saidOfRuns(at: number): readonly (readonly [number, Step])[] {
  const inLeaf = { run: "leaf", isToolCall: true, action: "ls" };
  const steps: readonly Step[] = [
    grant("runs", 1_000),
    run("root", { ...upTo(500), maxSteps: 20 }),
    run("leaf", { ...upTo(400), maxSteps: 9, maxToolCalls: 9, maxSameAction: 2 }, inside("root")),
    open("in1", 100, inLeaf),
    open("in2", 50, inLeaf),
    extend("in1", 20),
    part("in1", 30),
    settle("in1", 60),
    release("in2"),
    open("in3", 10, { run: "leaf", action: "cat" }),
    settle("in3", 25),
    refund("rfd_runs", "in3"),
    debit("in4", 5, { run: "leaf" }),
    {
      kind: "pauseRun",
      run: "leaf",
      credits: credits(0n),
      step: { isToolCall: true, action: "ls" },
    },
    raise("leaf", { maxSteps: 10 }),
    open("in5", 10, inLeaf),
    pause("root", 900),
    raise("root", upTo(600)),
    closeRun("leaf"),
    settle("in5", 4),
    run("idle", {}, { idleMs: hour }),
  ];
  return [
    ...steps.map((step, index) => [at + index, step] as const),
    [at + 2 * hour, run("late")],
    [at + 2 * hour, closeRun("late")],
    [at + 2 * hour + 200 * hour, run("other")],
    [at + 2 * hour + 200 * hour, closeRun("other")],
    [at + 2 * hour + 200 * hour, run("leaf")],
    [at + 2 * hour + 200 * hour, refund("rfd_late", "in1")],
    [at + 2 * hour + 200 * hour, closeRun("leaf")],
  ];
}
