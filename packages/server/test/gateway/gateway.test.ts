import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI, { APIError } from "openai";
import {
  answering,
  sse,
  startProvider,
  streaming,
  type Provider,
} from "../../../client/test/collectors/provider.ts";
import {
  eventually,
  startApi,
  workspaceWith,
  type ApiServer,
  type Json,
} from "../api/api-server.ts";

const usage = {
  prompt_tokens: 1000,
  completion_tokens: 60,
  prompt_tokens_details: { cached_tokens: 900 },
};
const answer = {
  id: "chatcmpl-1",
  model: "gpt-5-2025-08-07",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }],
  usage,
};
const chunk = (content: string, finish: string | null = null) =>
  sse({
    id: "chatcmpl-1",
    model: "gpt-5-2025-08-07",
    choices: [{ index: 0, delta: { content }, finish_reason: finish }],
  });
const usageChunk = sse({ id: "chatcmpl-1", model: "gpt-5-2025-08-07", choices: [], usage });

/** A server with this provider behind its gateway, and pool `acme`. */
async function gatewayTo(provider: Provider): Promise<ApiServer> {
  const upstreams = {
    openai: { url: provider.url, key: "sk-of-the-vendor" },
    anthropic: { url: provider.url, key: "sk-ant-of-the-vendor" },
  };
  const api = await startApi({ CISTERN_GATEWAY: JSON.stringify(upstreams) });
  await workspaceWith(api, "acme", "1000");
  return api;
}

async function keyOf(api: ApiServer, member?: string): Promise<string> {
  const made = await api.post("/v1/keys", {
    name: "app",
    scopes: ["gateway:use"],
    workspace: "acme",
    ...(member === undefined ? {} : { member }),
  });
  assert.equal(made.status, 201, made.text);
  return made.textAt("key");
}

async function openaiOf(api: ApiServer, member = "ana"): Promise<OpenAI> {
  return new OpenAI({
    apiKey: await keyOf(api, member),
    baseURL: `${api.url}/gateway/openai/v1`,
    maxRetries: 0,
  });
}

async function usageRows(api: ApiServer, count: number): Promise<readonly Json[]> {
  const reply = await eventually(
    () => api.get("/v1/workspaces/acme/usage"),
    (page) => page.rows().length >= count,
  );
  return reply.rows();
}

const chat: Pick<OpenAI.ChatCompletionCreateParamsNonStreaming, "model" | "messages"> = {
  model: "gpt-5",
  messages: [{ role: "user", content: "Say hello." }],
};

test("a client that can only change its base URL is metered: workspace and member come from its key, and the vendor's key stays on the server", async () => {
  await using provider = await startProvider(answering(answer));
  const api = await gatewayTo(provider);
  const openai = await openaiOf(api);
  const completion = await openai.chat.completions.create(chat);
  assert.equal(completion.choices[0]?.message.content, "Hello.");
  const [row] = await usageRows(api, 1);
  assert.deepEqual(
    { member: row?.["member"], usage: row?.["usage"], response: row?.["response"] },
    {
      member: "ana",
      usage: { cache_read: 900, input_text: 100, output_text: 60 },
      response: "chatcmpl-1",
    },
  );
  assert.equal(provider.calls[0]?.headers.authorization, "Bearer sk-of-the-vendor");
  assert.ok(!JSON.stringify(provider.calls[0]?.headers).includes("cst_"));
});

test("a stream passes as it comes and is charged what its hidden usage says", async () => {
  await using provider = await startProvider(
    streaming([chunk("Hel"), chunk("lo."), chunk("", "stop"), usageChunk, sse("[DONE]")]),
  );
  const api = await gatewayTo(provider);
  const openai = await openaiOf(api);
  const stream = await openai.chat.completions.create({ ...chat, stream: true });
  const seen = await Array.fromAsync(stream);
  assert.equal(seen.length, 3);
  const [row] = await usageRows(api, 1);
  assert.deepEqual(row?.["usage"], { cache_read: 900, input_text: 100, output_text: 60 });
});

test("a caller that hangs up in the middle of a stream is charged what came out, and the provider is told to stop", async () => {
  await using provider = await startProvider(streaming([chunk("Hello"), chunk(" there")], "wait"));
  const api = await gatewayTo(provider);
  const openai = await openaiOf(api);
  const stream = await openai.chat.completions.create({ ...chat, stream: true });
  for await (const { choices } of stream) if (choices[0]?.delta.content === " there") break;
  const [row] = await usageRows(api, 1);
  assert.deepEqual(
    { usage: row?.["usage"], outcome: row?.["outcome"], estimated: row?.["estimated"] },
    { usage: { input_text: 7, output_text: 4 }, outcome: "cancelled", estimated: true },
  );
  await eventually(
    () => Promise.resolve(provider.hungUp[0]),
    (isHungUp) => isHungUp === true,
  );
  assert.equal(provider.hungUp[0], true);
});

