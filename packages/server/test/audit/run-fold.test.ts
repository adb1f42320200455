import assert from "node:assert/strict";
import { test } from "node:test";
import { type Event, credits } from "@cistern/kernel";
import { createWorkspace } from "../../../kernel/test/scenario/commands.ts";
import { auditOf } from "./audit-of.ts";
import { lived } from "./lived.ts";
import { saidOfRuns } from "./said-of-runs.ts";

const life = lived([[1_000, createWorkspace({ currency: "USD" })], ...saidOfRuns(2_000)]);

/** What the audit finds where the first event of a kind that `change` touches says something else. */
function found(change: (event: Event) => Event | undefined): string {
  let isDone = false;
  const told = life.map((event) => {
    const other = isDone ? undefined : change(event);
    if (other === undefined) return event;
    isDone = true;
    return other;
  });
  assert.ok(isDone, "something was changed");
  return auditOf(told)?.rule ?? "nothing";
}

test("a life with runs is without fault, and each of their events is in it", () => {
  assert.equal(auditOf(life), undefined);
  const kinds = new Set(life.map(({ kind }) => kind));
  for (const kind of ["opened", "raised", "paused", "closed", "expired"] as const)
    assert.ok(kinds.has(`run.${kind}`), kind);
});

test("an approval past a bound of a run, or in a run that takes no calls, is found", () => {
  const lower = (bounds: object) =>
    found((event) =>
      event.kind === "run.opened" && event.run.id === "leaf"
        ? { ...event, run: { ...event.run, bounds: { ...event.run.bounds, ...bounds } } }
        : undefined,
    );
  assert.match(lower({ limit: credits(149n) }), /^V10 no credits are approved past the limit/);
  assert.match(lower({ maxSteps: 1 }), /^V10 no step is approved past its bound/);
  assert.match(lower({ maxToolCalls: 1 }), /^V10 no step is approved past its bound/);
  assert.match(lower({ maxSameAction: 1 }), /^V10 no action is approved more often/);
  const paused = found((event) =>
    event.kind === "run.raised"
      ? { ...event, run: { ...event.run, pausedBy: "maxSteps" } }
      : undefined,
  );
  assert.match(paused, /^V10 nothing is approved in a run that takes no calls/);
});

test("a step that is given back, and credits that count in the nearest run alone, are found", () => {
  const givenBack = found((event) =>
    event.kind === "hold.released"
      ? { ...event, runCounts: (event.runCounts ?? []).map((one) => ({ ...one, steps: -1 })) }
      : undefined,
  );
  assert.match(givenBack, /^V11 steps are approvals/);
  const nearest = found((event) =>
    event.kind === "hold.settled" && event.runCounts !== undefined
      ? { ...event, runCounts: event.runCounts.slice(0, 1) }
      : undefined,
  );
  assert.match(nearest, /^V10 a call counts in every run around it/);
  const less = found((event) =>
    event.kind === "usage.debited" && event.runs !== undefined
      ? { ...event, runCounts: (event.runCounts ?? []).map((one) => ({ ...one, credits: 0n })) }
      : undefined,
  );
  assert.match(less, /^V11 what a call counts in run/);
});

test("a run that expires while something is open in it, and a bound that is lowered, are found", () => {
  const early = found((event) =>
    event.kind === "run.opened" && event.run.id === "idle"
      ? { ...event, run: { ...event.run, idleMs: event.run.idleMs * 2 } }
      : undefined,
  );
  assert.match(early, /^V12 a run expires when nothing was open/);
  const lowered = found((event) =>
    event.kind === "run.raised"
      ? { ...event, run: { ...event.run, bounds: { ...event.run.bounds, maxSteps: 1 } } }
      : undefined,
  );
  assert.match(lowered, /^bounds are raised/);
});
