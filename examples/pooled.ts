/**
 * Pure pooled credits: a workspace buys credits, all of its people and agents draw from one pool, and nothing renews.
 * Components: top-ups (a pack), limits. No plan.
 */
import { defineCatalog } from "cistern";
import { Story } from "./story.ts";

const catalog = defineCatalog({
  meters: {
    chat: { buckets: ["input_text", "output_text"] },
    image: { buckets: ["images"] },
  },
  rateCards: {
    standard: {
      rows: [
        { meter: "chat", model: "gpt-5*", perMillion: { input_text: "125", output_text: "1000" } },
        { meter: "image", perUnit: { images: "4" } },
      ],
    },
  },
  packs: {
    large: { currency: "USD", price: "100.00", credits: "10000", expiresAfter: "P2M" },
  },
});

const story = await Story.begin("Pooled: one pool for all", "2026-01-01T09:00:00Z", catalog);
const { acme } = story;

await story.until("2026-01-05T09:00:00Z", "Acme signs up, and buys");
const soon = "2026-02-01T00:00:00Z";
await acme.grant({ credits: "500", source: "promotion", priority: 10, expiresAt: soon });
const order = await acme.topUps.buy({ pack: "large" });
story.say(`A pack is ordered: ${order.credits} credits, ${order.status}`);
const paid = await acme.topUps.markPaid(order.id, { payment: "bank 4711" });
story.say(`Its bank transfer came: ${paid.status}`);
await acme.put.group("design", { name: "Design" });
await acme.put.member("ana", { kind: "person", groups: ["design"] });
await acme.put.member("bot", { kind: "agent", sponsor: "ana" });
await acme.put.limit("each-monthly", {
  scope: { kind: "eachMember" },
  cap: { credits: "6000", window: "month" },
});
// Set aside for the group design, and only for images.
await acme.grant({
  credits: "40",
  source: "promotion",
  appliesTo: { meters: ["image"], groups: ["design"] },
});
await story.pool();

await story.until(
  "2026-01-12T10:00:00Z",
  "Before each call credits are set aside; after it the rest returns",
);
const estimate = { input_text: 200_000, output_text: 600_000 };
const hold = await acme.authorize({ member: "ana", meter: "chat", model: "gpt-5", estimate });
story.say(`ana's call: ${hold.credits} credits are set aside`);
const settled = await hold.settle({ usage: { input_text: 180_000, output_text: 450_000 } });
story.say(
  `It is charged ${settled.charged}; ${settled.returned} return to the lot that they came from`,
);
const picture = { member: "ana", meter: "image", estimate: { images: 12 } };
const images = await (await acme.authorize(picture)).settle({ usage: { images: 12 } });
story.say(`12 images for ana: ${images.charged} credits, of ${images.lots.length} lots`);
await story.pool();

await story.until("2026-01-20T10:00:00Z", "A heavy user meets the cap, and not the others");
const heavy = await acme.authorize({ member: "bot", credits: "5000" });
await heavy.settle({ credits: "5000" });
await story.refused("bot asks for 900 more", acme.authorize({ member: "bot", credits: "900" }));
const { remaining } = await acme.allowance("ben");
story.say(`ben may still spend ${remaining}`);
const failed = await acme.debit({ member: "ben", credits: "250" });
await acme.refund({ of: failed.id, reason: "the answer was cut off" });
story.say("ben's call failed, and its 250 credits are back where they came from");

await story.until("2026-02-10T10:00:00Z", "The promotion is over; a new month, a new cap");
await story.pool();
await acme.debit({ member: "bot", credits: "3900" });
await story.refused("carl asks for 1200", acme.authorize({ member: "carl", credits: "1200" }));

await story.until("2026-03-10T10:00:00Z", "What was left has expired: it is breakage");
await story.pool();
for (const month of ["2026-01", "2026-02"]) await story.books(month);
await story.until("2026-04-01T12:00:00Z", "And March");
await story.books("2026-03");
await story.end();
