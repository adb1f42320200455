/** Reserved capacity over HTTP: its line, its rate in the headers, and what is set aside for a group. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Compile } from "typebox/compile";
import { EntitlementsSchema } from "@cistern/contract";
import { workspaceWith } from "./api-server.ts";
import { startWithCatalog } from "./catalog-server.ts";

const api = await startWithCatalog({
  meters: { chat: { buckets: ["input_text"] } },
  rateCards: { standard: { rows: [{ meter: "chat", perMillion: { input_text: "100" } }] } },
  plans: {
    busy: {
      currency: "USD",
      included: { credits: "1000", recognition: "ratable" },
      reservedCapacity: {
        fee: "500.00",
        rate: { requests: 2, per: "PT1H" },
        group: "prod",
        share: "40",
      },
    },
  },
});
const entitlements = Compile(EntitlementsSchema);

test("a reserved rate lets a group's calls through that the workspace's rate would refuse", async () => {
  const path = "/v1/workspaces/r1";
  await workspaceWith(api, "r1", "0");
  await api.put(`${path}/groups/prod`, {});
  await api.put(`${path}/members/bot`, { kind: "agent", groups: ["prod"] });
  await api.put(`${path}/limits/all`, {
    scope: { kind: "workspace" },
    rate: { requests: 1, per: "PT1H" },
  });
  const put = await api.put(`${path}/subscription`, { plan: "busy" });
  assert.equal(put.status, 200, put.text);
  assert.deepEqual(
    put.rows("lines").map(({ kind }) => kind),
    ["reserved_capacity"],
  );
  assert.equal(put.at("amount.amount"), "50000");
  const hold = (member: string) =>
    api.post(`${path}/holds`, { member, meter: "chat", credits: "1" });
  const statuses: (readonly [string, number])[] = [];
  for (const who of ["ana", "ana", "bot", "bot", "bot"])
    statuses.push([who, (await hold(who)).status]);
  assert.deepEqual(statuses, [
    ["ana", 201],
    ["ana", 429],
    ["bot", 201],
    ["bot", 201],
    ["bot", 429],
  ]);
  const told = await api.get(`${path}/entitlements`);
  assert.ok(entitlements.Check(told.body), told.text);
  assert.deepEqual(told.at("reservedCapacity"), {
    rate: { requests: 2, per: "PT1H", burst: 2 },
    left: "0",
    group: "prod",
    share: "40",
  });
  const balance = await api.get(`${path}/balance`);
  // The group's calls took of what is set aside for it.
  assert.deepEqual([balance.at("available"), balance.at("restricted.available")], ["599", "398"]);
});
