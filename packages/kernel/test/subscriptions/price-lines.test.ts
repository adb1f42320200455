/** RULES 17: equal price lines of one period count on, on whichever version of a plan the usage was. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Plan, type UnitPrice, money, priceAt } from "@cistern/kernel";
import * as fc from "fast-check";
import { at } from "../calendar.ts";
import { begun, pending, thing, things } from "../outcomes/life.ts";
import { debit, open, settle } from "../scenario/commands.ts";
import { Life, change, fee, ofKind, start } from "./life.ts";

/** The first 100 are free. */
const stepped: UnitPrice = {
  kind: "graduated",
  per: 1n,
  tiers: [
    { upTo: 100n, price: 0n },
    { upTo: null, price: 10n },
  ],
};
const dearer: UnitPrice = { kind: "per_unit", per: 1n, price: 12n };

const priced = (
  version: string,
  price: UnitPrice = stepped,
  spendCap: bigint | null = null,
): Partial<Plan> => ({
  version,
  base: fee(0n),
  overage: {
    kind: "bill",
    lines: [{ kind: "usage", meter: null, price }],
    spendCap: spendCap === null ? null : money(spendCap),
  },
});

function on(terms: Partial<Plan>): Life {
  const life = new Life("2026-04-01T00:00Z");
  life.run({ kind: "updateWorkspace", changes: { overage: { kind: "plan" } } });
  life.run(start(terms));
  return life;
}

const unbilled = (life: Life): bigint => life.books()["Unbilled"] ?? 0n;

suite("an equal price of another version", () => {
  test("counts on from what the period has had: five versions have one free step", () => {
    const life = on(priced("t@1"));
    life.run(debit("d1", 100), "2026-04-02T00:00Z");
    for (let version = 2; version <= 5; version += 1) {
      life.run(
        change({ plan: priced(`t@${version}`), when: "now" }),
        `2026-04-0${version + 1}T00:00Z`,
      );
      life.run(debit(`d${version}`, 100), `2026-04-0${version + 1}T01:00Z`);
    }
    assert.equal(unbilled(life), 4_000n);
    const [renewed] = ofKind(life.pass("2026-05-01T00:00Z"), "subscription.renewed");
    assert.deepEqual(
      renewed?.invoice?.lines.map(({ kind, from, to, quantity, amount }) => [
        kind,
        from,
        to,
        quantity,
        amount,
      ]),
      [["usage", at("2026-04-01T00:00Z"), at("2026-05-01T00:00Z"), 500n, 4_000n]],
    );
    life.run(debit("d6", 100), "2026-05-02T00:00Z");
    assert.equal(unbilled(life), 4_000n, "the next period has a free step of its own");
    life.check();
  });

  test("counts a call where it was opened, and what was billed before another price came between", () => {
    const life = on(priced("t@1"));
    life.run(open("hld_1", 90, { ttlMs: 86_400_000 }), "2026-04-02T00:00Z");
    life.run(change({ plan: priced("t@2", dearer), when: "now" }), "2026-04-02T01:00Z");
    life.run(debit("d1", 5), "2026-04-02T02:00Z");
    assert.equal(unbilled(life), 60n);
    life.run(change({ plan: priced("t@3"), when: "now" }), "2026-04-02T03:00Z");
    life.run(debit("d2", 30), "2026-04-02T04:00Z");
    life.run(settle("hld_1", 90), "2026-04-02T05:00Z");
    assert.equal(unbilled(life), 60n + 200n);
    life.check();
  });

  test("is what a spend cap counts by", () => {
    const life = on(priced("t@1", stepped, 100n));
    life.run(debit("d1", 100), "2026-04-02T00:00Z");
    life.run(change({ plan: priced("t@2", stepped, 100n), when: "now" }), "2026-04-03T00:00Z");
    life.run(open("hld_1", 10), "2026-04-03T00:00Z");
    assert.equal(life.refused(open("hld_2", 1), "2026-04-03T00:00Z").code, "spend_cap_reached");
  });

  test("counts outcomes on, too", () => {
    const life = begun([things("document", { price: stepped })]);
    life.run(thing("out_1", 100n), "2026-02-02T00:00Z");
    const outcomes = [things("document", { price: stepped })];
    life.run(change({ plan: { version: "team@2", outcomes }, when: "now" }), "2026-02-10T00:00Z");
    life.run(thing("out_2", 100n), "2026-02-11T00:00Z");
    assert.deepEqual(pending(life), [["outcome", "document", 200n, 1_000n]]);
    const other = [things("document", { price: dearer })];
    life.run(
      change({ plan: { version: "team@3", outcomes: other }, when: "now" }),
      "2026-02-12T00:00Z",
    );
    life.run(thing("out_3", 1n), "2026-02-13T00:00Z");
    assert.deepEqual(pending(life), [
      ["outcome", "document", 200n, 1_000n],
      ["outcome", "document", 1n, 12n],
    ]);
    life.check();
  });

  test("whatever versions there were, each price costs what all usage at it comes to", () => {
    const steps = fc.array(
      fc.record({ isDearer: fc.boolean(), amount: fc.integer({ min: 1, max: 80 }) }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const life = on(priced("t@0"));
        let [cheap, dear] = [0n, 0n];
        for (const [index, { isDearer, amount }] of all.entries()) {
          const version = `t@${index + 1}`;
          life.run(
            change({ plan: priced(version, isDearer ? dearer : stepped), when: "now" }),
            "2026-04-05T00:00Z",
          );
          life.run(debit(`d${index}`, amount), "2026-04-05T00:00Z");
          if (isDearer) dear += BigInt(amount);
          else cheap += BigInt(amount);
        }
        assert.equal(unbilled(life), priceAt(stepped, cheap) + priceAt(dearer, dear));
        life.check();
      }),
      { numRuns: 100 },
    );
  });
});
