import assert from "node:assert/strict";
import { test } from "node:test";
import { credits, postings } from "@cistern/kernel";
import { debit, grant, open, settle } from "../scenario/commands.ts";
import { Life, booksOf, fee, included, ofKind, seatsAt, start } from "./life.ts";

test("E9 a plan of 200.00 is split by the selling prices of access and credits", () => {
  const life = new Life("2026-01-15T00:00Z");
  const started = life.run(
    start({ base: fee(20_000n, 15_000n), included: included(10_000n, 10_000n) }),
  );
  assert.deepEqual(booksOf([started]), {
    Receivable: 20_000n,
    "Deferred:Access": -12_000n,
    "Deferred:grt_10001": -8_000n,
  });
  assert(started.kind === "subscription.started");
  assert.equal(started.lots[0]?.granted, 10_000n);
  life.check();
});

test("E9.1 access of 31 days is revenue by the day: 17 of January, 14 of February", () => {
  const life = new Life("2026-01-15T00:00Z");
  life.run(start({ base: fee(20_000n, 15_000n), included: included(10_000n, 10_000n) }));
  const recognised = ofKind(life.pass("2026-03-01T00:00Z"), "subscription.recognised");
  // The first period ends on 15 February; its 12,000 are of 31 days. The second has 28 days, 14 of them in February.
  assert.equal(recognised[0]?.amount, 6_581n);
  assert.equal(recognised[1]?.amount, 5_419n + 6_000n);
  const [january] = recognised;
  assert(january !== undefined);
  assert.equal(january.postedAt, Date.UTC(2026, 1) - 1, "it is posted on the last of January");
  assert.deepEqual(booksOf([january]), { "Deferred:Access": 6_581n, Subscription: -6_581n });
  life.check();
});

test("E24 366.00 a year from 29 February 2024: 307 days of 365 are of 2024", () => {
  const life = new Life("2024-02-29T00:00Z");
  life.run(start({ cadence: { unit: "year", count: 1 }, base: fee(36_600n) }));
  const recognised = ofKind(life.pass("2025-03-01T00:00Z"), "subscription.recognised");
  const of = (year: number): bigint =>
    recognised
      .filter(({ postedAt }) => new Date(postedAt).getUTCFullYear() === year)
      .reduce((sum, { amount }) => sum + amount, 0n);
  const renewedFor2025 = 100n; // One day of the second year, 28 February, of 366.00 / 365.
  assert.equal(of(2024), 30_784n);
  assert.equal(of(2025), 5_816n + renewedFor2025);
});

test("P4 renewals of a subscription from 31 January come at the ends of shorter months, and back on the 31st", () => {
  const zone = "America/New_York";
  const life = new Life("2026-01-31T09:00-05:00", zone);
  life.run(start({}));
  const renewed = life
    .passed("2026-06-01T00:00-04:00", zone)
    .filter((one) => one.endsWith("subscription.renewed"));
  assert.deepEqual(
    renewed.map((one) => one.slice(0, 16)),
    ["2026-02-28T09:00", "2026-03-31T09:00", "2026-04-30T09:00", "2026-05-31T09:00"],
  );
});

test("a renewal grants anew what the old period did not use, which expires first; purchases stay", () => {
  const life = new Life("2026-01-01T00:00Z");
  life.run(start({ base: fee(1_000n), included: included(100n, null) }));
  life.run(grant("grt_bought", 500));
  life.run(debit("dbt_1", 30), "2026-01-10T00:00Z");
  assert.deepEqual(life.lots, { grt_10001: 70n, grt_bought: 500n });
  assert.deepEqual(life.passed("2026-02-01T00:00Z"), [
    "2026-02-01T00:00 subscription.recognised",
    "2026-02-01T00:00 credits.expired",
    "2026-02-01T00:00 subscription.renewed",
  ]);
  assert.deepEqual(life.lots, { grt_10002: 100n, grt_bought: 500n });
  life.check();
});

test("credits included per seat are as many as the seats paid for, and cost what the seats cost", () => {
  const life = new Life("2026-01-01T00:00Z");
  const started = life.run(
    start(
      {
        seats: seatsAt(2_000n, { minimum: 3, maximum: 10 }),
        included: included(500n, null, { per: "seat" }),
      },
      5,
    ),
  );
  assert(started.kind === "subscription.started");
  assert.equal(started.lines[0]?.amount, 10_000n);
  assert.equal(started.lines[0]?.quantity, 5n);
  assert.equal(life.journal.state.pool.totals.available, 2_500n);
  life.check();
});

