/** Money of grants through the front door: commands in, postings out, with the golden figures of FINANCE, section 4. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Reply, eventually, startApi, valueAt, workspaceWith } from "./api-server.ts";

const api = await startApi();
const eur = (amount: number) => ({ amount: `${amount}`, currency: "EUR" });

/** A workspace of its own, with a grant in it. */
async function sold(
  id: string,
  grant: object,
): Promise<{ path: string; grant: string; made: Reply }> {
  await workspaceWith(api, id, "0", { currency: "EUR" });
  const path = `/v1/workspaces/${id}`;
  const made = await api.post(`${path}/grants`, {
    credits: "10000",
    source: "purchase",
    cost: eur(10_000),
    ...grant,
  });
  assert.equal(made.status, 201, made.text);
  return { path, grant: made.textAt("id"), made };
}

async function use(path: string, credits: string): Promise<Reply> {
  const used = await api.post(`${path}/debits`, { member: "ana", credits });
  assert.equal(used.status, 201, used.text);
  return used;
}

/** Money by account that the event of an answer posted; `grant` is told as "lot". */
async function posted(path: string, { body }: Reply, grant = "none"): Promise<object> {
  const ledger = await eventually(
    () => api.get(`${path}/ledger?limit=100`),
    (page) => page.rows().some((row) => isAt(row, body["at"])),
  );
  const row = ledger.rows().find((one) => isAt(one, body["at"]));
  const lines = Object.values(valueAt(row, "postings") ?? {}).filter(
    (one) => valueAt(one, "commodity") !== "CREDIT",
  );
  return Object.fromEntries(
    lines.map((one) => [
      String(valueAt(one, "account")).replace(grant, "lot"),
      Number(valueAt(one, "amount")),
    ]),
  );
}

const isAt = (row: unknown, at: unknown): boolean =>
  JSON.stringify(valueAt(row, "position")) === JSON.stringify(at);

const paid = { payment: "received", tax: eur(825), fee: eur(344) };

test("E1 a purchase that was paid, with its tax and the fee of the card", async () => {
  const { path, grant, made } = await sold("e1", paid);
  assert.deepEqual(made.body["tax"], eur(825));
  // Cash +10825, then -344.
  assert.deepEqual(await posted(path, made, grant), {
    Cash: 10_481,
    "Deferred:lot": -10_000,
    Tax: -825,
    PaymentFees: 344,
  });
});

test("E8 a bonus shares the price of what it comes with", async () => {
  const { path, grant, made } = await sold("e8", { bonus: { credits: "2000" } });
  const bonus = made.textAt("bonus");
  const postings = await posted(path, made, grant);
  assert.deepEqual(postings, {
    Receivable: 10_000,
    "Deferred:lot": -8_333,
    [`Deferred:${bonus}`]: -1_667,
  });
  const read = await api.get(`${path}/grants/${bonus}`);
  assert.deepEqual(
    [read.body["credits"], read.body["cost"], read.body["source"]],
    ["2000", eur(1_667), "purchase"],
  );
  await use(path, "10000");
  const brought: unknown[] = [];
  for (const credits of ["500", "500", "1000"])
    brought.push(valueAt(await posted(path, await use(path, credits)), "Usage"));
  assert.deepEqual(brought, [-417, -417, -833]);
});

test("E13 the unused rest goes back with its share of the tax; then nothing more", async () => {
  const { path, grant } = await sold("e13", paid);
  await use(path, "2500");
  const back = await api.post(`${path}/grants/${grant}/repayments`, { reason: "moved away" });
  assert.equal(back.status, 201, back.text);
  assert.match(back.textAt("id"), /^rpy_/);
  assert.deepEqual(
    [back.body["credits"], back.body["money"], back.body["tax"], back.body["balance"]],
    ["7500", eur(7_500), eur(619), { available: "0", held: "0" }],
  );
  assert.deepEqual(await posted(path, back, grant), {
    "Deferred:lot": 7_500,
    Tax: 619,
    Cash: -8_119,
  });
  const read = await api.get(`${path}/grants/${grant}`);
  assert.deepEqual([read.body["givenBack"], read.body["revoked"]], [eur(7_500), "7500"]);
  const again = await api.post(`${path}/grants/${grant}/repayments`, {});
  assert.deepEqual([again.status, again.body["code"]], [409, "repayment_exceeds_payment"]);
  assert.match(
    again.textAt("detail"),
    /^Of what was paid for grant grt_\w+, 25\.00 EUR \(without tax\) can still go back\. Ask for at most that; where none of its credits are unused, say it as "goodwill"\.$/,
  );
});

test("E13b goodwill for what was used", async () => {
  const { path, grant } = await sold("e13b", paid);
  await use(path, "2500");
  const repayments = `${path}/grants/${grant}/repayments`;
  const back = await api.post(repayments, { goodwill: eur(1_000) });
  assert.deepEqual(
    [back.body["credits"], back.body["money"], back.body["goodwill"], back.body["tax"]],
    ["0", eur(1_000), true, undefined],
  );
  assert.deepEqual(await posted(path, back, grant), { Refunds: 1_000, Cash: -1_000 });
  const beyond = await api.post(repayments, { goodwill: eur(9_001) });
  assert.deepEqual([beyond.status, beyond.body["code"]], [409, "repayment_exceeds_payment"]);
});

