/** What is planned for the next period, and what later changes make of it. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type Command,
  type Plan,
  type PutSubscription,
  type Rejection,
  money,
} from "@cistern/kernel";
import { grant, member } from "../scenario/commands.ts";
import { Life, atEnd, fee, ofKind, plan, seatsAt, start } from "./life.ts";

const from = "2026-04-01T00:00Z";
const large = { name: "large", version: "large@1", seats: seatsAt(2_000n) } as const;
const small = { name: "small", version: "small@1", seats: seatsAt(1_000n) } as const;

const put = (terms: Partial<PutSubscription>): Command => ({
  kind: "putSubscription",
  subscription: "sub_1",
  plan: null,
  isPinnedAnew: false,
  seats: null,
  when: null,
  ...terms,
});
const onto = (terms: Partial<Plan>, more: Partial<PutSubscription> = {}): Command =>
  put({ plan: plan(terms), ...more });
const seats = (count: number, when: PutSubscription["when"] = null): Command =>
  put({ seats: count, when });
const prices = (seat: bigint, more: Partial<PutSubscription> = {}): Command =>
  put({
    negotiated: {
      spans: [{ id: "n1", base: null, seat: money(seat), until: null }],
      isList: false,
      currency: "USD",
    },
    ...more,
  });
const newest = (...plans: readonly Partial<Plan>[]): Command =>
  put({ newest: plans.map((one) => plan(one)) });

/** On `large` with so many seats. */
function onLarge(count: number, then: readonly Command[] = []): Life {
  const life = new Life(from);
  life.run(start(large, count));
  for (const command of then) life.run(command);
  return life;
}

/** What runs, and what is planned. */
const stands = ({ subscription: { plan: running, seats: paid, next } }: Life): string =>
  [
    `${running.version} ${paid}`,
    ...(next === null ? [] : [`${next.plan.version} ${next.seats}`]),
  ].join(", then ");

const reason = (rejection: Rejection): string =>
  rejection.code === "invalid_request" ? `${rejection.field}: ${rejection.reason}` : rejection.code;

suite("a planned plan", () => {
  for (const [what, then, expected] of [
    ["fewer seats", [seats(4)], "large@1 6, then small@1 4"],
    ["fewer at once", [seats(4, "now")], "large@1 4, then small@1 4"],
    ["as many as there are", [seats(6)], "large@1 6, then small@1 6"],
    ["more", [seats(8)], "large@1 8, then small@1 8"],
    ["more with the next period", [seats(8, "period_end")], "large@1 6, then small@1 8"],
    ["fewer, then as many as there were", [seats(4), seats(6)], "large@1 6, then small@1 6"],
    ["fewer, twice", [seats(4), seats(4)], "large@1 6, then small@1 4"],
    ["fewer, then more", [seats(4), seats(7)], "large@1 7, then small@1 7"],
    ["a dearer price of the plan that runs", [prices(2_500n)], "large@1+n1 6, then small@1 6"],
  ] as const)
    test(`stays with ${what}`, () => {
      const life = onLarge(6, [onto(small), ...then]);
      assert.equal(stands(life), expected);
      life.pass("2026-05-01T00:00Z");
      assert.equal(`, then ${stands(life)}`, expected.slice(expected.indexOf(",")));
      life.check();
    });

  for (const [what, then, expected] of [
    ["the plan that runs takes it back", [onto(large)], "large@1 6"],
    [
      "another one takes its place",
      [onto({ ...small, version: "tiny@1", name: "tiny" })],
      "large@1 6, then tiny@1 6",
    ],
    ["and planned seats stay", [seats(4), onto(large)], "large@1 6, then large@1 4"],
    ["unless they are said", [seats(4), onto(large, { seats: 6 })], "large@1 6"],
  ] as const)
    test(`who names a plan replaces it: ${what}`, () => {
      assert.equal(stands(onLarge(6, [onto(small), ...then])), expected);
    });

  test("keeps its prices that were negotiated when seats change", () => {
    const life = onLarge(6, [onto(small), prices(900n, { plan: plan(small) }), seats(4)]);
    assert.equal(stands(life), "large@1 6, then small@1+n1 4");
    const [renewed] = ofKind(life.pass("2026-05-01T00:00Z"), "subscription.renewed");
    assert.equal(renewed?.lines[0]?.amount, 3_600n);
  });

  test("stays through a pause, a resumption, and a cancellation that is taken back", () => {
    const life = onLarge(6, [onto(small), seats(4), atEnd("end"), atEnd("pause")]);
    life.pass("2026-05-01T00:00Z");
    life.run(seats(5), "2026-05-02T00:00Z");
    assert.equal(stands(life), "large@1 5, then small@1 5");
    life.run(atEnd("renew"), "2026-05-03T00:00Z");
    assert.equal(stands(life), "small@1 5");
    life.check();
  });

  test("says itself how many seats it takes", () => {
    const five = {
      name: "five",
      version: "five@1",
      seats: seatsAt(500n, { minimum: 5, maximum: 8 }),
    };
    const life = onLarge(6, [onto(five)]);
    assert.equal(
      reason(life.refused(seats(4), from)),
      "seats: The plan five has at least 5 seat(s).",
    );
    life.run(seats(9));
    assert.equal(stands(life), "large@1 9, then five@1 8");
    const fromSolo = new Life(from);
    fromSolo.run(start({ name: "solo", version: "solo@1", base: fee(9_000n) }));
    fromSolo.run(onto(five, { when: "period_end" }));
    assert.equal(stands(fromSolo), "solo@1 0, then five@1 5");
    fromSolo.run(seats(7));
    assert.equal(stands(fromSolo), "solo@1 0, then five@1 7");
    assert.match(reason(fromSolo.refused(seats(9), from)), /at most 8/u);
  });

  test("that has no more seats is named by who cannot have one", () => {
    const capped = { name: "capped", version: "capped@1", seats: seatsAt(500n, { maximum: 1 }) };
    for (const isAddedFor of [true, false]) {
      const life = new Life(from);
      for (const who of ["ana", "bob"]) life.run(member(who));
      life.run(start({ ...large, seats: seatsAt(2_000n, { isAddedFor }) }, 1));
      life.run(onto(capped));
      life.run({ kind: "assignSeat", member: "ana" });
      assert.deepEqual(life.refused({ kind: "assignSeat", member: "bob" }, from), {
        code: "seats_exhausted",
        paid: 1,
        assigned: 1,
        atMost: { plan: "capped", isPlanned: true },
      });
    }
  });

  test("keeps seats beyond those that are bought for a member", () => {
    const life = onLarge(1, [member("ana"), member("bob")]);
    life.run(
      onto(
        { ...large, version: "large@2", seats: seatsAt(2_000n, { isAddedFor: true }) },
        { isPinnedAnew: true },
      ),
    );
    life.run(put({ seats: 5, when: "period_end" }));
    life.run({ kind: "assignSeat", member: "ana" });
    life.run({ kind: "assignSeat", member: "bob" });
    assert.equal(stands(life), "large@2 2, then large@2 5");
  });
});

