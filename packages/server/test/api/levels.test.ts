/** What is there over time, over HTTP (docs/decisions/0011). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DebitSchema, UsagePageSchema } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { eventually, workspaceWith } from "./api-server.ts";
import { startWithCatalog } from "./catalog-server.ts";

const api = await startWithCatalog({
  meters: {
    storage: { kind: "level", buckets: ["stored_gib"] },
    chat: { buckets: ["input_text"] },
  },
  rateCards: {
    standard: {
      rows: [
        {
          meter: "storage",
          perUnit: { stored_gib: "0.004" },
          cost: { currency: "USD", perUnit: { stored_gib: "0.00003" } },
        },
        { meter: "chat", perMillion: { input_text: "125" } },
      ],
    },
  },
});
await workspaceWith(api, "acme", "1000");
const acme = "/v1/workspaces/acme";
const level = { member: "ana", meter: "storage", usage: { stored_gib: 250 } };
const from = new Date(Date.now() - 3_600_000).toISOString();
const to = new Date(Date.parse(from) + 1_800_000).toISOString();

test("250 GiB for half an hour are charged as 125 GiB-hours, and the usage row says from when to when", async () => {
  const debit = await api.post(`${acme}/debits`, { ...level, from, to });
  assert.equal(debit.status, 201, debit.text);
  assert.ok(Compile(DebitSchema).Check(debit.body), debit.text);
  const { charged, occurredAt } = debit.body;
  assert.deepEqual(
    [charged, occurredAt, debit.body["from"], debit.body["to"]],
    ["0.5", from, from, to],
  );
  const page = await eventually(
    () => api.get(`${acme}/usage`),
    (reply) => reply.rows().length === 1,
  );
  assert.ok(Compile(UsagePageSchema).Check(page.body), page.text);
  const [row] = page.rows();
  assert.deepEqual(
    [row?.["usage"], row?.["from"], row?.["to"], row?.["cost"]],
    [level.usage, from, to, { amount: "0.375", currency: "USD" }],
  );
});

test("a level without its time, and a time without a level, are told apart from usage", async () => {
  const wrong = [
    level,
    { ...level, from },
    { ...level, to },
    { member: "ana", credits: "1", from, to },
    { ...level, from: to, to: from },
    { ...level, from, to, occurredAt: from },
    { member: "ana", meter: "chat", usage: { input_text: 1 }, from, to },
  ];
  for (const body of wrong) {
    const refused = await api.post(`${acme}/debits`, body);
    assert.equal(refused.status, 422, `${JSON.stringify(body)} ${refused.text}`);
    assert.equal(refused.body["code"], "invalid_request");
  }
  const hold = { member: "ana", meter: "storage", estimate: { stored_gib: 1 } };
  for (const path of ["holds", "quotes"]) {
    const refused = await api.post(`${acme}/${path}`, hold);
    assert.equal(refused.status, 422);
    assert.match(refused.text, /report it by a debit that says from when to when/);
  }
});

test("a time that is told twice is charged once, and the answer says for which it is", async () => {
  await workspaceWith(api, "twice", "1000");
  const debits = "/v1/workspaces/twice/debits";
  await api.post(debits, { ...level, from, to });
  const later = new Date(Date.parse(to) + 900_000).toISOString();
  const more = await api.post(debits, { ...level, from, to: later });
  assert.equal(more.status, 201, more.text);
  assert.ok(Compile(DebitSchema).Check(more.body), more.text);
  assert.deepEqual(
    [more.body["charged"], more.body["chargedFor"]],
    ["0.25", [{ from: to, to: later }]],
  );
  const again = await api.post(debits, { ...level, from, to });
  assert.deepEqual([again.body["charged"], again.body["chargedFor"]], ["0", []]);
});
