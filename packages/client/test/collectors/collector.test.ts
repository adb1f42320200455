import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { CisternProblem } from "@cistern/client";
import { meteredFetch } from "@cistern/client/fetch";
import type { Collector } from "@cistern/client/metering";
import { problem, startPeer, until } from "../peer.ts";
import { asked, creditsOn, settlements } from "./metered-peer.ts";
import { answering, startProvider } from "./provider.ts";

const seen = { isUsageRunning: false, delivered: {}, response: undefined, model: undefined };

/** A call that was held for 1,000 tokens of output and put out so many. */
async function called(credits: Collector, output: number): Promise<void> {
  const estimate = { input_text: 1000, output_text: 1000 };
  const call = await credits.open({ kind: "chat", estimate, input: { input_text: 900 } });
  call.end({ ...seen, usage: { input_text: 500, output_text: output }, isWhole: true }, "ended");
}

test("statistics say how estimates compare with what was used, over the calls whose usage the provider told", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  assert.deepEqual(credits.statistics(), {});
  await called(credits, 500);
  await called(credits, 1500);
  const silent = await credits.open({
    kind: "chat",
    estimate: { output_text: 1_000_000 },
    input: { input_text: 9 },
  });
  silent.end({ ...seen, usage: undefined, isWhole: true }, "ended");
  await credits.idle();
  // 4,000 tokens were held for 3,000.
  assert.deepEqual(credits.statistics(), {
    chat: { calls: 2, ratio: 4 / 3, outputP95: undefined },
  });
  // What one member's calls teach, all of the collector's know.
  assert.deepEqual(credits.with({ member: "ben" }).statistics(), credits.statistics());
});

test("a call that names no bound is held for what 95 of 100 calls of its workspace put out, once 20 were learned from, and never for less than 1,024", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const short = credits.with({ workspace: "short" });
  assert.equal(credits.outputTokens("chat"), 4096);
  for (let output = 1; output <= 20; output += 1) {
    await called(credits, output * 1_000);
    await called(short, output * 10);
  }
  await credits.idle();
  assert.equal(credits.outputTokens("chat"), 19_000);
  assert.equal(short.outputTokens("chat"), 1_024);
  assert.equal(credits.with({ workspace: "other" }).outputTokens("chat"), 4096);
  assert.equal(credits.outputTokens("embedding"), 4096);
});

test("a caller that gives up while its hold is being made gets it back", async () => {
  await using peer = await startPeer();
  peer.answerDelayMs = 50;
  const credits = creditsOn(peer);
  const stop = new AbortController();
  const opening = credits.open({ kind: "chat", estimate: {}, input: {} }, stop.signal);
  await until("the hold is asked for", () => peer.arrived.length === 1);
  stop.abort(new Error("Never mind."));
  await assert.rejects(opening, /Never mind/);
  await credits.idle();
  assert.deepEqual([...peer.holds.values()], ["released"]);
});

const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
const message = { role: "assistant", content: "Hello." };
const answer = {
  id: "chatcmpl-1",
  model: "gpt-5",
  choices: [{ index: 0, message, finish_reason: "stop" }],
  usage,
};
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "Say hello." }];

test("a call that was authorized first has that hold through a metered fetch as well, and the next one asks", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(answering(answer));
  const credits = creditsOn(peer);
  const preview = { model: "gpt-5", prompt: messages, maxOutputTokens: 100 };
  const authorized = await credits.authorize(preview);
  // What was authorized is held as the call itself would be.
  const estimate = { input_text: 8, output_text: 100 };
  const request = { member: "ana", meter: "chat", model: "gpt-5", ttl: "PT15M", estimate };
  assert.deepEqual(asked(peer), [request]);
  peer.refusals.set("holds", problem("pool_exhausted", 402));
  const baseURL = `${provider.url}/v1`;
  const openai = new OpenAI({ apiKey: "sk-test", baseURL, fetch: meteredFetch(authorized) });
  const chat = { model: "gpt-5", messages, max_completion_tokens: 100 };
  await openai.chat.completions.create(chat);
  await assert.rejects(openai.chat.completions.create(chat), { status: 402 });
  assert.deepEqual(await settlements(credits, peer), [
    {
      usage: { input_text: 7, output_text: 3 },
      outcome: "delivered",
      response: "chatcmpl-1",
    },
  ]);
});

