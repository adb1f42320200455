/** A Cistern for tests: the whole API, months in a moment. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CisternProblem } from "@cistern/client";
import type { Balance, Invoice, InvoicePage, LedgerPage, UsagePage } from "@cistern/contract";
import { createTestCistern, defineCatalog } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";
import { eventually } from "./api-server.ts";

const catalogOf = (price: string) =>
  defineCatalog({
    meters: { chat: { buckets: ["input_text"] } },
    rateCards: { standard: { rows: [{ meter: "chat", perUnit: { input_text: price } }] } },
    plans: {
      starter: {
        currency: "USD",
        base: { fee: "100.00", value: "60.00" },
        included: { credits: "5000", value: "40.00" },
        finalizeAfter: "P2D",
      },
    },
  });

/** One that ends with the test; `now` is where its clock stands. */
async function opened(t: { after(end: () => Promise<void>): void }, now: string, price = "1") {
  const { url: databaseUrl } = await freshDatabase();
  const cistern = await createTestCistern({ catalog: catalogOf(price), now, databaseUrl });
  t.after(() => cistern.close());
  await cistern.createWorkspace({ id: "acme", currency: "USD" });
  return cistern;
}

const invoicesOf = async (cistern: Awaited<ReturnType<typeof opened>>) =>
  (await cistern.get<InvoicePage>("/v1/workspaces/acme/invoices")).data;

test("the clock stands still until it is told, and never goes back", async (t) => {
  const cistern = await opened(t, "2026-01-01T00:00:00Z");
  const hold = await cistern.workspace("acme").authorize({ member: "ana", credits: "0" });
  assert.equal(hold.expiresAt, "2026-01-01T00:05:00Z");
  assert.equal(cistern.now(), "2026-01-01T00:00:00Z");
  await cistern.advanceTo("2026-01-01T00:04:59Z");
  assert.equal((await cistern.workspace("acme").hold(hold.id)).status, "open");
  await cistern.advanceTo("2026-01-01T00:05:00Z");
  assert.equal((await cistern.workspace("acme").hold(hold.id)).status, "expired");
  await assert.rejects(cistern.advanceTo("2026-01-01T00:00:00Z"), RangeError);
});

test("months that pass renew, and issue every invoice when its time has come", async (t) => {
  const cistern = await opened(t, "2026-01-31T09:00:00Z");
  await cistern.put("/v1/workspaces/acme/subscription", { plan: "starter" });
  await cistern.workspace("acme").debit({ member: "ana", credits: "1200" });
  await cistern.advanceTo("2026-04-01T00:00:00Z");
  assert.deepEqual(
    (await invoicesOf(cistern)).map(({ number, status, draftedAt, issuedAt }) => [
      number,
      status,
      draftedAt,
      issuedAt,
    ]),
    [
      ["INV-000001", "finalized", "2026-01-31T09:00:00Z", "2026-02-02T09:00:00Z"],
      ["INV-000002", "finalized", "2026-02-28T09:00:00Z", "2026-03-02T09:00:00Z"],
      [undefined, "draft", "2026-03-31T09:00:00Z", undefined],
    ],
  );
});

test("to go in one leap is to go in many steps", async (t) => {
  const leap = await opened(t, "2026-01-01T00:00:00Z");
  const steps = await opened(t, "2026-01-01T00:00:00Z");
  for (const cistern of [leap, steps])
    await cistern.put("/v1/workspaces/acme/subscription", { plan: "starter" });
  await leap.advanceTo("2026-03-15T00:00:00Z");
  for (let day = 1; day <= 73; day += 1)
    await steps.advanceTo(new Date(Date.UTC(2026, 0, 1 + day)).toISOString());
  assert.equal(leap.now(), steps.now());
  const [one, other] = [await invoicesOf(leap), await invoicesOf(steps)];
  const without = ({ id: _id, subscription: _of, ...rest }: (typeof one)[number]) => rest;
  assert.deepEqual(one.map(without), other.map(without));
});

test("a read sees what was answered before it", async (t) => {
  const cistern = await opened(t, "2026-01-01T00:00:00Z");
  const acme = cistern.workspace("acme");
  await acme.grant({ credits: "100", source: "promotion" });
  for (let count = 1; count <= 20; count += 1) {
    await acme.debit({ member: "ana", credits: "1" });
    const { data } = await cistern.get<UsagePage>("/v1/workspaces/acme/usage?limit=100");
    assert.equal(data.length, count);
    assert.equal((await acme.ledger({ limit: 100 })).data.length, count + 1);
  }
  const ledger = await cistern.get<LedgerPage>("/v1/workspaces/acme/ledger");
  assert.equal(ledger.data[0]?.at, "2026-01-01T00:00:00Z");
});

