import assert from "node:assert/strict";
import { test } from "node:test";
import { createCistern } from "@cistern/client";
import { createCollector } from "@cistern/client/metering";
import {
  type Provider,
  answering,
  sse,
  startProvider,
  streaming,
} from "../../../client/test/collectors/provider.ts";
import { type Gateway, createGateway } from "../../src/gateway/index.ts";
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
