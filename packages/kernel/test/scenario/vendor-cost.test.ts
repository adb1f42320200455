/** What a call costs the vendor stands beside its charge (docs/decisions/0009), and has no part in it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Event, type Usage } from "@cistern/kernel";
import * as fc from "fast-check";
import { Journal } from "../journal.ts";
import { scenarios } from "./check.ts";
import { createWorkspace, debit, debtUpTo, grant, noon, open, part, settle } from "./commands.ts";

const batch = { meter: "chat", attributes: { tier: "batch" } } as const;
const usd = (nanos: number) => ({ currency: "USD", nanos });

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

test("W2 a thousand calls of far less than a cent cost what they cost, to the last digit", () => {
  const calls = Array.from({ length: 1_000 }, (_, index) =>
    debit(`d${index}`, { input_text: 2 }, batch),
  );
  assert.equal(costOf(lived(calls)), 75_000n);
});
