/** What the workspaces of the simulated world can subscribe to and buy. A period is a day, so that many pass in one run. */
import {
  type AllowanceTerms,
  type Limit,
  type OutcomeTerms,
  type Pack,
  type Plan,
  type PlanOverage,
  credits,
  money,
  planLimitId,
} from "@cistern/kernel";

const hourMs = 3_600_000;
const fee = (amount: bigint) => ({ amount: money(amount), standalone: money(amount) });
const whole = (amount: bigint) => credits(amount * 1_000_000n);

function plan(name: string, terms: Partial<Plan>): Plan {
  return {
    name,
    version: `${name}@1`,
    currency: "EUR",
    cadence: { unit: "day", count: 1 },
    base: fee(9_901n),
    seats: null,
    included: null,
    outcomes: [],
    minimum: null,
    overage: { kind: "deny" },
    proration: "second",
    grantStep: credits(1n),
    trialDays: 0,
    modification: "separate",
    graceMs: hourMs,
    ...terms,
  };
}

const included = (amount: bigint, per: "plan" | "seat", standalone: bigint | null) =>
  ({
    credits: whole(amount),
    per,
    standalone: standalone === null ? null : money(standalone),
    every: null,
    priority: 20,
  }) as const;

const resolution: OutcomeTerms = {
  kind: "conversation",
  type: "resolution",
  price: { kind: "per_unit", per: 1n, price: 99n },
  parts: [{ name: "assisted", shareBps: 5_000 }],
  reopenMs: 30 * hourMs,
  expectedBps: 8_000,
  linkMs: 2 * hourMs,
  maturityMs: { chat: 60_000, ticket: hourMs },
  reviewFrom: { topics: 3, conversations: 3 },
};
const report: OutcomeTerms = {
  kind: "quantity",
  type: "report",
  price: {
    kind: "graduated",
    per: 1n,
    tiers: [
      { upTo: 5n, price: 200n },
      { upTo: null, price: 150n },
    ],
  },
  parts: [],
  reopenMs: hourMs,
  expectedBps: null,
  needsConfirmation: true,
};

/** What is used past the pool comes on the bill, up to a cap that a few calls reach. */
const overage: PlanOverage = {
  kind: "bill",
  lines: [
    { kind: "overage", meter: null, price: { kind: "per_unit", per: 1_000_000n, price: 13n } },
  ],
  spendCap: money(250n),
};

/** Money for usage by its meter: in steps, by the step that the whole of a period reaches, and by the package for all others. */
const usage: PlanOverage = {
  kind: "bill",
  lines: [
    {
      kind: "usage",
      meter: "chat",
      price: {
        kind: "graduated",
        per: 1_000_000n,
        tiers: [
          { upTo: 5_000_003n, price: 17n, flat: 5n },
          { upTo: 20_000_000n, price: 11n },
          { upTo: null, price: 7n, flat: 3n },
        ],
      },
    },
    {
      kind: "usage",
      meter: "image",
      price: {
        kind: "volume",
        per: 1_000_000n,
        tiers: [
          { upTo: 9_000_001n, price: 19n },
          { upTo: null, price: 13n, flat: 2n },
        ],
      },
    },
    { kind: "usage", meter: null, price: { kind: "package", per: 3_000_000n, price: 31n } },
  ],
  spendCap: money(700n),
};

/** Units of a meter that cost no credits. */
const units = (
  meter: "chat" | "image" | "storage",
  count: bigint,
  terms: Partial<AllowanceTerms> = {},
): AllowanceTerms => ({
  meter,
  bucket: { chat: "input_text", image: "images", storage: "gib" }[meter],
  included: count,
  per: "plan",
  beyond: "credits",
  ...(meter === "storage" ? { isLevel: true } : {}),
  ...terms,
});

/** A day's credits of each member; under one name in several plans, so that its use goes on from one to the other. */
const daily = (amount: bigint): Limit => ({
  id: planLimitId("daily"),
  scope: { kind: "eachMember" },
  rule: { kind: "cap", credits: whole(amount), window: { kind: "calendar", unit: "day" } },
});
const growth: Limit = {
  id: planLimitId("growth"),
  scope: { kind: "group", id: "growth" },
  rule: {
    kind: "cap",
    credits: whole(45n),
    window: { kind: "onFirstUse", durationMs: 7 * hourMs },
  },
};
const pace: Limit = {
  id: planLimitId("pace"),
  scope: { kind: "workspace" },
  rule: { kind: "rate", unit: "requests", quantity: 40n, perMs: 60_000, burst: 20n },
};

