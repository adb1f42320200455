/** Random lives on plans: what a subscription and its invoices may be asked, mixed with what a pool is asked in `moves.ts`. */
import {
  type BilledLine,
  type ClaimOutcome,
  type Limit,
  type OutcomeTerms,
  type Plan,
  type UnitPrice,
  conversationDefaults,
  credits,
  money,
  planLimitId,
} from "@cistern/kernel";
import * as fc from "fast-check";
import {
  allowances,
  holdUnits,
  negotiate,
  plenty,
  settleUnits,
  useUnits,
} from "./customer-moves.ts";
import {
  type Asker,
  type Wish,
  asker as poolAsker,
  nthLast,
  pause,
  recent,
  small,
} from "./moves.ts";
import { putTopUpRule, requestTopUp, resolveTopUp } from "./top-up-moves.ts";

const day = 24 * 60 * 60 * 1_000;

/** A price in its parts: few and small, so that steps and roundings are met. */
export const unitPrice: fc.Arbitrary<UnitPrice> = fc.oneof(
  fc
    .record({
      kind: fc.constantFrom("per_unit" as const, "package" as const),
      per: fc.bigInt({ min: 1n, max: 7n }),
      price: small(9),
    })
    .map((one) => ({ ...one })),
  fc
    .record({
      kind: fc.constantFrom("graduated" as const, "volume" as const),
      per: fc.bigInt({ min: 1n, max: 7n }),
      prices: fc.tuple(small(9), small(9), small(9)),
      flat: small(20),
      upTo: fc.bigInt({ min: 1n, max: 30n }),
    })
    .map(({ kind, per, prices: [first, second, third], flat, upTo }) => ({
      kind,
      per,
      tiers: [
        { upTo, price: first },
        { upTo: upTo + 11n, price: second, flat },
        { upTo: null, price: third },
      ],
    })),
);

export const fee = fc
  .record({ amount: fc.oneof(fc.constant(0n), small(1_000)), standalone: small(900) })
  .map(({ amount, standalone }) => ({ amount: money(amount), standalone: money(standalone) }));

const rollover = fc
  .record({
    shareBps: fc.constantFrom(10_000, 5_000, 3_333),
    amountMax: fc.option(small(40)),
    balanceMax: fc.option(small(60)),
    periods: fc.constantFrom(1, 1, 2, 3),
  })
  .map((one) => ({
    ...one,
    amountMax: one.amountMax === null ? null : credits(one.amountMax),
    balanceMax: one.balanceMax === null ? null : credits(one.balanceMax),
  }));

const included = fc
  .record({
    amount: fc.bigInt({ min: 1n, max: 90n }),
    per: fc.constantFrom("plan" as const, "seat" as const),
    standalone: fc.option(small(700), { freq: 3 }),
    every: fc.constant(null),
    priority: fc.constantFrom(0, 40, 50),
    rollover: fc.option(rollover, { freq: 2 }),
  })
  .map(({ amount, standalone, ...one }) => ({
    ...one,
    credits: credits(amount),
    standalone: standalone === null ? null : money(standalone),
  }));

const billedLine = fc
  .record({ kind: fc.constantFrom("usage" as const, "overage" as const), price: unitPrice })
  .map((one): BilledLine => ({ ...one, meter: null }));

const overage: fc.Arbitrary<Plan["overage"]> = fc.oneof(
  fc.constant({ kind: "deny" } as const),
  small(30).map((limit) => ({ kind: "debt" as const, limit: credits(limit) })),
  fc
    .record({
      all: billedLine,
      chat: fc.option(billedLine),
      spendCap: fc.option(small(200)),
    })
    .map(({ all, chat, spendCap }) => ({
      kind: "bill" as const,
      lines: [...(chat === null ? [] : [{ ...chat, meter: "chat" }]), all],
      spendCap: spendCap === null ? null : money(spendCap),
    })),
);

export const outcomes: fc.Arbitrary<readonly OutcomeTerms[]> = fc.oneof(
  fc.constant([]),
  fc
    .record({
      price: unitPrice,
      needsConfirmation: fc.boolean(),
      expectedBps: fc.constantFrom(null, 6_000),
    })
    .map(({ price, needsConfirmation, expectedBps }) => [
      {
        kind: "quantity" as const,
        type: "document",
        price,
        parts: [{ name: "draft", shareBps: 2_500 }],
        reopenMs: conversationDefaults.reopenMs,
        expectedBps,
        needsConfirmation,
      },
      {
        kind: "conversation" as const,
        type: "resolution",
        price,
        parts: [],
        expectedBps,
        ...conversationDefaults,
      },
    ]),
);

