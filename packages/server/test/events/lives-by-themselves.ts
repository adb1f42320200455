/** Owns the lives of which most happens by itself: periods of every kind, estimates, alerts, payments that fail, what a replay speaks for. */
import type { TestCistern } from "../../src/index.ts";
import { later, processing, usd } from "./lived-steps.ts";

type Life = (cistern: TestCistern) => Promise<void>;

const terms: Life = async (cistern) => {
  await cistern.createWorkspace({ id: "terms", currency: "USD" });
  const acme = cistern.workspace("terms");
  await acme.subscription.put({ plan: "yearly" });
  await later(cistern, 32);
  await acme.subscription.cancel({ when: "now" });
  await acme.subscription.put({ plan: "committed" });
  await later(cistern, 32);
  await acme.subscription.cancel({ when: "now" });
};

const owed: Life = async (cistern) => {
  await cistern.createWorkspace({ id: "owed", currency: "USD" });
  const acme = cistern.workspace("owed");
  await acme.billing.put({ termsDays: 14 });
  await acme.subscription.put({ plan: "team", seats: 1 });
  await later(cistern, 40);
  const [first, second] = (await acme.invoices.list({ status: "finalized" })).data;
  if (first === undefined || second === undefined) throw new Error("Two invoices are open.");
  const amount = usd(String(Number(first.due?.amount) + 100));
  await acme.invoices.pay(first.id, { payment: "bank 3", amount, excessToBalance: true });
  await later(cistern, 1);
};

const estimates: Life = async (cistern) => {
  await cistern.createWorkspace({ id: "estimates", currency: "USD" });
  const acme = cistern.workspace("estimates");
  await acme.subscription.put({ plan: "team", seats: 1 });
  const now = new Date(cistern.now());
  const monthEnd = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
  await cistern.advanceTo(new Date(monthEnd - 3_600_000).toISOString());
  for (const topic of ["bill", "address", "refund", "order", "password"])
    await acme.outcomes.claim({ type: "resolution", customer: "c3", topic, conversation: topic });
  await later(cistern, 40);
};

const declined: Life = async (cistern) => {
  await cistern.createWorkspace({ id: "declined", currency: "USD" });
  const acme = cistern.workspace("declined");
  const rule = { enabled: true, pack: "small", threshold: "1", target: "2" } as const;
  await acme.topUps.rule.put({ ...rule, monthlyCeiling: usd("20000") });
  for (let failures = 0; failures < 3; failures += 1) {
    await later(cistern, 3);
    const { id } = await processing(acme, ({ automatic }) => automatic);
    await acme.topUps.markFailed(id, { reason: "no funds" });
  }
};

const odd: Life = async (cistern) => {
  await cistern.createWorkspace({ id: "odd", currency: "USD" });
  const acme = cistern.workspace("odd");
  await acme.grant({ credits: "100000", source: "promotion" });
  await acme.put.member("ana", { kind: "person" });
  await acme.alerts.rules.put("odd", {
    watch: { kind: "unusual", most: "notify" },
    recipients: [{ id: "ben" }],
  });
  for (let day = 0; day < 10; day += 1) {
    await acme.debit({ member: "ana", credits: "60" });
    await later(cistern, 1);
  }
  await acme.debit({ member: "ana", credits: "900" });
  await later(cistern, 1);
  const [alert] = (await acme.alerts.list({ awaiting: true })).data;
  if (alert === undefined) throw new Error("Nothing was found unusual.");
  await acme.alerts.review(alert.id, { verdict: "fine" });
};

/** One takes all in the first days, and the others are refused. */
const hog: Life = async (cistern) => {
  await cistern.createWorkspace({ id: "hog", currency: "USD", fairness: { preset: "off" } });
  const acme = cistern.workspace("hog");
  const people = ["ana", "ben", "cem", "dan"];
  for (const member of people) await acme.put.member(member);
  await acme.subscription.put({ plan: "pooled" });
  const spend = async (member: string, credits: string): Promise<void> => {
    const hold = await acme.authorize({ member, credits }).catch(() => {});
    await hold?.settle({ credits });
  };
  await later(cistern, 1);
  for (let call = 0; call < 11; call += 1) await spend("ana", "90");
  for (let weeks = 0; weeks < 3; weeks += 1) {
    await later(cistern, 5);
    for (const member of people.slice(1)) await spend(member, "40");
  }
  await later(cistern, 25);
};

/** Each is of the workspace of its name. */
export const livesByThemselves: readonly Life[] = [terms, owed, estimates, declined, odd, hog];
