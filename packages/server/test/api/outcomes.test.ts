/** How a call ended decides what it is charged, over HTTP. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SettlementSchema, UsagePageSchema } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { type Reply, eventually, startApi, workspaceWith } from "./api-server.ts";

const api = await startApi();
await workspaceWith(api, "acme", "1000");
const acme = "/v1/workspaces/acme";

/** Holds 12.5 credits, and ends them so. */
async function end(body: object): Promise<Reply> {
  const call = { member: "ana", meter: "chat", model: "gpt-5", estimate: { input_text: 100_000 } };
  const hold = (await api.post(`${acme}/holds`, call)).textAt("id");
  return await api.post(`${acme}/holds/${hold}/settle`, body);
}

test("what failed is free, what was cut off costs its usage, and what nobody measured its hold", async () => {
  const ended = [
    await end({ outcome: "failed" }),
    await end({ outcome: "failed", usage: { input_text: 40_000 } }),
    await end({ outcome: "partial", usage: { input_text: 40_000 } }),
    await end({ outcome: "delivered" }),
    await end({ outcome: "cancelled", credits: "3" }),
    await end({ credits: "1" }),
  ];
  const fits = Compile(SettlementSchema);
  for (const { body, text } of ended) assert.ok(fits.Check(body), text);
  assert.deepEqual(
    ended.map(({ body }) => [body["outcome"], body["charged"], body["returned"]]),
    [
      ["failed", "0", "12.5"],
      ["failed", "0", "12.5"],
      ["partial", "5", "7.5"],
      ["delivered", "12.5", "0"],
      ["cancelled", "3", "9.5"],
      [undefined, "1", "11.5"],
    ],
  );
  const page = await eventually(
    () => api.get(`${acme}/usage`),
    (reply) => reply.rows().length === ended.length,
  );
  assert.ok(Compile(UsagePageSchema).Check(page.body), page.text);
  assert.deepEqual(
    page.rows().map((row) => row["outcome"]),
    ended.map(({ body }) => body["outcome"]),
  );
});

test("a part has no outcome: it is told what to do, and its hold stays open", async () => {
  const parts = [
    { outcome: "failed", final: false, part: 1 },
    { outcome: "partial", usage: { input_text: 10 }, final: false, part: 1 },
    { outcome: "delivered", credits: "1", final: false, part: 1 },
  ];
  for (const body of parts) {
    const refused = await end(body);
    assert.equal(refused.status, 422, JSON.stringify(body));
    assert.equal(refused.body["code"], "invalid_request");
    assert.match(refused.text, /leave it out with final: false/);
  }
});

test("a settle says credits, usage or how the call ended, and no outcome but these", async () => {
  const wrong = [
    {},
    { final: true },
    { outcome: "lost" },
    { outcome: null },
    { outcome: "failed", credits: "1", usage: { input_text: 1 } },
  ];
  for (const body of wrong) {
    const refused = await end(body);
    assert.equal(refused.status, 422, JSON.stringify(body));
    assert.equal(refused.body["code"], "invalid_request");
  }
});
