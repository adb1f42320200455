/** What usage and outcomes cost one customer: past the pool, by outcome, and in credits over the rate card (N1 to N3, Z2, Z3). */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type BilledLine,
  type Command,
  type Negotiation,
  type Plan,
  type PutSubscription,
  type RateRow,
  credits,
  instant,
  money,
} from "@cistern/kernel";
import { at } from "../calendar.ts";
import { dearer } from "../journal.ts";
import { debit, grant, open, settle } from "../scenario/commands.ts";
import { Life, change, fee, ofKind, seatsAt, start } from "./life.ts";

const from = "2026-04-01T00:00Z";
const half = "2026-04-16T00:00Z";
const may = "2026-05-01T00:00Z";

const negotiate = (
  spans: readonly Partial<Negotiation>[],
  put: Partial<PutSubscription> = {},
): Command => ({
  kind: "putSubscription",
  subscription: "sub_1",
  plan: null,
  isPinnedAnew: false,
  seats: null,
  when: "now",
  negotiated: {
    spans: spans.map((one) => ({ id: "n1", base: null, seat: null, until: null, ...one })),
    isList: spans.length > 1,
    currency: null,
  },
  ...put,
});
const when = (text: string) => instant(at(text));

function onPlan(terms: Partial<Plan>, seats = 0): Life {
  const life = new Life(from);
  life.run({ kind: "updateWorkspace", changes: { overage: { kind: "plan" } } });
  life.run(start(terms, seats));
  return life;
}

function withCredits(): Life {
  const life = onPlan({ base: fee(1_000n) });
  life.run(grant("grt_a", 1_000_000));
  return life;
}

const charged = (life: Life, command: Command, instantText: string = from): bigint => {
  const event = life.run(command, instantText);
  assert(event.kind === "usage.debited" || event.kind === "hold.settled");
  return event.charged;
};

const images = (count: number) => ({ images: count });
const image = { meter: "image" } as const;
const row = (price: bigint, given: Partial<RateRow> = {}): RateRow => ({
  id: "image/*",
  meter: "image",
  model: null,
  attributes: {},
  per: 1n,
  prices: { images: price },
  ...given,
});

suite("over the rate card", () => {
  test("a multiplier takes a part off every price, exactly, and the row of a customer wins over all", () => {
    const life = withCredits();
    assert.equal(charged(life, debit("d1", images(10), image)), 40n);
    const rates = { multiplier: { numerator: 3n, denominator: 4n } };
    life.run(negotiate([{ rates }]));
    assert.equal(charged(life, debit("d2", images(10), image)), 30n);
    assert.equal(charged(life, debit("d3", images(1), { ...image, model: "strict" })), 3n);
    const own = { id: "n2", rates: { ...rates, rows: [row(1n)] } };
    life.run(negotiate([own]));
    const event = life.run(debit("d4", images(10), { ...image, model: "strict" }));
    assert(
      event.kind === "usage.debited" && event.price !== null && !("perMillion" in event.price),
    );
    assert.deepEqual(
      [event.charged, event.price.row, event.price.negotiated],
      [10n, "image/*", "n2"],
    );
    assert.equal(event.price.card, "card-1", "it stays a price of the card");
    // The cost to the vendor is no matter of negotiation.
    const chat = { meter: "chat", attributes: { tier: "batch" } };
    const cost = life.run(debit("d5", { input_text: 1_000 }, chat));
    assert(cost.kind === "usage.debited");
    assert.notEqual(cost.cost?.nanos ?? 0n, 0n);
    life.check();
  });

  test("a hold settles by what it was opened under, re-routed too, whatever is negotiated meanwhile", () => {
    const life = withCredits();
    life.run(open("h0", images(10), image));
    life.run(negotiate([{ rates: { multiplier: { numerator: 1n, denominator: 2n } } }]));
    life.run(open("h1", images(10), image));
    life.run(open("h2", images(10), image));
    life.run(negotiate([{ id: "n2", rates: { multiplier: { numerator: 1n, denominator: 4n } } }]));
    assert.equal(charged(life, settle("h0", images(10))), 40n);
    assert.equal(charged(life, settle("h1", images(10))), 20n);
    assert.equal(charged(life, settle("h2", images(10), { model: "strict" })), 20n);
    assert.equal(charged(life, debit("d1", images(10), image)), 10n);
    life.check();
  });

  test("the card moves on by date under it, and a meter that it does not know stays unknown", () => {
    const life = withCredits();
    life.run(negotiate([{ rates: { multiplier: { numerator: 1n, denominator: 2n } } }]));
    life.journal.rateCard = dearer;
    const event = life.run(debit("d1", images(10), image));
    assert(event.kind === "usage.debited");
    assert.deepEqual([event.charged, event.price?.card], [40n, "card-2"]);
    assert.equal(
      life.refused(debit("d2", { calls: 1 }, { meter: "search" }), from).code,
      "unknown_meter",
    );
    life.check();
  });

  test("levels and prices by context are multiplied too", () => {
    const life = withCredits();
    life.run(negotiate([{ rates: { multiplier: { numerator: 1n, denominator: 5n } } }]));
    const stored = debit("d1", 0, {
      meter: "storage",
      amount: {
        kind: "level",
        usage: { stored_gib: 10 },
        over: { start: when(from), end: when("2026-04-01T10:00Z") },
      },
    });
    const told = charged(life, stored, "2026-04-01T10:00Z");
    assert.equal(told, 100n, "10 GiB for ten hours at one");
    life.check();
  });
});

