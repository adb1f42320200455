/**
 * Starter / Professional / Enterprise: a workspace is on one of three plans, each with a fee and credits of its own.
 * Components of each: base, included (with rollover), top-ups. The second one begins with a trial.
 */
import { defineCatalog } from "cistern";
import { Story } from "./story.ts";

// `value` is what a part would cost alone: by it the price is shared between access and credits in the books.
const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text", "output_text"] } },
  rateCards: {
    standard: {
      rows: [{ meter: "chat", perMillion: { input_text: "125", output_text: "1000" } }],
    },
  },
  plans: {
    starter: {
      currency: "USD",
      base: { fee: "100.00", value: "60.00" },
      included: { credits: "5000", value: "40.00" },
      trialDays: 14,
    },
    professional: {
      currency: "USD",
      base: { fee: "250.00", value: "120.00" },
      included: { credits: "15000", value: "130.00", rollover: { percent: "50", periods: 1 } },
    },
    enterprise: {
      currency: "USD",
      base: { fee: "1200.00", value: "700.00" },
      included: { credits: "80000", value: "600.00", rollover: { periods: 3 } },
    },
  },
});

const story = await Story.begin(
  "Tiers: Starter, Professional, Enterprise",
  "2026-01-01T00:00:00Z",
  catalog,
);
const { acme } = story;
const chat = { member: "ana", meter: "chat" };

await story.until("2026-01-02T00:00:00Z", "Two weeks of trial");
const begun = await acme.subscription.put({ plan: "starter" });
story.change("Acme begins with Starter", begun);
await acme.debit({ ...chat, usage: { input_text: 2_000_000, output_text: 1_000_000 } });
await story.pool();
await story.refused("A call for 8000 credits", acme.authorize({ ...chat, credits: "8000" }));

await story.until("2026-01-20T00:00:00Z", "The trial was converted: its usage is billed nothing");
await story.invoices();
await story.pool();

await story.until("2026-01-26T00:00:00Z", "An upgrade in the middle of the period");
await acme.debit({ ...chat, credits: "3000" });
const preview = await acme.subscription.preview({
  plan: "professional",
});
story.change("Preview", preview);
const upgraded = await acme.subscription.put({ plan: "professional" });
story.change("The act ", upgraded);
await story.pool();

await story.until("2026-02-16T02:00:00Z", "Renewed: half of what a period includes may roll over");
await story.invoices();
await story.pool();

await story.until("2026-02-20T00:00:00Z", "A top-up for a large job");
await acme.grant({
  credits: "10000",
  source: "purchase",
  cost: { amount: "9000", currency: "USD" },
});
const job = await acme.authorize({ ...chat, credits: "20000" });
await job.settle({ credits: "19000" });
await story.pool();

await story.until("2026-03-01T00:00:00Z", "A downgrade waits for the end of the period");
const down = await acme.subscription.put({ plan: "starter" });
story.change("Back to Starter", down);

await story.until(
  "2026-03-20T00:00:00Z",
  "What was bought is still there after the change of plan",
);
await story.invoices();
await story.pool();

await story.until("2026-03-24T00:00:00Z", "Acme grows: Enterprise, at once");
const grown = await acme.subscription.put({ plan: "enterprise" });
story.change("To Enterprise", grown);
await acme.debit({ ...chat, credits: "60000" });
await story.pool();

await story.until("2026-04-01T12:00:00Z", "The first quarter is over");
await story.books("2026-03");

await story.until("2026-04-20T00:00:00Z", "Up to three periods may roll over on Enterprise");
await story.invoices();
await story.pool();
await story.end();
