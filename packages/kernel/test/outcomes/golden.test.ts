import assert from "node:assert/strict";
import { test } from "node:test";
import { ofKind, booksOf } from "../subscriptions/life.ts";
import { begun, claim, pending, reopen, resolutions, standing, thing, things } from "./life.ts";

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
  const terms = { number: "R-1", taxBps: 0, termsDays: 14, purchaseOrder: null };
  const issued = life.run(
    { kind: "finalizeInvoice", invoice: invoice.id, ...terms },
    "2026-03-01T00:00Z",
  );
  assert.deepEqual(booksOf([issued]), { Receivable: 9_603n, Unbilled: -9_603n });
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
