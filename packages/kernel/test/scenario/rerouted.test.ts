/** A call that another model answered than it was held for: that model's row of the same version prices it (RULES 19, COLLECTORS 7.15). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, type HoldSettled, type RateCard } from "@cistern/kernel";
import { Journal, dearer, rateCard } from "../journal.ts";
import { scenarios } from "./check.ts";
import { createWorkspace, grant, noon, open, part, settle } from "./commands.ts";

const chat = { meter: "chat", model: "large" } as const;
const search = { meter: "search", model: "web" } as const;

scenarios("a call that was re-routed", [
  {
    name: "is charged by the row of the model that answered",
    given: [grant("a", 20_000), open("h", { output_text: 1_000 }, chat)],
    when: settle("h", { output_text: 1_000_000 }, { model: "small" }),
    expect: {
      event: {
        charged: 3,
        model: "small",
        heldModel: "large",
        isUnrated: false,
        returned: 9_997,
      },
    },
  },
  {
    name: "is charged by the fallback row where that model has none of its own",
    given: [grant("a", 20_000), open("h", { output_text: 1_000_000 }, { ...chat, model: "small" })],
    when: settle("h", { output_text: 100 }, { model: "unheard-of" }),
    expect: { event: { charged: 1_000, model: "unheard-of", isUnrated: false } },
  },
  {
    name: "is charged the hold's amount where it has no row at all, and flagged",
    given: [grant("a", 20_000), open("h", { calls: 10 }, search)],
    when: settle("h", { calls: 4 }, { model: "maps" }),
    expect: {
      event: {
        charged: 10,
        returned: 0,
        model: "maps",
        heldModel: "web",
        price: null,
        isUnrated: true,
        cost: null,
      },
    },
  },
  {
    name: "and has no row is never charged above the hold, whatever it used",
    given: [grant("a", 20_000), open("h", { calls: 10 }, search)],
    when: settle("h", { calls: 4_000 }, { model: "maps" }),
    expect: { event: { charged: 10, isUnrated: true, debt: 0 } },
  },
  {
    name: "and has no row is charged what parts have left of the hold",
    given: [grant("a", 20_000), open("h", { calls: 10 }, search), part("h", { calls: 3 })],
    when: settle("h", { calls: 1 }, { model: "maps" }),
    expect: { event: { charged: 7, chargedInTotal: 10, isUnrated: true } },
  },
  {
    name: "and has no row takes what is left with its first part, so that a second one is free",
    given: [
      grant("a", 20_000),
      open("h", { calls: 10 }, search),
      settle("h", { calls: 3 }, { model: "maps", isFinal: false }),
    ],
    when: settle("h", { calls: 1 }, { model: "maps" }),
    expect: { event: { charged: 0, chargedInTotal: 10, isUnrated: true } },
  },
  {
    name: "and has no row goes by its meter's rules of how a call ended all the same",
    given: [grant("a", 20_000), open("h", { calls: 10 }, search)],
    when: settle("h", { calls: 4 }, { model: "maps", outcome: "failed" }),
    expect: { event: { charged: 0, returned: 10, isUnrated: false } },
  },
  {
    name: "and settled in credits is charged those, without a flag",
    given: [grant("a", 20_000), open("h", { calls: 10 }, search)],
    when: settle("h", 7, { model: "maps" }),
    expect: { event: { charged: 7, model: "maps", isUnrated: false } },
  },
  {
    name: "keeps its attributes, and what it costs the vendor is that of its row",
    given: [
      grant("a", 20_000),
      open("h", { output_text: 1_000 }, { ...chat, attributes: { tier: "batch" } }),
    ],
    when: settle("h", { input_text: 100 }, { model: "largest" }),
    expect: { event: { charged: 125, cost: { currency: "USD", nanos: 3_750, accrued: 0 } } },
  },
  {
    name: "in parts charges each by the model that answered it",
    given: [
      grant("a", 20_000),
      open("h", { output_text: 1_000 }, chat),
      part("h", { output_text: 100 }),
    ],
    when: settle("h", { output_text: 1_000_000 }, { model: "small" }),
    expect: { event: { charged: 3, chargedInTotal: 1_003 } },
  },
  {
    name: "to the model that was held for was not re-routed",
    given: [grant("a", 20_000), open("h", { output_text: 1_000 }, chat)],
    when: settle("h", { output_text: 100 }, { model: "large" }),
    expect: { event: { charged: 1_000, model: "large", heldModel: undefined } },
  },
  {
    name: "of a hold of credits has no price still",
    given: [grant("a", 20_000), open("h", 50, chat)],
    when: settle("h", { output_text: 1 }, { model: "small" }),
    expect: { event: { charged: 50, model: "small", isUnrated: true } },
  },
]);

/** Settles under one card what was opened under another. */
function settledUnder(opened: RateCard, now: RateCard, ask: Command): HoldSettled {
  const journal = new Journal();
  journal.rateCard = opened;
  for (const command of [
    createWorkspace(),
    grant("a", 50_000_000),
    open("h", { output_text: 1_000 }, chat),
  ])
    assert.equal(journal.run(command, noon).kind, "accepted");
  journal.rateCard = now;
  const decision = journal.run(ask, noon + 1);
  assert.ok(decision.kind === "accepted" && decision.event.kind === "hold.settled");
  return decision.event;
}

test("a newer version prices nothing of a hold that was opened before it, re-routed or not", () => {
  for (const [model, charged] of [
    [null, 10_000_000n],
    ["small", 3n],
  ] as const) {
    const used = { output_text: 1_000_000 };
    const event = settledUnder(rateCard, dearer, settle("h", used, { model }));
    assert.deepEqual([event.charged, event.isUnrated], [charged, false]);
  }
});

test("a version that is no longer at hand charges the hold's amount, flagged", () => {
  const lost = { ...rateCard, id: "card-0" };
  const event = settledUnder(lost, rateCard, settle("h", { output_text: 100 }, { model: "small" }));
  assert.deepEqual([event.charged, event.isUnrated, event.price], [10_000n, true, null]);
});
