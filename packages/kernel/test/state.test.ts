/** A state's tables are all that it is (S2): what snapshots write, and what hashes cover. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type AnyTable, type State, emptyState, instant, nextDue } from "@cistern/kernel";
import { at, calendar } from "./calendar.ts";
import { dump } from "./journal.ts";
import { begun, thing, things } from "./outcomes/life.ts";
import { booksOf } from "./subscriptions/life.ts";

const isTable = (value: object): value is AnyTable => "watch" in value && "restore" in value;

/** Tables, however deep they lie. */
function tablesWithin(value: unknown, met = new Set<object>()): readonly AnyTable[] {
  if (typeof value !== "object" || value === null || met.has(value)) return [];
  met.add(value);
  if (isTable(value)) return [value];
  return Object.values(value).flatMap((one) => tablesWithin(one, met));
}

/** A state that is put together as a snapshot puts it together. */
function copied({ tables }: State): State {
  const state = emptyState();
  for (const table of state.tables) {
    const from = tables.find(({ name }) => name === table.name);
    for (const [key, row] of from?.entries() ?? []) table.restore(key, row);
  }
  return state;
}

suite("the tables of a state", () => {
  test("are all that lie in it, each under a name of its own", () => {
    const { tables, ...parts } = emptyState();
    const names = (some: readonly AnyTable[]) => some.map(({ name }) => name).toSorted();
    assert.deepEqual(names(tablesWithin(parts)), names(tables));
    assert.equal(new Set(names(tables)).size, tables.length);
  });

  test("are enough to go on by: outcomes that count toward a minimum are not forgotten", () => {
    const plan = { minimum: { minimums: [10_000n], trueUp: "period" } } as const;
    const life = begun([things("document")], plan);
    life.run(thing("a", 600n), "2026-02-20T00:00Z");
    const { state } = life.journal;
    const copy = copied(state);
    assert.deepEqual(dump(copy), dump(state));
    const ends = instant(at("2026-03-01T00:00Z"));
    const event = nextDue(copy, ends, calendar);
    assert.deepEqual(event, nextDue(state, ends, calendar));
    // 60.00 of 100.00 are reached.
    assert(event?.kind === "commitment.trued_up");
    assert.deepEqual(booksOf([event]), { Unbilled: 4_000n, Shortfall: -4_000n });
  });
});
