import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type CatalogChange, diffCatalogs, readCatalog } from "../../src/catalog/index.ts";
import { decimal, decimalText, fraction } from "../../src/catalog/fraction.ts";

const chat = { meter: "chat", model: "gpt-5", perMillion: { input_text: "2.5" } };
const catalogOf = (rows: readonly object[], card = {}, meters = {}, buckets = ["input_text"]) =>
  readCatalog(
    {
      meters: { chat: { buckets }, ...meters },
      rateCards: { standard: { rows, ...card } },
    },
    "catalog",
  );
const diff = (...[before, after]: Parameters<typeof diffCatalogs>) => diffCatalogs(before, after);

test("every kind of change is told, and nothing that stays", () => {
  const both = { ...chat, perMillion: { input_text: "2.5", output_text: "0" } };
  const before = catalogOf(
    [both, { ...both, model: "old" }, { meter: "search", perUnit: { calls: "0.000001" } }],
    {},
    { search: { buckets: ["calls"] } },
    ["input_text", "output_text"],
  );
  const context = {
    buckets: ["input_text"],
    tiers: [{ above: 5, perUnit: { input_text: "0.000005" } }],
  };
  const after = catalogOf(
    [
      {
        ...chat,
        perMillion: { input_text: "3", output_text: "0.000001" },
        minimum: "0.5",
        rounding: "up",
        context,
      },
      { ...both, model: "new" },
    ],
    {},
    {},
    ["input_text", "output_text"],
  );
  assert.deepEqual(diff(before, after), [
    { kind: "removed", what: "meter search", details: ["buckets: calls"] },
    {
      kind: "changed",
      what: "standard chat/gpt-5",
      details: [
        "input_text: 2.5 a million -> 3 a million",
        "output_text: 0 a million -> 0.000001 a million",
        "input_text above 5 of input_text: none -> 5 a million",
        "output_text above 5 of input_text: none -> 0.000001 a million",
        "minimum: none -> 0.5",
        "rounding: none -> up",
      ],
    },
    {
      kind: "removed",
      what: "standard chat/old",
      details: ["input_text: 2.5 a million", "output_text: 0 a million"],
    },
    { kind: "removed", what: "standard search/*", details: ["calls: 1 a million"] },
    {
      kind: "added",
      what: "standard chat/new",
      details: ["input_text: 2.5 a million", "output_text: 0 a million"],
    },
  ] satisfies CatalogChange[]);
});

test("what a row costs the vendor is told in its currency", () => {
  const costing = (price: string) =>
    catalogOf([{ ...chat, cost: { currency: "EUR", perMillion: { input_text: price } } }]);
  assert.deepEqual(diff(costing("1.25"), costing("1.5")), [
    {
      kind: "changed",
      what: "standard chat/gpt-5",
      details: ["input_text, as it costs you in EUR: 1.25 a million -> 1.5 a million"],
    },
  ]);
});

test("a meter that becomes a level is told, and prices by the hour as they were written", () => {
  const storage = (kind: object) =>
    catalogOf(
      [
        chat,
        {
          meter: "storage",
          perUnit: { gib: "0.25" },
          cost: { currency: "USD", perUnit: { gib: "2" } },
        },
      ],
      {},
      { storage: { ...kind, buckets: ["gib"] } },
    );
  assert.deepEqual(diff(storage({}), storage({ kind: "level" })), [
    { kind: "changed", what: "meter storage", details: ["kind: none -> level"] },
    {
      kind: "changed",
      what: "standard storage/*",
      details: [
        "gib: 0.25 each -> none",
        "gib, as it costs you in USD: 2 each -> none",
        "gib hours: none -> 0.25 each",
        "gib hours, as it costs you in USD: none -> 2 each",
      ],
    },
  ]);
});

test("what costs a hundredth or more for one is told for one, and equal prices are told alike", () => {
  const image = (prices: object) =>
    catalogOf([chat, { meter: "image", ...prices }], {}, { image: { buckets: ["images"] } });
  const each = image({ perUnit: { images: "5" } });
  const million = image({ perMillion: { images: "5000000" } });
  assert.deepEqual(diff(each, million), []);
  const told = (prices: object) => diff(each, image(prices)).flatMap(({ details }) => details);
  assert.deepEqual(told({ perThousand: { images: "10" } }), ["images: 5 each -> 0.01 each"]);
  assert.deepEqual(told({ perThousand: { images: "9.9" } }), ["images: 5 each -> 9900 a million"]);
  assert.deepEqual(told({ perUnit: { images: "0" } }), ["images: 5 each -> 0 a million"]);
});

test("a multiplier changes every price of the card, however it is written", () => {
  const doubled = catalogOf([chat], { multiplier: "2" });
  assert.deepEqual(diff(catalogOf([chat]), doubled), [
    {
      kind: "changed",
      what: "standard chat/gpt-5",
      details: ["input_text: 2.5 a million -> 5 a million"],
    },
  ]);
  const written = catalogOf([{ ...chat, perMillion: { input_text: "5.0" } }]);
  assert.deepEqual(diff(doubled, written), []);
});

test("a decimal is printed as it was read, without idle zeros", () => {
  const digits = fc.stringMatching(/^[0-9]{1,12}(\.[0-9]{1,12})?$/);
  const property = fc.property(digits, (text) => {
    const printed = decimalText(decimal(text));
    assert.deepEqual(decimal(printed), decimal(text));
    assert.match(printed, /^(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$/);
  });
  fc.assert(property);
  assert.throws(() => decimalText(fraction(1n, 3n)), RangeError);
});

test("how a plan shares the pool is told where it changes; a plan that says nothing is balanced", () => {
  const planned = (terms: object) =>
    readCatalog(
      {
        meters: { chat: { buckets: ["input_text"] } },
        rateCards: { standard: { rows: [chat] } },
        plans: { team: { currency: "USD", base: { fee: "10.00" }, ...terms } },
      },
      "catalog",
    );
  const silent = planned({});
  const details = (before: object, after: object) =>
    diff(planned(before), planned(after)).flatMap((one) => one.details);
  assert.deepEqual(details({}, { fairness: "strict" }), ["fairness: balanced -> strict"]);
  assert.deepEqual(details({ fairness: "off" }, {}), ["fairness: off -> balanced"]);
  assert.deepEqual(details({}, { fairness: "balanced" }), []);
  assert.equal(diff(undefined, silent)[2]?.details.join().includes("fairness"), false);
});
