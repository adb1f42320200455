/** RULES 15 of included credits that carry no money of their own in the books (`ratable`): what is gone of them is worth what it is. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Plan, money } from "@cistern/kernel";
import * as fc from "fast-check";
import { runs, seed } from "../oracle/life.ts";
import { debit, hour, open, release, settle } from "../scenario/commands.ts";
import { Life, atEnd, booksOf, change, fee, included, seatsAt, start } from "./life.ts";

type Recognition = "consumption" | "ratable" | "unsaid";

/** B of FINANCE, E12: 250.00 with 15,000 credits, of which half the price is theirs; A of 100.00 with 5,000. */
const terms = (
  recognition: Recognition,
  modification: Plan["modification"] = "separate",
  isForCredits = recognition === "unsaid",
) => {
  /** Where all of the price is for credits, access has none of its own. */
  const priced = (amount: bigint, standalone: bigint) =>
    fee(amount, isForCredits && recognition === "consumption" ? 0n : standalone);
  const creditsOf = (amount: bigint, extra: Partial<NonNullable<Plan["included"]>> = {}) =>
    included(amount, recognition === "consumption" ? amount : null, {
      ...(recognition === "ratable" && !isForCredits ? { worth: money(amount) } : {}),
      ...extra,
    });
  const planB: Partial<Plan> = {
    name: "B",
    version: "B@1",
    modification,
    fairness: "off",
    base: priced(25_000n, 15_000n),
    included: creditsOf(15_000n),
  };
  const planA: Partial<Plan> = {
    name: "A",
    version: "A@1",
    modification,
    fairness: "off",
    base: priced(10_000n, 6_000n),
    included: creditsOf(5_000n),
  };
  const seated: Partial<Plan> = {
    name: "seated",
    version: "seated@1",
    modification,
    fairness: "off",
    seats: seatsAt(2_000n, { fee: priced(2_000n, 1_500n) }),
    included: creditsOf(500n, { per: "seat" }),
  };
  const yearly: Partial<Plan> = {
    ...seated,
    name: "yearly",
    version: "yearly@1",
    cadence: { unit: "year", count: 1 },
    seats: seatsAt(20_000n, { fee: priced(20_000n, 15_000n) }),
    included: creditsOf(500n, { per: "seat", every: { unit: "month", count: 1 } }),
  };
  return { planB, planA, seated, yearly, priced };
};
const ratable = terms("ratable");
const unsaid = terms("unsaid");
const middle = "2026-06-16T00:00Z";

const balanceOf = (life: Life): bigint =>
  life.journal.state.invoices.accounts.get("account")?.balance ?? 0n;

function used(plan: Partial<Plan>, amount: number, seats = 0): Life {
  const life = new Life("2026-06-01T00:00Z");
  life.run(start(plan, seats));
  if (amount > 0) life.run(debit("dbt_1", amount), "2026-06-10T00:00Z");
  return life;
}

const cancel = { kind: "cancelSubscription" } as const;

suite("an immediate downgrade of ratable credits", () => {
  test("E12.c pays for what is gone of them: 50.00 instead of 75.00, all of it out of access", () => {
    const life = used(ratable.planB, 13_000);
    const event = life.run(change({ plan: ratable.planA, when: "now" }), middle);
    assert.equal(balanceOf(life), 5_000n);
    assert.deepEqual(booksOf([event]), { "Deferred:Access": 5_000n, CustomerBalance: -5_000n });
    assert.deepEqual(life.lots, {}, "the 2,000 that were left are clawed back");
    assert(event.kind === "subscription.changed");
    const [line] = event.lines.filter(({ kind }) => kind === "used_credits");
    assert.deepEqual(
      [line?.quantity, line?.amount, line?.basis],
      [3_000n, 2_500n, { cost: 12_500n, credits: 15_000n }],
    );
    // Half of B is earned; what was not paid back is earned with the rest of the month.
    life.pass("2026-07-01T00:00Z");
    assert.equal(life.books()["Subscription"], -(12_500n + 7_500n));
    life.check();
  });

  test("E12 of what is left nothing is kept", () => {
    const life = used(ratable.planB, 9_000);
    life.run(change({ plan: ratable.planA, when: "now" }), middle);
    assert.equal(balanceOf(life), 7_500n);
    assert.deepEqual(life.lots, { grt_10001: 1_000n });
    life.check();
  });

  test("where nobody says what they are worth alone, all of the price is for them", () => {
    const life = used(unsaid.planB, 13_000);
    life.run(change({ plan: unsaid.planA, when: "now" }), middle);
    // R1(3000 * 25000 / 15000) of 75.00.
    assert.equal(balanceOf(life), 2_500n);
    life.check();
  });

  test("what calls in flight hold is credited when it returns, and is revenue when it is used", () => {
    for (const [end, credited] of [
      [release("hld_1"), 7_500n],
      [settle("hld_1", 6_000), 3_333n],
    ] as const) {
      const life = used(ratable.planB, 9_000);
      life.run(open("hld_1", 6_000, { ttlMs: hour }), "2026-06-15T23:30Z");
      life.run(change({ plan: ratable.planA, when: "now" }), middle);
      assert.equal(balanceOf(life), 3_333n);
      life.run(end, "2026-06-16T00:10Z");
      assert.equal(balanceOf(life), credited);
      life.pass("2026-07-01T00:00Z");
      assert.equal(life.books()["Deferred:grt_10001"] ?? 0n, 0n);
      life.check();
    }
  });
});

