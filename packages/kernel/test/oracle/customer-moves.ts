/** What a random life on plans may ask of allowances and of prices of its own: usage in units, and negotiations of all kinds. */
import {
  type AllowanceTerms,
  type Negotiation,
  type Plan,
  type UnitPrice,
  credits,
  instant,
  money,
} from "@cistern/kernel";
import * as fc from "fast-check";
import { type Asker, nthLast, recent, small } from "./moves.ts";

const day = 24 * 60 * 60 * 1_000;

/** Images that a plan may include; a refusal would keep holds of credits away. */
export const allowances: fc.Arbitrary<Pick<Plan, "allowances">> = fc.oneof(
  fc.constant({}),
  fc
    .record({ included: fc.bigInt({ min: 1n, max: 60n }), per: fc.constantFrom("plan", "seat") })
    .map(({ included, per }): { readonly allowances: readonly AllowanceTerms[] } => ({
      allowances: [{ meter: "image", bucket: "images", included, per, beyond: "credits" }],
    })),
);

const call = {
  member: "ana",
  meter: "image",
  model: null,
  run: null,
  project: null,
  attributes: null,
} as const;
const images = fc.integer({ min: 0, max: 40 });

/** Usage in units, now or some days ago. */
export const useUnits: Asker = fc
  .record({ count: images, daysAgo: fc.constantFrom(0, 0, 3, 40) })
  .map(({ count, daysAgo }) => ({ at, serial }) => ({
    kind: "debit",
    debit: `dbt_${serial}`,
    ...call,
    amount: { kind: "usage", usage: { images: count } },
    occurredAt: daysAgo === 0 ? null : instant(at - daysAgo * day),
  }));

/** A call that is held in units; all others settle, release and refund it. */
export const holdUnits: Asker = images.map((count) => ({ serial }) => ({
  kind: "openHold",
  hold: `hld_${serial}`,
  ...call,
  amount: { kind: "usage", usage: { images: count } },
  ttlMs: day / 24,
}));

/** A call that is settled in units. */
export const settleUnits: Asker = fc
  .record({ count: images, back: recent, isFinal: fc.boolean() })
  .map(({ count, back, isFinal }) => ({ open }) => ({
    kind: "settleHold",
    hold: nthLast(open, back),
    amount: { kind: "usage", usage: { images: count } },
    outcome: null,
    isFinal,
    fingerprint: null,
    recalled: null,
  }));

const price = fc.constantFrom<UnitPrice[]>(
  { kind: "per_unit", per: 3n, price: 2n },
  { kind: "package", per: 5n, price: 4n },
);

/** Terms that any plan may have: what a plan has none of is refused, and changes nothing. */
const terms = fc.record({
  id: fc.constantFrom("n1", "n2", "n3"),
  base: fc.option(small(500)),
  seat: fc.option(small(200), { freq: 1 }),
  overage: fc.option(price),
  multiplier: fc.option(
    fc.record({ numerator: small(9), denominator: fc.constantFrom(1n, 3n, 7n) }),
  ),
  fromDays: fc.constantFrom(null, null, 20, 90),
  days: fc.constantFrom(null, 40, 200),
});

/** Prices of one customer, or those of the list again. */
export const negotiate: Asker = fc
  .record({ said: fc.option(terms, { freq: 5 }), when: fc.constantFrom(null, "now", "period_end") })
  .map(({ said, when }) => ({ at, serial }) => ({
    kind: "putSubscription",
    subscription: `sub_${serial}`,
    plan: null,
    isPinnedAnew: false,
    seats: null,
    when,
    negotiated: said === null ? null : { spans: [spanOf(said, at)], isList: false, currency: null },
  }));

function spanOf(
  said: typeof terms extends fc.Arbitrary<infer Terms> ? Terms : never,
  at: number,
): Negotiation {
  const { id, base, seat, overage, multiplier, fromDays, days } = said;
  const from = fromDays === null ? null : instant(at + fromDays * day);
  return {
    // Equal prices have equal ids.
    id: `${id}-${base}-${seat}-${overage?.kind}-${multiplier?.numerator}/${multiplier?.denominator}`,
    base: base === null ? null : money(base),
    seat: seat === null ? null : money(seat),
    ...(overage === null
      ? {}
      : { usage: [{ kind: "overage" as const, meter: null, price: overage }] }),
    ...(multiplier === null || multiplier.numerator === 0n
      ? {}
      : { rates: { multiplier: { ...multiplier } } }),
    from,
    until: days === null ? null : instant((from ?? at) + days * day),
  };
}

/** So that units past an allowance are paid for. */
export const plenty: Asker = fc.constant(({ serial }) => ({
  kind: "grant",
  grant: `grt_p${serial}`,
  credits: credits(400n),
  source: "promotion",
  cost: money(0n),
  currency: null,
  priority: 50,
  effectiveAt: null,
  expiresAt: null,
  appliesTo: null,
  reference: null,
}));
