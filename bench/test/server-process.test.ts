import assert from "node:assert/strict";
import { after, test } from "node:test";
import { freshDatabase } from "../../packages/server/test/fresh-database.ts";
import { emptyResource } from "../src/http/job.ts";
import { ServerProcess } from "../src/http/server.ts";

const database = await freshDatabase();
const server = await ServerProcess.start(database.url);
after(() => server.stop());

async function post(path: string, body: unknown, apiKey = server.apiKey): Promise<Response> {
  return fetch(`http://${server.host}:${server.port}/v1/workspaces/acme/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

const hold = { member: "member-0", credits: "10" };

test("the empty route answers an id where a hold's body comes with a key", async () => {
  const opened = await post(emptyResource, hold);
  assert.equal(opened.status, 200);
  assert.deepEqual(await opened.json(), { id: "hld_empty" });
  const settled = await post(`${emptyResource}/hld_1/settle`, { credits: "7" });
  assert.deepEqual(await settled.json(), { id: "hld_1" });
});

test("the empty route refuses what a hold's route refuses for its form", async () => {
  assert.equal((await post(emptyResource, hold, "cst_wrong")).status, 401);
  assert.equal((await post(emptyResource, { ...hold, credits: "-1" })).status, 422);
  assert.equal((await post(emptyResource, { ...hold, more: 1 })).status, 422);
  assert.equal((await post(`${emptyResource}/hld_1/settle`, { credits: 7 })).status, 422);
});

test("the server tells the CPU that it has used since it was asked", async () => {
  assert.ok((await server.cpuMs()) > 0);
  const idle = await server.cpuMs();
  assert.ok(idle >= 0 && idle < 1_000);
});
