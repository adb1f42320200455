import assert from "node:assert/strict";
import { test } from "node:test";
import { type Plan, credits } from "@cistern/kernel";
import { at } from "../calendar.ts";
import { debit } from "../scenario/commands.ts";
import { Life, booksOf, change, fee, included, ofKind, seatsAt, start } from "./life.ts";

const monthly = { unit: "month", count: 1 } as const;

/** 1,200.00 a year, half of it for 100 credits each month. */
const yearly: Partial<Plan> = {
  cadence: { unit: "year", count: 1 },
  base: fee(120_000n, 60_000n),
  included: included(100n, 5_000n, { every: monthly }),
};

test("a year that is paid at once grants its credits month by month, from the same anchor (RULES 18)", () => {
  const life = new Life("2026-01-31T09:00Z");
  const started = life.run(start(yearly));
  assert.deepEqual(booksOf([started]), {
    Receivable: 120_000n,
    "Deferred:Access": -115_000n,
    "Deferred:grt_10001": -5_000n,
  });
  life.run(debit("dbt_1", 60), "2026-02-10T00:00Z");
  assert.deepEqual(
    life.passed("2026-04-01T00:00Z").filter((one) => !one.includes("recognised")),
    [
      "2026-02-28T09:00 credits.expired",
      "2026-02-28T09:00 subscription.granted",
      "2026-03-31T09:00 credits.expired",
      "2026-03-31T09:00 subscription.granted",
    ],
  );
  assert.deepEqual(life.lots, { grt_10003: 100n });
  life.pass("2027-01-31T08:59Z");
  assert.deepEqual(life.lots, { grt_10012: 100n });
  const [renewed] = ofKind(life.pass("2027-01-31T09:00Z"), "subscription.renewed");
  assert(renewed !== undefined);
  assert.equal(booksOf([renewed])["Receivable"], 120_000n);
  assert.deepEqual(life.lots, { grt_10013: 100n });
  // Of the first year all is revenue by the end of its last month.
  life.pass("2027-02-01T00:00Z");
  const deferred = Object.entries(life.books()).filter(([account]) =>
    account.startsWith("Deferred"),
  );
  const left = deferred.reduce((sum, [, amount]) => sum + amount, 0n);
  const accessOfOneDay = 164n;
  assert.equal(left, -(120_000n - accessOfOneDay));
  life.check();
});

test("seats that are added bring some credits now, and more with each month to come", () => {
  const life = new Life("2026-01-01T00:00Z");
  const perSeat: Partial<Plan> = {
    cadence: { unit: "year", count: 1 },
    seats: seatsAt(36_500n),
    included: included(310n, null, { per: "seat", every: monthly }),
  };
  life.run(start(perSeat, 2));
  const changed = life.run(change({ seats: 3 }), "2026-03-17T00:00Z");
  assert(changed.kind === "subscription.changed");
  // 290 of 365 days of the year; 15 of 31 days of March.
  assert.deepEqual(
    changed.lines.map(({ amount }) => amount),
    [29_000n],
  );
  assert.deepEqual(life.lots, { grt_10003: 620n, grt_10003c1: 150n });
  life.pass("2026-04-01T00:00Z");
  assert.deepEqual(life.lots, { grt_10004: 930n });
  assert.equal(life.run(change({ seats: 2 }), "2026-04-02T00:00Z").kind, "subscription.updated");
  assert.equal(
    life.refused(change({ seats: 2, when: "now" }), "2026-04-02T00:00Z").code,
    "invalid_request",
  );
  life.check();
});

test("the money of added seats is shared with the credits they bring, now and later", () => {
  const life = new Life("2026-01-01T00:00Z");
  const perSeat: Partial<Plan> = {
    cadence: { unit: "year", count: 1 },
    seats: { ...seatsAt(0n), fee: fee(36_500n, 18_250n) },
    included: included(310n, 1_550n, { per: "seat", every: monthly }),
  };
  life.run(start(perSeat, 2));
  const changed = life.run(change({ seats: 3 }), "2026-03-17T00:00Z");
  const books = booksOf([changed]);
  assert.equal(books["Receivable"], 29_000n);
  // 2,940 credits (150 now, 310 in each of nine months) are worth 147.00, access 145.00: of 290.00 the credits get 145.99, of
  // which 150 are 7.45.
  assert.equal(books["Deferred:grt_10003c1"], -745n);
  life.pass("2027-01-01T00:00Z");
  life.run({ kind: "setPeriodEnd", atEnd: "end" }, "2027-01-02T00:00Z");
  life.check();
});

test("cancelled at once, the money of grants that were still to come goes back with the rest", () => {
  const life = new Life("2026-01-01T00:00Z");
  life.run(start(yearly));
  life.run({ kind: "cancelSubscription" }, "2026-07-02T12:00Z");
  assert.equal(life.books()["CustomerBalance"], -60_000n);
  life.pass("2026-09-01T00:00Z");
  const books = life.books();
  assert.equal(
    books["Deferred:Access"],
    undefined,
    "nothing is deferred for a subscription that is over",
  );
  assert.deepEqual(life.lots, {});
  life.check();
});

test("unused credits of a month roll into the next ones, within the year and over its end", () => {
  const life = new Life("2026-01-31T09:00Z");
  const rollover = { shareBps: 5_000, amountMax: null, balanceMax: credits(60n), periods: 2 };
  life.run(start({ ...yearly, included: included(100n, 5_000n, { every: monthly, rollover }) }));
  life.run(debit("dbt_1", 70), "2026-02-10T00:00Z");
  const [rolled] = ofKind(life.pass("2026-02-28T09:00Z"), "credits.rolled_over");
  assert.deepEqual(
    rolled?.lots.map(({ granted, expiresAt }) => [granted, expiresAt]),
    [[30n, at("2026-04-30T09:00Z")]],
    "30 of the 50 that may, for two months",
  );
  assert.deepEqual(life.lots, { grt_10001r1: 30n, grt_10002: 100n });
  // Of the next 100 another 30 fit beside those that rolled before.
  life.pass("2026-03-31T09:00Z");
  assert.deepEqual(life.lots, { grt_10001r1: 30n, grt_10002r1: 30n, grt_10003: 100n });
  life.pass("2026-04-30T09:00Z");
  assert.deepEqual(life.lots, { grt_10002r1: 30n, grt_10003r1: 30n, grt_10004: 100n });
  life.pass("2027-01-31T09:00Z");
  assert.equal(Object.keys(life.lots).length, 3, "the year's last month rolls into the next year");
  assert.ok(Object.entries(life.lots).some(([id, left]) => id === "grt_10013" && left === 100n));
  life.run({ kind: "setPeriodEnd", atEnd: "end" }, "2027-01-31T09:00Z");
  life.pass("2027-02-28T09:00Z");
  assert.ok(
    Object.keys(life.lots).includes("grt_10013r1"),
    "it goes on within a year that is the last",
  );
  life.check();
});
