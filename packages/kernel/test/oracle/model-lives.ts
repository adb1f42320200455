/** Random lives that stay with one pricing model, where `planLives` mixes all of them: a pool alone, and postpaid consumption. */
import { type Plan, credits } from "@cistern/kernel";
import * as fc from "fast-check";
import { useUnits } from "./customer-moves.ts";
import { type Asker, type Wish, asker as poolAsker, refund, small } from "./moves.ts";
import {
  claim,
  credit,
  fee,
  finalize,
  invoiceNow,
  judge,
  minimum,
  outcomes,
  pay,
  unitPrice,
  useUp,
  waitUpTo,
} from "./plan-moves.ts";
import { putTopUpRule, requestTopUp, resolveTopUp } from "./top-up-moves.ts";

/** Long enough that months of little use are followed by some of much. */
const rolling = fc
  .record({ amount: small(300), rolloverPeriods: fc.constantFrom(1, 2) })
  .map(({ amount, ...one }) => ({
    minimums: Array.from({ length: 12 }, () => amount),
    trueUp: "period" as const,
    ...one,
  }));

/** Nothing is included and nothing is bought: usage and outcomes are on the bill. */
const consumption: fc.Arbitrary<Plan> = fc
  .record({
    usage: unitPrice,
    chat: fc.option(unitPrice),
    kind: fc.constantFrom("usage" as const, "overage" as const),
    base: fc.option(fee, { freq: 1 }),
    minimum: fc.oneof({ weight: 1, arbitrary: minimum }, { weight: 2, arbitrary: rolling }),
    outcomes: outcomes.filter(({ length }) => length > 0),
    graceMs: fc.constantFrom(0, 24 * 60 * 60 * 1_000),
  })
  .map(({ usage, chat, kind, ...one }) => ({
    name: "consumption",
    version: "consumption@1",
    currency: "EUR",
    cadence: { unit: "month", count: 1 },
    seats: null,
    included: null,
    overage: {
      kind: "bill",
      lines: [
        ...(chat === null ? [] : [{ kind, meter: "chat", price: chat }]),
        { kind, meter: null, price: usage },
      ],
      spendCap: null,
    },
    proration: "second",
    grantStep: credits(1n),
    trialDays: 0,
    modification: "separate",
    ...one,
  }));

const subscribe: Asker = consumption.map((plan) => ({ serial }) => ({
  kind: "putSubscription",
  subscription: `sub_${serial}`,
  plan,
  isPinnedAnew: true,
  seats: null,
  when: null,
}));

const payByPlan: Asker = fc.constant(() => ({
  kind: "updateWorkspace",
  changes: { overage: { kind: "plan" } },
}));

const consumptionAsker: Asker = fc.oneof(
  { weight: 8, arbitrary: useUp },
  { weight: 4, arbitrary: useUnits },
  { weight: 8, arbitrary: claim },
  { weight: 12, arbitrary: judge },
  { weight: 4, arbitrary: refund },
  { weight: 5, arbitrary: finalize },
  { weight: 2, arbitrary: invoiceNow },
  { weight: 4, arbitrary: pay },
  { weight: 1, arbitrary: credit },
);

const poolOnlyAsker: Asker = fc.oneof(
  { weight: 8, arbitrary: poolAsker },
  { weight: 1, arbitrary: requestTopUp },
  { weight: 2, arbitrary: resolveTopUp },
  { weight: 1, arbitrary: putTopUpRule },
);

const livesOf = (
  first: readonly Asker[],
  ask: Asker,
  { maxLength, longestDays }: { readonly maxLength: number; readonly longestDays: number },
): fc.Arbitrary<readonly Wish[]> =>
  fc
    .tuple(
      fc.tuple(...first),
      fc.array(fc.tuple(waitUpTo(longestDays), ask), {
        minLength: Math.floor(maxLength / 3),
        maxLength,
        size: "max",
      }),
    )
    .map(([begin, rest]) => [
      ...begin.map((one) => ({ afterMs: 0, ask: one })),
      ...rest.map(([afterMs, one]) => ({ afterMs, ask: one })),
    ]);

/** A pool without a subscription: credits are bought, by hand and by a rule. */
export const pooledLives = (
  maxLength: number,
  longestDays: number,
): fc.Arbitrary<readonly Wish[]> => livesOf([], poolOnlyAsker, { maxLength, longestDays });

/** Postpaid usage and outcomes, invoiced and paid. */
export const consumptionLives = (
  maxLength: number,
  longestDays: number,
): fc.Arbitrary<readonly Wish[]> =>
  livesOf([payByPlan, subscribe], consumptionAsker, { maxLength, longestDays });
