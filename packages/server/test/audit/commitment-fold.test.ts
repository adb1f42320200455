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
const fee = { amount: money(0n), standalone: money(0n) };
const subscribe: Command = {
  kind: "putSubscription",
  subscription: "sub_1",
  plan: {
    name: "team",
    version: "team@1",
    currency: "USD",
    cadence: { unit: "day", count: 1 },
    base: fee,
    seats: null,
    included: null,
    outcomes: [],
    minimum: { minimums: [300n, 500n], trueUp: "term" },
    overage: {
      kind: "bill",
      lines: [{ kind: "usage", meter: null, price: { kind: "per_unit", per: 1n, price: 1n } }],
      spendCap: null,
    },
    proration: "none",
    grantStep: credits(1n),
    trialDays: 0,
    modification: "separate",
    graceMs: 0,
  },
  isPinnedAnew: false,
  seats: null,
  when: null,
};
const use = (id: string, amount: bigint, occurredAt: number): Command => ({
  kind: "debit",
  debit: id,
  member: "ana",
  meter: null,
  model: null,
  amount: { kind: "credits", credits: credits(amount) },
  occurredAt: instant(occurredAt),
  run: null,
  project: null,
  attributes: null,
});
const script: readonly (readonly [number, Command])[] = [
  [
    1_000,
    {
      kind: "createWorkspace",
      workspace: {
        id: "acme",
        timeZone: "UTC",
        currency: "USD",
        overage: { kind: "plan" },
        members: "open",
        guestsMax: 10,
        overrun: "draw_more_then_debt",
      },
    },
  ],
  [1_000, subscribe],
  [2_000, use("dbt_1", 100n, 2_000)],
  [day + 5_000, use("dbt_2", 20n, 3_000)],
  [2 * day + 5_000, use("dbt_3", 50n, day + 6_000)],
  [2 * day + 6_000, use("dbt_4", 7n, 4_000)],
];

function lived(): readonly Event[] {
  const state = emptyState();
  const events: Event[] = [];
  const add = (event: Event): void => {
    events.push(event);
    apply(state, event, { seq: events.length, index: 0 });
  };
  for (const [at, command] of script) {
    for (;;) {
      const due = nextDue(state, instant(at), calendar);
      if (due === undefined) break;
      add(due);
    }
    const around = { calendar, rateCard: { id: "card", rows: [] } };
    const decision = decide(state, command, instant(at), around);
    assert(decision.kind === "accepted", command.kind);
    for (const event of [...decision.ahead, decision.event, ...decision.notices]) add(event);
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

/** The life with its last event of a kind changed, in a chain that is valid again. */
function tampered(change: (event: Event) => Event, place: number): AuditFault | undefined {
  return auditOf(life.map((event, index) => (index === place ? change(event) : event)));
}

const lastOf = (kind: Event["kind"]): number => life.findLastIndex((event) => event.kind === kind);

test("a life with a commitment and late usage is without fault, and its shortfall was corrected", () => {
  assert.equal(auditOf(life), undefined);
  const last = life[lastOf("usage.debited")];
  assert(last?.kind === "usage.debited");
  assert.deepEqual(
    last.billed?.trueUp?.accruals.map(({ amount }) => amount),
    [-7n],
  );
});

test("a shortfall that is too much, of another period, or not lessened by late usage is found", () => {
  const trued = lastOf("commitment.trued_up");
  const more = tampered((event) => {
    if (event.kind !== "commitment.trued_up") return event;
    const lines = event.lines.map((line) => ({ ...line, amount: money(line.amount + 1n) }));
    const booked = event.booked.map((one) => ({
      ...one,
      amount: money(one.amount + (one.amount < 0n ? -1n : 1n)),
    }));
    return { ...event, lines, booked };
  }, trued);
  assert.match(more?.rule ?? "", /^E15 what is charged/);
  const later = tampered((event) => {
    if (event.kind !== "commitment.trued_up") return event;
    return { ...event, postedAt: event.at };
  }, trued);
  assert.match(later?.rule ?? "", /^RULES 16/);
  const late = lastOf("usage.debited");
  const twice = tampered((event) => {
    if (event.kind !== "usage.debited" || event.billed === undefined) return event;
    const { trueUp: _left, ...billed } = event.billed;
    return { ...event, billed };
  }, late);
  assert.match(twice?.rule ?? "", /^E15 late usage/);
  const less = tampered((event) => {
    if (event.kind !== "usage.debited" || event.billed?.trueUp === undefined) return event;
    const { trueUp } = event.billed;
    return { ...event, billed: { ...event.billed, trueUp: { ...trueUp, accruals: [] } } };
  }, late);
  assert.match(less?.rule ?? "", /^E15 what is charged/);
});
