// How long a call is waited for behind its caller's back, on a clock that the test moves.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { meteredFetch } from "@cistern/client/fetch";
import { accepting } from "./accepting.ts";
import { sse } from "./provider.ts";

const body = JSON.stringify({
  model: "gpt-5",
  stream: true,
  messages: [{ role: "user", content: "Say hello." }],
});
const over = sse({
  id: "chatcmpl-1",
  model: "gpt-5",
  choices: [{ index: 0, delta: { content: "Hello, you." }, finish_reason: "stop" }],
});
const usage = sse({
  id: "chatcmpl-1",
  choices: [],
  usage: { prompt_tokens: 9, completion_tokens: 4 },
});
/** A kilobyte that says nothing. */
const silence = `:${" ".repeat(1_021)}\n\n`;

const exact = {
  usage: { input_text: 9, output_text: 4 },
  outcome: "delivered",
  response: "chatcmpl-1",
};
const reckoned = {
  usage: { input_text: 7, output_text: 4 },
  outcome: "delivered",
  estimated: true,
  response: "chatcmpl-1",
};

/** A provider in process, that sends these and then no more. */
function sending(parts: readonly string[]) {
  let isStopped = false;
  const left = [...parts];
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const part = left.shift();
        if (part !== undefined) controller.enqueue(new TextEncoder().encode(part));
      },
      cancel: () => {
        isStopped = true;
      },
    },
    { highWaterMark: 0 },
  );
  const headers = { "content-type": "text/event-stream" };
  return {
    fetch: async () => await Promise.resolve(new Response(stream, { headers })),
    isStopped: () => isStopped,
  };
}

/** A caller that reads the last token and goes. */
async function leftAfterOne(parts: readonly string[]) {
  const { credits, ends } = accepting();
  const provider = sending(parts);
  const fetch = meteredFetch(credits, { fetch: provider.fetch });
  const response = await fetch("https://api.openai.com/v1/chat/completions", {
    method: "POST",
    body,
  });
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  return { ends, isStopped: provider.isStopped };
}

test("a caller that leaves in the middle stops the provider at once", async () => {
  const delta = { content: "Hello," };
  const middle = sse({ id: "chatcmpl-1", choices: [{ index: 0, delta, finish_reason: null }] });
  const { ends, isStopped } = await leftAfterOne([middle, over, usage]);
  assert.ok(isStopped());
  const end = { outcome: "cancelled", estimated: true, response: "chatcmpl-1" };
  // "Hello," is six characters.
  const told = { usage: { input_text: 7, output_text: 2 }, ...end };
  assert.deepEqual((await ends())[0]?.body, told);
});

test("usage that comes within 64 KiB of the last token is waited for, and later usage is not", async () => {
  const near = await leftAfterOne([over, ...Array.from({ length: 63 }, () => silence), usage]);
  assert.deepEqual((await near.ends())[0]?.body, exact);
  const far = await leftAfterOne([over, ...Array.from({ length: 65 }, () => silence), usage]);
  assert.deepEqual((await far.ends())[0]?.body, reckoned);
  assert.ok(far.isStopped());
});

const moved = (context: TestContext): typeof context.mock.timers => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  return context.mock.timers;
};

test("usage that does not come within five seconds of the last token is not waited for", async (context) => {
  const clock = moved(context);
  const { ends, isStopped } = await leftAfterOne([over]);
  clock.tick(4_999);
  assert.ok(!isStopped());
  clock.tick(1);
  assert.ok(isStopped());
  assert.deepEqual((await ends())[0]?.body, reckoned);
});

test("a call that was authorized and is not made within a minute gives its hold back", async (context) => {
  const clock = moved(context);
  const { credits, ends } = accepting();
  await credits.authorize({ model: "gpt-5", prompt: "Say hello." });
  clock.tick(59_999);
  await assert.rejects(ends(), /hold 0 has no end/);
  clock.tick(1);
  assert.equal((await ends())[0]?.verb, "release");
});
