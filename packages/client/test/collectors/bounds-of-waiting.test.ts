// For how long, and for how many bytes, a call is waited for that nobody waits for any more. Time passes when the test says so.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { meteredFetch } from "@cistern/client/fetch";
import { nothingSeen } from "@cistern/client/metering";
import { accepting } from "./accepting.ts";
import { sse } from "./provider.ts";

const messages = [{ role: "user", content: "Say hello." }];
const usage = { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 };
const last = sse({ id: "c-1", choices: [{ delta: { content: "Hello." }, finish_reason: "stop" }] });
const usageChunk = sse({ id: "c-1", choices: [], usage });
const exact = {
  usage: { input_text: 9, output_text: 5 },
  outcome: "delivered",
  response: "c-1",
};
const reckoned = {
  usage: { input_text: 7, output_text: 2 },
  outcome: "delivered",
  estimated: true,
  response: "c-1",
};

/** A caller that reads the last token of a stream and leaves; then these chunks come, and no end. */
async function leavesBefore(chunks: readonly string[]) {
  const parts = [last, ...chunks];
  let isCancelled = false;
  const source = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const part = parts.shift();
        if (part === undefined) return await new Promise<void>(() => {});
        controller.enqueue(new TextEncoder().encode(part));
      },
      cancel: () => {
        isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  const { credits, ends } = accepting();
  const fetch = meteredFetch(credits, {
    fetch: async () =>
      await Promise.resolve(
        new Response(source, { headers: { "content-type": "text/event-stream" } }),
      ),
  });
  const body = JSON.stringify({ model: "gpt-5", stream: true, messages });
  const response = await fetch("http://provider.test/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  return {
    end: async () => (await ends())[0]?.body,
    left: () => parts.length,
    isCancelled: () => isCancelled,
  };
}

/** Lets everything happen that needs no time. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** Nothing is in it. */
const kibibyte = `:${"x".repeat(1022)}\n`;

test("what comes after the last token is read behind the caller's back, up to 64 KiB of it", async () => {
  const within = await leavesBefore([...Array<string>(63).fill(kibibyte), `\n${usageChunk}`]);
  assert.deepEqual(await within.end(), exact);
  const beyond = await leavesBefore([...Array<string>(100).fill(kibibyte), `\n${usageChunk}`]);
  assert.deepEqual(await beyond.end(), reckoned);
  assert.equal(beyond.left(), 100 + 1 - 64);
  assert.equal(beyond.isCancelled(), true);
});

const withTime = (t: TestContext): TestContext["mock"]["timers"] => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  return t.mock.timers;
};

test("who left after the last token is waited behind for five seconds, and the provider is stopped then", async (t) => {
  const timers = withTime(t);
  const left = await leavesBefore([]);
  timers.tick(4_999);
  await settle();
  assert.equal(left.isCancelled(), false);
  timers.tick(1);
  await settle();
  assert.equal(left.isCancelled(), true);
  assert.deepEqual(await left.end(), reckoned);
});

test("a hold that was asked for and that no call takes is given back after a minute", async (t) => {
  const timers = withTime(t);
  const { credits, ends } = accepting();
  await credits.authorize({ model: "gpt-5", prompt: messages });
  const taken = await credits.authorize({ model: "gpt-5", prompt: messages });
  timers.tick(59_999);
  await settle();
  await assert.rejects(ends(), /hold 0 has no end/);
  const call = await taken.open({
    kind: "chat",
    model: "gpt-5",
    estimate: { input_text: 8 },
    input: { input_text: 7 },
  });
  timers.tick(1);
  await settle();
  call.end({ ...nothingSeen, isWhole: true, usage: { input_text: 7 } }, "ended");
  assert.deepEqual(
    (await ends()).map(({ verb }) => verb),
    ["release", "settle"],
  );
});
