import assert from "node:assert/strict";
import { test } from "node:test";
import { type Event, money } from "@cistern/kernel";
import { auditOf } from "./audit-of.ts";
import { lifeOfAWorkspace } from "./life-of-a-workspace.ts";

type Reversed = Extract<Event, { kind: "outcome.reversed" }>;

const life = lifeOfAWorkspace();
const isTold = (event: Event): event is Reversed => event.kind === "outcome.reversed";
const places = life.flatMap((event, index) => (isTold(event) ? [index] : []));
const [first = 0, second = 0] = places;
const rule = (events: readonly Event[]): string => auditOf(events)?.rule ?? "none";
const changed = (change: (told: Reversed) => Event): readonly Event[] =>
  life.map((event, at) => (at === first && isTold(event) ? change(event) : event));

test("an audit finds a reversal that is told falsely (V30) or not at all (V31)", () => {
  assert.ok(places.length > 1, "the life takes outcomes back");
  assert.equal(rule(life), "none");
  assert.equal(rule(life.filter((event) => !isTold(event))), "none", "older than the rule");
  const cent = ({ move, ...told }: Reversed): Event => ({
    ...told,
    move: { ...move, amount: money(move.amount - 1n) },
  });
  assert.match(rule(changed(cent)), /^V30 what is taken back/);
  const line = ({ move, ...told }: Reversed): Event => ({ ...told, move: { ...move, line: "l" } });
  assert.match(rule(changed(line)), /^V30 the line/);
  const [copy] = life.slice(first, first + 1);
  assert.ok(copy !== undefined);
  assert.match(rule(life.toSpliced(first, 0, copy)), /^V30 a reversal is told right after/);
  assert.match(rule(life.toSpliced(second, 1)), /^V31/);
});
