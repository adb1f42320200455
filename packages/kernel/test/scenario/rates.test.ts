import assert from "node:assert/strict";
import { test } from "node:test";
import { instant } from "@cistern/kernel";
import { Journal } from "../journal.ts";
import { after, scenarios } from "./check.ts";
import {
  createWorkspace,
  debit,
  extend,
  grant,
  hour,
  limit,
  minute,
  noon,
  open,
  rate,
  release,
  second,
  settle,
} from "./commands.ts";

const sixty = { quantity: 60, perMs: minute, burst: 2 };
const limited = (
  rule: { unit: "requests" | "credits"; quantity: number; perMs: number; burst: number },
  numbers: { requested: number; remaining: number; retryAt: number | null },
) => ({
  rejected: {
    code: "rate_limited",
    scope: { kind: "workspace", id: "acme", limit: "r" },
    rule: {
      kind: "rate",
      unit: rule.unit,
      quantity: BigInt(rule.quantity),
      perMs: rule.perMs,
      burst: BigInt(rule.burst),
    },
    requested: BigInt(numbers.requested),
    remaining: BigInt(numbers.remaining),
    retryAt: numbers.retryAt === null ? null : instant(numbers.retryAt),
  } as const,
});

scenarios("a rate lets a burst through, and so many a minute in the long run (GCRA)", [
  {
    name: "the burst at once, each answer saying what is left",
    given: [limit("r", "workspace", rate("requests", sixty)), open("h1", 0)],
    when: open("h2", 0),
    expect: {
      event: {
        rates: [
          {
            rate: "r@2.0",
            limit: "r",
            arrival: (noon + 2 * second) * 60,
            remaining: 0,
            rule: { kind: "rate", unit: "requests", ...sixty },
          },
        ],
      },
    },
  },
  {
    name: "the next one a second later, to the millisecond",
    given: [limit("r", "workspace", rate("requests", sixty)), open("h1", 0), open("h2", 0)],
    when: after(second - 1, open("h3", 0)),
    expect: limited(
      { unit: "requests", ...sixty },
      { requested: 1, remaining: 0, retryAt: noon + second },
    ),
  },
  {
    name: "when it says, it fits",
    given: [limit("r", "workspace", rate("requests", sixty)), open("h1", 0), open("h2", 0)],
    when: after(second, open("h3", 0)),
    expect: { event: { kind: "hold.opened" } },
  },
  {
    name: "credits are let through by amount",
    given: [
      grant("a", 1_000),
      limit("r", "workspace", rate("credits", { quantity: 100, perMs: minute, burst: 300 })),
      open("h", 250),
    ],
    when: open("i", 100),
    expect: limited(
      { unit: "credits", quantity: 100, perMs: minute, burst: 300 },
      { requested: 100, remaining: 50, retryAt: noon + 30 * second },
    ),
  },
  {
    name: "more than the burst never fits",
    given: [
      grant("a", 1_000),
      limit("r", "workspace", rate("credits", { quantity: 100, perMs: minute, burst: 300 })),
    ],
    when: open("i", 301),
    expect: limited(
      { unit: "credits", quantity: 100, perMs: minute, burst: 300 },
      { requested: 301, remaining: 300, retryAt: null },
    ),
  },
  {
    name: "a hold of 0 is a request, and no credits",
    given: [
      limit("r", "workspace", rate("credits", { quantity: 1, perMs: hour, burst: 1 })),
      open("h", 0),
    ],
    when: open("i", 0),
    expect: { event: { rates: [] } },
  },
  {
    name: "it is never given back",
    given: [
      limit("r", "workspace", rate("requests", { quantity: 1, perMs: hour, burst: 1 })),
      open("h", 0),
      release("h"),
    ],
    when: open("i", 0),
    expect: limited(
      { unit: "requests", quantity: 1, perMs: hour, burst: 1 },
      { requested: 1, remaining: 0, retryAt: noon + hour },
    ),
  },
  {
    name: "overruns and debits skip it",
    given: [
      grant("a", 1_000),
      limit("r", "workspace", rate("credits", { quantity: 1, perMs: hour, burst: 10 })),
      open("h", 1),
      settle("h", 50),
      debit("d", 50),
    ],
    when: open("i", 9),
    expect: { event: { kind: "hold.opened" } },
  },
  {
    name: "an extension counts its credits",
    given: [
      grant("a", 1_000),
      limit("r", "workspace", rate("credits", { quantity: 1, perMs: hour, burst: 10 })),
      open("h", 4),
      extend("h", 6),
    ],
    when: open("i", 1),
    expect: limited(
      { unit: "credits", quantity: 1, perMs: hour, burst: 10 },
      { requested: 1, remaining: 0, retryAt: noon + hour },
    ),
  },
  {
    name: "of one node the rate that frees last is named",
    given: [
      limit("a", "workspace", rate("requests", { quantity: 1, perMs: second, burst: 1 })),
      limit("r", "workspace", rate("requests", { quantity: 1, perMs: hour, burst: 1 })),
      limit("z", "workspace", rate("requests", { quantity: 1, perMs: minute, burst: 1 })),
      open("h", 0),
    ],
    when: open("i", 0),
    expect: limited(
      { unit: "requests", quantity: 1, perMs: hour, burst: 1 },
      { requested: 1, remaining: 0, retryAt: noon + hour },
    ),
  },
  {
    name: "a wider burst keeps what was used, another rate begins anew",
    given: [
      limit("r", "workspace", rate("requests", { quantity: 1, perMs: hour, burst: 1 })),
      open("h", 0),
      limit("r", "workspace", rate("requests", { quantity: 1, perMs: hour, burst: 2 })),
      open("i", 0),
    ],
    when: open("j", 0),
    expect: limited(
      { unit: "requests", quantity: 1, perMs: hour, burst: 2 },
      { requested: 1, remaining: 0, retryAt: noon + hour },
    ),
  },
  {
    name: "a rate that lets nothing through is refused: that is a cap of 0",
    when: limit("r", "workspace", rate("requests", { quantity: 0, perMs: hour, burst: 1 })),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "rate",
        reason: "A rate lets through more than nothing; a cap of 0 does not.",
      },
    },
  },
  {
    name: "so is one per nothing",
    when: limit("r", "workspace", rate("requests", { quantity: 1, perMs: 0, burst: 1 })),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "rate.per",
        reason: "A rate is per more than nothing and at most 366 days.",
      },
    },
  },
]);

test("no interval is rounded: 7 requests in 3 seconds are exactly 7 in every 3 seconds for ever", () => {
  const journal = new Journal();
  journal.run(createWorkspace(), noon);
  const seven = rate("requests", { quantity: 7, perMs: 3 * second, burst: 1 });
  journal.run(limit("r", "workspace", seven), noon);
  let passed = 0;
  for (let ms = 0; ms < 9 * second; ms += 1)
    if (journal.run(open(`h${ms}`, 0), noon + ms).kind === "accepted") passed += 1;
  assert.equal(passed, 21);
});
