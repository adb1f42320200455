import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, type Event, apply, credits, emptyState } from "@cistern/kernel";
import {
  createWorkspace,
  day,
  deactivate,
  debit,
  grant,
  member,
  open,
  refund,
  settle,
} from "../../../kernel/test/scenario/commands.ts";
import {
  Life,
  change as subscribes,
  included,
  seatsAt,
  start,
} from "../../../kernel/test/subscriptions/life.ts";
import { type AuditFault, FairFold } from "../../src/audit/index.ts";
import { auditOf } from "./audit-of.ts";
import { lived } from "./lived.ts";

const hour = 3_600_000;
const generous = { preset: "balanced", reach: 100_000 } as const;
const gift: Command = {
  kind: "giftReserve",
  gift: "gft_1",
  from: "ben",
  to: "ana",
  credits: credits(20n),
};

const asked: Command = {
  kind: "requestCredits",
  request: "crq_1",
  member: "ana",
  limit: null,
  credits: credits(10n),
  ttlMs: day,
};
const given: Command = {
  kind: "approveRequest",
  request: "crq_1",
  by: "ben",
  as: "gift",
  credits: null,
  from: null,
};

/** A day that a pool is shared, and the beginning of the next: everything that moves shares happens. */
const life = lived([
  [1_000, createWorkspace({ fairness: generous })],
  [1_000, { kind: "putGroup", group: "growth" }],
  [1_000, member("ana")],
  [1_000, member("ben", { groups: ["growth"], home: "growth" })],
  [1_000, member("cleo", { groups: ["growth"], home: "growth" })],
  [1_000, member("bot", { memberKind: "agent", sponsor: "cleo" })],
  [1_000, grant("grt_1", 3_000)],
  [2_000, open("hld_1", 400, { member: "ana", ttlMs: 12 * hour })],
  [hour, open("hld_2", 900, { member: "ana", ttlMs: 12 * hour })],
  [hour + 1, settle("hld_1", 150)],
  [2 * hour, gift],
  [2 * hour, asked],
  [2 * hour, given],
  [3 * hour, grant("grt_2", 500)],
  [4 * hour, open("hld_3", 300, { member: "bot", ttlMs: 12 * hour })],
  [4 * hour, open("hld_4", 30, { member: "somebody", ttlMs: 12 * hour })],
  [5 * hour, open("hld_6", 650, { member: "ben", ttlMs: 12 * hour })],
  [5 * hour, member("dan", { groups: ["growth"], home: "growth" })],
  [6 * hour, settle("hld_2", 1_000)],
  [7 * hour, refund("rfd_1", "hld_2", 40)],
  [8 * hour, deactivate("ben")],
  [9 * hour, debit("dbt_1", 2_300, { member: "dan" })],
  [day + hour, open("hld_5", 1, { member: "cleo" })],
]);

type Change = (event: Event) => Event;

/** The life with the events of one kind changed, in a chain that is valid again. */
const tampered = (kind: Event["kind"], change: Change): AuditFault | undefined =>
  auditOf(life.map((event) => (event.kind === kind ? change(event) : event)));

const ofHold =
  (id: string, change: (event: Extract<Event, { kind: "hold.opened" }>) => Event): Change =>
  (event) =>
    event.kind === "hold.opened" && event.hold === id ? change(event) : event;

test("a life whose pool is shared is without fault, and a second period opens by itself", () => {
  assert.equal(auditOf(life), undefined);
  assert.ok(life.some(({ kind }) => kind === "fairness.opened"));
  const draws = life.flatMap((event) => ("drawn" in event && event.drawn ? [event.drawn] : []));
  assert.ok(draws.some(({ pots }) => pots.length > 1) && draws.some(({ others }) => others));
});

