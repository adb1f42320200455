/**
 * All at once: a fee and seats with included credits and an allowance of API calls, packs, overage that is billed within a spend cap,
 * outcomes, what the plan opens, and prices that were negotiated. It also pays its invoices, cancels at the end, and follows one call from
 * its hold to the books.
 */
import type { Entitlements, TopUp } from "@cistern/contract";
import { defineCatalog } from "cistern";
import { Story } from "./story.ts";

const catalog = defineCatalog({
  meters: {
    chat: { buckets: ["input_text", "output_text"] },
    search: { buckets: ["requests"] },
    api: { buckets: ["calls"] },
  },
  rateCards: {
    standard: {
      rows: [
        { meter: "chat", model: "gpt-5", perMillion: { input_text: "125", output_text: "1000" } },
        { meter: "chat", model: "*-mini", perMillion: { input_text: "25", output_text: "200" } },
        { meter: "search", perUnit: { requests: "1" } },
        { meter: "api", perUnit: { calls: "0.1" } },
      ],
    },
  },
  outcomes: { resolution: { kind: "conversation" } },
  packs: { thousand: { currency: "USD", price: "10.00", credits: "1000", expiresAfter: "P12M" } },
  plans: {
    growth: {
      currency: "USD",
      base: { fee: "99.00", value: "70.00" },
      seats: { fee: "15.00", minimum: 2, maximum: 50 },
      included: {
        credits: "2000",
        per: "seat",
        value: "10.00",
        rollover: { amount: "1500", periods: 1 },
      },
      allowances: { api: { calls: { included: "100", per: "seat", beyond: "refuse" } } },
      features: ["sso"],
      models: ["gpt-5", "*-mini"],
      topUps: ["thousand"],
      overage: { kind: "bill", price: "0.012" },
      spendCap: "40.00",
      outcomes: { resolution: "0.99" },
    },
  },
});

const story = await Story.begin(
  "Mixed: seats, pool, overage and outcomes",
  "2026-07-01T00:00:00Z",
  catalog,
);
const { acme, cistern } = story;
const chat = { member: "ana", meter: "chat", model: "gpt-5" };

await story.until("2026-07-01T00:00:00Z", "Two seats, taxed at 19 %");
await acme.billing.put({
  customer: { name: "Acme GmbH" },
  tax: { basisPoints: 1900, name: "VAT" },
  termsDays: 14,
  purchaseOrder: "PO 7",
});
const begun = await acme.subscription.put({ plan: "growth", seats: 2 });
story.change("Acme begins", begun);
await acme.put.limit("mini-budget", {
  scope: { kind: "member", id: "intern" },
  cap: { credits: "50", window: "day" },
});

/** What the plan opens, and what is left of what it includes. */
async function entitled(): Promise<void> {
  const told = await cistern.get<Entitlements>("/v1/workspaces/acme/entitlements");
  story.say(`Features ${told.features.join(", ")}; models ${told.models?.join(", ")}`);
  for (const { meter, bucket, included, used, held, left, resetsAt } of told.allowances)
    story.say(
      `${bucket} of ${meter}: ${used} used and ${held} held of ${included}, ${left} left until ${resetsAt?.slice(0, 10)}`,
    );
}
await entitled();

await story.until("2026-07-12T00:00:00Z", "A third seat, and calls");
const third = await acme.subscription.seats({ seats: 3 });
story.change("A third seat", third);
const answer = await acme.run(
  { ...chat, estimate: { input_text: 1_000_000, output_text: 2_000_000 } },
  () => ({ text: "Done.", usage: { input_text: 900_000, output_text: 1_600_000 } }),
  { spent: ({ usage }) => ({ usage }) },
);
story.say(`One call, held and settled around the work: ${answer.text}`);
const mini = { member: "intern", meter: "chat", model: "gpt-5-mini" };
await acme.debit({ ...mini, usage: { input_text: 1_000_000, output_text: 100_000 } });
await story.refused("The intern asks for 20", acme.authorize({ ...mini, credits: "20" }));
const calls = { member: "ana", meter: "api" };
const sync = await acme.authorize({ ...calls, estimate: { calls: 250 } });
await story.refused("50 API calls more", acme.authorize({ ...calls, estimate: { calls: 50 } }));
const synced = await sync.settle({ usage: { calls: 240 } });
story.say(`240 API calls cost ${synced.charged} credits`);
await story.refused("Another 50", acme.authorize({ ...calls, estimate: { calls: 50 } }));
await story.refused("Another model", acme.authorize({ ...chat, model: "claude", credits: "1" }));
await entitled();
await acme.outcomes.claim({
  type: "resolution",
  customer: "c1",
  topic: "setup",
  conversation: "1",
});
await acme.outcomes.claim({
  type: "resolution",
  customer: "c2",
  topic: "setup",
  conversation: "2",
});
await story.pool();

await story.until("2026-07-20T00:00:00Z", "Prices for a year are negotiated, from August on");
const year = { from: "2026-08-01T00:00:00Z", until: "2027-08-01T00:00:00Z" };
const rates = { multiplier: "0.9", rows: [{ meter: "search", perUnit: { requests: "0.5" } }] };
const seat = { amount: "1200", currency: "USD" };
const terms = { seat, overage: "0.010", rates, ...year };
const agreed = await acme.subscription.put({ negotiated: terms });
story.change("Acme has a price of its own", agreed);
const { negotiatedLater = [] } = agreed.subscription;
for (const { from, until, overage } of negotiatedLater)
  story.say(
    `    ${from?.slice(0, 10)} to ${until?.slice(0, 10)}: overage at ${JSON.stringify(overage)}`,
  );

await story.until(
  "2026-08-02T00:00:00Z",
  "Renewed: some credits rolled over, outcomes are on the invoice",
);
await story.invoices();
await entitled();
const { data } = await acme.invoices.list({ status: "finalized" });
for (const { id, number } of data) await acme.invoices.pay(id, { payment: `bank ${number}` });
story.say(`${data.length} invoices are paid`);
await story.pool();

await story.until(
  "2026-08-15T00:00:00Z",
  "A busy month: a top-up first, then overage, then the cap",
);
const topUp = await cistern.post<TopUp>("/v1/workspaces/acme/top-ups", { pack: "thousand" });
const bought = await cistern.post<TopUp>(`/v1/workspaces/acme/top-ups/${topUp.id}/mark-paid`, {
  payment: "card_1",
});
story.say(`A pack of ${bought.credits} credits is ${bought.status}`);
await acme.debit({ ...chat, credits: "8400" });
const over = await acme.authorize({ ...chat, credits: "2000" });
const paid = await over.settle({ credits: "1900" });
story.say(`Of ${paid.charged} credits ${paid.billed} are billed: the pool had the rest`);
await story.refused("A call for 3000", acme.authorize({ ...chat, credits: "3000" }));
const bad = await acme.debit({ ...chat, credits: "120" });
await acme.refund({ of: bad.id, reason: "wrong answer" });
await acme.debit({ member: "ben", meter: "search", usage: { requests: 30 } });
await story.pool();

await story.until("2026-08-20T00:00:00Z", "Acme leaves at the end of the period");
const left = await acme.subscription.cancel();
story.say(`Until ${left.subscription.period.end.slice(0, 10)}, then: ${left.subscription.atEnd}`);

await story.until("2026-09-02T00:00:00Z", "A last invoice for what was used past the pool");
await story.invoices();
await story.refused("A call after the end", acme.authorize({ ...chat, credits: "10" }));
await story.books("2026-07");
await story.books("2026-08");
await story.end();
