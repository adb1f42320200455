/** A catalog with every kind of mistake: all of them are listed with their places, and nothing changes. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { limits } from "@cistern/contract";
import { CatalogFault, loadCatalog } from "../../src/catalog/index.ts";
import { startApi } from "../api/api-server.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const api = await startApi();
const chat = { meter: "chat", model: "gpt-5", perMillion: { input_text: "2.5" } };
const plan = { currency: "USD" };
const bad = {
  meters: {
    chat: { buckets: ["input_text"] },
    disk: { kind: "level", buckets: ["gib"], outcomes: {} },
  },
  rateCards: {
    gold: {
      rows: [
        chat,
        { ...chat, meter: "paint" },
        { ...chat, perMillion: { input_text: "-1" } },
        { ...chat, model: "a", perMillion: { input_text: 1 } },
        { ...chat, model: "b", perMillion: { colour: "1" } },
        chat,
        { ...chat, model: "c", cost: { currency: "XXQ", perMillion: { input_text: "1" } } },
      ],
    },
    silver: { multiplier: "0", rows: [chat] },
  },
  outcomes: { resolution: { kind: "conversation", parts: { half: "0" } } },
  events: {
    "usage.report": { meter: "chat", usage: { input_text: "tokens" } },
    prompt: { meter: "chat", usage: { colour: "tokens" } },
    "made/of": { meter: "paint", usage: { input_text: 1 } },
    storage: { meter: "disk", usage: { gib: "a..b" } },
  },
  traces: { mode: "debit", meters: { chat: "paint" } },
  plans: {
    currency: { currency: "ABC", base: { fee: "1.00" } },
    cents: { currency: "JPY", base: { fee: "1.50" } },
    rollover: { ...plan, included: { credits: "5", rollover: { percent: "101" } } },
    worth: { ...plan, base: { fee: "9.00" }, included: { credits: "5" } },
    platform: { ...plan, platformCost: { perPeriod: "1.001", perSeat: "1.00" } },
    seatless: { ...plan, included: { credits: "5", per: "seat" } },
    seats: { ...plan, seats: { fee: "1.00", minimum: 5, maximum: 2 } },
    opens: { ...plan, meters: ["paint"], rateCard: "bronze" },
    pins: { ...plan, rateCard: { name: "bronze", pin: true } },
    usage: { ...plan, usage: { paint: "1.00" }, outcomes: { refund: "1.00" } },
    lent: { ...plan, usage: { chat: "1.00" }, overage: { kind: "debt", limit: "5" } },
    circle: { ...plan, followedBy: { plan: "back", after: 1 } },
    back: { ...plan, followedBy: { plan: "circle", after: 1 } },
    cap: { ...plan, spendCap: "5.00", minimum: { amounts: ["1.00"] } },
    prepaid: {
      ...plan,
      prepaid: {
        terms: [
          { price: "10.00", list: "9.00" },
          { price: "1.00", list: "1.00" },
        ],
        creditPrice: "0.07",
      },
    },
    given: { ...plan, prepaid: { terms: [{ price: "1.00", list: "2.00" }], creditPrice: "0.00" } },
    reserved: {
      ...plan,
      reservedCapacity: { fee: "1.005", rate: { requests: 5, per: "PT1M" }, share: "20" },
    },
    limited: {
      ...plan,
      limits: {
        neither: { scope: { kind: "workspace" } },
        reserved: { scope: { kind: "workspace" }, cap: { credits: "5", window: "day" } },
        open: { scope: { kind: "eachMember" }, cap: { credits: null, window: "day" } },
        long: { scope: { kind: "workspace" }, cap: { credits: "5", window: { rolling: "P400D" } } },
        slow: { scope: { kind: "workspace" }, rate: { requests: 5, per: "PT0S" } },
      },
    },
    steps: {
      ...plan,
      usage: {
        chat: {
          kind: "graduated",
          tiers: [
            { upTo: 5, price: "1" },
            { upTo: 3, price: "2" },
          ],
        },
      },
    },
  },
};

const places = [
  "/events/made~1of/meter",
  "/events/prompt/usage/colour",
  "/events/storage/meter",
  "/events/storage/usage/gib",
  "/events/usage.report",
  "/meters/disk",
  "/meters/disk/outcomes",
  "/outcomes/resolution/parts/half",
  "/plans/back/followedBy/plan",
  "/plans/cap/minimum",
  "/plans/cap/spendCap",
  "/plans/cents/base/fee",
  "/plans/circle/followedBy/plan",
  "/plans/currency/currency",
  "/plans/given/prepaid/creditPrice",
  "/plans/lent/overage",
  "/plans/limited/limits/long/cap/window",
  "/plans/limited/limits/neither",
  "/plans/limited/limits/open/cap/credits",
  "/plans/limited/limits/reserved",
  "/plans/limited/limits/slow/rate/per",
  "/plans/opens/meters/0",
  "/plans/opens/rateCard",
  "/plans/pins/rateCard/name",
  "/plans/platform/platformCost/perPeriod",
  "/plans/platform/platformCost/perSeat",
  "/plans/prepaid/prepaid/terms/0/list",
  "/plans/prepaid/prepaid/terms/1/list",
  "/plans/reserved/reservedCapacity/fee",
  "/plans/reserved/reservedCapacity/share",
  "/plans/rollover/included/rollover/percent",
  "/plans/seatless/included/per",
  "/plans/seats/seats/maximum",
  "/plans/steps/usage/chat/tiers",
  "/plans/usage/outcomes/refund",
  "/plans/usage/usage/paint",
  "/plans/worth/included",
  "/rateCards",
  "/rateCards/gold/rows/1/meter",
  "/rateCards/gold/rows/2",
  "/rateCards/gold/rows/2/perMillion/input_text",
  "/rateCards/gold/rows/3/perMillion/input_text",
  "/rateCards/gold/rows/4",
  "/rateCards/gold/rows/4/perMillion/colour",
  "/rateCards/gold/rows/5",
  "/rateCards/gold/rows/6/cost/currency",
  "/rateCards/silver/multiplier",
  "/traces/meters/chat",
];

test("every mistake of a catalog is listed by its place, in a push and in a diff, and nothing changes", async () => {
  const before = await api.get("/v1/catalog");
  const pushed = await api.put("/v1/catalog", { content: bad });
  const compared = await api.post("/v1/catalog/diff", { content: bad });
  for (const reply of [pushed, compared]) {
    assert.equal(reply.status, 422, reply.text);
    const told = reply.rows("violations").map(({ pointer }) => String(pointer));
    assert.deepEqual(
      [...new Set(told)].toSorted(),
      places.map((place) => `/content${place}`).toSorted(),
    );
  }
  assert.equal((await api.get("/v1/catalog")).text, before.text);
});

test("a fault of form says what is right in words, in a push as in a file", async () => {
  const content = {
    meters: { chat: { buckets: ["input_text"] }, Chat: { buckets: ["Input"] } },
    rateCards: {
      standard: { rows: [{ ...chat, perMillion: { input_text: "-1" }, rounding: "x" }] },
    },
    plans: {
      ratA: plan,
      half: {
        currency: "usd",
        every: "fortnight",
        included: { credits: "-5", recognition: "ratable", rollover: { percent: "101" } },
        usage: { chat: 5, "Chat*": "1" },
        overage: { kind: "forgive" },
        finalizeAfter: "an hour",
        trialDay: 3,
      },
    },
  };
  const reply = await api.put("/v1/catalog", { content });
  assert.equal(reply.status, 422, reply.text);
  const told = reply
    .rows("violations")
    .map(({ pointer, detail }) => `${String(pointer).slice("/content".length)} ${String(detail)}`);
  const name = "up to 64 lower-case letters, digits, _ and -, beginning with a letter";
  const half = "/plans/half";
  assert.deepEqual(
    told.toSorted(),
    [
      `/meters must not have the name "Chat": names are ${name}`,
      '/rateCards/standard/rows/0/perMillion/input_text is "-1", which does not fit: a decimal of 0 or more as text, with up to 12 digits on either side of the point, such as "2.5"',
      '/rateCards/standard/rows/0/rounding must be one of ["half","up","down"]',
      `/plans must not have the name "ratA": names are ${name}`,
      `${half} must not have the unknown field "trialDay"`,
      `${half}/currency is "usd", which does not fit: a currency code (ISO 4217), such as "EUR"`,
      `${half}/every must be one of ["month","year"]`,
      `${half}/included/credits is "-5", which does not fit: Credits of 0 or more as a decimal with at most 12 digits before the point and 6 after.`,
      `${half}/included/rollover/percent is "101", which does not fit: a share of 0 to 100 percent as text, with at most 2 decimals, such as "50"`,
      `${half}/usage must not have the name "Chat*": names are ${name}, or * for all others`,
      `${half}/usage/chat does not fit: a price as text, such as "0.99", or an object of the kind graduated, volume or package`,
      `${half}/overage/kind must be one of ["deny","debt","bill"]`,
      `${half}/finalizeAfter is "an hour", which does not fit: days, hours, minutes or seconds, such as "P14D" or "PT1H"`,
    ].toSorted(),
  );
  for (const text of told) assert.doesNotMatch(text, /match pattern|allowed values|\^\[/);
});

test("many mistakes of one plan, one row, one pack and one outcome are all listed by their places", async () => {
  const content = {
    meters: { chat: { buckets: ["input_text", "output_text"] } },
    rateCards: {
      standard: {
        rows: [
          {
            meter: "paint",
            model: "*",
            perUnit: { x: "-1", y: 2 },
            multiplier: "0",
            minimum: "free",
            rounding: "sideways",
            colour: "red",
            cost: { currency: "QQQ", perUnit: { x: "NaN" } },
          },
          { ...chat, perMillion: { input_text: "-1", colour: "0", output_text: "1" } },
          { ...chat, perMillion: { input_text: "1", output_text: "1" } },
        ],
      },
    },
    outcomes: {
      resolution: {
        kind: "conversation",
        reopenWindow: "P61D",
        linkWindow: "soon",
        maturity: { chat: "P31D" },
      },
    },
    plans: {
      all: {
        currency: "ABC",
        every: "fortnight",
        base: { fee: "-5.00", value: 3 },
        seats: { fee: "1", minimum: 5, maximum: 1, counts: ["person", "robot"] },
        included: { credits: "0", value: "x", rollover: { percent: "150", amount: "0" } },
        usage: { paint: "-1", chat: "0.01" },
        overage: { kind: "debt", limit: "-5" },
        allowances: { chat: { colour: { included: "-1" } }, paint: { x: { included: "1" } } },
        outcomes: { sale: "-1", resolution: "0.99" },
        meters: ["chat", "Chat", "paint", "chat"],
        rateCard: "gold",
        topUps: ["small", "huge", 5],
        followedBy: { plan: "nowhere", after: 0 },
        trialDays: -1,
        platformCost: { perPeriod: "1,5" },
        colour: "blue",
      },
    },
    packs: {
      small: {
        currency: "QQQ",
        price: "-1",
        credits: "0",
        bonus: "0",
        expiresAfter: "P101Y",
        breakage: "100",
      },
    },
  };
  const row = "/rateCards/standard/rows/0";
  const wanted = [
    ...["meter", "model", "perUnit/x", "perUnit/y", "multiplier", "minimum", "rounding"].map(
      (at) => `${row}/${at}`,
    ),
    `${row}/cost`,
    `${row}/cost/currency`,
    `${row}/cost/perUnit/x`,
    row,
    "/rateCards/standard/rows/1/perMillion/input_text",
    "/rateCards/standard/rows/1/perMillion/colour",
    "/rateCards/standard/rows/2",
    "/outcomes/resolution/reopenWindow",
    "/outcomes/resolution/linkWindow",
    "/outcomes/resolution/maturity/chat",
    ...`currency every base/fee base/value seats/maximum seats/counts/1 included/credits included/value
      included/rollover/percent included/rollover/amount usage/paint overage/limit overage
      allowances/chat/colour/included allowances/chat/colour allowances/paint outcomes/sale meters/1 meters/2 meters
      rateCard topUps/0 topUps/1 topUps/2 followedBy/plan followedBy/after trialDays platformCost/perPeriod`.split(
      /\s+/,
    ),
    "",
    ...["currency", "price", "credits", "bonus", "expiresAfter", "breakage"].map(
      (at) => `/packs/small/${at}`,
    ),
  ].map((at) => (at.startsWith("/") ? at : `/plans/all${at === "" ? "" : `/${at}`}`));
  const reply = await api.put("/v1/catalog", { content });
  assert.equal(reply.status, 422, reply.text);
  const told = new Set(reply.rows("violations").map(({ pointer }) => String(pointer)));
  assert.deepEqual(
    [...told].toSorted(),
    [...new Set(wanted.map((at) => `/content${at}`))].toSorted(),
  );
});

test("a name that JSON says twice in one object is refused at its place, in a file and in a push", async () => {
  const text =
    '{"meters":{"chat":{"buckets":["a"]}},"rateCards":{"standard":{"rows":[{"meter":"chat","perUnit":{"a":"1","a":"2"}}]}}}';
  const place = "/rateCards/standard/rows/0/perUnit/a";
  const folder = await temporaryFolder();
  const file = join(folder.path, "twice.json");
  await writeFile(file, text);
  await assert.rejects(loadCatalog(file), (error) => {
    assert.ok(error instanceof CatalogFault);
    assert.deepEqual(
      error.problems.map(({ path }) => path),
      [place],
    );
    return true;
  });
  await folder.remove();
  const response = await fetch(`${api.url}/v1/catalog`, {
    method: "PUT",
    headers: { authorization: `Bearer ${api.key}`, "content-type": "application/json" },
    body: `{"content":${text}}`,
  });
  assert.equal(response.status, 422);
  assert.match(
    await response.text(),
    /"pointer":"\/content\/rateCards\/standard\/rows\/0\/perUnit\/a"/,
  );
});

test("a catalog may be larger than other requests, and one that is too large is told how large it may be", async () => {
  const card = { rows: [chat] };
  const cards = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`card-${index}`, { rows: many(index) }]),
    );
  const many = (which: number) =>
    Array.from({ length: 1_000 }, (_, index) => ({ ...chat, model: `model-${which}-${index}` }));
  const { meters } = bad;
  const of = (count: number) => ({
    meters: { chat: meters.chat },
    rateCards: { standard: card, ...cards(count) },
  });
  const large = { content: of(20) };
  assert.ok(JSON.stringify(large).length > limits.bodyBytesMax);
  const pushed = await api.put("/v1/catalog", large);
  assert.equal(pushed.status, 200, pushed.text.slice(0, 500));
  const tooLarge = await api.put("/v1/catalog", { content: of(230) });
  assert.equal(tooLarge.status, 413);
  assert.match(tooLarge.text, new RegExp(`A body may have ${limits.catalogBytesMax} bytes`));
  const other = await api.put("/v1/workspaces/acme/members/ana", large);
  assert.match(other.text, new RegExp(`A body may have ${limits.bodyBytesMax} bytes`));
});
