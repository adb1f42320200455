/** What a plan says of the usage that it is for. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Plan } from "@cistern/kernel";
import { CatalogFault, readCatalog } from "../../src/catalog/index.ts";

const row = { meter: "chat", perMillion: { input_text: "1" } };
const image = { meter: "image", perUnit: { images: "1" } };
const catalogWith = (
  plan: object,
  rateCards: object = { standard: { rows: [row, image] }, gold: { rows: [row, image] } },
) => ({
  meters: { chat: { buckets: ["input_text"] }, image: { buckets: ["images"] } },
  rateCards,
  plans: { team: { currency: "USD", ...plan } },
});

const planOf = (...catalog: Parameters<typeof catalogWith>): Plan =>
  readCatalog(catalogWith(...catalog), "catalog").plans.get("team") ?? assert.fail();

/** What is wrong with the plan, by place. */
function problemsOf(plan: object): Readonly<Record<string, string>> {
  try {
    readCatalog(catalogWith(plan), "catalog");
  } catch (error) {
    assert.ok(error instanceof CatalogFault, String(error));
    return Object.fromEntries(
      error.problems.map(({ path, message }) => [path.replace("/plans/team", ""), message]),
    );
  }
  return {};
}

suite("a plan says what it opens", () => {
  test("features, meters and models; what it does not say is not closed", () => {
    const said = { features: ["sso"], meters: ["chat", "im*"], models: ["gpt-5*"] };
    assert.deepEqual(planOf(said).entitles, said);
    assert.deepEqual(planOf({ models: ["small"] }).entitles, {
      features: [],
      meters: null,
      models: ["small"],
    });
    assert.equal(planOf({}).entitles, undefined);
    const seats = { fee: "1", counts: ["person", "agent"], autoAdd: true, required: true };
    const { counts, isAddedFor, isRequired } = planOf({ seats }).seats ?? assert.fail();
    assert.deepEqual([counts, isAddedFor, isRequired], [["person", "agent"], true, true]);
  });

  test("a meter that the catalog has not, or a pattern that fits none, is a fault at its place", () => {
    const problems = problemsOf({ meters: ["chat", "paint", "vid*"] });
    assert.match(problems["/meters/1"] ?? "", /is paint, which is no meter/);
    assert.match(problems["/meters/2"] ?? "", /is vid\*, which is no meter/);
    assert.match(
      problemsOf({ features: ["SSO"] })["/features/0"] ?? "",
      /^is "[^"]*", which does not fit: [A-Za-z]/,
    );
    assert.match(
      problemsOf({ seats: { fee: "1", counts: ["robot"] } })["/seats/counts/0"] ?? "",
      /./,
    );
  });
});

suite("a plan names its rate card", () => {
  test("and the default is left out of its version", () => {
    assert.deepEqual(planOf({ rateCard: "gold" }).rateCard, { name: "gold", isPinned: false });
    assert.equal(planOf({ rateCard: "standard" }).version, planOf({}).version);
    assert.equal(planOf({}).rateCard, undefined);
  });

  test("or pins its version; without a name, of the standard one or the only one", () => {
    const standard = { name: "standard", isPinned: true };
    assert.deepEqual(planOf({ rateCard: { pin: true } }).rateCard, standard);
    const only = planOf({ rateCard: { pin: true } }, { gold: { rows: [row, image] } });
    assert.deepEqual(only.rateCard, { name: "gold", isPinned: true });
    assert.equal(planOf({ rateCard: { pin: false } }).rateCard, undefined);
  });

  test("one that the catalog has not is a fault at its place", () => {
    const words = /is silver, which is no rate card of this catalog; it has gold, standard/;
    assert.match(problemsOf({ rateCard: "silver" })["/rateCard"] ?? "", words);
    const pinned = problemsOf({ rateCard: { name: "silver", pin: true } });
    assert.match(pinned["/rateCard/name"] ?? "", words);
  });
});

test("what a platform costs is exact money of the plan, and nothing where it says none", () => {
  assert.deepEqual(
    planOf({ seats: { fee: "20" }, platformCost: { perSeat: "0.5" } }).platformCost,
    {
      perPeriod: 0n,
      perSeat: 50n,
    },
  );
  assert.equal(planOf({}).platformCost, undefined);
  assert.equal(planOf({ fairness: "strict" }).fairness, "strict");
  assert.equal(planOf({}).fairness, undefined);
});