suite("seats and ends of ratable credits", () => {
  test("seats that are removed at once give back what their credits leave", () => {
    const life = used(ratable.seated, 1_900, 4);
    life.run(change({ seats: 2, when: "now" }), middle);
    // 500 of the 4 seats' credits should go, 100 are there: of 20.00, R1(400 * 2000 / 2000) is theirs.
    assert.equal(balanceOf(life), 2_000n - 400n);
    life.check();
  });

  test("a cancellation pays back no credits that are gone", () => {
    const life = used(unsaid.planB, 15_000);
    life.run(cancel, middle);
    assert.equal(balanceOf(life), 0n);
    const untouched = used(unsaid.planB, 0);
    untouched.run(cancel, middle);
    assert.equal(balanceOf(untouched), 12_500n);
    life.pass("2026-07-01T00:00Z");
    assert.equal(life.books()["Subscription"], -25_000n, "what was kept is earned");
    life.check();
    untouched.check();
  });

  test("of a year, the month's credits are worth their part of it, seats that were added too", () => {
    const [life, same] = [ratable, terms("consumption")].map(({ yearly }) => {
      const one = used(yearly, 0, 2);
      one.run(change({ seats: 3, when: "now" }), "2026-07-11T07:00Z");
      one.run(debit("dbt_1", 1_400), "2026-09-02T00:00Z");
      one.run(cancel, "2026-09-16T00:00Z");
      return one;
    });
    assert(life !== undefined && same !== undefined);
    assert.equal(balanceOf(life), balanceOf(same));
    // 258 of 365 days of 600.00, less R1(1429 * 650 / 1500): of a year's price 120:420 is for credits, a twelfth for the month's 1,500.
    assert.equal(balanceOf(life), 42_411n - 619n);
    life.check();
  });

  test("a trial's credits are worth nothing", () => {
    const life = used({ ...ratable.planB, trialDays: 7 }, 0);
    assert.deepEqual(
      [...life.journal.state.pool.lots.values()].map(({ worth }) => worth),
      [undefined],
    );
  });
});

suite("credits that a change takes over", () => {
  /** All of the price is for credits. */
  const sold = (isRatable: boolean, price: bigint, amount: bigint): Partial<Plan> => ({
    name: `of ${amount}`,
    version: `of ${amount}@1`,
    base: fee(price, isRatable ? price : 0n),
    included: included(amount, isRatable ? null : amount),
  });
  for (const isBefore of [false, true])
    for (const isAfter of [false, true])
      for (const modification of ["separate", "prospective"] as const) {
        const nameOf = (isRatable: boolean): string => (isRatable ? "ratable" : "priced");
        test(`${nameOf(isBefore)} to ${nameOf(isAfter)}, ${modification}: nothing that is gone is paid back`, () => {
          // 30.00 for 300; at half the period 60.00 or 90.00 for 600: 150 more for 15.00 or 30.00, and all 450 are used.
          for (const [price, credited, cost] of [
            [6_000n, 0n, 4_500n],
            // 45.00 for time, less R1(300 * 6000 / 450).
            [9_000n, 500n, 6_000n],
          ] as const) {
            const life = new Life("2026-06-01T00:00Z");
            life.run(start({ ...sold(isBefore, 3_000n, 300n), modification }));
            life.run(change({ plan: { ...sold(isAfter, price, 600n), modification } }), middle);
            life.run(debit("dbt_1", 450), middle);
            const event = life.run(cancel, middle);
            assert.equal(balanceOf(life), credited);
            assert(event.kind === "subscription.cancelled");
            const [line] = event.lines.filter(({ kind }) => kind === "used_credits");
            assert.deepEqual(line?.basis, { cost, credits: 450n });
            life.check();
          }
        });
      }
});

