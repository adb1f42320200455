import assert from "node:assert/strict";
import { test } from "node:test";
import { defineCatalog } from "cistern";
import { CatalogFault, diffCatalogs, readCatalog } from "../../src/catalog/index.ts";

const base = {
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: {
    standard: { rows: [{ meter: "chat", perMillion: { input_text: "2.5" } }] },
  },
} as const;
const small = { currency: "USD", price: "100.00", credits: "10000" } as const;

/** What is wrong with a catalog, by place. */
function problemsOf(catalog: unknown): Readonly<Record<string, string>> {
  try {
    readCatalog(catalog, "cistern.config.ts");
  } catch (error) {
    assert.ok(error instanceof CatalogFault, String(error));
    return Object.fromEntries(error.problems.map(({ path, message }) => [path, message]));
  }
  return {};
}

test("a pack is read into minor units and micro-credits, with defaults", () => {
  const catalog = readCatalog(
    defineCatalog({
      ...base,
      packs: {
        small,
        large: {
          currency: "JPY",
          price: "9000",
          credits: "1000000",
          bonus: "200000.5",
          expiresAfter: "P12M",
          priority: 60,
          breakage: "7.5",
        },
      },
      plans: { team: { currency: "USD", topUps: ["small"] }, solo: { currency: "USD" } },
    }),
    "catalog",
  );
  assert.deepEqual(catalog.packs.get("small"), {
    name: "small",
    currency: "USD",
    price: 10_000n,
    credits: 10_000_000_000n,
    bonus: 0n,
    expiresAfter: null,
    priority: 50,
    breakage: null,
  });
  assert.deepEqual(catalog.packs.get("large"), {
    name: "large",
    currency: "JPY",
    price: 9_000n,
    credits: 1_000_000_000_000n,
    bonus: 200_000_500_000n,
    expiresAfter: { unit: "month", count: 12 },
    priority: 60,
    breakage: 750,
  });
  assert.deepEqual(catalog.plans.get("team")?.topUps, ["small"]);
  assert.ok(!("topUps" in (catalog.plans.get("solo") ?? {})), "left out: all of its currency");
});

test("packs are part of what a catalog's hash says", () => {
  const hash = (price: string) =>
    readCatalog({ ...base, packs: { small: { ...small, price } } }, "catalog").hash;
  assert.equal(hash("100.00"), hash("100.00"));
  assert.notEqual(hash("100.00"), hash("99.00"));
});

test("a plan that offers a pack which is not there is an error in the editor, and at load", () => {
  const catalog = defineCatalog({
    ...base,
    packs: { small },
    // @ts-expect-error -- no such pack
    plans: { team: { currency: "USD", topUps: ["huge"] } },
  });
  assert.deepEqual(problemsOf(catalog), {
    "/plans/team/topUps/0": "is huge, which is no pack of this catalog",
  });
});

test("every fault of packs is told with its place", () => {
  const problems = problemsOf({
    ...base,
    packs: {
      nowhere: { ...small, currency: "XQQ" },
      free: { ...small, price: "0" },
      fine: { ...small, price: "1.001" },
      empty: { ...small, credits: "0" },
      none: { ...small, bonus: "0" },
      long: { ...small, expiresAfter: "P101Y" },
      unused: { ...small, breakage: "100" },
      euro: { ...small, currency: "EUR" },
      odd: { ...small, expiresAfter: "PT5H" },
      more: { ...small, colour: "red" },
    },
    plans: { team: { currency: "USD", topUps: ["euro", "gone", "odd"] } },
  });
  const { "/packs/odd/expiresAfter": form, ...others } = problems;
  assert.match(form ?? "", /does not fit: days, weeks, months or years/);
  assert.deepEqual(others, {
    "/packs/nowhere/currency": "is XQQ, which is no currency of ISO 4217",
    "/packs/free/price": "is 0; credits that cost nothing are a promotion",
    "/packs/fine/price":
      "is 1.001, which has more than the 2 digit(s) after the point that the currency has",
    "/packs/empty/credits": "is 0; leave it out, or say how many",
    "/packs/none/bonus": "is 0; leave it out, or say how many",
    "/packs/long/expiresAfter": "is P101Y, which is more than 100 years",
    "/packs/unused/breakage": "is 100, so that nobody would use any of it",
    "/packs/more": 'must not have the unknown field "colour"',
    "/plans/team/topUps/0": "is euro, which is sold in EUR and not in USD",
    "/plans/team/topUps/1": "is gone, which is no pack of this catalog",
  });
});

test("a diff tells which terms of a pack change", () => {
  const of = (packs: object) => readCatalog({ ...base, packs }, "catalog");
  assert.deepEqual(
    diffCatalogs(of({ small, old: small }), of({ small: { ...small, price: "90.5" } })),
    [
      {
        kind: "removed",
        what: "pack old",
        details: ["price: 100 USD", "credits: 10000", "priority: 50"],
      },
      { kind: "changed", what: "pack small", details: ["price: 100 USD -> 90.5 USD"] },
    ],
  );
});
