import {
  type AlertRule,
  type Command,
  type Event,
  type Instant,
  type Plan,
  type PresetAdvice,
  type RaiseAlert,
  type State,
  balanceOf,
  credits,
  fairnessPresets,
  instant,
  money,
} from "@cistern/kernel";

import { type Step, lived } from "./lived.ts";
import { outcomeTerms, saidOfOutcomes } from "./said-of-outcomes.ts";
import { saidOfRuns } from "./said-of-runs.ts";
import { prepaidLife } from "./prepaid-life.ts";
import { saidOfRequests } from "./said-of-requests.ts";
import { saidOfTopUps } from "./said-of-top-ups.ts";

const hour = 3_600_000;
/** The facts of a workspace's small life: grants that expire, holds of every ending, debt that is paid, refunds, limits, plans, outcomes, top-ups. */
export const lifeOfAWorkspace = (): readonly Event[] => lived(script());

/** Lots with something particular about their money: sold, used a little, given back, taken, estimated. */
function sales(): readonly (readonly [number, Step])[] {
  const grant = (id: string, given: Partial<Extract<Command, { kind: "grant" }>>): Command => ({
    kind: "grant",
    grant: id,
    credits: micro(1_000),
    source: "purchase",
    cost: money(1_000n),
    currency: null,
    priority: 10,
    effectiveAt: null,
    expiresAt: null,
    appliesTo: null,
    reference: null,
    ...given,
  });
  const debit = (id: string, amount: number): Command => ({
    kind: "debit",
    debit: id,
    member: "eve",
    meter: null,
    model: null,
    amount: { kind: "credits", credits: micro(amount) },
    occurredAt: null,
    run: null,
    project: null,
    attributes: null,
  });
  const repay = (id: string, amount: number | null, goodwill: bigint | null = null): Command => ({
    kind: "repay",
    repayment: `rpy_${id}${amount}`,
    grant: id,
    credits: amount === null ? null : micro(amount),
    goodwill: goodwill === null ? null : money(goodwill),
    currency: null,
    occurredAt: null,
    reason: null,
  });
  const payment = { kind: "received", tax: money(190n), fee: money(30n) } as const;
  const bonus = { grant: "grt_sb", credits: micro(200), ssp: null };
  return [
    [80_000, grant("grt_s", { payment, bonus, priority: 0 })],
    [80_001, debit("dbt_s", 300)],
    [80_002, repay("grt_s", 100)],
    [80_003, repay("grt_s", null, 50n)],
    [
      80_004,
      {
        kind: "chargeBack",
        chargeback: "cbk_s",
        grant: "grt_s",
        fee: money(15n),
        currency: null,
        occurredAt: null,
        reason: null,
      },
    ],
    [80_010, grant("grt_e", { breakage: 1_000, priority: 1 })],
    [80_011, debit("dbt_e", 225)],
    [80_012, { kind: "reviseBreakage", grant: "grt_e", breakage: 500 }],
    [80_013, debit("dbt_f", 475)],
    [80_014, { kind: "escheat", grant: "grt_e" }],
    [80_015, grant("grt_u", { escheats: true, expiresAt: instant(80_016), priority: 900 })],
    [80_020, grant("grt_p", { priority: 2 })],
    [80_021, debit("dbt_p", 300)],
    [80_022, pricedChange],
    [80_023, debit("dbt_q", 77)],
    [
      80_024,
      {
        kind: "refund",
        refund: "rfd_p",
        of: "dbt_p",
        credits: null,
        reason: null,
        recalled: null,
      },
    ],
  ];
}

/** A priced change takes 400 credits of a lot back and leaves 211 cents deferred for the other 300 (RULES 14); no plan is changed, and nobody is owed. */
function pricedChange({ pool }: State, at: Instant): Event {
  const left = pool.lots.get("grt_p");
  if (left === undefined) throw new Error("there is no lot to change");
  const balance = balanceOf(pool);
  return {
    kind: "credits.revoked",
    at,
    lot: left.id,
    credits: micro(400),
    owed: micro(0),
    isWhole: false,
    left,
    transfers: [
      {
        lot: left.id,
        from: "available",
        to: "revoked",
        credits: micro(400),
        money: money(700n - 211n),
        rebases: true,
      },
    ],
    balance: { ...balance, available: credits(balance.available - 400n) },
  };
}

