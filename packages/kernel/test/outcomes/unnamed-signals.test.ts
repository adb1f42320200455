/** Signals that name no conversation: of which case they are, long after the link window. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Life, booksOf } from "../subscriptions/life.ts";
import { begun, claim, confirm, pending, resolutions, signal, standing } from "./life.ts";

const unnamed = { conversation: null } as const;
/** Claimed on the second, billed on the third of February. */
function billed(): Life {
  const life = begun();
  life.run(claim("out_1"), "2026-02-02T00:00Z");
  life.pass("2026-02-04T00:00Z");
  assert.equal(standing(life, "out_1"), "billed");
  return life;
}

suite("a signal that names no conversation", () => {
  test("takes the outcome of its topic back within the reopen window, by an entry in the current period", () => {
    const life = billed();
    const contact = life.run(signal("contact", unnamed), "2026-02-16T23:59:59.999Z");
    assert.equal(standing(life, "out_1"), "reversed contacted_again");
    assert.deepEqual(booksOf([contact]), { Unbilled: -99n, Outcomes: 99n });
    life.check();
  });

  test("leaves it where it is after the reopen window, and where the topic or the end customer is another", () => {
    const life = billed();
    life.run(signal("contact", { ...unnamed, topic: "address" }), "2026-02-10T00:00Z");
    life.run(signal("contact", { ...unnamed, customer: "max" }), "2026-02-10T00:00Z");
    life.run(signal("contact", unnamed), "2026-02-17T00:00Z");
    assert.equal(standing(life, "out_1"), "billed");
    life.check();
  });

  test("takes back what was confirmed too, and a hand-over or negative feedback says why", () => {
    for (const [what, why] of [
      ["handover", "human_took_over"],
      ["negative_feedback", "negative_feedback"],
    ] as const) {
      const life = begun();
      life.run(claim("out_1"), "2026-02-02T00:00Z");
      life.run(confirm("out_1"), "2026-02-02T00:10Z");
      life.run(signal(what, unnamed), "2026-02-12T00:00Z");
      assert.equal(standing(life, "out_1"), `reversed ${why}`);
      life.check();
    }
  });

  test("with a conversation of its own it is of another case", () => {
    const life = billed();
    life.run(signal("contact", { conversation: "c9" }), "2026-02-10T00:00Z");
    assert.equal(standing(life, "out_1"), "billed");
  });

  test("brings what follows it along: the case is billed again once, whoever confirms", () => {
    const life = billed();
    life.run(signal("contact", unnamed), "2026-02-10T00:00Z");
    life.run(claim("out_2", { conversation: "c2" }), "2026-02-10T01:00Z");
    life.pass("2026-02-12T00:00Z");
    assert.equal(standing(life, "out_2"), "billed");
    life.run(confirm("out_1"), "2026-02-12T00:00Z");
    assert.equal(standing(life, "out_1"), "reversed contacted_again");
    assert.deepEqual(pending(life), [
      ["outcome", "resolution", 2n, 198n],
      ["outcome_reversed", "resolution", -1n, -99n],
    ]);
    life.check();
  });

  test("of two cases in hand is of the one that was claimed last", () => {
    const life = billed();
    life.run(claim("out_2", { conversation: "c2" }), "2026-02-07T00:00Z");
    life.run(signal("contact", unnamed), "2026-02-14T00:00Z");
    assert.equal(standing(life, "out_1"), "billed");
    assert.equal(standing(life, "out_2"), "reversed contacted_again");
    life.check();
  });

  test("near a conversation that is over is of that one: what it says takes nothing else back", () => {
    const life = begun();
    life.run(claim("out_1", { conversation: "c1" }), "2026-02-02T00:00Z");
    life.run(claim("out_2", { conversation: "c2" }), "2026-02-12T00:00Z");
    // The first one's reopen window is over.
    life.run(signal("contact", { conversation: "c1" }), "2026-02-20T00:00Z");
    life.run(signal("contact", unnamed), "2026-02-20T01:00Z");
    assert.equal(standing(life, "out_1"), "billed");
    assert.equal(standing(life, "out_2"), "billed");
    life.check();
  });

  test("lets a claim rest anew that has not matured, also where cases are linked for less time than that takes", () => {
    const hour = 3_600_000;
    const life = begun([resolutions({ linkMs: 12 * hour })]);
    life.run(claim("out_1", { channel: "ticket" }), "2026-02-02T00:00Z");
    life.run(signal("contact", unnamed), "2026-02-04T00:00Z");
    life.pass("2026-02-06T23:59Z");
    assert.equal(standing(life, "out_1"), "claimed");
    life.pass("2026-02-07T00:00Z");
    assert.equal(standing(life, "out_1"), "billed");
    life.check();
  });

  test("told before the claim that it is of, it comes to the same", () => {
    const life = begun();
    life.run(signal("contact", { ...unnamed, occurred: "2026-02-10T00:00Z" }), "2026-02-10T00:00Z");
    life.run(claim("out_1", { occurred: "2026-02-02T00:00Z" }), "2026-02-12T00:00Z");
    assert.equal(standing(life, "out_1"), "reversed contacted_again");
    life.check();
  });
});
