import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Event, Plan } from "@cistern/kernel";
import { debit, grant } from "../scenario/commands.ts";
import { Life, atEnd, booksOf, change, fee, included, ofKind, seatsAt, start } from "./life.ts";

/** The plans of FINANCE, E11: 100.00 with 5,000 credits, and 250.00 with 15,000. */
const planA: Partial<Plan> = {
  name: "A",
  version: "A@1",
  base: fee(10_000n, 6_000n),
  included: included(5_000n, 4_000n),
};
const planB: Partial<Plan> = {
  name: "B",
  version: "B@1",
  base: fee(25_000n, 15_000n),
  included: included(15_000n, 15_000n),
};

/** On plan A since 1 April, with 3,000 of its 5,000 credits used. */
function onPlanA(terms: Partial<Plan> = {}): Life {
  const life = new Life("2026-04-01T00:00Z");
  life.run(start({ ...planA, ...terms }));
  life.run(debit("dbt_1", 3_000), "2026-04-05T00:00Z");
  return life;
}

const amounts = (event: Event): readonly bigint[] =>
  "lines" in event ? event.lines.map(({ amount }) => amount) : [];

suite("an upgrade", () => {
  test("E11 credits what was paid for 20 of 30 days and charges the new plan for them", () => {
    const life = onPlanA();
    const changed = life.run(change({ plan: planB }), "2026-04-11T00:00Z");
    assert.deepEqual(amounts(changed), [-6_667n, 16_667n]);
    assert(changed.kind === "subscription.changed");
    assert.deepEqual(
      changed.lots.map(({ granted }) => granted),
      [6_667n],
    );
    life.check();
  });

  test("E11.s as a contract of its own, its price goes to what it adds", () => {
    const life = onPlanA();
    const changed = life.run(change({ plan: planB }), "2026-04-11T00:00Z");
    assert.deepEqual(booksOf([changed]), {
      Receivable: 10_000n,
      "Deferred:Access": -4_737n,
      "Deferred:grt_10001c1": -5_263n,
    });
    assert.deepEqual(life.lots, { grt_10001: 2_000n, grt_10001c1: 6_667n });
    assert.equal(life.books()["Deferred:grt_10001"], -1_600n, "the old lot keeps its money");
    life.check();
  });

  test("E11.p prospectively, what is left of the old plan is shared anew with it", () => {
    const life = onPlanA();
    const changed = life.run(
      change({ plan: { ...planB, modification: "prospective" } }),
      "2026-04-11T00:00Z",
    );
    assert.deepEqual(booksOf([changed]), {
      Receivable: 10_000n,
      "Deferred:grt_10001": 1_600n,
      "Deferred:Access": -4_357n,
      "Deferred:grt_10001c1": -7_243n,
    });
    assert.deepEqual(life.lots, { grt_10001c1: 8_667n });
    life.check();
  });

  test("P8 one second before the end of a period costs nothing and gives nothing", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start({ ...planA, included: included(5_000n, null) }));
    const changed = life.run(
      change({ plan: { ...planB, included: included(15_000n, null) } }),
      "2026-04-30T23:59:59Z",
    );
    assert.deepEqual(amounts(changed), [0n, 0n]);
    assert(changed.kind === "subscription.changed");
    assert.deepEqual(changed.lots, []);
  });

  test("the renewal after it is of the new plan in full, from the same anchor", () => {
    const life = onPlanA();
    life.run(change({ plan: planB }), "2026-04-11T00:00Z");
    const [renewed] = ofKind(life.pass("2026-05-01T00:00Z"), "subscription.renewed");
    assert(renewed !== undefined);
    assert.deepEqual(amounts(renewed), [25_000n]);
    assert.deepEqual(life.lots, { grt_10002: 15_000n });
    // Access of April: 6,000 in all of A, of which the upgrade added 4,737.
    assert.equal(life.books()["Subscription"], -(6_000n + 4_737n));
    life.check();
  });
});