const micro = (amount: number) => credits(BigInt(amount));

/** A plan by the day, of which half of what is unused rolls over. */
function subscribe(
  name: string,
  price: bigint,
  subscription = "sub_1",
  terms: Plan["seats"] = null,
): Extract<Command, { kind: "putSubscription" }> {
  return {
    kind: "putSubscription",
    subscription,
    plan: {
      name,
      version: `${name}@1`,
      currency: "USD",
      cadence: { unit: "day", count: 1 },
      base: { amount: money(price), standalone: money(price) },
      seats: terms,
      included: {
        credits: credits(price / 20n),
        per: "plan",
        every: null,
        standalone: money(price),
        priority: 40,
        rollover: { shareBps: 5_000, amountMax: null, balanceMax: null, periods: 1 },
      },
      outcomes: outcomeTerms,
      minimum: null,
      overage: { kind: "deny" },
      proration: "second",
      grantStep: micro(1),
      trialDays: 0,
      modification: "prospective",
      graceMs: 0,
    },
    isPinnedAnew: false,
    seats: null,
    when: null,
  };
}

/** A plan by two days that grants every day. */
const byHalves: Command = (() => {
  const command = subscribe("large", 25_000n, "sub_3");
  const { plan } = command;
  if (plan === null || plan.included === null) throw new Error("its plan has credits");
  const every = { unit: "month", count: 1 } as const;
  const included = { ...plan.included, every, rollover: null };
  return {
    ...command,
    plan: { ...plan, version: "large@2", cadence: { unit: "month", count: 2 }, included },
  };
})();

const finalize = (invoice: string): Command => ({
  kind: "finalizeInvoice",
  invoice,
  number: `R-${invoice}`,
  taxBps: 1_900,
  termsDays: 14,
  purchaseOrder: null,
});

/** The first invoice: issued, paid in part, credited in part, and its rest given up. */
function billing(at: number): readonly (readonly [number, Command])[] {
  const invoice = "inv_10001";
  const currency = null;
  return [
    [at, finalize(invoice)],
    [
      at + 1,
      {
        kind: "payInvoice",
        invoice,
        payment: "pay_1",
        amount: money(4_000n),
        currency,
        fee: money(40n),
        reference: "transfer 9",
      },
    ],
    [
      at + 2,
      {
        kind: "creditInvoice",
        creditNote: "crn_1",
        number: "C-1",
        invoice,
        amount: money(1_190n),
        currency,
        reason: "outage",
      },
    ],
    [at + 3, { kind: "voidInvoice", invoice, status: "uncollectible", reason: null }],
  ];
}

/** A seat is given, and taken back. */
function seats(at: number): readonly (readonly [number, Step])[] {
  const fee = { amount: money(100n), standalone: money(100n) };
  const terms = { fee, minimum: 1, maximum: null, isRequired: false };
  const ana = { kind: "putMember", member: "ana", memberKind: "person" } as const;
  return [
    [at, { kind: "cancelSubscription" }],
    [at, subscribe("seated", 1_000n, "sub_4", terms)],
    [at + 1, { ...ana, groups: [], home: null, sponsor: null }],
    [at + 2, { kind: "assignSeat", member: "ana" }],
    [at + 3, { kind: "releaseSeat", member: "ana" }],
    [at + 4, { kind: "putAlertRule", rule: oddRule }],
    [at + 5, odd],
    [at + 6, { kind: "reviewAlert", alert: odd.alert, verdict: "fine" }],
    [at + 7, { kind: "removeAlertRule", rule: oddRule.id }],
  ];
}

const oddRule: AlertRule = {
  id: "odd",
  watch: { kind: "unusual", most: "lower" },
  recipients: [{ id: "ben", quiet: null }],
};

const odd: RaiseAlert = {
  kind: "raiseAlert",
  alert: `alt_${"0".repeat(26)}`,
  rule: oddRule.id,
  crossing: "odd:unusual:1.0",
  subject: { kind: "member", id: "ana" },
  finding: {
    kind: "unusual",
    rule: "day",
    seen: micro(400),
    usual: micro(100),
    bound: micro(300),
    score: null,
    signs: ["network"],
  },
  grade: "lower",
};

