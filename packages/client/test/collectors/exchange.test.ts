// What may happen around one request, at the metered fetch itself: the real `fetch` against a real socket, but where the test is the provider.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { type FetchLike, meteredFetch, refusalOf } from "@cistern/client/fetch";
import { type Peer, problem, startPeer, until } from "../peer.ts";
import { accepting } from "./accepting.ts";
import { endsOfCollected } from "./collecting.ts";
import { creditsOn, held, settled } from "./metering.ts";
import { answering, sse, startProvider, streaming } from "./provider.ts";

const path = "/v1/chat/completions";
const ask = {
  model: "gpt-5",
  max_completion_tokens: 100,
  messages: [{ role: "user", content: "Say hello." }],
};
const usage = { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 };
const answer = {
  id: "c-1",
  choices: [{ index: 0, message: { content: "Hello." }, finish_reason: "stop" }],
  usage,
};
const exact = {
  usage: { input_text: 9, output_text: 5 },
  outcome: "delivered",
  response: "c-1",
};
const chunk = (content: string, finish: string | null = null): string =>
  sse({ id: "c-1", choices: [{ index: 0, delta: { content }, finish_reason: finish }] });
const usageChunk = sse({ id: "c-1", choices: [], usage });
const post = (body: object, rest: RequestInit = {}): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
  ...rest,
});

async function endsOf(
  fetch: FetchLike,
  init: RequestInit = post(ask),
): Promise<readonly unknown[]> {
  const { credits, ends } = accepting();
  const response = await meteredFetch(credits, { fetch })(`http://provider.test${path}`, init);
  await response.text();
  return (await ends()).map(({ verb, body }) => (verb === "settle" ? body : verb));
}

test("a Request is metered as what makes one, and reaches the provider whole", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(answering(answer));
  const credits = creditsOn(peer);
  const response = await meteredFetch(credits)(new Request(provider.url + path, post(ask)));
  assert.equal(response.url, provider.url + path);
  assert.deepEqual(await response.clone().json(), answer);
  assert.equal(response.clone().clone().url, provider.url + path);
  assert.deepEqual(await response.json(), answer);
  await assert.rejects(response.text(), TypeError);
  assert.deepEqual(provider.calls[0]?.json, ask);
  assert.deepEqual(await settled(peer, credits), [exact]);
});

test("zeros in place of usage say nothing: what was delivered is reckoned", async () => {
  const none = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  const whole: FetchLike = async () =>
    await Promise.resolve(Response.json({ ...answer, usage: none }));
  const parts = [chunk("Hello.", "stop"), sse({ id: "c-1", choices: [], usage: none })];
  const headers = { "content-type": "text/event-stream" };
  const stream: FetchLike = async () =>
    await Promise.resolve(new Response(parts.join(""), { headers }));
  for (const ends of [await endsOf(whole), await endsOf(stream, post({ ...ask, stream: true }))]) {
    const [end] = ends;
    assert.deepEqual(
      { ...Object(end), usage: undefined },
      { ...exact, usage: undefined, estimated: true },
    );
    const { input_text: input, output_text: output } = Object(end).usage;
    assert.ok(input > 0 && output > 0, JSON.stringify(end));
  }
});

test("zeros of Anthropic's and of Google's usage say nothing either", async () => {
  const anthropic = {
    path: "/v1/messages",
    answer: {
      type: "message",
      content: [{ type: "text", text: "Hello." }],
      usage: { input_tokens: 0, output_tokens: 0 },
    },
  };
  const google = {
    path: "/v1beta/models/gemini:generateContent",
    answer: {
      candidates: [{ content: { parts: [{ text: "Hello." }] }, finishReason: "STOP" }],
      usageMetadata: { promptTokenCount: 0, candidatesTokenCount: 0 },
    },
  };
  const body = { ...ask, contents: [{ parts: [{ text: "Say hello." }] }] };
  for (const each of [anthropic, google]) {
    const { credits, ends } = accepting();
    const fetch = meteredFetch(credits, {
      fetch: async () => await Promise.resolve(Response.json(each.answer)),
    });
    await (await fetch(`http://provider.test${each.path}`, post(body))).text();
    const [end] = await ends();
    const { usage: reckoned, ...rest } = Object(end?.body);
    assert.deepEqual(rest, { outcome: "delivered", estimated: true }, each.path);
    assert.ok(reckoned.input_text > 0 && reckoned.output_text > 0, each.path);
  }
});

