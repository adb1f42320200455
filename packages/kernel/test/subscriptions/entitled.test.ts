/** What a plan opens (F1 to F3), without credits. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type BilledLine, type Plan, entitlements, instant, money } from "@cistern/kernel";
import { at } from "../calendar.ts";
import { debit, extend, grant, open } from "../scenario/commands.ts";
import { Life, atEnd, change, included, seatsAt, start } from "./life.ts";

const from = "2026-04-01T00:00Z";
const closed = (given: Partial<NonNullable<Plan["entitles"]>>): Partial<Plan> => ({
  entitles: { features: [], meters: null, models: null, ...given },
});

function onPlan(terms: Partial<Plan>): Life {
  const life = new Life(from);
  life.run(grant("grt_a", 1_000_000));
  life.run(start(terms));
  return life;
}

const standing = (life: Life, when = from) => entitlements(life.journal.state, instant(at(when)));

suite("the rung feature_not_in_plan", () => {
  const one = { output_text: 1 };

  test("refuses a meter and a model that the plan does not list, by name or pattern", () => {
    const life = onPlan(closed({ meters: ["chat", "sea*"], models: ["small", "gpt-5*"] }));
    life.run(open("h1", one, { meter: "chat", model: "gpt-5-mini" }));
    life.run(open("h2", 1, { meter: "search" }));
    life.run(open("h3", 5));
    assert.deepEqual(life.refused(open("h", { images: 1 }, { meter: "image" }), from), {
      code: "feature_not_in_plan",
      plan: "team",
      kind: "meter",
      feature: "image",
    });
    assert.deepEqual(life.refused(open("h", one, { meter: "chat", model: "gpt-4" }), from), {
      code: "feature_not_in_plan",
      plan: "team",
      kind: "model",
      feature: "gpt-4",
    });
    life.check();
  });

  test("stands above an unknown meter, and holds for an extension; usage that happened is not refused", () => {
    const life = onPlan(closed({ meters: ["chat"] }));
    assert.equal(
      life.refused(open("h", one, { meter: "paint" }), from).code,
      "feature_not_in_plan",
    );
    life.run(open("h", one, { meter: "chat" }));
    life.run(change({ plan: { ...closed({ meters: ["image"] }), version: "team@2" } }));
    assert.equal(life.refused(extend("h", 1), from).code, "feature_not_in_plan");
    life.run(debit("dbt_1", one, { meter: "chat" }));
    life.check();
  });

  test("is closed by the plan of now: not before, and not when the subscription has ended", () => {
    const life = new Life(from);
    life.run(grant("grt_a", 1_000_000));
    life.run(open("h1", one, { meter: "chat" }));
    life.run(start(closed({ meters: ["image"] })));
    assert.equal(life.refused(open("h", one, { meter: "chat" }), from).code, "feature_not_in_plan");
    life.run({ kind: "cancelSubscription" });
    life.run(open("h2", one, { meter: "chat" }));
    life.check();
  });
});

suite("entitlements", () => {
  test("without a plan there are no features and nothing is closed", () => {
    const life = new Life(from);
    assert.deepEqual(standing(life), {
      subscription: undefined,
      features: [],
      meters: null,
      models: null,
      included: { credits: 0n, used: 0n },
      allowances: [],
      seats: null,
      reserved: null,
      limits: [],
      spend: { cap: null, billed: 0n },
    });
  });

  test("tell of credits, allowances, seats and money what is used in this period", () => {
    const free: BilledLine = {
      kind: "usage",
      meter: "chat",
      price: {
        kind: "graduated",
        per: 1_000n,
        tiers: [
          { upTo: 10_000_000n, price: 0n },
          { upTo: null, price: 1n },
        ],
      },
    };
    const rest: BilledLine = {
      kind: "overage",
      meter: null,
      price: { kind: "per_unit", per: 1_000_000n, price: 300n },
    };
    const life = new Life(from);
    life.run({ kind: "updateWorkspace", changes: { overage: { kind: "plan" } } });
    life.run(
      start(
        {
          entitles: { features: ["sso"], meters: null, models: ["small"] },
          seats: seatsAt(0n),
          included: included(4_000_000n, null),
          overage: { kind: "bill", lines: [free, rest], spendCap: money(900n) },
        },
        2,
      ),
    );
    life.run(open("h", 1_000_000));
    life.run(debit("d1", 6_000_000, { meter: "chat" }));
    life.run(debit("d2", 2_000_000));
    const { subscription, ...told } = standing(life);
    assert.equal(subscription?.plan.name, "team");
    assert.deepEqual(told, {
      features: ["sso"],
      meters: null,
      models: ["small"],
      included: { credits: 4_000_000n, used: 4_000_000n },
      allowances: [
        {
          meter: "chat",
          bucket: null,
          isLevel: false,
          included: 10_000_000n,
          used: 3_000_000n,
          held: 0n,
          left: 7_000_000n,
          over: 0n,
          beyond: "bill",
          resetsAt: at("2026-05-01T00:00Z"),
        },
      ],
      seats: { paid: 2, assigned: 0 },
      reserved: null,
      limits: [],
      spend: { cap: 900n, billed: 600n },
    });
    life.run(debit("d3", 9_000_000, { meter: "chat" }));
    assert.equal(standing(life).allowances[0]?.used, 10_000_000n, "never more than it is");
    life.pass("2026-05-02T00:00Z");
    const later = standing(life, "2026-05-02T00:00Z");
    assert.equal(later.allowances[0]?.used, 0n, "each period begins anew");
    assert.deepEqual(later.spend, { cap: 900n, billed: 0n });
    life.check();
  });

  test("a subscription that is paused lends no features, and keeps its lists", () => {
    const life = onPlan(closed({ features: ["sso"], meters: ["chat"] }));
    assert.deepEqual(standing(life).features, ["sso"]);
    life.run(atEnd("pause"));
    life.pass("2026-05-02T00:00Z");
    assert.deepEqual(standing(life, "2026-05-02T00:00Z").features, []);
    assert.deepEqual(standing(life, "2026-05-02T00:00Z").meters, ["chat"]);
    life.check();
  });
});