/** What the replay of the hour before an instant speaks for. */
export const adviceAt = (at: number, changes: Partial<PresetAdvice> = {}): PresetAdvice => {
  const nothing = { calls: 0, credits: micro(0) };
  const asked = { calls: 3, credits: micro(30) };
  const some = { calls: 1, credits: micro(10) };
  return {
    period: { start: instant(at - hour), end: instant(at) },
    cutAt: null,
    inForce: "strict",
    preset: "balanced",
    outcomes: fairnessPresets.map((preset) => ({
      preset,
      asked,
      denied: preset === "strict" ? some : nothing,
      fair: { asked, denied: preset === "strict" ? some : nothing },
      used: micro(20),
      left: micro(0),
    })),
    ...changes,
  };
};

/** A pool that is shared: a reserve is given away, a call draws, and a day later all is shared anew, and other sharing is recommended. */
function shares(at: number): readonly (readonly [number, Step])[] {
  const bea = { kind: "putMember", member: "bea", memberKind: "person" } as const;
  const plain = { groups: [], home: null, sponsor: null };
  return [
    [at, { kind: "updateWorkspace", changes: { fairness: { preset: "strict" } } }],
    [at + 1, { ...bea, ...plain }],
    [
      at + 2,
      {
        kind: "grant",
        grant: "grt_shared",
        credits: micro(1_000),
        source: "promotion",
        cost: money(0n),
        currency: null,
        priority: 50,
        effectiveAt: null,
        expiresAt: null,
        appliesTo: null,
        reference: null,
      },
    ],
    [at + 3, { kind: "giftReserve", gift: "gft_1", from: "bea", to: "ana", credits: micro(1) }],
    [at + 4, { kind: "setReach", member: "ana", reach: 500 }],
    [at + 30 * hour, { kind: "putGroup", group: "later" }],
    [at + 30 * hour, { kind: "setGroupGuarantee", group: "later", credits: micro(5) }],
    [at + 31 * hour, { kind: "recommendFairness", advice: adviceAt(at + 30 * hour) }],
  ];
}

/** Two days of a commitment, of which nothing is used, and an outcome that matures after them. */
function commits(at: number): readonly (readonly [number, Command])[] {
  const command = subscribe("committed", 0n, "sub_5");
  if (command.kind !== "putSubscription" || command.plan === null) throw new Error("it subscribes");
  const minimum = { minimums: [700n], trueUp: "period" } as const;
  return [
    [at, { kind: "cancelSubscription" }],
    [at, { ...command, plan: { ...command.plan, included: null, minimum } }],
    [at + 30 * hour, { kind: "setPeriodEnd", atEnd: "end" }],
    [
      at + 47 * hour,
      {
        kind: "claimOutcome",
        outcome: "out_last",
        type: "resolution",
        customer: "lea",
        topic: "bill",
        conversation: "c9",
        channel: "chat",
        quantity: 1n,
        part: null,
        evidence: null,
        isTest: false,
        isSubstantive: true,
        occurredAt: null,
      },
    ],
    // None is left that takes it.
    ...[
      "10002",
      "10004",
      "20005",
      "20006",
      "30007",
      "30008",
      "30009",
      "40010",
      "40011",
      "50012",
      "50013",
    ].map((id) => [at + 48.5 * hour, finalize(`inv_${id}`)] as const),
    [
      // Before it pays what is open.
      at + 48.5 * hour,
      {
        kind: "payOutBalance",
        payout: "pyo_1",
        amount: money(4_000n),
        currency: null,
        occurredAt: null,
        reference: "transfer 9",
      },
    ],
    [at + 60 * hour, { kind: "putGroup", group: "late" }],
  ];
}

/** A command, or an event that no command of its own makes. */