test("a deployment of Azure, whose body names no model, is held by the name in its path", async () => {
  for (const model of [undefined, ""]) {
    await using peer = await startPeer();
    await using provider = await startProvider(answering(answer));
    const credits = creditsOn(peer);
    const url = `${provider.url}/openai/deployments/our%20gpt-5/chat/completions?api-version=2026-01-01`;
    const response = await meteredFetch(credits)(url, post({ ...ask, model }));
    assert.deepEqual(await response.json(), answer);
    assert.deepEqual(await settled(peer, credits), [exact]);
    assert.deepEqual(
      held(peer).map((hold) => Object(hold).model),
      ["our gpt-5"],
    );
  }
});

test("a body of bytes or a blob is read; one that can be read only once is not sent unseen", async () => {
  const bytes = new TextEncoder().encode(JSON.stringify(ask));
  const send: FetchLike = async () => await Promise.resolve(Response.json(answer));
  assert.deepEqual(await endsOf(send, post(ask, { body: bytes })), [exact]);
  assert.deepEqual(await endsOf(send, post(ask, { body: new Blob([bytes]) })), [exact]);
  const taken = Readable.from([bytes]);
  for (const body of [new Blob([bytes]).stream(), taken]) {
    const { credits } = accepting();
    const init: RequestInit = Object.assign(post(ask), { body, duplex: "half" });
    const fetch = meteredFetch(credits, { fetch: send });
    const refused = await fetch(`http://provider.test${path}`, init);
    assert.equal(refused.status, 501);
    assert.match(await refused.text(), /The body of this POST to \S+ is no JSON object/);
  }
  assert.equal(taken.readableDidRead, false);
});

test("a length that was counted before usage was asked for does not go out with the longer body", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(streaming([chunk("Hello.", "stop"), usageChunk]));
  const credits = creditsOn(peer);
  const text = JSON.stringify({ ...ask, stream: true });
  const headers = { "content-type": "application/json", "content-length": String(text.length) };
  const init = { method: "POST", headers, body: text };
  const response = await meteredFetch(credits)(new Request(provider.url + path, init));
  assert.equal(await response.text(), chunk("Hello.", "stop"));
  const other = await meteredFetch(credits)(provider.url + path, init);
  await other.text();
  assert.equal((await settled(peer, credits)).length, 2);
});

test("a server that knows no `stream_options` is asked again as the caller asked, and metered by what passes", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(
    answering({ error: { message: "Unknown parameter: stream_options" } }, 400),
    streaming([chunk("Hello.", "stop"), sse("[DONE]")]),
  );
  const credits = creditsOn(peer);
  const asked = { ...ask, stream: true };
  const response = await meteredFetch(credits)(provider.url + path, post(asked));
  assert.equal(await response.text(), chunk("Hello.", "stop") + sse("[DONE]"));
  assert.deepEqual(provider.calls[1]?.json, asked);
  assert.deepEqual(await settled(peer, credits), [
    { ...exact, usage: { input_text: 7, output_text: 2 }, estimated: true },
  ]);
});

