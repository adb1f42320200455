import assert from "node:assert/strict";
import { test } from "node:test";
import type { Subscription } from "@cistern/contract";
import { createTestCistern, defineCatalog } from "cistern";
import { CatalogFault, readCatalog } from "../../src/catalog/index.ts";

const meters = { chat: { buckets: ["input_text"] } } as const;
const rateCards = {
  standard: { rows: [{ meter: "chat", perUnit: { input_text: "1" } }] },
} as const;
const usd = { currency: "USD" } as const;

const problemsOf = (plans: object): Readonly<Record<string, string>> => {
  try {
    readCatalog({ meters, rateCards, plans }, "catalog");
    return {};
  } catch (error) {
    if (!(error instanceof CatalogFault)) throw error;
    return Object.fromEntries(error.problems.map(({ path, message }) => [path, message]));
  }
};

test("a plan has those that follow it, and its version says so", () => {
  const plans = (fee: string) =>
    readCatalog(
      defineCatalog({
        meters,
        rateCards,
        plans: {
          third: { ...usd, base: { fee } },
          first: { ...usd, followedBy: { plan: "second", after: 1 } },
          second: { ...usd, followedBy: { plan: "third", after: 12 } },
        },
      }),
      "catalog",
    ).plans;
  const read = plans("5.00");
  const first = read.get("first");
  assert.deepEqual(
    [first?.followedBy?.after, first?.followedBy?.plan, first?.followedBy?.plan.followedBy?.plan],
    [1, read.get("second"), read.get("third")],
  );
  assert.notEqual(plans("6.00").get("first")?.version, first?.version);
  assert.equal(plans("5.00").get("first")?.version, first?.version);
});

test("a plan that is none of the catalog's fails in the editor, and at load", () => {
  const catalog = defineCatalog({
    meters,
    rateCards,
    // @ts-expect-error -- no such plan
    plans: { launch: { currency: "USD", followedBy: { plan: "nowhere", after: 3 } } },
  });
  assert.throws(() => readCatalog(catalog, "catalog"), { name: "CatalogFault" });
});

test("plans in a circle are refused, each with the circle that it is part of", () => {
  const before = (plan: string) => ({ ...usd, followedBy: { plan, after: 1 } });
  assert.deepEqual(
    problemsOf({ a: before("b"), b: before("c"), c: before("b"), own: before("own") }),
    {
      "/plans/b/followedBy/plan": "makes a circle: b -> c -> b. Plans follow each other in a line",
      "/plans/c/followedBy/plan": "makes a circle: c -> b -> c. Plans follow each other in a line",
      "/plans/own/followedBy/plan": "makes a circle: own -> own. Plans follow each other in a line",
    },
  );
});

test("a plan that cannot follow is refused with the reason", () => {
  const seats = (maximum?: number) => ({
    seats: { fee: "1.00", ...(maximum === undefined ? {} : { maximum }) },
  });
  const before = (plan: string) => ({ followedBy: { plan, after: 1 } });
  assert.deepEqual(
    problemsOf({
      euro: { currency: "EUR" },
      seated: { ...usd, ...seats(5) },
      alone: { ...usd },
      one: { ...usd, ...before("euro") },
      two: { ...usd, ...before("seated") },
      three: { ...usd, ...seats(), ...before("seated") },
      four: { ...usd, ...seats(5), ...before("seated") },
      five: { ...usd, ...seats(5), ...before("alone") },
    }),
    {
      "/plans/one/followedBy/plan": "is euro, which is in EUR and not in USD",
      "/plans/two/followedBy/plan": "is seated, and only one of the two has seats",
      "/plans/three/followedBy/plan":
        "is seated, which has at most 5 seat(s), and this plan may have more",
      "/plans/five/followedBy/plan": "is alone, and only one of the two has seats",
    },
  );
});

test("a subscription says what follows, and goes on with it when the time has come", async () => {
  const catalog = defineCatalog({
    meters,
    rateCards,
    plans: {
      launch: { ...usd, base: { fee: "10.00" }, followedBy: { plan: "standard", after: 2 } },
      standard: { ...usd, base: { fee: "20.00" } },
    },
  });
  const cistern = await createTestCistern({ catalog, now: "2026-01-01T00:00:00Z" });
  const path = "/v1/workspaces/acme/subscription";
  const told = async () => {
    const { plan, followedBy } = await cistern.get<Subscription>(path);
    return [plan, followedBy?.plan, followedBy?.after];
  };
  await cistern.createWorkspace({ id: "acme", currency: "USD" });
  await cistern.put(path, { plan: "launch" });
  assert.deepEqual(await told(), ["launch", "standard", 1]);
  await cistern.advanceTo("2026-02-02T00:00:00Z");
  assert.deepEqual(await told(), ["launch", "standard", 0]);
  await cistern.advanceTo("2026-03-02T00:00:00Z");
  assert.deepEqual(await told(), ["standard", undefined, undefined]);
  await cistern.close();
});
