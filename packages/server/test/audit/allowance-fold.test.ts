import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AllowanceMove,
  type Command,
  type Event,
  apply,
  credits,
  decide,
  emptyState,
  instant,
  money,
  nextDue,
} from "@cistern/kernel";
import { type AuditFault, WorkspaceAudit, isFault } from "../../src/audit/index.ts";
import { rowsOf } from "./journal-of.ts";

const day = 86_400_000;
const calendar = {
  window: (_unit: string, at: number) => ({ start: instant(at), end: instant(at + day) }),
  boundary: (anchor: number, { count }: { count: number }, index: number) =>
    instant(anchor + count * index * day),
  dayNumber: (at: number) => Math.floor(at / day),
};
const rateCard = {
  id: "card",
  rows: [{ id: "api", meter: "api", model: null, attributes: {}, per: 1n, prices: { calls: 2n } }],
};
const call = {
  member: "ana",
  meter: "api",
  model: null,
  run: null,
  project: null,
  attributes: null,
} as const;
const amount = (calls: number) => ({ kind: "usage", usage: { calls } }) as const;
const open = (hold: string, calls: number, ttlMs = day): Command => ({
  kind: "openHold",
  hold,
  ...call,
  amount: amount(calls),
  ttlMs,
});
const settle = (hold: string, calls: number): Command => ({
  kind: "settleHold",
  hold,
  amount: amount(calls),
  outcome: null,
  isFinal: true,
  fingerprint: null,
  recalled: null,
});
const debit = (id: string, calls: number): Command => ({
  kind: "debit",
  debit: id,
  ...call,
  amount: amount(calls),
  occurredAt: null,
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
    seats: {
      fee: { amount: money(100n), standalone: money(100n) },
      minimum: 1,
      maximum: null,
      isRequired: false,
    },
    included: null,
    outcomes: [],
    minimum: null,
    overage: { kind: "deny" },
    proration: "second",
    grantStep: credits(1n),
    trialDays: 0,
    modification: "separate",
    graceMs: 0,
    allowances: [{ meter: "api", bucket: "calls", included: 10n, per: "seat", beyond: "credits" }],
  },
  isPinnedAnew: false,
  seats: 2,
  when: null,
};
const script: readonly (readonly [afterMs: number, Command])[] = [
  [
    0,
    {
      kind: "createWorkspace",
      workspace: {
        id: "acme",
        timeZone: "UTC",
        currency: "USD",
        overage: { kind: "debt", limit: credits(1_000n) },
        members: "open",
        guestsMax: 10,
        overrun: "draw_more_then_debt",
      },
    },
  ],
  [0, subscribe],
  [1_000, open("h1", 8)],
  [1_000, open("h2", 6, 5_000)],
  [1_000, settle("h1", 9)],
  [9_000, open("h3", 1)],
  [0, { kind: "releaseHold", hold: "h3", fingerprint: null, recalled: null }],
  [0, debit("d1", 14)],
  [
    0,
    {
      kind: "refund",
      refund: "rfd_1",
      of: "d1",
      credits: null,
      reason: null,
      recalled: null,
    },
  ],
  [day, open("h4", 20)],
];

function lived(): readonly Event[] {
  const state = emptyState();
  const events: Event[] = [];
  let at = 1_000_000;
  const put = (event: Event): void => {
    apply(state, event, { seq: events.length + 1, index: 0 });
    events.push(event);
  };
  for (const [afterMs, command] of script) {
    at += afterMs;
    for (;;) {
      const due = nextDue(state, instant(at), calendar);
      if (due === undefined) break;
      put(due);
    }
    const decision = decide(state, command, instant(at), { calendar, rateCard });
    assert(decision.kind === "accepted", command.kind);
    put(decision.event);
  }
  return events;
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

/** The fault of the life in which the first event of a kind says other moves. */
function tampered(kind: Event["kind"], change: (move: AllowanceMove) => AllowanceMove): string {
  const at = life.findIndex((event) => event.kind === kind);
  const moved = (units: readonly AllowanceMove[] = []) => units.map(change);
  const events = life.map((event, index): Event => {
    if (index !== at) return event;
    if (event.kind === "hold.expired")
      return { ...event, holds: event.holds.map((one) => ({ ...one, units: moved(one.units) })) };
    return "units" in event ? { ...event, units: moved(event.units) } : event;
  });
  return auditOf(events)?.rule ?? "";
}

test("a life with an allowance is without fault: held, used, expired, released, refunded, renewed", () => {
  assert.equal(auditOf(life), undefined);
  for (const kind of ["hold.expired", "usage.refunded", "subscription.renewed"])
    assert.ok(
      life.some((event) => event.kind === kind),
      kind,
    );
});

test("units from nowhere, units that do not come back, and units that nobody used are found", () => {
  const rows: readonly (readonly [
    Event["kind"],
    (move: AllowanceMove) => AllowanceMove,
    RegExp,
  ])[] = [
    ["hold.opened", (move) => ({ ...move, held: 21n }), /^V11 /],
    ["hold.opened", (move) => ({ ...move, held: 7n }), /^V12 units come back once/],
    ["hold.settled", (move) => ({ ...move, used: move.used - 1n }), /^V12 h1 used what/],
    ["hold.settled", (move) => ({ ...move, held: -7n }), /^V12 h1 has ended/],
    ["hold.expired", (move) => ({ ...move, held: -5n }), /^V12 h2 has ended/],
    ["hold.released", (move) => ({ ...move, held: 0n }), /^V12 h3 has ended/],
    ["usage.refunded", (move) => ({ ...move, used: move.used - 1n }), /^V12 units come back once/],
    ["usage.debited", (move) => ({ ...move, used: 14n, over: 0n }), /^V11 /],
    ["hold.opened", (move) => ({ ...move, count: "sub_1 0 api calls" }), /there is$/],
  ];
  for (const [kind, change, rule] of rows) assert.match(tampered(kind, change), rule, kind);
});

test("a span that does not begin with what the plan includes is found", () => {
  const events = life.map((event): Event => {
    if (event.kind !== "subscription.renewed") return event;
    const allowances = event.subscription.allowances?.map((one) => ({ ...one, included: 21n }));
    return allowances === undefined
      ? event
      : { ...event, subscription: { ...event.subscription, allowances } };
  });
  assert.match(auditOf(events)?.rule ?? "", /^V10 .* begins whole/);
});
