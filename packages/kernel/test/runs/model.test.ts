/** Runs beside a naive reading: whatever happens in them, and in which order, both refuse the same and have counted the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, type RunBounds, credits, instant, pauseAfter } from "@cistern/kernel";
import * as fc from "fast-check";
import { Journal, dump } from "../journal.ts";
import { runs, seed } from "../oracle/life.ts";
import {
  createWorkspace,
  debit,
  extend,
  grant,
  hour,
  minute,
  noon,
  open,
  part,
  refund,
  release,
  settle,
} from "../scenario/commands.ts";
import { closeRun, raise, run } from "../scenario/run-commands.ts";
import { NaiveRuns } from "./naive-runs.ts";

interface Step {
  readonly afterMs: number;
  readonly kind: "openRun" | "raise" | "close" | "hold" | "extend" | "end" | "refund" | "debit";
  readonly run: number;
  readonly of: number;
  readonly amount: number;
  readonly isPlain: boolean;
  readonly action: string | null;
  readonly bounds: RunBounds;
  readonly idleMs: number;
}

const few = fc.option(fc.integer({ min: 1, max: 6 }));
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    afterMs: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: minute }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 * hour }) },
    ),
    kind: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom("openRun", "end", "extend") },
      { weight: 4, arbitrary: fc.constant("hold") },
      { weight: 1, arbitrary: fc.constantFrom("raise", "close", "refund", "debit") },
    ),
    run: fc.nat({ max: 5 }),
    of: fc.nat(),
    amount: fc.integer({ min: 0, max: 40 }),
    isPlain: fc.boolean(),
    action: fc.option(fc.constantFrom("look", "write")),
    bounds: fc.record({
      limit: fc.option(fc.bigInt({ min: 0n, max: 200n }).map(credits)),
      maxSteps: few,
      maxToolCalls: few,
      maxSameAction: few,
      deadline: fc.constant(null),
    }),
    idleMs: fc.integer({ min: minute, max: hour }),
  }),
  { maxLength: 60 },
);

/** The command of a step, about a call or a run that was there; holds and debits are named by the step. */
function commandOf(step: Step, index: number, naive: NaiveRuns, at: number): Command | undefined {
  const name = `r${step.run}`;
  const holds = naive.calls.filter((one) => one.isHold && one.isOpen);
  const call = holds[step.of % Math.max(1, holds.length)];
  const settled = naive.calls.filter((one) => !one.isOpen && one.charged > one.refunded);
  const charged = settled[step.of % Math.max(1, settled.length)];
  switch (step.kind) {
    case "openRun": {
      const parent = step.isPlain ? null : `r${step.of % 6}`;
      const deadline = step.of % 3 === 0 ? instant(at + 20 * minute) : null;
      return run(name, { ...step.bounds, deadline }, { parent, idleMs: step.idleMs });
    }
    case "raise": {
      const { limit, maxSteps } = step.bounds;
      return raise(name, { limit, maxSteps });
    }
    case "close":
      return closeRun(name);
    case "hold": {
      const { action, isPlain } = step;
      return open(`h${index}`, step.amount, { run: name, isToolCall: !isPlain, action });
    }
    case "debit":
      return debit(`h${index}`, step.amount, { run: name });
    case "extend":
      return call === undefined ? undefined : extend(call.id, step.amount + 1);
    case "refund":
      return charged === undefined ? undefined : refund(`rfd_${index}`, charged.id);
    case "end":
      if (call === undefined) return undefined;
      if (step.of % 3 === 0) return release(call.id);
      return (step.isPlain ? settle : part)(call.id, step.amount);
  }
}

function live(life: readonly Step[]): void {
  const journal = new Journal();
  const naive = new NaiveRuns();
  let at = noon;
  for (const command of [createWorkspace(), grant("a", 1_000_000)]) journal.run(command, at);
  const begun = dump(journal.state);
  const mark = journal.state.undo.mark();
  for (const [index, step] of life.entries()) {
    at += step.afterMs;
    naive.pass(at);
    const command = commandOf(step, index, naive, at);
    if (command === undefined) continue;
    const said = naive.run(command, at);
    const decision = journal.run(command, at);
    const told = decision.kind === "accepted" ? "accepted" : decision.rejection.code;
    assert.equal(told, said, `${index}: ${command.kind}`);
    const pause = decision.kind === "rejected" ? pauseAfter(decision.rejection) : undefined;
    if (pause !== undefined) assert.equal(journal.run(pause, at).kind, "accepted", "it is paused");
    for (const one of naive.runs.values()) {
      const known = journal.state.runs.runs.get(one.id);
      assert(known !== undefined, `run ${one.id} is known`);
      const { used, steps: taken, toolCalls, holds, children, status, pausedBy } = known;
      const counted = { used, steps: taken, toolCalls, holds, children, status, pausedBy };
      assert.deepEqual(counted, naive.sums(one), `${index}: run ${one.id}`);
    }
  }
  assert.deepEqual(dump(journal.replayed().state), dump(journal.state), "K6");
  journal.state.undo.undoTo(mark);
  assert.deepEqual(dump(journal.state), begun, "undo takes all of it back");
}

test("runs refuse and count what a naive reading of the rules says", (t) => {
  t.diagnostic(`CISTERN_SEED=${seed}`);
  fc.assert(fc.property(steps, live), { numRuns: runs(300), seed });
});
