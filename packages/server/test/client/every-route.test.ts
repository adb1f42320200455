/** The client has a method for every route of the contract, and each is answered by a real server as the contract says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CisternProblem, createCistern } from "@cistern/client";
import type { OperationName } from "@cistern/contract";
import { startWithCatalog } from "../api/catalog-server.ts";
import { Witness, names } from "./witness.ts";

const catalog = {
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perUnit: { input_text: "1" } }] } },
  outcomes: {
    resolution: { kind: "conversation" },
    report: { kind: "quantity", confirmation: true },
  },
  packs: { small: { currency: "USD", price: "100.00", credits: "10000" } },
  plans: {
    team: {
      currency: "USD",
      base: { fee: "100.00" },
      seats: { fee: "20.00" },
      features: ["sso"],
      topUps: ["small"],
      outcomes: { resolution: "0.99", report: "2.00" },
    },
  },
} as const;

const api = await startWithCatalog(catalog);
const witness = new Witness();
const cistern = createCistern({
  url: api.url,
  apiKey: api.key,
  environment: { fetch: witness.fetch },
});
const acme = cistern.workspace("acme");
const usd = (amount: string) => ({ amount, currency: "USD" });

/** Routes without a method, and why. */
const exceptions: Partial<Record<OperationName, string>> = {
  livez: "asked by whoever runs the process, without a key; it says nothing to a caller",
  readyz:
    "asked by whoever runs the process, and by the client itself where it goes on without a server",
  reviewAlert: "its method is called here, but an alert comes by itself, seconds after its cause",
  createGift:
    "its method is called here, and refused: nothing is reserved in a pool that is not shared",
  getFairnessRecommendation:
    "its method is called here, and refused: no period of a workspace that was made now is over",
  streamEvents: "for live views over HTTP; the client follows the feed by pages that wait",
  closeMonth: "its method is called here, but no month of a workspace that was made now is over",
};

test("workspaces, members, groups, limits and keys", async () => {
  await cistern.createWorkspace({ id: "acme", currency: "USD" });
  assert.equal((await acme.update({ name: "Acme Ltd" })).name, "Acme Ltd");
  assert.equal((await acme.get()).name, "Acme Ltd");
  await acme.put.group("growth", { name: "Growth" });
  assert.equal((await acme.group("growth")).name, "Growth");
  assert.equal((await acme.groups()).data.length, 1);
  for (const member of ["ana", "ben"])
    await acme.put.member(member, { kind: "person", groups: ["growth"] });
  assert.equal((await acme.deactivateMember("ben")).status, "inactive");
  assert.equal((await acme.member("ben")).status, "inactive");
  assert.equal((await acme.members({ limit: 1 })).data[0]?.id, "ana");
  const rule = { scope: { kind: "workspace" }, cap: { credits: "9000", window: "month" } } as const;
  await acme.put.limit("monthly", rule);
  assert.deepEqual((await acme.limit("monthly")).scope, rule.scope);
  assert.equal((await acme.limits()).data.length, 1);
  assert.ok((await acme.removeLimit("monthly")).removed);
  const text = { version: "1", text: "Be kind." };
  const { text: named } = await acme.policies.put("rules", { scope: { kind: "workspace" }, text });
  assert.equal((await acme.policies.text(named?.hash ?? "")).text, "Be kind.");
  assert.equal((await acme.policies.get("rules")).text?.version, "1");
  await acme.policies.accept("rules", { member: "ana", version: "1" });
  assert.equal((await acme.policies.acceptances("rules")).data[0]?.member, "ana");
  assert.equal((await acme.policies.list()).data.length, 1);
  assert.ok((await acme.policies.remove("rules")).removed);
  const { id } = await cistern.keys.create({ name: "backend", scopes: ["read"] });
  assert.equal((await cistern.keys.list()).data.length, 2);
  assert.ok((await cistern.keys.revoke(id)).revokedAt);
});

