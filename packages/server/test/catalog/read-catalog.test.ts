import assert from "node:assert/strict";
import { test } from "node:test";
import { printCredits } from "@cistern/contract";
import { type RateRow, type Usage, findPrice, rate } from "@cistern/kernel";
import * as fc from "fast-check";
import { CatalogFault, readCatalog } from "../../src/catalog/index.ts";

const chat = { meter: "chat", model: "gpt-5", perMillion: { input_text: "2.5" } };
/** Meters as the rows have them: a row prices every bucket of its meter, and every meter has rows. */
const withRows = (...rows: readonly object[]) => {
  const text = JSON.stringify(rows);
  const buckets = ["input_text", ...(text.includes("output_text") ? ["output_text"] : [])];
  const image = text.includes('"image"') ? { image: { buckets: ["images"] } } : {};
  return { meters: { chat: { buckets }, ...image }, rateCards: { standard: { rows } } };
};

const pick = (row: RateRow | undefined) => ({ per: row?.per, prices: row?.prices });

/** What is wrong with a catalog, by place. */
function problemsOf(catalog: unknown): Readonly<Record<string, string>> {
  try {
    readCatalog(catalog, "cistern.config.ts");
  } catch (error) {
    assert.ok(error instanceof CatalogFault, String(error));
    for (const { path, message } of error.problems)
      assert.ok(error.message.includes(`  ${path === "" ? "/" : path} ${message}`));
    return Object.fromEntries(error.problems.map(({ path, message }) => [path, message]));
  }
  return {};
}

test("prices are exact, however small, and of whatever number of units they are", () => {
  const { rateCards } = readCatalog(
    withRows(
      {
        ...chat,
        perMillion: { input_text: "2.5" },
        perThousand: { output_text: "0.000000000001" },
      },
      { meter: "image", perUnit: { images: "4" } },
    ),
    "catalog",
  );
  const [tokens, images] = rateCards.get("standard")?.rows ?? [];
  assert.deepEqual(pick(tokens), {
    per: 1_000_000_000n,
    prices: { input_text: 2_500_000_000n, output_text: 1n },
  });
  assert.deepEqual(pick(images), { per: 1n, prices: { images: 4_000_000n } });
});

/** Credits for a call, by the first row. */
function cost(row: object, usage: Usage, card: object = {}): string {
  const { meters, rateCards } = withRows(row);
  const { standard } = rateCards;
  const catalog = readCatalog(
    { meters, rateCards: { standard: { ...standard, ...card } } },
    "catalog",
  );
  const found = findPrice(catalog.rateCards.get("standard") ?? assert.fail(), {
    meter: "chat",
    model: "gpt-5",
    attributes: null,
  });
  assert.ok(found.kind === "price");
  return printCredits(rate(found.price, usage) ?? assert.fail());
}

test("prices are multiplied exactly, by the row's and by the card's multiplier; a minimum is not", () => {
  const row = { ...chat, perMillion: { input_text: "125" }, multiplier: "1.1" };
  assert.equal(cost(row, { input_text: 1_000_000 }), "137.5");
  assert.equal(
    cost(row, { input_text: 1_000_000 }, { multiplier: "1.333333333333" }),
    "183.333333",
  );
  assert.equal(cost({ ...row, minimum: "0.5" }, { input_text: 1 }, { multiplier: "2" }), "0.5");
});

test("a row rounds the last micro-credit as it says", () => {
  const row = { ...chat, perMillion: { input_text: "0.1" } };
  const costs = [undefined, "half", "up", "down"].map((rounding) =>
    cost({ ...row, ...(rounding === undefined ? {} : { rounding }) }, { input_text: 14 }),
  );
  assert.deepEqual(costs, ["0.000001", "0.000001", "0.000002", "0.000001"]);
});

test("a long context costs what its tier says, and a bucket that the tier leaves out what it did before", () => {
  const row = {
    ...chat,
    perMillion: { input_text: "125", output_text: "1000" },
    context: {
      buckets: ["input_text"],
      tiers: [
        { above: 200_000, perMillion: { input_text: "250" } },
        { above: 500_000, perThousand: { output_text: "2" } },
      ],
    },
  };
  const costs = [200_000, 200_001, 500_001].map((input_text) =>
    cost(row, { input_text, output_text: 1_000 }),
  );
  assert.deepEqual(costs, ["26", "51.00025", "127.00025"]);
});

