/** Packs that somebody buys: what is granted, what it posts, and that no payment grants twice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { creditsMax, credits, instant, money, priorAnswer } from "@cistern/kernel";
import { at } from "../calendar.ts";
import { finalize, pay } from "../subscriptions/invoicing.ts";
import { booksOf, ofKind, start } from "../subscriptions/life.ts";
import {
  available,
  declined,
  pack,
  processing,
  request,
  rule,
  stocked,
  succeeded,
  toDo,
  told,
  topUpsOf,
  use,
} from "./buying.ts";

const day1 = "2026-11-01T00:00Z";

test("E1 a top-up posts cash, deferred revenue, tax and the fee when its payment came, and nothing before", () => {
  const life = stocked(0n);
  const asked = life.run(request("a"));
  life.run(told("a", "pay_1", processing));
  assert.deepEqual(life.books(), {}, "a request posts nothing");
  assert.equal(available(life), 0n);
  const paid = life.run(told("a", "pay_1", succeeded(825n, 344n)));
  assert.equal(asked.kind, "top_up.requested");
  assert.deepEqual(booksOf([paid]), {
    Cash: 10_825n - 344n,
    "Deferred:grt_a_x": -10_000n,
    Tax: -825n,
    PaymentFees: 344n,
  });
  assert.equal(available(life), 10_000n);
  const [topUp] = topUpsOf(life);
  assert.deepEqual(topUp?.grants, ["grt_a_x"]);
  assert.equal(topUp?.status, "succeeded");
  // E2
  assert.deepEqual(booksOf([life.run(use(2_500n))]), {
    "Deferred:grt_a_x": 2_500n,
    Usage: -2_500n,
  });
  life.check();
});

test("E8 several packs are one lot, and their bonus another that takes its share of the price", () => {
  const life = stocked(0n);
  life.run(request("a", { bonus: credits(2_000n) }, 3));
  assert.equal(topUpsOf(life)[0]?.amount, 30_000n);
  const paid = life.run(told("a", "pay_1", succeeded()));
  assert.deepEqual(booksOf([paid]), {
    Cash: 30_000n,
    "Deferred:grt_a_x": -25_000n,
    "Deferred:grt_a_xb": -5_000n,
  });
  assert.deepEqual(life.lots, { grt_a_x: 30_000n, grt_a_xb: 6_000n });
  life.check();
});

test("its credits expire by the calendar of the workspace's zone, counted from the grant", () => {
  const life = stocked(0n, "2026-10-31T12:00+01:00", "Europe/Berlin");
  life.run(request("a", { expiresAfter: { unit: "month", count: 6 } }), "2026-10-31T12:00+01:00");
  life.run(told("a", "pay_1", succeeded()), "2026-11-30T12:00+01:00");
  const [lot] = life.journal.state.pool.lots.values();
  assert.equal(lot?.expiresAt, at("2027-05-30T12:00+02:00"));
  assert.equal(lot?.source, "purchase");
  assert.deepEqual(life.passed("2027-05-30T12:00+02:00", "Europe/Berlin"), [
    "2027-05-30T12:00 credits.expired",
  ]);
  life.check();
});

test("what is bought pays debt first, and its revenue is recognised then", () => {
  const life = stocked(0n);
  life.run({
    kind: "updateWorkspace",
    changes: { overage: { kind: "debt", limit: credits(500n) } },
  });
  life.run(use(500n));
  life.run(request("a"));
  const paid = life.run(told("a", "pay_1", succeeded()));
  assert.deepEqual(booksOf([paid]), { Cash: 10_000n, "Deferred:grt_a_x": -9_500n, Usage: -500n });
  assert.equal(available(life), 9_500n);
  life.check();
});

test("a payment grants once for ever: told again it is answered from there, for another top-up it is refused", () => {
  const life = stocked(0n);
  life.run(request("a"));
  life.run(request("b"));
  life.run(told("a", "pay_1", succeeded(), "webhook"));
  const { state, rows } = life.journal;
  const again = told("a", "pay_1", succeeded(), "poll");
  const first = rows.at(-1);
  assert.deepEqual(priorAnswer(state, again), { position: first?.position, fingerprint: null });
  assert.equal(priorAnswer(state, told("b", "pay_1", succeeded())), undefined);
  assert.equal(priorAnswer(state, told("a", "pay_1", processing)), undefined);
  const known = { code: "payment_known", payment: "pay_1", invoice: null, topUp: "a" };
  assert.deepEqual(life.refused(again, day1), known);
  assert.deepEqual(life.refused(told("b", "pay_1", succeeded()), day1), known);
  assert.deepEqual(life.refused(told("a", "pay_2", succeeded()), day1), {
    code: "top_up_status",
    topUp: "a",
    status: "succeeded",
    payment: "pay_1",
  });
  assert.equal(available(life), 10_000n);
  life.check();
});

test("a payment that paid an invoice buys no credits, nor the other way round", () => {
  const life = stocked(0n);
  life.run(start({ base: { amount: money(500n), standalone: money(500n) } }));
  life.pass("2026-12-01T00:00Z");
  const [invoice] = life.invoices;
  const id = invoice?.id ?? "";
  const now = "2026-12-01T00:00Z";
  life.run(finalize(id), now);
  life.run(pay(id, "pay_1", 100n), now);
  life.run(request("a"), now);
  assert.deepEqual(life.refused(told("a", "pay_1", succeeded()), now), {
    code: "payment_known",
    payment: "pay_1",
    invoice: id,
  });
  life.run(told("a", "pay_2", succeeded()), now);
  assert.deepEqual(life.refused(pay(id, "pay_2", 100n), now), {
    code: "payment_known",
    payment: "pay_2",
    invoice: null,
    topUp: "a",
  });
});

test("a success after a failure counts, for the money is there; a failure after a success does not", () => {
  const life = stocked(0n);
  life.run(request("a"));
  life.run(told("a", "pay_1", declined));
  assert.equal(topUpsOf(life)[0]?.detail, "card expired");
  const over = { code: "top_up_status", topUp: "a", payment: "pay_1" };
  assert.deepEqual(life.refused(told("a", "pay_1", processing), day1), {
    ...over,
    status: "failed",
  });
  life.run(told("a", "pay_1", succeeded()));
  assert.equal(available(life), 10_000n);
  for (const late of [declined, processing, toDo])
    assert.deepEqual(life.refused(told("a", "pay_1", late), day1), {
      ...over,
      status: "succeeded",
    });
  life.check();
});

test("what is under way is told once each, and what the customer has to do with it", () => {
  const life = stocked(0n);
  life.run(request("a"));
  life.run(told("a", null, processing));
  assert.equal(life.refused(told("a", null, processing), day1).code, "top_up_status");
  life.run(told("a", "pay_1", toDo));
  assert.deepEqual(
    topUpsOf(life).map(({ status, payment, detail }) => [status, payment, detail]),
    [["requires_action", "pay_1", "confirm with your bank"]],
  );
  life.run(told("a", null, processing));
  assert.equal(topUpsOf(life)[0]?.payment, "pay_1", "a payment that was named is not forgotten");
  life.check();
});

test("E13c a chargeback of what was bought takes what is left of it", () => {
  const life = stocked(0n);
  life.run(request("a"));
  life.run(told("a", "pay_1", succeeded()));
  life.run(use(2_500n));
  const taken = life.run({
    kind: "chargeBack",
    chargeback: "cbk_1",
    grant: "grt_a_x",
    fee: money(1_500n),
    currency: null,
    occurredAt: null,
    reason: null,
  });
  assert.deepEqual(booksOf([taken]), {
    "Deferred:grt_a_x": 7_500n,
    Chargebacks: 2_500n,
    DisputeFees: 1_500n,
    Cash: -11_500n,
  });
  assert.equal(available(life), 0n);
  life.check();
});

test("E13 what nobody used of it is paid back with its tax", () => {
  const life = stocked(0n);
  life.run(request("a"));
  life.run(told("a", "pay_1", succeeded(825n)));
  life.run(use(2_500n));
  const repaid = life.run({
    kind: "repay",
    repayment: "rpy_1",
    grant: "grt_a_x",
    credits: null,
    goodwill: null,
    currency: null,
    occurredAt: null,
    reason: null,
  });
  assert.deepEqual(booksOf([repaid]), { "Deferred:grt_a_x": 7_500n, Tax: 619n, Cash: -8_119n });
  life.check();
});

test("what cannot be bought is refused", () => {
  const life = stocked(0n);
  const euro = { code: "currency_mismatch", given: "EUR", expected: "USD" };
  assert.deepEqual(life.refused(request("a", { currency: "EUR" }), day1), euro);
  for (const quantity of [0, -1, 1.5, 10_001])
    assert.equal(life.refused(request("a", {}, quantity), day1).code, "invalid_request");
  const half = credits(creditsMax / 2n + 1n);
  life.run(request("a", { credits: half }));
  assert.deepEqual(life.refused(request("b", { credits: half }), day1), {
    code: "invalid_request",
    field: "quantity",
    reason: "A workspace is granted at most 10^12 credits in all.",
  });
  assert.equal(life.refused(told("z", "pay_1", succeeded()), day1).code, "unknown_top_up");
  const wrong = (given: object) =>
    life.refused(told("a", "pay_1", { ...succeeded(), ...given }), day1);
  assert.deepEqual(wrong({ currency: "EUR" }), euro);
  for (const given of [{ amount: money(9_999n) }, { tax: money(-1n) }, { fee: money(-1n) }])
    assert.equal(wrong(given).code, "invalid_request");
  assert.equal(life.refused(told("a", null, succeeded()), day1).code, "invalid_request");
});

test("a plan that names its packs offers no others; one that names none offers all of its currency", () => {
  const named = stocked(0n);
  named.run(start({ topUps: ["large"] }));
  const refusal = { code: "pack_not_in_plan", pack: "small", plan: "team" };
  assert.deepEqual(named.refused(request("a"), day1), refusal);
  assert.deepEqual(named.refused(rule(), day1), refusal);
  named.run(request("a", { name: "large" }));
  const open = stocked(0n);
  open.run(start({}));
  open.run(request("a"));
});

test("a rule without sense is refused", () => {
  const life = stocked(0n);
  const field = (given: Parameters<typeof rule>[0]) => {
    const refusal = life.refused(rule(given), day1);
    return refusal.code === "invalid_request" ? refusal.field : refusal.code;
  };
  assert.equal(field({ threshold: credits(0n) }), "threshold");
  assert.equal(field({ target: credits(1_999n) }), "target");
  assert.equal(field({ monthlyCeiling: money(9_999n) }), "monthlyCeiling");
  assert.equal(field({ currency: "EUR" }), "currency_mismatch");
  assert.equal(field({ pack: pack({ currency: "EUR" }) }), "currency_mismatch");
});

test("a second state from the journal alone knows every payment", () => {
  const life = stocked(0n);
  life.run(request("a"));
  life.run(told("a", "pay_1", succeeded()));
  const { journal } = life;
  assert.equal(
    ofKind(
      journal.rows.map(({ event }) => event),
      "top_up.succeeded",
    ).length,
    1,
  );
  const decision = journal
    .replayed()
    .run(told("a", "pay_1", succeeded(), "late"), instant(at(day1)));
  assert.equal(decision.kind, "rejected");
});
