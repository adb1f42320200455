import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { dump } from "../journal.ts";
import { Life, liveBesideOracle, runs, seed } from "./life.ts";
import { lives } from "./moves.ts";

suite("whatever happens in a workspace", () => {
  test("every answer and every balance is what a naive reading of the rules says (K1 to K4, K8, K10 to K14)", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    fc.assert(
      fc.property(lives(60), (wishes) => {
        liveBesideOracle(wishes);
      }),
      { seed, numRuns: runs(600) },
    );
  });

  test("replaying the journal gives the identical state, and a recalled hold is the one in memory (K6)", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    fc.assert(
      fc.property(lives(80), (wishes) => {
        const { journal } = lived(wishes);
        const again = journal.replayed();
        assert.deepEqual(dump(again.state), dump(journal.state));
        for (const [id, hold] of journal.state.holds.holds.entries())
          assert.deepEqual(journal.recall(id), hold);
      }),
      { seed, numRuns: runs(200) },
    );
  });

  test("a batch that lost its race is undone without a trace, and what follows is decided as if it had never been", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    fc.assert(
      fc.property(lives(40), lives(30), lives(30), (before, lost, next) => {
        const life = lived(before);
        const { journal } = life;
        const [mark, rows, at] = [journal.state.undo.mark(), journal.rows.length, life.at];
        const untouched = dump(journal.state);
        const [lots, holds] = [life.lots.length, life.holds.length];
        for (const wish of lost) life.do(life.asks(wish));
        journal.undoTo(mark, rows);
        assert.deepEqual(dump(journal.state), untouched);
        life.at = at;
        life.lots.length = lots;
        life.holds.length = holds;
        const fresh = new Life(journal.replayed(), life);
        for (const wish of next) {
          const command = life.asks(wish);
          assert.deepEqual(fresh.asks(wish), command);
          assert.deepEqual(life.do(command), fresh.do(command));
        }
        assert.deepEqual(dump(journal.state), dump(fresh.journal.state));
      }),
      { seed, numRuns: runs(150) },
    );
  });

  test("asking what is due often or seldom gives the same pool", (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    fc.assert(
      fc.property(lives(40), fc.integer({ min: 1, max: 90_000 }), (wishes, everyMs) => {
        const [seldom, often] = [new Life(), new Life()];
        for (const wish of wishes) {
          const end = often.at + wish.afterMs;
          for (let at = often.at, asked = 0; at < end && asked < 50; at += everyMs, asked += 1)
            often.journal.pass(at);
          assert.deepEqual(often.do(often.asks(wish)), seldom.do(seldom.asks(wish)));
        }
        assert.deepEqual(often.journal.rows, seldom.journal.rows);
      }),
      { seed, numRuns: runs(100) },
    );
  });
});

function lived(wishes: Parameters<typeof liveBesideOracle>[0]): Life {
  const life = new Life();
  for (const wish of wishes) life.do(life.asks(wish));
  return life;
}