export const minimum = fc.option(
  fc
    .record({
      minimums: fc.array(small(300), { minLength: 1, maxLength: 3 }),
      trueUp: fc.constantFrom("period" as const, "term" as const),
      rolloverPeriods: fc.constantFrom(0, 0, 1, 2),
    })
    .map(({ rolloverPeriods, ...one }) =>
      rolloverPeriods === 0 || one.trueUp === "term" ? one : { ...one, rolloverPeriods },
    ),
  { freq: 2 },
);

const drawdown = fc.option(
  fc
    .record({
      terms: fc.array(fc.record({ price: small(600), more: small(200), bought: small(80) }), {
        minLength: 1,
        maxLength: 2,
      }),
      periods: fc.constantFrom(1, 1, 2, 3),
      priority: fc.constantFrom(0, 45),
      rollover: fc.option(rollover, { freq: 2 }),
    })
    .map(({ terms: said, ...one }) => ({
      ...one,
      terms: said.map(({ price, more, bought }) => ({
        price: money(price),
        list: money(price + more),
        credits: credits(bought),
      })),
    })),
  { freq: 2 },
);

const reserved = fc.option(
  fc
    .record({
      fee,
      shareBps: fc.constantFrom(0, 3_333, 10_000),
      group: fc.constantFrom(null, "red"),
      quantity: fc.bigInt({ min: 1n, max: 9n }),
      unit: fc.constantFrom("requests" as const, "credits" as const),
    })
    .map(({ quantity, unit, ...one }) => ({
      ...one,
      rate: { kind: "rate" as const, unit, quantity, perMs: day / 24, burst: quantity },
    })),
  { freq: 2 },
);

/** One name in several plans, of two windows: its use goes on, or begins anew. */
const limits = fc.option(
  fc
    .record({
      amount: small(120),
      unit: fc.constantFrom("day" as const, "month" as const),
      scope: fc.constantFrom(
        { kind: "eachMember" } as const,
        { kind: "workspace" } as const,
        { kind: "group", id: "red" } as const,
      ),
      quantity: fc.bigInt({ min: 1n, max: 9n }),
    })
    .map(({ amount, unit, scope, quantity }): readonly Limit[] => [
      {
        id: planLimitId("each"),
        scope,
        rule: { kind: "cap", credits: credits(amount), window: { kind: "calendar", unit } },
      },
      {
        id: planLimitId("pace"),
        scope: { kind: "workspace" },
        rule: { kind: "rate", unit: "requests", quantity, perMs: day / 24, burst: quantity },
      },
    ]),
  { freq: 2 },
);

const terms = fc.record({
  cadence: fc.constantFrom(
    ...Array.from({ length: 7 }, () => ({ unit: "month", count: 1 }) as const),
    { unit: "day", count: 10 } as const,
    { unit: "month", count: 3 } as const,
    { unit: "year", count: 1 } as const,
  ),
  base: fc.option(fee),
  seats: fc.option(
    fc
      .record({ fee, minimum: fc.constantFrom(1, 1, 3), maximum: fc.constantFrom(null, 9) })
      .map((one) => ({ ...one, isRequired: false })),
    { freq: 3 },
  ),
  included: fc.option(included, { freq: 4 }),
  outcomes,
  minimum,
  drawdown,
  reserved,
  limits,
  overage,
  proration: fc.constantFrom("second" as const, "second" as const, "day" as const, "none" as const),
  grantStep: fc.constantFrom(1n, 5n).map(credits),
  trialDays: fc.constantFrom(0, 0, 0, 7),
  modification: fc.constantFrom("separate" as const, "prospective" as const),
  graceMs: fc.constantFrom(0, day),
});

/** A plan of any components. Its version is of its own, as a hash of its terms would be. */
const plan = fc
  .record({
    name: fc.constantFrom("starter", "team", "enterprise"),
    terms,
    units: allowances,
    salt: fc.nat(),
  })
  .map(
    ({
      name,
      terms: { drawdown: prepaid, reserved: kept, limits: most, ...said },
      units,
      salt,
    }): Plan => ({
      name,
      version: `${name}@${salt}`,
      currency: "EUR",
      ...said,
      ...(prepaid === null ? {} : { drawdown: prepaid }),
      ...(kept === null ? {} : { reserved: kept }),
      ...(most === null ? {} : { limits: most }),
      ...units,
      included: byMonth(said, salt % 2 === 0),
    }),
  );

