/** How allowances are renewed, prorated and invoiced. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Debit, type Line, type Plan, credits, instant } from "@cistern/kernel";
import { at } from "../calendar.ts";
import { debit, grant, hour, open, refund, settle } from "../scenario/commands.ts";
import { finalize } from "../subscriptions/invoicing.ts";
import {
  Life,
  atEnd,
  change,
  fee,
  included,
  ofKind,
  seatsAt,
  start,
} from "../subscriptions/life.ts";
import { counts, from, image, images, imagesAllowed, onPlan, standing } from "./terms.ts";

const half = "2026-04-16T00:00Z";
const may = "2026-05-01T00:00Z";

const usedBy = (life: Life): readonly (readonly [bigint, bigint])[] =>
  counts(life).map(({ used, over }) => [used, over] as const);

suite("an allowance begins anew", () => {
  test("with each period; what a call took belongs to the period in which it was authorized", () => {
    const life = onPlan(imagesAllowed(10n));
    life.run(open("h1", images(8), { ...image, ttlMs: 2 * hour }), "2026-04-30T23:00Z");
    life.pass(may);
    assert.deepEqual(standing(life, may), {
      included: 10n,
      used: 0n,
      held: 0n,
      left: 10n,
      over: 0n,
    });
    const settled = life.run(settle("h1", images(12)), "2026-05-01T00:30Z");
    assert(settled.kind === "hold.settled");
    assert.equal(settled.charged, 8n);
    life.run(debit("d1", images(3), image), "2026-05-01T00:30Z");
    assert.deepEqual(usedBy(life), [
      [10n, 2n],
      [3n, 0n],
    ]);
    life.check();
  });

  test("usage that is told late counts in the period in which it happened", () => {
    const life = onPlan(imagesAllowed(10n));
    const given = { ...image, occurredAt: instant(at("2026-04-20T00:00Z")) };
    life.run(debit("d1", images(4), given), "2026-05-02T00:00Z");
    assert.deepEqual(usedBy(life), [
      [4n, 0n],
      [0n, 0n],
    ]);
    const before = { ...image, occurredAt: instant(at("2026-03-20T00:00Z")) };
    const event = life.run(debit("d2", images(2), before), "2026-05-02T00:00Z");
    assert(event.kind === "usage.debited");
    assert.equal(event.charged, 8n, "before the subscription there was none");
    life.check();
  });

  test("with each grant where credits come more often than the fee", () => {
    const life = new Life("2026-01-31T09:00Z");
    life.run(
      start({
        cadence: { unit: "year", count: 1 },
        base: fee(120_000n),
        included: included(100n, null, { every: { unit: "month", count: 1 } }),
        ...imagesAllowed(10n, { beyond: "refuse" }),
      }),
    );
    life.run(debit("d1", images(10), image));
    const refused = life.refused(open("h2", images(1), image), "2026-02-01T00:00Z");
    assert(refused.code === "allowance_exhausted");
    assert.equal(refused.resetsAt, at("2026-02-28T09:00Z"));
    life.run(open("h2", images(10), image), "2026-02-28T09:00Z");
    life.check();
  });

  test("in a trial it is whole, and the first period has one of its own", () => {
    const life = onPlan({ ...imagesAllowed(10n), trialDays: 14 });
    life.run(debit("d1", images(6), image));
    life.pass("2026-04-15T00:00Z");
    assert.equal(standing(life, "2026-04-15T00:00Z").left, 10n);
    life.check();
  });
});

suite("a change in the middle of a period", () => {
  const perSeat = {
    seats: seatsAt(1_000n),
    ...imagesAllowed(100n, { per: "seat" }),
  } satisfies Partial<Plan>;

  test("of seats adds by the fraction that prorates credits and money", () => {
    const life = onPlan(perSeat, 2);
    assert.equal(standing(life).included, 200n);
    const changed = life.run(change({ seats: 5 }), half);
    assert(changed.kind === "subscription.changed");
    assert.equal(standing(life, half).included, 350n, "3 x 100 x 15/30");
    assert.deepEqual(
      changed.lines.map(({ amount }) => amount),
      [1_500n],
    );
    life.pass(may);
    assert.equal(standing(life, may).included, 500n);
    life.check();
  });

  test("to a dearer plan adds the prorated difference; used units stay used", () => {
    const life = onPlan({ base: fee(1_000n), ...imagesAllowed(100n) });
    life.run(debit("d1", images(100), image));
    life.run(
      change({
        plan: { version: "team@2", base: fee(3_000n), ...imagesAllowed(400n) },
      }),
      half,
    );
    assert.deepEqual(standing(life, half), {
      included: 250n,
      used: 100n,
      held: 0n,
      left: 150n,
      over: 0n,
    });
    life.check();
  });

  test("one second before the end of the period adds nothing (P8)", () => {
    const life = onPlan({ base: fee(1_000n), ...imagesAllowed(10n) });
    life.run(
      change({ plan: { version: "team@2", base: fee(9_000n), ...imagesAllowed(10_010n) } }),
      "2026-04-30T23:59:59Z",
    );
    assert.equal(standing(life, "2026-04-30T23:59:59Z").included, 10n);
    life.check();
  });

  test("to less takes from what nobody has used or set aside; what calls hold is honoured", () => {
    const life = onPlan({ base: fee(3_000n), ...imagesAllowed(100n, { beyond: "refuse" }) });
    life.run(open("h1", images(90), { ...image, ttlMs: hour }), half);
    life.run(
      change({
        plan: {
          version: "team@2",
          base: fee(1_000n),
          ...imagesAllowed(20n, { beyond: "refuse" }),
        },
        when: "now",
      }),
      half,
    );
    assert.deepEqual(standing(life, half), {
      included: 60n,
      used: 0n,
      held: 90n,
      left: 0n,
      over: 0n,
    });
    const settled = life.run(settle("h1", images(70)), half);
    assert(settled.kind === "hold.settled");
    assert.equal(settled.charged, 0n);
    assert.equal(life.refused(open("h2", images(1), image), half).code, "allowance_exhausted");
    life.check();
  });

  test("to a plan without it ends it there; with proration none a new one begins with the next period", () => {
    const life = onPlan({ base: fee(1_000n), ...imagesAllowed(100n) });
    life.run(change({ plan: { version: "team@2", base: fee(1_000n) } }), half);
    const event = life.run(debit("d1", images(1), image), "2026-04-17T00:00Z");
    assert(event.kind === "usage.debited");
    assert.equal(event.charged, 4n);
    const none = { version: "team@3", base: fee(1_000n), proration: "none" } as const;
    life.run(change({ plan: none }), "2026-04-18T00:00Z");
    const more = { ...none, version: "team@4", ...imagesAllowed(50n) };
    life.run(change({ plan: more }), "2026-04-18T00:00Z");
    assert.equal(standing(life, "2026-04-18T00:00Z").left, 0n);
    life.pass(may);
    assert.equal(standing(life, may).left, 50n);
    life.check();
  });
});

suite("an allowance of a level", () => {
  const stored = (days: number, gib: number, since: string): Partial<Debit> => ({
    meter: "storage",
    amount: {
      kind: "level",
      usage: { stored_gib: gib },
      over: { start: instant(at(since)), end: instant(at(since) + days * 24 * hour) },
    },
  });
  const level = (since: string, days: number, gib: number, id: string) =>
    debit(id, 0, { ...stored(days, gib, since), project: id });
  const gib = {
    allowances: [
      {
        meter: "storage",
        bucket: "stored_gib",
        included: 50n,
        per: "plan",
        beyond: "credits",
        isLevel: true,
      },
    ],
  } as const satisfies Partial<Plan>;

  test("is so much all the time: its product with the time of the span, whoever reports which part", () => {
    const life = onPlan(gib);
    const charge = (command: ReturnType<typeof level>, when: string): bigint => {
      const event = life.run(command, when);
      return event.kind === "usage.debited" ? event.charged : -1n;
    };
    // 50 GiB for 30 days, in two buckets.
    assert.equal(charge(level(from, 15, 30, "d1"), may), 0n);
    assert.equal(charge(level(from, 15, 20, "d2"), may), 0n);
    assert.equal(charge(level(half, 15, 100, "d3"), may), BigInt(15 * 24 * 50 * 5));
    assert.deepEqual(usedBy(life)[0], [BigInt(50 * 30 * 24 * hour), BigInt(15 * 24 * 50 * hour)]);
    life.check();
  });

  test("counts a time that is told twice once", () => {
    const life = onPlan(gib);
    const told = (id: string, days: number) => debit(id, 0, stored(days, 30, from));
    life.run(told("d1", 10), may);
    life.run(told("d2", 12), may);
    assert.deepEqual(usedBy(life)[0], [BigInt(12 * 24 * 30 * hour), 0n]);
    life.run(refund("r1", "d2"), may);
    assert.deepEqual(usedBy(life)[0], [BigInt(10 * 24 * 30 * hour), 0n]);
    life.check();
  });

  test("a report over the end of a period counts in both", () => {
    const life = onPlan(gib);
    life.run(level("2026-04-21T00:00Z", 20, 50, "d1"), "2026-05-11T00:00Z");
    assert.deepEqual(
      counts(life).map(({ used }) => used),
      [BigInt(10 * 24 * 50 * hour), BigInt(10 * 24 * 50 * hour)],
    );
    life.run(refund("r1", "d1"), "2026-05-11T00:00Z");
    assert.deepEqual(usedBy(life), [
      [0n, 0n],
      [0n, 0n],
    ]);
    life.check();
  });
});

suite("on an invoice", () => {
  const unitLines = (lines: readonly Line[]) =>
    lines
      .filter(({ kind }) => kind === "allowance" || kind === "past_allowance")
      .map(({ kind, about, quantity, amount, unit }) => [
        kind,
        about,
        quantity,
        amount,
        unit?.bucket,
      ]);

  test("stands what was used within it for nothing, and beside it what went past it", () => {
    const life = onPlan({ base: fee(1_000n), ...imagesAllowed(10n) });
    life.run(debit("d1", images(13), image));
    const [renewed] = ofKind(life.pass(may), "subscription.renewed");
    assert.deepEqual(unitLines(renewed?.invoice?.lines ?? []), [
      ["allowance", "image", 10n, 0n, "images"],
      ["past_allowance", "image", 3n, 0n, "images"],
    ]);
    life.check();
  });

  test("late usage comes onto its draft, and what is later still onto the next", () => {
    const life = onPlan({ base: fee(1_000n), ...imagesAllowed(10n), graceMs: hour });
    life.run(debit("d1", images(4), image));
    const late = { ...image, occurredAt: instant(at("2026-04-20T00:00Z")) };
    life.run(debit("d2", images(9), late), "2026-05-01T00:10Z");
    const draft = life.invoices.find(({ status, id }) => status === "draft" && id.endsWith("2"));
    assert(draft?.status === "draft");
    assert.deepEqual(unitLines(draft.lines), [
      ["allowance", "image", 10n, 0n, "images"],
      ["past_allowance", "image", 3n, 0n, "images"],
    ]);
    life.run(finalize(draft.id), "2026-05-01T02:00Z");
    life.run(refund("r1", "d2"), "2026-05-01T02:00Z");
    const [renewed] = ofKind(life.pass("2026-06-01T00:00Z"), "subscription.renewed");
    assert.deepEqual(unitLines(renewed?.invoice?.lines ?? []), [
      ["allowance", "image", -6n, 0n, "images"],
      ["past_allowance", "image", -3n, 0n, "images"],
    ]);
    life.check();
  });

  test("late usage past it that is billed too has lines of its own for both", () => {
    const line = {
      kind: "overage",
      meter: null,
      price: { kind: "per_unit", per: 1n, price: 2n },
    } as const;
    const life = new Life(from);
    life.run({ kind: "updateWorkspace", changes: { overage: { kind: "plan" } } });
    const overage = { kind: "bill", lines: [line], spendCap: null } as const;
    life.run(start({ base: fee(1_000n), overage, ...imagesAllowed(10n) }));
    const late = { ...image, occurredAt: instant(at("2026-04-20T00:00Z")) };
    life.run(debit("d1", images(13), late), "2026-05-02T00:00Z");
    const draft = life.invoices.find(({ id }) => id.endsWith("2"));
    const lines = draft?.status === "draft" ? draft.lines : [];
    assert.deepEqual(
      lines.map(({ kind, quantity, amount }) => [kind, quantity, amount]),
      [
        ["base_fee", 1n, 1_000n],
        ["overage", 12n, 24n],
        ["allowance", 10n, 0n],
        ["past_allowance", 3n, 0n],
      ],
    );
    assert.equal(new Set(lines.map(({ id }) => id)).size, 4);
    life.check();
  });

  test("nobody is sent an invoice of nothing", () => {
    const life = onPlan(imagesAllowed(10n));
    life.run(debit("d1", images(4), image));
    life.pass("2026-06-01T00:00Z");
    assert.deepEqual(life.invoices, []);
    life.run(atEnd("end"), "2026-06-01T00:00Z");
    life.pass("2026-07-01T00:00Z");
    assert.deepEqual(life.invoices, []);
    life.check();
  });

  test("a subscription that ends, now or with its period, tells its allowance on the last one", () => {
    const plans = { base: fee(1_000n), ...imagesAllowed(10n) };
    for (const end of [atEnd("end"), { kind: "cancelSubscription" } as const]) {
      const life = onPlan(plans);
      life.run(grant("grt_b", 100));
      life.run(debit("d1", images(4), image));
      life.run({
        kind: "updateWorkspace",
        changes: { overage: { kind: "debt", limit: credits(10n) } },
      });
      life.run(end, half);
      life.pass(may);
      const last = life.invoices.at(-1);
      const lines = last?.status === "draft" ? unitLines(last.lines) : [];
      const isTold = end.kind === "cancelSubscription";
      assert.deepEqual(lines, isTold ? [["allowance", "image", 4n, 0n, "images"]] : []);
      life.check();
    }
  });
});
