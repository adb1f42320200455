/** Which rate card a workspace goes by (RULES 19): its plan's latest, or the version that the plan pinned. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Event, type Plan, instant } from "@cistern/kernel";
import { at } from "../calendar.ts";
import { dearer, rateCard } from "../journal.ts";
import { debit, open, settle } from "../scenario/commands.ts";
import { Life, change, included, ofKind, start } from "./life.ts";

const from = "2026-04-01T00:00Z";
const gold = { ...dearer, id: "gold@1" };
const golden = { ...rateCard, id: "gold@2" };
const named: Partial<Plan> = {
  included: included(100_000_000n, null),
  rateCard: { name: "gold", isPinned: false },
};
const pinned: Partial<Plan> = { ...named, rateCard: { name: "gold", isPinned: true } };

function onPlan(terms: Partial<Plan>): Life {
  const life = new Life(from);
  life.journal.rateCards = { gold };
  life.run(start(terms));
  return life;
}

/** The card that prices one more call. */
function pricedBy(life: Life, id: string, when = from): string | undefined {
  const event = life.run(debit(id, { output_text: 1 }, { meter: "chat" }), when);
  return event.kind === "usage.debited" ? event.price?.card : undefined;
}

const changesIn = ({ journal }: Life): readonly string[] =>
  ofKind(
    journal.rows.map(({ event }): Event => event),
    "rate_card.changed",
  ).map(({ previous, card }) => `${previous} -> ${card}`);

