/** Prices of one customer over a version of a plan (Z1, Z2). */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type Command,
  type Money,
  type Negotiation,
  type PutSubscription,
  instant,
  money,
} from "@cistern/kernel";
import { at } from "../calendar.ts";
import { Life, change, fee, included, ofKind, plan, seatsAt, start } from "./life.ts";

const from = "2026-04-01T00:00Z";
const half = "2026-04-16T00:00Z";
const team = {
  base: fee(10_000n, 6_000n),
  seats: seatsAt(2_000n),
  included: included(4_000n, 4_000n),
};

type Terms = Negotiation & { readonly currency: string | null };
const negotiate = (given: Partial<Terms> | null, put: Partial<PutSubscription> = {}): Command =>
  negotiateAll(given === null ? null : [given], put);
const negotiateAll = (
  given: readonly Partial<Terms>[] | null,
  put: Partial<PutSubscription> = {},
): Command => ({
  kind: "putSubscription",
  subscription: "sub_1",
  plan: null,
  isPinnedAnew: false,
  seats: null,
  when: null,
  negotiated:
    given === null
      ? null
      : {
          spans: given.map(({ currency: _currency, ...one }) => ({
            id: "n1",
            base: null,
            seat: null,
            until: null,
            ...one,
          })),
          isList: given.length > 1,
          currency: given[0]?.currency ?? null,
        },
  ...put,
});
const until = (text: string) => instant(at(text));

function onTeam(): Life {
  const life = new Life(from);
  life.run(start(team, 2));
  return life;
}

/** What the period that began last charged in advance. */
const lastFees = (life: Life): readonly Money[] =>
  ofKind(
    life.journal.rows.map(({ event }) => event),
    "subscription.renewed",
  )
    .at(-1)
    ?.lines.map(({ amount }) => amount) ?? [];

suite("negotiated prices", () => {
  test("are a version of their own over the one that is pinned; the rest of the period is settled", () => {
    const life = onTeam();
    const event = life.run(
      negotiate({ base: money(8_000n), seat: money(1_500n) }, { when: "now" }),
      half,
    );
    assert(event.kind === "subscription.changed");
    assert.deepEqual(
      event.lines.map(({ kind, amount }) => [kind, amount]),
      [
        ["unused_time", -5_000n],
        ["unused_time", -2_000n],
        ["remaining_time", 4_000n],
        ["remaining_time", 1_500n],
      ],
    );
    const { plan: pinned } = life.subscription;
    assert.equal(pinned.version, "team@1+n1");
    assert.equal(pinned.base?.standalone, 6_000n, "what access costs alone is as listed");
    const again = life.run(negotiate({ base: money(8_000n), seat: money(1_500n) }), half);
    assert.equal(again.kind, "subscription.updated", "the same once more changes nothing");
    life.check();
  });

  test("begin with the subscription, and end with the first period that begins at their end or later", () => {
    const life = new Life(from);
    const ends = { base: money(7_000n), until: until("2026-05-15T00:00Z") };
    life.run(negotiate(ends, { plan: plan(team), seats: 1 }));
    life.pass("2026-05-02T00:00Z");
    assert.deepEqual(lastFees(life), [7_000n, 2_000n]);
    life.pass("2026-06-02T00:00Z");
    assert.deepEqual(lastFees(life), [10_000n, 2_000n]);
    assert.equal(life.subscription.plan.version, "team@1");
    assert.equal(life.subscription.plan.negotiated, undefined);
    life.check();
  });

  test("stay when seats change or the plan is pinned anew, and go with another plan, or when they are taken back", () => {
    const life = onTeam();
    life.run(negotiate({ seat: money(1_500n) }, { when: "now" }));
    life.run(change({ seats: 3 }));
    assert.equal(life.subscription.plan.seats?.fee.amount, 1_500n);
    life.run(change({ plan: { ...team, base: fee(12_000n), version: "team@2" } }), half);
    assert.equal(life.subscription.plan.version, "team@2+n1");
    assert.equal(life.subscription.plan.base?.amount, 12_000n);
    assert.equal(life.subscription.plan.seats?.fee.amount, 1_500n);
    life.run(negotiate(null, { when: "now" }), half);
    assert.equal(life.subscription.plan.version, "team@2");
    life.run(negotiate({ seat: money(1n) }, { when: "now" }), half);
    life.run(change({ plan: { ...team, name: "solo", version: "solo@1" }, when: "now" }), half);
    assert.equal(life.subscription.plan.version, "solo@1");
    life.check();
  });

  test("are of fees that the plan has, end in the future, and are in the workspace's currency", () => {
    const life = new Life(from);
    life.run(start({ base: fee(100n) }));
    const refused = (given: Partial<Terms>) => life.refused(negotiate(given), from);
    const fieldOf = (given: Partial<Terms>): string => {
      const rejection = refused(given);
      return rejection.code === "invalid_request" ? rejection.field : rejection.code;
    };
    assert.equal(fieldOf({ seat: money(1n) }), "negotiated/seat");
    assert.equal(fieldOf({ base: money(1n), until: until(from) }), "negotiated/until");
    assert.equal(fieldOf({ base: money(1n), currency: "EUR" }), "currency_mismatch");
    life.check();
  });
});