test("usage that is told late costs what was negotiated when it happened", () => {
  const life = withCredits();
  life.run(negotiate([{ rates: { multiplier: { numerator: 1n, denominator: 2n } } }]), half);
  const early = { ...image, occurredAt: when("2026-04-10T00:00Z") };
  assert.equal(charged(life, debit("d1", images(10), early), "2026-04-20T00:00Z"), 40n);
  life.run(
    negotiate([{ id: "n2", rates: { multiplier: { numerator: 1n, denominator: 4n } } }]),
    "2026-04-20T00:00Z",
  );
  const between = { ...image, occurredAt: when("2026-04-17T00:00Z") };
  assert.equal(charged(life, debit("d2", images(10), between), "2026-04-21T00:00Z"), 20n);
  assert.equal(charged(life, debit("d3", images(10), image), "2026-04-21T00:00Z"), 10n);
  life.check();
});

suite("past the pool, and by outcome", () => {
  const line = (price: bigint, meter: string | null = null): BilledLine => ({
    kind: meter === null ? "overage" : "usage",
    meter,
    price: { kind: "per_unit", per: 1n, price },
  });
  const billing: Partial<Plan> = {
    overage: { kind: "bill", lines: [line(5n, "image"), line(7n)], spendCap: null },
  };

  test("usage is billed at the customer's price from when it is put; the line says so", () => {
    const life = onPlan(billing);
    life.run(debit("d1", images(1), image));
    life.run(negotiate([{ usage: [line(2n, "image"), line(3n)] }]), half);
    life.run(debit("d2", images(1), image), half);
    life.run(debit("d3", 2), half);
    const [renewed] = ofKind(life.pass(may), "subscription.renewed");
    assert.deepEqual(
      renewed?.invoice?.lines.map(({ about, quantity, amount, isNegotiated = false }) => [
        about,
        quantity,
        amount,
        isNegotiated,
      ]),
      [
        ["image", 4n, 20n, false],
        ["image", 4n, 8n, true],
        ["credits", 2n, 6n, true],
      ],
    );
    life.check();
  });

  test("an outcome costs what was negotiated of its type", () => {
    const outcomes = [
      {
        kind: "quantity",
        type: "document",
        price: { kind: "per_unit", per: 1n, price: 50n },
        parts: [],
        reopenMs: 0,
        expectedBps: null,
        needsConfirmation: false,
      },
    ] as const;
    const life = onPlan({ outcomes });
    const claim = (outcome: string): Command => ({
      kind: "claimOutcome",
      outcome,
      type: "document",
      customer: null,
      topic: null,
      conversation: null,
      channel: null,
      quantity: 3n,
      part: null,
      evidence: null,
      isTest: false,
      isSubstantive: true,
      occurredAt: null,
    });
    life.run(
      negotiate([
        { outcomes: [{ type: "document", price: { kind: "per_unit", per: 1n, price: 40n } }] },
      ]),
    );
    life.run(claim("out_1"));
    const [renewed] = ofKind(life.pass(may), "subscription.renewed");
    assert.deepEqual(
      renewed?.invoice?.lines.map(({ kind, quantity, amount, isNegotiated = false }) => [
        kind,
        quantity,
        amount,
        isNegotiated,
      ]),
      [["outcome", 3n, 120n, true]],
    );
    life.check();
  });
});