suite("proration", () => {
  const half = "2026-04-16T00:00Z";
  test("P1 from 10.00 to 20.00 at exactly half: -5.00 and +10.00", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start({ base: fee(1_000n) }));
    const changed = life.run(change({ plan: { version: "2", base: fee(2_000n) } }), half);
    assert.deepEqual(amounts(changed), [-500n, 1_000n]);
    assert.deepEqual(booksOf([changed]), { Receivable: 500n, "Deferred:Access": -500n });
  });

  test("P2 100.00 for 14 of 31 days is 45.16, 200.00 for 17 of 31 is 109.68", () => {
    for (const [amount, when, expected] of [
      [10_000n, "2026-03-18T00:00Z", 4_516n],
      [20_000n, "2026-03-15T00:00Z", 10_968n],
    ] as const) {
      const life = new Life("2026-03-01T00:00Z");
      life.run(start({ base: fee(0n) }));
      const changed = life.run(change({ plan: { version: "2", base: fee(amount) } }), when);
      assert.deepEqual(amounts(changed), [expected]);
    }
  });

  test("P3 31.00 from 15 January to 1 February is 17.00; 28.00 from 15 February is 14.00", () => {
    for (const [from, amount, when, expected] of [
      ["2026-01-01T00:00Z", 3_100n, "2026-01-15T00:00Z", 1_700n],
      ["2026-02-01T00:00Z", 2_800n, "2026-02-15T00:00Z", 1_400n],
    ] as const) {
      const life = new Life(from);
      life.run(start({}));
      const changed = life.run(change({ plan: { version: "2", base: fee(amount) } }), when);
      assert.deepEqual(amounts(changed), [expected]);
    }
  });

  test("P5 a March in New York is an hour short: by second 160.22, by day 160.00", () => {
    for (const [proration, expected] of [
      ["second", 16_022n],
      ["day", 16_000n],
      ["none", 0n],
    ] as const) {
      const life = new Life("2026-03-01T00:00-05:00", "America/New_York");
      life.run(start({ proration }));
      const changed = life.run(
        change({ plan: { version: "2", proration, base: fee(31_000n) } }),
        "2026-03-16T00:00-04:00",
      );
      assert.deepEqual(amounts(changed), [expected]);
    }
  });

  test("after one upgrade the next is a part of the whole period too, not of what was left", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start({ base: fee(1_000n) }));
    life.run(change({ plan: { version: "2", base: fee(2_000n) } }), half);
    const changed = life.run(
      change({ plan: { version: "3", base: fee(4_000n) } }),
      "2026-04-23T12:00Z",
    );
    assert.deepEqual(amounts(changed), [-500n, 1_000n]);
  });
});

suite("seats", () => {
  const terms = {
    seats: seatsAt(2_000n),
    included: included(500n, null, { per: "seat" as const }),
  };
  test("E19 three more on 18 April cost one line of 26.00 and bring 650 credits", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start(terms, 2));
    const changed = life.run(change({ seats: 5 }), "2026-04-18T00:00Z");
    assert.deepEqual(amounts(changed), [2_600n]);
    assert.deepEqual(life.lots, { grt_10001: 1_000n, grt_10001c1: 650n });
    life.check();
  });

  test("E19 one alone costs 8.67", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start(terms, 2));
    assert.deepEqual(amounts(life.run(change({ seats: 3 }), "2026-04-18T00:00Z")), [867n]);
  });

  test("prorated credits are whole steps", () => {
    const life = new Life("2026-04-01T00:00Z");
    const grantStep = included(100n, null)?.credits;
    assert(grantStep !== undefined);
    life.run(start({ ...terms, grantStep }, 2));
    life.run(change({ seats: 5 }), "2026-04-18T00:00Z");
    assert.deepEqual(life.lots, { grt_10001: 1_000n, grt_10001c1: 700n });
  });

  test("fewer wait for the end of the period, and the renewal is of so many", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start(terms, 5));
    assert.equal(life.run(change({ seats: 3 }), "2026-04-10T00:00Z").kind, "subscription.updated");
    assert.equal(life.subscription.seats, 5);
    const [renewed] = ofKind(life.pass("2026-05-01T00:00Z"), "subscription.renewed");
    assert(renewed !== undefined);
    assert.deepEqual(amounts(renewed), [6_000n]);
    assert.deepEqual(life.lots, { grt_10002: 1_500n });
    life.check();
  });
});