function script(): readonly (readonly [number, Step])[] {
  const hold = (id: string, amount: number): Command => ({
    kind: "openHold",
    hold: id,
    member: "ana",
    meter: null,
    model: null,
    amount: { kind: "credits", credits: micro(amount) },
    ttlMs: 1_000,
    run: null,
    project: null,
    attributes: null,
  });
  const settle = (id: string, amount: number, isFinal = true): Command => ({
    kind: "settleHold",
    outcome: null,
    hold: id,
    amount: { kind: "credits", credits: micro(amount) },
    isEstimated: true,
    response: `response of ${id}`,
    isFinal,
    fingerprint: null,
    recalled: null,
  });
  const grant = (id: string, amount: number, cost: bigint, expiresAt: number | null): Command => ({
    kind: "grant",
    grant: id,
    credits: micro(amount),
    source: "purchase",
    cost: money(cost),
    currency: null,
    priority: 50,
    effectiveAt: null,
    expiresAt: expiresAt === null ? null : instant(expiresAt),
    appliesTo: null,
    reference: null,
  });
  const refund = (id: string, of: string): Command => ({
    kind: "refund",
    refund: id,
    of,
    credits: null,
    reason: null,
    recalled: null,
  });
  return [
    [
      1_000,
      {
        kind: "createWorkspace",
        workspace: {
          id: "acme",
          timeZone: "UTC",
          currency: "USD",
          overage: { kind: "debt", limit: micro(100) },
          overrun: "draw_more_then_debt",
          members: "open",
          guestsMax: 10,
        },
      },
    ],
    [
      1_001,
      {
        kind: "putLimit",
        limit: "daily",
        scope: { kind: "eachMember" },
        rule: { kind: "cap", credits: micro(1_000), window: { kind: "calendar", unit: "day" } },
      },
    ],
    [1_002, grant("grt_a", 70, 101n, 60_000)],
    [1_003, grant("grt_b", 200, 333n, null)],
    [1_010, hold("hld_1", 50)],
    [1_020, settle("hld_1", 20, false)],
    [1_030, settle("hld_1", 13)],
    [1_040, hold("hld_2", 60)],
    [1_050, { kind: "releaseHold", hold: "hld_2", fingerprint: null, recalled: null }],
    [1_060, hold("hld_3", 90)],
    [3_000, settle("hld_3", 80)],
    [3_100, hold("hld_4", 200)],
    [3_200, settle("hld_4", 230)],
    [3_300, grant("grt_c", 150, 77n, null)],
    [3_400, hold("hld_5", 10)],
    [3_500, { kind: "revoke", grant: "grt_c", credits: micro(20) }],
    [3_600, settle("hld_5", 4)],
    [70_000, refund("rfd_x1", "hld_1")],
    [
      70_100,
      {
        kind: "debit",
        debit: "dbt_1",
        member: "ben",
        meter: null,
        model: null,
        amount: { kind: "credits", credits: micro(5) },
        occurredAt: null,
        run: null,
        project: null,
        attributes: null,
      },
    ],
    [70_200, refund("rfd_x2", "dbt_1")],
    [70_300, hold("hld_6", 3)],
    ...saidOfRequests(70_400),
    ...sales(),
    [90_000, subscribe("small", 10_000n)],
    ...billing(90_000 + hour),
    [90_000 + 12 * hour, subscribe("large", 25_000n)],
    [90_000 + 13 * hour, hold("hld_7", 300)],
    ...saidOfOutcomes(90_000 + 14 * hour),
    [90_000 + 60 * hour, { kind: "setPeriodEnd", atEnd: "pause" }],
    [90_000 + 80 * hour, { kind: "setPeriodEnd", atEnd: "renew" }],
    [90_000 + 90 * hour, { kind: "setPeriodEnd", atEnd: "pause" }],
    [90_000 + 130 * hour, { kind: "setPeriodEnd", atEnd: "end" }],
    [90_000 + 140 * hour, subscribe("small", 10_000n, "sub_2")],
    [90_000 + 141 * hour, { kind: "setPeriodEnd", atEnd: "end" }],
    [90_000 + 141 * hour + 1, finalize("inv_10003")],
    [
      90_000 + 141 * hour + 2,
      { kind: "voidInvoice", invoice: "inv_10003", status: "void", reason: "twice" },
    ],
    [90_000 + 170 * hour, hold("hld_8", 1)],
    [90_000 + 171 * hour, byHalves],
    [90_000 + 200 * hour, hold("hld_9", 1)],
    ...saidOfTopUps(90_000 + 201 * hour),
    ...seats(90_000 + 235 * hour),
    ...commits(90_000 + 236 * hour),
    ...prepaidLife(90_000 + 2_000 * hour, subscribe("prepaid", 1_000n, "sub_6")),
    ...saidOfRuns(90_000 + 5_000 * hour),
    ...shares(90_000 + 6_000 * hour),
  ];
}
