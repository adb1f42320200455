/**
 * All at once: a fee and seats with included credits, a top-up, overage that is billed within a spend cap, and outcomes.
 * It also pays its invoices, cancels at the end, and follows one call from its hold to the books.
 */
import { defineCatalog } from "cistern";
import { Story } from "./story.ts";

const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text", "output_text"] }, search: { buckets: ["requests"] } },
  rateCards: {
    standard: {
      rows: [
        { meter: "chat", model: "gpt-5", perMillion: { input_text: "125", output_text: "1000" } },
        { meter: "chat", model: "*-mini", perMillion: { input_text: "25", output_text: "200" } },
        { meter: "search", perUnit: { requests: "1" } },
      ],
    },
  },
  outcomes: { resolution: { kind: "conversation" } },
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
const { acme } = story;
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

await story.until(
  "2026-08-02T00:00:00Z",
  "Renewed: some credits rolled over, outcomes are on the invoice",
);
await story.invoices();
const { data } = await acme.invoices.list({ status: "finalized" });
for (const { id, number } of data) await acme.invoices.pay(id, { payment: `bank ${number}` });
story.say(`${data.length} invoices are paid`);
await story.pool();

await story.until(
  "2026-08-15T00:00:00Z",
  "A busy month: a top-up first, then overage, then the cap",
);
await acme.grant({
  credits: "1000",
  source: "purchase",
  cost: { amount: "1000", currency: "USD" },
  payment: "received",
  reference: "card 1",
});
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
