/** What a call costs the vendor stands beside its charge (docs/decisions/0009), and has no part in it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, type Event, type RateCard, type Usage, postings } from "@cistern/kernel";
import * as fc from "fast-check";
import { Journal, dump, rateCard } from "../journal.ts";
import { scenarios } from "./check.ts";
import {
  createWorkspace,
  debit,
  debtUpTo,
  grant,
  noon,
  open,
  part,
  refund,
  settle,
} from "./commands.ts";

const batch = { meter: "chat", attributes: { tier: "batch" } } as const;
const usd = (nanos: number, accrued = 0) => ({ currency: "USD", nanos, accrued });

scenarios("what a call costs the vendor", [
  {
    name: "stands on its settlement, exactly, and changes no charge",
    given: [grant("a", 20_000), open("h", { input_text: 400 }, batch)],
    when: settle("h", { input_text: 100, output_text: 10 }),
    expect: { event: { charged: 175, cost: usd(3_754) } },
  },
  {
    name: "stands on a debit",
    given: [grant("a", 20_000)],
    when: debit("d", { input_text: 100 }, batch),
    expect: { event: { charged: 125, cost: usd(3_750) } },
  },
  {
    name: "is that of the tier of the whole call, so that a part may bring it down",
    given: [
      grant("a", 20_000),
      open("h", { input_text: 400 }, batch),
      part("h", { input_text: 1_000 }),
    ],
    when: settle("h", { input_text: 1 }),
    expect: { event: { cost: usd(30_030 - 37_500) } },
  },
  {
    name: "is of what was used, also where the call failed and is free",
    given: [grant("a", 20_000), open("h", { input_text: 400 }, batch)],
    when: settle("h", { input_text: 100 }, { outcome: "failed" }),
    expect: { event: { charged: 0, cost: usd(3_750) } },
  },
  {
    name: "is not known of credits",
    given: [grant("a", 20_000), open("h", { input_text: 400 }, batch)],
    when: settle("h", 7),
    expect: { event: { charged: 7, cost: null } },
  },
  {
    name: "is not known where nobody knows the usage",
    given: [grant("a", 20_000), open("h", { input_text: 400 }, batch)],
    when: settle("h", 0, { amount: { kind: "unmeasured" }, outcome: "delivered" }),
    expect: { event: { charged: 500, cost: null } },
  },
  {
    name: "is not known by a row that does not say it",
    given: [grant("a", 20_000), open("h", { input_text: 400 }, { meter: "chat" })],
    when: settle("h", { input_text: 100 }),
    expect: { event: { charged: 250, cost: null } },
  },
  {
    name: "is not known of a bucket that has none, and the call is charged as ever",
    given: [grant("a", 20_000), open("h", { input_text: 400 }, batch)],
    when: settle("h", { input_text: 100, images: 1 }),
    expect: { event: { charged: 500, isUnrated: true, cost: null } },
  },
]);

/** What the settlements of one life cost in all. */
function costOf(events: readonly Event[]): bigint {
  return events.reduce((sum, event) => sum + (("cost" in event && event.cost?.nanos) || 0n), 0n);
}

function lived(commands: readonly ReturnType<typeof open>[]): readonly Event[] {
  const journal = new Journal();
  const all = [createWorkspace({ overage: debtUpTo(1_000_000_000) }), ...commands];
  for (const command of all) assert.equal(journal.run(command, noon).kind, "accepted");
  return journal.rows.map(({ event }) => event);
}

const anyUsage = fc.record({
  input_text: fc.nat({ max: 900 }),
  output_text: fc.nat({ max: 900 }),
});