test("what a meter charges by outcome goes with every row of it, and with the version", () => {
  const { rateCards, meters } = withRows(chat, { meter: "image", perUnit: { images: "1" } });
  const outcomes = { failed: "estimate", unmeasured: "nothing" };
  const read = readCatalog(
    { rateCards, meters: { ...meters, chat: { ...meters.chat, outcomes } } },
    "c",
  );
  const card = read.rateCards.get("standard");
  assert.deepEqual(
    card?.rows.map((row) => row.outcomes),
    [outcomes, undefined],
  );
  assert.notEqual(
    card?.id,
    readCatalog(withRows(chat, { meter: "image", perUnit: { images: "1" } }), "c").rateCards.get(
      "standard",
    )?.id,
  );
});

test("a version of a rate card is named after its content, however much else the catalog changes", () => {
  const idOf = (catalog: unknown) => readCatalog(catalog, "c").rateCards.get("standard")?.id;
  const { meters, rateCards } = withRows(chat);
  const search = { rows: [{ meter: "search", perUnit: { requests: "1" } }] };
  const more = {
    meters: { ...meters, search: { buckets: ["requests"] } },
    rateCards: { ...rateCards, search },
  };
  assert.match(idOf(more) ?? "", /^standard@[0-9a-f]{16}$/);
  assert.equal(idOf(more), idOf(withRows(chat)));
  assert.notEqual(idOf(withRows({ ...chat, minimum: "1" })), idOf(withRows(chat)));
});

test("a row is named by what it is for, whatever order its attributes were written in", () => {
  const rows = [
    { ...chat, model: "gpt-*", attributes: { tier: "batch", region: "eu" } },
    { meter: "image", perUnit: { images: "1" } },
  ];
  const { rateCards } = readCatalog(withRows(...rows), "catalog");
  assert.deepEqual(
    rateCards.get("standard")?.rows.map(({ id }) => id),
    ["chat/gpt-*?region=eu&tier=batch", "image/*"],
  );
});

test("rows for different calls have different names, whatever stands in their attributes", () => {
  const rows = [
    { ...chat, attributes: { a: "1&b=2" } },
    { ...chat, attributes: { a: "1", b: "2" } },
  ];
  const { rateCards } = readCatalog(withRows(...rows), "catalog");
  const ids = rateCards.get("standard")?.rows.map(({ id }) => id);
  assert.equal(new Set(ids).size, 2, String(ids));
});

test("equal catalogs have one hash, and any change of content another", () => {
  const hash = (catalog: unknown) => readCatalog(catalog, "catalog").hash;
  const { meters, rateCards } = withRows(chat);
  assert.equal(hash({ rateCards, meters }), hash({ meters, rateCards }));
  assert.notEqual(hash(withRows(chat)), hash(withRows({ ...chat, model: "gpt-5*" })));
  assert.match(hash(withRows(chat)), /^[0-9a-f]{64}$/);
});

test("what a row costs the vendor is exact, of whatever currency, multiplied by nothing, and may fall with the context", () => {
  const charged = {
    perMillion: { input_text: "0.03125" },
    context: { buckets: ["input_text"], tiers: [{ above: 9, perMillion: { input_text: "0.03" } }] },
  };
  const rowOf = (currency: string) => {
    const row = { ...chat, multiplier: "3", cost: { currency, ...charged } };
    return readCatalog(withRows(row), "catalog").rateCards.get("standard")?.rows[0]?.cost;
  };
  assert.deepEqual(rowOf("USD"), {
    currency: "USD",
    per: 1n,
    prices: { input_text: 3_125n },
    context: { buckets: ["input_text"], tiers: [{ above: 9, prices: { input_text: 3_000n } }] },
  });
  const { per, prices } = rowOf("JPY") ?? {};
  assert.deepEqual([per, prices], [4n, { input_text: 125n }]);
});

