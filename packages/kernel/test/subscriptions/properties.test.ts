/** What holds of the money of any life on plans, whatever is asked of it and however much time passes. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { Journal, dump } from "../journal.ts";
import { Life, runs, seed } from "../oracle/life.ts";
import { planLives } from "../oracle/plan-moves.ts";
import { Books, endOf, lived } from "./lived.ts";

const zones = ["Europe/Berlin", "America/New_York", "America/Santiago", "UTC"];
const zone = fc.constantFrom(...zones);

const property = (name: string, usual: number, check: (life: Life) => void): void => {
  test(name, (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    fc.assert(
      fc.property(planLives(50), zone, (wishes, timeZone) => {
        check(lived(wishes, timeZone));
      }),
      { seed, numRuns: runs(usual) },
    );
  });
};

suite("whatever happens on a plan", () => {
  property("the books say what the state says, after every step", 150, (life) => {
    endOf(life);
    const { journal } = life;
    assert.equal(
      new Books(journal).of("Deferred:Access"),
      0n,
      "access of subscriptions that ended is all revenue",
    );
  });

  property(
    "replaying the journal gives the identical state, and undo gives it back (K6)",
    60,
    ({ journal }) => {
      const before = dump(journal.state);
      assert.deepEqual(dump(journal.replayed().state), before);
      journal.state.undo.undoTo(0);
      assert(journal.state.tables.every((table) => table.size === 0));
    },
  );

  property("periods follow each other without a gap, and each begins once", 60, (life) => {
    endOf(life);
    const ends = new Map<string, number>();
    for (const { event } of life.journal.rows) {
      if (event.kind === "subscription.renewed") {
        const { id, period } = event.subscription;
        assert.equal(period.start, ends.get(id), "it begins where the one before ended");
        assert.equal(event.at, period.start, "and when it ended");
      }
      if ("subscription" in event && typeof event.subscription !== "string")
        ends.set(event.subscription.id, event.subscription.period.end);
    }
  });

  test("asking what is due often or seldom gives the same journal (Z1)", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    fc.assert(
      fc.property(
        planLives(30),
        fc.integer({ min: 3, max: 40 }),
        zone,
        (wishes, days, timeZone) => {
          const [seldom, often] = [
            new Life(new Journal(), undefined, timeZone),
            new Life(new Journal(), undefined, timeZone),
          ];
          for (const wish of wishes) {
            const end = often.at + wish.afterMs;
            for (let at = often.at; at < end; at += days * 7_000_003) often.pass(at);
            assert.deepEqual(often.do(often.asks(wish)), seldom.do(seldom.asks(wish)));
          }
          assert.deepEqual(
            often.journal.rows.map(({ event }) => event),
            seldom.journal.rows.map(({ event }) => event),
          );
        },
      ),
      { seed, numRuns: runs(40) },
    );
  });
});