test("a hold that was asked for goes along when its collector is narrowed, to its own scope and to no other", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(answering(answer));
  const credits = creditsOn(peer).with({ project: "spring" });
  const preview = { model: "gpt-5", prompt: messages, maxOutputTokens: 100 };
  const chat = { model: "gpt-5", messages, max_completion_tokens: 100 };
  const ask = async (collector: Collector): Promise<unknown> => {
    const baseURL = `${provider.url}/v1`;
    const openai = new OpenAI({ apiKey: "sk-test", baseURL, fetch: meteredFetch(collector) });
    return await openai.chat.completions.create(chat);
  };
  const first = (await credits.authorize(preview)).with({ attributes: { plan: "pro" } });
  const second = await credits.authorize(preview);
  peer.refusals.set("holds", problem("pool_exhausted", 402));
  await ask(second.with({ member: "ana" }).with({ project: "spring" }));
  for (const other of [first, first.with({ member: "ben" }), first.with({ run: "r-1" })])
    await assert.rejects(ask(other), { status: 402 });
  first.with({ member: "ben" }).release();
  assert.equal((await settlements(credits, peer)).length, 1);
  assert.deepEqual([...peer.holds.values()], ["released", "settled"]);
});

test("a name that is longer than the contract takes is left out, and the call is charged all the same", async () => {
  const long = "m".repeat(129);
  for (const [told, kept] of [
    [
      { model: "m".repeat(128), id: "r".repeat(128) },
      { model: "m".repeat(128), response: "r".repeat(128) },
    ],
    [{ model: long, id: long }, {}],
    [{ model: "gpt-5", id: "réponse" }, {}],
  ] as const) {
    await using peer = await startPeer();
    await using provider = await startProvider(answering({ ...answer, ...told }));
    const credits = creditsOn(peer, { chargeBy: "answered" });
    const baseURL = `${provider.url}/v1`;
    const openai = new OpenAI({ apiKey: "sk-test", baseURL, fetch: meteredFetch(credits) });
    await openai.chat.completions.create({ model: "gpt-5", messages });
    assert.deepEqual(await settlements(credits, peer), [
      { usage: { input_text: 7, output_text: 3 }, outcome: "delivered", ...kept },
    ]);
  }
});

test("a call ends once: whoever comes second changes nothing", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const call = await credits.open({ kind: "chat", estimate: { input_text: 9 }, input: {} });
  const whole = { isUsageRunning: false, delivered: {}, isWhole: true };
  for (const input_text of [4, 5])
    call.end({ ...whole, usage: { input_text }, response: undefined, model: undefined }, "ended");
  assert.deepEqual(await settlements(credits, peer), [
    { usage: { input_text: 4 }, outcome: "delivered" },
  ]);
  assert.equal(peer.arrived.length, 2);
  assert.equal(credits.statistics()["chat"]?.calls, 1);
});

test("a refusal is known before the call, and holds nothing", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  peer.refusals.set("holds", problem("pool_exhausted", 402));
  await assert.rejects(credits.authorize({ model: "gpt-5", prompt: "Hello." }), CisternProblem);
  assert.equal(peer.holds.size, 0);
});

test("a prompt is read in any provider's form: its text by the letter, and what has bytes as an attachment", async () => {
  await using peer = await startPeer();
  const credits = creditsOn(peer);
  const inputOf = async (prompt: unknown): Promise<unknown> => {
    (await credits.authorize({ model: "gpt-5", prompt, maxOutputTokens: 0 })).release();
    const request = asked(peer).at(-1);
    return Object(request).estimate.input_text;
  };
  // Three tokens of text, four for the message, and a tenth more.
  for (const prompt of [
    "Say hello.",
    [{ role: "user", content: "Say hello." }],
    [{ role: "user", content: [{ type: "text", text: "Say hello." }] }],
    [{ role: "user", parts: [{ text: "Say hello." }] }],
    { role: "user", content: "Say hello." },
  ])
    assert.equal(await inputOf(prompt), 8, JSON.stringify(prompt));
  const picture = { type: "image", image: "A".repeat(100_000) };
  // 1,607 and a tenth.
  const parts = [{ type: "text", text: "Say hello." }, picture];
  assert.equal(await inputOf([{ role: "user", content: parts }]), 1768);
  const output = { type: "content", value: [{ type: "text", text: "Say hello." }, picture] };
  const results = [{ type: "tool-result", toolName: "see", output }];
  assert.equal(await inputOf([{ role: "tool", content: results }]), 1768);
  assert.equal(await inputOf(undefined), 0);
  await credits.idle();
});