test("costs are posted unless the catalog keeps them out of the books, and that is another version of the card", () => {
  const row = { ...chat, cost: { currency: "USD", perMillion: { input_text: "1" } } };
  const cardOf = (said: object) => {
    const card = readCatalog({ ...withRows(row), ...said }, "catalog").rateCards.get("standard");
    return [card?.rows[0]?.cost?.isOffBooks, card?.id] as const;
  };
  const [silent, on, off] = [
    {},
    { books: { modelCost: true } },
    { books: { modelCost: false } },
  ].map(cardOf);
  assert.deepEqual(silent, on);
  assert.deepEqual([silent?.[0], off?.[0]], [undefined, true]);
  assert.notEqual(silent?.[1], off?.[1]);
});

const tiers = (...all: readonly object[]) => ({
  ...chat,
  context: { buckets: ["input_text"], tiers: all },
});
const refused: readonly (readonly [string, unknown, string, RegExp])[] = [
  ["no object", [], "", /object/],
  ["no meters", { ...withRows(chat), meters: {} }, "/meters", /fewer than 1|properties/],
  ["an unknown field", { ...withRows(chat), colour: "blue" }, "", /colour/],
  [
    "an unknown meter",
    withRows({ ...chat, meter: "paint" }),
    "/rateCards/standard/rows/0/meter",
    /paint.*chat/,
  ],
  [
    "a meter that every object inherits",
    withRows({ ...chat, meter: "constructor" }),
    "/rateCards/standard/rows/0/meter",
    /constructor/,
  ],
  [
    "an unknown bucket",
    withRows({ ...chat, perMillion: { images: "1" } }),
    "/rateCards/standard/rows/0/perMillion/images",
    /no bucket of chat, which has input_text/,
  ],
  [
    "a price below zero",
    withRows({ ...chat, perMillion: { input_text: "-1" } }),
    "/rateCards/standard/rows/0/perMillion/input_text",
    /^is "[^"]*", which does not fit: [A-Za-z]/,
  ],
  [
    "a price that is a number",
    withRows({ ...chat, perMillion: { input_text: 2.5 } }),
    "/rateCards/standard/rows/0/perMillion/input_text",
    /string/,
  ],
  [
    "a price that is no number",
    withRows({ ...chat, perMillion: { input_text: "NaN" } }),
    "/rateCards/standard/rows/0/perMillion/input_text",
    /^is "[^"]*", which does not fit: [A-Za-z]/,
  ],
  ["no price at all", withRows({ meter: "chat" }), "/rateCards/standard/rows/0", /no price/],
  [
    "a bucket priced twice",
    withRows({ ...chat, perUnit: { input_text: "1" } }),
    "/rateCards/standard/rows/0/perUnit/input_text",
    /twice/,
  ],
  [
    "a star for a model",
    withRows({ ...chat, model: "*" }),
    "/rateCards/standard/rows/0/model",
    /leave it out/,
  ],
  [
    "text that has no UTF-8",
    withRows({ ...chat, model: "\ud800" }),
    "/rateCards/standard/rows/0/model",
    /^is "[^"]*", which does not fit: [A-Za-z]/,
  ],
  [
    "a multiplier of zero",
    withRows({ ...chat, multiplier: "0.0" }),
    "/rateCards/standard/rows/0/multiplier",
    /is 0/,
  ],
  [
    "a minimum below zero",
    withRows({ ...chat, minimum: "-1" }),
    "/rateCards/standard/rows/0/minimum",
    /^is "[^"]*", which does not fit: [A-Za-z]/,
  ],
  [
    "a rounding that is none",
    withRows({ ...chat, rounding: "even" }),
    "/rateCards/standard/rows/0/rounding",
    /half|allowed|enum/,
  ],
  [
    "a context of an unknown bucket",
    withRows({
      ...tiers({ above: 1, perUnit: { input_text: "1" } }),
      context: { buckets: ["words"], tiers: [{ above: 1, perUnit: { input_text: "1" } }] },
    }),
    "/rateCards/standard/rows/0/context/buckets/0",
    /no bucket of chat/,
  ],
  [
    "tiers that do not rise",
    withRows(
      tiers({ above: 5, perUnit: { input_text: "1" } }, { above: 5, perUnit: { input_text: "2" } }),
    ),
    "/rateCards/standard/rows/0/context/tiers/1/above",
    /not more than the 5/,
  ],
  [
    "a tier that makes a longer context cheaper",
    withRows(tiers({ above: 5, perMillion: { input_text: "2.4" } })),
    "/rateCards/standard/rows/0/context/tiers/0",
    /below what a shorter context costs/,
  ],
  [
    "a tier for a bucket that has no price",
    withRows(tiers({ above: 5, perMillion: { output_text: "1" } })),
    "/rateCards/standard/rows/0/context/tiers/0",
    /no price/,
  ],
  [
    "a tier without a price",
    withRows(tiers({ above: 5 })),
    "/rateCards/standard/rows/0/context/tiers/0",
    /no price/,
  ],
  [
    "an outcome that is none",
    {
      ...withRows(chat),
      meters: { chat: { buckets: ["input_text"], outcomes: { lost: "nothing" } } },
    },
    "/meters/chat/outcomes",
    /lost/,
  ],
  [
    "a charge by usage where there is none",
    {
      ...withRows(chat),
      meters: { chat: { buckets: ["input_text"], outcomes: { unmeasured: "usage" } } },
    },
    "/meters/chat/outcomes/unmeasured",
    /^must be one of \["nothing","estimate"\]$/,
  ],
  [
    "a cost in no currency",
    withRows({ ...chat, cost: { currency: "ZZZ", perMillion: { input_text: "1" } } }),
    "/rateCards/standard/rows/0/cost/currency",
    /ZZZ, which is no currency/,
  ],
  [
    "a cost without a price",
    withRows({ ...chat, cost: { currency: "USD" } }),
    "/rateCards/standard/rows/0/cost",
    /no price|no input_text/,
  ],
  [
    "a cost that leaves out a bucket which has a price",
    withRows({ ...chat, cost: { currency: "USD", perMillion: { output_text: "1" } } }),
    "/rateCards/standard/rows/0/cost",
    /has no input_text, for which the row has a price/,
  ],
  [
    "a cost of an unknown bucket",
    withRows({ ...chat, cost: { currency: "USD", perMillion: { images: "1" } } }),
    "/rateCards/standard/rows/0/cost/perMillion/images",
    /no bucket of chat/,
  ],
  [
    "a cost below zero",
    withRows({ ...chat, cost: { currency: "USD", perMillion: { input_text: "-1" } } }),
    "/rateCards/standard/rows/0/cost/perMillion/input_text",
    /^is "[^"]*", which does not fit: [A-Za-z]/,
  ],
  [
    "a minimum of a level",
    {
      ...withRows({ ...chat, minimum: "1" }),
      meters: { chat: { kind: "level", buckets: ["input_text"] } },
    },
    "/rateCards/standard/rows/0/minimum",
    /is of a call; chat measures a level/,
  ],
  [
    "outcomes of a level",
    {
      ...withRows(chat),
      meters: { chat: { kind: "level", buckets: ["input_text"], outcomes: { failed: "usage" } } },
    },
    "/meters/chat/outcomes",
    /are of calls/,
  ],
  [
    "a row that leaves out a bucket of its meter",
    withRows(chat, { ...chat, model: "gpt-*", perMillion: { input_text: "1", output_text: "0" } }),
    "/rateCards/standard/rows/0",
    /has no price of output_text, which is a bucket of chat: say one for chat\/gpt-5, "0" where it is free/,
  ],
  [
    "a meter without any row",
    { ...withRows(chat), meters: { chat: { buckets: ["input_text"] }, ghost: { buckets: ["x"] } } },
    "/meters/ghost",
    /has no row in any rate card/,
  ],
  ["a row twice", withRows(chat, chat), "/rateCards/standard/rows/1", /row 0/],
  [
    "patterns of which neither is more specific",
    withRows({ ...chat, model: "gpt-*" }, { ...chat, model: "*-pro" }),
    "/rateCards/standard/rows/1",
    /neither is more specific/,
  ],
];
for (const [what, catalog, path, words] of refused)
  test(`a catalog with ${what} is refused at its place`, () => {
    assert.match(problemsOf(catalog)[path] ?? "nothing there", words);
  });

