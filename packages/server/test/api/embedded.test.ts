/** The same client interface, with the engine in this process. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CisternProblem } from "@cistern/client";
import { CatalogFault, createCistern, defineCatalog } from "../../src/index.ts";
import { freshDatabase } from "../fresh-database.ts";

test("an embedded Cistern creates, grants, holds, settles, refuses and remembers", async () => {
  const { url: databaseUrl } = await freshDatabase();
  const cistern = await createCistern({ databaseUrl });
  try {
    await cistern.createWorkspace({ id: "acme", name: "Acme" });
    const acme = cistern.workspace("acme");
    await acme.grant({ credits: "100", source: "purchase" });
    const hold = await acme.authorize({ member: "ana", credits: "75" });
    const settled = await hold.settle({ credits: "60" });
    assert.equal(settled.charged, "60");
    const balance = await acme.balance();
    assert.equal(balance.available, "40");
    await assert.rejects(
      acme.authorize({ member: "ana", credits: "41" }),
      (error) => error instanceof CisternProblem && error.problem.code === "pool_exhausted",
    );
  } finally {
    await cistern.close();
  }
  const again = await createCistern({ databaseUrl });
  try {
    assert.equal((await again.workspace("acme").balance()).available, "40");
  } finally {
    await again.close();
  }
});

test("what a caller does to an answer does nothing to the pool", async () => {
  const { url: databaseUrl } = await freshDatabase();
  const cistern = await createCistern({ databaseUrl });
  try {
    await cistern.createWorkspace({ id: "acme" });
    const acme = cistern.workspace("acme");
    await acme.grant({ credits: "100", source: "purchase" });
    const attributes = { feature: "draft" };
    const hold = await acme.authorize({ member: "ana", credits: "10", attributes });
    attributes.feature = "changed";
    const read = await acme.hold(hold.id);
    assert.deepEqual(read.attributes, { feature: "draft" });
  } finally {
    await cistern.close();
  }
});

test("an embedded Cistern prices by the catalog that it is given, and opens with no bad one", async () => {
  const { url: databaseUrl } = await freshDatabase();
  const catalogOf = (price: string) =>
    defineCatalog({
      meters: { chat: { buckets: ["input_text"] } },
      rateCards: { standard: { rows: [{ meter: "chat", perUnit: { input_text: price } }] } },
    });
  await assert.rejects(createCistern({ databaseUrl, catalog: catalogOf("-1") }), CatalogFault);
  const cistern = await createCistern({ databaseUrl, catalog: catalogOf("0.5") });
  try {
    await cistern.createWorkspace({ id: "acme" });
    const acme = cistern.workspace("acme");
    await acme.grant({ credits: "100", source: "purchase" });
    const hold = { member: "ana", meter: "chat", estimate: { input_text: 3 } };
    assert.equal((await acme.quote(hold)).credits, "1.5");
  } finally {
    await cistern.close();
  }
});

test("money of grants is given back, taken and estimated by the same client", async () => {
  const { url: databaseUrl } = await freshDatabase();
  const cistern = await createCistern({ databaseUrl });
  try {
    await cistern.createWorkspace({ id: "acme", currency: "EUR" });
    const acme = cistern.workspace("acme");
    const cost = { amount: "1000", currency: "EUR" };
    const sell = async () => (await acme.grant({ credits: "100", source: "purchase", cost })).id;
    const grant = await sell();
    assert.equal((await acme.put.breakage(grant, { breakageBps: 500 })).breakageBps, 500);
    assert.equal((await acme.repay(grant, { credits: "40" })).money.amount, "400");
    assert.equal((await acme.chargeBack(grant)).money.amount, "600");
    assert.equal((await acme.escheat(await sell())).revoked, "100");
  } finally {
    await cistern.close();
  }
});