test("fewer seats than the plan's minimum, and more than its maximum, are refused", () => {
  const life = new Life("2026-01-01T00:00Z");
  const seats = seatsAt(2_000n, { minimum: 3, maximum: 10 });
  for (const count of [0, 2, 11]) {
    const rejection = life.refused(start({ seats }, count), "2026-01-01T00:00Z");
    assert.equal(rejection.code, "invalid_request");
  }
  assert.equal(life.refused(start({}, 1), "2026-01-01T00:00Z").code, "invalid_request");
});

test("E10 of 4,000 unused credits 2,500 roll over with their money and 1,500 expire", () => {
  const life = new Life("2026-01-15T00:00Z");
  life.run(
    start({
      base: fee(20_000n, 15_000n),
      included: included(10_000n, 10_000n, {
        rollover: { shareBps: 10_000, amountMax: credits(2_500n), balanceMax: null, periods: 1 },
      }),
    }),
  );
  const used = life.run(debit("dbt_1", 6_000), "2026-01-20T00:00Z");
  assert.deepEqual(booksOf([used]), { "Deferred:grt_10001": 4_800n, Usage: -4_800n });
  const [rolled] = ofKind(life.pass("2026-02-15T00:00Z"), "credits.rolled_over");
  assert(rolled !== undefined);
  assert.deepEqual(booksOf([rolled]), {
    "Deferred:grt_10001": 3_200n,
    "Deferred:grt_10001r1": -2_000n,
    Breakage: -1_200n,
  });
  assert.deepEqual(life.lots, { grt_10001r1: 2_500n, grt_10002: 10_000n });
  life.check();
});

test("E10b 57 that are left split 29 rolled and 28 expired", () => {
  const life = new Life("2026-01-01T00:00Z");
  life.run(
    start({
      base: fee(100n, 0n),
      included: included(7n, 100n, {
        rollover: { shareBps: 10_000, amountMax: credits(2n), balanceMax: null, periods: 1 },
      }),
    }),
  );
  life.run(debit("dbt_1", 3), "2026-01-02T00:00Z");
  const [rolled] = ofKind(life.pass("2026-02-01T00:00Z"), "credits.rolled_over");
  assert(rolled !== undefined);
  assert.deepEqual(booksOf([rolled]), {
    "Deferred:grt_10001": 57n,
    "Deferred:grt_10001r1": -29n,
    Breakage: -28n,
  });
});

test("what a call holds over the edge rolls when it returns, as far as the quota goes, with its money", () => {
  const life = new Life("2026-01-01T00:00Z");
  const rollover = { shareBps: 5_000, amountMax: null, balanceMax: null, periods: 1 };
  life.run(start({ base: fee(1_000n, 0n), included: included(100n, 1_000n, { rollover }) }));
  life.run(open("hld_1", 80, { ttlMs: 3_600_000 }), "2026-01-31T23:30Z");
  const [rolled] = ofKind(life.pass("2026-02-01T00:00Z"), "credits.rolled_over");
  // 20 are free and roll; of the 80 that are held 30 may follow.
  assert.deepEqual(life.lots, { grt_10001r1: 20n, grt_10002: 100n });
  assert.deepEqual(
    rolled?.owed?.map((one) => [one.lot, one.rollover.quota]),
    [["grt_10001", 30n]],
  );
  const settled = life.run(settle("hld_1", 40), "2026-02-01T00:10Z");
  assert.deepEqual(life.lots, { grt_10001r1: 20n, grt_10001h1: 30n, grt_10002: 100n });
  assert.deepEqual(booksOf([settled]), {
    "Deferred:grt_10001": 800n,
    "Deferred:grt_10001h1": -300n,
    Usage: -400n,
    Breakage: -100n,
  });
  const late = life.journal.state.pool.lots.get("grt_10001h1");
  assert.equal(late?.expiresAt, Date.UTC(2026, 2), "it lives as long as what rolled at the edge");
  life.check();
});

