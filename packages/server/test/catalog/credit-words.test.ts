/** What a catalog calls its credits: words for people, on which no plan and no price depends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { defineCatalog } from "cistern";
import { CatalogFault, diffCatalogs, readCatalog } from "../../src/catalog/index.ts";
import { startApi } from "../api/api-server.ts";

const rest = {
  meters: { image: { buckets: ["images"] } },
  rateCards: { standard: { rows: [{ meter: "image", perUnit: { images: "4" } }] } },
  plans: { team: { currency: "USD", included: { credits: "100" } } },
} as const;
const named = defineCatalog({
  credits: { name: { singular: "token", plural: "tokens" }, decimals: 2 },
  ...rest,
});
const read = (value: unknown) => readCatalog(value, "catalog");

test("a catalog names its credits and says how many decimals people see; left out, they are credits with all of them", () => {
  assert.deepEqual(read(named).credits, { singular: "token", plural: "tokens", decimals: 2 });
  assert.deepEqual(read(rest).credits, { singular: "credit", plural: "credits" });
  assert.deepEqual(read({ ...rest, credits: { decimals: 0 } }).credits, {
    singular: "credit",
    plural: "credits",
    decimals: 0,
  });
});

test("the words are in no version of a plan or a rate card, and in the content", () => {
  const [before, after] = [read(rest), read(named)];
  assert.equal(after.plans.get("team")?.version, before.plans.get("team")?.version);
  assert.equal(after.rateCards.get("standard")?.id, before.rateCards.get("standard")?.id);
  assert.notEqual(after.hash, before.hash);
});

test("what changes of them is told", () => {
  assert.deepEqual(diffCatalogs(read(rest), read(named)), [
    {
      kind: "added",
      what: "credits",
      details: ["decimals: 2", "name.plural: tokens", "name.singular: token"],
    },
  ]);
  assert.deepEqual(
    diffCatalogs(read(named), read({ ...named, credits: { ...named.credits, decimals: 0 } })),
    [{ kind: "changed", what: "credits", details: ["decimals: 2 -> 0"] }],
  );
});

test("a name of one form alone, one that is blank or breaks a line, and decimals that credits have not are refused by their places", () => {
  const faults = (credits: unknown): readonly string[] => {
    try {
      read({ ...rest, credits });
      return [];
    } catch (error) {
      assert.ok(error instanceof CatalogFault);
      return error.problems.map(({ path }) => path);
    }
  };
  assert.deepEqual(faults({ name: { singular: "token" } }), ["/credits/name"]);
  assert.deepEqual(
    faults({ name: { singular: " ", plural: "to\nkens" }, decimals: 7, step: "1" }),
    ["/credits", "/credits/name/singular", "/credits/name/plural", "/credits/decimals"],
  );
  assert.deepEqual(faults({ decimals: 1.5 }), ["/credits/decimals"]);
  assert.deepEqual(faults({ name: { singular: "", plural: "a\u202Eb" } }), [
    "/credits/name/singular",
    "/credits/name/plural",
  ]);
  assert.deepEqual(faults({ name: { singular: "Münze", plural: "AI credits" } }), []);
  defineCatalog({
    ...rest,
    // @ts-expect-error -- a number of decimals
    credits: { decimals: "2" },
  });
});

test("GET of the catalog gives the words, and the content as it was pushed", async () => {
  const api = await startApi();
  const pushed = await api.put("/v1/catalog", { content: named });
  assert.equal(pushed.status, 200, pushed.text);
  const got = await api.get("/v1/catalog/1");
  assert.deepEqual(got.body["credits"], { singular: "token", plural: "tokens", decimals: 2 });
  assert.deepEqual(got.body["content"], JSON.parse(JSON.stringify(named)));
});