/** Credits of a longer period may come by the month. */
function byMonth(
  { cadence: { unit, count }, included: said }: Pick<Plan, "cadence" | "included">,
  isMonthly: boolean,
): Plan["included"] {
  const isLong = unit === "year" || (unit === "month" && count > 1);
  return said === null || !isLong || !isMonthly
    ? said
    : { ...said, every: { unit: "month", count: 1 } };
}

const putPlan: Asker = fc
  .record({
    plan,
    more: fc.nat({ max: 3 }),
    when: fc.constantFrom(null, "now", "period_end"),
  })
  .map(({ plan: to, more, when }) => ({ serial }) => ({
    kind: "putSubscription",
    subscription: `sub_${serial}`,
    plan: to,
    isPinnedAnew: true,
    seats: to.seats === null ? null : to.seats.minimum + more,
    when,
  }));

/** A plan by the month that commits to nothing and costs little: most changes to it are downgrades, and may be had at once. */
const putLess: Asker = fc.tuple(plan, small(200)).map(([{ drawdown: _left, ...one }, amount]) => {
  const less: Plan = {
    ...one,
    version: `${one.version}-less`,
    cadence: { unit: "month", count: 1 },
    base: { amount: money(amount), standalone: money(amount) },
    included: one.included === null ? null : { ...one.included, every: null },
    minimum: null,
    trialDays: 0,
  };
  return ({ serial }) => ({
    kind: "putSubscription",
    subscription: `sub_${serial}`,
    plan: less,
    isPinnedAnew: true,
    seats: null,
    when: "now",
  });
});

const putSeats: Asker = fc
  .record({
    seats: fc.integer({ min: 0, max: 9 }),
    when: fc.constantFrom(null, "now", "period_end"),
  })
  .map(({ seats, when }) => ({ serial }) => ({
    kind: "putSubscription",
    subscription: `sub_${serial}`,
    plan: null,
    isPinnedAnew: false,
    seats,
    when,
  }));

/** Whatever the plan includes may be used up; what is measured costs the vendor something too. */
export const useUp: Asker = fc
  .record({ amount: small(150), meter: fc.constantFrom(null, "chat", "image") })
  .map(({ amount, meter }) => ({ serial }) => ({
    kind: "debit",
    debit: `dbt_${serial}`,
    member: "ana",
    meter,
    model: null,
    amount:
      meter === "image"
        ? { kind: "usage", usage: { images: Number(amount) } }
        : { kind: "credits", credits: credits(amount) },
    occurredAt: null,
    run: null,
    project: null,
    attributes: null,
  }));

const setPeriodEnd: Asker = fc
  .constantFrom("renew" as const, "renew" as const, "pause" as const, "end" as const)
  .map((atEnd) => () => ({ kind: "setPeriodEnd", atEnd }));

const cancel: Asker = fc.constant(() => ({ kind: "cancelSubscription" }));

export const invoiceNow: Asker = fc.constant(() => ({ kind: "invoiceNow" }));

export const finalize: Asker = fc
  .record({ back: recent, taxBps: fc.constantFrom(0, 825, 1_900) })
  .map(({ back, taxBps }) => ({ drafts, serial }) => ({
    kind: "finalizeInvoice",
    invoice: nthLast(drafts, back),
    number: `R-${serial}`,
    taxBps,
    termsDays: 14,
    purchaseOrder: null,
  }));

export const pay: Asker = fc
  .record({
    back: recent,
    amount: fc.option(small(900)),
    fee: small(5),
    excessToBalance: fc.boolean(),
  })
  .map((one) => ({ issued, serial }) => ({
    kind: "payInvoice",
    invoice: nthLast(issued, one.back),
    payment: `pay_${serial}`,
    amount: one.amount === null ? null : money(one.amount),
    currency: null,
    fee: money(one.fee),
    reference: null,
    excessToBalance: one.excessToBalance,
  }));

const voidIt: Asker = fc
  .record({ back: recent, status: fc.constantFrom("void" as const, "uncollectible" as const) })
  .map(({ back, status }) => ({ issued }) => ({
    kind: "voidInvoice",
    invoice: nthLast(issued, back),
    status,
    reason: null,
  }));

export const credit: Asker = fc
  .record({ back: recent, amount: small(900) })
  .map(({ back, amount }) => ({ issued, serial }) => ({
    kind: "creditInvoice",
    creditNote: `crn_${serial}`,
    number: `C-${serial}`,
    invoice: nthLast(issued, back),
    amount: money(amount),
    currency: null,
    reason: null,
  }));

