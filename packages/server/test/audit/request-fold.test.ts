import assert from "node:assert/strict";
import { test } from "node:test";
import { type Event, credits, instant } from "@cistern/kernel";
import {
  approve,
  askFor,
  cap,
  createWorkspace,
  decline,
  grant,
  limit,
  open,
} from "../../../kernel/test/scenario/commands.ts";
import type { AuditFault } from "../../src/audit/index.ts";
import { auditOf } from "./audit-of.ts";
import { lived } from "./lived.ts";

const life = lived([
  [1_000, createWorkspace({ currency: "USD" })],
  [1_000, grant("grt_a", 100)],
  [1_000, limit("c", "eachMember", cap(10, "day"))],
  [1_001, askFor("r1")],
  [1_002, approve("r1", "once")],
  [1_003, open("hld_1", 12)],
  [1_004, askFor("r2")],
  [1_005, decline("r2")],
  [1_006, askFor("r3", { ttlMs: 1_000 })],
  [2_100, askFor("r4")],
  [2_101, approve("r4", "period")],
  [2_102, askFor("r5")],
]);

/** The life with its events changed, in a chain that is valid again. */
const tampered = (change: (event: Event) => Event | readonly Event[]): AuditFault | undefined =>
  auditOf(life.flatMap(change));

test("a life with requests of every end is without fault", () => {
  assert.equal(auditOf(life), undefined);
  assert.ok(life.some(({ kind }) => kind === "credit_request.expired"));
});

test("a second request for one limit, a second answer and one that comes too late are found", () => {
  const twice = tampered((event) =>
    event.kind === "credit_request.created" && event.request.id === "r5"
      ? [event, { ...event, request: { ...event.request, id: "r6" } }]
      : event,
  );
  assert.match(twice?.rule ?? "", /^V21 one request waits/);
  const again = tampered((event) =>
    event.kind === "credit_request.declined" ? [event, event] : event,
  );
  assert.match(again?.rule ?? "", /^V21 a request ends once/);
  const late = tampered((event) =>
    event.kind === "credit_request.created" && event.request.id === "r4"
      ? { ...event, request: { ...event.request, expiresAt: event.at } }
      : event,
  );
  assert.match(late?.rule ?? "", /^V21 a request that is made waits/);
});

test("a request that nobody lets expire, or that expires too early, is found", () => {
  const kept = tampered((event) => (event.kind === "credit_request.expired" ? [] : event));
  assert.match(kept?.rule ?? "", /^V21/);
  const late = tampered((event) =>
    event.kind === "credit_request.created" && event.request.id === "r3"
      ? { ...event, request: { ...event.request, expiresAt: instant(5_000) } }
      : event,
  );
  assert.match(late?.rule ?? "", /^V21 a request expires when it is due/);
});

test("another raise than the one that was approved is found", () => {
  const more = tampered((event) => {
    if (event.kind !== "credit_request.approved" || event.raise?.kind !== "period") return event;
    const { raise } = event;
    const given = raise.credits;
    return { ...event, raise: { ...raise, credits: given === 5n ? grantOf(life) : given } };
  });
  assert.match(more?.rule ?? "", /^V22/);
  const elsewhere = tampered((event) =>
    event.kind === "credit_request.approved" && event.raise !== undefined
      ? { ...event, raise: { ...event.raise, counter: "c@1.0|eve" } }
      : event,
  );
  assert.match(elsewhere?.rule ?? "", /^V22/);
});

test("whoever asked for more and is left with less is found, by a default limit and by its own", () => {
  for (const scope of ["eachMember", "member ana"]) {
    const raised = lived([
      [1_000, createWorkspace({ currency: "USD" })],
      [1_000, limit("c", scope, cap(10, "day"))],
      [1_001, askFor("r1")],
      [1_002, approve("r1", "limit", { credits: 20 })],
      [1_003, askFor("r2")],
      [1_004, approve("r2", "limit", { credits: 30 })],
    ]);
    assert.equal(auditOf(raised), undefined);
    assert.match(auditOf(raised.map(lowered))?.rule ?? "", /^V22 a cap for good is above/);
  }
});

/** The second answer gives 20 as the first did, with all that follows from it. */
function lowered(event: Event): Event {
  if (event.kind !== "credit_request.approved" || event.request.id !== "r2") return event;
  const { request, raise, limit: own } = event;
  const less = credits(20n);
  if (request.end?.kind !== "approved" || request.end.approval.as !== "limit") return event;
  const end = { ...request.end, approval: { as: "limit", credits: less } } as const;
  const answered = { ...event, request: { ...request, end } };
  if (raise?.kind === "standing") return { ...answered, raise: { ...raise, credits: less } };
  if (own?.rule.kind !== "cap" || !("credits" in own.rule)) return event;
  return { ...answered, limit: { ...own, rule: { ...own.rule, credits: less } } };
}

test("what a raise lends more often than once, or to another counter, is found", () => {
  const other = tampered((event) =>
    event.kind === "hold.opened"
      ? {
          ...event,
          counts: event.counts.map((one) => ({
            ...one,
            lent: (one.lent ?? []).map((part) => ({ ...part, request: "r4" })),
          })),
        }
      : event,
  );
  assert.match(other?.rule ?? "", /^V23 a raise lends at its own counter/);
});

/** Some other amount of credits. */
function grantOf(events: readonly Event[]) {
  for (const event of events) if (event.kind === "credits.granted") return event.lot.granted;
  throw new Error("the life has a grant");
}