test("a body that says an error under status 200, or none at all, is paid nothing", async () => {
  const failed: FetchLike = async () =>
    await Promise.resolve(Response.json({ error: { message: "Overloaded" } }));
  assert.deepEqual(await endsOf(failed), ["release"]);
  const empty: FetchLike = async () => await Promise.resolve(new Response(null, { status: 204 }));
  assert.deepEqual(await endsOf(empty), ["release"]);
  const page: FetchLike = async () => await Promise.resolve(new Response("<html>Welcome</html>"));
  assert.deepEqual(await endsOf(page), ["release"]);
});

test("the form of an answer is found where its content type lies", async () => {
  const typed =
    (body: string, type: string): FetchLike =>
    async () =>
      await Promise.resolve(new Response(body, { headers: { "content-type": type } }));
  const events = chunk("Hello.", "stop") + usageChunk + sse("[DONE]");
  const stream = post({ ...ask, stream: true });
  for (const type of ["text/plain", "application/octet-stream"])
    assert.deepEqual(await endsOf(typed(JSON.stringify(answer), type)), [exact]);
  for (const type of ["text/plain", "application/octet-stream", "application/json"])
    assert.deepEqual(await endsOf(typed(events, type), stream), [exact], type);
  for (const type of ["text/event-stream", "text/plain", "application/json"])
    assert.deepEqual(await endsOf(typed(JSON.stringify(answer), type), stream), [exact], type);
});

test("figures that no model can have say nothing: the answer is estimated", async () => {
  for (const tokens of ["1e300", "-1", '"9"', "1000000000001", "null"]) {
    const text = JSON.stringify(answer).replace(
      /"usage":.*/,
      `"usage":{"prompt_tokens":${tokens}}}`,
    );
    const send: FetchLike = async () => await Promise.resolve(new Response(text));
    const reckoned = { ...exact, usage: { input_text: 7, output_text: 2 }, estimated: true };
    assert.deepEqual(await endsOf(send), [reckoned], tokens);
  }
});

test("a stream that ends with its usage is whole, though it says neither why nor that it is done", async () => {
  const bom = "\uFEFF";
  for (const include_usage of [true, false]) {
    const events = [bom + chunk("Hello."), ": still here\n\n", usageChunk.trimEnd()];
    const stream = post({ ...ask, stream: true, stream_options: { include_usage } });
    assert.deepEqual(await endsOf(counting(events, "end").send, stream), [exact]);
  }
});

/** What a `fetch` may bring that is none of the runtime's: its answer has this body. */
const foreign =
  (body: unknown): FetchLike =>
  async () => {
    const headers = { "content-type": "text/event-stream" };
    const response = new Response("", { headers });
    return await Promise.resolve(Object.defineProperty(response, "body", { value: body }));
  };

test("an answer whose body is a stream of Node, or a stream of texts, is metered too", async () => {
  const events = [chunk("Grüße.", "stop"), usageChunk];
  const stream = post({ ...ask, stream: true });
  assert.deepEqual(await endsOf(foreign(Readable.from(events)), stream), [exact]);
  assert.deepEqual(await endsOf(foreign(ReadableStream.from(events)), stream), [exact]);
});

test("an answer that cannot be watched is handed on as it is, and charged what was held for it", async () => {
  const body = new Response("taken").body;
  body?.getReader();
  const response = Object.defineProperty(new Response("Hello."), "body", { value: body });
  const estimated = { outcome: "delivered", estimated: true };
  assert.deepEqual(await endsOf(async () => await Promise.resolve(response)), [
    { usage: { input_text: 7, output_text: 100 }, ...estimated },
  ]);
});

test("a body of 33 MiB passes whole, and is charged what was held for it", async () => {
  const large = JSON.stringify({ ...answer, junk: "j".repeat(33 * 1024 * 1024) });
  const { credits, ends } = accepting();
  const send: FetchLike = async () => await Promise.resolve(new Response(large));
  const response = await meteredFetch(credits, { fetch: send })(
    `http://provider.test${path}`,
    post(ask),
  );
  assert.equal((await response.arrayBuffer()).byteLength, large.length);
  const reckoned = { usage: { input_text: 7, output_text: 100 }, outcome: "delivered" };
  assert.deepEqual((await ends())[0]?.body, { ...reckoned, estimated: true });
});