test("holds that expire together over the edge roll into one lot, and pay debts first", () => {
  const life = new Life("2026-01-01T00:00Z");
  life.run({
    kind: "updateWorkspace",
    changes: { overage: { kind: "debt", limit: credits(1_000n) } },
  });
  const rollover = { shareBps: 10_000, amountMax: null, balanceMax: null, periods: 1 };
  life.run(start({ included: included(100n, null, { rollover }) }));
  life.run(open("hld_1", 40, { ttlMs: 3_600_000 }), "2026-01-31T23:30Z");
  life.run(open("hld_2", 60, { ttlMs: 3_600_000 }), "2026-01-31T23:30Z");
  life.run(debit("dbt_1", 130), "2026-02-01T00:05Z");
  assert.equal(life.journal.state.pool.totals.debt, 30n);
  life.pass("2026-02-01T00:30Z");
  assert.deepEqual(life.lots, { grt_10001h1: 70n });
  assert.equal(life.journal.state.pool.totals.debt, 0n);
  life.check();
});

test("rolled credits live as many periods as the plan says, and are bounded together", () => {
  const life = new Life("2026-01-01T00:00Z");
  const rollover = { shareBps: 5_000, amountMax: null, balanceMax: credits(60n), periods: 2 };
  life.run(start({ included: included(100n, null, { rollover }) }));
  life.pass("2026-02-01T00:00Z");
  assert.deepEqual(life.lots, { grt_10001r1: 50n, grt_10002: 100n });
  life.pass("2026-03-01T00:00Z");
  // Of 50 only 10 fit beside the 50 that rolled in February.
  assert.deepEqual(life.lots, { grt_10001r1: 50n, grt_10002r1: 10n, grt_10003: 100n });
  life.pass("2026-04-01T00:00Z");
  // January's have had their two periods; there is room for 50 beside the 10.
  assert.deepEqual(life.lots, { grt_10002r1: 10n, grt_10003r1: 50n, grt_10004: 100n });
  life.run(debit("dbt_1", 15), "2026-04-02T00:00Z");
  // What ends first burns first: the last 10 of February and April's own end on 1 May, March's a month later.
  assert.deepEqual(life.lots, { grt_10003r1: 50n, grt_10004: 95n });
  life.check();
});

test("a trial costs nothing, its credits end with it, and the first paid period begins where it ends", () => {
  const life = new Life("2026-01-10T12:00Z");
  const started = life.run(
    start({ trialDays: 14, base: fee(5_000n), included: included(100n, null) }),
  );
  assert.deepEqual(booksOf([started]), {});
  life.run(debit("dbt_1", 40), "2026-01-11T00:00Z");
  assert.deepEqual(life.passed("2026-02-24T12:00Z"), [
    "2026-01-24T12:00 credits.expired",
    "2026-01-24T12:00 subscription.renewed",
    "2026-02-01T00:00 subscription.recognised",
    "2026-02-24T12:00 credits.expired",
    "2026-02-24T12:00 subscription.renewed",
  ]);
  assert.equal(life.books()["Receivable"], 10_000n);
  life.check();
});

test("a renewal pays what the workspace owes before anything is available", () => {
  const life = new Life("2026-01-01T00:00Z");
  life.run({
    kind: "updateWorkspace",
    changes: { overage: { kind: "debt", limit: credits(1_000n) } },
  });
  life.run(start({ base: fee(1_000n, 0n), included: included(100n, 1_000n) }));
  life.run(debit("dbt_1", 130), "2026-01-05T00:00Z");
  assert.equal(life.journal.state.pool.totals.debt, 30n);
  const [renewed] = ofKind(life.pass("2026-02-01T00:00Z"), "subscription.renewed");
  assert(renewed !== undefined);
  assert.deepEqual(
    postings(renewed)
      .filter(({ commodity }) => commodity === "MONEY")
      .map(({ account, amount }) => [account, amount]),
    [
      ["Deferred:grt_10002", -700n],
      ["Receivable", 1_000n],
      ["Usage", -300n],
    ],
  );
  assert.equal(life.journal.state.pool.totals.available, 70n);
  assert.equal(life.journal.state.pool.totals.debt, 0n);
  life.check();
});

test("a hold across the edge is settled from the lot of its own period", () => {
  const life = new Life("2026-01-01T00:00Z");
  life.run(start({ base: fee(1_000n, 0n), included: included(100n, 1_000n) }));
  life.run(open("hld_1", 50, { ttlMs: 3_600_000 }), "2026-01-31T23:30Z");
  life.pass("2026-02-01T00:00Z");
  const settled = life.run(settle("hld_1", 20), "2026-02-01T00:10Z");
  assert.deepEqual(booksOf([settled]), {
    "Deferred:grt_10001": 500n,
    Usage: -200n,
    Breakage: -300n,
  });
  assert.deepEqual(life.lots, { grt_10002: 100n });
  life.check();
});
