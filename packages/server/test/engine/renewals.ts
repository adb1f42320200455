/** Renewals when several nodes meet them at once; run on memory and on PostgreSQL. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, type Event, credits, money } from "@cistern/kernel";
import { type JournalStore, decodeEvents } from "../../src/journal/index.ts";
import type { OpenStores } from "./engine-suite.ts";
import { accepted, balance, createWorkspace, engineOn, execute, newId, whole } from "./fixtures.ts";
import { TestClock } from "./test-clock.ts";

const dayMs = 24 * 60 * 60 * 1_000;

/** 100 credits for 10.00 a month. */
const subscribe = (): Command => ({
  kind: "putSubscription",
  subscription: newId("sub"),
  plan: {
    name: "small",
    version: "small@1",
    currency: "EUR",
    cadence: { unit: "month", count: 1 },
    base: { amount: money(1_000n), standalone: money(1_000n) },
    seats: null,
    included: {
      credits: whole(100),
      per: "plan",
      every: null,
      standalone: null,
      priority: 40,
      rollover: null,
    },
    outcomes: [],
    minimum: null,
    overage: { kind: "deny" },
    proration: "second",
    grantStep: credits(1n),
    trialDays: 0,
    modification: "separate",
    graceMs: 0,
  },
  isPinnedAnew: false,
  seats: null,
  when: null,
});

const debit = (amount: number): Command => ({
  kind: "debit",
  debit: newId("dbt"),
  member: "ana",
  meter: null,
  model: null,
  amount: { kind: "credits", credits: whole(amount) },
  occurredAt: null,
  run: null,
  project: null,
  attributes: null,
});

async function eventsOf(store: JournalStore, workspaceId: string): Promise<readonly Event[]> {
  const rows = await store.readRows(workspaceId, 0, 10_000);
  return rows.flatMap((row) => decodeEvents<Event>(row.events, row.codec));
}

/** Registers the tests under the store's name. */
export function testRenewals(name: string, open: OpenStores): void {
  test(`${name}: nodes that meet the end of a period at once renew it once, and keep the usage that follows`, async () => {
    const [first, second] = await open(2);
    assert.ok(first && second);
    const clock = new TestClock();
    const nodes = [engineOn(first, { clock }), engineOn(second, { clock })] as const;
    const [one] = nodes;
    const ws = newId("ws");
    await accepted(one, ws, createWorkspace(ws));
    await accepted(one, ws, subscribe());
    for (let month = 1; month <= 3; month += 1) {
      clock.advance(31 * dayMs);
      const calls = Array.from({ length: 20 }, (_, index) =>
        execute(nodes[index % 2] ?? one, ws, debit(2)),
      );
      for (const answer of await Promise.all(calls)) assert.equal(answer.kind, "accepted");
      const { available } = await balance(one, ws);
      assert.equal(available, 60, "what was used came from the credits of the new period");
    }
    const events = await eventsOf(first, ws);
    const renewed = events.flatMap((event) =>
      event.kind === "subscription.renewed" ? [event.subscription.period.index] : [],
    );
    assert.deepEqual(renewed, [1, 2, 3]);
    assert.equal(events.filter(({ kind }) => kind === "usage.debited").length, 60);
    await Promise.all(nodes.map((node) => node.stop()));
  });
}