test("a `fetch` that throws before it promises anything is charged nothing", async () => {
  const { credits, ends } = accepting();
  const send = (): never => {
    throw new TypeError("No such network.");
  };
  await assert.rejects(
    meteredFetch(credits, { fetch: send })(`http://provider.test${path}`, post(ask)),
    /No such network/,
  );
  assert.deepEqual(
    (await ends()).map(({ verb }) => verb),
    ["release"],
  );
});

test("an answer in one piece is charged though nobody reads it", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(answering(answer));
  await meteredFetch(creditsOn(peer))(provider.url + path, post(ask));
  await until("it is charged", () => peer.charged.length > 0);
  assert.deepEqual(peer.charged[0]?.body, exact);
});

/** A provider in process, whose every chunk is counted when it is asked for; it knows nothing of signals. */
function counting(
  parts: readonly string[],
  then: "wait" | "end" = "wait",
): { readonly send: FetchLike; pulled: number } {
  const state = {
    pulled: 0,
    send: async () => {
      const body = new ReadableStream<Uint8Array>(
        {
          pull: async (controller) => {
            const part = parts[state.pulled];
            if (part === undefined && then === "end") {
              controller.close();
              return;
            }
            if (part === undefined) return await new Promise<void>(() => {});
            state.pulled += 1;
            controller.enqueue(new TextEncoder().encode(part));
          },
        },
        { highWaterMark: 0 },
      );
      return await Promise.resolve(
        new Response(body, { headers: { "content-type": "text/event-stream" } }),
      );
    },
  };
  return state;
}

test("nothing of a stream is read ahead of its reader", async () => {
  const provider = counting(Array.from({ length: 1000 }, () => chunk("word ")));
  const { credits, ends } = accepting();
  const fetch = meteredFetch(credits, { fetch: provider.send });
  const stream = post({ ...ask, stream: true });
  const reader = (await fetch(`http://provider.test${path}`, stream)).body?.getReader();
  for (let read = 0; read < 3; read += 1) await reader?.read();
  // Whoever reads ahead has the time for it.
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(provider.pulled, 3);
  await reader?.cancel();
  const [end] = await ends();
  // 15 characters at 3.5 a token.
  assert.deepEqual(end?.body["usage"], { input_text: 7, output_text: 5 });
  assert.equal(provider.pulled, 3);
});

test("a chunk that has passed is the caller's: what it does with it changes no charge", async () => {
  const provider = counting([chunk("Hello."), chunk("", "stop"), usageChunk, sse("[DONE]")]);
  const { credits, ends } = accepting();
  const fetch = meteredFetch(credits, { fetch: provider.send });
  const stream = post({ ...ask, stream: true, stream_options: { include_usage: true } });
  const reader = (await fetch(`http://provider.test${path}`, stream)).body?.getReader();
  for (let read = 0; read < 4; read += 1) {
    const { value } = (await reader?.read()) ?? {};
    if (value !== undefined) structuredClone(value, { transfer: [value.buffer] });
  }
  await reader?.cancel();
  assert.deepEqual((await ends())[0]?.body, exact);
});

test("an event is read whole that is cut between the two ends of its line", async () => {
  const comment = `: ${"x".repeat(10_000)}\r\n\r\n`;
  const inTwoLines = usageChunk.replace(",", ",\ndata: ").replaceAll("\n", "\r\n");
  const cut = inTwoLines.indexOf("\n");
  const parts = [comment + inTwoLines.slice(0, cut), inTwoLines.slice(cut) + comment];
  const stream = { ...ask, stream: true, stream_options: { include_usage: true } };
  const all = [chunk("Hello.", "stop"), ...parts];
  assert.deepEqual(await endsOf(counting(all, "end").send, post(stream)), [exact]);
});