test("W3 parts of a call cost together what it would cost at once, whatever tier it reaches", () => {
  fc.assert(
    fc.property(fc.array(anyUsage, { minLength: 1, maxLength: 6 }), (parts) => {
      const sum = (bucket: "input_text" | "output_text") =>
        parts.reduce((total, one) => total + one[bucket], 0);
      const whole: Usage = { input_text: sum("input_text"), output_text: sum("output_text") };
      const inParts = lived([
        open("h", { input_text: 400 }, batch),
        ...parts.map((one) => part("h", one)),
        settle("h", {}),
      ]);
      const atOnce = lived([open("h", { input_text: 400 }, batch), settle("h", whole)]);
      assert.equal(costOf(inParts), costOf(atOnce));
    }),
  );
});

/** What the books have of all costs, by account. */
function booked(events: readonly Event[]): Readonly<Record<string, bigint>> {
  const sums: Record<string, bigint> = {};
  for (const { account, currency, amount } of events.flatMap(postings))
    if (currency !== undefined)
      sums[`${account} ${currency}`] = (sums[`${account} ${currency}`] ?? 0n) + amount;
  return sums;
}

const anyCost = fc.record({
  units: fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 3_000_000 })),
  currency: fc.constantFrom("USD", "EUR", "JPY"),
  isRefunded: fc.boolean(),
});

test("V1, V2 the books have of each currency the nearest minor unit of all that calls cost, refunded or not", () => {
  const card: RateCard = {
    id: "test",
    rows: ["USD", "EUR", "JPY"].map((currency) => ({
      id: currency,
      meter: currency,
      model: null,
      attributes: {},
      per: 1n,
      prices: { text: 1n },
      cost: { currency, per: 2_500n, prices: { text: 2_500_000_000n } },
    })),
  };
  fc.assert(
    fc.property(fc.array(anyCost, { minLength: 1, maxLength: 30 }), (calls) => {
      const journal = new Journal();
      journal.rateCard = card;
      const run = (command: Command): void =>
        assert.equal(journal.run(command, noon).kind, "accepted");
      run(createWorkspace({ overage: debtUpTo(1_000_000_000) }));
      const exact = new Map<string, number>();
      for (const [index, { units, currency, isRefunded }] of calls.entries()) {
        const before = journal.rows.length;
        run(debit(`d${index}`, { text: units }, { meter: currency }));
        if (isRefunded && units > 0) run(refund(`r${index}`, `d${index}`));
        assert.ok(journal.rows.length > before);
        // A thousandth of a minor unit a unit.
        exact.set(currency, (exact.get(currency) ?? 0) + units);
        const sums = booked(journal.rows.map(({ event }) => event));
        for (const [one, thousandths] of exact) {
          const nearest = BigInt(Math.floor((thousandths + 500) / 1_000));
          assert.equal(sums[`ModelCost ${one}`] ?? 0n, nearest);
          assert.equal(sums[`AccruedProvider ${one}`] ?? 0n, -nearest);
        }
      }
      assert.deepEqual(dump(journal.replayed().state), dump(journal.state), "K6");
    }),
  );
});

test("a cost that the vendor keeps out of these books is told, and posted nowhere", () => {
  const [row] = rateCard.rows.filter(({ cost }) => cost !== undefined);
  assert(row?.cost !== undefined);
  const cost = { ...row.cost, isOffBooks: true } as const;
  const journal = new Journal();
  journal.rateCard = { ...rateCard, rows: [{ ...row, cost }] };
  journal.run(createWorkspace({ overage: debtUpTo(1_000_000_000) }), noon);
  journal.run(debit("d", { input_text: 90_000_000 }, batch), noon);
  const events = journal.rows.map(({ event }) => event);
  assert.equal(costOf(events), 2_700_000_000n);
  assert.deepEqual(booked(events), {});
  assert.equal(journal.state.costs.totals.size, 0);
});

test("W2 a thousand calls of far less than a cent cost what they cost, to the last digit", () => {
  const calls = Array.from({ length: 1_000 }, (_, index) =>
    debit(`d${index}`, { input_text: 2 }, batch),
  );
  assert.equal(costOf(lived(calls)), 75_000n);
});
