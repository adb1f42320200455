/** What is bought is on an invoice that is paid, and what of it goes back on credit notes (docs/decisions/0035). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, type Event, type IssuedInvoice, type Pack, credits } from "@cistern/kernel";
import * as fc from "fast-check";
import { runs, seed } from "../oracle/life.ts";
import { chargeBack, debit, refund, repay } from "../scenario/commands.ts";
import { issued } from "../subscriptions/invoicing.ts";
import { Life, booksOf } from "../subscriptions/life.ts";
import { request, succeeded, told } from "./buying.ts";

const noon = "2026-01-01T12:00Z";

/** One that bought packs for 100.00 each, with tax. */
function bought(terms: Partial<Pack> = {}, tax = 825n): Life {
  const life = new Life("2026-01-01T00:00Z");
  life.run(request("top_a", terms));
  life.run(told("top_a", "pay_1", succeeded(tax, 344n), "x"));
  return life;
}

const noteOf = (event: Event) =>
  event.kind === "credits.repaid" || event.kind === "credits.charged_back" ? event.note : undefined;
const invoiceOf = (life: Life): IssuedInvoice => issued(life, "inv_a");

test("a payment that came is an invoice that is paid; it books nothing beside the payment, and has no number yet", () => {
  const life = bought({ bonus: credits(2_000n) });
  const { event } = life.journal.rows.at(-1) ?? { event: undefined };
  assert(event?.kind === "top_up.succeeded" && event.purchase !== undefined);
  const { status, number, subtotal, tax, total, paid, charged } = invoiceOf(life);
  assert.deepEqual(
    [status, number, subtotal, tax, total, paid, charged],
    ["paid", null, 10_000n, 825n, 10_825n, 10_825n, 10_825n],
  );
  const [line] = event.purchase.lines;
  assert.deepEqual(
    [line?.kind, line?.about, line?.quantity, line?.credits, line?.amount],
    ["purchase", "small", 1n, 12_000n, 10_000n],
  );
  assert.deepEqual(
    event.topUp.grants.map((id) => life.journal.state.pool.lots.get(id)?.invoiced),
    [{ invoice: "inv_a" }, { invoice: "inv_a" }],
  );
  assert.equal(booksOf([event])["Cash"], 10_481n);
  assert.equal(booksOf([event])["Receivable"], undefined);
  life.check();
});

test("credits that moved on to another lot take the invoice along", () => {
  const life = bought({ expiresAfter: { unit: "day", count: 1 } });
  life.run(debit("dbt_1", 4_000), noon);
  life.pass("2026-01-03T00:00Z");
  const back = life.run(refund("rfd_1", "dbt_1", 1_000), "2026-01-03T00:00Z");
  assert(back.kind === "usage.refunded");
  const [moved] = back.lots;
  assert.deepEqual(moved?.invoiced, { invoice: "inv_a" });
  const event = life.run(repay(moved.id), "2026-01-03T00:01Z");
  assert.equal(noteOf(event)?.invoice.id, "inv_a");
  assert.equal(invoiceOf(life).credited, noteOf(event)?.amount);
  life.check();
});

const from2026 = Date.UTC(2026, 0, 2);

const asked = (what: string, index: number, amount: number): Command => {
  if (what === "use") return debit(`dbt_${index}`, amount);
  if (what === "chargeBack") return chargeBack("grt_top_a_x");
  if (what === "goodwill") return repay("grt_top_a_x", { goodwill: amount });
  return repay(what === "bonus" ? "grt_top_a_xb" : "grt_top_a_x");
};

test("what goes back of a purchase is on credit notes, whatever goes back, and never more than was paid", (t) => {
  t.diagnostic(`CISTERN_SEED=${seed}`);
  const step = fc.record({
    what: fc.constantFrom("use", "repay", "goodwill", "bonus", "chargeBack"),
    amount: fc.integer({ min: 1, max: 6_000 }),
  });
  let notes = 0;
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 8 }),
      fc.bigInt({ min: 0n, max: 999n }),
      (steps, tax) => {
        const life = bought({ bonus: credits(3_333n) }, tax);
        const from = life.journal.rows.length;
        for (const [index, { what, amount }] of steps.entries()) {
          life.journal.run(asked(what, index, amount), from2026 + index * 60_000);
        }
        const events = life.journal.rows.slice(from).map(({ event }) => event);
        const credited = events.reduce((sum, event) => sum + (noteOf(event)?.amount ?? 0n), 0n);
        notes += events.filter((event) => noteOf(event) !== undefined).length;
        const fees = events.reduce(
          (sum, event) => sum + (event.kind === "credits.charged_back" ? event.fee : 0n),
          0n,
        );
        assert.equal(credited + fees, -(booksOf(events)["Cash"] ?? 0n), "the notes are the cash");
        const { total, credited: said } = invoiceOf(life);
        assert.equal(said, credited);
        assert.ok(credited <= total, `${credited} of ${total}`);
        life.check();
      },
    ),
    { seed, numRuns: runs(100) },
  );
  assert.ok(notes > 20, `only ${notes} were written`);
});
