/** Lives on a term of three minimums, in which documents are told, late too, and taken back. */
import assert from "node:assert/strict";
import {
  type Command,
  type Event,
  type Minimum,
  type UnitPrice,
  apply,
  emptyState,
} from "@cistern/kernel";
import * as fc from "fast-check";
import { at } from "../calendar.ts";
import { Journal } from "../journal.ts";
import { finalize } from "../subscriptions/invoicing.ts";
import { type Life, atEnd, ofKind } from "../subscriptions/life.ts";
import { begun, bookedOf, dispute, each, reopen, thing, things } from "./life.ts";

const dayMs = 86_400_000;

/** The periods of a term of three, by how it goes, and what is done with it when. */
const ways = {
  renewed: { acts: [], begins: ["2026-02-01", "2026-03-01", "2026-04-01"] },
  paused: {
    acts: [
      [atEnd("pause"), "2026-02-10"],
      [atEnd("renew"), "2026-03-15"],
    ],
    begins: ["2026-02-01", "2026-03-15", "2026-04-15"],
  },
  ended: { acts: [[atEnd("end"), "2026-03-10"]], begins: ["2026-02-01", "2026-03-01"] },
  cancelled: {
    acts: [[{ kind: "cancelSubscription" }, "2026-03-20"]],
    begins: ["2026-02-01", "2026-03-01"],
  },
} satisfies Record<
  string,
  { acts: readonly (readonly [Command, string])[]; begins: readonly string[] }
>;

const steps = fc.array(
  fc.record({
    day: fc.integer({ min: 1, max: 88 }),
    what: fc.constantFrom("claim", "claim", "reopen", "dispute", "reject", "uphold"),
    which: fc.nat({ max: 5 }),
    quantity: fc.bigInt({ min: 1n, max: 30n }),
    lateBy: fc.constantFrom(0, 0, 3, 20, 34),
    isIssued: fc.boolean(),
  }),
  { maxLength: 14 },
);
/** One step of a life. */
type Step = typeof steps extends fc.Arbitrary<readonly (infer One)[]> ? One : never;

const least = fc.array(fc.bigInt({ min: 0n, max: 400n }), { minLength: 3, maxLength: 3 });
const prices = fc.constantFrom<UnitPrice>(each(10n), {
  kind: "graduated",
  per: 1n,
  tiers: [
    { upTo: 20n, price: 10n },
    { upTo: null, price: 3n },
  ],
});

const start = at("2026-02-01T00:00Z");

/** What so many documents cost. */
export const cost = (price: UnitPrice, units: bigint): bigint =>
  price.kind === "per_unit" || units <= 20n ? units * 10n : 200n + (units - 20n) * 3n;

/** What a life is made of. */
export const minimumLives = fc.record({
  steps,
  minimums: least,
  trueUp: fc.constantFrom<Minimum["trueUp"]>("period", "term"),
  way: fc.constantFrom("renewed", "paused", "ended", "cancelled"),
  price: prices,
});

type Wishes = typeof minimumLives extends fc.Arbitrary<infer One> ? One : never;

/** A life, and of the outcomes that stand in it their units and the period in which they were billed. */
export function live({ steps: all, minimums, trueUp, way, price }: Wishes): {
  readonly life: Life;
  readonly standing: ReadonlyMap<string, { readonly units: bigint; readonly period: number }>;
} {
  const terms = things("document", { price, reopenMs: 200 * dayMs });
  const life = begun([terms], { minimum: { minimums, trueUp }, graceMs: 2 * dayMs });
  const { acts, begins } = ways[way];
  const quantities = new Map<string, bigint>();
  const standing = new Map<string, { readonly units: bigint; readonly period: number }>();
  const done = acts.map(([command, day]) => ({ when: at(`${day}T00:00Z`), command }));
  const told = all.map((step, index) => ({
    when: start + step.day * dayMs + 3_600_000,
    step,
    index,
  }));
  for (const one of [...done, ...told].toSorted((a, b) => a.when - b.when)) {
    const when = new Date(one.when).toISOString();
    if ("command" in one) life.run(one.command, when);
    else say(life, one, when, quantities);
    for (const [outcome, units] of quantities) {
      const isBilled = bookedOf(life, outcome) !== null;
      const period = begins.findLastIndex((day) => at(`${day}T00:00Z`) <= one.when);
      if (isBilled && !standing.has(outcome)) standing.set(outcome, { units, period });
      if (!isBilled) standing.delete(outcome);
    }
  }
  life.pass("2026-05-16T00:00Z");
  return { life, standing };
}

/** One step, where it can be taken. */
function say(
  life: Life,
  { step, index }: { readonly step: Step; readonly index: number },
  when: string,
  quantities: Map<string, bigint>,
): void {
  const { what, which, quantity, lateBy } = step;
  life.pass(when);
  if (step.isIssued) issue(life, when);
  const outcome = [...quantities.keys()][which];
  const occurred = new Date(Math.max(start, at(when) - lateBy * dayMs)).toISOString();
  const commands: Readonly<Record<string, Command | undefined>> = {
    claim: thing(`o${index}`, quantity, { occurred }),
    ...(outcome === undefined
      ? {}
      : {
          reopen: reopen(outcome),
          dispute: dispute(outcome),
          reject: dispute(outcome, "rejected"),
          uphold: dispute(outcome, "upheld"),
        }),
  };
  const command = commands[what];
  if (command === undefined) return;
  const decision = life.journal.run(command, at(when));
  if (what === "claim" && decision.kind === "accepted") quantities.set(`o${index}`, quantity);
}

/** Issues all that is drafted. */
export function issue(life: Life, when: string): void {
  for (const { id, status } of life.invoices) if (status === "draft") life.run(finalize(id), when);
}

/**
 * A life whose outcome of 60.00 was billed by an event that is older than that outcomes count toward a minimum. It is taken back in the
 * next month.
 */
export function livedBefore(): {
  readonly events: readonly Event[];
  readonly closed: readonly Event[];
  readonly back: Event;
} {
  const life = begun([things("document")], { minimum: { minimums: [10_000n], trueUp: "period" } });
  life.run(thing("a", 600n), "2026-02-20T00:00Z");
  const state = emptyState();
  const before = life.journal.rows.map(({ event }) => asBefore(event));
  for (const [index, event] of before.entries()) apply(state, event, { seq: index + 1, index: 0 });
  const journal = new Journal(state);
  const passed = journal.pass(at("2026-03-02T00:00Z"));
  for (const { id, status } of state.invoices.invoices.values())
    if (status === "draft") journal.run(finalize(id), at("2026-03-02T00:00Z"));
  const back = journal.run(reopen("a"), at("2026-03-02T00:00Z"));
  assert(back.kind === "accepted");
  const events = [...before, ...journal.rows.map(({ event }) => event)];
  return { events, closed: ofKind(passed, "commitment.trued_up"), back: back.event };
}

function asBefore(event: Event): Event {
  if (event.kind !== "outcome.claimed") return event;
  const { countedOutcomes: _counted, trueUps: _trueUps, changes, ...rest } = event;
  return {
    ...rest,
    changes: changes.map(({ outcome, moves }) => {
      if (outcome.booked === null) return { outcome, moves };
      const { counted: _place, ...booked } = outcome.booked;
      return { outcome: { ...outcome, booked }, moves };
    }),
  };
}
