/**
 * Pure consumption: nothing is paid in advance, what was used is billed at the end of the month. Later the customer prepays instead.
 * Components: usage (prices in steps), minimum (a commitment that ramps up), spendCap; then prepaid (usage at list, for less), overage.
 */
import { defineCatalog } from "cistern";
import { Story } from "./story.ts";

// A credit is what a call weighs: here 1 credit is 1,000 tokens, or one page that was read.
const catalog = defineCatalog({
  meters: {
    chat: { buckets: ["input_text", "output_text"] },
    ocr: { buckets: ["pages"] },
  },
  rateCards: {
    standard: {
      rows: [
        { meter: "chat", perThousand: { input_text: "1", output_text: "4" } },
        { meter: "ocr", perUnit: { pages: "1" } },
      ],
    },
  },
  plans: {
    metered: {
      currency: "USD",
      usage: {
        chat: {
          kind: "graduated",
          tiers: [
            { upTo: 10_000, price: "0" },
            { upTo: 500_000, price: "0.003" },
            { price: "0.002" },
          ],
        },
        ocr: { kind: "package", per: 1000, price: "1.50" },
      },
      spendCap: "2500.00",
      minimum: { amounts: ["500.00", "500.00", "1000.00"] },
      finalizeAfter: "P2D",
    },
    prepaid: {
      currency: "USD",
      prepaid: {
        terms: [{ price: "1500.00", list: "1800.00" }],
        creditPrice: "0.003",
        periods: 3,
        rollover: { percent: "50" },
      },
      overage: { kind: "bill", price: "0.0035" },
    },
  },
});

const story = await Story.begin(
  "Consumption: postpaid, with a commitment and a spend cap",
  "2026-01-01T00:00:00Z",
  catalog,
);
const { acme } = story;
/** Tokens in millions, as many out as a tenth of those in. */
const call = (millions: number) => ({
  member: "pipeline",
  meter: "chat",
  usage: { input_text: millions * 1_000_000, output_text: millions * 100_000 },
});

await story.until("2026-01-01T00:00:00Z", "Acme commits to 500, 500 and then 1000 dollars a month");
const plan = { plan: "metered" };
story.change("Begun", await acme.subscription.put(plan));

await story.until("2026-01-10T00:00:00Z", "January is quiet");
await acme.debit(call(50));
await acme.debit({ member: "pipeline", meter: "ocr", usage: { pages: 4_200 } });
const hold = await acme.authorize({ member: "ana", meter: "chat", credits: "3000" });
story.say(`A hold needs no pool: ${hold.credits} credits are set aside to be billed`);
const settled = await hold.settle({ usage: { input_text: 900_000, output_text: 300_000 } });
story.say(`It is charged ${settled.charged}, of which ${settled.billed} are billed`);

await story.until("2026-02-05T00:00:00Z", "The commitment was more than what was used");
await story.invoices();

await story.until(
  "2026-02-20T00:00:00Z",
  "February is busy: calls are refused before they cost more than the cap",
);
await acme.debit(call(600));
const ask = { member: "pipeline", meter: "chat", credits: "140000" };
const near = await acme.authorize(ask);
story.say(`${near.credits} credits more are allowed`);
await story.refused("And as many again", acme.authorize(ask));
await near.release();
await acme.debit(call(400));
story.say("What has happened already is never refused: it is billed past the cap");
await story.refused("A small call", acme.authorize({ ...ask, credits: "1000" }));

await story.until("2026-03-02T00:00:00Z", "Late usage of February is still on its invoice");
await acme.debit({ ...call(10), occurredAt: "2026-02-28T22:00:00Z" });

await story.until("2026-03-05T00:00:00Z", "More than the commitment: nothing is added");
await story.invoices();
story.say((await acme.quote(ask)).allowed ? "A new month, a new cap" : "Still refused");
await acme.debit(call(200));

await story.until("2026-04-05T00:00:00Z", "March: the commitment is 1000 now");
await story.invoices();
for (const month of ["2026-01", "2026-02", "2026-03"]) await story.books(month);

await story.until(
  "2026-04-10T00:00:00Z",
  "From May on Acme prepays a quarter: 1800 dollars at list for 1500",
);
await acme.debit(call(300));
// No less than what is left of the commitment to 500, 500 and 1000, so it takes that one's place.
story.change("Planned", await acme.subscription.put({ plan: "prepaid", change: "period_end" }));

await story.until("2026-05-20T00:00:00Z", "What is prepaid is drawn down");
await story.invoices();
await acme.debit(call(250));
await story.pool();

await story.until("2026-06-20T00:00:00Z", "More than it: the rest is overage");
await acme.debit(call(200));
await story.pool();

await story.until("2026-08-05T00:00:00Z", "The next quarter, and the overage of June");
await story.invoices();
await acme.debit(call(100));

await story.until("2026-11-05T00:00:00Z", "Half of a quarter may go on into the next");
await story.invoices();
await story.pool();
for (const month of ["2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"])
  await story.books(month);
await story.end();
