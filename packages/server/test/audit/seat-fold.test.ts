import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command, Event } from "@cistern/kernel";
import { createWorkspace, deactivate, member } from "../../../kernel/test/scenario/commands.ts";
import { seatsAt, start } from "../../../kernel/test/subscriptions/life.ts";
import type { AuditFault } from "../../src/audit/index.ts";
import { auditOf } from "./audit-of.ts";
import { daily, lived } from "./lived.ts";

const subscribe = start(
  { ...daily, seats: seatsAt(100n, { isRequired: true, isAddedFor: true }), proration: "none" },
  2,
);
const assign = (id: string): Command => ({ kind: "assignSeat", member: id });
const life = lived([
  [1_000, createWorkspace({ currency: "USD" })],
  [1_000, member("ana")],
  [1_000, member("bob")],
  [1_000, member("cy")],
  [1_000, subscribe],
  [1_001, assign("ana")],
  [1_002, assign("bob")],
  [1_003, assign("cy")],
  [1_004, { kind: "releaseSeat", member: "bob" }],
  [1_005, deactivate("cy")],
]);

/** The life with one kind of event changed, in a chain that is valid again. */
const tampered = (kind: Event["kind"], change: (event: Event) => Event): AuditFault | undefined =>
  auditOf(life.map((event) => (event.kind === kind ? change(event) : event)));

test("a life with seats is without fault, and one was bought for its member", () => {
  assert.equal(auditOf(life), undefined);
  assert.ok(life.some((event) => event.kind === "subscription.changed" && event.seatFor === "cy"));
});

test("seats that nobody pays for, that are taken from who has none, or that stay with who left are found", () => {
  const fewer = tampered("subscription.started", (event) =>
    event.kind === "subscription.started"
      ? { ...event, subscription: { ...event.subscription, seats: 1 } }
      : event,
  );
  assert.match(fewer?.rule ?? "", /^T1 no more seats/);
  const other = tampered("seat.released", (event) =>
    event.kind === "seat.released" ? { ...event, seat: { ...event.seat, member: "eve" } } : event,
  );
  assert.match(other?.rule ?? "", /^T2 a seat is taken back/);
  const kept = tampered("member.deactivated", (event) => {
    if (event.kind !== "member.deactivated") return event;
    const { freesSeat: _left, ...rest } = event;
    return rest;
  });
  assert.match(kept?.rule ?? "", /^T2 a seat is of an active member/);
  const counted = tampered("seat.assigned", (event) =>
    event.kind === "seat.assigned" ? { ...event, assigned: 2 } : event,
  );
  assert.match(counted?.rule ?? "", /^T1 the event says how many/);
});
