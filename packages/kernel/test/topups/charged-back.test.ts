/** What a bank takes back, and a plan that offers a pack no longer: the rule that buys by itself does not go on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "@cistern/kernel";
import { type Life, ofKind, start } from "../subscriptions/life.ts";
import { pack, rule, ruleOf, stocked, succeeded, told, topUpsOf, use, waiting } from "./buying.ts";

const chargeBack = (grant: string): Command => ({
  kind: "chargeBack",
  chargeback: "cbk_1",
  grant,
  fee: pack().price,
  currency: null,
  occurredAt: null,
  reason: "card holder did not know of it",
});

/** The rule has bought something. */
function bought(): { life: Life; grant: string } {
  const life = stocked(1_000n);
  life.run(rule());
  life.pass("2026-11-01T00:01Z");
  const id = waiting(life)?.id ?? "";
  life.run(told(id, "pay_1", succeeded()), "2026-11-01T00:02Z");
  return { life, grant: topUpsOf(life)[0]?.grants[0] ?? "" };
}

test("a chargeback of what the rule bought puts the rule off, and says so", () => {
  const { life, grant } = bought();
  const before = life.journal.rows.length;
  life.run(chargeBack(grant), "2026-11-02T00:00Z");
  life.run(use(900n), "2026-11-02T00:01Z");
  life.pass("2026-12-02T00:00Z");
  const after = life.journal.rows.slice(before).map(({ event }) => event);
  assert.deepEqual(
    after.map(({ kind }) => kind),
    ["credits.charged_back", "top_up.rule_disabled", "usage.debited"],
  );
  const [notice] = ofKind(after, "top_up.rule_disabled");
  assert.equal(notice?.detail, "card holder did not know of it");
  assert.equal(topUpsOf(life)[0]?.status, "charged_back");
  assert.equal(ruleOf(life).failures, 3);
  life.run(rule(), "2026-12-02T00:00Z");
  assert.equal(ofKind(life.pass("2026-12-02T00:01Z"), "top_up.requested").length, 1);
  life.check();
});

test("the payment of a top-up that was charged back does not pay for it again", () => {
  const { life, grant } = bought();
  life.run(chargeBack(grant), "2026-11-02T00:00Z");
  const id = topUpsOf(life)[0]?.id ?? "";
  const again = life.refused(told(id, "pay_2", succeeded()), "2026-11-02T00:01Z");
  assert(again.code === "top_up_status" && again.status === "charged_back");
});

test("a rule buys no pack that the plan of now does not offer, and goes on when one does", () => {
  const life = stocked(5_000n);
  life.run(rule());
  life.run(start({ topUps: ["large"] }), "2026-11-01T00:01Z");
  life.run(use(4_000n), "2026-11-01T00:02Z");
  assert.deepEqual(ofKind(life.pass("2026-11-01T01:00Z"), "top_up.requested"), []);
  life.run({ kind: "cancelSubscription" }, "2026-11-01T01:00Z");
  assert.equal(ofKind(life.pass("2026-11-01T01:01Z"), "top_up.requested").length, 1);
});