test("E13c a chargeback with its fee; what is left of the grant is revoked", async () => {
  const { path, grant } = await sold("e13c", {});
  await use(path, "2500");
  const chargebacks = `${path}/grants/${grant}/chargebacks`;
  const taken = await api.post(chargebacks, { fee: eur(1_500), reason: "fraudulent" });
  assert.equal(taken.status, 201, taken.text);
  assert.deepEqual(
    [taken.body["money"], taken.body["fee"], taken.body["grants"]],
    [eur(10_000), eur(1_500), [grant]],
  );
  assert.deepEqual(await posted(path, taken, grant), {
    "Deferred:lot": 7_500,
    Chargebacks: 2_500,
    DisputeFees: 1_500,
    Cash: -11_500,
  });
  assert.equal((await api.get(`${path}/grants/${grant}`)).body["revoked"], "7500");
  const again = await api.post(chargebacks, {});
  assert.deepEqual([again.status, again.body["code"]], [409, "repayment_exceeds_payment"]);
  assert.match(
    again.textAt("detail"),
    /^Nothing that was paid for grant grt_\w+ is left to give back: .* grant credits with POST \/v1\/workspaces\/e13c\/grants\.$/,
  );
});

test("E21 a compensation is the vendor's expense, and revenue when it is used", async () => {
  const sla = { credits: "500", source: "adjustment", cost: eur(500), payment: "compensation" };
  const { path, grant, made } = await sold("e21", sla);
  assert.deepEqual(await posted(path, made, grant), { SlaCredits: 500, "Deferred:lot": -500 });
  const used = await use(path, "500");
  assert.deepEqual(await posted(path, used, grant), { "Deferred:lot": 500, Usage: -500 });
});

test("E6 expected breakage is recognised with use; E6.2 and E6.3 after another estimate", async () => {
  const { path, grant, made } = await sold("e6", { breakageBps: 1_000 });
  assert.equal(made.body["breakageBps"], 1_000);
  assert.deepEqual(await posted(path, await use(path, "2250"), grant), {
    "Deferred:lot": 2_500,
    Usage: -2_250,
    Breakage: -250,
  });
  const revised = await api.put(`${path}/grants/${grant}/breakage`, { breakageBps: 500 });
  assert.deepEqual([revised.status, revised.body["breakageBps"]], [200, 500]);
  assert.deepEqual(await posted(path, revised, grant), { "Deferred:lot": -132, Breakage: 132 });
  assert.deepEqual(await posted(path, await use(path, "4750"), grant), {
    "Deferred:lot": 5_000,
    Usage: -4_750,
    Breakage: -250,
  });
  const revoked = await api.post(`${path}/grants/${grant}/revoke`, {});
  assert.deepEqual(await posted(path, revoked, grant), { "Deferred:lot": 2_632, Breakage: -2_632 });
});

test("E7 a dormant rest is owed to the state", async () => {
  const { path, grant } = await sold("e7", { credits: "1000", cost: eur(1_000) });
  await use(path, "300");
  const ended = await api.post(`${path}/grants/${grant}/escheat`, {});
  assert.equal(ended.status, 200, ended.text);
  assert.deepEqual(await posted(path, ended, grant), {
    "Deferred:lot": 700,
    UnclaimedProperty: -700,
  });
  for (const [method, to, body] of [
    ["POST", "escheat", {}],
    ["PUT", "breakage", { breakageBps: null }],
  ] as const) {
    const refused = await api.call(method, `${path}/grants/${grant}/${to}`, { body });
    assert.deepEqual([refused.status, refused.body["code"]], [409, "grant_over"], refused.text);
  }
});

test("E7 where the law says so, what expires is owed to the state by itself", async () => {
  const expiresAt = new Date(Date.now() + 4_000).toISOString();
  const { path, grant, made } = await sold("e7x", { escheats: true, expiresAt });
  assert.equal(made.body["escheats"], true);
  const ledger = await eventually(
    () => api.get(`${path}/ledger?kind=credits.expired`),
    (page) => page.rows().length > 0,
  );
  const [row] = ledger.rows();
  const at = valueAt(row, "position");
  assert.deepEqual(await posted(path, { ...ledger, body: { at } }, grant), {
    "Deferred:lot": 10_000,
    UnclaimedProperty: -10_000,
  });
});

test("money of another currency, of two currencies, and of the future is refused", async () => {
  const { path, grant } = await sold("mixed", {});
  const usd = { amount: "1", currency: "USD" };
  const to = `${path}/grants/${grant}`;
  const rows = [
    [`${to}/repayments`, { goodwill: usd }, "currency_mismatch"],
    [`${to}/chargebacks`, { fee: usd }, "currency_mismatch"],
    [`${to}/repayments`, { occurredAt: "2999-01-01T00:00:00Z" }, "invalid_request"],
    [`${to}/repayments`, { credits: "1", goodwill: eur(1) }, "invalid_request"],
    [`${to}/repayments`, { credits: "10001" }, "revoke_exceeds_grant"],
    [`${path}/grants/grt_none/repayments`, {}, "unknown_grant"],
    [`${path}/grants/grt_none/chargebacks`, {}, "unknown_grant"],
    [
      `${path}/grants`,
      { credits: "1", source: "purchase", cost: eur(1), tax: usd },
      "invalid_request",
    ],
    [`${path}/grants`, { credits: "1", source: "purchase", tax: eur(1) }, "invalid_request"],
  ] as const;
  for (const [address, body, code] of rows) {
    const refused = await api.post(address, body);
    assert.equal(refused.body["code"], code, refused.text);
  }
});
