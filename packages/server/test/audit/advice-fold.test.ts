import assert from "node:assert/strict";
import { test } from "node:test";
import { type Event, type PresetAdvice, credits } from "@cistern/kernel";
import { createWorkspace } from "../../../kernel/test/scenario/commands.ts";
import { auditOf } from "./audit-of.ts";
import { adviceAt } from "./life-of-a-workspace.ts";
import { lived } from "./lived.ts";

const day = 86_400_000;
const recommend = (advice: PresetAdvice) => ({ kind: "recommendFairness", advice }) as const;
const life = lived([
  [day, createWorkspace()],
  [day, { kind: "updateWorkspace", changes: { fairness: { preset: "strict" } } }],
  [2 * day, recommend(adviceAt(2 * day))],
  [3 * day, recommend(adviceAt(3 * day))],
]);

/** What an audit finds where the last advice says something else. */
function found(changes: Partial<PresetAdvice>): string | undefined {
  const [last] = life.slice(-1);
  const change = (event: Event): Event =>
    event === last && event.kind === "fairness.recommended"
      ? { ...event, advice: { ...event.advice, ...changes } }
      : event;
  return auditOf(life.map(change))?.rule;
}

test("a life in which two periods speak for another preset is without fault", () => {
  assert.equal(auditOf(life), undefined);
});

test("advice of a period that is not over, told twice, against another preset, for the same or of none is found", () => {
  const { period, outcomes } = adviceAt(3 * day);
  const late = adviceAt(4 * day);
  assert.equal(found(late), "Q5 a period speaks for something when it is over");
  assert.equal(found({ cutAt: period.end }), "Q5 a replay ends in its period");
  assert.equal(found({ period: adviceAt(2 * day).period }), "Q5 a period is told of once");
  assert.equal(found({ inForce: "off" }), "Q5 it is told against what is in force");
  assert.equal(found({ preset: "strict" }), "Q5 what is in force is not recommended");
  assert.equal(found({ outcomes: outcomes.slice(1) }), "Q5 each preset is told of");
  const more = { calls: 3, credits: credits(31_000_000n) };
  const beyond = outcomes.map((one) => ({ ...one, denied: more }));
  assert.equal(found({ outcomes: beyond }), "Q5 what is denied was asked for");
});
