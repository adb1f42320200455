/** Numbers and the issue of invoices, on a real database, by nodes that race and break. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Command,
  type OutcomeTerms,
  conversationDefaults,
  instant,
  money,
} from "@cistern/kernel";
import { pack, succeeded, told } from "../../../kernel/test/topups/buying.ts";
import type { Engine, EngineRequest } from "../../src/engine/index.ts";
import { createNumbers } from "../../src/billing/index.ts";
import { use } from "../books/past-workspaces.ts";
import { TestClock } from "../engine/test-clock.ts";
import { billingDatabase } from "./billing-node.ts";

const issuer = { name: "", invoicePrefix: "INV-", creditNotePrefix: "CN-" };
const key = { opId: null, fingerprint: null };
const hour = 3_600_000;
const day = 24 * hour;

const numberOf = (count: number): string => `INV-${String(count).padStart(6, "0")}`;
const numbersTo = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => numberOf(index + 1));

test("numbers that four nodes give out at once are sequential, without a gap, each given once", async () => {
  const { pool } = await billingDatabase();
  const nodes = Array.from({ length: 4 }, () => createNumbers(pool));
  const documents = Array.from({ length: 60 }, (_, index) => `inv_${index}`);
  const given = await Promise.all(
    documents.flatMap((document) =>
      nodes.map(async (numbers) => [
        document,
        await numbers.of({ kind: "invoice", workspaceId: "acme", document }, issuer),
      ]),
    ),
  );
  const byDocument = new Map<string, Set<string>>();
  for (const [document = "", number = ""] of given)
    byDocument.set(document, (byDocument.get(document) ?? new Set()).add(number));
  assert.deepEqual(
    [...byDocument.values()].flatMap((numbers) => [...numbers]).toSorted(),
    numbersTo(60),
  );
});

test("credit notes have a series of their own, and a number stays what it was under another prefix", async () => {
  const { pool } = await billingDatabase();
  const numbers = createNumbers(pool);
  const note = { kind: "credit_note", workspaceId: "acme", document: "crn_1" } as const;
  const invoice = { kind: "invoice", workspaceId: "acme", document: "inv_1" } as const;
  assert.equal(await numbers.of(invoice, issuer), "INV-000001");
  assert.equal(await numbers.of(note, issuer), "CN-000001");
  const renamed = { invoicePrefix: "2027/", creditNotePrefix: "" };
  assert.equal(await numbers.of(invoice, renamed), "INV-000001");
  assert.equal(await numbers.of({ ...invoice, document: "inv_2" }, renamed), "2027/000002");
  // The same id in another workspace is another document.
  assert.equal(await numbers.of({ ...note, workspaceId: "beta" }, renamed), "000002");
});

test("ten calls at two nodes issue a draft once, under one number", async () => {
  const database = await billingDatabase();
  const clock = new TestClock();
  const [first, second] = [database.node({ clock }), database.node({ clock })];
  await first.subscribe("acme");
  const [invoice = ""] = await draftsOf(first.engine, "acme");
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      (index % 2 === 0 ? first : second).billing.issue({ workspaceId: "acme", invoice, key }),
    ),
  );
  assert.equal(answers.filter(({ kind }) => kind === "accepted").length, 1);
  for (const answer of answers)
    if (answer.kind !== "accepted")
      assert.ok(answer.kind === "rejected" && answer.rejection.code === "invoice_status");
  assert.deepEqual(
    (await first.issued("acme")).map(({ number }) => number),
    ["INV-000001"],
  );
  const { rows } = await database.pool.query("SELECT count(*) AS numbers FROM invoice_numbers");
  assert.deepEqual(rows, [{ numbers: "1" }]);
});

test("a crash after the number was taken loses none, and what it was to be issued with stays", async () => {
  const database = await billingDatabase();
  let isBroken = true;
  const node = database.node({
    execute: (request, engine) =>
      isBroken && request.command.kind === "finalizeInvoice"
        ? Promise.reject(new Error("the node is gone"))
        : engine.execute(request),
  });
  await node.billing.profiles.put("w1", {
    tax: { basisPoints: 1_900, name: "VAT 19 %" },
    termsDays: 14,
    purchaseOrder: "PO 7",
  });
  for (const workspaceId of ["w1", "w2", "w3"]) await node.subscribe(workspaceId);
  const issue = async (workspaceId: string) => {
    const [invoice = ""] = await draftsOf(node.engine, workspaceId);
    return await node.billing.issue({ workspaceId, invoice, key });
  };
  await assert.rejects(issue("w1"), /the node is gone/);
  isBroken = false;
  // Meanwhile others take theirs, and the profile changes.
  await issue("w2");
  await node.billing.profiles.put("w1", { termsDays: 60 });
  await issue("w1");
  await issue("w3");
  const [one] = await node.issued("w1");
  assert.equal(one?.number, "INV-000001");
  assert.equal(one.tax, 1_900n);
  assert.equal(one.purchaseOrder, "PO 7");
  assert.equal(one.dueAt - one.issuedAt, 14 * day);
  assert.equal((await node.issued("w2"))[0]?.number, "INV-000002");
  assert.equal((await node.issued("w3"))[0]?.number, "INV-000003");
});

test("an invoice that is not drafted yet takes no number, though its id can be foretold", async () => {
  const database = await billingDatabase();
  const node = database.node();
  await node.subscribe("acme");
  const [invoice = ""] = await draftsOf(node.engine, "acme");
  const next = `${invoice.slice(0, -1)}2`;
  const answer = await node.billing.issue({ workspaceId: "acme", invoice: next, key });
  assert.deepEqual(answer, { kind: "unknown_invoice" });
  const { rows } = await database.pool.query("SELECT count(*) AS numbers FROM invoice_numbers");
  assert.deepEqual(rows, [{ numbers: "0" }]);
});

test("a draft is issued by itself when its time has come, and not before", async () => {
  const node = (await billingDatabase()).node();
  node.invoicer.start();
  await node.subscribe("acme", { graceMs: 3 * hour });
  await node.advance(3 * hour - 1_000);
  assert.deepEqual(await node.issued("acme"), []);
  await node.advance(1_000);
  assert.deepEqual(
    (await node.issued("acme")).map(({ number }) => number),
    ["INV-000001"],
  );
  assert.deepEqual(node.invoicer.stats(), { invoicesIssued: 1, issuesFailed: 0, draftsWaiting: 0 });
});

test("what was bought gets its number as soon as it is durable, though nobody reads it, in the series of all", async () => {
  const database = await billingDatabase();
  const node = database.node();
  node.invoicer.start();
  await node.subscribe("buyer");
  await node.advance(hour);
  const ask = async (command: Command) => {
    const answer = await node.engine.execute({ workspaceId: "buyer", command, ...key });
    assert.equal(answer.kind, "accepted");
  };
  const small = pack({ currency: "EUR" });
  await ask({ kind: "requestTopUp", topUp: "top_b", pack: small, quantity: 1, note: null });
  await ask(told("top_b", "pay_1", succeeded(825n)));
  await node.advance(1_000);
  const { rows } = await database.pool.query<{ printed: string }>(
    "SELECT printed FROM invoice_numbers WHERE workspace_id = 'buyer' AND document_id = 'inv_b'",
  );
  assert.equal(rows.length, 1);
  const [ofPlan] = await node.issued("buyer");
  assert.deepEqual(
    [...new Set(node.told.map(({ code }) => code))],
    ["invoice_incomplete"],
    "nobody is set who sends it, or gets it",
  );
  const { number } = await node.billing.purchases.paper(
    "buyer",
    { id: "inv_b", subtotal: money(10_000n), tax: money(825n) },
    "UTC",
  );
  assert.equal(number, rows[0]?.printed);
  assert.deepEqual([ofPlan?.number, number], ["INV-000001", "INV-000002"]);
});

test("usage that comes late is on the invoice, and in the tables once that is issued", async () => {
  const node = (await billingDatabase()).node();
  node.invoicer.start();
  const price = { kind: "per_unit", price: 100n, per: 1_000_000n } as const;
  await node.subscribe("acme", {
    base: null,
    graceMs: 3 * hour,
    overage: { kind: "bill", lines: [{ kind: "usage", meter: null, price }], spendCap: null },
  });
  const used = async (debit: string, occurredAt: number | null): Promise<void> => {
    const command = {
      ...use(debit, 1),
      occurredAt: occurredAt === null ? null : instant(occurredAt),
    };
    const answer = await node.engine.execute({ workspaceId: "acme", command, ...key });
    assert.equal(answer.kind, "accepted");
  };
  await used("dbt_1", null);
  const before = node.clock.now();
  node.clock.advance(31 * day);
  await node.advance(hour);
  assert.deepEqual(await node.issued("acme"), []);
  await used("dbt_2", before + day);
  await node.advance(3 * hour);
  const [invoice] = await node.issued("acme");
  assert.equal(invoice?.subtotal, 200n);
  const record = await node.billing.invoice("acme", invoice.id, 1);
  assert.deepEqual(
    record?.lines.map(({ quantity, amount }) => [quantity, amount]),
    [[2_000_000n, 200n]],
  );
});

test("what a node that is gone left is found, also renewals of workspaces that nobody calls", async () => {
  const database = await billingDatabase();
  const gone = database.node();
  // Of this one nothing is left to issue, so only its renewals can bring anybody to it.
  await gone.subscribe("acme");
  const [invoice = ""] = await draftsOf(gone.engine, "acme");
  await gone.billing.issue({ workspaceId: "acme", invoice, key });
  await gone.subscribe("beta");
  await gone.billing.invoices("acme", {}, 3);
  await gone.engine.stop();
  // Two months later another node starts, with nothing in memory and nobody who calls.
  const node = database.node({ clock: new TestClock(gone.clock.now() + 62 * day) });
  node.invoicer.start();
  node.waker.start();
  await node.advance(2 * hour);
  for (const workspaceId of ["acme", "beta"])
    assert.equal((await node.issued(workspaceId)).length, 3, workspaceId);
  const { rows } = await database.pool.query<{ printed: string }>(
    "SELECT printed FROM invoice_numbers ORDER BY number",
  );
  assert.deepEqual(
    rows.map(({ printed }) => printed),
    numbersTo(6),
  );
});

test("an outcome that matures after its subscription was over is invoiced, though nobody calls and the node is another", async () => {
  const database = await billingDatabase();
  const gone = database.node();
  const price = { kind: "per_unit", per: 1n, price: 99n } as const;
  const terms: OutcomeTerms = {
    kind: "conversation",
    type: "resolution",
    price,
    parts: [],
    expectedBps: null,
    ...conversationDefaults,
  };
  await gone.subscribe("acme", { base: null, graceMs: 0, outcomes: [terms] });
  const say = (command: Command) =>
    gone.engine.execute({ workspaceId: "acme", command, opId: null, fingerprint: null });
  await say({
    kind: "claimOutcome",
    outcome: "out_1",
    type: "resolution",
    customer: "zoe",
    topic: "bill",
    conversation: "c1",
    channel: "chat",
    quantity: 1n,
    part: null,
    evidence: null,
    isTest: false,
    isSubstantive: true,
    occurredAt: null,
  });
  await say({ kind: "cancelSubscription" });
  await gone.billing.invoices("acme", {}, 4);
  await gone.engine.stop();
  const node = database.node({ clock: new TestClock(gone.clock.now() + 62 * day) });
  node.invoicer.start();
  node.waker.start();
  await node.advance(2 * hour);
  const [last] = await node.issued("acme");
  assert.equal(last?.subtotal, 99n);
});

test("the invoicers of two nodes issue each of thirty drafts once, however slow", async () => {
  const database = await billingDatabase();
  const clock = new TestClock();
  // As on a machine that has much else to do.
  const execute = async (request: EngineRequest, engine: Engine) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return await engine.execute(request);
  };
  const [first, second] = [database.node({ clock, execute }), database.node({ clock, execute })];
  const workspaces = Array.from({ length: 30 }, (_, index) => `w${index}`);
  for (const workspaceId of workspaces) await first.subscribe(workspaceId);
  clock.advance(hour);
  first.invoicer.start();
  second.invoicer.start();
  await first.advance(2 * hour);
  const issued = await Promise.all(workspaces.map((one) => second.issued(one)));
  assert.deepEqual(
    issued.flatMap((list) => list.map(({ number }) => number ?? "")).toSorted(),
    numbersTo(30),
  );
  const both = first.invoicer.stats().invoicesIssued + second.invoicer.stats().invoicesIssued;
  assert.equal(both, 30);
});

test("a draft that cannot be issued is tried again, later each time, and keeps no other waiting", async () => {
  const database = await billingDatabase();
  let tries = 0;
  let isBroken = true;
  const node = database.node({
    execute: (request, engine) => {
      if (request.command.kind !== "finalizeInvoice" || request.workspaceId !== "bad")
        return engine.execute(request);
      tries += 1;
      return isBroken ? Promise.reject(new Error("no")) : engine.execute(request);
    },
  });
  await node.subscribe("bad");
  await node.subscribe("good");
  node.invoicer.start();
  await node.advance(hour);
  assert.equal((await node.issued("good")).length, 1);
  assert.equal((await node.issued("bad")).length, 0);
  assert.ok(node.told.some(({ code }) => code === "invoice_not_issued"));
  await node.advance(6 * hour);
  // Once every ten minutes in the end, not once a second; an hour passes at a step here.
  assert.ok(tries >= 3 && tries <= 50, `${tries} tries`);
  isBroken = false;
  await node.advance(hour);
  assert.equal((await node.issued("bad")).length, 1);
});

test("a stopped invoicer issues nothing more", async () => {
  const node = (await billingDatabase()).node();
  node.invoicer.start();
  await node.subscribe("acme");
  await node.invoicer.stop();
  await node.advance(3 * hour);
  assert.deepEqual(await node.issued("acme"), []);
});

async function draftsOf(engine: Engine, workspaceId: string): Promise<readonly string[]> {
  const answer = await engine.read(workspaceId, ({ invoices }) =>
    [...invoices.invoices.values()].filter(({ status }) => status === "draft").map(({ id }) => id),
  );
  return answer.kind === "read" ? answer.value : [];
}
