import assert from "node:assert/strict";
import { test } from "node:test";
import { finalize } from "../subscriptions/invoicing.ts";
import { Life, booksOf, ofKind, start } from "../subscriptions/life.ts";
import {
  begun,
  claim,
  confirm,
  each,
  pending,
  reopen,
  resolutions,
  standing,
  thing,
  things,
} from "./life.ts";

test("E16 a hundred outcomes at 0.99 are matured, three are reopened, and the invoice is of 97", () => {
  const life = begun();
  for (let index = 0; index < 100; index += 1)
    life.run(
      claim(`out_${index}`, { customer: `cus_${index}`, conversation: `c${index}` }),
      "2026-02-04T00:00Z",
    );
  const [matured] = ofKind(life.pass("2026-02-05T00:00Z"), "outcome.matured");
  assert(matured !== undefined);
  assert.deepEqual(booksOf([matured]), { Unbilled: 9_900n, Outcomes: -9_900n });
  for (const index of [7, 8, 9]) life.run(reopen(`out_${index}`), "2026-02-10T00:00Z");
  const reopened = ofKind(
    life.journal.rows.map(({ event }) => event),
    "outcome.reopened",
  );
  assert.deepEqual(booksOf(reopened), { Outcomes: 297n, Unbilled: -297n });
  assert.equal(standing(life, "out_7"), "reversed reopened");
  assert.deepEqual(pending(life), [
    ["outcome", "resolution", 100n, 9_900n],
    ["outcome_reversed", "resolution", -3n, -297n],
  ]);
  const [renewed] = ofKind(life.pass("2026-03-01T00:00Z"), "subscription.renewed");
  const lines = renewed?.invoice?.lines ?? [];
  assert.equal(
    lines.reduce((sum, { amount }) => sum + amount, 0n),
    9_603n,
  );
  assert.deepEqual(pending(life), []);
  const [invoice] = life.invoices;
  assert(invoice !== undefined);
  const issued = life.run(finalize(invoice.id), "2026-03-01T00:00Z");
  assert.deepEqual(booksOf([issued]), { Receivable: 9_603n, Unbilled: -9_603n });
  life.check();
});

test("E16b where a plan expects 60 % of what waits, that is of January, and February gets the rest", () => {
  const attempts = things("document", {
    price: each(99n),
    needsConfirmation: true,
    expectedBps: 6_000,
  });
  const life = new Life("2026-01-15T00:00Z");
  life.run(start({ outcomes: [attempts] }));
  for (let index = 0; index < 100; index += 1)
    life.run(thing(`out_${index}`, 1n), "2026-01-20T00:00Z");
  const turn = life.pass("2026-02-01T00:00Z");
  assert.deepEqual(
    turn.map(({ kind, postedAt }) => [kind, postedAt]),
    [
      ["outcome.estimated", Date.UTC(2026, 1) - 1],
      ["outcome.estimate_released", undefined],
    ],
  );
  const january = turn.filter(({ postedAt }) => postedAt !== undefined);
  assert.deepEqual(booksOf(january), { Unbilled: 5_940n, Outcomes: -5_940n });
  for (let index = 0; index < 100; index += 1)
    life.run(confirm(`out_${index}`), "2026-02-05T00:00Z");
  for (const index of [7, 8, 9]) life.run(reopen(`out_${index}`), "2026-02-10T00:00Z");
  const all = life.books();
  assert.deepEqual(
    all,
    { Unbilled: 9_603n, Outcomes: -9_603n },
    "the true-up of February is 3,663",
  );
  const later = life.passed("2026-04-01T00:00Z").filter((one) => one.includes("estimate"));
  assert.deepEqual(later, ["2026-03-01T00:00 outcome.estimated"], "nothing waits any more");
  assert.deepEqual(life.books(), { Unbilled: 9_603n, Outcomes: -9_603n });
  life.check();
});

test("a thing is billed at once, by its quantity, and its price steps down with what the period has had", () => {
  const tiers = [
    { upTo: 10n, price: 100n },
    { upTo: null, price: 50n },
  ];
  const life = begun([
    things("document", { price: { kind: "graduated", per: 1n, tiers } }),
    resolutions(),
  ]);
  const first = life.run(thing("out_1", 8n), "2026-02-02T00:00Z");
  assert.deepEqual(booksOf([first]), { Unbilled: 800n, Outcomes: -800n });
  const second = life.run(thing("out_2", 8n), "2026-02-03T00:00Z");
  assert.deepEqual(booksOf([second]), { Unbilled: 500n, Outcomes: -500n });
  const back = life.run(reopen("out_1"), "2026-02-04T00:00Z");
  assert.deepEqual(booksOf([back]), { Unbilled: -500n, Outcomes: 500n }, "eight are left, at 100");
  assert.deepEqual(pending(life), [
    ["outcome", "document", 16n, 1_300n],
    ["outcome_reversed", "document", -8n, -500n],
  ]);
  life.check();
});
