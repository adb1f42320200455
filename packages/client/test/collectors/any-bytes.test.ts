// Whatever a provider sends: never a crash, never a negative or broken figure, never nothing charged for what was delivered, and for the
// caller the provider's very bytes.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { meteredFetch } from "@cistern/client/fetch";
import { accepting } from "./accepting.ts";
import { sse } from "./provider.ts";

const seed = Number(process.env["CISTERN_SEED"] ?? 20261128);
const runs = Number(process.env["CISTERN_RUNS"] ?? 150);

interface Protocol {
  readonly path: string;
  readonly ask: object;
  /** A whole answer as events; the text of its first `textAt` events has been delivered. */
  readonly events: readonly string[];
  readonly textAt: number;
  /** The name under which an event or an answer tells its usage, and the figures in it. */
  readonly usage: string;
  readonly figures: readonly string[];
  /** What an event that tells usage has beside it. */
  readonly beside: string;
}

const typed = (type: string, rest: object): string => sse({ type, ...rest }, type);
const messages = [{ role: "user", content: "Say hello." }];
const chunk = (content: string, finish: string | null) =>
  sse({
    id: "c-1",
    model: "m",
    choices: [{ index: 0, delta: { content }, finish_reason: finish }],
  });

const protocols: readonly Protocol[] = [
  {
    path: "/v1/chat/completions",
    ask: { model: "m", messages, stream: true, stream_options: { include_usage: true } },
    events: [
      chunk("Grüße, ", null),
      chunk("世界 🌍.", null),
      chunk("", "stop"),
      sse({ id: "c-1", choices: [], usage: { prompt_tokens: 9, completion_tokens: 5 } }),
      sse("[DONE]"),
    ],
    textAt: 1,
    usage: "usage",
    figures: ["prompt_tokens", "completion_tokens", "total_tokens"],
    beside: '"id":"c-2"',
  },
  {
    path: "/v1/responses",
    ask: { model: "m", input: "Say hello.", stream: true },
    events: [
      typed("response.created", { response: { id: "r-1", model: "m", status: "in_progress" } }),
      typed("response.output_text.delta", { delta: "Grüße, 世界 🌍." }),
      typed("response.output_item.done", { item: { type: "message" } }),
      typed("response.completed", {
        response: { id: "r-1", status: "completed", usage: { input_tokens: 9, output_tokens: 5 } },
      }),
    ],
    textAt: 2,
    usage: "usage",
    figures: ["input_tokens", "output_tokens"],
    beside: '"type":"response.completed"',
  },
  {
    path: "/v1/messages",
    ask: { model: "m", messages, max_tokens: 50, stream: true },
    events: [
      typed("message_start", {
        message: { id: "a-1", model: "m", usage: { input_tokens: 9, output_tokens: 1 } },
      }),
      typed("content_block_delta", { delta: { type: "text_delta", text: "Grüße, 世界 🌍." } }),
      typed("message_delta", { delta: { stop_reason: "end_turn" }, usage: { output_tokens: 5 } }),
      typed("message_stop", {}),
    ],
    textAt: 2,
    usage: "usage",
    figures: ["input_tokens", "output_tokens", "cache_read_input_tokens"],
    beside: '"type":"message_delta","delta":{"stop_reason":"end_turn"}',
  },
  {
    path: "/v1beta/models/m:streamGenerateContent",
    ask: { contents: [{ parts: [{ text: "Say hello." }] }] },
    events: ["Grüße, ", "世界 ", "🌍."].map((text, at) =>
      sse({
        responseId: "g-1",
        candidates: [
          { content: { parts: [{ text }] }, ...(at === 2 ? { finishReason: "STOP" } : {}) },
        ],
        usageMetadata: { promptTokenCount: 9, candidatesTokenCount: at + 1 },
      }),
    ),
    textAt: 1,
    usage: "usageMetadata",
    figures: ["promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount"],
    beside: '"candidates":[{"finishReason":"STOP"}]',
  },
  {
    path: "/v1/images/generations",
    ask: { model: "m", prompt: "A cistern.", stream: true },
    events: [
      typed("image_generation.partial_image", { b64_json: "AA==" }),
      typed("image_generation.completed", { b64_json: "AA==", usage: { output_tokens: 5 } }),
    ],
    textAt: 1,
    usage: "usage",
    figures: ["input_tokens", "output_tokens"],
    beside: '"type":"image_generation.completed"',
  },
  {
    path: "/v1/audio/transcriptions",
    ask: { model: "m", stream: true, file: { size: 1000 } },
    events: [
      typed("transcript.text.delta", { delta: "Grüße, 世界 🌍." }),
      typed("transcript.text.done", {
        text: "Grüße.",
        usage: { input_tokens: 9, output_tokens: 5 },
      }),
    ],
    textAt: 1,
    usage: "usage",
    figures: ["input_tokens", "output_tokens", "seconds"],
    beside: '"type":"transcript.text.done"',
  },
];