/** What happens on a plan, and what the customer has of it in the end. */
const scene = fc.record({
  kind: fc.constantFrom("downgrade", "cancel", "fewer", "upgraded", "more", "yearly"),
  used: fc.integer({ min: 0, max: 15_000 }),
  again: fc.integer({ min: 0, max: 15_000 }),
  held: fc.integer({ min: 0, max: 3_000 }),
  isReturned: fc.boolean(),
  day: fc.integer({ min: 11, max: 29 }),
  base: fc.integer({ min: 0, max: 40_000 }),
});

type Scene = typeof scene extends fc.Arbitrary<infer S> ? S : never;

function livedOn(
  recognition: "consumption" | "ratable",
  one: Scene,
  modification: Plan["modification"] = "separate",
  isForCredits = false,
) {
  const { planB, planA, seated, yearly, priced } = terms(recognition, modification, isForCredits);
  const begun = { ...planB, base: priced(BigInt(one.base), 15_000n) };
  const isSeated = one.kind === "fewer" || one.kind === "more";
  const plan = isSeated
    ? seated
    : one.kind === "yearly"
      ? yearly
      : one.kind === "upgraded"
        ? planA
        : begun;
  const life = new Life("2026-06-01T00:00Z");
  life.run(start(plan, isSeated || one.kind === "yearly" ? 6 : 0));
  const use = (id: string, amount: number, when: string): void => {
    const left = Number(life.journal.state.pool.totals.available);
    if (left > 0 && amount > 0) life.run(debit(id, Math.min(left, amount)), when);
  };
  use("dbt_1", one.used, "2026-06-05T00:00Z");
  if (one.kind === "upgraded") life.run(change({ plan: planB, when: "now" }), "2026-06-08T00:00Z");
  if (one.kind === "more" || one.kind === "yearly")
    life.run(change({ seats: 9, when: "now" }), "2026-06-08T07:00Z");
  use("dbt_2", one.again, "2026-06-09T00:00Z");
  const left = Number(life.journal.state.pool.totals.available);
  const isHeld = one.held > 0 && left > 0;
  if (isHeld)
    life.run(
      open("hld_1", Math.min(left, one.held), { ttlMs: 24 * hour }),
      `2026-06-${one.day}T00:00Z`,
    );
  const at = `2026-06-${one.day}T03:00Z`;
  if (one.kind === "downgrade" || one.kind === "upgraded")
    life.run(change({ plan: planA, when: "now" }), at);
  else if (isSeated) life.run(change({ seats: 2, when: "now" }), at);
  else life.run(cancel, at);
  if (isHeld)
    life.run(
      one.isReturned ? release("hld_1") : settle("hld_1", Math.ceil(Math.min(left, one.held) / 2)),
      `2026-06-${one.day}T05:00Z`,
    );
  const credited = balanceOf(life);
  if (life.subscription.status !== "ended") life.run(atEnd("end"), `2026-06-${one.day}T06:00Z`);
  life.pass("2027-07-02T00:00Z");
  const deferred = Object.entries(life.books()).filter(([account]) =>
    account.startsWith("Deferred:grt"),
  );
  assert.deepEqual(deferred, [], "I3 no lot defers anything in the end");
  life.check();
  return credited;
}

test("how credits are recognised changes nothing of what a customer gets back, to the cent", (t) => {
  t.diagnostic(`seed ${seed}`);
  fc.assert(
    fc.property(scene, (one) => {
      assert.equal(livedOn("ratable", one), livedOn("consumption", one));
    }),
    { numRuns: runs(150), seed },
  );
});

test("nor where a change shares anew all that is left, of a price that is all for the credits", (t) => {
  t.diagnostic(`seed ${seed}`);
  fc.assert(
    fc.property(scene, fc.constantFrom("separate", "prospective"), (one, modification) => {
      const given = livedOn("ratable", one, modification, true);
      assert.equal(given, livedOn("consumption", one, modification, true));
    }),
    { numRuns: runs(150), seed },
  );
});

test("how a change is accounted for changes nothing of what a customer gets back for ratable credits", (t) => {
  t.diagnostic(`seed ${seed}`);
  fc.assert(
    fc.property(scene, fc.boolean(), (one, isForCredits) => {
      const given = livedOn("ratable", one, "prospective", isForCredits);
      assert.equal(given, livedOn("ratable", one, "separate", isForCredits));
    }),
    { numRuns: runs(150), seed },
  );
});
