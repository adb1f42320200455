/** What a node answers while its database cannot be reached: 503 and when to come back, never a fault of its own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Route, routes } from "@cistern/contract";
import { wayToDatabase } from "../database-way.ts";
import { freshDatabase } from "../fresh-database.ts";
import { startApi, workspaceWith } from "./api-server.ts";

const database = await freshDatabase();
const way = await wayToDatabase(database.url);
const api = await startApi({ DATABASE_URL: way.url });
await workspaceWith(api, "acme", "1000");

test("while the database is away every question is answered from memory or with 503, and none with a fault", async () => {
  await api.put("/v1/consumers/ledger", {});
  way.close();
  const answers = await Promise.all(
    Object.values<Route>(routes)
      // Whether it is away is what `/readyz` is asked for.
      .filter(({ method, path }) => method === "GET" && path !== "/readyz")
      .map(async ({ path }) => {
        const asked = path.replace("{workspace}", "acme").replaceAll(/\{\w+\}/g, "ledger");
        const { status, headers } = await api.get(asked);
        return { asked, status, retryAfter: headers.get("retry-after") };
      }),
  );
  const faults = answers.filter(({ status, retryAfter }) =>
    status === 503 ? retryAfter === null : status >= 500,
  );
  assert.deepEqual(faults, []);
  assert.ok(answers.some(({ status }) => status === 503));
});

test("and every change that the database would have to keep", async () => {
  const url = "https://hooks.example.com/cistern";
  const changes = [
    await api.post("/v1/workspaces/acme/grants", { credits: "1", source: "purchase" }),
    await api.post("/v1/workspaces/acme/holds", { member: "ana", credits: "1" }),
    await api.put("/v1/consumers/other", {}),
    await api.put("/v1/webhooks/hook", { url }),
    await api.post("/v1/keys", { name: "other", scopes: ["read"] }),
  ];
  assert.deepEqual(
    changes.map(({ status, body }) => [status, body["code"]]),
    changes.map(() => [503, "enforcement_unavailable"]),
  );
});