suite("what waits for the end of the period", () => {
  test("a downgrade is made by the renewal, not before", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start(planB));
    assert.equal(
      life.run(change({ plan: planA }), "2026-04-10T00:00Z").kind,
      "subscription.updated",
    );
    assert.equal(life.subscription.plan.name, "B");
    const [renewed] = ofKind(life.pass("2026-05-01T00:00Z"), "subscription.renewed");
    assert(renewed !== undefined);
    assert.deepEqual(amounts(renewed), [10_000n]);
    assert.deepEqual(life.lots, { grt_10002: 5_000n });
    assert.equal(life.subscription.next, null);
  });

  test("a planned downgrade survives seats that are added before it", () => {
    const life = new Life("2026-04-01T00:00Z");
    const large = { version: "large@1", seats: seatsAt(2_000n) };
    const small = { version: "small@1", seats: seatsAt(1_000n) };
    life.run(start(large, 4));
    life.run(change({ plan: small }), "2026-04-10T00:00Z");
    life.run(change({ seats: 6 }), "2026-04-12T00:00Z");
    assert.equal(life.subscription.seats, 6);
    const [renewed] = ofKind(life.pass("2026-05-01T00:00Z"), "subscription.renewed");
    assert(renewed !== undefined);
    assert.deepEqual(amounts(renewed), [6_000n]);
  });

  test("asking for the terms as they are takes a planned change back, and charges nothing", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start(planB));
    life.run(change({ plan: planA }), "2026-04-10T00:00Z");
    const again = life.run(change({ plan: planB }), "2026-04-11T00:00Z");
    assert.equal(again.kind, "subscription.updated");
    const [renewed] = ofKind(life.pass("2026-05-01T00:00Z"), "subscription.renewed");
    assert(renewed !== undefined);
    assert.deepEqual(amounts(renewed), [25_000n]);
  });

  test("a plan by the year waits for the end of the month, and its periods count from there", () => {
    const life = new Life("2026-01-31T00:00Z");
    life.run(start({ base: fee(1_000n) }));
    const yearly = {
      version: "y@1",
      cadence: { unit: "year", count: 1 },
      base: fee(9_000n),
    } as const;
    assert.equal(
      life.refused(change({ plan: yearly, when: "now" }), "2026-02-01T00:00Z").code,
      "invalid_request",
    );
    life.run(change({ plan: yearly }), "2026-02-01T00:00Z");
    life.pass("2026-02-28T00:00Z");
    assert.equal(life.subscription.period.end, Date.UTC(2027, 1, 28));
  });
});

suite("the end", () => {
  test("a subscription that is cancelled runs to the end of its period, and then is over", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start(planA));
    life.run(grant("grt_bought", 70), "2026-04-02T00:00Z");
    life.run(atEnd("end"), "2026-04-10T00:00Z");
    assert.equal(life.subscription.status, "active");
    assert.deepEqual(life.passed("2026-06-01T00:00Z"), [
      "2026-05-01T00:00 subscription.recognised",
      "2026-05-01T00:00 credits.expired",
      "2026-05-01T00:00 subscription.ended",
    ]);
    assert.deepEqual(life.lots, { grt_bought: 70n }, "what was bought stays");
    assert.equal(life.refused(atEnd("renew"), "2026-06-02T00:00Z").code, "no_subscription");
    life.run(start(planB, 0, "sub_2"), "2026-06-03T00:00Z");
    life.check();
  });

  test("a pause lasts until it is resumed; the period then counts from that instant", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start(planA));
    life.run(atEnd("pause"), "2026-04-10T00:00Z");
    life.pass("2026-06-01T00:00Z");
    assert.equal(life.subscription.status, "paused");
    assert.deepEqual(life.lots, {});
    const resumed = life.run(atEnd("renew"), "2026-06-10T12:00Z");
    assert.deepEqual(amounts(resumed), [10_000n]);
    assert.equal(life.subscription.period.end, Date.UTC(2026, 6, 10, 12));
    life.check();
  });

  test("a cancellation at once gives the rest of the period back, and leaves the credits of the time that passed", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start(planB));
    const cancelled = life.run({ kind: "cancelSubscription" }, "2026-04-16T00:00Z");
    assert.deepEqual(amounts(cancelled), [-12_500n]);
    assert.deepEqual(life.lots, { grt_10001: 7_500n });
    assert.equal(life.subscription.status, "ended");
    life.pass("2026-06-01T00:00Z");
    // Half of 250.00 was given back; the other half is revenue of April: access, and credits that nobody used.
    assert.deepEqual(life.books(), {
      Receivable: 25_000n,
      CustomerBalance: -12_500n,
      Subscription: -6_250n,
      Breakage: -6_250n,
    });
    life.check();
  });

  test("a cancellation is taken back before the end", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start(planA));
    life.run(atEnd("end"), "2026-04-10T00:00Z");
    life.run(atEnd("renew"), "2026-04-11T00:00Z");
    assert.equal(ofKind(life.pass("2026-05-01T00:00Z"), "subscription.renewed").length, 1);
  });

  test("a plan in another currency is refused, and seats without a subscription", () => {
    const life = new Life("2026-04-01T00:00Z");
    const none = life.refused(change({ seats: 3 }), "2026-04-01T00:00Z");
    assert.equal(none.code, "no_subscription");
    life.run(start(planA));
    const foreign = change({ plan: { ...planB, currency: "EUR" } });
    assert.equal(life.refused(foreign, "2026-04-02T00:00Z").code, "currency_mismatch");
  });

  test("a plan of the same name stays the one that was pinned, unless it is pinned anew", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start(planA));
    const dearer = { ...planA, version: "A@2", base: fee(90_000n) };
    const same = { ...change({ plan: dearer }), isPinnedAnew: false };
    assert.equal(life.run(same, "2026-04-02T00:00Z").kind, "subscription.updated");
    assert.equal(life.subscription.plan.version, "A@1");
    life.run(change({ plan: dearer }), "2026-04-03T00:00Z");
    assert.equal(life.subscription.plan.version, "A@2");
  });
});

