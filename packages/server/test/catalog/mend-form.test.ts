/** One fault of form hides nothing else, and lets nothing be told that is not so (M1, M2). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CatalogFault, readCatalog } from "../../src/catalog/index.ts";

const prices = { input_text: "1", output_text: "2" };
const whole = {
  meters: {
    chat: { buckets: ["input_text", "output_text"], outcomes: { failed: "usage" } },
    disk: { kind: "level", buckets: ["gib"] },
  },
  rateCards: {
    standard: {
      multiplier: "1.5",
      rows: [
        {
          meter: "chat",
          model: "gpt-*",
          attributes: { tier: "batch" },
          perMillion: prices,
          minimum: "0.5",
          rounding: "up",
          multiplier: "2",
          context: {
            buckets: ["input_text"],
            tiers: [
              { above: 1_000, perMillion: { input_text: "3" } },
              { above: 2_000, perMillion: { input_text: "4" } },
            ],
          },
          cost: { currency: "USD", perMillion: prices },
        },
        { meter: "chat", perMillion: prices },
        { meter: "disk", perUnit: { gib: "1" } },
      ],
    },
    gold: {
      rows: [
        { meter: "chat", perMillion: prices },
        { meter: "disk", perUnit: { gib: "1" } },
      ],
    },
  },
  outcomes: {
    document: { kind: "quantity", parts: { half: "50" }, expected: "60", confirmation: true },
    resolution: { kind: "conversation", linkWindow: "P1D", maturity: { chat: "P1D" } },
  },
  plans: {
    team: {
      currency: "USD",
      every: { unit: "year", count: 1 },
      base: { fee: "10.00", value: "5.00" },
      seats: { fee: "5.00", minimum: 2, maximum: 9, counts: ["person", "agent"] },
      included: {
        credits: "100",
        per: "seat",
        every: "month",
        value: "5.00",
        rollover: { percent: "50", amount: "5", balance: "9", periods: 2 },
      },
      usage: {
        chat: {
          kind: "graduated",
          tiers: [{ upTo: 5, price: "2" }, { upTo: 9, price: "1" }, { price: "0.5" }],
        },
      },
      overage: { kind: "bill", price: "0.01" },
      spendCap: "100.00",
      minimum: { amounts: ["10.00", "20.00"], trueUp: "term" },
      prepaid: {
        terms: [{ price: "10.00", list: "12.00" }],
        creditPrice: "0.01",
        rollover: { percent: "10" },
      },
      reservedCapacity: {
        fee: "1.00",
        rate: { requests: 5, per: "PT1M" },
        group: "ops",
        share: "20",
      },
      limits: {
        daily: {
          scope: { kind: "eachMember" },
          cap: { credits: "5", window: { rolling: "PT5H" } },
        },
        night: { scope: { kind: "workspace" }, cap: { credits: "9", window: "day" } },
        pace: { scope: { kind: "group", id: "ops" }, rate: { credits: "5", per: "PT1M" } },
      },
      outcomes: { document: "0.50", resolution: { kind: "package", per: 10, price: "5.00" } },
      allowances: {
        chat: { input_text: { included: "5", per: "seat" } },
        disk: { gib: { included: "5", beyond: "credits" } },
      },
      features: ["sso"],
      meters: ["chat", "d*"],
      models: ["gpt-*"],
      rateCard: { name: "gold", pin: true },
      topUps: ["small"],
      trialDays: 3,
      fairness: "strict",
      platformCost: { perPeriod: "1.00", perSeat: "0.50" },
      followedBy: { plan: "later", after: 2 },
    },
    later: { currency: "USD", seats: { fee: "5.00", maximum: 9 } },
  },
  packs: {
    small: {
      currency: "USD",
      price: "10.00",
      credits: "100",
      bonus: "5",
      expiresAfter: "P1M",
      breakage: "5",
    },
  },
  books: { modelCost: true },
};

/** Places and words of all that is told. */
function faultsOf(
  catalog: unknown,
): readonly { readonly path: string; readonly message: string }[] {
  try {
    readCatalog(catalog, "it");
    return [];
  } catch (error) {
    assert.ok(error instanceof CatalogFault, String(error));
    return error.problems;
  }
}

type Steps = readonly string[];

/** Every place in a value, itself left out. */
function placesOf(value: unknown, steps: Steps = []): readonly Steps[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => [
    [...steps, name],
    ...placesOf(one, [...steps, name]),
  ]);
}