/** Figures as nobody should send them, as the text that stands in JSON. */
const figure = fc.constantFrom(
  "-1",
  "-1e308",
  "1e308",
  "1e999",
  "0.5",
  "-0",
  "null",
  "true",
  '"5"',
  "[]",
  "{}",
  "[[5]]",
  "9007199254740993",
  "5",
  '{"valueOf":5}',
);

const deep = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

/** Whatever may stand between or after events. */
function hostile({ usage, figures, events, beside }: Protocol): fc.Arbitrary<Uint8Array> {
  const text = fc.oneof(
    fc
      .tuple(fc.constantFrom(...figures), figure, fc.constantFrom(...figures), figure)
      .map(
        ([one, its, other, others]) =>
          `data: {${beside},"${usage}":{"${one}":${its},"${other}":${others}},"response":{"${usage}":{"${one}":${its}}}}\n\n`,
      ),
    fc.constantFrom(...events),
    fc.constantFrom(
      ": comment\n\n",
      "event: ping\ndata: {}\n\n",
      "\n\n\n",
      "\r\n\r\n",
      "\r\r",
      "data\n\n",
      "data:\n\n",
      "data: {\n\n",
      "data: [DONE]",
      "data: null\n\n",
      "data: 5\n\n",
      'data: {"choices":[null,5,"x",{"delta":null,"finish_reason":5}]}\n\n',
      'data: {"id":{},"model":[],"choices":{},"candidates":[[]],"usageMetadata":[]}\n\n',
      'data: {"type":"message_start","message":{"id":5,"usage":"x"}}\n\n',
      'data: {"type":"message_delta","usage":null,"delta":[]}\n\n',
      'data: {"type":"response.completed","response":null}\n\n',
      'data: {"__proto__":{"usage":{"input_tokens":-5}}}\n\n',
      `event: ${"x".repeat(3000)}\ndata: {}\n\n`,
      `data: ${deep(20_000)}\n\n`,
      `data: {"id":"${"i".repeat(500)}","model":"${"m".repeat(500)}"}\n\n`,
      'data: {"id":"\\u0000\\n","model":""}\n\n',
    ),
  );
  const bytes = fc.uint8Array({ maxLength: 40 });
  return fc.oneof(
    { weight: 4, arbitrary: text.map((each) => new TextEncoder().encode(each)) },
    { weight: 1, arbitrary: bytes },
  );
}

const joined = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** The bytes in chunks of any size, also in the middle of a character. */
function chunks(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const cut: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    cut.push(bytes.subarray(at, at + size));
    at += size;
  }
  return cut;
}

function answerOf(parts: readonly Uint8Array[], end: "end" | "break", type: string): Response {
  let next = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const part = parts[next];
        next += 1;
        if (part !== undefined) controller.enqueue(part);
        else if (end === "end") controller.close();
        else controller.error(new TypeError("terminated"));
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: type === "" ? {} : { "content-type": type } });
}

/** Reads as a caller does who leaves after some chunks. */
async function readBy(
  response: Response,
  leave: { readonly after: number; readonly how: "cancel" | "abort" } | undefined,
  stop: AbortController,
): Promise<Uint8Array> {
  const read: Uint8Array[] = [];
  const reader = response.body?.getReader();
  try {
    for (let count = 0; ; count += 1) {
      if (leave?.after === count && leave.how === "abort") stop.abort();
      if (leave?.after === count && leave.how === "cancel") {
        await reader?.cancel();
        break;
      }
      const part = await reader?.read();
      if (part?.value === undefined) break;
      read.push(part.value);
    }
  } catch {
    // The provider broke off, or the caller did.
  }
  return joined(read);
}

