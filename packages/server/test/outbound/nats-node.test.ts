/** A node with a stream whose messages are small, as an operator has it: what is too large is told where the feed has it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CloudEvent } from "@cistern/contract";
import { startApi, workspaceWith } from "../api/api-server.ts";
import { hasNats, startNats } from "./nats-server.ts";
import { until } from "./outbound-node.ts";

test("events above the server's max_payload hold nobody up, and each can be read whole where its message points", async (t) => {
  if (!hasNats(t)) return;
  const server = await startNats({ config: "max_payload: 1024" });
  const api = await startApi({ CISTERN_SINKS: `nats://${server.host}/cistern` });
  await workspaceWith(api, "acme", "10");
  const attributes = { note: "x".repeat(900) };
  await api.post("/v1/workspaces/acme/debits", { member: "ana", credits: "1", attributes });
  await api.post("/v1/workspaces/acme/grants", { credits: "1", source: "purchase" });
  const feed = (await api.get("/v1/workspaces/acme/events?after=0.0&limit=100")).rows();
  await until(async () => (await server.stored("cistern")).length >= feed.length);
  const stored = await server.stored("cistern");
  assert.deepEqual(
    stored.map(({ messageId }) => messageId),
    feed.map(({ id }) => id),
  );
  const referred = stored.filter(({ dataref }) => dataref !== undefined);
  assert.ok(
    referred.length > 0 && referred.length < stored.length,
    `${referred.length} by reference`,
  );
  for (const { dataref = "", text } of referred) {
    const told: CloudEvent = JSON.parse(text);
    assert.deepEqual((await api.get(dataref)).at("data.0.id"), told.id);
  }
});
