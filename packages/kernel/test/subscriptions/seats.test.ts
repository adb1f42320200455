/** Seats that are assigned (T1 to T3), and the rung `seat_required`. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Command, SeatTerms } from "@cistern/kernel";
import * as fc from "fast-check";
import { at } from "../calendar.ts";
import {
  agent,
  deactivate,
  debit,
  extend,
  grant,
  member,
  open,
  update,
} from "../scenario/commands.ts";
import { Life, atEnd, change, included, seatsAt, start } from "./life.ts";

const from = "2026-04-01T00:00Z";
const half = "2026-04-16T00:00Z";
const assign = (who: string): Command => ({ kind: "assignSeat", member: who });
const release = (who: string): Command => ({ kind: "releaseSeat", member: who });

/** On a plan with seats of 20.00, some of them paid for. */
function withSeats(paid: number, terms: Partial<SeatTerms> = {}, since = from): Life {
  const life = new Life(since);
  for (const who of ["ana", "bob", "cy"]) life.run(member(who));
  life.run(grant("grt_a", 1_000));
  life.run(
    start({ seats: seatsAt(2_000n, terms), included: included(500n, null, { per: "seat" }) }, paid),
  );
  return life;
}

const seated = ({ journal }: Life): readonly string[] =>
  [...journal.state.seats.seats.values()].map((seat) => seat.member).toSorted();

suite("seats are assigned", () => {
  test("up to those that are paid for; who has one keeps it", () => {
    const life = withSeats(2);
    const first = life.run(assign("ana"), "2026-04-02T00:00Z");
    const again = life.run(assign("ana"), "2026-04-03T00:00Z");
    assert(first.kind === "seat.assigned" && again.kind === "seat.assigned");
    assert.deepEqual([again.seat, again.assigned], [first.seat, 1]);
    life.run(assign("bob"), "2026-04-03T00:00Z");
    assert.deepEqual(life.refused(assign("cy"), "2026-04-03T00:00Z"), {
      code: "seats_exhausted",
      paid: 2,
      assigned: 2,
    });
    life.run(release("ana"), "2026-04-03T00:00Z");
    life.run(assign("cy"), "2026-04-03T00:00Z");
    assert.deepEqual(seated(life), ["bob", "cy"]);
    life.check();
  });

  test("and keep theirs where fewer seats are wanted now than a change that waits would leave", () => {
    const life = withSeats(5);
    life.run(change({ seats: 3, when: "period_end" }));
    for (const who of ["ana", "bob", "cy"]) life.run(assign(who));
    life.run(change({ seats: 3, when: "now" }), half);
    const { row } = life.journal.state.subscriptions.live;
    assert.deepEqual([row?.seats, row?.next], [3, null]);
    assert.deepEqual(seated(life), ["ana", "bob", "cy"]);
    life.check();
  });

  test("in the same event as one that is bought, prorated with its credits, where the plan says so", () => {
    const life = withSeats(1, { isAddedFor: true, maximum: 2 });
    life.run(assign("ana"), half);
    const event = life.run(assign("bob"), half);
    assert(event.kind === "subscription.changed");
    assert.equal(event.seatFor, "bob");
    assert.deepEqual(
      event.lines.map(({ quantity, amount }) => [quantity, amount]),
      [[1n, 1_000n]],
    );
    assert.equal(event.lots[0]?.granted, 250n);
    assert.equal(life.subscription.seats, 2);
    assert.deepEqual(seated(life), ["ana", "bob"]);
    assert.equal(life.refused(assign("cy"), half).code, "seats_exhausted", "the plan's maximum");
    life.check();
  });

  test("in a trial one that is added costs nothing until the first period begins", () => {
    const life = new Life(from);
    life.run(member("ana"));
    life.run(member("bob"));
    life.run(start({ seats: seatsAt(2_000n, { isAddedFor: true }), trialDays: 14 }, 1));
    life.run(assign("ana"));
    const event = life.run(assign("bob"));
    assert(event.kind === "subscription.updated" && event.seatFor === "bob");
    const [renewed] = life.pass("2026-04-15T00:00Z");
    assert(renewed?.kind === "subscription.renewed");
    assert.equal(renewed.lines[0]?.amount, 4_000n);
    life.check();
  });

  test("to active members of a kind that takes one, of a plan that has seats", () => {
    const life = withSeats(3);
    life.run(agent("bot", "ana"));
    life.run(deactivate("cy"));
    life.run(debit("dbt_1", 1, { member: "guest" }));
    const code = (command: Command): string => life.refused(command, from).code;
    assert.equal(code(assign("bot")), "invalid_request");
    assert.equal(code(assign("cy")), "member_inactive");
    assert.equal(code(assign("guest")), "unknown_member");
    assert.equal(code(assign("nobody")), "unknown_member");
    assert.equal(code(release("ana")), "seat_not_assigned");
    life.run({ kind: "cancelSubscription" });
    assert.equal(code(assign("ana")), "no_subscription");
    life.run(start({}, 0, "sub_2"));
    assert.equal(code(assign("ana")), "invalid_request");
    life.check();
  });

  test("and no fewer can be paid for than are assigned, now or later", () => {
    const life = withSeats(3);
    for (const who of ["ana", "bob"]) life.run(assign(who));
    for (const when of ["now", "period_end"] as const)
      assert.deepEqual(life.refused(change({ seats: 1, when }), from), {
        code: "seats_assigned",
        asked: 1,
        assigned: 2,
      });
    life.run(change({ seats: 2, when: "period_end" }));
    assert.deepEqual(
      life.refused(assign("cy"), from),
      { code: "seats_exhausted", paid: 2, assigned: 2 },
      "the next period has two",
    );
    life.pass("2026-05-02T00:00Z");
    assert.equal(life.subscription.seats, 2);
    assert.deepEqual(seated(life), ["ana", "bob"]);
    life.check();
  });

  test("one that is added for a member stays in the next period too", () => {
    const life = withSeats(2, { isAddedFor: true });
    life.run(assign("ana"));
    life.run(change({ seats: 1, when: "period_end" }));
    const event = life.run(assign("bob"));
    assert(event.kind === "subscription.updated" && event.seatFor === "bob");
    life.pass("2026-05-02T00:00Z");
    assert.equal(life.subscription.seats, 2);
    life.check();
  });

  test("they are free when a member is deactivated or becomes another kind, and end with the subscription", () => {
    const life = withSeats(3, {}, half);
    for (const who of ["ana", "bob", "cy"]) life.run(assign(who));
    const gone = life.run(deactivate("ana"));
    assert(gone.kind === "member.deactivated" && gone.freesSeat === true);
    const other = life.run(member("bob", { memberKind: "key" }));
    assert(other.kind === "member.updated" && other.freesSeat === true);
    const same = life.run(member("cy", { groups: [] }));
    assert(same.kind === "member.updated" && same.freesSeat === undefined);
    assert.deepEqual(seated(life), ["cy"]);
    life.run(member("ana"));
    assert.deepEqual(seated(life), ["cy"], "who comes back has none");
    life.run(atEnd("end"));
    life.pass("2026-05-17T00:00Z");
    assert.deepEqual(seated(life), []);
    life.run(start({ seats: seatsAt(2_000n) }, 1, "sub_2"), "2026-05-17T00:00Z");
    life.run(assign("ana"), "2026-05-17T00:00Z");
    life.pass("2026-06-30T00:00Z");
    assert.deepEqual(seated(life), ["ana"], "the first one's last revenue takes nothing");
    life.check();
  });

  test("they end with a plan that has none", () => {
    const life = withSeats(2);
    life.run(assign("ana"));
    life.run(change({ plan: { name: "solo", version: "solo@1" }, when: "period_end" }));
    assert.deepEqual(seated(life), ["ana"]);
    life.pass("2026-05-02T00:00Z");
    assert.deepEqual(seated(life), []);
    life.check();
  });

  test("whatever is asked in whatever order, never more than are paid for, now and next", () => {
    const who = fc.constantFrom("ana", "bob", "cy", "bot");
    const step = fc.oneof(
      who.map(assign),
      who.map(release),
      who.map(deactivate),
      who.map((id) => member(id)),
      fc
        .record({
          seats: fc.integer({ min: 1, max: 4 }),
          when: fc.constantFrom("now", "period_end"),
        })
        .map(change),
      fc.constantFrom<Command>(atEnd("pause"), atEnd("renew"), atEnd("end")),
      fc.constantFrom<Command>({ kind: "cancelSubscription" }, start({ seats: seatsAt(700n) }, 2)),
    );
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(fc.tuple(step, fc.integer({ min: 0, max: 20 })), { maxLength: 40 }),
        (isAddedFor, steps) => {
          const life = withSeats(2, { isAddedFor, maximum: 4 });
          let when = at(from) + 0;
          for (const [command, days] of steps) {
            when += days * 86_400_000;
            // T1 is asserted by `apply`, so an event that breaks it throws.
            life.journal.run(command, when);
          }
          life.check();
        },
      ),
      { numRuns: 150 },
    );
  });
});

