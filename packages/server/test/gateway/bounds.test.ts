import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { createCistern } from "@cistern/client";
import { createCollector } from "@cistern/client/metering";
import fastify from "fastify";
import {
  type Provider,
  answering,
  sse,
  startProvider,
  streaming,
} from "../../../client/test/collectors/provider.ts";
import { type Gateway, createGateway, serveGateway } from "../../src/gateway/index.ts";
import { eventually, startApi, workspaceWith } from "../api/api-server.ts";

const api = await startApi();
let made = 0;

/** A gateway with small bounds, over a pool of its own. */
async function gatewayTo(provider: Provider) {
  const workspace = `pool-${(made += 1)}`;
  await workspaceWith(api, workspace, "1000");
  const cistern = createCistern({ url: api.url, apiKey: api.key });
  const collector = createCollector({ cistern, scope: { workspace, member: "ana" } });
  const upstream = {
    name: "openai",
    url: provider.url,
    key: undefined,
    keyHeader: "bearer",
  } as const;
  const gateway = createGateway({
    upstreams: new Map([["openai", upstream]]),
    collector,
    permits: { all: 2, perWorkspace: 1 },
    patience: { firstByteMs: 200, betweenBytesMs: 200 },
    after: (ms, callBack) => {
      const timer = setTimeout(callBack, ms);
      return () => clearTimeout(timer);
    },
  });
  return { workspace, collector, gateway };
}

const body = Buffer.from(
  JSON.stringify({ model: "gpt-5", stream: true, messages: [{ role: "user", content: "Hi" }] }),
);
const ask = async (gateway: Gateway, workspace: string) =>
  await gateway.call({
    caller: { workspace, member: "ana" },
    provider: "openai",
    method: "POST",
    path: "/v1/chat/completions",
    headers: { "content-type": "application/json" },
    body,
    signal: new AbortController().signal,
  });
const chunk = (content: string) =>
  sse({ id: "chatcmpl-1", model: "gpt-5", choices: [{ index: 0, delta: { content } }] });

test("a stream keeps its permit until its last byte has left; whoever comes meanwhile is told to wait", async () => {
  let finish = (): void => {};
  await using provider = await startProvider(
    async (_call, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunk("Hello"));
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      response.end(sse("[DONE]"));
    },
    answering({ id: "chatcmpl-2", model: "gpt-5", choices: [] }),
  );
  const { gateway, workspace } = await gatewayTo(provider);
  const first = await ask(gateway, workspace);
  assert.equal(gateway.underWay, 1);
  const second = await ask(gateway, workspace);
  assert.equal(second.response.status, 503);
  assert.equal(second.response.headers.get("retry-after"), "1");
  finish();
  await first.response.text();
  first.release();
  first.release();
  assert.equal(gateway.underWay, 0);
  const third = await ask(gateway, workspace);
  assert.equal(third.response.status, 200);
});

test("a provider that does not answer is given up, and nothing is charged", async () => {
  await using provider = await startProvider(() => new Promise(() => {}));
  const { gateway, workspace, collector } = await gatewayTo(provider);
  const { response } = await ask(gateway, workspace);
  assert.equal(response.status, 504);
  assert.equal(gateway.underWay, 0);
  await collector.idle();
  const balance = await api.get(`/v1/workspaces/${workspace}/balance`);
  assert.equal(balance.at("available"), "1000");
});

test("a provider that falls silent in the middle is cut off, and what came through is charged", async () => {
  await using provider = await startProvider(streaming([chunk("Hello")], "wait"));
  const { gateway, workspace, collector } = await gatewayTo(provider);
  const { response } = await ask(gateway, workspace);
  await assert.rejects(response.text(), /nothing more/);
  await collector.idle();
  const usage = await eventually(
    () => api.get(`/v1/workspaces/${workspace}/usage`),
    (page) => page.rows().length === 1,
  );
  assert.equal(usage.at("data.0.outcome"), "partial");
  assert.equal(usage.at("data.0.estimated"), true);
  await eventually(
    () => Promise.resolve(provider.hungUp[0]),
    (isHungUp) => isHungUp === true,
  );
  assert.equal(provider.hungUp[0], true);
});

test("a provider that cannot be reached is told as such, and nothing is charged", async () => {
  const provider = await startProvider();
  await provider[Symbol.asyncDispose]();
  const { gateway, workspace, collector } = await gatewayTo(provider);
  const { response } = await ask(gateway, workspace);
  assert.equal(response.status, 502);
  await collector.idle();
  const balance = await api.get(`/v1/workspaces/${workspace}/balance`);
  assert.equal(balance.at("available"), "1000");
});

/** A timer that goes off when the test says so. */
function handTimer() {
  const waiting = new Set<() => void>();
  return {
    after: (_ms: number, callBack: () => void) => {
      waiting.add(callBack);
      return () => waiting.delete(callBack);
    },
    get isSet() {
      return waiting.size > 0;
    },
    goOff: () => {
      const due = [...waiting];
      waiting.clear();
      for (const callBack of due) callBack();
    },
  };
}

test("a reader that takes nothing of what waits for it has left, and one that is slow has not", async (t) => {
  let written = 0;
  await using provider = await startProvider(async (_call, response) => {
    const closed = once(response, "close");
    response.writeHead(200, { "content-type": "text/event-stream" });
    while (!response.destroyed) {
      const part = chunk("x".repeat(60_000));
      written += part.length;
      if (!response.write(part)) await Promise.race([once(response, "drain"), closed]);
    }
  });
  /** Until the sockets between are full. */
  const standsStill = async (): Promise<void> => {
    for (let before = -1; before !== written;) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  };
  const { gateway, workspace, collector } = await gatewayTo(provider);
  const timer = handTimer();
  const app = fastify();
  const leave = new AbortController();
  t.after(async () => {
    leave.abort();
    await app.close();
  });
  await serveGateway(app, {
    gateway,
    authenticate: () => ({
      prefix: "cst_",
      scopes: new Set(["gateway:use"]),
      workspace,
      member: "ana",
    }),
    reader: { stillMs: 300_000, after: timer.after },
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const { body: answer } = await fetch(`${url}/gateway/openai/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: "Bearer cst_", "content-type": "application/json" },
    body,
    signal: leave.signal,
  });
  assert.ok(answer !== null);
  const reader = answer.getReader();
  await standsStill();
  timer.goOff();
  // It takes as much as lets the provider go on, between two looks.
  const before = written;
  const goesOn = (): boolean => written > before;
  while (!goesOn()) await reader.read();
  await standsStill();
  timer.goOff();
  assert.equal(gateway.underWay, 1);
  timer.goOff();
  await eventually(
    () => Promise.resolve(gateway.underWay),
    (underWay) => underWay === 0,
  );
  await collector.idle();
  const usage = await api.get(`/v1/workspaces/${workspace}/usage`);
  assert.equal(usage.at("data.0.outcome"), "cancelled");
  assert.equal(usage.at("data.0.estimated"), true);
  await eventually(
    () => Promise.resolve(provider.hungUp[0]),
    (isHungUp) => isHungUp === true,
  );
  assert.equal(provider.hungUp[0], true);
  assert.equal(timer.isSet, false);
});