test("alerts and their rules", async () => {
  const watch = { kind: "pool", percents: [80] } as const;
  await acme.alerts.rules.put("low", { watch, recipients: [{ id: "ana" }] });
  assert.deepEqual((await acme.alerts.rules.get("low")).watch, watch);
  assert.equal((await acme.alerts.rules.list()).data.length, 1);
  assert.ok((await acme.alerts.rules.remove("low")).removed);
  assert.deepEqual((await acme.alerts.list()).data, []);
  await assert.rejects(acme.alerts.review("alt_1", { verdict: "fine" }), { code: "unknown_alert" });
});

test("how a pool is shared, and what an owner says of one member's share", async () => {
  const set = await acme.update({ fairness: { preset: "off" } });
  assert.equal(set.fairness.preset, "off");
  assert.equal((await acme.fairness.guarantee("ana", "50")).guarantee, "50");
  assert.equal((await acme.fairness.groupGuarantee("growth", "80")).guarantee, "80");
  assert.equal((await acme.fairness.reach("ana", 500)).reach, 500);
  assert.equal((await acme.fairness.get()).inForce, "off");
  assert.equal((await acme.fairness.replay({ period: "current" })).policies.length, 4);
  await assert.rejects(acme.fairness.recommendation(), { code: "invalid_request" });
  const chosen = await acme.fairness.apply({ preset: "off", by: "ana" });
  assert.equal(chosen.chosenBy, "ana");
  const gift = acme.fairness.gift({ from: "ben", to: "ana", credits: "1" });
  await assert.rejects(
    gift,
    (fault) => fault instanceof CisternProblem && fault.code === "fairness_off",
  );
});

test("credits, and what is paid back for them", async () => {
  const sale = { credits: "1000", source: "purchase", cost: usd("10000") } as const;
  const sell = async () => (await acme.grant(sale)).id;
  const grant = await sell();
  await acme.revoke(grant, { credits: "100" });
  assert.equal((await acme.getGrant(grant)).revoked, "100");
  await acme.put.breakage(grant, { breakageBps: 100 });
  assert.equal((await acme.repay(grant, { credits: "100" })).money.amount, "1000");
  await acme.chargeBack(await sell());
  await acme.escheat(await sell());
  assert.equal((await acme.grants()).data.length, 3);
});

test("spending, and what can be asked about it", async () => {
  const call = { member: "ana", credits: "10" };
  assert.ok((await acme.quote(call)).allowed);
  const hold = await acme.authorize(call);
  const more = await hold.extend({ credits: "5" });
  assert.equal((await acme.hold(more.id)).credits, "15");
  await more.settle({ credits: "12" });
  // Two in one moment share a batch.
  const both = await Promise.all([acme.authorize(call), acme.authorize(call)]);
  for (const one of both) await one.release();
  const debit = await acme.debit(call);
  await acme.refund({ of: debit.id });
  assert.equal((await acme.balance()).held, "0");
  assert.equal((await acme.allowance("ana")).binding?.scope.kind, "workspace");
  await assert.rejects(acme.allowance("ana", { run: "none" }), /There is no run none/);
  assert.ok(Array.isArray((await acme.usage()).data));
  assert.ok(Array.isArray((await acme.ledger()).data));
  assert.equal((await acme.events()).data[0]?.type, "workspace.created");
  await cistern.consumers.put("warehouse");
  const { data, next } = await cistern.consumers.events("warehouse", { limit: 1 });
  assert.equal(data[0]?.type, "workspace.created");
  assert.equal((await cistern.consumers.acknowledge("warehouse", next)).workspaces, 1);
  assert.ok((await cistern.consumers.remove("warehouse")).removed);
  for await (const { event } of acme.events.follow()) {
    assert.equal(event.type, "workspace.created");
    break;
  }
});

test("runs", async () => {
  const bounds = { limit: "10", maxSteps: 2 };
  assert.equal((await acme.runs.open({ id: "r1", member: "ana", ...bounds })).remaining, "10");
  await acme.runs.open({ id: "r2", member: "ana", parent: "r1" });
  const hold = await acme.authorize({ member: "ana", run: "r2", credits: "4" });
  await hold.settle({ credits: "3" });
  assert.equal((await acme.runs.get("r1")).used, "3");
  assert.equal((await acme.runs.raise("r1", { maxSteps: 3 })).maxSteps, 3);
  assert.equal((await acme.runs.close("r1")).status, "closed");
  const told = (await acme.runs.list()).data.map(({ id, status }) => [id, status]);
  assert.deepEqual(told, [
    ["r1", "closed"],
    ["r2", "closed"],
  ]);
});

