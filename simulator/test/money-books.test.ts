/** The checker's own reading of money that is sold, given back, taken and estimated: callers ask for none of it yet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Command,
  type Event,
  type State,
  apply,
  balanceOf,
  balanceTold,
  credits,
  decide,
  emptyState,
  instant,
  money,
} from "@cistern/kernel";
import { Discrepancy } from "../src/checker/books/accounts.ts";
import { Ledger } from "../src/checker/books/ledger.ts";
import { carriesOut } from "../src/checker/claims.ts";
import { utcCalendar } from "../src/world/utc-calendar.ts";

const around = { calendar: utcCalendar, rateCard: { id: "none", rows: [] } };
const payment = { kind: "received", tax: money(83n), fee: money(30n) } as const;

function grant(id: string, given: Partial<Extract<Command, { kind: "grant" }>>): Command {
  return {
    kind: "grant",
    grant: id,
    credits: credits(1_000n),
    source: "purchase",
    cost: money(1_000n),
    currency: null,
    priority: 50,
    effectiveAt: null,
    expiresAt: null,
    appliesTo: null,
    reference: null,
    ...given,
  };
}

const debit = (id: string, amount: bigint): Command => ({
  kind: "debit",
  debit: id,
  member: "ana",
  meter: null,
  model: null,
  amount: { kind: "credits", credits: credits(amount) },
  occurredAt: null,
  run: null,
  project: null,
  attributes: null,
});

const repay = (id: string, amount: bigint | null, goodwill: bigint | null): Command => ({
  kind: "repay",
  repayment: `rpy_${id}`,
  grant: id,
  credits: amount === null ? null : credits(amount),
  goodwill: goodwill === null ? null : money(goodwill),
  currency: null,
  occurredAt: null,
  reason: null,
});

const script: readonly Command[] = [
  {
    kind: "createWorkspace",
    workspace: {
      id: "acme",
      timeZone: "UTC",
      currency: "EUR",
      overage: { kind: "deny" },
      overrun: "draw_more_then_debt",
      members: "open",
      guestsMax: 10,
    },
  },
  grant("a", { payment, bonus: { grant: "b", credits: credits(200n), ssp: null }, priority: 1 }),
  debit("d1", 300n),
  repay("a", 100n, null),
  repay("a", null, 20n),
  {
    kind: "chargeBack",
    chargeback: "c",
    grant: "a",
    fee: money(15n),
    currency: null,
    occurredAt: null,
    reason: null,
  },
  grant("e", { breakage: 1_000 }),
  debit("d2", 225n),
  { kind: "reviseBreakage", grant: "e", breakage: 500 },
  { kind: "escheat", grant: "e" },
];

interface Happened {
  readonly command: Command;
  readonly event: Event;
  /** The event, and what is told of the balance that it leads to. */
  readonly events: readonly Event[];
}

function history(): readonly Happened[] {
  const state = emptyState();
  return script.map((command, index) => {
    const decision = decide(state, command, instant(index), around);
    assert.ok(decision.kind === "accepted", command.kind);
    const { event } = decision;
    return { command, event, events: carryOut(state, event, index + 1) };
  });
}

function carryOut(state: State, event: Event, seq: number): readonly Event[] {
  const told = balanceTold(state, event);
  const events = told === undefined ? [event] : [event, told];
  for (const [index, one] of events.entries()) apply(state, one, { seq, index });
  return events;
}

const judge = (events: readonly Event[]): void => {
  const ledger = new Ledger();
  for (const event of events) ledger.take(event);
};

/** After `history`: a lot of 1,000 for 1000, of which 300 were used, is left with 300 credits that defer 211. */
function withPricedChange(): readonly Event[] {
  const events = history().flatMap((one) => one.events);
  const state = emptyState();
  for (const [index, event] of events.entries()) apply(state, event, { seq: index + 1, index: 0 });
  const put = (event: Event): void => {
    events.push(...carryOut(state, event, events.length + 1));
  };
  const ask = (command: Command): void => {
    const decision = decide(state, command, instant(events.length), around);
    assert.ok(decision.kind === "accepted", command.kind);
    put(decision.event);
  };
  ask(grant("p", {}));
  ask(debit("d3", 300n));
  const left = state.pool.lots.get("p");
  assert.ok(left !== undefined);
  const balance = balanceOf(state.pool);
  put({
    kind: "credits.revoked",
    at: instant(events.length),
    lot: "p",
    credits: credits(400n),
    owed: credits(0n),
    isWhole: false,
    left,
    transfers: [
      {
        lot: "p",
        from: "available",
        to: "revoked",
        credits: credits(400n),
        money: money(489n),
        into: "CustomerBalance",
        rebases: true,
      },
    ],
    balance: { ...balance, available: credits(balance.available - 400n) },
  });
  ask(debit("d4", 77n));
  ask({ kind: "refund", refund: "rfd_1", of: "d3", credits: null, reason: null, recalled: null });
  return events;
}

test("a priced change starts the series of its lot anew, and the checker knows", () => {
  const events = withPricedChange();
  judge(events);
  const untold = events.map((event) =>
    event.kind === "credits.revoked"
      ? { ...event, transfers: event.transfers.map(({ rebases: _rebases, ...one }) => one) }
      : event,
  );
  assert.throws(() => judge(untold), Discrepancy);
});

test("what the kernel makes of money follows from the rules, and is what was asked", () => {
  const told = history();
  judge(told.flatMap(({ events }) => events));
  for (const { command, event } of told) assert.ok(carriesOut(event, command), command.kind);
});

const tamperings: readonly (readonly [string, (event: Event) => Event])[] = [
  [
    "a repayment tells more than went back",
    (event) =>
      event.kind === "credits.repaid" ? { ...event, money: money(event.money + 1n) } : event,
  ],
  [
    "a bank takes what went back before",
    (event) =>
      event.kind === "credits.charged_back"
        ? { ...event, lots: event.lots.map((one) => ({ ...one, money: money(1_000n) })) }
        : event,
  ],
  [
    "what a bank took becomes revenue",
    (event) =>
      event.kind === "credits.charged_back"
        ? { ...event, transfers: event.transfers.map(({ into: _into, ...one }) => one) }
        : event,
  ],
  [
    "what the state took becomes revenue",
    (event) =>
      event.kind === "credits.escheated"
        ? { ...event, transfers: event.transfers.map(({ into: _into, ...one }) => one) }
        : event,
  ],
  [
    "an estimate is not met",
    (event) =>
      event.kind === "breakage.revised"
        ? { ...event, transfers: event.transfers.map((one) => ({ ...one, money: money(-12n) })) }
        : event,
  ],
];

for (const [name, change] of tamperings)
  test(`the checker finds that ${name}`, () => {
    const events = history().flatMap((one) => one.events.map(change));
    assert.throws(() => judge(events), Discrepancy);
  });
