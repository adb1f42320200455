/** The golden entries of FINANCE, section 4, as books: both tools accept them, and the roll-forward says what each did. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Account, accountOf } from "../../src/books/chart.ts";
import type { Entry, Line } from "../../src/books/entry.ts";
import { bookFormats } from "../../src/books/index.ts";
import { Balances } from "../../src/books/export/books-writer.ts";
import { deferredChange, rollForward } from "../../src/books/reports/roll-forward.ts";
import { revenue } from "../../src/books/reports/revenue.ts";
import { unbilled } from "../../src/books/reports/unbilled.ts";
import { beancountJudges, canJudge, hledgerJudges } from "./accounting-tools.ts";

type Moves = Readonly<Record<string, number>>;

interface Golden {
  readonly name: string;
  readonly kind?: Entry["kind"];
  readonly money: Moves;
  /** Credits of the same event, as the pool counts them. */
  readonly credits?: Moves;
  /** What it does to deferred revenue: billed, recognised, refunded, moved; left out: nothing. */
  readonly deferred?: readonly [number, number, number, number];
}

const golden: readonly Golden[] = [
  {
    name: "E1 purchase",
    money: { Cash: 10_825, "Deferred:E1": -10_000, Tax: -825 },
    credits: { Issued: -10_000, "Available:E1": 10_000 },
    deferred: [10_000, 0, 0, 0],
  },
  { name: "E1 card fee", money: { PaymentFees: 344, Cash: -344 } },
  {
    name: "E2 use",
    money: { "Deferred:E1": 2_500, Usage: -2_500 },
    credits: { "Available:E1": -2_500, Consumed: 2_500 },
    deferred: [0, 2_500, 0, 0],
  },
  {
    name: "E5 expiry",
    money: { "Deferred:C": 700, Breakage: -700 },
    credits: { "Available:C": -700, Expired: 700 },
    deferred: [0, 700, 0, 0],
  },
  {
    name: "E6 use with breakage in proportion",
    money: { "Deferred:E6": 2_500, Usage: -2_250, Breakage: -250 },
    deferred: [0, 2_500, 0, 0],
  },
  {
    name: "E6.2 the estimate is revised",
    money: { "Deferred:E6": -132, Breakage: 132 },
    deferred: [0, -132, 0, 0],
  },
  {
    name: "E7 escheat",
    money: { "Deferred:E7": 700, UnclaimedProperty: -700 },
    deferred: [0, 0, 0, -700],
  },
  {
    name: "E8 paid and bonus credits",
    money: { Cash: 10_000, "Deferred:paid": -8_333, "Deferred:bonus": -1_667 },
    deferred: [10_000, 0, 0, 0],
  },
  {
    name: "E9 a plan with access and credits",
    money: { Receivable: 20_000, "Deferred:Access": -12_000, "Deferred:lot": -8_000 },
    deferred: [20_000, 0, 0, 0],
  },
  {
    name: "E9.1 access of January",
    money: { "Deferred:Access": 6_581, Subscription: -6_581 },
    deferred: [0, 6_581, 0, 0],
  },
  {
    name: "E10 rollover",
    money: { "Deferred:old": 3_200, "Deferred:rolled": -2_000, Breakage: -1_200 },
    credits: {
      "Available:old": -4_000,
      Moved: 2_500,
      Expired: 1_500,
      Issued: -2_500,
      "Available:rolled": 2_500,
    },
    deferred: [0, 1_200, 0, 0],
  },
  {
    name: "E11.p upgrade, prospective",
    money: {
      Receivable: 10_000,
      "Deferred:oldlot": 1_600,
      "Deferred:Access": -4_357,
      "Deferred:newlot": -7_243,
    },
    deferred: [10_000, 0, 0, 0],
  },
  {
    name: "E12.j downgrade",
    money: { "Deferred:Access": 3_437, "Deferred:lot": 4_063, CustomerBalance: -7_500 },
    deferred: [0, 0, 7_500, 0],
  },
  {
    name: "E13 repayment of what is unused, with its tax",
    money: { "Deferred:E1": 7_500, Tax: 619, Cash: -8_119 },
    credits: { "Available:E1": -7_500, Revoked: 7_500 },
    deferred: [0, 0, 7_500, 0],
  },
  { name: "E13b goodwill", money: { Refunds: 1_000, Cash: -1_000 } },
  {
    name: "E13c chargeback",
    money: { "Deferred:cb": 7_500, Chargebacks: 2_500, DisputeFees: 1_500, Cash: -11_500 },
    deferred: [0, 0, 7_500, 0],
  },
  { name: "E14 accrual", money: { Unbilled: 370, Usage: -370 } },
  { name: "E14 invoice", money: { Receivable: 370, Unbilled: -370 } },
  { name: "E14 payment", money: { Cash: 370, Receivable: -370 } },
  { name: "E15 use", money: { Unbilled: 64_000, Usage: -64_000 } },
  { name: "E15 close", money: { Receivable: 100_000, Unbilled: -64_000, Shortfall: -36_000 } },
  { name: "E16 cost of attempts", money: { ModelCost: 420, AccruedProvider: -420 } },
  { name: "E16 outcomes", money: { Unbilled: 9_900, Outcomes: -9_900 } },
  { name: "E16 reopened", money: { Outcomes: 297, Unbilled: -297 } },
  { name: "E16 invoice", money: { Receivable: 9_603, Unbilled: -9_603 } },
  { name: "E20 overage", money: { Unbilled: 600, Overage: -600 } },
  {
    name: "a call that lots pay in part, and overage for the rest",
    money: { "Deferred:mix": 300, Usage: -300, Unbilled: 600, Overage: -600 },
    deferred: [0, 300, 0, 0],
  },
  {
    name: "a call that lots pay in part, and the month's invoice for the rest",
    money: { "Deferred:mix": 300, Usage: -400, Unbilled: 100 },
    deferred: [0, 300, 0, 0],
  },
  {
    name: "an invoice for the next month's plan and the last one's use, with tax",
    money: {
      Receivable: 24_633,
      "Deferred:Access": -12_000,
      "Deferred:lot2": -8_000,
      Unbilled: -700,
      Tax: -3_933,
    },
    deferred: [20_000, 0, 0, 0],
  },
  {
    name: "an invoice that the customer's balance pays in part",
    money: { Receivable: -7_500, CustomerBalance: 7_500 },
  },
  {
    name: "an invoice that is void, with its tax and what the balance paid of it: usage is unbilled again",
    kind: "invoice.voided",
    money: { Receivable: 5_300, CustomerBalance: -7_500, Tax: 1_500, Unbilled: 700 },
  },
  {
    name: "an invoice that is given up",
    money: { Receivable: -4_000, BadDebt: 4_000 },
  },
  {
    name: "credits given back that nobody had paid for: less is owed",
    money: { "Deferred:lot": 1_000, Tax: 190, Receivable: -1_190 },
    deferred: [0, 0, 1_000, 0],
  },
  {
    name: "a payment with its fee",
    money: { Cash: 9_321, PaymentFees: 282, Receivable: -9_603 },
  },
  {
    name: "a change that gives back more than is deferred",
    money: { "Deferred:Access": 592, CustomerBalance: -596, Refunds: 4 },
    deferred: [0, 0, 592, 0],
  },
  {
    name: "E21 compensation",
    money: { SlaCredits: 500, "Deferred:sla": -500 },
    deferred: [0, 0, 0, 500],
  },
  {
    name: "E23 late usage of a lot that expired",
    money: { Breakage: 40, Usage: -40 },
    credits: { Expired: -40, Consumed: 40 },
  },
];