test("who lets go of a stream without a word is charged what passed, once nobody can read it any more", async () => {
  const provider = counting([chunk("Hello there."), chunk("More.")]);
  const { credits, ends } = accepting();
  const fetch = meteredFetch(credits, { fetch: provider.send });
  const { signal } = new AbortController();
  const readOne = async (): Promise<void> => {
    const stream = post({ ...ask, stream: true }, { signal });
    const reader = (await fetch(`http://provider.test${path}`, stream)).body?.getReader();
    await reader?.read();
  };
  await readOne();
  const [end] = await endsOfCollected(ends);
  const reckoned = { usage: { input_text: 7, output_text: 4 }, outcome: "cancelled" };
  assert.deepEqual(end?.body, { ...reckoned, estimated: true, response: "c-1" });
  assert.equal(signal.aborted, false);
});

test("two reads at once get two chunks in order, and a third the end", async () => {
  for (const stream_options of [undefined, { include_usage: true }]) {
    const { credits, ends } = accepting();
    const events = [chunk("Hello."), chunk("", "stop"), usageChunk];
    const body = ReadableStream.from(events.map((event) => new TextEncoder().encode(event)));
    const headers = { "content-type": "text/event-stream" };
    const send: FetchLike = async () => await Promise.resolve(new Response(body, { headers }));
    const fetch = meteredFetch(credits, { fetch: send });
    const init = post({ ...ask, stream: true, stream_options });
    const reader = (await fetch(`http://provider.test${path}`, init)).body?.getReader();
    const reads = await Promise.all(Array.from({ length: 4 }, async () => await reader?.read()));
    const texts = reads.map((read) => new TextDecoder().decode(read?.value));
    const shown = stream_options === undefined ? events.slice(0, 2) : events;
    assert.deepEqual(texts.slice(0, shown.length), shown);
    assert.ok(reads.slice(shown.length).every((read) => read?.done === true));
    assert.deepEqual((await ends())[0]?.body, exact);
  }
});

test("who gives up while waiting for what comes after the last token is charged exactly, though the provider knows nothing of signals", async () => {
  let usageArrives: (() => void) | undefined;
  const late = new Promise<void>((resolve) => {
    usageArrives = resolve;
  });
  const parts = [chunk("Hello.", "stop"), usageChunk];
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const part = parts.shift();
        if (part === undefined) return await new Promise<void>(() => {});
        if (part === usageChunk) await late;
        controller.enqueue(new TextEncoder().encode(part));
      },
    },
    { highWaterMark: 0 },
  );
  const headers = { "content-type": "text/event-stream" };
  const { credits, ends } = accepting();
  const fetch = meteredFetch(credits, {
    fetch: async () => await Promise.resolve(new Response(body, { headers })),
  });
  const stop = new AbortController();
  const init = post({ ...ask, stream: true }, { signal: stop.signal });
  const reader = (await fetch(`http://provider.test${path}`, init)).body?.getReader();
  await reader?.read();
  const waiting = reader?.read();
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort(new Error("Enough."));
  await assert.rejects(async () => await waiting, /Enough/);
  usageArrives?.();
  const [end] = await ends();
  assert.deepEqual(end?.body, exact);
});

test("who gives up before the hold is made has asked nobody; while it is made, it is given back and the provider is not asked", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(answering(answer));
  const credits = creditsOn(peer);
  const fetch = meteredFetch(credits);
  const before = post(ask, { signal: AbortSignal.abort(new Error("Never mind.")) });
  await assert.rejects(fetch(provider.url + path, before), /Never mind/);
  assert.equal(peer.arrived.length, 0);
  const stop = new AbortController();
  const { credits: agreeing, ends } = accepting();
  const during = meteredFetch(agreeing)(provider.url + path, post(ask, { signal: stop.signal }));
  await Promise.resolve();
  stop.abort(new Error("Never mind."));
  await assert.rejects(during, /Never mind/);
  assert.ok((await ends()).every(({ verb }) => verb === "release"));
  assert.equal(provider.calls.length, 0);
});

