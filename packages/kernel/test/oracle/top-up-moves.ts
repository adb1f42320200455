/** What a random life may ask of top-ups: packs by hand, a rule, and what comes of their payments. */
import { type Pack, type TopUpOutcome, credits, money } from "@cistern/kernel";
import * as fc from "fast-check";
import { type Asker, nthLast, recent, small } from "./moves.ts";

const pack: fc.Arbitrary<Pack> = fc
  .record({
    name: fc.constantFrom("small", "large"),
    price: fc.bigInt({ min: 1n, max: 300n }),
    bought: fc.bigInt({ min: 1n, max: 90n }),
    bonus: fc.oneof(fc.constant(0n), small(30)),
    expiresAfter: fc.constantFrom(
      null,
      { unit: "month", count: 1 } as const,
      {
        unit: "day",
        count: 10,
      } as const,
    ),
    priority: fc.constantFrom(0, 50),
    breakage: fc.constantFrom(null, null, 1_000),
  })
  .map(({ price, bought, bonus, ...one }) => ({
    ...one,
    currency: "EUR",
    price: money(price),
    credits: credits(bought),
    bonus: credits(bonus),
  }));

export const requestTopUp: Asker = fc
  .record({ pack, quantity: fc.constantFrom(1, 1, 3) })
  .map((one) => ({ serial }) => ({
    kind: "requestTopUp",
    topUp: `top_${serial}`,
    ...one,
    note: null,
  }));

const outcome: fc.Arbitrary<TopUpOutcome> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ tax: small(40), fee: small(5) }).map(({ tax, fee }) => ({
      kind: "succeeded" as const,
      amount: null,
      tax: money(tax),
      fee: money(fee),
      currency: null,
    })),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      { kind: "processing" } as const,
      { kind: "requires_action", action: "confirm" } as const,
      { kind: "declined", reason: "card expired" } as const,
    ),
  },
);

/** Mostly of one that waits; now and then money comes for one that had failed, or was paid for already. */
export const resolveTopUp: Asker = fc
  .record({ back: recent, outcome })
  .map(({ back, outcome: told }) => ({ serial, topUps }) => ({
    kind: "resolveTopUp",
    topUp: nthLast(topUps, back),
    payment: `top_pay_${serial}`,
    outcome: told,
    grant: `grt_t${serial}`,
    bonusGrant: `grt_t${serial}b`,
  }));

export const putTopUpRule: Asker = fc
  .record({
    pack,
    threshold: fc.bigInt({ min: 1n, max: 40n }),
    more: small(80),
    room: small(2_000),
    isEnabled: fc.constantFrom(true, true, true, false),
  })
  .map(({ pack: one, threshold, more, room, isEnabled }) => ({ serial }) => ({
    kind: "putTopUpRule",
    isEnabled,
    pack: one,
    threshold: credits(threshold),
    target: credits(threshold + more),
    monthlyCeiling: money(one.price + room),
    currency: "EUR",
    series: `top_r${serial}_`,
  }));