const payOut: Asker = fc.option(small(300)).map((amount) => ({ serial }) => ({
  kind: "payOutBalance",
  payout: `pyo_${serial}`,
  amount: amount === null ? null : money(amount),
  currency: null,
  occurredAt: null,
  reference: null,
}));

const ofThing = {
  customer: null,
  topic: null,
  conversation: null,
  channel: null,
} as const satisfies Partial<ClaimOutcome>;

export const claim: Asker = fc
  .record({
    quantity: fc.bigInt({ min: 1n, max: 40n }),
    part: fc.constantFrom(null, null, "draft"),
    about: fc.constantFrom(null, null, "c1", "c2", "c3"),
  })
  .map(({ quantity, part, about }) => ({ serial }) => ({
    kind: "claimOutcome",
    outcome: `out_${serial}`,
    ...(about === null
      ? { type: "document", quantity, part, ...ofThing }
      : {
          type: "resolution",
          quantity: 1n,
          part: null,
          customer: "zoe",
          topic: "bill",
          conversation: about,
          channel: "chat" as const,
        }),
    evidence: null,
    isTest: false,
    isSubstantive: true,
    occurredAt: null,
  }));

export const judge: Asker = fc
  .record({
    back: recent,
    kind: fc.constantFrom("confirmOutcome", "confirmOutcome", "reopenOutcome"),
  })
  .map(({ back, kind }) => ({ outcomes: known }) => {
    const of = { outcome: nthLast(known, back), occurredAt: null };
    return kind === "confirmOutcome"
      ? { kind: "confirmOutcome", attestor: null, ...of }
      : { kind: "reopenOutcome", ...of };
  });

const signal: Asker = fc.constant(() => ({
  kind: "signalCase",
  signal: "contact",
  customer: "zoe",
  topic: "bill",
  conversation: "c4",
  occurredAt: null,
}));

const setOverage: Asker = fc
  .constantFrom("plan" as const, "plan" as const, "plan" as const, "deny" as const)
  .map((kind) => () => ({ kind: "updateWorkspace", changes: { overage: { kind } } }));

const move: Asker = fc
  .constantFrom("America/New_York", "Asia/Tokyo", "Europe/Berlin")
  .map((timeZone) => () => ({ kind: "updateWorkspace", changes: { timeZone } }));

const planAsker: Asker = fc.oneof(
  { weight: 14, arbitrary: putPlan },
  { weight: 5, arbitrary: putLess },
  { weight: 10, arbitrary: putSeats },
  { weight: 10, arbitrary: useUp },
  { weight: 4, arbitrary: setPeriodEnd },
  { weight: 2, arbitrary: cancel },
  { weight: 4, arbitrary: invoiceNow },
  { weight: 8, arbitrary: finalize },
  { weight: 6, arbitrary: pay },
  { weight: 3, arbitrary: voidIt },
  { weight: 3, arbitrary: credit },
  { weight: 3, arbitrary: payOut },
  { weight: 6, arbitrary: claim },
  { weight: 3, arbitrary: judge },
  { weight: 1, arbitrary: signal },
  { weight: 6, arbitrary: setOverage },
  { weight: 1, arbitrary: move },
  { weight: 6, arbitrary: useUnits },
  { weight: 4, arbitrary: holdUnits },
  { weight: 4, arbitrary: settleUnits },
  { weight: 6, arbitrary: negotiate },
  { weight: 2, arbitrary: plenty },
  { weight: 4, arbitrary: requestTopUp },
  { weight: 7, arbitrary: resolveTopUp },
  { weight: 3, arbitrary: putTopUpRule },
);

/** Mostly moments, and now and then so long that a subscription renews by itself, once or often. */
export const waitUpTo = (longestDays: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 10, arbitrary: pause },
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 12 * day }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(31, 100, 370).map((days) => Math.min(days, longestDays) * day),
    },
  );

/** A life on plans; the first wish is one, and later ones as often as not are for the pool. */
export const planLives = (
  maxLength: number,
  longestDays = Number.POSITIVE_INFINITY,
): fc.Arbitrary<readonly Wish[]> =>
  fc
    .tuple(
      putPlan,
      fc.array(fc.tuple(waitUpTo(longestDays), fc.oneof(poolAsker, planAsker)), {
        minLength: Math.floor(maxLength / 3),
        maxLength,
        size: "max",
      }),
    )
    .map(([first, rest]) =>
      [[0, first] as const, ...rest].map(([afterMs, ask]) => ({ afterMs, ask })),
    );
