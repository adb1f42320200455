/** `@modelcontextprotocol/sdk`: a tool with a price, whose handler asks the provider. What is charged is its result, and nothing else. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { meteredTool } from "@cistern/client/mcp";
import {
  answering,
  cutAfter,
  hanging,
  silent,
} from "../../../packages/client/test/collectors/provider.ts";
import type { AllTold, Connection, End } from "../cell.ts";
import { type How, type Row, runnable } from "../use.ts";

async function connected({ url, collector }: Connection): Promise<Client> {
  const server = new McpServer({ name: "tools", version: "1.0.0" });
  const weather = async ({ signal }: { readonly signal: AbortSignal }) => {
    const response = await fetch(url, { method: "POST", body: "{}", signal });
    const text = JSON.stringify(await response.json());
    return { content: [{ type: "text" as const, text }], isError: !response.ok };
  };
  const price = { name: "weather", usage: { requests: 1 } };
  server.registerTool(
    "weather",
    {},
    collector === undefined ? weather : meteredTool(collector, weather, price),
  );
  const client = new Client({ name: "agent", version: "1.0.0" });
  const [near, far] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(far), client.connect(near)]);
  return client;
}

/** An agent that calls again where a tool says that it failed. */
async function call(client: Client, { signal, timeoutMs, retries }: How): Promise<unknown> {
  const options = {
    ...(signal === undefined ? {} : { signal }),
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
  };
  const result = await client.callTool({ name: "weather", arguments: {} }, undefined, options);
  const isError = result.isError === true;
  return isError && retries > 0 ? await call(client, { retries: retries - 1 }) : result;
}

const sunny = { sky: "sunny" };
const exact: End = { usage: { requests: 1 }, outcome: "delivered" };
const told: AllTold = {
  plain: { provider: [answering(sunny)], expected: [exact] },
  stream: { none: "a tool answers in one piece" },
  "left at the end": { none: "a tool answers in one piece" },
  // A tool that heeds the signal has no result, and is free.
  abort: { provider: [hanging], expected: ["released"] },
  disconnect: { provider: [silent], expected: ["released"] },
  "cut JSON": { provider: [cutAfter('"sun', sunny)], expected: ["released"] },
  "missing usage": { none: "the price is fixed beforehand" },
  "provider error": { provider: [answering({ error: "gone" }, 404)], expected: ["released"] },
  retry: {
    provider: [answering({ error: "busy" }, 503), answering(sunny)],
    expected: ["released", exact],
  },
  timeout: { provider: [hanging], expected: ["released"] },
  "cached tokens": { none: "a tool has no tokens" },
  "reasoning tokens": { none: "a tool has no tokens" },
  "tool calls": { none: "each call of this row is one" },
  "cut tool call": { none: "a tool is called in one piece" },
};

const row: Row<Client> = {
  sdk: "@modelcontextprotocol/sdk, a tool",
  connect: connected,
  use: { whole: call },
  told,
};

/** See the file head. */
export const mcpRow = runnable(row);