test("a period that opens otherwise than the setting says is found", () => {
  const bent = (change: object): string | undefined =>
    tampered("fairness.opened", (event) =>
      event.kind === "fairness.opened"
        ? { ...event, sharing: { ...event.sharing, ...change } }
        : event,
    )?.rule;
  for (const change of [{ ticks: 719 }, { reserve: 701 }, { reach: 1_000 }])
    assert.match(bent(change) ?? "", /^Q1 a period opens now, with the knobs in force/);
  assert.match(bent({ end: 90 * day }) ?? "", /^Q1 a period lasts as long/);
  const unopened = tampered("workspace.created", (event) => {
    if (event.kind !== "workspace.created") return event;
    const { sharing: _left, ...rest } = event;
    return rest;
  });
  assert.match(unopened?.rule ?? "", /^Q1 a period opens when the setting/);
});

test("a draw past what the rules allow is found: it was let past a reach that is not in force", () => {
  const narrow = auditOf(
    life.map((event) => {
      if (!("sharing" in event) || event.sharing === undefined) return event;
      const sharing = { ...event.sharing, reach: 100 };
      if (event.kind !== "workspace.created") return { ...event, sharing };
      const fairness = { preset: "balanced", reach: 100 } as const;
      return { ...event, sharing, workspace: { ...event.workspace, fairness } };
    }),
  );
  assert.match(narrow?.rule ?? "", /^Q2 a draw is within what the rules allow/);
  assert.match(narrow?.found ?? "", /borrow_limit/);
  const fewer = auditOf(life.filter((event) => event.kind !== "reserve.gifted"));
  assert.match(fewer?.rule ?? "", /^Q[23]|^K6/);
});

test("draws that do not say what gave, whose seat it is, or in which period, are found", () => {
  const drawn = (change: object): AuditFault | undefined =>
    tampered(
      "hold.opened",
      ofHold("hld_2", (event) =>
        event.drawn === undefined ? event : { ...event, drawn: { ...event.drawn, ...change } },
      ),
    );
  assert.match(drawn({ reserve: credits(0n) })?.rule ?? "", /^Q2 own reserve gives first/);
  assert.match(drawn({ pots: [] })?.rule ?? "", /^Q2 own reserve gives first/);
  assert.match(drawn({ seat: "guests" })?.rule ?? "", /^Q2 a call draws on its own seat/);
  assert.match(drawn({ period: 2 })?.rule ?? "", /^Q2 what draws is in the period that runs/);
  const silent = tampered(
    "hold.opened",
    ofHold("hld_3", ({ drawn: _left, ...rest }) => rest),
  );
  assert.match(silent?.rule ?? "", /^Q2 a call says what it draws/);
});

test("usage that takes others' reserves without saying so, and gifts that nobody has, are found", () => {
  const kept = tampered("usage.debited", (event) => {
    if (event.kind !== "usage.debited" || event.drawn === undefined) return event;
    const { others: _left, ...rest } = event.drawn;
    return { ...event, drawn: rest };
  });
  assert.match(kept?.rule ?? "", /^Q2 own reserve gives first/);
  const doubled = tampered("reserve.gifted", (event) =>
    event.kind === "reserve.gifted"
      ? { ...event, credits: credits(20_000n * event.credits) }
      : event,
  );
  assert.match(doubled?.rule ?? "", /^Q2 who gives has as much reserved/);
  const elsewhere = tampered("reserve.gifted", (event) =>
    event.kind === "reserve.gifted"
      ? { ...event, seats: { ...event.seats, to: "member:dan" } }
      : event,
  );
  assert.match(elsewhere?.rule ?? "", /^Q2 a gift is of the seats of both/);
});

/** Growth is guaranteed most of the pool; its members come late, and its last one leaves. */
const promised = lived([
  [1_000, createWorkspace({ fairness: { preset: "balanced" } })],
  [1_000, { kind: "putGroup", group: "growth" }],
  [1_000, member("ana")],
  [1_000, member("ben", { groups: ["growth"], home: "growth" })],
  [1_000, member("cleo", { groups: ["growth"], home: "growth" })],
  [1_000, { kind: "setGroupGuarantee", group: "growth", credits: credits(800n) }],
  [1_000, { kind: "setGuarantee", member: "ben", credits: credits(100n) }],
  [1_000, grant("grt_1", 1_000)],
  [2_000, open("hld_1", 100, { member: "ana", ttlMs: 23 * hour })],
  [12 * hour, open("hld_2", 50, { member: "ana", ttlMs: 11 * hour })],
  [day - hour, open("hld_3", 400, { member: "ben" })],
  [day - hour, deactivate("ben")],
  [day - hour, deactivate("cleo")],
  [day - hour, open("hld_4", 300, { member: "ana" })],
]);