test("a plan, its seats, what it opens, and its outcomes", async () => {
  const terms = { plan: "team", seats: 1 };
  const preview = await acme.subscription.preview(terms);
  assert.equal(preview.amount.amount, "12000");
  assert.deepEqual((await acme.subscription.put(terms)).amount, preview.amount);
  await acme.subscription.seats({ seats: 2 });
  assert.equal((await acme.subscription.get()).seats, 2);
  assert.equal((await acme.seats.preview("ana")).assigned, 1);
  assert.equal((await acme.seats.assign("ana")).assigned, 1);
  assert.equal((await acme.seats.list()).data[0]?.member, "ana");
  assert.equal((await acme.seats.release("ana")).assigned, 0);
  assert.deepEqual((await acme.entitlements.get()).features, ["sso"]);
  assert.ok((await acme.entitlements.feature("sso")).included);
  assert.ok((await acme.entitlements.meter("chat")).included);
  assert.ok((await acme.entitlements.model("gpt-5")).included);
  await acme.subscription.pause();
  assert.equal((await acme.subscription.previewResume()).amount.amount, "0");
  assert.equal((await acme.subscription.resume()).subscription.atEnd, "renew");

  const about = { customer: "c1", topic: "refund", conversation: "1" };
  const claimed = await acme.outcomes.claim({ type: "resolution", ...about });
  await acme.outcomes.signal({ kind: "contact", ...about });
  await acme.outcomes.dispute(claimed.id);
  await acme.outcomes.dispute(claimed.id, { resolution: "rejected" });
  const quantity = { quantity: 3, evidence: { hash: "a".repeat(64), attestor: "desk" } };
  const report = await acme.outcomes.claim({ type: "report", ...quantity });
  assert.equal((await acme.outcomes.confirm(report.id)).status, "billed");
  await acme.outcomes.reopen(report.id);
  assert.equal((await acme.outcomes.get(report.id)).status, "reversed");
  assert.equal((await acme.outcomes.list()).data.length, 2);
});

test("invoices, with what they are made with", async () => {
  await cistern.issuer.put({ name: "Vendor Ltd" });
  assert.equal((await cistern.issuer.get()).name, "Vendor Ltd");
  await acme.billing.put({ customer: { name: "Acme GmbH" }, termsDays: 14 });
  assert.equal((await acme.billing.get()).customer?.name, "Acme GmbH");
  assert.ok(Array.isArray((await acme.invoices.upcoming()).lines));
  const drafted = async (workspace: string) => {
    const one = cistern.workspace(workspace);
    if (workspace !== "acme") {
      await cistern.createWorkspace({ id: workspace, currency: "USD" });
      await one.subscription.put({ plan: "team", seats: 1 });
    }
    const [draft] = (await one.invoices.list({ status: "draft" })).data;
    assert.ok(draft);
    const { id } = draft;
    assert.equal((await one.invoices.finalize(id)).status, "finalized");
    return { id, invoices: one.invoices };
  };
  const { id, invoices } = await drafted("acme");
  await invoices.pay(id, { payment: "bank 1", amount: usd("100") });
  const { creditNote } = await invoices.credit(id, { amount: usd("200"), reason: "goodwill" });
  const note = await invoices.creditNote(id, creditNote?.id ?? "");
  assert.equal(note.number, creditNote?.number);
  assert.equal((await invoices.creditNotePdf(id, note.id)).fileName, `${note.number}.pdf`);
  assert.equal((await invoices.creditNoteCsv(id, note.id)).fileName, `${note.number}.csv`);
  assert.equal((await invoices.get(id)).creditNotes.length, 1);
  const pdf = await invoices.pdf(id);
  assert.deepEqual([pdf.contentType, pdf.fileName], ["application/pdf", "INV-000001.pdf"]);
  assert.equal(new TextDecoder().decode(pdf.bytes.slice(0, 5)), "%PDF-");
  assert.match(new TextDecoder().decode((await invoices.csv(id)).bytes), /^invoice,status,/);
  const other = await drafted("other");
  assert.equal((await other.invoices.void(other.id)).status, "void");
  const third = await drafted("third");
  assert.equal((await third.invoices.writeOff(third.id)).status, "uncollectible");
  await cistern.workspace("third").subscription.seats({ seats: 2 });
  assert.equal((await third.invoices.invoiceNow()).interim, true);
  const fourth = await drafted("fourth");
  await fourth.invoices.pay(fourth.id, { payment: "bank 4" });
  const { customerBalance, subscription } = cistern.workspace("fourth");
  await subscription.cancel({ when: "now" });
  const [last] = (await fourth.invoices.list({ status: "draft" })).data;
  assert.equal((await fourth.invoices.finalize(last?.id ?? "")).status, "paid");
  const { free } = await customerBalance.get();
  assert.ok(BigInt(free.amount) > 0n);
  assert.equal((await customerBalance.payOut({ amount: free })).free.amount, "0");
  await acme.billing.eraseCustomer();
  assert.equal((await invoices.get(id)).customer, undefined);
});