test("a provider that cannot be reached is paid nothing, and the error is that of fetch", async () => {
  const { credits, ends } = accepting();
  const gone = await startProvider(answering(answer));
  await gone[Symbol.asyncDispose]();
  await assert.rejects(meteredFetch(credits)(gone.url + path, post(ask)), {
    name: "TypeError",
    message: "fetch failed",
  });
  assert.deepEqual(
    (await ends()).map(({ verb }) => verb),
    ["release"],
  );
});

test("a redirect is followed as ever, and metered once", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider((_call, response) => {
    response.writeHead(307, { location: `${path}?again` }).end();
  }, answering(answer));
  const credits = creditsOn(peer);
  const response = await meteredFetch(credits)(provider.url + path, post(ask));
  assert.deepEqual([response.redirected, response.url], [true, `${provider.url}${path}?again`]);
  await response.text();
  assert.deepEqual(await settled(peer, credits), [exact]);
});

test("what is no POST passes, what is free passes, and what nobody meters does not", async () => {
  const { credits, ends } = accepting();
  const seen: string[] = [];
  const fetch = meteredFetch(credits, {
    free: ["/rate"],
    fetch: async (input, init) => {
      seen.push(`${init?.method ?? "GET"} ${String(input instanceof Request ? input.url : input)}`);
      return await Promise.resolve(Response.json({}));
    },
  });
  await fetch("http://provider.test/v1/models");
  await fetch("http://provider.test/v1/RATE", { method: "post" });
  const refused = await fetch("http://provider.test/v1/fine_tuning/jobs", post(ask));
  assert.deepEqual(seen, [
    "GET http://provider.test/v1/models",
    "post http://provider.test/v1/RATE",
  ]);
  assert.equal(refused.status, 501);
  assert.match(await refused.text(), /Name its end in `free`/);
  assert.deepEqual(await ends(), []);
});

test("Cistern that is away keeps the provider from being asked, and says when it may be asked again", async () => {
  const peer: Peer = await startPeer();
  await peer.stop();
  await using provider = await startProvider(answering(answer));
  const response = await meteredFetch(creditsOn(peer))(provider.url + path, post(ask));
  assert.deepEqual([response.status, response.headers.get("x-should-retry")], [503, "false"]);
  assert.equal(provider.calls.length, 0);
});

test("Cistern's word is found in an error, and in what wraps it", () => {
  const refusal = problem("pool_exhausted", 402, "50 are missing");
  const body = { error: { problem: refusal } };
  const google = new Error(JSON.stringify(body));
  const sdk = Object.assign(new Error("402"), { error: body.error });
  assert.deepEqual(refusalOf(google), refusal);
  assert.deepEqual(refusalOf(new Error("wrapped", { cause: sdk })), refusal);
  assert.equal(refusalOf(new Error("402 {")), undefined);
  assert.equal(refusalOf("402"), undefined);
});

test("a hold that cannot be settled never fails the caller; whoever listens is told, and may throw", async () => {
  await using peer = await startPeer();
  await using provider = await startProvider(answering(answer));
  peer.refusals.set("settle", problem("forbidden", 403, "No."));
  const faults: string[] = [];
  const credits = creditsOn(peer, {
    onFault: ({ kind, hold }) => {
      faults.push(`${kind} ${hold.slice(0, 4)}`);
      throw new Error("in the listener");
    },
  });
  const warn = console.warn;
  console.warn = () => {};
  try {
    const response = await meteredFetch(credits)(provider.url + path, post(ask));
    assert.deepEqual(await response.json(), answer);
    await credits.idle();
    await until("the listener was told", () => faults.length > 0);
  } finally {
    console.warn = warn;
  }
  assert.deepEqual(faults, ["unsettled hld_"]);
});
