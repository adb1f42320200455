import assert from "node:assert/strict";
import { test } from "node:test";
import { defineCatalog } from "cistern";
import { readCatalog } from "../../src/catalog/index.ts";

const meters = {
  chat: { buckets: ["input_text", "output_text"] },
  image: { buckets: ["images"] },
} as const;

test("a catalog that the editor accepts is sound", () => {
  const catalog = defineCatalog({
    meters: { chat: { buckets: ["input_text", "output_text"] }, image: { buckets: ["images"] } },
    rateCards: {
      standard: {
        rows: [
          {
            meter: "chat",
            model: "gpt-5*",
            perMillion: { input_text: "125", output_text: "1000" },
          },
          { meter: "image", perUnit: { images: "4" } },
        ],
      },
    },
  });
  assert.equal(readCatalog(catalog, "catalog").rateCards.get("standard")?.rows.length, 2);
});

test("allowances of a meter's own buckets, and outcomes that the catalog has, are accepted", () => {
  const catalog = defineCatalog({
    meters: { chat: { buckets: ["input_text", "output_text"] }, image: { buckets: ["images"] } },
    rateCards: {
      standard: {
        rows: [
          { meter: "chat", perMillion: { input_text: "125", output_text: "1000" } },
          { meter: "image", perUnit: { images: "4" } },
        ],
      },
    },
    outcomes: { resolution: { kind: "conversation" } },
    plans: {
      team: {
        currency: "USD",
        allowances: {
          chat: { output_text: { included: "1000" } },
          image: { images: { included: "5" } },
        },
        outcomes: { resolution: "0.99" },
      },
    },
  });
  assert.equal(readCatalog(catalog, "catalog").plans.get("team")?.allowances?.length, 2);
});

test("what the editor refuses is refused at load too", () => {
  const unknownMeter = defineCatalog({
    meters,
    // @ts-expect-error -- no such meter
    rateCards: { standard: { rows: [{ meter: "paint", perUnit: { images: "4" } }] } },
  });
  const unknownBucket = defineCatalog({
    meters,
    // @ts-expect-error -- no bucket of this meter
    rateCards: { standard: { rows: [{ meter: "chat", perUnit: { images: "4" } }] } },
  });
  const numbers = defineCatalog({
    meters,
    // @ts-expect-error -- prices are text
    rateCards: { standard: { rows: [{ meter: "image", perUnit: { images: 4 } }] } },
  });
  const rateCards = {
    standard: { rows: [{ meter: "image", perUnit: { images: "4" } }] },
  } as const;
  const unknownCard = defineCatalog({
    meters,
    rateCards,
    // @ts-expect-error -- no such rate card
    plans: { team: { currency: "USD", rateCard: "gold" } },
  });
  const unknownPinned = defineCatalog({
    meters,
    rateCards,
    // @ts-expect-error -- no such rate card
    plans: { team: { currency: "USD", rateCard: { name: "gold", pin: true } } },
  });
  const closedMeter = defineCatalog({
    meters,
    rateCards,
    // @ts-expect-error -- no such meter
    plans: { team: { currency: "USD", meters: ["image", "paint"] } },
  });
  const strangeAllowance = defineCatalog({
    meters,
    rateCards,
    // @ts-expect-error -- no bucket of this meter
    plans: { team: { currency: "USD", allowances: { image: { input_text: { included: "5" } } } } },
  });
  const outcomeOfNone = defineCatalog({
    meters,
    rateCards,
    // @ts-expect-error -- the catalog has no outcomes
    plans: { team: { currency: "USD", outcomes: { resolution: "0.99" } } },
  });
  const packOfNone = defineCatalog({
    meters,
    rateCards,
    // @ts-expect-error -- the catalog has no packs
    plans: { team: { currency: "USD", topUps: ["small"] } },
  });
  const noScope = defineCatalog({
    meters,
    rateCards,
    // @ts-expect-error -- no such scope
    plans: { team: { currency: "USD", limits: { daily: { scope: { kind: "everybody" } } } } },
  });
  const all = [
    unknownMeter,
    unknownBucket,
    numbers,
    unknownCard,
    unknownPinned,
    closedMeter,
    strangeAllowance,
    outcomeOfNone,
    packOfNone,
    noScope,
  ];
  for (const catalog of all)
    assert.throws(() => readCatalog(catalog, "catalog"), { name: "CatalogFault" });
});
