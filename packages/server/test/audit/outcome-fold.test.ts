import assert from "node:assert/strict";
import { test } from "node:test";
import { type Event, type OutcomeChange, type Recount, money } from "@cistern/kernel";
import type { AuditFault } from "../../src/audit/index.ts";
import { auditOf } from "./audit-of.ts";
import { lifeOfAWorkspace } from "./life-of-a-workspace.ts";

const life = lifeOfAWorkspace();

type Judged = Event & Recount;

const isJudged = (event: Event): event is Judged => "changes" in event;

/** The first event that puts money of outcomes on a line, changed in a chain that is valid again. */
function tampered(
  change: (event: Judged) => Recount,
  isIt: (event: Judged) => boolean = ({ accruals }) => accruals.length > 0,
): AuditFault | undefined {
  const index = life.findIndex((event) => isJudged(event) && isIt(event));
  assert.ok(index >= 0, "the life has an outcome to tamper with");
  return auditOf(
    life.map((event, at) =>
      at === index && isJudged(event) ? { ...event, ...change(event) } : event,
    ),
  );
}

const moved = ({ changes }: Recount, by: bigint): readonly OutcomeChange[] =>
  changes.map((one) => ({
    ...one,
    moves: one.moves.map((move) => ({ ...move, amount: money(move.amount + by) })),
  }));

test("a life with outcomes is without fault, and has all that can be said of them", () => {
  assert.equal(auditOf(life), undefined);
  const states = new Set(
    life.flatMap((event) =>
      isJudged(event) ? event.changes.map((one) => one.outcome.status) : [],
    ),
  );
  assert.deepEqual(states, new Set(["claimed", "billed", "reversed", "not_billable", "disputed"]));
});

const tamperings: readonly {
  readonly name: string;
  readonly found: () => AuditFault | undefined;
  readonly rule: RegExp;
}[] = [
  {
    name: "an outcome that costs a cent more",
    found: () =>
      tampered((event) => ({
        ...event,
        changes: moved(event, 1n),
        accruals: event.accruals.map((one) => ({ ...one, amount: money(one.amount + 1n) })),
      })),
    rule: /^RULES 17/,
  },
  {
    name: "a line that gets more than its outcomes",
    found: () =>
      tampered((event) => ({
        ...event,
        accruals: event.accruals.map((one) => ({ ...one, amount: money(one.amount + 1n) })),
      })),
    rule: /^a line gets what outcomes put on it/,
  },
  {
    name: "an accrual that was left out",
    found: () => tampered((event) => ({ ...event, accruals: [] })),
    rule: /^what outcomes put on lines is accrued/,
  },
  {
    name: "an outcome that is billed and on no line",
    found: () =>
      tampered((event) => ({
        ...event,
        accruals: [],
        changes: event.changes.map((one) => ({ ...one, moves: [] })),
      })),
    rule: /^what is billed is on a line/,
  },
  {
    name: "an outcome that is taken back without having been billed",
    found: () =>
      tampered((event) => ({
        ...event,
        changes: event.changes.map((one) => ({
          ...one,
          moves: one.moves.map((move) => ({ ...move, kind: "reversed" })),
        })),
      })),
    rule: /^an outcome is billed and taken back in turn/,
  },
  {
    name: "contact without a conversation that leaves its case billed",
    found: () =>
      tampered(
        () => ({ changes: [], accruals: [], next: [] }),
        (event) =>
          event.kind === "outcome.signalled" &&
          event.fact.kind === "contact" &&
          event.fact.conversation === null,
      ),
    rule: /^contact within the reopen window/,
  },
  {
    name: "test traffic that is billed",
    found: () =>
      auditOf(
        life.map((event) =>
          event.kind === "outcome.claimed" &&
          event.fact.kind === "claim" &&
          event.accruals.length > 0
            ? { ...event, fact: { ...event.fact, isTest: true } }
            : event,
        ),
      ),
    rule: /^what may not be billed is not/,
  },
  {
    name: "an outcome that nobody claimed",
    found: () => auditOf(life.filter((event) => event.kind !== "outcome.claimed")),
    rule: /^what happens to an outcome follows its claim/,
  },
  {
    name: "an estimate that is not released whole",
    found: () =>
      auditOf(
        life.map((event) =>
          event.kind === "outcome.estimate_released"
            ? { ...event, amount: money(event.amount - 1n) }
            : event,
        ),
      ),
    rule: /^E16b/,
  },
  {
    name: "a case that is billed twice",
    found: () => {
      const [first] = life.filter((event) => event.kind === "outcome.matured");
      const [change] = first?.changes ?? [];
      assert.ok(first !== undefined && change !== undefined);
      const again = "out_again";
      const index = life.indexOf(first);
      const claim = life.find(
        (event) =>
          event.kind === "outcome.claimed" && event.of?.claim.outcome === change.outcome.id,
      );
      assert.ok(claim?.kind === "outcome.claimed" && claim.fact.kind === "claim");
      const outcome = { ...change.outcome, id: again };
      const twin: Event = {
        ...claim,
        at: first.at,
        fact: { ...claim.fact, outcome: again, evidence: null },
        use: null,
        changes: [{ ...change, outcome }],
        accruals: first.accruals.filter(({ line }) => line === change.moves[0]?.line),
        next: [],
      };
      return auditOf([...life.slice(0, index + 1), twin]);
    },
    rule: /^of one case and type at most one/,
  },
];

for (const { name, found, rule } of tamperings)
  test(`${name} is found`, () => {
    assert.match(found()?.rule ?? "nothing", rule);
  });