test("many limits at once, and an equal split", async () => {
  const cap = { percent: "12.5", window: "month" } as const;
  const changed = await acme.manyLimits.put({
    limits: [{ id: "share", scope: { kind: "eachMember" }, cap }],
  });
  assert.deepEqual(changed.limits[0], { id: "share", scope: { kind: "eachMember" }, cap });
  const wanted = {
    name: "fair",
    among: { kind: "group", id: "growth" },
    credits: "10",
    window: "month",
  } as const;
  const { limits } = await acme.manyLimits.previewSplit(wanted);
  assert.deepEqual((await acme.manyLimits.split(wanted)).limits, limits);
  const remove = ["share", ...limits.map(({ id }) => id)];
  assert.deepEqual((await acme.manyLimits.put({ remove })).removed, remove);
});

test("usage in the words of others", async () => {
  const event = { specversion: "1.0", id: "1", source: "s", type: "usage.report" } as const;
  const data = { member: "ana", credits: "1" };
  assert.equal((await acme.ingest.events({ ...event, data })).accepted, 1);
  const again = await acme.ingest.events([{ ...event, data }]);
  assert.equal(again.results[0]?.status, "duplicate");
  const ofAny = await cistern.ingest.events({ ...event, id: "2", subject: "acme", data });
  assert.equal(ofAny.results[0]?.charged, "1");
  assert.deepEqual(await cistern.ingest.traces({ resourceSpans: [] }), {});
  const span = { from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z" };
  assert.equal((await acme.ingest.reconciliation(span)).observed, 0);
});

test("requests for more, and every way in which they end", async () => {
  await acme.put.limit("each", {
    scope: { kind: "eachMember" },
    cap: { credits: "1", window: "month" },
  });
  const asked = { member: "ana", limit: "each", credits: "5" };
  const { id } = await acme.requests.ask({ ...asked, reason: "Launch week" });
  assert.equal((await acme.requests.approve(id, { by: "kim", as: "period" })).status, "approved");
  assert.equal((await acme.requests.get(id)).reason, "Launch week");
  assert.equal((await acme.requests.eraseWords(id)).reason, undefined);
  const other = await acme.requests.ask(asked);
  assert.equal((await acme.requests.decline(other.id, { by: "kim" })).status, "declined");
  assert.equal((await acme.requests.list({ status: "approved" })).data.length, 1);
  await acme.removeLimit("each");
});

test("top-ups, by hand and by rule", async () => {
  const { id } = await acme.topUps.buy({ pack: "small" });
  const paid = await acme.topUps.markPaid(id, { payment: "pay_1" });
  assert.equal(paid.status, "succeeded");
  const { id: other } = await acme.topUps.buy({ pack: "small" });
  await acme.topUps.markFailed(other, { reason: "none came" });
  assert.equal((await acme.topUps.get(other)).status, "failed");
  assert.equal((await acme.topUps.list()).data.length, 2);
  const rule = { enabled: true, pack: "small", threshold: "1", target: "2" };
  await acme.topUps.rule.put({ ...rule, monthlyCeiling: usd("20000") });
  assert.equal((await acme.topUps.rule.get()).status, "on");
  assert.equal(
    (await acme.subscription.previewCancel({ when: "now" })).subscription.status,
    "ended",
  );
  assert.equal((await acme.subscription.cancel({ when: "now" })).subscription.status, "ended");
});

test("books and catalog", async () => {
  const month = Temporal.Now.plainDateISO("UTC").toString().slice(0, 7);
  assert.equal((await cistern.books.close({ month: "2025-01" })).notBegun, 4);
  const { books } = cistern;
  for (const asked of [
    books.trialBalance({ month }),
    books.rollForward({ month }),
    books.revenue({ month }),
    books.unbilled({ month }),
    books.creditsOutstanding({ month }),
  ])
    assert.equal((await asked).month, month);
  assert.equal((await books.breakage({ month, expectedBps: 500 })).data.length, 2);
  const margin = await books.margin({ month });
  const ofAcme = margin.data.filter(({ workspace }) => workspace === "acme");
  assert.equal(ofAcme.at(-1)?.margin, margin.data.at(-1)?.margin, "nobody else has any");
  const table = await books.csv("margin", { from: `${month}-01`, to: `${month}-28` });
  assert.match(new TextDecoder().decode(table.bytes), /^workspace,plan,component,/);
  const csv = await books.csv("revenue", { month });
  assert.match(new TextDecoder().decode(csv.bytes), /^kind,currency,amount\r\n/);
  const days = { from: `${month}-01`, to: `${month}-28`, by: "member" } as const;
  assert.equal((await acme.costAllocation(days)).by, "member");
  assert.match(new TextDecoder().decode((await acme.costAllocationCsv(days)).bytes), /^of,/);
  const span = { from: days.from, to: days.to };
  assert.deepEqual((await acme.reports.powerUsers(span)).data, []);
  assert.equal((await acme.reports.idleSeats()).days, 30);
  assert.equal((await acme.reports.inefficiency(span)).to, span.to);
  const inefficiency = await acme.reports.csv("inefficiency", span);
  assert.match(new TextDecoder().decode(inefficiency.bytes), /^kind,meter,/);
  await assert.rejects(
    acme.closeMonth({ month }),
    (error) => error instanceof CisternProblem && /is not over/.test(error.message),
  );

  assert.deepEqual((await cistern.catalog.get()).content["packs"], catalog.packs);
  const packs = { ...catalog.packs, large: { currency: "USD", price: "1.00", credits: "1" } };
  const content = { ...catalog, packs };
  assert.equal((await cistern.catalog.diff({ content }, { limit: 10 })).changes.length, 1);
  assert.equal((await cistern.catalog.push({ content })).version, 2);
  assert.equal((await cistern.catalog.versions()).data.length, 2);
  assert.equal((await cistern.catalog.get(2)).status, "upcoming");
});

test("endpoints of webhooks are set, tested and removed", async () => {
  const { webhooks } = cistern;
  const made = await webhooks.put("crm", { url: "https://receiver.invalid/in", types: ["hold.*"] });
  assert.match(made.secret ?? "", /^whsec_/);
  assert.equal((await webhooks.get("crm")).secret, undefined);
  assert.equal((await webhooks.list()).data.length, 1);
  assert.equal((await webhooks.test("crm")).taken, false);
  assert.notEqual((await webhooks.rotate("crm")).secret, made.secret);
  assert.deepEqual((await webhooks.attempts("crm")).data, []);
  assert.equal((await webhooks.replay("crm", { since: "2026-01-01T00:00:00Z" })).id, "crm");
  assert.equal((await webhooks.enable("crm")).status, "active");
  assert.ok((await webhooks.remove("crm")).removed);
});

test("no route of the contract was left out", () => {
  const missing = names.filter((name) => !witness.answered.has(name));
  assert.deepEqual(missing.toSorted(), Object.keys(exceptions).toSorted());
});
