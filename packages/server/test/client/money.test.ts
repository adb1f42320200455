/** Plans, invoices, top-ups and books through the client's own methods, month after month. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CisternProblem, CisternUnavailable } from "@cistern/client";
import { createTestCistern, defineCatalog } from "../../src/index.ts";
import { pagesOf } from "../billing/read-pdf.ts";
import { freshDatabase } from "../fresh-database.ts";

const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perUnit: { input_text: "1" } }] } },
  packs: { small: { currency: "USD", price: "100.00", credits: "10000" } },
  plans: {
    team: {
      currency: "USD",
      seats: { fee: "20.00", minimum: 2, required: true },
      included: { credits: "500", per: "seat", value: "5.00" },
      features: ["sso"],
      topUps: ["small"],
      finalizeAfter: "P1D",
    },
  },
});
const usd = (amount: string) => ({ amount, currency: "USD" });
const text = ({ bytes }: { readonly bytes: Uint8Array }): string => new TextDecoder().decode(bytes);

/** A team of two on its plan, on the first of January. */
async function team(t: { after(end: () => Promise<void>): void }) {
  const { url: databaseUrl } = await freshDatabase();
  const cistern = await createTestCistern({ catalog, now: "2026-01-01T00:00:00Z", databaseUrl });
  t.after(() => cistern.close());
  await cistern.createWorkspace({ id: "acme", currency: "USD" });
  const acme = cistern.workspace("acme");
  for (const member of ["ana", "ben"]) await acme.put.member(member, { kind: "person" });
  await acme.subscription.put({ plan: "team", seats: 2 });
  return { cistern, acme };
}

const refused = async (call: Promise<unknown>, code: string): Promise<void> => {
  await assert.rejects(call, (error) => error instanceof CisternProblem && error.code === code);
};

test("seats open the pool to who has one, and the same key assigns once", async (t) => {
  const { acme } = await team(t);
  await refused(acme.authorize({ member: "ana", credits: "10" }), "seat_required");
  const key = { idempotencyKey: "seat of ana" };
  const first = await acme.seats.assign("ana", key);
  assert.deepEqual(await acme.seats.assign("ana", key), first);
  await acme.seats.assign("ben");
  await refused(acme.seats.assign("cleo"), "unknown_member");
  const page = await acme.seats.list({ limit: 1 });
  assert.deepEqual([page.paid, page.assigned, page.data.length], [2, 2, 1]);
  const next = await acme.seats.list({ limit: 1, cursor: page.nextCursor ?? "" });
  assert.deepEqual(
    next.data.map(({ member }) => member),
    ["ben"],
  );
  await acme.seats.release("ben");
  await refused(acme.seats.release("ben"), "seat_not_assigned");
  const { seats, includedCredits, features } = await acme.entitlements.get();
  assert.deepEqual(
    [seats, includedCredits.included, features],
    [{ paid: 2, assigned: 1 }, "1000", ["sso"]],
  );
  assert.equal((await acme.entitlements.feature("audit")).included, false);
});

test("what a preview says is what the act does, and the upcoming invoice has it", async (t) => {
  const { cistern, acme } = await team(t);
  await cistern.advanceTo("2026-01-16T12:00:00Z");
  const preview = await acme.subscription.preview({ seats: 3 });
  const act = await acme.subscription.seats({ seats: 3 });
  assert.deepEqual([act.amount, act.credits], [preview.amount, preview.credits]);
  const { lines, subtotal } = await acme.invoices.upcoming();
  assert.equal(lines.length, 1);
  assert.deepEqual(subtotal, act.amount);
});

test("an invoice is made, issued when its time has come, printed, paid once, and credited", async (t) => {
  const { cistern, acme } = await team(t);
  await acme.billing.put({
    customer: { name: "Acme GmbH" },
    tax: { basisPoints: 1900, name: "VAT" },
  });
  const [draft] = (await acme.invoices.list({ status: "draft" })).data;
  assert.ok(draft);
  await refused(acme.invoices.pay(draft.id, { payment: "early" }), "invoice_status");
  await cistern.advanceTo("2026-01-02T00:00:00Z");
  const invoice = await acme.invoices.get(draft.id);
  assert.deepEqual([invoice.number, invoice.total], ["INV-000001", usd("4760")]);
  const pdf = await acme.invoices.pdf(draft.id);
  assert.equal(pdf.fileName, "INV-000001.pdf");
  assert.match((await pagesOf(Buffer.from(pdf.bytes))).join("\n"), /Acme GmbH/);
  const csv = await acme.invoices.csv(draft.id);
  assert.equal(csv.fileName, "INV-000001.csv");
  assert.match(text(csv), /,seats,"Seats, plan team",.*,40\.00,USD,/);
  const part = { payment: "bank 1", amount: usd("4000") };
  const key = { idempotencyKey: "pay 1" };
  const paid = await acme.invoices.pay(draft.id, part, key);
  assert.deepEqual(await acme.invoices.pay(draft.id, part, key), paid);
  await refused(acme.invoices.pay(draft.id, part), "payment_known");
  const { due, creditNote } = await acme.invoices.credit(draft.id, { amount: usd("760") });
  assert.deepEqual([due, creditNote?.number], [usd("0"), "CN-000001"]);
  await refused(acme.invoices.pdf("inv_none"), "unknown_invoice");
  const erased = await acme.billing.eraseCustomer();
  assert.equal(erased.customer, undefined);
});

