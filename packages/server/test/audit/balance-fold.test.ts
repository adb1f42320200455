/** What is told of how much is left is audited: where it stands, what it says, and that none is missing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Event, apply, balanceTold, credits, emptyState } from "@cistern/kernel";
import * as fc from "fast-check";
import { Life, runs, seed } from "../../../kernel/test/oracle/life.ts";
import { lives } from "../../../kernel/test/oracle/moves.ts";
import { auditOf } from "./audit-of.ts";
import { lifeOfAWorkspace } from "./life-of-a-workspace.ts";

type Told = Extract<Event, { kind: "balance.low" | "balance.depleted" | "balance.recovered" }>;

const isTold = (event: Event): event is Told =>
  event.kind === "balance.low" ||
  event.kind === "balance.depleted" ||
  event.kind === "balance.recovered";

/** The same events, with what a node tells of the balance between them. */
function withLevels(events: readonly Event[]): readonly Event[] {
  const state = emptyState();
  const all: Event[] = [];
  const put = (event: Event): void => {
    apply(state, event, { seq: all.length + 1, index: 0 });
    all.push(event);
  };
  for (const event of events) {
    const told = balanceTold(state, event);
    put(event);
    if (told !== undefined) put(told);
  }
  return all;
}

const life = withLevels(lifeOfAWorkspace());
const first = life.findIndex(isTold);
const second = life.findIndex((event, index) => index > first && isTold(event));
const rule = (events: readonly Event[]): string => auditOf(events)?.rule ?? "none";
const changed = (index: number, changes: (told: Told) => Event): readonly Event[] =>
  life.map((event, at) => (at === index && isTold(event) ? changes(event) : event));

test("an audit finds no fault with what is told of any life, nor with a journal that is older than the rule", (t) => {
  t.diagnostic(`CISTERN_SEED=${seed}`);
  assert.equal(rule(life), "none");
  assert.equal(rule(lifeOfAWorkspace()), "none");
  let told = 0;
  fc.assert(
    fc.property(lives(60), (wishes) => {
      const one = new Life();
      for (const wish of wishes) one.do(one.asks(wish));
      const events = withLevels(one.journal.rows.map(({ event }) => event));
      told += events.filter(isTold).length;
      assert.deepEqual(auditOf(events), undefined);
    }),
    { seed, numRuns: runs(40) },
  );
  assert.ok(told > 0);
});

test("an audit finds what is told falsely of how much is left (V28)", () => {
  const another = (told: Told): Event => ({
    ...told,
    kind: told.kind === "balance.depleted" ? "balance.recovered" : "balance.depleted",
  });
  assert.match(rule(changed(first, another)), /V28 what is told of the balance follows/);
  assert.match(
    rule(changed(first, (told) => ({ ...told, left: credits(told.left + 1n) }))),
    /V28 what balance\.\w+ says is left/,
  );
  assert.match(
    rule(changed(first, (told) => ({ ...told, lowBalance: credits(7n) }))),
    /V28 what balance\.\w+ says is low/,
  );
  const copy = life[second];
  assert.ok(copy !== undefined);
  assert.match(rule(life.toSpliced(second, 0, copy)), /V28 what is told of the balance follows/);
});

test("an audit finds that what began was not told (V29)", () => {
  assert.match(rule(life.toSpliced(second, 1)), /V29 a level of the balance that begins is told/);
  assert.match(rule(life.slice(0, second)), /V29 a level of the balance that begins is told/);
});
