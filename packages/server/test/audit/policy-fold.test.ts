import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event, Policy } from "@cistern/kernel";
import {
  acceptPolicy,
  agent,
  createWorkspace,
  extend,
  grant,
  group,
  hours,
  member,
  open,
  policy,
  removePolicy,
} from "../../../kernel/test/scenario/commands.ts";
import { auditOf } from "./audit-of.ts";
import { lived } from "./lived.ts";

const row = { meter: "chat", model: null, attributes: {}, per: 1n, prices: { calls: 1n } };
const call = { meter: "chat", model: "gpt-5-mini" } as const;
const life = lived(
  [
    [1_000, createWorkspace({ currency: "USD" })],
    [1_000, grant("a", 100)],
    [1_000, group("red")],
    [1_000, member("ana", { groups: ["red"] })],
    [1_000, agent("bot", "ana")],
    [1_000, policy("list", "group red", { meters: ["ch*t"], models: ["gpt-5*"] })],
    // The life is in the first hour of a Thursday by UTC.
    [1_001, policy("office", "workspace", { hours: [hours("wed 23:00-01:00")] })],
    [1_001, policy("rules", "workspace", { text: "1", mustAccept: true })],
    [1_002, policy("gone", "workspace", { meters: [] })],
    [1_003, acceptPolicy("rules", "ana", "1")],
    [1_004, removePolicy("gone")],
    [1_005, open("h", 1, { member: "bot", ...call })],
    [1_006, policy("later", "member ana", { hours: [hours("thu 00:00-00:30")] })],
    [1_007, extend("h", 1)],
    [1_008, policy("last", "workspace", { hours: [] })],
  ],
  { id: "card", rows: [{ id: "chat", ...row }] },
);

/** What the auditor finds once each event is as `change` has it, in a chain that is valid again. */
const ruleOf = (change: (event: Event) => Event | undefined): string =>
  auditOf(life.flatMap((event) => change(event) ?? []))?.rule ?? "none";

test("a life with policies is without fault", () => {
  assert.equal(auditOf(life), undefined);
});

test("a call that a policy of its path does not allow, or without an acceptance, is found", () => {
  const opened = (given: object) =>
    ruleOf((event) => (event.kind === "hold.opened" ? { ...event, ...given } : event));
  assert.match(opened({ meter: "chats" }), /^A4 .* meter/);
  assert.match(opened({ meter: null }), /^A4 .* meter/);
  assert.match(opened({ model: "gpt-4" }), /^A4 .* model/);
  const alone = { path: { member: "bot", sponsors: [], groups: ["red"] } };
  assert.match(opened(alone), /^A3 who must accept/);
  const unaccepted = ruleOf((event) => (event.kind === "policy.accepted" ? undefined : event));
  assert.match(unaccepted, /^A3 who must accept/);
});

test("an acceptance of another text, and a removal of what never stood, are found", () => {
  const other = ruleOf((event) =>
    event.kind === "policy.accepted"
      ? {
          ...event,
          acceptance: { ...event.acceptance, text: { version: "1", hash: "#other" } },
        }
      : event,
  );
  assert.match(other, /^A2 what is accepted/);
  const gone = ruleOf((event) =>
    event.kind === "policy.updated" && event.policy.id === "gone" ? undefined : event,
  );
  assert.match(gone, /^A1 a policy is removed/);
});

/** The life with the rules of one policy changed. */
const withRules = (id: string, rules: Partial<Policy>): string =>
  ruleOf((event) =>
    event.kind === "policy.updated" && event.policy.id === id
      ? { ...event, policy: { ...event.policy, ...rules } }
      : event,
  );

test("a call outside the hours of a policy of its path is found, by the zone of its workspace", () => {
  assert.match(withRules("office", { hours: [hours("wed 23:00-00:00")] }), /^A5 .* hour/);
  assert.match(withRules("office", { hours: [hours("thu 01:00-00:00")] }), /^A5 .* hour/);
  assert.match(withRules("office", { hours: [hours("thu 23:00-01:00")] }), /^A5 .* hour/);
  const elsewhere = ruleOf((event) =>
    event.kind === "workspace.created"
      ? { ...event, workspace: { ...event.workspace, timeZone: "Pacific/Auckland" } }
      : event,
  );
  assert.match(elsewhere, /^A5 .* hour/);
});

test("an extension that the policies of its instant do not allow is found", () => {
  assert.match(withRules("later", { hours: [hours("fri 00:00-00:30")] }), /^A5 .* hour/);
  assert.match(withRules("later", { meters: ["image"] }), /^A4 .* meter/);
  assert.match(withRules("later", { models: [] }), /^A4 .* model/);
  const text = { version: "2", hash: "#2" };
  assert.match(withRules("later", { text, mustAccept: true }), /^A3 who must accept/);
});
