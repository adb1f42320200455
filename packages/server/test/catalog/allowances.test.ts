/** What a catalog may say of allowances, and all that can be wrong with it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CatalogFault, readCatalog } from "../../src/catalog/index.ts";

const base = {
  meters: {
    api: { buckets: ["calls"] },
    image: { buckets: ["images"] },
    storage: { kind: "level", buckets: ["gib"] },
  },
  rateCards: {
    standard: {
      rows: [
        { meter: "api", perUnit: { calls: "1" } },
        { meter: "image", perUnit: { images: "1" } },
        { meter: "storage", perUnit: { gib: "1" } },
      ],
    },
  },
};
const catalogOf = (plan: object) => ({ ...base, plans: { team: { currency: "USD", ...plan } } });

test("an allowance is read by meter and bucket; a plan that says none keeps its version", () => {
  const { plans } = readCatalog(
    catalogOf({
      seats: { fee: "1.00" },
      allowances: {
        api: { calls: { included: "10000", per: "seat", beyond: "refuse" } },
        storage: { gib: { included: "50" } },
      },
    }),
    "it",
  );
  assert.deepEqual(plans.get("team")?.allowances, [
    { meter: "api", bucket: "calls", included: 10_000n, per: "seat", beyond: "refuse" },
    {
      meter: "storage",
      bucket: "gib",
      included: 50n,
      per: "plan",
      beyond: "credits",
      isLevel: true,
    },
  ]);
  assert.equal("allowances" in (readCatalog(catalogOf({}), "it").plans.get("team") ?? {}), false);
});

test("every fault of allowances is told at its place, and changes nothing", () => {
  const meters = ["api", "storage"];
  const wrong = {
    paint: { strokes: { included: "1" } },
    image: { images: { included: "1" } },
    api: { tokens: { included: "1" }, calls: { included: "5", per: "seat" } },
    storage: { gib: { included: "5", beyond: "refuse" } },
  };
  const ofBoth = catalogOf({
    meters,
    allowances: {
      ...wrong,
      api: {
        ...wrong.api,
        negative: { included: "-5" },
        none: { included: "0" },
        much: { included: "NaN" },
        half: { included: "1.5", beyond: "bill" },
      },
    },
  });
  const right = catalogOf({ meters, allowances: wrong });
  const faultsOf = (catalog: unknown): readonly string[] => {
    try {
      readCatalog(catalog, "it");
      return [];
    } catch (error) {
      assert(error instanceof CatalogFault);
      return error.problems.map(({ path, message }) => `${path} ${message}`);
    }
  };
  const at = "/plans/team/allowances";
  const ofMeaning = [
    `${at}/paint is of paint, which is no meter of the catalog`,
    `${at}/image is of image, which the plan does not open (meters)`,
    `${at}/api/tokens is of tokens, which is no bucket of api; it has calls`,
    `${at}/api/calls/per is seat, and the plan has no seats`,
    `${at}/storage/gib/beyond is refuse, and a level is reported when it has been there: say credits`,
  ];
  assert.deepEqual(faultsOf(right).toSorted(), ofMeaning.toSorted());
  const told = faultsOf(ofBoth);
  assert.deepEqual(
    ofMeaning.filter((fault) => !told.includes(fault)),
    [],
    "faults of form hide none of them",
  );
  const places = told.map((fault) => fault.split(" ")[0]);
  assert.deepEqual(
    ["negative/included", "none/included", "much/included", "half/included", "half/beyond"].filter(
      (place) => !places.includes(`${at}/api/${place}`),
    ),
    [],
  );
  assert.deepEqual(
    ["negative", "none", "much", "half"].filter((place) => !places.includes(`${at}/api/${place}`)),
    [],
    "nor that there is no bucket of that name",
  );
});

test("credits that come by the month of a year may roll over", () => {
  const included = {
    credits: "10",
    every: "month",
    recognition: "ratable",
    rollover: { percent: "50" },
  };
  const { plans } = readCatalog(
    catalogOf({ every: "year", base: { fee: "9.00" }, included }),
    "it",
  );
  const { every, rollover } = plans.get("team")?.included ?? {};
  assert.deepEqual(every, { unit: "month", count: 1 });
  assert.equal(rollover?.shareBps, 5_000);
});
