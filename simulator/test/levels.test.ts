/** The checker's own reading of levels that a plan includes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, type Event, apply, decide, emptyState, instant } from "@cistern/kernel";
import { plans } from "../src/callers/offers.ts";
import { Ledger } from "../src/checker/books/ledger.ts";
import { rateCardAt } from "../src/nodes/node.ts";
import { utcCalendar } from "../src/world/utc-calendar.ts";

/** Prices do not change in the seconds after. */
const startMs = Date.UTC(2026, 2, 1) - (Date.UTC(2026, 2, 1) % 14_000);

const createWorkspace: Command = {
  kind: "createWorkspace",
  workspace: {
    id: "acme",
    timeZone: "UTC",
    currency: "EUR",
    overage: { kind: "plan" },
    overrun: "draw_more_then_debt",
    members: "open",
    guestsMax: 10,
  },
};

const subscribe: Command = {
  kind: "putSubscription",
  subscription: "sub_00000001",
  plan: plans.find(({ name }) => name === "used") ?? null,
  isPinnedAnew: false,
  seats: null,
  when: null,
};

const stored = (debit: string, toMs: number): Command => ({
  kind: "debit",
  debit,
  member: "ana",
  meter: "storage",
  model: null,
  amount: {
    kind: "level",
    usage: { gib: 10 },
    over: { start: instant(startMs + 1_000), end: instant(startMs + toMs) },
  },
  occurredAt: null,
  run: null,
  project: null,
  attributes: null,
});

const refund = (of: string): Command => ({
  kind: "refund",
  refund: `rfd_${of}`,
  of,
  credits: null,
  reason: null,
  recalled: null,
});

test("a level that the plan included is charged anew once its report was refunded, though it cost nothing", () => {
  const state = emptyState();
  const ledger = new Ledger();
  const run = (command: Command, index: number): Event => {
    const at = instant(startMs + (index < 2 ? 0 : 5_000) + index);
    const around = { calendar: utcCalendar, rateCard: rateCardAt(at) };
    const decision = decide(state, command, at, around);
    assert.ok(decision.kind === "accepted", command.kind);
    for (const event of [...decision.ahead, decision.event, ...decision.notices]) {
      apply(state, event, { seq: index + 1, index: 0 });
      ledger.take(event);
    }
    return decision.event;
  };
  const script = [createWorkspace, subscribe, stored("d1", 3_000), stored("d2", 4_000)];
  const more = [refund("d1"), stored("d3", 4_000)];
  const told = [...script, ...more].map(run).filter((event) => event.kind === "usage.debited");
  assert.deepEqual(
    told.map(({ charged, fresh }) => ({ charged, fresh: fresh ?? "all" })),
    [
      { charged: 0n, fresh: "all" },
      { charged: 0n, fresh: [{ start: startMs + 3_000, end: startMs + 4_000 }] },
      { charged: 0n, fresh: [{ start: startMs + 1_000, end: startMs + 3_000 }] },
    ],
  );
});
