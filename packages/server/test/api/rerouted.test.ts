/** A settle may say which model answered, over HTTP. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SettlementSchema } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { eventually, workspaceWith } from "./api-server.ts";
import { startWithCatalog } from "./catalog-server.ts";

const api = await startWithCatalog({
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: {
    standard: {
      rows: [
        { meter: "chat", model: "large", perMillion: { input_text: "100" } },
        { meter: "chat", model: "small*", perMillion: { input_text: "10" } },
      ],
    },
    // What its rows do not name goes by the last one.
    fallback: {
      rows: [
        { meter: "chat", model: "large", perMillion: { input_text: "100" } },
        { meter: "chat", perMillion: { input_text: "30" } },
      ],
    },
  },
  plans: { team: { currency: "USD", rateCard: "fallback" } },
});
await workspaceWith(api, "acme", "1000");
const acme = "/v1/workspaces/acme";

async function settle(body: object, workspace = acme) {
  const call = { member: "ana", meter: "chat", model: "large", estimate: { input_text: 100_000 } };
  const hold = (await api.post(`${workspace}/holds`, call)).textAt("id");
  return await api.post(`${workspace}/holds/${hold}/settle`, body);
}

test("what was re-routed is charged by the model that answered, and its usage row names it", async () => {
  const usage = { input_text: 40_000 };
  const settled = [
    await settle({ usage }),
    await settle({ usage, model: "large" }),
    await settle({ usage, model: "small-2" }),
    await settle({ usage, model: "huge" }),
  ];
  const fits = Compile(SettlementSchema);
  for (const { body, text } of settled) assert.ok(fits.Check(body), text);
  assert.deepEqual(
    settled.map((reply) => [
      reply.at("charged"),
      reply.at("rate.row"),
      reply.at("model"),
      reply.at("unrated"),
    ]),
    [
      ["4", "chat/large", undefined, undefined],
      ["4", "chat/large", undefined, undefined],
      ["0.4", "chat/small*", "small-2", undefined],
      ["10", undefined, "huge", true],
    ],
  );
  const page = await eventually(
    () => api.get(`${acme}/usage`),
    (reply) => reply.rows().length === settled.length,
  );
  assert.deepEqual(
    page.rows().map((row) => row["model"]),
    ["large", "large", "small-2", "huge"],
  );
  assert.deepEqual(
    page
      .rows()
      .map((row) => [row["arithmetic"], row["unrated"]])
      .at(-1),
    ["10, what its hold had left, since it has no price", true],
  );
});

test("a model without a row of its own is charged by the fallback row of its card, and is not unrated", async () => {
  await workspaceWith(api, "globex", "1000");
  const globex = "/v1/workspaces/globex";
  await api.put(`${globex}/subscription`, { plan: "team" });
  const settled = await settle({ usage: { input_text: 40_000 }, model: "huge" }, globex);
  assert.deepEqual(
    ["charged", "rate.row", "unrated", "returned"].map((path) => settled.at(path)),
    ["1.2", "chat/*", undefined, "8.8"],
  );
});
