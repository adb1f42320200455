/** Owns where examples of events come from: workspaces that live through everything, over the API, on a clock that is moved. */
import type { CloudEvent, EventPage } from "@cistern/contract";
import { type TestCistern, createTestCistern, defineCatalog } from "../../src/index.ts";
import { isProcessing, later, usd } from "./lived-steps.ts";
import { livesByThemselves } from "./lives-by-themselves.ts";

const catalogAt = (price: string) =>
  ({
    meters: { chat: { buckets: ["input_text", "output_text"] } },
    rateCards: {
      standard: {
        rows: [{ meter: "chat", perMillion: { input_text: price, output_text: "400" } }],
      },
    },
    outcomes: {
      resolution: { kind: "conversation", expected: "60" },
      report: { kind: "quantity", confirmation: true },
    },
    packs: { small: { currency: "USD", price: "100.00", credits: "10000" } },
    plans: {
      team: {
        currency: "USD",
        base: { fee: "100.00", value: "60.00" },
        seats: { fee: "20.00" },
        included: { credits: "1000", value: "40.00", rollover: { percent: "50", periods: 1 } },
        features: ["sso"],
        topUps: ["small"],
        outcomes: { resolution: "0.99", report: "2.00" },
      },
      yearly: {
        currency: "USD",
        every: "year",
        base: { fee: "900.00", value: "700.00" },
        included: { credits: "1000", value: "20.00", every: "month" },
      },
      pooled: { currency: "USD", included: { credits: "1000" } },
      committed: {
        currency: "USD",
        usage: { "*": "0.01" },
        minimum: { amounts: ["50.00"], trueUp: "period" },
      },
    },
  }) as const;

/** Every event of all workspaces, each in its order. */
export async function livedEvents(databaseUrl?: string): Promise<readonly CloudEvent[]> {
  const now = "2026-01-01T00:00:00Z";
  const cistern = await createTestCistern({
    catalog: defineCatalog(catalogAt("100")),
    now,
    databaseUrl,
  });
  try {
    const lives = [calls, credits, people, plan, results, money, ...livesByThemselves];
    for (const life of lives) await life(cistern);
    const events: CloudEvent[] = [];
    for (const { name } of lives)
      for (let after = "0.0"; ;) {
        const path = `/v1/workspaces/${name}/events?limit=100&after=${after}`;
        const { data, next } = await cistern.get<EventPage>(path);
        if (data.length === 0) break;
        events.push(...data);
        after = next;
      }
    return events;
  } finally {
    await cistern.close();
  }
}

async function calls(cistern: TestCistern): Promise<void> {
  await cistern.createWorkspace({ id: "calls", currency: "USD", lowBalance: "100" });
  const acme = cistern.workspace("calls");
  await acme.grant({ credits: "500", source: "purchase", cost: usd("5000") });
  await acme.put.limit("ana-daily", {
    scope: { kind: "member", id: "ana" },
    cap: { credits: "60", window: "day" },
  });
  const chat = { member: "ana", meter: "chat", model: "gpt-5", project: "spring" };
  const hold = await acme.authorize({
    ...chat,
    estimate: { input_text: 20_000, output_text: 50_000 },
    attributes: { feature: "draft" },
  });
  const more = await hold.extend({ credits: "10" });
  await more.settle({ usage: { input_text: 18_000, output_text: 70_000 } });
  await acme.refund({ of: hold.id, credits: "1", reason: "failed" });
  await acme.authorize({ member: "ana", credits: "25" });
  await acme.authorize({ member: "bob", credits: "20", ttl: "PT1M" });
  await (await acme.authorize({ member: "bob", credits: "5" })).release();
  await acme.debit({ member: "bob", credits: "3.5" });
  await acme.runs.open({ id: "research-42", member: "bob", limit: "50", maxSteps: 2 });
  for (let step = 0; step < 2; step += 1)
    await acme.debit({ member: "bob", run: "research-42", credits: "5" });
  await acme.authorize({ member: "bob", run: "research-42", credits: "5" }).catch(() => {});
  await acme.runs.raise("research-42", { maxSteps: 5 });
  await acme.runs.close("research-42");
  await acme.runs.open({ id: "idle", member: "bob", limit: "5", idle: "PT1M" });
  await later(cistern, 1);
  const { available } = await acme.balance();
  await acme.debit({ member: "bob", credits: String(Number(available) - 100) });
  await acme.debit({ member: "bob", credits: "100" });
  await acme.grant({ credits: "500", source: "promotion" });
  await acme.removeLimit("ana-daily");
}

async function credits(cistern: TestCistern): Promise<void> {
  await cistern.createWorkspace({ id: "credits", currency: "USD" });
  const acme = cistern.workspace("credits");
  const sale = { credits: "1000", source: "purchase", cost: usd("10000") } as const;
  const grant = (await acme.grant(sale)).id;
  await acme.put.breakage(grant, { breakageBps: 100 });
  await acme.revoke(grant, { credits: "100" });
  await acme.repay(grant, { credits: "100" });
  await acme.chargeBack((await acme.grant(sale)).id);
  await acme.escheat((await acme.grant(sale)).id);
  const at = (days: number) =>
    new Date(Date.parse(cistern.now()) + days * 86_400_000).toISOString();
  await acme.grant({ credits: "50", source: "promotion", effectiveAt: at(1) });
  await acme.grant({ credits: "60", source: "promotion", expiresAt: at(1), priority: 900 });
  await later(cistern, 2);
  await later(cistern, 31);
  await acme.closeMonth({ month: cistern.now().slice(0, 5) + "01" });
}

