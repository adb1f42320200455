import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Command,
  type Event,
  apply,
  credits,
  decide,
  emptyState,
  instant,
  money,
} from "@cistern/kernel";
import { type AuditFault, WorkspaceAudit, isFault } from "../../src/audit/index.ts";
import { rowsOf } from "./journal-of.ts";

const calendar = {
  window: (_unit: string, at: number) => ({ start: instant(at), end: instant(at + 86_400_000) }),
  boundary: (anchor: number, { count }: { count: number }, index: number) =>
    instant(anchor + count * index * 86_400_000),
  dayNumber: (at: number) => Math.floor(at / 86_400_000),
};
const fee = { amount: money(100n), standalone: money(100n) };
const member = (id: string): Command => ({
  kind: "putMember",
  member: id,
  memberKind: "person",
  groups: [],
  home: null,
  sponsor: null,
});
const subscribe: Command = {
  kind: "putSubscription",
  subscription: "sub_1",
  plan: {
    name: "team",
    version: "team@1",
    currency: "USD",
    cadence: { unit: "day", count: 1 },
    base: null,
    seats: { fee, minimum: 1, maximum: null, isRequired: true, isAddedFor: true },
    included: null,
    outcomes: [],
    minimum: null,
    overage: { kind: "deny" },
    proration: "none",
    grantStep: credits(1n),
    trialDays: 0,
    modification: "separate",
    graceMs: 0,
  },
  isPinnedAnew: false,
  seats: 2,
  when: null,
};
const assign = (id: string): Command => ({ kind: "assignSeat", member: id });
const script: readonly Command[] = [
  {
    kind: "createWorkspace",
    workspace: {
      id: "acme",
      timeZone: "UTC",
      currency: "USD",
      overage: { kind: "deny" },
      members: "open",
      guestsMax: 10,
      overrun: "draw_more_then_debt",
    },
  },
  member("ana"),
  member("bob"),
  member("cy"),
  subscribe,
  assign("ana"),
  assign("bob"),
  assign("cy"),
  { kind: "releaseSeat", member: "bob" },
  { kind: "deactivateMember", member: "cy" },
];

function lived(): readonly Event[] {
  const state = emptyState();
  return script.map((command, index) => {
    const around = { calendar, rateCard: { id: "card", rows: [] } };
    const decision = decide(state, command, instant(1_000 + index), around);
    assert(decision.kind === "accepted", command.kind);
    apply(state, decision.event, { seq: index + 1, index: 0 });
    return decision.event;
  });
}

const life = lived();

function auditOf(events: readonly Event[]): AuditFault | undefined {
  const audit = new WorkspaceAudit("acme");
  for (const one of rowsOf(events)) {
    const result = audit.row(one);
    if (isFault(result)) return result;
  }
  return audit.finish();
}

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
