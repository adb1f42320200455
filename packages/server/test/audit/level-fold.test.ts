import { match, strictEqual } from "node:assert";
import { test } from "node:test";
import { type Event, credits, instant } from "@cistern/kernel";
import { LevelFold } from "../../src/audit/level-fold.ts";
import { lifeOfAWorkspace } from "./life-of-a-workspace.ts";

const found = lifeOfAWorkspace().find((event) => event.kind === "usage.debited");
if (found?.kind !== "usage.debited") throw new Error("the life has a debit");
const debited = found;
const over = (start: number, end: number) => ({ start: instant(start), end: instant(end) });
const level = (debit: string, ...fresh: readonly (readonly [number, number])[]): Event => ({
  ...debited,
  debit,
  meter: "disk",
  charged: credits(5n),
  over: over(0, 100),
  fresh: fresh.map(([start, end]) => over(start, end)),
});

function rule(...events: readonly Event[]): string {
  const fold = new LevelFold();
  try {
    for (const event of events) fold.fold(event);
  } catch (error) {
    return error instanceof Error && "rule" in error ? String(error.rule) : String(error);
  }
  return "none";
}

test("an audit finds a time of a level that is charged twice, or that nobody told of (V9)", () => {
  strictEqual(rule(level("d1", [0, 40]), level("d2", [40, 60], [80, 90])), "none");
  match(rule(level("d1", [0, 40]), level("d2", [39, 60])), /charged once/);
  match(rule(level("d1", [0, 40], [39, 50])), /charged once/);
  match(rule(level("d1", [90, 101])), /lies in what is told/);
});
