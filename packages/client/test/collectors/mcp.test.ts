import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import { meteredTool, scopeMeta } from "@cistern/client/mcp";
import type { Collector } from "@cistern/client/metering";
import { problem, startPeer } from "../peer.ts";
import { asked, creditsOn, settlements } from "./metered-peer.ts";

/** A server with priced tools, and a client of it. */
async function connected(credits: Collector) {
  const server = new McpServer({ name: "tools", version: "1.0.0" });
  const calls: string[] = [];
  server.registerTool(
    "weather",
    { description: "The weather.", inputSchema: { city: z.string() } },
    meteredTool(
      credits,
      async ({ city }) => {
        calls.push(city);
        if (city === "Atlantis") throw new Error("It sank.");
        const isError = city === "Utopia";
        const text = isError ? "There is no such place." : `Sunny in ${city}.`;
        return await Promise.resolve({ content: [{ type: "text" as const, text }], isError });
      },
      { name: "weather", credits: "2", action: ({ city }) => `weather ${city}` },
    ),
  );
  server.registerTool(
    "find",
    { inputSchema: { query: z.string() }, outputSchema: { found: z.number() } },
    meteredTool(
      credits,
      ({ query }) => ({
        content: [],
        structuredContent: { found: query.length },
      }),
      {
        name: "find",
        usage: { requests: 1 },
        meter: "search",
        reached: ({ structuredContent }) => structuredContent.found > 3,
        trustsCaller: true,
      },
    ),
  );
  server.registerTool(
    "ping",
    {},
    meteredTool(credits, () => ({ content: [] }), { name: "ping", credits: "0.1" }),
  );
  const client = new Client({ name: "agent", version: "1.0.0" });
  const [near, far] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(far), client.connect(near)]);
  return {
    calls,
    call: async (name: string, given: Record<string, unknown>, meta?: Record<string, unknown>) =>
      await client.callTool({
        name,
        arguments: given,
        ...(meta === undefined ? {} : { _meta: meta }),
      }),
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await server.close();
    },
  };
}

test("a tool with a fixed price is held before it works, in the run that its caller names, and charged for its result", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  await using tools = await connected(credits);
  const meta = scopeMeta(
    { workspace: "eve", member: "eve", run: "r-7" },
    { baggage: "userId=alice" },
  );
  const { content } = await tools.call("weather", { city: "Berlin" }, meta);
  assert.deepEqual(content, [{ type: "text", text: "Sunny in Berlin." }]);
  assert.deepEqual(await settlements(credits, peer), [{ credits: "2", outcome: "delivered" }]);
  const [hold] = peer.arrived;
  assert.equal(hold?.path, "/v1/workspaces/acme/holds");
  assert.deepEqual(hold?.body, {
    member: "ana",
    run: "r-7",
    ttl: "PT15M",
    credits: "2",
    attributes: { tool: "weather" },
    toolCall: true,
    action: "weather Berlin",
  });
});

test("a tool that fails or says that it did is free", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  await using tools = await connected(credits);
  const failed = await tools.call("weather", { city: "Atlantis" });
  assert.deepEqual(failed.content, [{ type: "text", text: "It sank." }]);
  const wrong = await tools.call("weather", { city: "Utopia" });
  assert.equal(wrong.isError, true);
  assert.deepEqual(await settlements(credits, peer), []);
  assert.deepEqual([...peer.holds.values()], ["released", "released"]);
});

test("a tool that is paid by its outcome is charged only where that is reached", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  await using tools = await connected(credits);
  await tools.call("find", { query: "abc" });
  await tools.call("find", { query: "llamas" });
  assert.deepEqual(await settlements(credits, peer), [
    { usage: { requests: 1 }, outcome: "delivered" },
  ]);
  assert.deepEqual([...peer.holds.values()], ["released", "settled"]);
});

test("a server that trusts its callers lets them say who pays", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  await using tools = await connected(credits);
  const meta = scopeMeta({ workspace: "beta", member: "ben", run: "r-8", project: "spring" });
  await tools.call("find", { query: "llamas" }, meta);
  await credits.idle();
  const [hold] = peer.arrived;
  assert.equal(hold?.path, "/v1/workspaces/beta/holds");
  assert.deepEqual(hold?.body, {
    member: "ben",
    run: "r-8",
    project: "spring",
    meter: "search",
    ttl: "PT15M",
    estimate: { requests: 1 },
    attributes: { tool: "find" },
    toolCall: true,
  });
});

test("a call that may not be made is an error that the model reads, with the problem beside it, and does nothing", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const refused = problem("runaway_loop", 403, "The action was approved 5 times.");
  peer.refusals.set("holds", refused);
  await using tools = await connected(credits);
  const result = await tools.call("weather", { city: "Berlin" });
  assert.equal(result.isError, true);
  assert.deepEqual(result.content, [
    { type: "text", text: "runaway_loop: The action was approved 5 times." },
  ]);
  const { _meta: meta } = result;
  assert.deepEqual(meta?.["cistern/problem"], refused);
  assert.deepEqual(tools.calls, []);
});

test("a tool without arguments is metered like any other", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  await using tools = await connected(credits);
  await tools.call("ping", {});
  assert.deepEqual(await settlements(credits, peer), [{ credits: "0.1", outcome: "delivered" }]);
  assert.equal(asked(peer).length, 1);
});
