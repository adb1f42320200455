/** What becomes of outcomes, and of late usage, when no period ends any more whose invoice takes them. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { BilledLine, Command, DraftInvoice } from "@cistern/kernel";
import { at } from "../calendar.ts";
import { open, settle } from "../scenario/commands.ts";
import { finalize } from "../subscriptions/invoicing.ts";
import { type Life, atEnd, booksOf, change, fee, ofKind, start } from "../subscriptions/life.ts";
import { begun, claim, confirm, resolutions, signal, standing, thing, things } from "./life.ts";

const cancel: Command = { kind: "cancelSubscription" };

const drafts = (life: Life): readonly DraftInvoice[] =>
  life.invoices.filter((one) => one.status === "draft");

const finalizeDraft = (life: Life, when: string): void => {
  const [draft] = drafts(life);
  assert(draft !== undefined);
  life.run(finalize(draft.id), when);
};

const told = (draft: DraftInvoice | undefined) =>
  draft?.lines.map(({ kind, quantity, amount }) => [kind, quantity, amount]);

suite("after a subscription is over", () => {
  test("an outcome that matures comes on a last invoice of it, which takes what else comes until the month is over", () => {
    const life = begun();
    life.run(claim("out_1"), "2026-02-09T12:00Z");
    life.run(claim("out_2", { customer: "max", channel: "ticket" }), "2026-02-09T12:00Z");
    life.run(cancel, "2026-02-10T00:00Z");
    const passed = life.pass("2026-02-10T13:00Z");
    const [drafted] = ofKind(passed, "invoice.drafted");
    assert(drafted !== undefined);
    assert.equal(drafted.at, at("2026-02-10T12:00Z") + 1);
    assert.deepEqual(booksOf([drafted]), {}, "what is drafted is owed already");
    assert.equal(drafted.invoice.subscription, "sub_1");
    assert.equal(drafted.invoice.finalizesAt, at("2026-03-01T00:00Z"));
    assert.deepEqual(told(drafted.invoice), [["outcome", 1n, 99n]]);
    assert.deepEqual(ofKind(life.pass("2026-02-13T00:00Z"), "invoice.drafted"), []);
    assert.deepEqual(told(drafts(life).at(-1)), [["outcome", 2n, 198n]]);
    finalizeDraft(life, "2026-03-01T00:00Z");
    assert.deepEqual(life.books(), { Receivable: 198n, Outcomes: -198n });
    life.check();
  });

  test("within the grace time it comes on the invoice that the end drafted", () => {
    const hour = 3_600_000;
    for (const end of [cancel, atEnd("end")]) {
      const life = begun([resolutions(), things("document")], {
        base: fee(1_000n),
        graceMs: 48 * hour,
      });
      finalizeDraft(life, "2026-02-03T00:00Z");
      life.run(thing("out_1", 2n), "2026-02-28T00:00Z");
      life.run(claim("out_2"), "2026-02-28T12:00Z");
      life.run(end, "2026-02-28T13:00Z");
      life.pass("2026-03-02T00:00Z");
      assert.equal(drafts(life).length, 1);
      assert.deepEqual(
        told(drafts(life)[0])?.filter(([kind]) => kind === "outcome"),
        [
          ["outcome", 2n, 20n],
          ["outcome", 1n, 99n],
        ],
      );
      assert.equal(life.journal.state.invoices.pending.size, 0);
      life.check();
    }
  });

  test("two lines that one event adds to a draft, and what comes after them, are lines of their own", () => {
    const hour = 3_600_000;
    const life = begun([resolutions(), resolutions({ type: "sale" })], { graceMs: 48 * hour });
    life.run(claim("out_1"), "2026-02-28T12:00Z");
    life.run(claim("out_2", { customer: "max" }), "2026-02-28T13:00Z");
    life.run(claim("out_3", { customer: "max", type: "sale" }), "2026-02-28T13:00Z");
    life.run(atEnd("end"), "2026-02-28T14:00Z");
    life.run(signal("contact"), "2026-03-01T14:00Z");
    const lines = drafts(life).flatMap((draft) => draft.lines);
    assert.deepEqual(
      lines.map(({ kind, about, amount }) => [kind, about, amount]),
      [
        ["outcome", "resolution", 198n],
        ["outcome", "sale", 99n],
        ["outcome_reversed", "resolution", -99n],
      ],
    );
    const sum = lines.reduce<bigint>((total, { amount }) => total + amount, 0n);
    assert.equal(sum, 198n);
    life.check();
  });

  test("contact still takes an outcome back, and keeps one from maturing", () => {
    const life = begun();
    life.run(claim("out_1"), "2026-02-08T00:00Z");
    life.run(claim("out_2", { customer: "max" }), "2026-02-09T12:00Z");
    life.run(cancel, "2026-02-10T00:00Z");
    finalizeDraft(life, "2026-02-10T00:00Z");
    life.run(signal("handover", { customer: "max" }), "2026-02-10T06:00Z");
    life.run(signal("contact"), "2026-02-11T00:00Z");
    assert.equal(standing(life, "out_1"), "reversed contacted_again");
    life.pass("2026-02-12T00:00Z");
    assert.equal(standing(life, "out_2"), "not_billable human_took_over");
    assert.deepEqual(told(drafts(life)[0]), [["outcome_reversed", -1n, -99n]]);
    life.check();
  });

  test("a subscription that begins meanwhile takes what comes from then on, on its own invoice", () => {
    const life = begun([things("document", { needsConfirmation: true })]);
    life.run(thing("out_1", 2n), "2026-02-09T00:00Z");
    life.run(thing("out_2", 3n), "2026-02-09T00:00Z");
    life.run(cancel, "2026-02-10T00:00Z");
    life.run(confirm("out_1"), "2026-02-11T00:00Z");
    life.run(
      start({ version: "team@2", base: fee(500n), outcomes: [things("document")] }, 0, "sub_2"),
      "2026-02-12T00:00Z",
    );
    life.run(confirm("out_2"), "2026-02-13T00:00Z");
    const [last, first] = drafts(life);
    assert.deepEqual(told(last), [["outcome", 2n, 20n]]);
    assert.deepEqual(told(first), [["base_fee", 1n, 500n]]);
    life.pass("2026-03-12T00:00Z");
    assert.deepEqual(told(drafts(life).at(-1)), [
      ["outcome", 3n, 30n],
      ["base_fee", 1n, 500n],
    ]);
    life.check();
  });

  test("while it is paused nothing waits for the day on which it may be resumed", () => {
    const life = begun();
    life.run(claim("out_1"), "2026-02-28T12:00Z");
    life.run(atEnd("pause"), "2026-02-28T13:00Z");
    life.pass("2026-03-02T00:00Z");
    assert.equal(life.subscription.status, "paused");
    assert.deepEqual(told(drafts(life).at(-1)), [["outcome", 1n, 99n]]);
    life.check();
  });

  test("usage of its last period that is told after its invoice comes on a last one too", () => {
    const line: BilledLine = {
      kind: "usage",
      meter: null,
      price: { kind: "per_unit", per: 1n, price: 2n },
    };
    const overage = { kind: "bill", lines: [line], spendCap: null } as const;
    const life = begun([], { base: fee(100n), overage });
    life.run({ kind: "updateWorkspace", changes: { overage: { kind: "plan" } } });
    finalizeDraft(life, "2026-02-02T00:00Z");
    life.run(open("hld_1", 10, { ttlMs: 86_400_000 }), "2026-02-28T23:00Z");
    life.run(atEnd("end"), "2026-02-28T23:00Z");
    life.run(settle("hld_1", 7), "2026-03-01T10:00Z");
    life.pass("2026-03-01T11:00Z");
    assert.deepEqual(told(drafts(life).at(-1)), [["usage", 7n, 14n]]);
    life.check();
  });

  test("a claim of before it that is told after it is billed by the terms of then, and one of after it refused", () => {
    const over = [
      ["2026-02-10T00:00Z", cancel],
      ["2026-03-01T00:00Z", atEnd("end")],
      ["2026-03-01T00:00Z", atEnd("pause")],
    ] as const;
    for (const [end, command] of over) {
      const life = begun();
      life.run(command, "2026-02-10T00:00Z");
      life.pass(end);
      const before = new Date(at(end) - 2 * 3_600_000).toISOString();
      const now = new Date(at(end) + 3_600_000).toISOString();
      life.run(claim("out_1", { occurred: before }), now);
      life.run(thing("out_2", 3n, { occurred: before }), now);
      assert.equal(standing(life, "out_2"), "billed");
      assert.equal(life.refused(claim("out_3", { occurred: end }), now).code, "no_subscription");
      assert.equal(life.refused(thing("out_4", 1n), now).code, "no_subscription");
      life.pass(new Date(at(end) + 48 * 3_600_000).toISOString());
      assert.equal(standing(life, "out_1"), "billed");
      assert.deepEqual(life.books()["Outcomes"], -129n);
      life.check();
    }
  });

  test("a claim of before a plan that pays for nothing of it took its place is billed by the plan of then", () => {
    const life = begun([resolutions(), things("document")]);
    life.run(
      change({ plan: { version: "team@2", outcomes: [resolutions()] }, when: "now" }),
      "2026-02-10T00:00Z",
    );
    life.run(thing("out_1", 3n, { occurred: "2026-02-09T22:00Z" }), "2026-02-10T01:00Z");
    assert.equal(standing(life, "out_1"), "billed");
    const refused = life.refused(thing("out_2", 3n), "2026-02-10T01:00Z");
    assert(refused.code === "outcome_not_in_plan");
    life.check();
  });

  test("a claim of before any subscription is none of its", () => {
    const life = begun();
    const early = thing("out_1", 3n, { occurred: "2026-01-31T22:00Z" });
    assert.equal(life.refused(early, "2026-02-02T00:00Z").code, "no_subscription");
  });
});