function assertSane(body: Readonly<Record<string, unknown>>, hint: string): number {
  const usage = body["usage"];
  assert.ok(typeof usage === "object" && usage !== null, hint);
  let total = 0;
  for (const [bucket, quantity] of Object.entries(usage)) {
    assert.match(bucket, /^[a-z][a-z0-9_]{0,63}$/, hint);
    assert.ok(Number.isSafeInteger(quantity) && quantity >= 0 && quantity <= 1e12, hint);
    total += Number(quantity);
  }
  const { response = "id", model = "m" } = body;
  assert.ok(typeof response === "string" && /^[ -~]{1,128}$/.test(response), hint);
  assert.ok(typeof model === "string" && model !== "" && model.length <= 128, hint);
  return total;
}

for (const protocol of protocols)
  test(`${protocol.path}: any bytes pass unchanged, and what was delivered is charged once by figures that hold`, async (t) => {
    t.diagnostic(`CISTERN_SEED=${seed}`);
    const leaving = fc.record({
      after: fc.nat(6),
      how: fc.constantFrom<"cancel" | "abort">("cancel", "abort"),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          before: fc.nat(protocol.events.length),
          junk: fc.array(hostile(protocol), { maxLength: 6 }),
          sizes: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }),
          end: fc.constantFrom<"end" | "break">("end", "break"),
          leave: fc.option(leaving, { nil: undefined }),
          newline: fc.constantFrom("\n", "\r\n", "\r"),
          type: fc.constantFrom(
            "text/event-stream",
            "Text/Event-Stream; charset=utf-8",
            "text/plain",
            "",
          ),
        }),
        async ({ before, junk, sizes, end, leave, newline, type }) => {
          const valid = protocol.events.slice(0, before).join("").replaceAll("\n", newline);
          const sent = joined([new TextEncoder().encode(valid), ...junk]);
          const stop = new AbortController();
          const { credits, ends } = accepting();
          const fetch = meteredFetch(credits, {
            fetch: async () => await Promise.resolve(answerOf(chunks(sent, sizes), end, type)),
          });
          const response = await fetch(`http://provider.test${protocol.path}`, {
            method: "POST",
            body: JSON.stringify(protocol.ask),
            signal: stop.signal,
          });
          const read = await readBy(response, leave, stop);
          assert.deepEqual(read, sent.subarray(0, read.length));
          if (leave === undefined) assert.equal(read.length, sent.length);
          const [ended, ...more] = await ends();
          assert.deepEqual(more, []);
          const hint = JSON.stringify(ended);
          const total = ended?.verb === "settle" ? assertSane(ended.body, hint) : 0;
          const text = new TextDecoder().decode(sent);
          const hasFigures = text.includes(`"${protocol.usage}":{"`) && junk.length > 0;
          const isDelivered = leave === undefined && before >= protocol.textAt;
          // A provider that says that nothing was used is believed.
          if (isDelivered) assert.ok(ended?.verb === "settle" && (total > 0 || hasFigures), hint);
        },
      ),
      { seed, numRuns: runs },
    );
  });

test("any body in one piece passes unchanged, cut off anywhere, and ends its call once by figures that hold", async () => {
  const body = fc.constantFrom(...protocols).chain((protocol) =>
    fc.record({
      protocol: fc.constant(protocol),
      text: fc.oneof(
        fc.json(),
        fc.string(),
        fc.constant(deep(20_000)),
        fc
          .tuple(fc.array(fc.tuple(fc.constantFrom(...protocol.figures), figure)), fc.json())
          .map(
            ([figures, junk]) =>
              `{"${protocol.usage}":{${figures.map(([name, value]) => `"${name}":${value}`).join()}},` +
              `${protocol.beside},"choices":${junk},"content":${junk},"output":[${junk}],"data":[${junk}],"text":${junk}}`,
          ),
      ),
    }),
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 });
  const types = fc.constantFrom("application/json", "text/plain", "application/octet-stream");
  const kept = fc.double({ min: 0, max: 1, noNaN: true });
  await fc.assert(
    fc.asyncProperty(body, sizes, types, kept, async ({ protocol, text }, cut, type, share) => {
      const whole = new TextEncoder().encode(text);
      const sent = share > 0.5 ? whole : whole.subarray(0, Math.floor(whole.length * share));
      const { credits, ends } = accepting();
      const fetch = meteredFetch(credits, {
        fetch: async () => await Promise.resolve(answerOf(chunks(sent, cut), "end", type)),
      });
      const response = await fetch(`http://provider.test${protocol.path.replace("streamG", "g")}`, {
        method: "POST",
        body: JSON.stringify({ ...protocol.ask, stream: false }),
      });
      assert.deepEqual(new Uint8Array(await response.arrayBuffer()), Uint8Array.from(sent));
      const [ended, ...more] = await ends();
      assert.deepEqual(more, []);
      if (ended?.verb === "settle") assertSane(ended.body, JSON.stringify([ended, text]));
    }),
    { seed, numRuns: runs * 4 },
  );
});

