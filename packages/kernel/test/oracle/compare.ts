/** Compares the kernel's state with the oracle's, and asserts the invariants K1 to K14 on what the kernel keeps. */
import assert from "node:assert/strict";
import {
  type Decision,
  type Event,
  type Lot,
  type Rejection,
  deferred,
  gone,
  plainFinance,
  postings,
  recognised,
} from "@cistern/kernel";
import type { Journal } from "../journal.ts";
import { type OracleLot, inBurnOrder, round, sum } from "./ledger.ts";
import type { Oracle } from "./oracle.ts";
import type { Verdict } from "./verdict.ts";
import { cap, isCap, isCeiling } from "./limits.ts";

/** The same verdict, and the same numbers where the oracle gives them. */
export function compareVerdict(decision: Decision, verdict: Verdict): void {
  if (decision.kind === "accepted" || verdict.kind === "accepted") {
    const said = decision.kind === "accepted" ? "accepted" : decision.rejection.code;
    assert.equal(said, verdict.kind === "accepted" ? "accepted" : verdict.code);
    return;
  }
  assert.equal(decision.rejection.code, verdict.code);
  for (const [name, value] of Object.entries(verdict.numbers ?? {}))
    assert.deepEqual(numbersOf(decision.rejection)[name], value, `${verdict.code}: ${name}`);
}

/** A refusal with its scope spelled out as the oracle does. */
function numbersOf(rejection: Rejection): Record<string, unknown> {
  if (rejection.code === "rate_limited" || rejection.code === "limit_reached") {
    const { kind, id, limit } = rejection.scope;
    return { ...rejection, node: `${kind} ${id}`, limit };
  }
  return { ...rejection };
}

/** K1. */
export function checkPostings(event: Event): void {
  for (const commodity of ["CREDIT", "MONEY"])
    assert.equal(
      sum(
        postings(event)
          .filter((one) => one.commodity === commodity)
          .map((one) => one.amount),
      ),
      0n,
      `K1 the postings of ${event.kind} sum to zero in ${commodity}`,
    );
}

/** K3: what was approved fits the overage, and every cap that it counts in. */
export function checkApproval({ state }: Journal, event: Event): void {
  if (event.kind !== "hold.opened" && event.kind !== "hold.extended") return;
  const { overage } = state.current.row?.workspace ?? {};
  const lent = state.pool.totals.debt + state.holds.totals.overage;
  const limit = overage?.kind === "debt" ? overage.limit : 0n;
  assert(event.overage === 0n || lent <= limit, "K3 holds stay within the overage that is allowed");
  for (const { counter, limit: id, credits } of event.counts) {
    const rule = state.limits.limits.get(id)?.rule;
    const used = state.limits.counters.get(counter)?.used ?? 0n;
    assert(rule?.kind === "cap");
    // A grant that expires lowers what a percent is of: the refusals say what it was when it was asked.
    if ("percentBps" in rule) continue;
    assert(rule.credits !== null);
    assert(credits === 0n || used <= rule.credits, `K3 holds stay within cap ${id}`);
  }
}

/** Lots, holds, debts, totals and windows, one by one. */
export function compareStates(journal: Journal, oracle: Oracle, at: number): void {
  compareLots(journal, oracle.pool.ledger.lots);
  compareHolds(journal, oracle);
  compareTotals(journal, oracle);
  compareWindows(journal, oracle, at);
  compareMembers(journal, oracle);
}

function compareLots({ state: { pool } }: Journal, expected: readonly OracleLot[]): void {
  assert.equal(pool.lots.size, expected.length);
  for (const other of expected) {
    const lot = pool.lots.get(other.id);
    assert(lot !== undefined, `lot ${other.id} exists`);
    const { available, held, consumed, moved, revoked, expired } = lot;
    assert.deepEqual({ available, held, consumed, moved, revoked, expired }, other.parts, lot.id);
    assert.deepEqual(lot.posted, other.money, `money of ${lot.id}`);
    assert.deepEqual([lot.phase, lot.owedRevoke], [other.phase, other.owed], lot.id);
    assert.equal(lot.granted, lot.available + lot.held + gone(lot), `K2 ${lot.id}`);
    for (const part of Object.values(other.parts))
      assert(part >= 0n, `K2 ${lot.id} is not negative`);
    if (other.breakage === null)
      assert.equal(
        lot.cost - deferred(lot),
        round(lot.cost * gone(lot), lot.granted),
        `K8 ${lot.id}`,
      );
    compareMoney(lot, other);
    if (lot.available === 0n && lot.held === 0n) assert.equal(deferred(lot), 0n, `K8 ${lot.id}`);
  }
  const burning = expected.filter(
    (lot) => lot.phase === "live" && lot.only === null && lot.parts.available > 0n,
  );
  assert.deepEqual(
    pool.burning.rows.map((lot) => lot.id),
    inBurnOrder(burning).map((lot) => lot.id),
  );
}

/** K8: what left a lot other than as revenue, and what of it was given back. */
function compareMoney(lot: Lot, other: OracleLot): void {
  const { away, goodwill, disputed, tax, taxReturned } = lot.finance ?? plainFinance;
  assert.deepEqual(
    [tax, away.Cash, away.UnclaimedProperty, goodwill, disputed ?? 0n, taxReturned],
    [other.tax, other.repaid, other.unclaimed, other.goodwill, other.disputed, other.taxBack],
    `money given back of ${lot.id}`,
  );
  const { consumed, expired, revoked, moved } = lot.posted;
  const elsewhere = away.Cash + away.Chargebacks + away.UnclaimedProperty + away.CustomerBalance;
  assert.equal(recognised(lot) + deferred(lot) + elsewhere + moved, lot.cost, `K8 ${lot.id}`);
  assert.equal(recognised(lot), consumed + expired + revoked - elsewhere, `revenue of ${lot.id}`);
  const paid = other.isUnpaid ? 0n : lot.cost;
  assert(
    other.repaid + other.goodwill + other.disputed <= paid,
    `${lot.id} gives back what was paid`,
  );
}