suite("the rate card of a plan", () => {
  test("prices what begins under the plan; another plan is another card, and the notice says so", () => {
    const life = onPlan(named);
    assert.equal(pricedBy(life, "d1"), "gold@1");
    life.run(
      change({
        plan: { ...named, version: "team@2", rateCard: { name: "none", isPinned: false } },
      }),
    );
    assert.equal(pricedBy(life, "d2"), "card-1", "an unknown name leaves the one of all others");
    assert.deepEqual(changesIn(life), ["gold@1 -> card-1"]);
    life.check();
  });

  test("moves on by date, with a notice; what was opened before settles at its own price", () => {
    const life = onPlan(named);
    life.run(open("h", { output_text: 1 }, { meter: "chat" }));
    life.journal.rateCards = { gold: golden };
    assert.equal(pricedBy(life, "d1"), "gold@2");
    const settled = life.run(settle("h", { output_text: 1 }));
    assert(settled.kind === "hold.settled");
    assert.equal(settled.price?.card, "gold@1");
    assert.deepEqual(changesIn(life), ["gold@1 -> gold@2"]);
    life.check();
  });

  test("stays the version of the day on which a plan that pins it was pinned, until it is pinned anew", () => {
    const life = onPlan({ ...pinned, rateCard: { name: "gold", isPinned: true } });
    life.journal.rateCards = { gold: rateCard };
    // The host knows every version by its id.
    life.journal.rateCard = gold;
    assert.equal(life.subscription.plan.rateCard?.version, "gold@1");
    assert.equal(pricedBy(life, "d1"), "gold@1");
    life.run(change({ plan: pinned }), "2026-04-02T00:00Z");
    assert.equal(
      life.subscription.plan.rateCard?.version,
      "card-1",
      "pinned anew, of the same plan",
    );
    assert.equal(pricedBy(life, "d2", "2026-04-02T00:00Z"), "card-1");
    assert.deepEqual(changesIn(life), ["gold@1 -> card-1"]);
    life.check();
  });

  test("a change that waits for the end of the period pins the version of when it was asked for", () => {
    const life = onPlan(named);
    life.run(change({ plan: { ...pinned, version: "team@2" }, when: "period_end" }));
    life.journal.rateCards = { gold: dearer };
    assert.equal(pricedBy(life, "d1"), "card-2");
    life.journal.rateCard = gold;
    assert.equal(pricedBy(life, "d2", "2026-05-02T00:00Z"), "gold@1");
    life.check();
  });

  const nothing = { kind: "putGroup", group: "g" } as const;

  test("tells a customer who never called that it moved on, once for each version, whatever comes first", () => {
    const life = movedOn();
    life.run(nothing, "2026-04-09T00:00Z");
    life.run(nothing, "2026-04-11T00:00Z");
    assert.deepEqual(changesIn(life), ["gold@1 -> gold@2"]);
    life.run(nothing, "2026-04-12T00:00Z");
    assert.equal(pricedBy(life, "d1", "2026-04-12T00:00Z"), "gold@2");
    assert.deepEqual(changesIn(life), ["gold@1 -> gold@2"]);
    life.journal.rateCards = { gold: { ...dearer, id: "gold@3" } };
    life.run(nothing, "2026-04-13T00:00Z");
    life.run(nothing, "2026-04-13T00:00Z");
    assert.deepEqual(changesIn(life), ["gold@1 -> gold@2", "gold@2 -> gold@3"]);
    life.check();
  });

  test("tells nothing of a version that charges the same, nor who pinned one or has no subscription", () => {
    const isOn = onPlan(pinned);
    const isOver = onPlan(named);
    isOver.run({ kind: "cancelSubscription" });
    for (const { journal } of [isOn, isOver]) {
      journal.rateCardThen = (name) => (name === "gold" ? gold : rateCard);
      journal.rateCards = { gold: dearer };
    }
    // The host knows every version by its id.
    isOn.journal.rateCard = gold;
    for (const one of [isOn, isOver]) {
      one.run(nothing, "2026-04-11T00:00Z");
      assert.deepEqual(changesIn(one), []);
    }
    const life = onPlan({ included: included(100_000_000n, null) });
    life.journal.rateCardThen = () => rateCard;
    const rows = rateCard.rows.map(({ cost: _cost, ...row }) => row);
    life.journal.rateCard = { id: "card-3", rows };
    life.run(nothing, "2026-04-11T00:00Z");
    assert.deepEqual(changesIn(life), []);
    life.journal.rateCard = dearer;
    life.run(nothing, "2026-04-12T00:00Z");
    assert.deepEqual(changesIn(life), ["card-1 -> card-2"]);
  });

  test("without a subscription the card is that of all others, also when one has ended", () => {
    const life = onPlan(named);
    assert.equal(pricedBy(life, "d1"), "gold@1");
    life.run({ kind: "cancelSubscription" });
    assert.equal(pricedBy(life, "d2"), "card-1");
    life.check();
  });

  /** Gold moved on 10 April, from its first version to its second. */
  function movedOn(terms: Partial<Plan> = named): Life {
    const life = onPlan(terms);
    life.journal.rateCardThen = (name, then) => {
      if (name !== "gold") return rateCard;
      return then < at("2026-04-10T00:00Z") ? gold : golden;
    };
    life.pass("2026-04-10T00:00Z");
    life.journal.rateCards = { gold: golden };
    return life;
  }

  /** One more call, told late. */
  function toldLate(life: Life, id: string, of: string, when = "2026-04-20T00:00Z") {
    const occurredAt = instant(at(of));
    const event = life.run(debit(id, { output_text: 1 }, { meter: "chat", occurredAt }), when);
    assert(event.kind === "usage.debited");
    return [event.price?.card, event.charged, event.isPricedThen];
  }

  test("of then prices usage that is told late, and the one of now stays that of now", () => {
    const life = movedOn();
    assert.equal(pricedBy(life, "d1", "2026-04-11T00:00Z"), "gold@2");
    assert.deepEqual(toldLate(life, "d2", "2026-04-09T00:00Z"), ["gold@1", 20n, true]);
    assert.deepEqual(toldLate(life, "d3", "2026-04-10T00:00Z"), ["gold@2", 10n, undefined]);
    assert.equal(pricedBy(life, "d4", "2026-04-20T00:00Z"), "gold@2");
    const once = ["gold@1 -> gold@2"];
    assert.deepEqual(changesIn(life), once, "usage of before is no change of prices");
    life.check();
  });

  test("is that of the plan of then: before it was pinned, and after it ended", () => {
    const life = movedOn();
    life.run({ kind: "cancelSubscription" }, "2026-04-15T00:00Z");
    const cards = [
      "2026-03-31T00:00Z",
      "2026-04-02T00:00Z",
      "2026-04-14T00:00Z",
      "2026-04-16T00:00Z",
    ];
    assert.deepEqual(
      cards.map((of) => toldLate(life, `d ${of}`, of)[0]),
      ["card-1", "gold@1", "gold@2", "card-1"],
    );
    life.check();
  });

  test("that a plan pinned then prices what is told of then, whatever is pinned now", () => {
    const life = onPlan(pinned);
    life.journal.rateCard = gold;
    life.journal.rateCards = { gold: rateCard };
    life.run(change({ plan: pinned }), "2026-04-10T00:00Z");
    assert.equal(life.subscription.plan.rateCard?.version, "card-1");
    assert.equal(toldLate(life, "d1", "2026-04-09T00:00Z")[0], "gold@1");
    life.check();
  });

  test("of now prices what the one of then has no price for: usage that happened is not refused", () => {
    const life = movedOn();
    life.journal.rateCardThen = () => ({ id: "empty", rows: [] });
    assert.deepEqual(toldLate(life, "d1", "2026-04-09T00:00Z"), ["gold@2", 10n, undefined]);
  });
});