test("a catalog that was pushed before prices had to be whole is read as it was", () => {
  const holed = {
    meters: { chat: { buckets: ["input_text", "output_text"] }, ghost: { buckets: ["x"] } },
    rateCards: { standard: { rows: [chat] } },
  };
  assert.equal(Object.keys(problemsOf(holed)).length, 2);
  assert.equal(readCatalog(holed, "pushed", { isPushed: true }).meters.size, 2);
  assert.throws(
    () => readCatalog({ ...holed, colour: 1 }, "pushed", { isPushed: true }),
    CatalogFault,
  );
});

test("a plan whose rate card lacks a meter that it opens, prices or includes is refused there", () => {
  const { meters, rateCards } = withRows(chat, { meter: "image", perUnit: { images: "1" } });
  const gold = { rows: [chat] };
  const plan = { currency: "USD", rateCard: "gold" };
  const problems = problemsOf({
    meters,
    rateCards: { ...rateCards, gold },
    plans: {
      opens: { ...plan, meters: ["chat", "im*"] },
      prices: { ...plan, usage: { image: "1", chat: "1", "*": "2" } },
      includes: { ...plan, allowances: { image: { images: { included: "5" } } } },
      all: { ...plan, features: ["sso"] },
      standard: { currency: "USD", meters: ["*"], usage: { image: "1" } },
    },
  });
  const message = "is of image, of which the plan's rate card gold has no row";
  assert.deepEqual(problems, {
    "/plans/opens/meters/1": message,
    "/plans/prices/usage/image": message,
    "/plans/includes/allowances/image": message,
  });
});