test("calls by path are checked and refused like those over HTTP", async (t) => {
  const cistern = await opened(t, "2026-01-01T00:00:00Z");
  const refused = async (call: Promise<unknown>, code: string) =>
    await assert.rejects(call, (e) => e instanceof CisternProblem && e.code === code);
  const path = "/v1/workspaces/acme/subscription";
  await refused(cistern.put(path, { plan: "gold" }), "unknown_plan");
  await refused(cistern.put(path, { plan: 7 }), "invalid_request");
  await refused(cistern.get("/v1/workspaces/other/balance"), "unknown_workspace");
  await refused(cistern.post("/v1/nothing"), "not_found");
  const key = { idempotencyKey: "order-1" };
  const grant = { credits: "100", source: "promotion" };
  const first = await cistern.post("/v1/workspaces/acme/grants", grant, key);
  assert.deepEqual(await cistern.post("/v1/workspaces/acme/grants", grant, key), first);
  const { available } = await cistern.get<Balance>("/v1/workspaces/acme/balance");
  assert.equal(available, "100");
});

test("a catalog that is pushed is in force when the clock gets there", async (t) => {
  const cistern = await opened(t, "2026-01-01T00:00:00Z", "1");
  const acme = cistern.workspace("acme");
  const call = { member: "ana", meter: "chat", estimate: { input_text: 3 } };
  await cistern.put("/v1/catalog", {
    content: catalogOf("2"),
    effectiveAt: "2026-03-01T00:00:00Z",
  });
  await cistern.advanceTo("2026-02-28T23:59:59Z");
  assert.equal((await acme.quote(call)).credits, "3");
  await cistern.advanceTo("2026-03-01T00:00:00Z");
  assert.equal((await acme.quote(call)).credits, "6");
});

test("without a database it brings its own, which goes with it", async () => {
  const cistern = await createTestCistern({ now: "2026-01-01T00:00:00Z" });
  await cistern.createWorkspace({ id: "acme" });
  assert.equal((await cistern.workspace("acme").balance()).available, "0");
  await cistern.close();
});

test("a process that dies leaves no database behind", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cistern-died-"));
  const code = `
    import { createTestCistern } from "cistern";
    await createTestCistern({ now: "2026-01-01T00:00:00Z" });
    console.log("opened");
    process.kill(process.pid, "SIGKILL");`;
  const { stdout } = spawnSync(
    process.execPath,
    ["--conditions=cistern-source", "--input-type=module-typescript", "--eval", code],
    { cwd: import.meta.dirname, env: { ...process.env, TMPDIR: folder }, encoding: "utf8" },
  );
  assert.equal(stdout, "opened\n");
  const left = await eventually(
    () => readdir(folder),
    (files) => files.length === 0,
    15_000,
  );
  assert.deepEqual(left, []);
  await rm(folder, { recursive: true });
});

test("the books that it exports are of its own time", async (t) => {
  const cistern = await opened(t, "2026-01-01T00:00:00Z");
  await cistern.put("/v1/workspaces/acme/subscription", { plan: "starter" });
  const text = await cistern.exportBooks("hledger");
  assert.match(text, /^2026-01-01 \* .* acme \| subscription\.started /m);
  const [invoice] = await invoicesOf(cistern);
  const whole = await cistern.get<Invoice>(`/v1/workspaces/acme/invoices/${invoice?.id}`);
  assert.equal(whole.lines[0]?.arithmetic, "1 x 100.00");
});

test("usage that comes late is on the lines of its draft, and of the invoice that it becomes", async (t) => {
  const { url: databaseUrl } = await freshDatabase();
  const catalog = defineCatalog({
    meters: { chat: { buckets: ["input_text"] } },
    rateCards: { standard: { rows: [{ meter: "chat", perUnit: { input_text: "1" } }] } },
    plans: { metered: { currency: "USD", usage: { chat: "0.01" }, finalizeAfter: "P2D" } },
  });
  const now = "2026-01-01T00:00:00Z";
  const cistern = await createTestCistern({ catalog, now, databaseUrl });
  t.after(() => cistern.close());
  await cistern.createWorkspace({ id: "acme", currency: "USD" });
  await cistern.put("/v1/workspaces/acme/subscription", { plan: "metered" });
  const call = { member: "ana", meter: "chat", usage: { input_text: 300 } };
  await cistern.workspace("acme").debit(call);
  await cistern.advanceTo("2026-02-01T12:00:00Z");
  const occurredAt = "2026-01-31T23:00:00Z";
  await cistern.workspace("acme").debit({ ...call, occurredAt });
  const read = async () => {
    const [{ id } = { id: "" }] = await invoicesOf(cistern);
    return await cistern.get<Invoice>(`/v1/workspaces/acme/invoices/${id}`);
  };
  for (const status of ["draft", "finalized"]) {
    const invoice = await read();
    assert.equal(invoice.status, status);
    assert.deepEqual(
      invoice.lines.map(({ quantity, amount }) => [quantity, amount.amount]),
      [["600", "600"]],
    );
    assert.equal(invoice.total.amount, "600");
    await cistern.advanceTo("2026-02-03T00:00:00Z");
  }
});
