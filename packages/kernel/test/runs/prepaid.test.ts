/** Prepaid runs keep their word in any life, pay for all that their calls settle, and leave no trace of what nobody used. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Command, Event } from "@cistern/kernel";
import * as fc from "fast-check";
import { Journal, dump } from "../journal.ts";
import { runs, seed } from "../oracle/life.ts";
import { createWorkspace, grant, noon, open, release, settle } from "../scenario/commands.ts";
import { closeRun, prepaid } from "../scenario/run-commands.ts";
import { PrepaidLife, sum, prepaidWishes } from "./prepaid-life.ts";

suite("prepaid runs", () => {
  for (const isShared of [false, true])
    test(`keep what they prepaid${isShared ? ", where the pool is shared" : ""}`, (t) => {
      t.diagnostic(`CISTERN_SEED=${seed}`);
      let taken = 0;
      fc.assert(
        fc.property(prepaidWishes, (all) => {
          const life = new PrepaidLife(isShared);
          const begun = dump(life.journal.state);
          const mark = life.journal.state.undo.mark();
          for (const wish of all) life.do(wish);
          taken += life.taken;
          const { journal } = life;
          assert.deepEqual(dump(journal.replayed().state), dump(journal.state), "K6");
          journal.state.undo.undoTo(mark);
          assert.deepEqual(dump(journal.state), begun, "undo takes all of it back");
        }),
        { numRuns: runs(60), seed },
      );
      assert(taken > 200, `${taken} calls were taken from purses`);
    });

  test("that are closed with nothing used leave the world as it was", () => {
    fc.assert(
      fc.property(prepaidWishes, fc.integer({ min: 1, max: 400 }), (all, size) => {
        const life = new PrepaidLife(true);
        for (const wish of all) life.do(wish);
        // The first draw lays shares out.
        life.run(open("hld_0", 1));
        life.run(release("hld_0"));
        const before = worldOf(life.journal);
        const opened = life.run(prepaid("run_x", size));
        if (opened.kind === "rejected") return;
        life.run(open("hld_x", Math.ceil(size / 2), { run: "run_x" }));
        life.run(release("hld_x"));
        life.run(closeRun("run_x"));
        assert.deepEqual(worldOf(life.journal), before);
      }),
      { numRuns: runs(40), seed },
    );
  });

  test("pay with what they prepaid for all that their calls settle", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 20 }), (sizes) => {
        const journal = new Journal();
        const events: Event[] = [];
        const ask = (command: Command): void => {
          const decision = journal.run(command, noon);
          assert.equal(decision.kind, "accepted", command.kind);
          if (decision.kind === "accepted") events.push(decision.event);
        };
        const all = sizes.reduce((total, one) => total + one, 0);
        for (const command of [createWorkspace(), grant("a", 1_000), prepaid("r", all + 1)])
          ask(command);
        ask(open("hog", 999 - all, { member: "ben" }));
        for (const [index, size] of sizes.entries()) {
          ask(open(`h${index}`, index % 2 === 0 ? size : Math.floor(size / 2), { run: "r" }));
          ask(settle(`h${index}`, size));
        }
        ask(closeRun("r"));
        journal.pass(noon);
        const charged = events.map((one): bigint =>
          one.kind === "hold.settled" ? one.charged : 0n,
        );
        assert.equal(sum(charged), BigInt(all));
        const { consumed, held, available, debt } = journal.state.pool.totals;
        assert.deepEqual(
          [consumed, held, available, debt],
          [BigInt(all), BigInt(999 - all), 1n, 0n],
        );
      }),
      { numRuns: runs(60), seed },
    );
  });
});

/** All but the run, its purse and its call, which memory keeps for a while. */
function worldOf({ state }: Journal): unknown {
  const counters = [...state.limits.counters.values()].filter((one) => one.used > 0n);
  const nodes = [...state.fairness.nodes.values()].map(({ id, used }) => ({ id, used }));
  return {
    totals: { ...state.pool.totals },
    counters,
    nodes,
    open: { ...state.holds.totals, resting: 0 },
  };
}
