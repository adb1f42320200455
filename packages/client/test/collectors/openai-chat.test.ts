import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI, { APIError } from "openai";
import { createCistern } from "@cistern/client";
import { meteredFetch } from "@cistern/client/fetch";
import { createCollector } from "@cistern/client/metering";
import { problem, startPeer, type Peer } from "../peer.ts";
import { answering, sse, startProvider, streaming, type Provider } from "./provider.ts";

function metered(peer: Peer, provider: Provider) {
  const cistern = createCistern({ url: peer.url, apiKey: "cst_test", retriesMax: 0 });
  const scope = { workspace: "acme", member: "ana" };
  const credits = createCollector({ cistern, scope });
  const openai = new OpenAI({
    apiKey: "sk-test",
    baseURL: `${provider.url}/v1`,
    fetch: meteredFetch(credits),
  });
  return { credits, openai };
}

const chat: Pick<
  OpenAI.ChatCompletionCreateParamsNonStreaming,
  "model" | "max_completion_tokens" | "messages"
> = {
  model: "gpt-5",
  max_completion_tokens: 100,
  messages: [{ role: "user", content: "Say hello." }],
};

const usage = {
  prompt_tokens: 1000,
  completion_tokens: 60,
  total_tokens: 1060,
  prompt_tokens_details: { cached_tokens: 900 },
  completion_tokens_details: { reasoning_tokens: 40 },
};

const message = { role: "assistant", content: "Hello." };
const answer = {
  id: "chatcmpl-1",
  model: "gpt-5-2025-08-07",
  choices: [{ index: 0, message, finish_reason: "stop" }],
};

const chunk = (content: string, finish: string | null = null, rest: object = {}) =>
  sse({
    id: "chatcmpl-1",
    model: "gpt-5-2025-08-07",
    choices: [{ index: 0, delta: { content }, finish_reason: finish }],
    ...rest,
  });
const usageChunk = sse({ id: "chatcmpl-1", model: "gpt-5-2025-08-07", choices: [], usage });

/** 900 of the 1,000 were cached, 40 of the 60 were thoughts. */
const exact = {
  usage: { cache_read: 900, input_text: 100, output_reasoning: 40, output_text: 20 },
  outcome: "delivered",
  response: "chatcmpl-1",
};
/** "Say hello." is ten characters, three tokens, and four for the message. */
const input = 7;

test("a chat is held before it runs, and settled by the provider's usage in exclusive buckets", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(answering({ ...answer, usage }));
  const { credits, openai } = metered(peer, provider);
  const completion = await openai.chat.completions.create(chat);
  assert.deepEqual(completion.choices[0]?.message, message);
  await credits.idle();
  const held = peer.arrived.find(({ path }) => path.endsWith("/holds"));
  assert.deepEqual(held?.body, {
    member: "ana",
    meter: "chat",
    model: "gpt-5",
    ttl: "PT15M",
    estimate: { input_text: 8, output_text: 100 },
  });
  assert.deepEqual(
    peer.charged.map(({ body }) => body),
    [exact],
  );
});

test("a stream is settled by its usage, which the caller who did not ask for it does not see", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(
    streaming([chunk("Hel"), chunk("lo."), chunk("", "stop"), usageChunk, sse("[DONE]")]),
  );
  const { credits, openai } = metered(peer, provider);
  const seen = await Array.fromAsync(
    await openai.chat.completions.create({ ...chat, stream: true }),
  );
  await credits.idle();
  assert.deepEqual(provider.calls[0]?.json["stream_options"], { include_usage: true });
  assert.deepEqual(
    seen.map(({ choices }) => choices[0]?.delta.content),
    ["Hel", "lo.", ""],
  );
  assert.deepEqual(
    peer.charged.map(({ body }) => body),
    [exact],
  );
});

test("who stops right after the last token is charged what was used, exactly", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(
    streaming([chunk("Hello."), chunk("", "stop"), usageChunk, sse("[DONE]")], "wait"),
  );
  const { credits, openai } = metered(peer, provider);
  const stream = await openai.chat.completions.create({ ...chat, stream: true });
  for await (const { choices } of stream) if (choices[0]?.finish_reason === "stop") break;
  await credits.idle();
  assert.deepEqual(
    peer.charged.map(({ body }) => body),
    [exact],
  );
});

