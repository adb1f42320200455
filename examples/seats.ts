/**
 * Per seat, with a shared pool: each seat costs a fee and brings credits, which all members draw from together.
 * Components: seats (minimum, required), included per seat, limits (a cap for each member), top-ups.
 */
import { defineCatalog } from "cistern";
import { Story } from "./story.ts";

const catalog = defineCatalog({
  meters: { chat: { buckets: ["input_text", "output_text"] } },
  rateCards: {
    standard: {
      rows: [{ meter: "chat", perMillion: { input_text: "125", output_text: "1000" } }],
    },
  },
  plans: {
    team: {
      currency: "USD",
      seats: { fee: "20.00", minimum: 3, value: "15.00" },
      included: { credits: "500", per: "seat", value: "5.00" },
      limits: {
        "each-monthly": { scope: { kind: "eachMember" }, cap: { credits: "900", window: "month" } },
      },
    },
  },
});

const story = await Story.begin(
  "Seats: per seat, one shared pool",
  "2026-04-01T00:00:00Z",
  catalog,
);
const { acme } = story;

await story.until("2026-04-01T00:00:00Z", "Three seats");
const few = acme.subscription.put({ plan: "team", seats: 2 });
await story.refused("Two seats", few);
const begun = await acme.subscription.put({ plan: "team", seats: 3 });
story.change("Three seats", begun);
for (const member of ["ana", "ben", "cleo"]) await acme.put.member(member, { kind: "person" });
await story.pool();

await story.until("2026-04-18T00:00:00Z", "The pool is shared: ana uses what ben leaves");
await acme.debit({ member: "ana", credits: "850" });
await acme.debit({ member: "ben", credits: "120" });
await story.refused("ana asks for 100", acme.authorize({ member: "ana", credits: "100" }));
await story.pool();

await story.until("2026-04-18T00:00:00Z", "Three more seats: one line, and their credits at once");
const preview = await acme.subscription.preview({ seats: 6 });
story.change("Preview", preview);
story.change("The act ", await acme.subscription.seats({ seats: 6 }));
story.change("The same again", await acme.subscription.seats({ seats: 6 }));
await story.pool();

await story.until(
  "2026-04-25T00:00:00Z",
  "Two leave: their seats are paid for until the period ends",
);
story.change("Four seats", await acme.subscription.seats({ seats: 4 }));
await acme.deactivateMember("cleo");
await story.refused("cleo asks for 10", acme.authorize({ member: "cleo", credits: "10" }));

await story.until("2026-05-02T00:00:00Z", "The next period has four");
await story.invoices();
await story.pool();
const hold = await acme.authorize({
  member: "ben",
  meter: "chat",
  estimate: { input_text: 400_000, output_text: 800_000 },
});
await hold.settle({ usage: { input_text: 380_000, output_text: 700_000 } });
const { remaining } = await acme.allowance("ben");
story.say(`ben may still spend ${remaining}`);

await story.until(
  "2026-05-20T00:00:00Z",
  "Nobody draws more than the pool has, however many seats there are",
);
await acme.debit({ member: "ana", credits: "900" });
await story.refused("dora asks for 400", acme.authorize({ member: "dora", credits: "400" }));

await story.until(
  "2026-06-01T12:00:00Z",
  "Unused credits of a period do not roll over in this plan",
);
await story.invoices();
await story.books("2026-04");
await story.books("2026-05");
await story.end();
