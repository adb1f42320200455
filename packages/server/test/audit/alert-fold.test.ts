import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AlertRaised,
  type AlertRule,
  type Event,
  type RaiseAlert,
  credits,
} from "@cistern/kernel";
import { createWorkspace } from "../../../kernel/test/scenario/commands.ts";
import { auditOf } from "./audit-of.ts";
import { lived } from "./lived.ts";

const rule: AlertRule = {
  id: "odd",
  watch: { kind: "unusual", most: "notify" },
  recipients: [{ id: "ana", quiet: null }],
};

const raise = (alert: string): RaiseAlert => ({
  kind: "raiseAlert",
  alert,
  rule: "odd",
  crossing: `odd:${alert}`,
  subject: { kind: "member", id: "bob" },
  finding: {
    kind: "unusual",
    rule: "day",
    seen: credits(4n),
    usual: credits(1n),
    bound: credits(3n),
    score: null,
    signs: [],
  },
  grade: "notify",
});

const life = lived([
  [1_000, createWorkspace()],
  [1_000, { kind: "putAlertRule", rule }],
  [1_001, raise("alt_1")],
  [1_002, raise("alt_2")],
  [1_003, { kind: "reviewAlert", alert: "alt_1", verdict: "fine" }],
  [1_004, { kind: "removeAlertRule", rule: "odd" }],
]);

/** What an audit finds where the second alert says something else. */
function found(changes: Partial<AlertRaised["alert"]>, awaits = true): string | undefined {
  const change = (event: Event): Event =>
    event.kind === "alert.raised" && event.alert.id === "alt_2"
      ? { ...event, awaits, alert: { ...event.alert, ...changes } }
      : event;
  return auditOf(life.map(change))?.rule;
}

const without = (kind: Event["kind"]): string | undefined =>
  auditOf(life.filter((event) => event.kind !== kind))?.rule;

test("a life with alerts is without fault", () => {
  assert.equal(auditOf(life), undefined);
  const many = lived([
    [1_000, createWorkspace()],
    [1_000, { kind: "putAlertRule", rule }],
    ...Array.from({ length: 103 }, (_, one) => [1_001 + one, raise(`alt_${one}`)] as const),
    [2_000, { kind: "reviewAlert", alert: "alt_0", verdict: "fine" } as const],
    [2_000, { kind: "reviewAlert", alert: "alt_101", verdict: "confirmed" } as const],
  ]);
  assert.equal(auditOf(many), undefined, "more than are kept");
});

test("alerts of no rule, for somebody else, told twice, put off for nothing or never to be reviewed are found", () => {
  assert.equal(found({ rule: "other" }), "A2 a rule that raises stands");
  const to = [{ recipient: "eve", deliverAfter: null }];
  assert.equal(found({ to }), "A2 an alert tells those whom its rule names");
  assert.equal(found({ grade: "note" }), "A2 an alert tells those whom its rule names");
  const { at } = life[0] ?? assert.fail();
  const early = [{ recipient: "ana", deliverAfter: at }];
  assert.equal(found({ to: early }), "A2 quiet hours put off what is raised in them");
  assert.equal(found({ crossing: "odd:alt_1" }), "A3 a crossing is told once");
  assert.equal(found({}, false), "A4 unusual use waits for a review, and nothing else");
});

test("a review of what was not raised, and a rule that is removed and never stood, are found", () => {
  assert.equal(without("alert.raised"), "A4 what is reviewed was raised, and not reviewed before");
  assert.equal(
    auditOf(
      life.filter(
        ({ kind }) =>
          kind !== "alert_rule.updated" && kind !== "alert.raised" && kind !== "alert.reviewed",
      ),
    )?.rule,
    "A2 a rule that is removed stood",
  );
});
