/**
 * Outcome-based: the customer pays for conversations that were resolved, whatever they cost the vendor.
 * Components: outcomes (a conversation, a quantity). Nothing else is charged.
 */
import type { BillableOutcome } from "@cistern/contract";
import { defineCatalog } from "cistern";
import { Story, print } from "./story.ts";

const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text", "output_text"] } },
  rateCards: {
    standard: { rows: [{ meter: "chat", perMillion: { input_text: "0", output_text: "0" } }] },
  },
  outcomes: {
    // A chat is resolved when its customer has been silent for a day; within two weeks it may come back.
    resolution: { kind: "conversation", parts: { assisted: "50" } },
    document: { kind: "quantity" },
  },
  plans: {
    resolved: {
      currency: "USD",
      outcomes: {
        resolution: "0.99",
        document: { kind: "graduated", tiers: [{ upTo: 100, price: "0.10" }, { price: "0.05" }] },
      },
    },
  },
});

const story = await Story.begin(
  "Outcomes: per resolved conversation",
  "2026-02-01T00:00:00Z",
  catalog,
);
const { acme } = story;
const outcomes = acme.outcomes;

const conversationOf = (customer: string) => ({
  customer,
  topic: "refund",
  conversation: `${customer}-1`,
});
/** Claims that a conversation is resolved. */
const resolve = (customer: string, said: object = {}): Promise<BillableOutcome> =>
  outcomes.claim({
    type: "resolution",
    ...conversationOf(customer),
    ...said,
  });
const tell = async (what: string, id: string): Promise<void> => {
  const { status, reason, amount } = await outcomes.get(id);
  const why = reason === undefined ? "" : `, ${reason}`;
  story.say(`${what}: ${status}${why}${amount === undefined ? "" : `, ${print(amount)}`}`);
};

await story.until("2026-02-01T00:00:00Z", "Acme pays 0.99 for each resolved conversation");
await acme.subscription.put({ plan: "resolved" });

await story.until(
  "2026-02-05T09:00:00Z",
  "A hundred conversations are resolved, and some that only look like it",
);
const claims: BillableOutcome[] = [];
for (let number = 1; number <= 100; number += 1) claims.push(await resolve(`customer-${number}`));
const [first, second, third] = claims;
const half = await resolve("customer-101", { part: "assisted" });
const again = await resolve("customer-1", { conversation: "customer-1-b" });
const test = await resolve("staff", { test: true });
const empty = await resolve("customer-102", { substantive: false });
const human = await resolve("customer-103");
await outcomes.signal({ kind: "handover", ...conversationOf("customer-103") });
await tell("An ordinary claim waits a day", third?.id ?? "");
await tell("Resolved with help, at half", half.id);
await tell("The same customer's second conversation", again.id);
await tell("Test traffic", test.id);
await tell("No substantive answer", empty.id);
await tell("A person took over", human.id);

await story.until("2026-02-06T10:00:00Z", "Nobody wrote for a day: they are billed");
await tell("An ordinary claim", third?.id ?? "");
await tell("Resolved with help", half.id);
await tell("The first of two conversations", first?.id ?? "");
await tell("The second of them", again.id);

await story.until("2026-02-10T12:00:00Z", "Two customers come back, and one is disputed");
await outcomes.signal({ kind: "contact", ...conversationOf("customer-2") });
await outcomes.reopen(third?.id ?? "");
await outcomes.dispute(claims[3]?.id ?? "", { reason: "wrong answer" });
await outcomes.dispute(claims[3]?.id ?? "", { resolution: "upheld" });
await tell("Wrote again within two weeks", second?.id ?? "");
await tell("Reopened", third?.id ?? "");
await tell("The dispute was upheld", claims[3]?.id ?? "");

await story.until("2026-02-20T12:00:00Z", "Documents are counted one by one");
const sale = { type: "sale", quantity: 1 };
await story.refused("A sale, which is not in the plan", outcomes.claim(sale));
const batch = await outcomes.claim({ type: "document", quantity: 140 });
await tell("140 documents", batch.id);
const unhappy = await resolve("customer-104");

await story.until("2026-03-02T00:00:00Z", "The invoice of February");
await story.invoices();

await outcomes.signal({ kind: "negative_feedback", ...conversationOf("customer-104") });
await tell("Billed in February, and not content after all", unhappy.id);

await story.until(
  "2026-04-02T00:00:00Z",
  "What is taken back later is on a later invoice; issued ones never change",
);
await story.invoices();
await story.books("2026-02");
await story.books("2026-03");
await story.end();
