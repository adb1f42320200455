import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { CatalogFault, readCatalog } from "../../src/catalog/index.ts";

const chat = { meter: "chat", model: "gpt-5", perMillion: { input_text: "2.5" } };
const withRows = (...rows: readonly object[]) => ({
  meters: { chat: { buckets: ["input_text", "output_text"] }, image: { buckets: ["images"] } },
  rateCards: { standard: { rows } },
});

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
  const [tokens, images] = rateCards.get("standard") ?? [];
  assert.deepEqual(
    [...(tokens?.prices ?? [])],
    [
      ["input_text", { microCredits: 5n, per: 2n }],
      ["output_text", { microCredits: 1n, per: 1_000_000_000n }],
    ],
  );
  assert.deepEqual(images?.prices.get("images"), { microCredits: 4_000_000n, per: 1n });
});

test("a row is named by what it is for, whatever order its attributes were written in", () => {
  const rows = [
    { ...chat, model: "gpt-*", attributes: { tier: "batch", region: "eu" } },
    { meter: "image", perUnit: { images: "1" } },
  ];
  const { rateCards } = readCatalog(withRows(...rows), "catalog");
  assert.deepEqual(
    rateCards.get("standard")?.map(({ id }) => id),
    ["chat/gpt-*?region=eu&tier=batch", "image/*"],
  );
});

test("rows for different calls have different names, whatever stands in their attributes", () => {
  const rows = [
    { ...chat, attributes: { a: "1&b=2" } },
    { ...chat, attributes: { a: "1", b: "2" } },
  ];
  const { rateCards } = readCatalog(withRows(...rows), "catalog");
  const ids = rateCards.get("standard")?.map(({ id }) => id);
  assert.equal(new Set(ids).size, 2, String(ids));
});

test("equal catalogs have one hash, and any change of content another", () => {
  const hash = (catalog: unknown) => readCatalog(catalog, "catalog").hash;
  const { meters, rateCards } = withRows(chat);
  assert.equal(hash({ rateCards, meters }), hash({ meters, rateCards }));
  assert.notEqual(hash(withRows(chat)), hash(withRows({ ...chat, model: "gpt-5*" })));
  assert.match(hash(withRows(chat)), /^[0-9a-f]{64}$/);
});

const refused: readonly (readonly [string, unknown, string, RegExp])[] = [
  ["no object", [], "", /object/],
  ["no meters", { ...withRows(chat), meters: {} }, "/meters", /fewer than 1|properties/],
  ["an unknown field", { ...withRows(chat), colour: "blue" }, "", /colour/],
  [
    "an unknown meter",
    withRows({ ...chat, meter: "paint" }),
    "/rateCards/standard/rows/0/meter",
    /paint.*chat, image/,
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
    /no bucket of chat, which has input_text, output_text/,
  ],
  [
    "a price below zero",
    withRows({ ...chat, perMillion: { input_text: "-1" } }),
    "/rateCards/standard/rows/0/perMillion/input_text",
    /pattern/,
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
    /pattern/,
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

test("every fault is listed, not the first few", () => {
  const bad = { meter: "paint", model: "*", perMillion: { colour: "1" } };
  const rows = Array.from({ length: 12 }, (_, index) => ({
    ...bad,
    attributes: { n: `${index}` },
  }));
  const semantic = problemsOf(withRows(...rows));
  assert.equal(Object.keys(semantic).length, 24);
  const shapes = problemsOf(
    withRows(...rows.map(() => ({ ...chat, perMillion: { input_text: 1 } }))),
  );
  assert.equal(Object.keys(shapes).length, 12);
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

test("whatever is no catalog is refused with its faults, and never with a crash", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      assert.notDeepEqual(problemsOf(value), {});
    }),
  );
});
