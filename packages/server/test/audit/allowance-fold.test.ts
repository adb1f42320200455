import assert from "node:assert/strict";
import { test } from "node:test";
import { type AllowanceMove, type Event, type OpenHold } from "@cistern/kernel";
import {
  createWorkspace,
  day,
  debit,
  debtUpTo,
  open,
  refund,
  release,
  settle,
} from "../../../kernel/test/scenario/commands.ts";
import { seatsAt, start } from "../../../kernel/test/subscriptions/life.ts";
import { auditOf } from "./audit-of.ts";
import { daily, lived } from "./lived.ts";

const api = { meter: "api" } as const;
const row = {
  id: "api",
  meter: "api",
  model: null,
  attributes: {},
  per: 1n,
  prices: { calls: 2n },
};
const hold = (id: string, calls: number, given: Partial<OpenHold> = {}) =>
  open(id, { calls }, { ...api, ttlMs: day, ...given });
const subscribe = start(
  {
    ...daily,
    seats: seatsAt(100n),
    allowances: [{ ...api, bucket: "calls", included: 10n, per: "seat", beyond: "credits" }],
  },
  2,
);
const life = lived(
  [
    [1_000, createWorkspace({ currency: "USD", overage: debtUpTo(1_000) })],
    [1_000, subscribe],
    [2_000, hold("h1", 8)],
    [3_000, hold("h2", 6, { ttlMs: 5_000 })],
    [4_000, settle("h1", { calls: 9 })],
    [13_000, hold("h3", 1)],
    [13_000, release("h3")],
    [13_000, debit("d1", { calls: 14 }, api)],
    [13_000, refund("rfd_1", "d1")],
    [day + 13_000, hold("h4", 20)],
  ],
  { id: "card", rows: [row] },
);

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