/** The plans. Most have several terms that are met together, so that few of them meet all. */
export const plans = [
  plan("flat", {
    base: fee(2_003n),
    included: {
      ...included(40n, "plan", 1_000n),
      rollover: { shareBps: 5_000, amountMax: null, balanceMax: null, periods: 1 },
    },
    overage,
    limits: [daily(25n)],
    trialDays: 1,
  }),
  plan("used", {
    base: null,
    overage: usage,
    fairness: "off",
    allowances: [units("chat", 9_000_001n), units("storage", 101n)],
    minimum: {
      minimums: [401n, 103n, 7n],
      trueUp: "period",
      rolloverPeriods: 2,
      onCancel: "waive",
    },
  }),
  plan("prepaid", {
    base: fee(307n),
    overage,
    drawdown: {
      terms: [
        { price: money(1_999n), list: money(2_400n), credits: whole(24n) },
        { price: money(1_501n), list: money(1_700n), credits: whole(17n) },
      ],
      periods: 3,
      priority: 15,
      rollover: null,
    },
    reserved: {
      fee: fee(211n),
      rate: {
        kind: "rate",
        unit: "credits",
        quantity: 20_000_000n,
        perMs: 60_000,
        burst: 30_000_000n,
      },
      shareBps: 0,
      group: null,
    },
  }),
  plan("results", {
    base: fee(4_999n),
    outcomes: [resolution, report],
    proration: "day",
    overage,
    minimum: { minimums: [157n, 229n], trueUp: "term" },
    included: { ...included(25n, "plan", null), rollover: null },
  }),
  plan("pro", {
    base: fee(12_007n),
    overage: { ...usage, spendCap: null },
    allowances: [units("image", 700_003n, { beyond: "refuse" }), units("chat", 6_000_000n)],
    modification: "prospective",
    fairness: "lend_early",
    limits: [daily(50n), growth],
    included: { ...included(60n, "plan", 1_501n), rollover: null },
    reserved: {
      fee: fee(1_009n),
      rate: { kind: "rate", unit: "requests", quantity: 9n, perMs: 60_000, burst: 4n },
      shareBps: 3_333,
      group: "growth",
    },
  }),
  plan("series", {
    base: fee(19_999n),
    cadence: { unit: "day", count: 3 },
    overage: { ...overage, spendCap: null },
    limits: [pace],
    allowances: [units("chat", 1_500_001n, { per: "seat" })],
    seats: { fee: fee(301n), minimum: 1, maximum: null, isRequired: false },
    included: {
      ...included(11n, "seat", 707n),
      every: { unit: "day", count: 1 },
      rollover: null,
    },
  }),
  plan("seated", {
    base: null,
    overage: { kind: "debt", limit: whole(12n) },
    allowances: [units("image", 90_001n, { per: "seat" }), units("storage", 53n, { per: "seat" })],
    seats: { fee: fee(1_777n), minimum: 2, maximum: 6, isRequired: false, isAddedFor: true },
    included: {
      ...included(15n, "seat", 500n),
      rollover: { shareBps: 10_000, amountMax: whole(20n), balanceMax: whole(30n), periods: 2 },
    },
  }),
  plan("strict", {
    base: fee(7_001n),
    seats: { fee: fee(999n), minimum: 3, maximum: 8, isRequired: true },
    included: { ...included(20n, "seat", 800n), rollover: null },
    outcomes: [resolution],
  }),
] as const;

const pack = (name: string, terms: Partial<Pack>): Pack => ({
  name,
  currency: "EUR",
  price: money(1_001n),
  credits: whole(9n),
  bonus: credits(0n),
  expiresAfter: null,
  priority: 60,
  breakage: null,
  ...terms,
});

/** What can be bought. */
export const packs = [
  pack("small", {}),
  pack("large", { price: money(2_499n), credits: whole(20n), bonus: whole(3n) }),
  pack("passing", { expiresAfter: { unit: "day", count: 1 }, breakage: 1_000 }),
] as const;