const linesOf = ({ money, credits = {} }: Golden): readonly Line[] => [
  ...Object.entries(money).map(([account, amount]) => ({
    account: accountOf({ account, commodity: "MONEY", amount: 0n }),
    commodity: "USD",
    amount: BigInt(amount),
  })),
  ...Object.entries(credits).map(([account, amount]) => ({
    account: accountOf({ account, commodity: "CREDIT", amount: 0n }),
    commodity: "CREDIT",
    amount: -1_000_000n * BigInt(amount),
  })),
];

const entries: readonly Entry[] = golden.map((one, index) => ({
  workspaceId: "acme",
  position: { seq: index + 1, index: 0 },
  date: `2026-${index < 28 ? "01" : "02"}-${String((index % 28) + 1).padStart(2, "0")}`,
  kind: one.kind ?? "credits.granted",
  of: one.name,
  lines: linesOf(one),
}));

suite("golden entries", () => {
  for (const [index, { name, deferred = [0, 0, 0, 0] }] of golden.entries())
    test(`${name}: what it does to deferred revenue`, () => {
      const lines = (entries[index]?.lines ?? []).filter(({ commodity }) => commodity === "USD");
      const { billed, recognised, refunded, moved } = deferredChange(lines) ?? nothing;
      assert.deepEqual([billed, recognised, refunded, moved], deferred.map(BigInt));
    });

  test("hledger and beancount accept all of them in one file", (t) => {
    if (!canJudge(t)) return;
    for (const [format, judges] of [
      ["hledger", hledgerJudges],
      ["beancount", beancountJudges],
    ] as const) {
      const writer = bookFormats[format]();
      const balances = new Balances({}, writer.components);
      for (const entry of entries) balances.note(entry);
      const parts = entries.map((entry) => writer.entry(entry, balances.carryOut(entry)));
      const text = [writer.start(balances.named()), ...parts, writer.end()].join("");
      const { isAccepted, said } = judges(text);
      assert(isAccepted, said);
    }
  });

  test("every account of money of the chart has its example", () => {
    const used = new Set(
      entries.flatMap(({ lines }) => lines.map(({ account }) => keyOf(account))),
    );
    for (const key of "Cash Receivable Unbilled Deferred Deferred:Access CustomerBalance Tax UnclaimedProperty AccruedProvider Subscription Usage Overage Outcomes Breakage Shortfall Refunds Chargebacks SlaCredits PaymentFees DisputeFees BadDebt ModelCost".split(
      " ",
    ))
      assert(used.has(key), key);
  });

  test("the reports add them up", () => {
    const folds = [rollForward(), revenue(), unbilled()] as const;
    for (const entry of entries) for (const fold of folds) fold.add(entry, false);
    const [forward, kinds, open] = [folds[0].rows(), folds[1].rows(), folds[2].rows()];
    assert.deepEqual(forward, [
      {
        workspace: "acme",
        currency: "USD",
        opening: "0.00",
        billed: "700.00",
        recognised: "139.49",
        refunded: "240.92",
        moved: "-2.00",
        closing: "317.59",
      },
    ]);
    assert.deepEqual(Object.fromEntries(kinds.map(({ kind, amount }) => [kind, amount])), {
      Breakage: "19.78",
      Chargebacks: "-25.00",
      Outcomes: "96.03",
      Overage: "12.00",
      Refunds: "-10.04",
      Shortfall: "360.00",
      SlaCredits: "-5.00",
      Subscription: "65.81",
      Usage: "698.60",
    });
    assert.deepEqual(open, [
      {
        workspace: "acme",
        currency: "USD",
        opening: "0.00",
        accrued: "752.73",
        billed: "739.73",
        closing: "13.00",
      },
    ]);
  });
});

const nothing = { billed: 0n, recognised: 0n, refunded: 0n, moved: 0n };
const keyOf = ({ key }: Account): string => key;
