/** What is told of outcomes that are taken back; that none is left out of any life is in `order.test.ts`. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Event } from "@cistern/kernel";
import { type Life, booksOf, ofKind } from "../subscriptions/life.ts";
import { begun, claim, confirm, dispute, reopen, signal, thing } from "./life.ts";

const eventsOf = (life: Life): readonly Event[] => life.journal.rows.map(({ event }) => event);

const told = (life: Life): readonly unknown[] =>
  ofKind(eventsOf(life), "outcome.reversed").map(({ reversed, about, move }) => [
    reversed.id,
    reversed.status,
    reversed.reason,
    about?.customer,
    move.amount,
    move.of?.line,
  ]);

suite("an outcome that is taken back", () => {
  test("after contact is told right after it, with what is given back, and books nothing itself", () => {
    const life = begun();
    life.run(claim("out_1"), "2026-02-02T00:00Z");
    life.run(signal("contact"), "2026-02-05T00:00Z");
    assert.deepEqual(told(life), [
      ["out_1", "reversed", "contacted_again", "zoe", -99n, "lin_00000001"],
    ]);
    const [fact, notice] = eventsOf(life).slice(-2);
    assert.deepEqual([fact?.kind, notice?.kind], ["outcome.signalled", "outcome.reversed"]);
    assert.ok(notice !== undefined);
    assert.deepEqual(booksOf([notice]), {});
    life.run(confirm("out_1"), "2026-02-05T00:10Z");
    life.run(reopen("out_1"), "2026-02-06T00:00Z");
    assert.equal(told(life).length, 2, "billed again, it can be taken back again");
    life.check();
  });

  test("is none where nothing was billed yet", () => {
    const life = begun();
    life.run(claim("out_1"), "2026-02-02T00:00Z");
    life.run(reopen("out_1"), "2026-02-02T01:00Z");
    assert.deepEqual(told(life), []);
  });

  test("is one that a dispute takes off its draft, and not again when that is upheld", () => {
    const life = begun();
    life.run(thing("out_1", 2n), "2026-02-02T00:00Z");
    life.run(dispute("out_1"), "2026-02-03T00:00Z");
    life.run(dispute("out_1", "upheld"), "2026-02-04T00:00Z");
    assert.deepEqual(
      told(life).map((one) => Array.isArray(one) && one.slice(0, 2)),
      [["out_1", "disputed"]],
    );
  });
});
