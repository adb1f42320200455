import assert from "node:assert/strict";
import { test } from "node:test";
import { type OutcomeTerms, priceAt } from "@cistern/kernel";
import { defineCatalog } from "cistern";
import { CatalogFault, readCatalog } from "../../src/catalog/index.ts";

const hourMs = 60 * 60 * 1_000;
const priced = {
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perMillion: { input_text: "100" } }] } },
} as const;

const termsOf = (catalog: unknown, type: string): OutcomeTerms | undefined =>
  readCatalog(catalog, "catalog")
    .plans.get("results")
    ?.outcomes.find((one) => one.type === type);

test("an outcome of a conversation has the windows of the rules where the catalog says nothing else", () => {
  const catalog = defineCatalog({
    ...priced,
    outcomes: {
      resolution: {
        kind: "conversation",
        parts: { assisted: "50", handed: "12.5" },
        expected: "60",
      },
    },
    plans: { results: { currency: "USD", outcomes: { resolution: "0.99" } } },
  });
  assert.deepEqual(termsOf(catalog, "resolution"), {
    kind: "conversation",
    type: "resolution",
    price: { kind: "per_unit", per: 1n, price: 99n },
    parts: [
      { name: "assisted", shareBps: 5_000 },
      { name: "handed", shareBps: 1_250 },
    ],
    linkMs: 72 * hourMs,
    maturityMs: { chat: 24 * hourMs, ticket: 72 * hourMs },
    reopenMs: 14 * 24 * hourMs,
    expectedBps: 6_000,
    reviewFrom: { topics: 5, conversations: 10 },
  });
});

test("prices finer than a cent, in steps and by the package, are exact", () => {
  const catalog = defineCatalog({
    ...priced,
    outcomes: {
      minute: { kind: "quantity" },
      page: { kind: "quantity" },
      scan: { kind: "quantity", confirmation: true, reopenWindow: "P7D" },
    },
    plans: {
      results: {
        currency: "USD",
        outcomes: {
          minute: "0.0125",
          page: {
            kind: "graduated",
            tiers: [
              { upTo: 100, price: "0.005" },
              { price: "0.0025", flat: "1.00" },
            ],
          },
          scan: { kind: "package", per: 100, price: "2.50" },
        },
      },
    },
  });
  const costs = (type: string, quantity: bigint): bigint => {
    const terms = termsOf(catalog, type);
    assert(terms !== undefined);
    return priceAt(terms.price, quantity);
  };
  assert.equal(costs("minute", 1_000n), 1_250n);
  assert.equal(costs("page", 300n), 50n + 100n + 50n);
  assert.equal(costs("scan", 101n), 500n);
  const scan = termsOf(catalog, "scan");
  assert(scan?.kind === "quantity");
  assert.deepEqual([scan.needsConfirmation, scan.reopenMs], [true, 7 * 24 * hourMs]);
});

test("a plan that names an outcome which the catalog has not is refused, in the editor and at load", () => {
  const catalog = defineCatalog({
    ...priced,
    outcomes: { resolution: { kind: "conversation" } },
    // @ts-expect-error -- no such outcome
    plans: { results: { currency: "USD", outcomes: { sale: "1.00" } } },
  });
  assert.throws(() => readCatalog(catalog, "catalog"), { name: "CatalogFault" });
});

test("every fault of outcomes is told with its place", () => {
  const catalog = {
    ...priced,
    outcomes: {
      resolution: { kind: "conversation", linkWindow: "P31D", reopenWindow: "P61D" },
      scan: { kind: "quantity" },
    },
    plans: {
      results: {
        currency: "JPY",
        outcomes: {
          resolution: { kind: "volume", tiers: [{ upTo: 5, price: "10" }] },
          scan: { kind: "package", per: 10, price: "1.5" },
          sale: "3",
        },
      },
    },
  };
  const places: string[] = [];
  try {
    readCatalog(catalog, "catalog");
  } catch (error) {
    if (!(error instanceof CatalogFault)) throw error;
    places.push(...error.problems.map(({ path }) => path));
  }
  assert.deepEqual(places.toSorted(), [
    "/outcomes/resolution/linkWindow",
    "/outcomes/resolution/reopenWindow",
    "/plans/results/outcomes/resolution/tiers",
    "/plans/results/outcomes/sale",
    "/plans/results/outcomes/scan/price",
  ]);
});

test("another price or window is another version of the plan", () => {
  const version = (price: string, linkWindow: string): string | undefined =>
    readCatalog(
      {
        ...priced,
        outcomes: { resolution: { kind: "conversation", linkWindow } },
        plans: { results: { currency: "USD", outcomes: { resolution: price } } },
      },
      "catalog",
    ).plans.get("results")?.version;
  const versions = [
    version("0.99", "PT72H"),
    version("0.98", "PT72H"),
    version("0.99", "PT48H"),
    version("0.99", "P3D"),
  ];
  assert.equal(new Set(versions).size, 3, "P3D is PT72H");
  assert.equal(versions[3], versions[0]);
});
