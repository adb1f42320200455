import { once } from "node:events";
import { type Server, createServer } from "node:http";
import { ServerProcess } from "../http/server.ts";
import { Samples, percentile } from "../load/samples.ts";
import type { Bench, Measurement } from "./measurement.ts";
import { VoidRunError } from "./measurement.ts";

const callers = 32;
/** Until all that a server runs all day is compiled: after 100 calls the median is a third higher, and still falling. */
const warmUpCalls = 1_500;
const workspaceId = "acme";

/** What the provider answers at once, so that what is measured is the way to it. */
const answer = JSON.stringify({
  id: "chatcmpl-bench",
  model: "gpt-5",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }],
  usage: { prompt_tokens: 20, completion_tokens: 5 },
});
const request = JSON.stringify({
  model: "gpt-5",
  max_completion_tokens: 20,
  messages: [{ role: "user", content: "Say hello." }],
});

/** A chat through the gateway beside the same call to the provider itself, in turns, so that both have the same weather. */
export const gateway: Measurement = {
  name: "gateway",
  about: "a chat through the gateway beside the same call without it",
  async run(bench) {
    const provider = await startProvider();
    bench.closing.defer(() => {
      provider.closeAllConnections();
      provider.close();
    });
    const providerUrl = urlOf(provider);
    const server = await ServerProcess.start(await bench.postgres.createDatabase("gateway"), {
      CISTERN_GATEWAY: JSON.stringify({ openai: { url: providerUrl } }),
    });
    bench.closing.defer(() => server.stop());
    const url = `http://${server.host}:${server.port}`;
    const key = await prepared(url, server.apiKey);
    const direct = chatTo(`${providerUrl}/v1/chat/completions`, key);
    const through = chatTo(`${url}/gateway/openai/v1/chat/completions`, key);
    const [alone, metered] = [new Samples(), new Samples()];
    const turns = warmUpCalls + bench.pace.idleSamples;
    for (let turn = 0; turn < turns; turn += 1) {
      const start = performance.now();
      await direct();
      const between = performance.now();
      await through();
      if (turn < warmUpCalls) continue;
      alone.add(between - start);
      metered.add(performance.now() - between);
    }
    const directMs = percentile(alone.values(), 0.5);
    const throughMs = percentile(metered.values(), 0.5);
    const directRate = await rate(bench, direct);
    const throughRate = await rate(bench, through);
    await checkCharged(url, server.apiKey, turns + throughRate.calls);
    return {
      "gateway.direct_ms.p50": directMs,
      "gateway.added_ms.p50": throughMs - directMs,
      "gateway.added_ms.p99": percentile(metered.values(), 0.99) - percentile(alone.values(), 0.99),
      "gateway.requests_per_s": throughRate.perSecond,
      "gateway.vs_direct": throughRate.perSecond / directRate.perSecond,
    };
  },
};

async function startProvider(): Promise<Server> {
  const server = createServer((incoming, response) => {
    incoming.resume().on("end", () => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(answer);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The provider has no port");
  return `http://127.0.0.1:${address.port}`;
}

async function prepared(url: string, apiKey: string): Promise<string> {
  await post(url, apiKey, "/v1/workspaces", { id: workspaceId });
  const grant = { credits: "100000000", source: "purchase" };
  await post(url, apiKey, `/v1/workspaces/${workspaceId}/grants`, grant);
  const made = await post(url, apiKey, "/v1/keys", {
    name: "bench",
    scopes: ["gateway:use"],
    workspace: workspaceId,
    member: "ana",
  });
  return String(made["key"]);
}

async function post(
  url: string,
  apiKey: string,
  path: string,
  body: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(url + path, {
    method: "POST",
    headers: {
      authorization: `Bearer ${apiKey}`,
      "content-type": "application/json",
      "idempotency-key": `bench ${path}`,
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  const made: Record<string, unknown> = JSON.parse(await response.text());
  return made;
}

function chatTo(url: string, key: string): () => Promise<void> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  return async () => {
    const response = await fetch(url, { method: "POST", headers, body: request });
    const text = await response.text();
    if (!response.ok || text !== answer) throw new Error(`${response.status} ${text}`);
  };
}

async function rate(
  { pace }: Bench,
  call: () => Promise<void>,
): Promise<{ readonly perSecond: number; readonly calls: number }> {
  const start = performance.now();
  const end = start + pace.measureMs;
  let calls = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      await call();
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { perSecond: (calls * 1_000) / (performance.now() - start), calls };
}

/** Every call was charged, once: 20 and 5 tokens at the prices of the built-in catalog. */
async function checkCharged(url: string, apiKey: string, calls: number): Promise<void> {
  const headers = { authorization: `Bearer ${apiKey}` };
  const expected = calls * (20 * 125 + 5 * 1_000);
  for (let tries = 0; ; tries += 1) {
    const response = await fetch(`${url}/v1/workspaces/${workspaceId}/balance`, { headers });
    const { consumed, held }: { consumed: string; held: string } = JSON.parse(
      await response.text(),
    );
    if (held === "0" && Math.round(Number(consumed) * 1_000_000) === expected) return;
    if (tries > 200)
      throw new VoidRunError("gateway", [
        `${calls} calls, ${consumed} credits charged, ${held} held`,
      ]);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
