/** The golden figures of plans (FINANCE, section 4): what was asked when, and what the ledger and the months say of it. */
import { type BilledLine, type Command, type Plan, credits, money } from "@cistern/kernel";
import { things, thing } from "../../../kernel/test/outcomes/life.ts";
import { debit } from "../../../kernel/test/scenario/commands.ts";
import {
  atEnd,
  change,
  fee,
  included,
  seatsAt,
  start,
} from "../../../kernel/test/subscriptions/life.ts";

/** What each event of a kind posted, in order; those that post no money are left out. */
export type Entries = Readonly<Record<string, readonly Readonly<Record<string, number>>[]>>;

interface Golden {
  readonly name: string;
  /** The first is when the workspace is created; the last may be there to let time pass. */
  readonly steps: readonly (readonly [when: string, command: Command])[];
  readonly entries: Entries;
  /** By month: opening, billed, recognised, refunded, moved, closing. */
  readonly rollForward?: Readonly<Record<string, readonly string[]>>;
  /** By month and kind. */
  readonly revenue?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** By month: what the trial balance debits. */
  readonly modelCost?: Readonly<Record<string, string>>;
}

/** A free call, whose units cost the vendor 0.0042 cents each. */
const attempt = (id: string, units: number): Command =>
  debit(id, { text: units }, { meter: "attempt" });
const later: Command = { kind: "putGroup", group: "later" };
const usePlan: Command = { kind: "updateWorkspace", changes: { overage: { kind: "plan" } } };
const finalize = (invoice: string): Command => ({
  kind: "finalizeInvoice",
  invoice,
  number: `R-${invoice}`,
  taxBps: 0,
  termsDays: 14,
  purchaseOrder: null,
});
const pay = (invoice: string): Command => ({
  kind: "payInvoice",
  invoice,
  payment: `pay_${invoice}`,
  amount: null,
  currency: null,
  fee: money(0n),
  reference: null,
});

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
const planA12: Partial<Plan> = { ...planA, included: included(5_000n, 5_000n) };
const tokens = (price: bigint, per: bigint, kind: BilledLine["kind"] = "usage"): Partial<Plan> => ({
  base: fee(0n),
  overage: {
    kind: "bill",
    lines: [{ kind, meter: null, price: { kind: "per_unit", per, price } }],
    spendCap: null,
  },
});
const seats: Partial<Plan> = {
  seats: seatsAt(2_000n),
  included: included(500n, null, { per: "seat" }),
};

const upgrade = (modification: Plan["modification"]): Golden["steps"] => [
  ["2026-04-01T00:00:00Z", start({ ...planA, modification })],
  ["2026-04-05T00:00:00Z", debit("dbt_1", 3_000)],
  ["2026-04-11T00:00:00Z", change({ plan: { ...planB, modification } })],
  ["2026-04-11T00:00:00Z", atEnd("end")],
  ["2026-05-02T00:00:00Z", later],
];
const downgrade = (used: number): Golden["steps"] => [
  ["2026-06-01T00:00:00Z", start(planB)],
  ["2026-06-10T00:00:00Z", debit("dbt_1", used)],
  ["2026-06-16T00:00:00Z", change({ plan: planA12, when: "now" })],
  ["2026-06-16T00:00:00Z", atEnd("end")],
  ["2026-07-02T00:00:00Z", later],
];