test("an empty pool refuses before the provider is asked, as an error that the SDK does not retry", async () => {
  await using provider = await startProvider(answering(answer));
  const api = await gatewayTo(provider);
  await workspaceWith(api, "poor", "0");
  const made = await api.post("/v1/keys", {
    name: "app",
    scopes: ["gateway:use"],
    workspace: "poor",
    member: "ben",
  });
  const openai = new OpenAI({
    apiKey: made.textAt("key"),
    baseURL: `${api.url}/gateway/openai/v1`,
  });
  await assert.rejects(openai.chat.completions.create(chat), (error) => {
    assert.ok(error instanceof APIError);
    assert.equal(error.status, 402);
    assert.equal(error.code, "pool_exhausted");
    return true;
  });
  assert.equal(provider.calls.length, 0);
});

test("what is not metered does not pass: unknown paths, other methods, unknown providers, keys that may not", async () => {
  await using provider = await startProvider(answering(answer));
  const api = await gatewayTo(provider);
  const apiKey = await keyOf(api);
  const headers = { "x-cistern-member": "ana" };
  const post = (path: string, key = apiKey) => api.post(path, {}, { apiKey: key, headers });
  const unmetered = await post("/gateway/openai/v1/batches");
  assert.equal(unmetered.at("error.code"), "unmetered");
  assert.equal(
    unmetered.at("error.message"),
    "Cistern meters no such POST to /v1/batches, so it is not sent.",
  );
  const removed = await api.call("DELETE", "/gateway/openai/v1/files/x", { apiKey, headers });
  assert.equal(removed.at("error.code"), "route_not_metered");
  assert.equal((await post("/gateway/nobody/v1/chat/completions")).status, 404);
  assert.equal((await post("/gateway/openai/v1/chat/completions", "cst_wrong")).status, 401);
  const reader = await api.post("/v1/keys", { name: "r", scopes: ["read"], workspace: "acme" });
  const forbidden = await post("/gateway/openai/v1/chat/completions", reader.textAt("key"));
  assert.equal(forbidden.at("error.code"), "forbidden");
  const nobody = await api.post("/gateway/openai/v1/chat/completions", chat, { apiKey });
  assert.equal(nobody.status, 400);
  assert.equal(provider.calls.length, 0);
});

test("a key that is bound to a member spends for that member, whatever the request says, and opens nothing else", async () => {
  await using provider = await startProvider(answering(answer));
  const api = await gatewayTo(provider);
  const apiKey = await keyOf(api, "ana");
  const headers = { "x-cistern-member": "ben", "x-cistern-workspace": "other" };
  const reply = await api.post("/gateway/openai/v1/chat/completions", chat, { apiKey, headers });
  assert.equal(reply.status, 200, reply.text);
  const [row] = await usageRows(api, 1);
  assert.equal(row?.["member"], "ana");
  assert.equal((await api.get("/v1/workspaces/acme/balance", { apiKey })).status, 403);
  const wide = { name: "wide", scopes: ["usage:write"], workspace: "acme", member: "ana" };
  assert.equal((await api.post("/v1/keys", wide)).status, 422);
});

test("a provider that errs answers with its own error, and nothing is charged", async () => {
  await using provider = await startProvider(
    answering({ error: { message: "overloaded", code: "busy" } }, 503),
  );
  const api = await gatewayTo(provider);
  const openai = await openaiOf(api);
  await assert.rejects(openai.chat.completions.create(chat), (error) => {
    assert.ok(error instanceof APIError);
    assert.equal(error.code, "busy");
    return true;
  });
  const balance = await eventually(
    () => api.get("/v1/workspaces/acme/balance"),
    (reply) => reply.at("held") === "0",
  );
  assert.equal(balance.at("available"), "1000");
});

test("Anthropic's SDK finds the gateway too: its key stands in x-api-key, and so does the vendor's", async () => {
  const message = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-haiku-4-5-20251001",
    content: [{ type: "text", text: "Hello." }],
    stop_reason: "end_turn",
    usage: { input_tokens: 12, output_tokens: 6, cache_read_input_tokens: 30 },
  };
  await using provider = await startProvider(answering(message));
  const api = await gatewayTo(provider);
  const anthropic = new Anthropic({
    apiKey: await keyOf(api, "ana"),
    baseURL: `${api.url}/gateway/anthropic`,
  });
  const said = await anthropic.messages.create({
    model: "claude-haiku-4-5",
    max_tokens: 100,
    messages: [{ role: "user", content: "Say hello." }],
  });
  assert.deepEqual(said.content, [{ type: "text", text: "Hello." }]);
  const [row] = await usageRows(api, 1);
  assert.deepEqual(row?.["usage"], { input_text: 12, cache_read: 30, output_text: 6 });
  assert.equal(provider.calls[0]?.headers["x-api-key"], "sk-ant-of-the-vendor");
  assert.ok(!JSON.stringify(provider.calls[0]?.headers).includes("cst_"));
});

