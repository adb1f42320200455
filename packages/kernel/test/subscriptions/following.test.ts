import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Command, Plan } from "@cistern/kernel";
import { Life, atEnd, change, fee, plan, put, seatsAt, start } from "./life.ts";

const standard = plan({ name: "standard", version: "standard@1", base: fee(2_000n) });
const launch: Partial<Plan> = {
  name: "launch",
  version: "launch@1",
  base: fee(1_000n),
  followedBy: { plan: standard, after: 3 },
};

/** The plan and the fee of each period that begins until an instant. */
function begun(life: Life, until: string): readonly string[] {
  return life.pass(until).flatMap((event) => {
    if (event.kind !== "subscription.renewed") return [];
    const [line] = event.lines;
    return [`${event.subscription.plan.name} ${line?.amount}`];
  });
}

suite("a plan that another one follows", () => {
  test("lasts its whole periods, and goes on with the other from the same anchor", () => {
    const life = new Life("2026-01-31T00:00Z");
    life.run(start(launch));
    assert.deepEqual(begun(life, "2026-06-01T00:00Z"), [
      "launch 1000",
      "launch 1000",
      "standard 2000",
      "standard 2000",
    ]);
    assert.equal(life.subscription.plan.followedBy, undefined);
    assert.equal(life.subscription.anchor, Date.UTC(2026, 0, 31));
    life.check();
  });

  test("counts neither a trial nor a pause", () => {
    const life = new Life("2026-01-01T00:00Z");
    life.run(start({ ...launch, trialDays: 14 }));
    assert.deepEqual(begun(life, "2026-02-16T00:00Z"), ["launch 1000", "launch 1000"]);
    life.run(atEnd("pause"), "2026-02-16T00:00Z");
    life.pass("2026-06-01T00:00Z");
    const resumed = life.run(atEnd("renew"), "2026-06-01T00:00Z");
    assert(resumed.kind === "subscription.resumed");
    assert.deepEqual(
      [resumed.subscription.plan.name, resumed.subscription.plan.followedBy?.after],
      ["launch", 0],
    );
    assert.deepEqual(begun(life, "2026-07-02T00:00Z"), ["standard 2000"]);
    life.check();
  });

  test("keeps its count through seats and negotiated prices, and loses it with another plan", () => {
    const life = new Life("2026-01-01T00:00Z");
    const seats = { seats: seatsAt(100n) };
    const following = { ...standard, seats: seatsAt(100n, { minimum: 4 }) };
    life.run(start({ ...launch, ...seats, followedBy: { plan: following, after: 2 } }, 2));
    life.run(change({ seats: 3 }), "2026-01-10T00:00Z");
    assert.equal(life.subscription.plan.followedBy?.after, 1);
    life.run(change({ seats: 2 }), "2026-01-11T00:00Z");
    assert.deepEqual(begun(life, "2026-02-02T00:00Z"), ["launch 1000"]);
    assert.deepEqual(begun(life, "2026-03-02T00:00Z"), ["standard 2000"]);
    assert.equal(life.subscription.seats, 4, "as many as the plan that follows has at least");
    life.run(change({ plan: { ...launch, ...seats }, when: "period_end" }), "2026-03-03T00:00Z");
    assert.deepEqual(begun(life, "2026-07-02T00:00Z"), [
      "launch 1000",
      "launch 1000",
      "launch 1000",
      "standard 2000",
    ]);
    life.check();
  });

  test("goes on with its count under a newer version, however often, and lasts no longer for it", () => {
    const version = (number: number, after: number) =>
      plan({
        ...launch,
        version: `launch@${number}`,
        base: fee(1_100n),
        followedBy: { plan: standard, after },
      });
    const newest = (number: number, after: number, when: "now" | "period_end") =>
      put({ newest: [version(number, after)], when });
    const renewals = (...changes: readonly (readonly [string, Command])[]) => {
      const life = new Life("2026-01-01T00:00Z");
      life.run(start(launch));
      for (const [when, one] of changes) life.run(one, when);
      const all = begun(life, "2026-05-02T00:00Z");
      life.check();
      return all;
    };
    const april = ["standard 2000", "standard 2000"];
    assert.deepEqual(renewals(["2026-01-11T00:00Z", newest(2, 3, "now")]), [
      "launch 1100",
      "launch 1100",
      ...april,
    ]);
    assert.deepEqual(renewals(["2026-01-11T00:00Z", newest(2, 12, "period_end")]), [
      "launch 1100",
      "launch 1100",
      ...april,
    ]);
    const shorter = renewals(["2026-01-11T00:00Z", newest(2, 1, "period_end")]);
    assert.deepEqual(shorter, ["launch 1100", "standard 2000", ...april]);
    const named = put({ plan: version(2, 3), when: "period_end" });
    assert.deepEqual(renewals(["2026-01-11T00:00Z", named]), [
      "launch 1100",
      "launch 1100",
      ...april,
    ]);
  });
});