test("what the caller did not ask for is left out, and all other bytes are the provider's, however they are cut", async () => {
  const [chat] = protocols;
  const events = chat?.events ?? [];
  const hidden = events[3] ?? "";
  const encoder = new TextEncoder();
  const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });
  const others = fc.array(fc.constantFrom(": still here\n\n", "event: ping\ndata: {}\n\n"));
  await fc.assert(
    fc.asyncProperty(
      sizes,
      others,
      fc.constantFrom("\n", "\r\n", "\r"),
      async (cut, more, newline) => {
        const inNewline = (all: readonly string[]): Uint8Array =>
          encoder.encode(all.join("").replaceAll("\n", newline));
        const { credits, ends } = accepting();
        const sent = chunks(inNewline([...more, ...events]), cut);
        const fetch = meteredFetch(credits, {
          fetch: async () => await Promise.resolve(answerOf(sent, "end", "text/event-stream")),
        });
        const response = await fetch(`http://provider.test${chat?.path}`, {
          method: "POST",
          body: JSON.stringify({ model: "m", messages, stream: true }),
        });
        const shown = inNewline([...more, ...events.filter((event) => event !== hidden)]);
        assert.deepEqual(new Uint8Array(await response.arrayBuffer()), shown);
        const [end] = await ends();
        assert.deepEqual(end?.body["usage"], { input_text: 9, output_text: 5 });
      },
    ),
    { seed, numRuns: runs },
  );
});

test("whoever asked for the usage is charged as who did not, whatever comes and however it is cut", async () => {
  const [chat] = protocols;
  assert.ok(chat !== undefined);
  const given = fc.record({
    before: fc.nat(chat.events.length),
    junk: fc.array(hostile(chat), { maxLength: 6 }),
    sizes: fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 5 }),
    newline: fc.constantFrom("\n", "\r\n", "\r"),
    long: fc.nat(60),
  });
  await fc.assert(
    fc.asyncProperty(given, async ({ before, junk, sizes, newline, long }) => {
      const words = Array.from({ length: long }, (_, at) =>
        // An event of two lines, and longer together than what is looked at at once.
        chunk(`${"wörd ".repeat(60)}${at}`, null).replace(",", ",\ndata: "),
      );
      const valid = [...words, ...chat.events.slice(0, before)].join("").replaceAll("\n", newline);
      const sent = joined([new TextEncoder().encode(valid), ...junk]);
      const charged = [];
      for (const stream_options of [{ include_usage: true }, { include_usage: false }]) {
        const { credits, ends } = accepting();
        const fetch = meteredFetch(credits, {
          fetch: async () =>
            await Promise.resolve(answerOf(chunks(sent, sizes), "end", "text/event-stream")),
        });
        const response = await fetch(`http://provider.test${chat.path}`, {
          method: "POST",
          body: JSON.stringify({ ...chat.ask, stream_options }),
        });
        await response.arrayBuffer();
        charged.push(await ends());
      }
      assert.deepEqual(charged[0], charged[1]);
    }),
    { seed, numRuns: runs },
  );
});

test("an event of 17 MiB passes in pieces, is kept nowhere, and the usage after it is read", async () => {
  const [chat] = protocols;
  const large = `data: {"junk":"${"j".repeat(17 * 1024 * 1024)}"}\n\n`;
  const sent = new TextEncoder().encode([large, ...(chat?.events ?? [])].join(""));
  for (const [include_usage, hidden] of [
    [false, chat?.events[3]?.length ?? 0],
    [true, 0],
  ] as const) {
    const { credits, ends } = accepting();
    const fetch = meteredFetch(credits, {
      fetch: async () =>
        await Promise.resolve(answerOf(chunks(sent, [65_536]), "end", "text/event-stream")),
    });
    const response = await fetch(`http://provider.test${chat?.path}`, {
      method: "POST",
      body: JSON.stringify({ ...chat?.ask, stream_options: { include_usage } }),
    });
    const read = await response.arrayBuffer();
    assert.equal(read.byteLength, sent.length - hidden);
    const [end] = await ends();
    assert.deepEqual(end?.body["usage"], { input_text: 9, output_text: 5 });
  }
});