test("a stream is read no faster than the caller reads it", async () => {
  const part = chunk("x".repeat(60_000));
  let written = 0;
  await using provider = await startProvider(async (_call, response) => {
    const closed = once(response, "close");
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (let sent = 0; sent < 1_000 && !response.destroyed; sent += 1) {
      const isRoomLeft = response.write(part);
      written += part.length;
      if (!isRoomLeft) await Promise.race([once(response, "drain"), closed]);
    }
    response.end(sse("[DONE]"));
  });
  const api = await gatewayTo(provider);
  const leave = new AbortController();
  const response = await fetch(`${api.url}/gateway/openai/v1/chat/completions`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${await keyOf(api, "ana")}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ ...chat, stream: true }),
    signal: leave.signal,
  });
  assert.equal(response.status, 200);
  // Nobody reads: what is written stands still once the sockets between are full.
  let before = -1;
  while (before !== written) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  assert.ok(written < 30_000_000, `${written} of 60,000,000 characters were taken`);
  leave.abort();
});

/** Sends a request whose target is written as it stands, and answers the first line of the answer. */
async function sendRaw(api: ApiServer, target: string, headers: string): Promise<string> {
  const body = JSON.stringify(chat);
  const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
  socket.write(
    `POST ${target} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`,
  );
  const answered = Buffer.concat(await Array.fromAsync<Buffer>(socket)).toString();
  return answered.slice(0, answered.indexOf("\r\n"));
}

test("the vendor's key goes to its provider alone, whatever address a client writes", async () => {
  await using provider = await startProvider(answering(answer));
  await using thief = await startProvider(answering(answer));
  const { port } = new URL(thief.url);
  const upstreams = { openai: { url: "http://localhost", key: "sk-of-the-vendor" } };
  const api = await startApi({
    CISTERN_GATEWAY: JSON.stringify({
      ...upstreams,
      based: { url: `${provider.url}/tenant-a`, key: "sk-of-tenant-a" },
    }),
  });
  await workspaceWith(api, "acme", "1000");
  const key = `authorization: Bearer ${await keyOf(api, "ana")}\r\n`;
  for (const target of [
    `http://12345678:${port}/gateway/openai/v1/chat/completions`,
    `http://localhost:${port}/gateway/openai/v1/chat/completions`,
    `/gateway/openai/@localhost:${port}/v1/chat/completions`,
    `/gateway/openai//localhost:${port}/v1/chat/completions`,
    `/gateway/%6fpenai/v1/chat/completions`,
    "/gateway/based/../tenant-b/v1/chat/completions",
    "/gateway/based/%2e%2e/tenant-b/v1/chat/completions",
    "/gateway/based/v1/chat/completions;/v1/moderations",
    "/gateway/based/v1/files/v1/moderations",
  ])
    assert.match(await sendRaw(api, target, key), / (400|403|404|501|502) /, target);
  assert.equal(thief.calls.length, 0);
  assert.equal(provider.calls.length, 0);
  const [, path] = [
    await sendRaw(api, "/gateway/based/v1/chat/completions", key),
    provider.calls[0]?.path,
  ];
  assert.equal(path, "/tenant-a/v1/chat/completions");
});

test("a redirect of the provider is followed by nobody, and charged to nobody", async () => {
  await using provider = await startProvider((_call, response) => {
    response.writeHead(307, { location: "http://127.0.0.1:1/v1/chat/completions" });
    response.end();
  });
  const api = await gatewayTo(provider);
  const apiKey = await keyOf(api, "ana");
  const reply = await api.post("/gateway/openai/v1/chat/completions", chat, { apiKey });
  assert.equal(reply.status, 502);
  assert.equal(reply.headers.get("location"), null);
  const balance = await eventually(
    () => api.get("/v1/workspaces/acme/balance"),
    (read) => read.at("held") === "0",
  );
  assert.equal(balance.at("available"), "1000");
});

test("who has no key is answered before the body is read", async () => {
  await using provider = await startProvider(answering(answer));
  const api = await gatewayTo(provider);
  const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
  socket.write(
    "POST /gateway/openai/v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 60000000\r\n\r\n{",
  );
  const [first] = await once(socket, "data");
  assert.match(String(first), /^HTTP\/1.1 401 /);
  socket.destroy();
});

test("an answer in one piece that is cut off is told as such, and what came of it is charged", async () => {
  await using provider = await startProvider((_call, response) => {
    const whole = JSON.stringify(answer);
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": String(whole.length),
    });
    // Up to the text, which is whole, and not to the usage.
    response.write(whole.slice(0, whole.indexOf("finish_reason")), () => response.destroy());
  });
  const api = await gatewayTo(provider);
  const apiKey = await keyOf(api, "ana");
  const reply = await api.post("/gateway/openai/v1/chat/completions", chat, { apiKey });
  assert.equal(reply.status, 502);
  assert.equal(reply.at("error.code"), "upstream_cut_off");
  const [row] = await usageRows(api, 1);
  assert.deepEqual(
    { usage: row?.["usage"], outcome: row?.["outcome"], estimated: row?.["estimated"] },
    { usage: { input_text: 7, output_text: 2 }, outcome: "partial", estimated: true },
  );
});
