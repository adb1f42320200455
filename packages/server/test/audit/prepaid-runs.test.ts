import assert from "node:assert/strict";
import { test } from "node:test";
import { type Event, credits, instant } from "@cistern/kernel";
import {
  cap,
  createWorkspace,
  extend,
  grant,
  limit,
  member,
  open,
  release,
  settle,
} from "../../../kernel/test/scenario/commands.ts";
import { closeRun, c, prepaid, raise } from "../../../kernel/test/scenario/run-commands.ts";
import { auditOf } from "./audit-of.ts";
import { lived } from "./lived.ts";

const steps = [
  createWorkspace({ fairness: { preset: "balanced" } }),
  member("ana"),
  limit("d", "eachMember", cap(900, "month")),
  grant("a", 1_000),
  prepaid("r", 100),
  prepaid("s", 50),
  open("h", 30, { run: "r" }),
  extend("h", 10),
  settle("h", 25),
  open("i", 30, { run: "r" }),
  settle("i", 35),
  open("j", 20, { run: "r" }),
  release("j"),
  raise("r", { limit: c(120) }),
  closeRun("r"),
  open("k", 1),
];
const life = lived(steps.map((step, index) => [1_000 + index, step]));

/** What the audit finds where the first event that `change` touches says something else. */
function found(change: (event: Event) => Event | undefined): string {
  let isDone = false;
  const told = life.map((event) => {
    const other = isDone ? undefined : change(event);
    if (other === undefined) return event;
    isDone = true;
    return other;
  });
  assert.ok(isDone, "something was changed");
  return auditOf(told)?.rule ?? "nothing";
}

/** The same of the first call that is taken from a purse. */
const called = (change: (event: Extract<Event, { kind: "hold.opened" }>) => Event): string =>
  found((event) =>
    event.kind === "hold.opened" && event.fromPurse !== undefined ? change(event) : undefined,
  );

test("a life with prepaid runs is without fault", () => {
  assert.equal(auditOf(life), undefined);
});

test("a purse of another size than its run's limit is found, and one that lasts longer", () => {
  const prepays = (more: object): string =>
    found((event) =>
      event.kind === "hold.opened" && event.opens !== undefined
        ? {
            ...event,
            opens: { ...event.opens, bounds: { ...event.opens.bounds, ...more } },
          }
        : undefined,
    );
  assert.match(prepays({ limit: credits(99n) }), /^V27 what a run prepays is its limit/);
  assert.match(prepays({ deadline: instant(5_000) }), /^V27 what a run prepays is its limit/);
});

test("what does not return to the purse is found", () => {
  const kept = found((event) => {
    if (event.kind !== "hold.settled" || event.toPurse === undefined) return undefined;
    const { toPurse: _left, ...rest } = event;
    return rest;
  });
  assert.match(kept, /^V27 what a prepaid call does not use is prepaid/);
});

test("a call out of the purse of another run, or of another member, is found", () => {
  const other = called((event) => ({
    ...event,
    ...(event.fromPurse === undefined
      ? {}
      : { fromPurse: { ...event.fromPurse, purse: { ...event.fromPurse.purse, id: "purse_s" } } }),
  }));
  assert.match(other, /^V27 a call is taken from the purse of a run that it is in/);
  const another = called((event) => ({ ...event, path: { ...event.path, member: "ben" } }));
  assert.match(another, /^V27 a purse gives to calls of its own member/);
});

test("a call that is counted though its purse was is found", () => {
  const twice = called((event) => ({
    ...event,
    counts: (event.fromPurse?.counted[0]?.windows ?? []).map((one) => ({ ...one, credits: 30n })),
  }));
  assert.match(twice, /^V25 what was prepaid counted then/);
});

test("a call that takes more than the purse has is found", () => {
  const more = called((event) => ({
    ...event,
    credits: credits(130n),
    legs: [{ lot: "a", credits: credits(130n) }],
    ...(event.fromPurse === undefined
      ? {}
      : { fromPurse: { ...event.fromPurse, legs: [{ lot: "a", credits: credits(130n) }] } }),
  }));
  assert.match(more, /^V27 a purse gives what it has/);
});

test("a purse that outlives its run is found", () => {
  const late = found((event) =>
    event.kind === "hold.expired"
      ? {
          ...event,
          holds: event.holds.map((one) => ({ ...one, expiredAt: instant(one.expiredAt + 1) })),
        }
      : undefined,
  );
  assert.match(late, /^a hold expires at its expiry/);
});