test("every fault is listed, not the first few", () => {
  const bad = { meter: "paint", model: "*", perMillion: { colour: "1" } };
  const rows = Array.from({ length: 12 }, (_, index) => ({
    ...bad,
    attributes: { n: `${index}` },
  }));
  const semantic = problemsOf(withRows(...rows));
  assert.equal(Object.keys(semantic).length, 25, "of the meter too, which no row prices");
  const shapes = problemsOf(
    withRows(
      ...rows.map((_, index) => ({ ...chat, model: `m${index}`, perMillion: { input_text: 1 } })),
    ),
  );
  assert.equal(Object.keys(shapes).length, 12);
});

test("faults of the form hide no fault of the meaning, wherever else it stands", () => {
  const problems = problemsOf({
    meters: { chat: { buckets: ["input_text"] }, image: { buckets: [] } },
    rateCards: {
      standard: {
        rows: [
          { ...chat, perMillion: { input_text: -1 } },
          { ...chat, meter: "paint" },
          chat,
          chat,
        ],
      },
      other: {
        multiplier: "0",
        rows: [{ meter: "image", perUnit: { images: "1" } }],
        colour: "blue",
      },
    },
    extra: true,
  });
  assert.deepEqual(Object.keys(problems).toSorted(), [
    "",
    "/meters/image/buckets",
    "/rateCards/other",
    "/rateCards/other/multiplier",
    "/rateCards/standard/rows/0/perMillion/input_text",
    "/rateCards/standard/rows/1/meter",
    "/rateCards/standard/rows/2",
    "/rateCards/standard/rows/3",
  ]);
});

test("rows of different meters, or that no call matches both, stand side by side", () => {
  const rows = [
    chat,
    { ...chat, model: "gpt-5*" },
    { ...chat, attributes: { tier: "batch" } },
    { meter: "image", model: "gpt-5", perUnit: { images: "1" } },
  ];
  assert.deepEqual(problemsOf(withRows(...rows)), {});
});

test("as many rows as a card may have are read, and one that is written twice is found among them", () => {
  const rows = Array.from({ length: 9_999 }, (_, index) => ({
    ...chat,
    model: index % 10 === 0 ? `family-${index}-*` : `model-${index}`,
  }));
  assert.deepEqual(problemsOf(withRows(...rows)), {});
  const [path] = Object.keys(problemsOf(withRows(...rows, { ...chat, model: "model-7" })));
  assert.equal(path, "/rateCards/standard/rows/9999");
});

test("whatever is no catalog is refused with its faults, and never with a crash", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      assert.notDeepEqual(problemsOf(value), {});
    }),
  );
});
