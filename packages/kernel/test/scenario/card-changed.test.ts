/** The notice that usage is priced by another version of the rate card (RULES 19). */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command, RateCard } from "@cistern/kernel";
import { Journal, dearer, dump, rateCard } from "../journal.ts";
import { createWorkspace, day, debit, grant, group, noon, open, settle } from "./commands.ts";

const chat = { meter: "chat" } as const;
const use = (id: string) => debit(id, { output_text: 1 }, chat);

/** Kinds of what was written by commands, each under its card; `null` is one that is refused. */
function lived(...steps: readonly (readonly [RateCard, Command])[]): Journal {
  const journal = new Journal();
  journal.run(createWorkspace(), noon);
  journal.run(grant("a", 100_000), noon);
  for (const [index, [card, command]] of steps.entries()) {
    journal.rateCard = card;
    journal.run(command, noon + index);
  }
  assert.deepEqual(dump(journal.replayed().state), dump(journal.state), "K6");
  return journal;
}

const told = (journal: Journal) =>
  journal.rows
    .slice(2)
    .map(({ event, position: { index } }) =>
      event.kind === "rate_card.changed"
        ? `${event.previous} -> ${event.card}`
        : `${event.kind} at ${index}`,
    );

test("it stands ahead of the first hold or debit of the new version, in one batch with it, and once", () => {
  const journal = lived(
    [rateCard, use("d1")],
    [rateCard, use("d2")],
    [dearer, open("h", { output_text: 1 }, chat)],
    [dearer, use("d3")],
    [rateCard, use("d4")],
  );
  assert.deepEqual(told(journal), [
    "usage.debited at 0",
    "usage.debited at 0",
    "card-1 -> card-2",
    "hold.opened at 1",
    "usage.debited at 0",
    "card-2 -> card-1",
    "usage.debited at 1",
  ]);
});

test("what no card prices changes nothing: credits, settles of what was opened before, other commands", () => {
  const journal = lived(
    [rateCard, open("h", { output_text: 1 }, chat)],
    [dearer, settle("h", { output_text: 1 })],
    [dearer, debit("d", 1, chat)],
    [dearer, open("i", 1)],
    [dearer, group("g")],
  );
  assert.ok(!told(journal).some((line) => line.includes("->")));
});

test("a workspace's first price is no change, and what is refused tells of none", () => {
  const refused = open("h", { output_text: 1_000_000_000 }, chat);
  const journal = lived([dearer, refused], [dearer, use("d1")], [rateCard, refused]);
  assert.deepEqual(told(journal), ["usage.debited at 0"]);
});

test("an idle workspace learns of the last change alone, when it wakes", () => {
  const journal = lived([rateCard, use("d1")]);
  journal.rateCard = { ...dearer, id: "card-9" };
  journal.run(use("d2"), noon + 40 * day);
  assert.deepEqual(told(journal).slice(1), ["card-1 -> card-9", "usage.debited at 1"]);
});

test("undone with its batch, it is told again", () => {
  const journal = lived([rateCard, use("d1")]);
  const [mark, rows, before] = [
    journal.state.undo.mark(),
    journal.rows.length,
    dump(journal.state),
  ];
  journal.rateCard = dearer;
  journal.run(use("d2"), noon + 1);
  journal.undoTo(mark, rows);
  assert.deepEqual(dump(journal.state), before);
  journal.run(use("d2"), noon + 1);
  assert.deepEqual(told(journal).slice(1), ["card-1 -> card-2", "usage.debited at 1"]);
});

test("a version that changes what calls cost the vendor alone is none: prices did not change", () => {
  const [first, ...rest] = rateCard.rows;
  assert(first !== undefined);
  const cost = { currency: "USD", per: 1n, prices: { input_text: 1n, output_text: 1n } };
  const costlier = { id: "card-3", rows: [{ ...first, cost }, ...rest] };
  const journal = lived([rateCard, use("d1")], [costlier, use("d2")], [dearer, use("d3")]);
  assert.deepEqual(told(journal), [
    "usage.debited at 0",
    "usage.debited at 0",
    "card-3 -> card-2",
    "usage.debited at 1",
  ]);
});
