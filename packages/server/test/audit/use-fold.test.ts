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
  noMoney,
} from "@cistern/kernel";
import { type AuditFault, WorkspaceAudit, isFault } from "../../src/audit/index.ts";
import { rowsOf } from "./journal-of.ts";

const calendar = {
  window: (_unit: string, at: number) => ({ start: instant(at), end: instant(at + 86_400_000) }),
  boundary: (anchor: number, { count }: { count: number }, index: number) =>
    instant(anchor + count * index * 86_400_000),
  dayNumber: (at: number) => Math.floor(at / 86_400_000),
};
const around = { calendar, rateCard: { id: "none", rows: [] } };
const none = { meter: null, model: null, run: null, project: null, attributes: null } as const;
const amount = (value: bigint) => ({ kind: "credits", credits: credits(value) }) as const;
const settle = (value: bigint, isFinal: boolean): Command => ({
  kind: "settleHold",
  hold: "hld_1",
  amount: amount(value),
  outcome: null,
  isFinal,
  fingerprint: null,
  recalled: null,
});

const opened = (value: bigint): Command => ({
  kind: "openHold",
  hold: "hld_1",
  member: "ana",
  amount: amount(value),
  ttlMs: 50_000,
  ...none,
});

/** A hold of 0 opens no window that waits for its first use; its extension does (RULES 4). */
const script: readonly Command[] = [
  {
    kind: "createWorkspace",
    workspace: {
      id: "acme",
      timeZone: "UTC",
      currency: "USD",
      overage: { kind: "deny" },
      overrun: "draw_more_then_debt",
      members: "open",
      guestsMax: 10,
    },
  },
  {
    kind: "grant",
    grant: "grt_1",
    credits: credits(1_000n),
    source: "promotion",
    cost: noMoney,
    currency: null,
    priority: 50,
    effectiveAt: null,
    expiresAt: null,
    appliesTo: null,
    reference: null,
  },
  {
    kind: "putLimit",
    limit: "burst",
    scope: { kind: "workspace" },
    rule: {
      kind: "cap",
      credits: credits(500n),
      window: { kind: "onFirstUse", durationMs: 60_000 },
    },
  },
  opened(0n),
  { kind: "extendHold", hold: "hld_1", credits: credits(10n), ttlMs: null, recalled: null },
  settle(4n, false),
  settle(40n, true),
  { kind: "refund", refund: "rfd_1", of: "hld_1", credits: null, reason: null, recalled: null },
];

const life = lived(script);

function lived(commands: readonly Command[]): readonly Event[] {
  const state = emptyState();
  const events: Event[] = [];
  for (const [index, command] of commands.entries()) {
    const decision = decide(state, command, instant(1_000 + index), around);
    assert.ok(decision.kind === "accepted", command.kind);
    for (const event of [...decision.ahead, decision.event, ...decision.notices]) {
      apply(state, event, { seq: events.length + 1, index: 0 });
      events.push(event);
    }
  }
  return events;
}

const refund = (id: string, value: bigint | null): Command => ({
  kind: "refund",
  refund: id,
  of: "hld_1",
  credits: value === null ? null : credits(value),
  reason: null,
  recalled: null,
});

function auditOf(events: readonly Event[]): AuditFault | undefined {
  const audit = new WorkspaceAudit("acme");
  for (const row of rowsOf(events)) {
    const result = audit.row(row);
    if (isFault(result)) return result;
  }
  return audit.finish();
}

test("K14 a hold of 0 that is extended, and settled above that, counts what its windows allow", () => {
  assert.equal(auditOf(life), undefined);
});

test("K14 what such a hold counts by its extension is looked at all the same", () => {
  const wrong = life.map((event) =>
    event.kind === "hold.extended"
      ? { ...event, counts: event.counts.map((one) => ({ ...one, credits: credits(7n) })) }
      : event,
  );
  assert.match(auditOf(wrong)?.rule ?? "", /K14/);
});

test("K14 a hold of which a part was refunded before it ended counts what it was charged less that", () => {
  const commands = [
    ...script.slice(0, 3),
    opened(50n),
    settle(20n, false),
    refund("rfd_1", 5n),
    settle(10n, true),
    refund("rfd_2", null),
  ];
  assert.equal(auditOf(lived(commands)), undefined);
});
