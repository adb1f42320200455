/** However many runs there are and whatever they do, memory and events stay within their bounds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "@cistern/kernel";
import { Journal } from "../journal.ts";
import { createWorkspace, grant, hour, noon, open } from "../scenario/commands.ts";
import { closeRun, raise, run } from "../scenario/run-commands.ts";

function begun(...commands: readonly Command[]): Journal {
  const journal = new Journal();
  for (const command of [createWorkspace(), grant("a", 1_000_000), ...commands])
    accepted(journal, command);
  return journal;
}

function accepted(journal: Journal, command: Command): void {
  assert.equal(journal.run(command, noon).kind, "accepted", command.kind);
}

function refusal(journal: Journal, command: Command, at: number = noon): string {
  const decision = journal.run(command, at);
  return decision.kind === "rejected" ? decision.rejection.code : "accepted";
}

test("a run remembers the last 256 actions, and counts of these how often they were approved", () => {
  const journal = begun(run("r", { maxSameAction: 1 }));
  const { runs } = journal.state;
  const doing = (action: number, time = 1): Command =>
    open(`h${action}-${time}`, 1, { run: "r", action: `act ${action}` });
  for (let action = 0; action < 300; action += 1) accepted(journal, doing(action));
  assert.equal(runs.actions.size, 256);
  assert.equal(refusal(journal, doing(299, 2)), "runaway_loop");
  assert.equal(refusal(journal, doing(44, 2)), "runaway_loop");
  accepted(journal, doing(43, 2));
  assert.equal(runs.actions.size, 256);
  accepted(journal, raise("r"));
  assert.equal(runs.actions.size, 256, "a raise after no loop forgets nothing");
  accepted(journal, closeRun("r"));
  assert.equal(runs.actions.size, 0);
  assert.equal(runs.slots.size, 0);
});

test("too_many_runs: so many are open at most, and one that is closed makes room", () => {
  const journal = begun();
  for (let index = 0; index < 10_000; index += 1) accepted(journal, run(`r${index}`));
  assert.equal(refusal(journal, run("more")), "too_many_runs");
  accepted(journal, closeRun("r7"));
  accepted(journal, run("more"));
});

test("runs that idle together expire by 512 in one event, in the order of their ids", () => {
  const names = Array.from({ length: 600 }, (_, index) => `r${String(index).padStart(3, "0")}`);
  const journal = begun(...names.toReversed().map((id) => run(id)));
  const due = journal.pass(noon + hour);
  const told = due.flatMap((event) => (event.kind === "run.expired" ? [event.runs] : []));
  assert.deepEqual(
    told.map((runs) => runs.length),
    [512, 88],
  );
  assert.deepEqual(
    told.flat().map(({ id }) => id),
    names,
  );
});

test("no more than 10,000 runs that have ended are kept, those longest untouched leave first", () => {
  const journal = begun();
  for (let index = 0; index < 10_050; index += 1) {
    accepted(journal, run(`r${index}`));
    accepted(journal, closeRun(`r${index}`));
  }
  assert.equal(journal.state.runs.runs.size, 10_000);
  assert.equal(journal.state.runs.totals.resting, 10_000);
});
