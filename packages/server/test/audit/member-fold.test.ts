import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "@cistern/kernel";
import {
  agent,
  createWorkspace,
  deactivate,
  grant,
  member,
  open,
} from "../../../kernel/test/scenario/commands.ts";
import type { AuditFault } from "../../src/audit/index.ts";
import { auditOf } from "./audit-of.ts";
import { lived } from "./lived.ts";

const life = lived([
  [1_000, createWorkspace()],
  [1_000, grant("a", 100)],
  [1_000, member("ana")],
  [1_000, agent("bot", "ana")],
  [1_000, member("laptop", { memberKind: "key", sponsor: "ana" })],
  [1_001, open("h", 10, { member: "bot" })],
  [1_002, deactivate("ana")],
]);

/** The life with one kind of event changed, in a chain that is valid again. */
const tampered = (kind: Event["kind"], change: (event: Event) => Event): AuditFault | undefined =>
  auditOf(life.map((event) => (event.kind === kind ? change(event) : event)));

test("a member that is deactivated takes its keys with it, and one that is left behind is found", () => {
  assert.equal(auditOf(life), undefined);
  const left = tampered("member.deactivated", (event) => {
    if (event.kind !== "member.deactivated") return event;
    const { keys: _keys, ...rest } = event;
    return rest;
  });
  assert.equal(left?.rule, "M3 the keys that act for a member end with it");
});

test("who spends though its sponsor is inactive is found", () => {
  const [created, granted, ana, bot, laptop, opened, deactivated] = life;
  const isWhole = created !== undefined && granted !== undefined && ana !== undefined;
  assert(isWhole && bot !== undefined && laptop !== undefined);
  assert(opened?.kind === "hold.opened" && deactivated !== undefined);
  const early = { ...deactivated, at: opened.at };
  const late = auditOf([created, granted, ana, bot, laptop, early, opened]);
  assert.equal(late?.rule, "M2 who spends is active, and so is its sponsor");
});