suite("spans of a negotiation", () => {
  const base = { base: fee(10_000n), seats: seatsAt(1_000n) } as const;
  const lastFees = (life: Life) =>
    ofKind(
      life.journal.rows.map(({ event }) => event),
      "subscription.renewed",
    )
      .at(-1)
      ?.lines.map(({ amount, isNegotiated = false }) => [amount, isNegotiated]);

  test("one that begins later charges nothing now, and begins with the first period from then on", () => {
    const life = onPlan(base, 1);
    const later = { base: money(8_000n), from: when("2026-05-10T00:00Z") };
    const event = life.run(negotiate([later]), half);
    assert(event.kind === "subscription.updated");
    assert.equal(event.subscription.plan.version, "team@1");
    assert.equal(event.subscription.plan.negotiated?.later?.length, 1);
    life.pass(may);
    assert.deepEqual(lastFees(life), [
      [10_000n, false],
      [1_000n, false],
    ]);
    life.run(change({ seats: 2 }), "2026-05-15T00:00Z");
    assert.equal(
      life.subscription.plan.version,
      "team@1",
      "a change in between keeps it for later",
    );
    life.pass("2026-06-01T00:00Z");
    assert.deepEqual(lastFees(life)?.[0], [8_000n, true]);
    assert.equal(life.subscription.plan.version, "team@1+n1");
    life.check();
  });

  test("one follows the other, with the list in between, over a version that is pinned anew", () => {
    const life = onPlan(base, 1);
    life.run(
      negotiate([
        { id: "n1", base: money(5_000n), until: when("2026-05-15T00:00Z") },
        { id: "n2", base: money(7_000n), from: when("2026-07-01T00:00Z") },
      ]),
    );
    life.run(change({ plan: { ...base, version: "team@2", base: fee(12_000n) } }), half);
    assert.equal(life.subscription.plan.version, "team@2+n1");
    const fees = [may, "2026-06-01T00:00Z", "2026-07-01T00:00Z"].map((text) => {
      life.pass(text);
      return lastFees(life)?.[0];
    });
    assert.deepEqual(fees, [
      [5_000n, true],
      [12_000n, false],
      [7_000n, true],
    ]);
    life.check();
  });

  test("the same prices for longer change nothing now; a pause wakes to what holds then", () => {
    const life = onPlan(base, 1);
    life.run(negotiate([{ base: money(5_000n), until: when("2026-05-15T00:00Z") }]));
    const longer = life.run(negotiate([{ base: money(5_000n), until: when("2026-06-15T00:00Z") }]));
    assert.equal(longer.kind, "subscription.updated");
    life.run({ kind: "setPeriodEnd", atEnd: "pause" });
    life.pass("2026-06-20T00:00Z");
    const resumed = life.run({ kind: "setPeriodEnd", atEnd: "renew" }, "2026-06-20T00:00Z");
    assert(resumed.kind === "subscription.resumed");
    assert.equal(resumed.lines[0]?.amount, 10_000n);
    life.check();
  });

  test("all that is wrong is told, each with its place, and nothing is changed", () => {
    const life = onPlan(base, 1);
    const price = { kind: "per_unit", per: 1n, price: 1n } as const;
    const rejection = life.refused(
      negotiate([
        {
          usage: [
            { kind: "usage", meter: "paint", price },
            { kind: "overage", meter: null, price },
          ],
          outcomes: [{ type: "resolution", price }],
          rates: {
            rows: [row(1n), row(2n), row(1n, { id: "paint/*", meter: "paint" })],
          },
          until: when("2026-08-01T00:00Z"),
        },
        { from: when("2026-07-01T00:00Z"), until: when("2026-06-01T00:00Z") },
        { until: when(from) },
      ]),
      half,
    );
    assert(rejection.code === "invalid_request");
    const { field, reason, more = [] } = rejection;
    assert.deepEqual(
      [{ field, reason }, ...more].map((one) => one.field),
      [
        "negotiated/0/usage/paint",
        "negotiated/0/overage",
        "negotiated/0/outcomes/resolution",
        "negotiated/0/rates/rows/2/meter",
        "negotiated/0/rates/rows/1",
        "negotiated/1/until",
        "negotiated/1/from",
        "negotiated/2/until",
        "negotiated/2/from",
      ],
    );
    const overlapping = life.refused(
      negotiate([{ until: when("2026-08-01T00:00Z") }, { from: when("2026-07-01T00:00Z") }]),
      half,
    );
    assert(overlapping.code === "invalid_request");
    assert.equal(overlapping.field, "negotiated/1/from");
    life.check();
  });
});

test("what a customer pays in credits is a fraction of the list, rounded once, whatever the fraction", () => {
  const life = withCredits();
  life.run(negotiate([{ rates: { multiplier: { numerator: 1n, denominator: 3n } } }]));
  assert.equal(charged(life, debit("d1", images(1), image)), 1n, "4/3");
  assert.equal(charged(life, debit("d2", images(2), image)), 3n, "8/3");
  assert.equal(charged(life, debit("d3", images(3), image)), 4n, "12/3");
  assert.equal(life.journal.state.pool.totals.consumed, credits(8n));
  life.check();
});
