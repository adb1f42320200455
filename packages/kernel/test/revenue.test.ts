import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type BreakageTerms,
  allocate,
  breakageStep,
  clawback,
  earned,
  instant,
  modify,
  proportional,
  recognisedAfter,
  recognisedAtInstant,
  usageOf,
} from "@cistern/kernel";
import * as fc from "fast-check";
import { seed } from "./oracle/life.ts";

const amountsOf = (shares: readonly { amount: bigint }[]): bigint[] =>
  shares.map(({ amount }) => amount);
const changesOf = (shares: readonly { change: bigint }[]): bigint[] =>
  shares.map(({ change }) => change);

suite("allocation of a price", () => {
  const sold = (...ssps: bigint[]) => ssps.map((ssp, index) => ({ key: `${index}`, ssp }));

  for (const { name, price, ssps, shares } of [
    {
      name: "E8 10,000 paid credits and 2,000 of bonus",
      price: 10_000n,
      ssps: [10_000n, 2_000n],
      shares: [8_333n, 1_667n],
    },
    {
      name: "E9 access and credits of a team plan",
      price: 20_000n,
      ssps: [15_000n, 10_000n],
      shares: [12_000n, 8_000n],
    },
    {
      name: "E9.t a tie goes to the first",
      price: 10_000n,
      ssps: [1n, 1n, 1n],
      shares: [3_334n, 3_333n, 3_333n],
    },
    {
      name: "a price of nothing, of things that have no price alone",
      price: 0n,
      ssps: [0n, 0n],
      shares: [0n, 0n],
    },
  ])
    test(name, () => assert.deepEqual(amountsOf(allocate(price, sold(...ssps))), shares));

  test("E11.s an upgrade that stands alone shares its price over what it adds", () => {
    const parts = [
      { key: "access", deferred: 4_000n, ssp: 10_000n, addedSsp: 6_000n },
      { key: "credits", deferred: 1_600n, ssp: 8_667n, addedSsp: 6_667n },
    ];
    assert.deepEqual(changesOf(modify("separate", 10_000n, parts)), [4_737n, 5_263n]);
  });

  test("E11.p a prospective one shares all that is left anew", () => {
    const parts = [
      { key: "access", deferred: 4_000n, ssp: 10_000n, addedSsp: 6_000n },
      { key: "credits", deferred: 1_600n, ssp: 8_667n, addedSsp: 6_667n },
    ];
    const shares = modify("prospective", 10_000n, parts);
    assert.deepEqual(changesOf(shares), [4_357n, 5_643n]);
    assert.equal(shares[1]?.deferred, 7_243n);
  });

  test("E12, E12.j an immediate downgrade takes back 5,000 credits and 75.00", () => {
    const taken = clawback({
      price: 7_500n,
      credits: 5_000n,
      available: 6_000n,
      granted: 15_000n,
      cost: 12_500n,
    });
    assert.deepEqual(taken, { credits: 5_000n, money: 7_500n });
    const parts = [
      { key: "access", deferred: 6_250n, ssp: 3_000n, addedSsp: 0n },
      { key: "credits", deferred: 5_000n, ssp: 1_000n, addedSsp: 0n },
    ];
    for (const method of ["prospective", "separate"] as const) {
      const shares = modify(method, -taken.money, parts);
      assert.deepEqual(
        shares.map(({ deferred }) => deferred),
        [2_813n, 937n],
      );
      assert.deepEqual(changesOf(shares), [-3_437n, -4_063n]);
    }
  });

  test("E12.c credits that are gone are paid for", () => {
    const taken = clawback({
      price: 7_500n,
      credits: 5_000n,
      available: 2_000n,
      granted: 15_000n,
      cost: 12_500n,
    });
    assert.deepEqual(taken, { credits: 2_000n, money: 5_000n });
    const parts = [
      { key: "access", deferred: 6_250n, ssp: 3_000n, addedSsp: 0n },
      { key: "credits", deferred: 1_667n, ssp: 0n, addedSsp: 0n },
    ];
    assert.deepEqual(changesOf(modify("separate", -5_000n, parts)), [-3_333n, -1_667n]);
  });

  test("a clawback never pays below nothing", () => {
    const terms = { price: 100n, credits: 5_000n, available: 0n, granted: 15_000n, cost: 12_500n };
    assert.deepEqual(clawback(terms), { credits: 0n, money: 0n });
  });

  test("I4 S2 parts add up to what was deferred and the price of the change", () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 9n });
    const part = fc.record({
      key: fc.string(),
      deferred: amount,
      ssp: fc.bigInt({ min: 1n, max: 10n ** 9n }),
      addedSsp: amount,
    });
    const parts = fc.array(part, { minLength: 1, maxLength: 6 });
    const method = fc.constantFrom("separate", "prospective");
    fc.assert(
      fc.property(
        method,
        parts,
        fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }),
        (how, of, price) => {
          const before = of.reduce((sum, one) => sum + one.deferred, 0n);
          const shares = modify(how, price, of);
          assert.equal(
            shares.reduce((sum, one) => sum + one.deferred, 0n),
            before + price,
          );
          assert.equal(
            shares.reduce((sum, one) => sum + one.change, 0n),
            price,
          );
        },
      ),
      { seed },
    );
  });
});