test("what is guaranteed to a group is in its pot, for its members, until the last has left", () => {
  assert.equal(auditOf(promised), undefined);
  const draws = promised.flatMap((event) => (event.kind === "hold.opened" ? [event.drawn] : []));
  assert.equal(draws.length, 4, "none of them was refused");
  assert.equal(draws[2]?.pots[0]?.node, "group:growth");
  const said = (amount: bigint): AuditFault | undefined =>
    auditOf(
      promised.map((event) =>
        event.kind === "group_terms.updated"
          ? { ...event, terms: { ...event.terms, guarantee: credits(amount) } }
          : event,
      ),
    );
  assert.match(said(0n)?.rule ?? "", /^Q2 own reserve gives first/);
  assert.match(said(900n)?.rule ?? "", /^Q2 a draw is within what the rules allow/);
});

test("who joins a group that is guaranteed more than its line keeps brings nothing into its pot", () => {
  const joined = lived([
    [1_000, createWorkspace({ fairness: { preset: "balanced" } })],
    [1_000, { kind: "putGroup", group: "growth" }],
    [1_000, member("ana")],
    [1_000, member("ben", { groups: ["growth"], home: "growth" })],
    [1_000, { kind: "setGroupGuarantee", group: "growth", credits: credits(800n) }],
    [1_000, grant("grt_1", 1_000)],
    [2_000, open("hld_1", 10, { member: "ana", ttlMs: 23 * hour })],
    [12 * hour, open("hld_2", 10, { member: "ana", ttlMs: 11 * hour })],
    [12 * hour, member("dora", { groups: ["growth"], home: "growth" })],
  ]);
  assert.equal(auditOf(joined), undefined);
});

test("guests who come in mid-period have no part of what waits for seats that were added", () => {
  const on = new Life("2026-03-01T00:00Z");
  const terms = { seats: seatsAt(100n), included: included(300n, 300n, { per: "seat" }) } as const;
  on.run(start(terms, 2));
  for (const id of ["ana", "ben"]) {
    on.run(member(id));
    on.run({ kind: "assignSeat", member: id });
  }
  for (const id of ["ana", "ben"]) on.run(debit(`dbt_${id}`, 290, { member: id }));
  on.run(subscribes({ seats: 4, when: "now" }));
  on.run(debit("dbt_who", 5, { member: "who" }));
  on.run(member("ida"));
  on.run({ kind: "assignSeat", member: "ida" });
  on.run(debit("dbt_ida", 1, { member: "ida" }));
  assert.equal(auditOf(on.journal.rows.map(({ event }) => event)), undefined);
  const drawn = on.journal.rows.flatMap(({ event }) =>
    event.kind === "usage.debited" && event.path.member === "who" ? [event.drawn?.reserve] : [],
  );
  assert.deepEqual(drawn, [credits(5n)]);
});

test("a kernel that knows other shares than the events said is found", () => {
  const state = emptyState();
  const fold = new FairFold({
    part: (id, part) => state.pool.lots.get(id)?.[part] ?? 0n,
    phase: (id) => state.pool.lots.get(id)?.phase ?? "live",
  });
  const until = life.findIndex(({ kind }) => kind === "usage.debited");
  for (const [index, event] of life.slice(0, until).entries()) {
    apply(state, event, { seq: index + 1, index: 0 });
    fold.fold(event);
    fold.compare(state);
  }
  const row = state.fairness.nodes.get("member:ana");
  assert.ok(row);
  state.fairness.nodes.set(row.id, { ...row, used: row.used + 1n });
  assert.throws(() => fold.compare(state), /Q4 what is used at member:ana/);
});