/** Each life with its figures. */
export const golden: readonly Golden[] = [
  {
    name: "E8 bonus credits take their share of the price",
    steps: [
      [
        "2026-01-05T00:00:00Z",
        {
          kind: "grant",
          grant: "grt_paid",
          credits: credits(10_000n),
          source: "purchase",
          cost: money(10_000n),
          currency: null,
          priority: 50,
          effectiveAt: null,
          expiresAt: null,
          appliesTo: { members: ["bea"] },
          reference: null,
          bonus: { grant: "grt_bonus", credits: credits(2_000n), ssp: null },
          payment: { kind: "received", tax: money(0n), fee: money(0n) },
        },
      ],
      ["2026-01-06T00:00:00Z", { kind: "revoke", grant: "grt_paid", credits: null }],
      ["2026-01-07T00:00:00Z", debit("dbt_1", 500, { member: "bea" })],
      ["2026-01-08T00:00:00Z", debit("dbt_2", 500, { member: "bea" })],
      ["2026-01-09T00:00:00Z", debit("dbt_3", 1_000, { member: "bea" })],
    ],
    entries: {
      "credits.granted": [
        { Cash: 10_000, "Deferred:grt_paid": -8_333, "Deferred:grt_bonus": -1_667 },
      ],
      "usage.debited": [
        { "Deferred:grt_bonus": 417, Usage: -417 },
        { "Deferred:grt_bonus": 417, Usage: -417 },
        { "Deferred:grt_bonus": 833, Usage: -833 },
      ],
    },
    rollForward: { "2026-01": ["0.00", "100.00", "100.00", "0.00", "0.00", "0.00"] },
  },
  {
    name: "E9, E9.1, E10 a bundle, its access by day, and what rolls over",
    steps: [
      [
        "2026-01-15T00:00:00Z",
        start({
          base: fee(20_000n, 15_000n),
          included: included(10_000n, 10_000n, {
            rollover: {
              shareBps: 10_000,
              amountMax: credits(2_500n),
              balanceMax: null,
              periods: 1,
            },
          }),
        }),
      ],
      ["2026-01-20T00:00:00Z", debit("dbt_1", 6_000)],
      ["2026-02-15T00:00:00Z", atEnd("end")],
      ["2026-04-02T00:00:00Z", later],
    ],
    entries: {
      "subscription.started": [
        { Receivable: 20_000, "Deferred:Access": -12_000, "Deferred:grt_10001": -8_000 },
      ],
      "usage.debited": [{ "Deferred:grt_10001": 4_800, Usage: -4_800 }],
      "credits.rolled_over": [
        { "Deferred:grt_10001": 3_200, "Deferred:grt_10001r1": -2_000, Breakage: -1_200 },
      ],
      "subscription.recognised": [
        { "Deferred:Access": 6_581, Subscription: -6_581 },
        // 5,419 of the first period, and 14 of 28 days of the second.
        { "Deferred:Access": 11_419, Subscription: -11_419 },
        { "Deferred:Access": 6_000, Subscription: -6_000 },
      ],
    },
    rollForward: {
      "2026-01": ["0.00", "200.00", "113.81", "0.00", "0.00", "86.19"],
      "2026-02": ["86.19", "200.00", "126.19", "0.00", "0.00", "160.00"],
    },
    revenue: {
      "2026-01": { Subscription: "65.81", Usage: "48.00" },
      "2026-02": { Subscription: "114.19", Breakage: "12.00" },
    },
  },
  {
    name: "E11.s an upgrade as a contract of its own",
    steps: upgrade("separate"),
    entries: {
      "subscription.changed": [
        { Receivable: 10_000, "Deferred:Access": -4_737, "Deferred:grt_10001c1": -5_263 },
      ],
    },
    // Of the credits nothing more is used: 16.00 and 52.63 are breakage as May begins.
    rollForward: {
      "2026-04": ["0.00", "200.00", "131.37", "0.00", "0.00", "68.63"],
      "2026-05": ["68.63", "0.00", "68.63", "0.00", "0.00", "0.00"],
    },
  },
  {
    name: "E11.p an upgrade whose price is shared with what is left",
    steps: upgrade("prospective"),
    entries: {
      "subscription.changed": [
        {
          Receivable: 10_000,
          "Deferred:grt_10001": 1_600,
          "Deferred:Access": -4_357,
          "Deferred:grt_10001c1": -7_243,
        },
      ],
    },
    rollForward: { "2026-04": ["0.00", "200.00", "127.57", "0.00", "0.00", "72.43"] },
  },
  {
    name: "E12, E12.j an immediate downgrade",
    steps: downgrade(9_000),
    entries: {
      "subscription.changed": [
        { "Deferred:Access": 3_437, "Deferred:grt_10001": 4_063, CustomerBalance: -7_500 },
      ],
    },
    rollForward: { "2026-06": ["0.00", "250.00", "165.63", "75.00", "0.00", "9.37"] },
  },
  {
    name: "E12.c an immediate downgrade with credits that are gone",
    steps: downgrade(13_000),
    entries: {
      "subscription.changed": [
        { "Deferred:Access": 3_333, "Deferred:grt_10001": 1_667, CustomerBalance: -5_000 },
      ],
    },
    rollForward: { "2026-06": ["0.00", "250.00", "200.00", "50.00", "0.00", "0.00"] },
  },
  {
    name: "E14 usage by the million, invoiced and paid",
    steps: [
      ["2026-04-01T00:00:00Z", usePlan],
      ["2026-04-01T00:00:00Z", start(tokens(300n, 1_000_000n))],
      ["2026-04-02T00:00:00Z", debit("dbt_1", 400_000)],
      ["2026-04-03T00:00:00Z", debit("dbt_2", 500_000)],
      ["2026-04-04T00:00:00Z", debit("dbt_3", 334_567)],
      ["2026-05-01T01:00:00Z", finalize("inv_10001")],
      ["2026-05-02T00:00:00Z", pay("inv_10001")],
    ],
    entries: {
      "usage.debited": [
        { Unbilled: 120, Usage: -120 },
        { Unbilled: 150, Usage: -150 },
        { Unbilled: 100, Usage: -100 },
      ],
      "invoice.finalized": [{ Receivable: 370, Unbilled: -370 }],
      "invoice.paid": [{ Cash: 370, Receivable: -370 }],
    },
    revenue: { "2026-04": { Usage: "3.70" } },
  },
  {
    name: "E15 a monthly minimum",
    steps: [
      ["2026-04-01T00:00:00Z", usePlan],
      [
        "2026-04-01T00:00:00Z",
        start({ ...tokens(1n, 1n), minimum: { minimums: [100_000n], trueUp: "period" } }),
      ],
      ["2026-04-02T00:00:00Z", debit("dbt_1", 64_000)],
      ["2026-05-01T01:00:00Z", finalize("inv_10001")],
    ],
    entries: {
      "usage.debited": [{ Unbilled: 64_000, Usage: -64_000 }],
      "commitment.trued_up": [{ Unbilled: 36_000, Shortfall: -36_000 }],
      "invoice.finalized": [{ Receivable: 100_000, Unbilled: -100_000 }],
    },
    revenue: { "2026-04": { Usage: "640.00", Shortfall: "360.00" } },
  },
  {
    name: "E15b an annual commitment, trued up at its end",
    steps: [
      ["2025-01-01T00:00:00Z", usePlan],
      [
        "2025-01-01T00:00:00Z",
        start({
          ...tokens(1n, 1n),
          cadence: { unit: "month", count: 3 },
          minimum: { minimums: [300_000n, 300_000n, 300_000n, 300_000n], trueUp: "term" },
        }),
      ],
      ["2025-01-02T00:00:00Z", debit("dbt_1", 250_000)],
      ["2025-04-02T00:00:00Z", debit("dbt_2", 310_000)],
      ["2025-07-02T00:00:00Z", debit("dbt_3", 280_000)],
      ["2025-10-02T00:00:00Z", debit("dbt_4", 260_000)],
      ["2026-01-02T00:00:00Z", later],
    ],
    entries: { "commitment.trued_up": [{ Unbilled: 100_000, Shortfall: -100_000 }] },
  },
  {
    name: "E16 what attempts cost in January, and outcomes of February, of which three come back",
    steps: [
      // 0.42 cents each: rounded one by one they would come to nothing.
      ["2026-01-15T00:00:00Z", attempt("dbt_1", 100)],
      ["2026-01-15T00:00:00Z", attempt("dbt_2", 100)],
      ["2026-01-16T00:00:00Z", attempt("dbt_3", 99_800)],
      [
        "2026-02-01T00:00:00Z",
        start({
          outcomes: [things("document", { price: { kind: "per_unit", per: 1n, price: 99n } })],
        }),
      ],
      ["2026-02-05T00:00:00Z", thing("out_1", 97n)],
      ["2026-02-05T00:00:00Z", thing("out_2", 3n)],
      ["2026-02-10T00:00:00Z", { kind: "reopenOutcome", outcome: "out_2", occurredAt: null }],
      ["2026-03-01T01:00:00Z", finalize("inv_10001")],
    ],
    entries: {
      "usage.debited": [
        { ModelCost: 1, AccruedProvider: -1 },
        { ModelCost: 419, AccruedProvider: -419 },
      ],
      "outcome.claimed": [
        { Unbilled: 9_603, Outcomes: -9_603 },
        { Unbilled: 297, Outcomes: -297 },
      ],
      "outcome.reopened": [{ Outcomes: 297, Unbilled: -297 }],
      "invoice.finalized": [{ Receivable: 9_603, Unbilled: -9_603 }],
    },
    revenue: { "2026-01": {}, "2026-02": { Outcomes: "96.03" } },
    modelCost: { "2026-01": "4.20", "2026-02": "0.00" },
  },
  {
    name: "E19 three seats more, on one line",
    steps: [
      ["2026-04-01T00:00:00Z", start(seats, 2)],
      ["2026-04-18T00:00:00Z", change({ seats: 5 })],
    ],
    entries: { "subscription.changed": [{ Receivable: 2_600, "Deferred:Access": -2_600 }] },
    rollForward: { "2026-04": ["0.00", "66.00", "66.00", "0.00", "0.00", "0.00"] },
  },
  {
    name: "E19 one seat more",
    steps: [
      ["2026-04-01T00:00:00Z", start(seats, 2)],
      ["2026-04-18T00:00:00Z", change({ seats: 3 })],
    ],
    entries: { "subscription.changed": [{ Receivable: 867, "Deferred:Access": -867 }] },
  },
  {
    name: "E20 overage past an empty pool",
    steps: [
      ["2026-04-01T00:00:00Z", usePlan],
      ["2026-04-01T00:00:00Z", start(tokens(12n, 10n, "overage"))],
      ["2026-04-02T00:00:00Z", debit("dbt_1", 500)],
    ],
    entries: { "usage.debited": [{ Unbilled: 600, Overage: -600 }] },
    revenue: { "2026-04": { Overage: "6.00" } },
  },
  {
    name: "E24 a year from a leap day",
    steps: [
      ["2024-02-29T00:00:00Z", start({ base: fee(36_600n), cadence: { unit: "year", count: 1 } })],
      ["2024-03-01T00:00:00Z", atEnd("end")],
      ["2025-03-02T00:00:00Z", later],
    ],
    entries: {},
    rollForward: {
      "2025-01": ["58.16", "0.00", "31.09", "0.00", "0.00", "27.07"],
      "2025-02": ["27.07", "0.00", "27.07", "0.00", "0.00", "0.00"],
    },
  },
];
