/** What random lives (`properties.test.ts`) found once: each is a life of its own. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type BilledLine, type Command, deferred, money } from "@cistern/kernel";
import { debit, refund } from "../scenario/commands.ts";
import { things, thing } from "../outcomes/life.ts";
import { close, credit, finalize, pay } from "./invoicing.ts";
import { Life, atEnd, booksOf, change, fee, included, seatsAt, start } from "./life.ts";

const cancel: Command = { kind: "cancelSubscription" };
suite("lives that were found", () => {
  test("a change that gives back more than is deferred takes revenue back, and nothing is deferred below 0", () => {
    const life = new Life("2026-03-28T21:00Z");
    life.run(start({ base: fee(765n), modification: "prospective" }));
    const to = { version: "free@1", base: fee(0n, 720n), included: included(31n, 67n) };
    const event = life.run(change({ plan: to, when: "now" }), "2026-04-04T16:59Z");
    // By the second 6.8 of 31 days are over; of days 7 have begun, so that 592 are deferred.
    assert.deepEqual(booksOf([event]), {
      "Deferred:Access": 592n,
      CustomerBalance: -596n,
      Refunds: 4n,
    });
    assert.deepEqual(life.subscription.access, [
      { total: 173n, recognised: 99n, start: life.subscription.startedAt, end: event.at },
    ]);
    life.check();
  });

  test("a seat that is given back is paid back, though credits that were used up had its money", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(
      start(
        { seats: { ...seatsAt(1_000n), fee: fee(1_000n, 1n) }, included: included(100n, 900n) },
        2,
      ),
    );
    life.run(debit("dbt_1", 100), "2026-04-01T01:00Z");
    const event = life.run(change({ seats: 1, when: "now" }), "2026-04-01T02:00Z");
    assert(event.kind === "subscription.changed");
    const { CustomerBalance = 0n, Refunds = 0n, "Deferred:Access": access = 0n } = booksOf([event]);
    assert(CustomerBalance < 0n && Refunds > 0n);
    assert.equal(CustomerBalance + Refunds + access, 0n);
    life.check();
  });

  test("credits that cost nothing, and are worth something on another plan, defer what they are given until they go", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start({ base: fee(3_000n), included: included(100n, null) }));
    const lot = "grt_10001";
    const to = { version: "small@1", base: fee(1_000n), included: included(100n, 1_000n) };
    life.run(change({ plan: to, when: "now" }), "2026-04-16T00:00Z");
    const given = deferred(life.journal.state.pool.lots.get(lot) ?? assert.fail());
    assert(given > 0n);
    const used = life.run(debit("dbt_1", 100), "2026-04-17T00:00Z");
    assert.deepEqual(booksOf([used]), { [`Deferred:${lot}`]: given, Usage: -given });
    life.check();
  });

  test("a lot that was given money of access is paid back with it", () => {
    const life = new Life("2026-03-28T21:00Z");
    life.run(start({ base: fee(2n, 1n), included: included(1n, 1n), proration: "none" }));
    life.run(cancel, "2026-03-28T21:01Z");
    const grant = "grt_10001";
    life.run(
      {
        kind: "repay",
        repayment: "rpy_1",
        grant,
        credits: null,
        goodwill: null,
        currency: null,
        occurredAt: null,
        reason: null,
      },
      "2026-03-28T21:02Z",
    );
    // Nobody paid for it yet: less is owed, by a line of the draft that it stands on.
    assert.deepEqual(life.books(), {});
    assert.deepEqual(
      life.invoices.flatMap((one) => ("lines" in one ? one.lines : [])).map(({ amount }) => amount),
      [2n, -2n, 0n],
    );
    life.check();
  });

  test("goodwill for a lot that had money of access hinders no later change that takes this money out again", () => {
    const life = new Life("2026-03-28T21:00Z");
    const seats = { ...seatsAt(1n), fee: fee(1n, 0n) };
    life.run(start({ seats, included: included(3n, 2n, { per: "seat" }) }, 2));
    const grant = "grt_10001";
    const dear = { version: "dear@1", base: fee(45n, 0n) };
    life.run(change({ plan: dear, when: "now" }), "2026-04-04T21:00Z");
    const lot = life.journal.state.pool.lots.get(grant) ?? assert.fail();
    assert(deferred(lot) > lot.cost);
    life.run(finalize(life.invoices[0]?.id ?? ""), "2026-04-04T21:01Z");
    const goodwill = money(3n);
    life.run(
      {
        kind: "repay",
        repayment: "rpy_1",
        grant,
        credits: null,
        goodwill,
        currency: null,
        occurredAt: null,
        reason: null,
      },
      "2026-04-04T21:02Z",
    );
    life.run(cancel, "2026-04-05T21:00Z");
    life.check();
  });

  test("an invoice that is taken back after a credit note owes no more tax than it had left", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start({ base: fee(1_000n) }));
    const [draft] = life.invoices;
    assert(draft !== undefined);
    life.run(finalize(draft.id, { taxBps: 1_000 }));
    life.run(credit(draft.id, 550n));
    life.run(close(draft.id));
    const { Tax, Receivable, Refunds } = life.books();
    // 10.00 less what was credited without tax wait for another invoice.
    assert.deepEqual([Tax, Receivable, Refunds], [undefined, 500n, 500n]);
    life.check();
  });

  test("what the customer's balance paid of an invoice that is taken back is the customer's again", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start({ base: fee(1_000n) }));
    const [first] = life.invoices;
    assert(first !== undefined);
    life.run(finalize(first.id));
    life.run(pay(first.id, "pay_1"));
    life.run(credit(first.id, 400n));
    life.pass("2026-05-01T00:00Z");
    const second = life.invoices.at(-1);
    assert(second !== undefined);
    const issued = life.run(finalize(second.id), "2026-05-01T01:00Z");
    assert.equal(booksOf([issued])["CustomerBalance"], 400n);
    const event = life.run(close(second.id), "2026-05-01T02:00Z");
    assert.deepEqual(booksOf([event]), { Receivable: 400n, CustomerBalance: -400n });
    life.check();
  });

  test("a plan that is changed in the last period of a term begins its own with the next", () => {
    const life = new Life("2026-01-01T00:00Z");
    const minimum = (...minimums: readonly bigint[]) => ({ minimums, trueUp: "period" }) as const;
    life.run(start({ base: fee(100n), minimum: minimum(10n, 10n, 10n) }));
    const to = { version: "team@2", base: fee(200n), minimum: minimum(20n, 30n) };
    life.run(change({ plan: to, when: "now" }), "2026-03-10T00:00Z");
    const trued = life
      .pass("2026-05-01T00:00Z")
      .filter(({ kind }) => kind === "commitment.trued_up");
    // March keeps the minimum that it began with, the last of its term.
    assert.deepEqual(
      trued.map((event) => booksOf([event])["Shortfall"]),
      [-10n, -20n],
    );
    assert.equal(life.subscription.term?.closed, 1);
    life.check();
  });

  test("what was planned for the next period begins with it, when that had to wait for the end of a pause", () => {
    const life = new Life("2026-01-01T00:00Z");
    life.run(start({ base: fee(900n) }));
    life.run(change({ plan: { version: "small@1", base: fee(300n) }, when: "period_end" }));
    life.run(atEnd("pause"), "2026-01-10T00:00Z");
    const event = life.run(atEnd("renew"), "2026-03-10T00:00Z");
    assert.equal(booksOf([event])["Receivable"], 300n);
    assert.deepEqual([life.subscription.plan.version, life.subscription.next], ["small@1", null]);
    life.check();
  });

  test("usage is taken off a bill for 200 days after its period; later it is for a credit note", () => {
    const line: BilledLine = {
      kind: "usage",
      meter: null,
      price: { kind: "per_unit", per: 1n, price: 2n },
    };
    const life = new Life("2026-04-01T00:00Z");
    life.run({ kind: "updateWorkspace", changes: { overage: { kind: "plan" } } });
    life.run(start({ base: fee(0n), overage: { kind: "bill", lines: [line], spendCap: null } }));
    for (const [id, when] of [
      ["dbt_1", "2026-04-02T00:00Z"],
      ["dbt_2", "2026-04-03T00:00Z"],
    ] as const)
      life.run(debit(id, 10), when);
    // A total is dropped by the next bill, and never by the refund that needs it.
    const last = life.run(refund("rfd_1", "dbt_1"), "2026-12-01T00:00Z");
    assert.deepEqual(booksOf([last]), { Unbilled: -20n, Usage: 20n });
    life.run(debit("dbt_3", 1), "2026-12-02T00:00Z");
    assert.deepEqual(life.refused(refund("rfd_2", "dbt_2"), "2026-12-03T00:00Z"), {
      code: "refund_exceeds_charge",
      of: "dbt_2",
      left: 0n,
    });
    life.check();
  });

  test("with expected breakage, credits that were used before a change and come back after it close with the rest", () => {
    const life = new Life("2026-04-01T00:00Z");
    life.run(start({ base: fee(2n, 1n), included: included(17n, 30n) }));
    life.run({ kind: "reviseBreakage", grant: "grt_10001", breakage: 700 });
    life.run(debit("dbt_1", 14), "2026-04-01T01:00Z");
    const to = { version: "team@2", base: fee(1n, 0n), included: included(17n, 3n) };
    life.run(change({ plan: to, when: "now" }), "2026-04-01T02:00Z");
    life.run(refund("rfd_1", "dbt_1"), "2026-04-01T03:00Z");
    life.run({ kind: "revoke", grant: "grt_10001", credits: null }, "2026-04-01T04:00Z");
    assert.equal(life.books()["Deferred:grt_10001"], undefined);
    life.check();
  });

  test("terms that a claim waits for are not forgotten, however late it is confirmed", () => {
    const life = new Life("2026-01-01T00:00Z");
    life.run(
      start({ base: fee(100n), outcomes: [things("document", { needsConfirmation: true })] }),
    );
    life.run(thing("out_1", 3n, {}), "2026-01-02T00:00Z");
    life.run(
      change({ plan: { version: "team@2", base: fee(100n) }, when: "now" }),
      "2026-01-10T00:00Z",
    );
    life.run(atEnd("renew"), "2026-12-01T00:00Z");
    const event = life.run(
      { kind: "confirmOutcome", outcome: "out_1", attestor: null, occurredAt: null },
      "2026-12-02T00:00Z",
    );
    assert.deepEqual(booksOf([event]), { Unbilled: 30n, Outcomes: -30n });
    life.check();
  });
});