function compareHolds(journal: Journal, oracle: Oracle): void {
  for (const other of oracle.pool.holds) {
    const hold = journal.hold(other.id);
    assert(hold !== undefined, `hold ${other.id} exists or can be recalled`);
    assert.deepEqual(
      {
        status: hold.status,
        authorized: hold.authorized,
        legs: byLot(hold.legs.map((leg) => [leg.lot, leg.credits])),
        overage: hold.overage,
        charged: hold.charged,
        refunded: hold.refunded,
        owed: hold.owed,
        charges: hold.charges.map((one) => [one.lot, one.credits, one.money, one.refunded]),
        expiresAt: hold.expiresAt,
      },
      {
        status: other.status,
        authorized: other.authorized,
        legs: byLot(other.legs.map((leg) => [leg.lot.id, leg.credits])),
        overage: other.overage,
        charged: other.charged,
        refunded: other.refunded,
        owed: other.owed,
        charges: other.charges.map((one) => [one.lot.id, one.credits, one.money, one.refunded]),
        expiresAt: other.expiresAt,
      },
      hold.id,
    );
    const paid = sum(hold.charges.map((one) => one.credits - one.refunded));
    assert.equal(hold.charged - hold.refunded, paid + hold.owed, `K13 ${hold.id}`);
    assert(hold.refunded <= hold.charged, `K13 ${hold.id}`);
  }
}

function compareTotals(
  { state: { pool, holds } }: Journal,
  { pool: { holds: others, ledger } }: Oracle,
): void {
  const open = others.filter((hold) => hold.status === "open");
  const legs = sum(open.flatMap((hold) => hold.legs.map((leg) => leg.credits)));
  const free = ledger.lots.filter((lot) => lot.phase === "live");
  const isPlain = (lot: OracleLot): boolean => lot.only === null;
  const held = (lots: readonly OracleLot[]): bigint => sum(lots.map((lot) => lot.parts.held));
  const available = (lots: readonly OracleLot[]): bigint =>
    sum(lots.map((lot) => lot.parts.available));
  const debt = sum(others.map((hold) => hold.owed));
  const { totals } = pool;
  assert.equal(totals.available, available(free.filter(isPlain)));
  assert.equal(totals.restrictedAvailable, available(free.filter((lot) => !isPlain(lot))));
  assert.equal(totals.held, held(ledger.lots));
  assert.equal(totals.restrictedHeld, held(ledger.lots.filter((lot) => !isPlain(lot))));
  assert.equal(totals.consumed, sum(ledger.lots.map((lot) => lot.parts.consumed)));
  assert.equal(totals.debt, debt);
  assert.equal(totals.held, legs, "K12 the lots' held is the open holds' legs");
  assert.equal(holds.totals.overage, sum(open.map((hold) => hold.overage)));
  assert.equal(holds.totals.open, open.length);
  for (const hold of others.filter((one) => one.owed > 0n))
    assert.equal(
      ledger.available(hold.use),
      0n,
      `K11 nothing that may pay ${hold.id} is available`,
    );
}

function compareWindows({ state: { limits } }: Journal, oracle: Oracle, at: number): void {
  assert.equal(limits.limits.size, oracle.limits.all.length);
  for (const limit of oracle.limits.all) {
    const row = limits.limits.get(limit.id);
    assert.deepEqual([row?.scope, row?.rule], [limit.scope, limit.rule]);
    if (limit.rule.kind === "rate") continue;
    if ("credits" in limit.rule && limit.rule.credits === null) continue;
    for (const node of nodesOf(oracle, limit.scope)) {
      const applied = { limit, node: `${node.kind} ${node.id}` };
      const key =
        node.kind === "member"
          ? `${limit.id}@${row?.epoch}|${node.id}`
          : `${limit.id}@${row?.epoch}`;
      const counter = limits.counters.get(key);
      const parts =
        counter === undefined ? [] : counter.buckets.length > 0 ? counter.buckets : [counter];
      const span = counter === undefined ? 0 : counter.end - (parts.at(-1)?.start ?? 0);
      const open = parts.filter((one) => one.start + span > at);
      assert.equal(
        sum(open.map((one) => one.used)),
        oracle.limits.used(applied, at),
        `K14 use of ${key} is the sum of its counted legs`,
      );
      assert((isCap(applied) || isCeiling(applied)) && cap(limit.rule).window.kind.length > 0);
    }
  }
}

const nodesOf = (
  oracle: Oracle,
  scope: { kind: string; id?: string },
): { kind: string; id: string }[] => {
  if (scope.kind === "workspace") return [{ kind: "workspace", id: oracle.workspace.id }];
  if (scope.kind === "eachMember")
    return [...oracle.people.members.keys()].map((id) => ({ kind: "member", id }));
  return [{ kind: scope.kind, id: scope.id ?? "" }];
};

function compareMembers({ state: { members } }: Journal, oracle: Oracle): void {
  assert.deepEqual(
    new Map([...members.members.entries()].map(([id, one]) => [id, [one.status, one.isGuest]])),
    new Map(
      [...oracle.people.members].map(([id, one]) => [
        id,
        [one.isActive ? "active" : "inactive", one.isGuest],
      ]),
    ),
  );
}

const byLot = (legs: (readonly [string, bigint])[]): (readonly [string, bigint])[] =>
  legs.toSorted(([a], [b]) => (a < b ? -1 : 1));