function withValue(value: unknown, [step, ...rest]: Steps, put: unknown): unknown {
  if (step === undefined) return put;
  if (Array.isArray(value))
    return value.map((one: unknown, index) =>
      String(index) === step ? withValue(one, rest, put) : one,
    );
  assert.ok(typeof value === "object" && value !== null);
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      name === step ? withValue(one, rest, put) : one,
    ]),
  );
}

const isAtOrBelow = (path: string, place: string): boolean =>
  path === place || path.startsWith(`${place}/`);

test("wherever a sound catalog has one value that is of no form, that alone is told", () => {
  assert.deepEqual(faultsOf(whole), []);
  const places = placesOf(whole);
  assert.ok(places.length > 150);
  for (const steps of places)
    for (const wrong of [null, -1, "?!", ["?!"]]) {
      const place = `/${steps.join("/")}`;
      const told = faultsOf(withValue(whole, steps, wrong));
      assert.ok(told.length > 0 || wrong !== null, place);
      for (const { path, message } of told)
        assert.ok(
          // A union of which no form is meant is told as a whole.
          isAtOrBelow(path, place) ||
            (isAtOrBelow(place, path) && /anyOf|^does not fit/.test(message)),
          `${place} ${JSON.stringify(wrong)}: ${path} ${message}`,
        );
    }
});

/** One fault of meaning each, at places that have nothing to do with each other. */
const planted: readonly (readonly [steps: string, put: unknown, path: string])[] = [
  ["rateCards/standard/rows/0/multiplier", "0", "/rateCards/standard/rows/0/multiplier"],
  ["rateCards/standard/rows/1/meter", "paint", "/rateCards/standard/rows/1/meter"],
  ["plans/team/currency", "ABC", "/plans/team/currency"],
  ["plans/team/seats/maximum", 1, "/plans/team/seats/maximum"],
  ["plans/team/included/credits", "0", "/plans/team/included/credits"],
  ["plans/team/usage", { paint: "1" }, "/plans/team/usage/paint"],
  [
    "plans/team/allowances/chat",
    { colour: { included: "1" } },
    "/plans/team/allowances/chat/colour",
  ],
  ["plans/team/outcomes", { sale: "1" }, "/plans/team/outcomes/sale"],
  ["plans/team/prepaid/terms/0/list", "9.00", "/plans/team/prepaid/terms/0/list"],
  ["plans/team/topUps/0", "huge", "/plans/team/topUps/0"],
  ["plans/team/meters/0", "paint", "/plans/team/meters/0"],
  ["packs/small/credits", "0", "/packs/small/credits"],
  ["packs/small/currency", "QQQ", "/packs/small/currency"],
];

test("a fault of form hides no fault of meaning that does not follow from the same value", () => {
  const all = planted.reduce<unknown>(
    (value, [steps, put]) => withValue(value, steps.split("/"), put),
    whole,
  );
  const paths = planted.map(([, , path]) => path);
  const hiddenBy = (catalog: unknown): readonly string[] => {
    const told = new Set(faultsOf(catalog).map(({ path }) => path));
    return paths.filter((path) => !told.has(path));
  };
  assert.deepEqual(hiddenBy(all), []);
  // What a fault of meaning follows from beside its own place.
  const follows: Readonly<Record<string, readonly string[]>> = {
    "/plans/team/seats/minimum": ["/plans/team/seats/maximum"],
    "/plans/team/prepaid/terms/0/price": ["/plans/team/prepaid/terms/0/list"],
    "/meters/chat/buckets": ["/plans/team/allowances/chat/colour"],
    "/meters/chat/buckets/0": ["/plans/team/allowances/chat/colour"],
    "/meters/chat/buckets/1": ["/plans/team/allowances/chat/colour"],
    "/meters/chat": ["/plans/team/allowances/chat/colour"],
    "/outcomes": ["/plans/team/outcomes/sale"],
    "/packs": ["/plans/team/topUps/0"],
  };
  for (const steps of placesOf(all)) {
    const place = `/${steps.join("/")}`;
    if (steps.length === 1 && place === "/meters") continue;
    const hidden = hiddenBy(withValue(all, steps, "?!")).filter(
      (path) => !isAtOrBelow(path, place) && !(follows[place] ?? []).includes(path),
    );
    assert.deepEqual(hidden, [], place);
  }
});