suite("a plan that asks for a seat", () => {
  const needs = { isRequired: true } as const;

  test("lets those spend that have one; agents and keys ride on their sponsor's", () => {
    const life = withSeats(2, needs);
    life.run(agent("bot", "ana"));
    life.run(agent("sub-bot", "bot"));
    life.run(member("stray", { memberKind: "key" }));
    life.run(assign("ana"));
    for (const who of ["ana", "bot", "sub-bot"]) life.run(open(`h-${who}`, 1, { member: who }));
    for (const who of ["bob", "stray", "guest"])
      assert.deepEqual(life.refused(open("h", 1, { member: who }), from), {
        code: "seat_required",
        member: who,
        plan: "team",
      });
    life.run(release("ana"));
    assert.equal(life.refused(open("h", 1, { member: "bot" }), from).code, "seat_required");
    assert.equal(life.refused(extend("h-ana", 1), from).code, "seat_required");
    life.run(debit("dbt_1", 1, { member: "bob" }));
    life.check();
  });

  test("counts the kinds that it says: then an agent needs one of its own", () => {
    const life = withSeats(2, { ...needs, counts: ["agent"] });
    life.run(agent("bot", "ana"));
    assert.equal(life.refused(open("h", 1, { member: "bot" }), from).code, "seat_required");
    life.run(assign("bot"));
    life.run(open("h", 1, { member: "bot" }));
    life.check();
  });

  test("refuses below member_inactive and unknown_member, and above feature_not_in_plan", () => {
    const life = withSeats(2, needs);
    const closed = { features: [], meters: ["image"], models: null };
    life.run(
      change({ plan: { seats: seatsAt(2_000n, needs), entitles: closed, version: "team@2" } }),
    );
    life.run(deactivate("bob"));
    const chat = { meter: "chat" } as const;
    const code = (who: string): string =>
      life.refused(open("h", { output_text: 1 }, { ...chat, member: who }), from).code;
    assert.equal(code("bob"), "member_inactive");
    assert.equal(code("ana"), "seat_required");
    life.run(assign("ana"));
    assert.equal(code("ana"), "feature_not_in_plan");
    life.run(update({ members: "known" }));
    assert.equal(code("eve"), "unknown_member");
    life.check();
  });
});