suite("an immediate downgrade", () => {
  /** B of FINANCE, E12: 250.00 with 15,000 credits, split 125.00 to each; and A, of 60.00 of access and 1c a credit. */
  const b: Partial<Plan> = {
    name: "B",
    version: "B@1",
    base: fee(25_000n, 15_000n),
    included: included(15_000n, 15_000n),
  };
  const a: Partial<Plan> = {
    name: "A",
    version: "A@1",
    base: fee(10_000n, 6_000n),
    included: included(5_000n, 5_000n),
  };
  const half = "2026-06-16T00:00Z";
  const onPlanB = (used: number): Life => {
    const life = new Life("2026-06-01T00:00Z");
    life.run(start(b));
    life.run(debit("dbt_1", used), "2026-06-10T00:00Z");
    return life;
  };

  test("E12 gives 75.00 to the customer's balance and claws 5,000 credits back", () => {
    const life = onPlanB(9_000);
    const changed = life.run(change({ plan: a, when: "now" }), half);
    assert.deepEqual(amounts(changed), [-12_500n, 5_000n]);
    assert.deepEqual(life.lots, { grt_10001: 1_000n });
    assert.equal(life.journal.state.invoices.accounts.get("account")?.balance, 7_500n);
    life.check();
  });

  test("E12.j what is left, 37.50, is shared 3,000 to 1,000", () => {
    const life = onPlanB(9_000);
    const changed = life.run(change({ plan: a, when: "now" }), half);
    assert.deepEqual(booksOf([changed]), {
      "Deferred:grt_10001": 4_063n,
      "Deferred:Access": 3_437n,
      CustomerBalance: -7_500n,
    });
    // 15 of 30 days of B's access were earned, and what A's is left with by the end of the month.
    life.pass("2026-07-01T00:00Z");
    assert.equal(life.books()["Subscription"], -(6_250n + 2_813n));
    life.check();
  });

  test("E12.c of 13,000 used credits 3,000 are missing: they pay 25.00 of what is given back", () => {
    const life = onPlanB(13_000);
    const changed = life.run(change({ plan: a, when: "now" }), half);
    assert.deepEqual(amounts(changed), [-12_500n, 5_000n, 2_500n]);
    assert.deepEqual(life.lots, {});
    assert.deepEqual(booksOf([changed]), {
      "Deferred:grt_10001": 1_667n,
      "Deferred:Access": 3_333n,
      CustomerBalance: -5_000n,
    });
    assert.equal(life.journal.state.invoices.accounts.get("account")?.balance, 5_000n);
    life.check();
  });

  test("never takes what was bought, nor gives back less than nothing", () => {
    const life = onPlanB(15_000);
    life.run(grant("grt_bought", 9_000, { cost: 9_000 }), "2026-06-11T00:00Z");
    const dear = { ...a, version: "A@2", base: fee(24_000n, 6_000n) };
    const changed = life.run(change({ plan: dear, when: "now" }), half);
    assert.deepEqual(amounts(changed), [-12_500n, 12_000n, 500n]);
    assert.deepEqual(life.lots, { grt_bought: 9_000n });
    assert.deepEqual(booksOf([changed]), {});
    life.check();
  });

  test("seats removed at once go by the same rule", () => {
    const life = new Life("2026-04-01T00:00Z");
    const terms = {
      seats: seatsAt(2_000n),
      included: included(500n, null, { per: "seat" as const }),
    };
    life.run(start(terms, 5));
    const changed = life.run(change({ seats: 2, when: "now" }), "2026-04-16T00:00Z");
    assert.deepEqual(amounts(changed), [-3_000n]);
    assert.deepEqual(life.lots, { grt_10001: 1_750n });
    assert.deepEqual(booksOf([changed]), { "Deferred:Access": 3_000n, CustomerBalance: -3_000n });
    life.check();
  });
});