test("a stream that is stopped is charged what went in and what came out, and says that it is estimated", async () => {
  await using peer = await startPeer();
  const deltas = Array.from({ length: 806 }, () => chunk("word "));
  await using provider = await startProvider(streaming(deltas, "wait"));
  const { credits, openai } = metered(peer, provider);
  const stream = await openai.chat.completions.create({ ...chat, stream: true });
  let read = 0;
  for await (const _ of stream) {
    read += 1;
    if (read === 806) break;
  }
  await credits.idle();
  // 4,030 characters at 3.5 a token.
  const usageSeen = { input_text: input, output_text: 1152 };
  assert.deepEqual(
    peer.charged.map(({ body }) => body),
    [{ usage: usageSeen, outcome: "cancelled", estimated: true, response: "chatcmpl-1" }],
  );
});

test("a connection that is lost is charged what came through, and the SDK throws as ever", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(streaming([chunk("Hello")], "hangUp"));
  const { credits, openai } = metered(peer, provider);
  const stream = await openai.chat.completions.create({ ...chat, stream: true });
  await assert.rejects(Array.fromAsync(stream), /terminated/);
  await credits.idle();
  assert.deepEqual(
    peer.charged.map(({ body }) => body),
    [
      {
        usage: { input_text: input, output_text: 2 },
        outcome: "partial",
        estimated: true,
        response: "chatcmpl-1",
      },
    ],
  );
});

test("a provider that errs before it answers is paid nothing, and each attempt has a hold of its own", async () => {
  await using peer = await startPeer();
  const down = answering({ error: { message: "overloaded" } }, 503);
  await using provider = await startProvider(down, answering({ ...answer, usage }));
  const { credits, openai } = metered(peer, provider);
  await openai.chat.completions.create(chat);
  await credits.idle();
  assert.deepEqual([...peer.holds.values()], ["released", "settled"]);
});

test("an answer without usage is estimated, never free", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(answering(answer));
  const { credits, openai } = metered(peer, provider);
  await openai.chat.completions.create(chat);
  await credits.idle();
  assert.deepEqual(
    peer.charged.map(({ body }) => body),
    [
      {
        usage: { input_text: input, output_text: 2 },
        outcome: "delivered",
        estimated: true,
        response: "chatcmpl-1",
      },
    ],
  );
});

test("a call that Cistern refuses never reaches the provider; the SDK throws its own error with the reason, once", async () => {
  await using peer = await startPeer();
  peer.refusals.set("holds", problem("pool_exhausted", 402, "50 are missing"));
  await using provider = await startProvider(answering({ ...answer, usage }));
  const { openai } = metered(peer, provider);
  await assert.rejects(openai.chat.completions.create(chat), (error) => {
    assert.ok(error instanceof APIError);
    assert.equal(error.status, 402);
    assert.equal(error.code, "pool_exhausted");
    return true;
  });
  assert.equal(provider.calls.length, 0);
  assert.equal(peer.arrived.length, 1);
});

test("a body to which the wish for usage is added is else the one that was sent, to the last digit", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(streaming([chunk("Hi.", "stop"), sse("[DONE]")]));
  const { credits } = metered(peer, provider);
  const rest = `"model":"gpt-5", "seed": 9007199254740993, "stream":true,"messages":[]}`;
  const fetch = meteredFetch(credits);
  const url = `${provider.url}/v1/chat/completions`;
  for (const body of [`{${rest}`, new TextEncoder().encode(`{${rest}`), new Blob([`{${rest}`])]) {
    const response = await fetch(url, { method: "POST", body });
    await response.text();
  }
  const response = await fetch(new Request(url, { method: "POST", body: `{${rest}` }));
  await response.text();
  await credits.idle();
  const sent = `{"stream_options":{"include_usage":true},${rest}`;
  assert.deepEqual(
    provider.calls.map(({ text }) => text),
    [sent, sent, sent, sent],
  );
});