suite("revenue over time", () => {
  test("E9.1 access of 31 days earns 6581 in January and 5419 in February", () => {
    const access = { total: 12_000n, whole: 31n };
    assert.deepEqual(
      [earned(access, { from: 0n, to: 17n }), earned(access, { from: 17n, to: 31n })],
      [6_581n, 5_419n],
    );
    assert.equal(earned({ total: 3_100n, whole: 31n }, { from: 0n, to: 17n }), 1_700n);
  });

  test("E24 a year from 29 February 2024 earns 30784 in 2024 and 5816 in 2025", () => {
    const year = { total: 36_600n, whole: 365n };
    assert.deepEqual(
      [earned(year, { from: 0n, to: 307n }), earned(year, { from: 307n, to: 365n })],
      [30_784n, 5_816n],
    );
  });

  test("by the clock, half of the time earns half, and nothing is earned outside it", () => {
    const month = { start: instant(1_000), end: instant(2_001_000) };
    const at = (ms: number) => recognisedAtInstant(101n, month, instant(ms));
    assert.deepEqual(
      [at(0), at(1_000), at(1_001_000), at(2_001_000), at(9_000_000)],
      [0n, 0n, 51n, 101n, 101n],
    );
  });

  test("I5 any partition of the time earns the same", () => {
    const marks = fc.array(fc.bigInt({ min: -5n, max: 400n }), { maxLength: 8 });
    const total = fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n });
    fc.assert(
      fc.property(total, fc.bigInt({ min: 1n, max: 366n }), marks, (amount, whole, of) => {
        const ends = [0n, ...of.toSorted((a, b) => (a < b ? -1 : 1)), 400n];
        const parts = ends
          .slice(1)
          .map((to, index) => earned({ total: amount, whole }, { from: ends[index] ?? 0n, to }));
        assert.equal(
          parts.reduce((sum, one) => sum + one, 0n),
          amount - recognisedAfter({ total: amount, whole }, 0n),
        );
      }),
      { seed },
    );
  });
});

suite("breakage in proportion", () => {
  const lot = {
    cost: 10_000n,
    granted: 10_000n,
    consumed: 0n,
    otherwiseGone: 0n,
    breakageBps: 1_000,
  };

  test("E6, E6.2, E6.3, E6.4 follow each other", () => {
    const soFar = { recognised: 0n, usage: 0n };
    const step = (terms: BreakageTerms) => {
      const one = breakageStep(terms, soFar);
      soFar.recognised += one.deferred;
      soFar.usage += one.usage;
      return [one.deferred, one.usage, one.breakage];
    };
    assert.deepEqual(step({ ...lot, consumed: 2_250n }), [2_500n, 2_250n, 250n], "E6");
    const revised = { ...lot, breakageBps: 500 };
    assert.deepEqual(step({ ...revised, consumed: 2_250n }), [-132n, 0n, -132n], "E6.2");
    assert.deepEqual(step({ ...revised, consumed: 7_000n }), [5_000n, 4_750n, 250n], "E6.3");
    const ended = { ...revised, consumed: 7_000n, otherwiseGone: 3_000n };
    assert.deepEqual(step(ended), [2_632n, 0n, 2_632n], "E6.4");
    assert.deepEqual(soFar, { recognised: 10_000n, usage: 7_000n });
  });

  test("usage beyond what was expected takes breakage back, never more than the cost", () => {
    const over = { ...lot, consumed: 9_500n };
    assert.equal(proportional(over), 10_000n);
    assert.deepEqual(breakageStep(over, { recognised: 10_000n, usage: 9_000n }), {
      deferred: 0n,
      usage: 500n,
      breakage: -500n,
    });
  });

  test("B1 B3 it only rises with what is gone, stays within the cost, and ends with it", () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 9n });
    fc.assert(
      fc.property(
        amount,
        amount,
        amount,
        fc.nat(9_999),
        amount,
        (cost, consumed, otherwiseGone, breakageBps, left) => {
          const granted = consumed + otherwiseGone + left + 1n;
          const terms = { cost, granted, consumed, otherwiseGone, breakageBps };
          const now = proportional(terms);
          assert(now >= usageOf(terms) && now <= cost);
          assert(proportional({ ...terms, consumed: consumed + 1n }) >= now);
          assert(proportional({ ...terms, otherwiseGone: otherwiseGone + 1n }) >= now);
          assert.equal(proportional({ ...terms, otherwiseGone: granted - consumed }), cost);
        },
      ),
      { seed },
    );
  });
});