test("a pack is bought by hand, and by a rule once too little is left", async (t) => {
  const { cistern, acme } = await team(t);
  await acme.seats.assign("ana");
  const { id, amount } = await acme.topUps.buy({ pack: "small" });
  assert.deepEqual(amount, usd("10000"));
  const paid = await acme.topUps.markPaid(id, { payment: "pay_1" });
  assert.deepEqual(await acme.topUps.markPaid(id, { payment: "pay_1" }), paid);
  assert.equal((await acme.balance()).available, "11000");
  await refused(acme.topUps.buy({ pack: "huge" }), "unknown_pack");
  await refused(acme.topUps.rule.get(), "no_top_up_rule");
  const rule = { pack: "small", threshold: "2000", target: "12000", monthlyCeiling: usd("30000") };
  await acme.topUps.rule.put({ enabled: true, ...rule });
  await acme.debit({ member: "ana", credits: "10000" });
  await cistern.advanceTo("2026-01-01T00:00:01Z");
  const { pending } = await acme.topUps.rule.get();
  assert.ok(pending);
  assert.equal((await acme.topUps.markFailed(pending, { reason: "card" })).status, "failed");
  const { failures, retryAt } = await acme.topUps.rule.get();
  assert.deepEqual([failures, retryAt], [1, "2026-01-01T01:00:01Z"]);
});

test("months are closed, reported and shared out, to the cent", async (t) => {
  const { cistern, acme } = await team(t);
  for (const member of ["ana", "ben"]) await acme.seats.assign(member);
  await acme.debit({ member: "ana", credits: "300" });
  await acme.debit({ member: "ben", credits: "100" });
  await cistern.advanceTo("2026-02-02T00:00:00Z");
  const month = "2026-01";
  const closing = await acme.closeMonth({ month });
  assert.deepEqual([closing.month, await acme.closeMonth({ month })], [month, closing]);
  assert.deepEqual(await cistern.books.close({ month }), {
    month,
    closed: 0,
    closedBefore: 1,
    notBegun: 0,
    refused: [],
  });
  const { data } = await cistern.books.trialBalance({ month, workspace: "acme" });
  const cents = data
    .filter(({ commodity }) => commodity === "USD")
    .map(({ closing: amount }) => BigInt(amount.replace(".", "")));
  assert.equal(
    cents.reduce((sum, one) => sum + one, 0n),
    0n,
  );
  assert.match(text(await cistern.books.csv("trial-balance", { month })), /^account,commodity,/);
  const rolled = await cistern.books.rollForward({ month });
  assert.equal(rolled.data[0]?.workspace, "acme");
  const days = { from: "2026-01-01", to: "2026-01-31", by: "member" } as const;
  const shared = await acme.costAllocation(days);
  assert.deepEqual(
    shared.data.map(({ of, credits, lots }) => [of, credits, lots]),
    [
      ["ana", "300.000000", "2.40"],
      ["ben", "100.000000", "0.80"],
    ],
  );
  assert.match(text(await acme.costAllocationCsv(days)), /\r\nana,USD,300\.000000,2\.40,/);
});

test("a file is given up like any call, and what is no file is told", async (t) => {
  const { acme } = await team(t);
  const [draft] = (await acme.invoices.list()).data;
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(acme.invoices.pdf(draft?.id ?? "", { signal }), /enough/);
  await assert.rejects(
    acme.invoices.pdf(draft?.id ?? "", { timeoutMs: 0 }),
    (error) => error instanceof CisternUnavailable && error.reason === "timeout",
  );
});

test("the catalog that is in force can be read once one was pushed", async (t) => {
  const { cistern } = await team(t);
  await refused(cistern.catalog.get(), "unknown_catalog_version");
  const content = { ...catalog };
  assert.equal((await cistern.catalog.push({ content })).version, 1);
  await cistern.advanceTo("2026-01-01T00:02:00Z");
  assert.deepEqual((await cistern.catalog.get()).content["packs"], catalog.packs);
  const packs = {
    ...catalog.packs,
    large: { currency: "USD", price: "900.00", credits: "100000" },
  };
  const { changes } = await cistern.catalog.diff({ content: { ...catalog, packs } });
  assert.deepEqual(
    changes.map(({ kind, what }) => `${kind} ${what}`),
    ["added pack large"],
  );
});
