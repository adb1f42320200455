import { after, scenarios } from "./check.ts";
import { day, debit, grant, hour, noon, open, release, settle } from "./commands.ts";

/** Golden figures of FINANCE, section 4: those that need no plan. Signs: debit positive, as there. */
const bought = grant("E1", 10_000, { cost: 10_000 });
const three = grant("three", 3, { cost: 100 });
const seven = grant("seven", 7, { cost: 100, until: noon + hour });

scenarios("golden entries", [
  {
    name: "E2 using 2,500 of 10,000 credits bought for 100.00",
    given: [bought],
    when: debit("d", 2_500),
    expect: { books: { "Deferred:E1": 2_500, Usage: -2_500 } },
  },
  {
    name: "E3 a lot of 3 credits for 1.00, used one by one: first 33",
    given: [three],
    when: debit("d1", 1),
    expect: { books: { "Deferred:three": 33, Usage: -33 } },
  },
  {
    name: "E3 then 34",
    given: [three, debit("d1", 1)],
    when: debit("d2", 1),
    expect: { books: { "Deferred:three": 34, Usage: -34 } },
  },
  {
    name: "E3 then 33",
    given: [three, debit("d1", 1), debit("d2", 1)],
    when: debit("d3", 1),
    expect: { books: { "Deferred:three": 33, Usage: -33 } },
  },
  {
    name: "E4 a promotion burns before two purchases, and brings no revenue",
    given: [
      grant("promo", 500, { priority: 0 }),
      grant("B", 1_000, { cost: 800 }),
      after(1, grant("C", 1_000, { cost: 1_000 })),
    ],
    when: debit("d", 1_800),
    expect: { books: { "Deferred:B": 800, "Deferred:C": 300, Usage: -1_100 } },
  },
  {
    name: "E5 a lot that expires with 700 of 1,000 left",
    given: [grant("C", 1_000, { cost: 1_000, until: noon + hour }), debit("d", 300)],
    when: { afterMs: hour },
    expect: { due: ["credits.expired"], books: { "Deferred:C": 700, Breakage: -700 } },
  },
  {
    name: "E8b a promotion without purchase posts credits only",
    when: grant("promo", 500, { source: "promotion" }),
    expect: { books: {}, moved: { Issued: -500, "Available:promo": 500 } },
  },
  {
    name: "E10b 7 credits for 1.00: 3 used are 43",
    given: [seven],
    when: debit("d", 3),
    expect: { books: { "Deferred:seven": 43, Usage: -43 } },
  },
  {
    name: "E10b what is left, 57, splits 29 used and 28 expired: of equal parts the first gets the unit",
    given: [seven, debit("d", 3), open("h", 4, { ttlMs: day })],
    when: after(hour, settle("h", 2)),
    expect: {
      due: ["credits.expired"],
      books: { "Deferred:seven": 57, Usage: -29, Breakage: -28 },
      lots: { seven: { consumed: 5, expired: 2 } },
    },
  },
  {
    name: "E17 a hold of 1,000 posts nothing",
    given: [bought],
    when: open("h", 1_000),
    expect: { books: {}, moved: {} },
  },
  {
    name: "E17 its capture of 640 alone posts, and the release of the other 360 does not",
    given: [bought, open("h", 1_000)],
    when: settle("h", 640),
    expect: {
      books: { "Deferred:E1": 640, Usage: -640 },
      moved: { "Available:E1": -640, Consumed: 640 },
    },
  },
  {
    name: "E17 nor does a release",
    given: [bought, open("h", 1_000)],
    when: release("h"),
    expect: { books: {}, moved: {} },
  },
  {
    name: "E17 nor a timeout",
    given: [bought, open("h", 1_000)],
    when: { afterMs: hour },
    expect: { due: ["hold.expired"], books: {}, moved: {} },
  },
  {
    name: "E23 late usage of a lot that expired: breakage becomes usage, dated when it is posted",
    given: [
      grant("july", 100, { cost: 100, until: noon + 2 * hour }),
      open("h", 60, { ttlMs: hour }),
    ],
    when: after(3 * day, settle("h", 40)),
    expect: {
      due: ["hold.expired", "credits.expired"],
      books: { Breakage: 40, Usage: -40 },
      event: { at: noon + 3 * day, authorizedAt: noon, isLate: true },
    },
  },
]);