suite("planned seats", () => {
  test("stay when a plan is planned, or had at once, that does not say how many", () => {
    assert.equal(stands(onLarge(6, [seats(4), onto(small)])), "large@1 6, then small@1 4");
    const dear = { ...large, name: "xl", version: "xl@1", seats: seatsAt(3_000n) };
    assert.equal(stands(onLarge(6, [seats(4), onto(dear)])), "xl@1 6, then xl@1 4");
    assert.equal(
      stands(onLarge(6, [seats(4), onto(small, { seats: 6 })])),
      "large@1 6, then small@1 6",
    );
  });

  test("are not those that a planned plan only has at least", () => {
    const five = { name: "five", version: "five@1", seats: seatsAt(100n, { minimum: 5 }) };
    assert.equal(stands(onLarge(3, [onto(five), onto(small)])), "large@1 3, then small@1 3");
  });
});

suite("prices that wait for the end of the period", () => {
  test("stay when seats change, and when the plan is named", () => {
    for (const then of [seats(4), onto(large, { seats: 4 })]) {
      const life = onLarge(6, [prices(1_500n), then]);
      assert.equal(stands(life), "large@1 6, then large@1+n1 4");
    }
    assert.equal(stands(onLarge(6, [prices(1_500n), seats(8)])), "large@1 8, then large@1+n1 8");
    assert.equal(stands(onLarge(6, [prices(1_500n), put({ negotiated: null })])), "large@1 6");
  });

  test("are refused for a plan that another one is planned after", () => {
    const life = onLarge(6, [onto(small)]);
    assert.match(reason(life.refused(prices(1_500n), from)), /^negotiated: .*small is planned/u);
    life.run(prices(1_500n, { when: "now" }));
    assert.equal(stands(life), "large@1+n1 6, then small@1 6");
  });
});

suite("pinned anew without naming the plan", () => {
  const dearer = { ...large, version: "large@2", seats: seatsAt(2_500n) };
  const cheaper = { ...large, version: "large@2", seats: seatsAt(1_500n) };

  test("a plan keeps what is planned: seats, prices, and another plan", () => {
    assert.equal(stands(onLarge(6, [newest(dearer)])), "large@2 6");
    assert.equal(stands(onLarge(6, [newest(cheaper)])), "large@1 6, then large@2 6");
    assert.equal(stands(onLarge(6, [seats(4), newest(dearer)])), "large@2 6, then large@2 4");
    assert.equal(stands(onLarge(6, [seats(4), newest(cheaper)])), "large@1 6, then large@2 4");
    assert.equal(
      stands(onLarge(6, [prices(1_500n), newest(cheaper)])),
      "large@1 6, then large@2+n1 6",
    );
    assert.equal(
      stands(onLarge(6, [prices(1_500n), newest(dearer)])),
      "large@2 6, then large@2+n1 6",
    );
    const another = onLarge(6, [onto(small), seats(4), newest(dearer)]);
    assert.equal(stands(another), "large@2 6, then small@1 4");
    assert.equal(
      stands(onLarge(6, [onto(small), seats(4), newest(cheaper)])),
      "large@1 6, then small@1 4",
    );
    another.check();
  });

  test("keeps bought credits and prices that hold", () => {
    const life = onLarge(6, [grant("grt_b", 500, { cost: 500 }), prices(2_200n), newest(dearer)]);
    assert.equal(
      stands(life),
      "large@1+n1 6, then large@2+n1 6".replace("large@1+n1 6, then ", ""),
    );
    assert.deepEqual(life.lots, { grt_b: 500n });
  });

  test("takes no fewer seats than the new version has, and is refused where there is none", () => {
    const least = { ...dearer, seats: seatsAt(2_500n, { minimum: 8 }) };
    assert.equal(stands(onLarge(6, [newest(least)])), "large@2 8");
    assert.match(reason(onLarge(6).refused(newest(small), from)), /^repin: .*no plan large/u);
    assert.equal(new Life(from).refused(newest(large), from).code, "no_subscription");
  });
});
