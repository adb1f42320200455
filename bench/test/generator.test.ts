import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { after, test } from "node:test";
import { Generator } from "../src/http/generator.ts";
import type { Group, Job } from "../src/http/job.ts";

/** A server that only counts: what arrives on the wire is what the generator says that it sent. */
async function startCounter(statusAfter: (requests: number) => number) {
  const seen = {
    keys: new Set<string>(),
    holds: 0,
    settled: new Set<string>(),
    sockets: new Set<unknown>(),
  };
  let requests = 0;
  const server = createServer((request, response) => {
    request.setEncoding("utf8");
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      requests += 1;
      seen.sockets.add(request.socket);
      answer(request, body, response, statusAfter(requests));
    });
  });
  function answer(
    request: IncomingMessage,
    body: string,
    response: ServerResponse,
    status: number,
  ) {
    const settle = /\/holds\/(\w+)\/settle$/u.exec(request.url ?? "");
    const operations: readonly { path: string; idempotencyKey: string }[] =
      request.url === "/v1/batch" ? JSON.parse(body).operations : [];
    if (settle?.[1] !== undefined) seen.settled.add(settle[1]);
    else if (request.method === "POST" && operations.length === 0) {
      seen.holds += 1;
      seen.keys.add(String(request.headers["idempotency-key"]));
    }
    for (const operation of operations) seen.keys.add(operation.idempotencyKey);
    const results = operations.map((_, index) => ({ status: 201, body: { id: `hld${index}` } }));
    const text = JSON.stringify(operations.length > 0 ? { results } : { id: `hld${seen.holds}` });
    response.writeHead(status, { "content-length": text.length }).end(text);
  }
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return { seen, port: address.port };
}

function job(port: number, groups: readonly Group[]): Job {
  return { host: "127.0.0.1", port, apiKey: "cst_test", durationMs: 200, run: "test", groups };
}

const generator = new Generator();
after(() => generator.stop());
const pairs: Group = {
  work: "pairs",
  callers: 4,
  workspaceIds: ["acme"],
  asks: "credits",
  resource: "holds",
};

test("the generator counts what the server has seen, a fresh key for each hold, a connection for each caller", async () => {
  const { seen, port } = await startCounter(() => 200);
  const result = await generator.run(job(port, [pairs]));
  assert.ok(result.pairs > 10);
  assert.deepEqual(
    [seen.holds, seen.keys.size, seen.settled.size, seen.sockets.size],
    [result.pairs, result.pairs, result.pairs, 4],
  );
  assert.deepEqual(
    result.latencies.map(({ request, count }) => [request, count]),
    [
      ["hold", result.pairs],
      ["settle", result.pairs],
    ],
  );
});

test("batches carry 50 operations with a key each, beside readers of the balance", async () => {
  const { seen, port } = await startCounter(() => 200);
  const result = await generator.run(
    job(port, [
      { ...pairs, work: "batches", callers: 1 },
      { ...pairs, work: "balances", callers: 2 },
    ]),
  );
  assert.equal(result.pairs % 50, 0);
  // The counter names the holds of every batch alike, so all batches of settles together bring 50 keys.
  assert.equal(seen.keys.size, result.pairs + 50);
  assert.deepEqual(
    result.latencies.map(({ request }) => request),
    ["batch", "balance"],
  );
});

test("a refused request fails the job with the server's words", async () => {
  const { port } = await startCounter((requests) => (requests > 20 ? 503 : 200));
  await assert.rejects(generator.run(job(port, [pairs])), /answered 503: \{"id"/u);
});