async function people(cistern: TestCistern): Promise<void> {
  await cistern.createWorkspace({ id: "people", currency: "USD" });
  const acme = cistern.workspace("people");
  await acme.update({ guestsMax: 50 });
  await acme.put.group("growth", { name: "Growth" });
  await acme.put.member("ana", { kind: "person", groups: ["growth"] });
  await acme.put.member("ben", { kind: "person", groups: ["growth"] });
  await acme.deactivateMember("ben");
  const text = { version: "1", text: "Be kind." };
  await acme.policies.put("rules", { scope: { kind: "workspace" }, text });
  await acme.policies.accept("rules", { member: "ana", version: "1" });
  await acme.policies.remove("rules");
  await acme.manyLimits.put({
    limits: [
      { id: "each", scope: { kind: "eachMember" }, cap: { credits: "10", window: "month" } },
    ],
  });
  await acme.grant({ credits: "1000", source: "purchase" });
  const asked = { member: "ana", limit: "each", credits: "5" };
  const request = async () => (await acme.requests.ask({ ...asked, reason: "Launch week" })).id;
  await acme.requests.approve(await request(), { by: "kim", as: "once" });
  await acme.requests.decline(await request(), { by: "kim" });
  await request();
  await acme.alerts.rules.put("low", {
    watch: { kind: "pool", percents: [80] },
    recipients: [{ id: "ana" }],
  });
  await acme.debit({ member: "kim", credits: "900" });
  await later(cistern, 1);
  await acme.alerts.rules.remove("low");
  await later(cistern, 60);
}

async function plan(cistern: TestCistern): Promise<void> {
  await cistern.createWorkspace({ id: "plan", currency: "USD", fairness: { preset: "balanced" } });
  const acme = cistern.workspace("plan");
  await acme.put.member("ana", { kind: "person" });
  await acme.put.member("ben", { kind: "person" });
  await acme.put.group("growth");
  await acme.subscription.put({ plan: "team", seats: 3 });
  for (const member of ["ana", "ben"]) await acme.seats.assign(member);
  await acme.fairness.guarantee("ana", "50");
  await acme.fairness.groupGuarantee("growth", "80");
  await acme.fairness.gift({ from: "ben", to: "ana", credits: "1" });
  await acme.seats.release("ben");
  await later(cistern, 32);
  await acme.subscription.put({ plan: "team", seats: 2 });
  await acme.subscription.pause();
  await later(cistern, 31);
  await acme.subscription.resume();
  const { id } = await acme.topUps.buy({ pack: "small" });
  await isProcessing(acme, id);
  await acme.topUps.markPaid(id, { payment: "pay_1" });
  const { id: other } = await acme.topUps.buy({ pack: "small" });
  await isProcessing(acme, other);
  await acme.topUps.markFailed(other, { reason: "card declined" });
  await acme.topUps.rule.put({
    enabled: true,
    pack: "small",
    threshold: "1",
    target: "2",
    monthlyCeiling: usd("20000"),
  });
  await later(cistern, 1);
  await acme.subscription.cancel({ when: "period_end" });
  await later(cistern, 40);
}

async function results(cistern: TestCistern): Promise<void> {
  await cistern.createWorkspace({ id: "results", currency: "USD" });
  const acme = cistern.workspace("results");
  await acme.subscription.put({ plan: "team", seats: 1 });
  const about = { customer: "c1", topic: "refund", conversation: "1" };
  const claimed = await acme.outcomes.claim({ type: "resolution", ...about });
  await acme.outcomes.signal({ kind: "contact", ...about });
  await acme.outcomes.dispute(claimed.id);
  await acme.outcomes.dispute(claimed.id, { resolution: "rejected" });
  const quantity = { quantity: 3, evidence: { hash: "a".repeat(64), attestor: "desk" } };
  const report = await acme.outcomes.claim({ type: "report", ...quantity });
  await acme.outcomes.confirm(report.id);
  await acme.outcomes.reopen(report.id);
  await later(cistern, 30);
  const next = { customer: "c2", topic: "address", conversation: "2" };
  await acme.outcomes.claim({ type: "resolution", ...next });
  await later(cistern, 40);
  await cistern.catalog.push({ content: catalogAt("90") });
  await later(cistern, 1);
}

async function money(cistern: TestCistern): Promise<void> {
  await cistern.issuer.put({ name: "Vendor Ltd" });
  for (const id of ["money"]) await cistern.createWorkspace({ id, currency: "USD" });
  const acme = cistern.workspace("money");
  await acme.billing.put({ termsDays: 14 });
  await acme.subscription.put({ plan: "team", seats: 1 });
  const draft = async (): Promise<string> =>
    (await acme.invoices.list({ status: "draft" })).data[0]?.id ?? "";
  const first = await draft();
  await acme.invoices.finalize(first);
  await acme.invoices.pay(first, { payment: "bank 1", amount: usd("100") });
  await acme.invoices.credit(first, { amount: usd("200"), reason: "goodwill" });
  await acme.invoices.writeOff(first);
  await acme.subscription.seats({ seats: 2 });
  await acme.invoices.invoiceNow();
  const second = await draft();
  if (second !== "") await acme.invoices.finalize(second);
  const [other] = (await acme.invoices.list({ status: "finalized" })).data;
  if (other !== undefined) await acme.invoices.void(other.id);
  await later(cistern, 32);
  const [open] = (await acme.invoices.list({ status: "finalized" })).data;
  if (open !== undefined) await acme.invoices.pay(open.id, { payment: "bank 2" });
  await acme.subscription.cancel({ when: "now" });
  await later(cistern, 2);
  const { free } = await acme.customerBalance.get();
  await acme.customerBalance.payOut({ amount: free });
}
