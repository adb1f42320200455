import { cisternOver } from "@cistern/client";
import { type FetchLike, meteredFetch } from "@cistern/client/fetch";
import { type Collector, createCollector } from "@cistern/client/metering";
import { median } from "../load/samples.ts";
import type { Measurement } from "./measurement.ts";
import { VoidRunError } from "./measurement.ts";

const chunksEach = 2_000;
const callsEach = 2_000;
/** One alone is over in as few milliseconds as the processor's time is counted in. */
const streamsEach = 20;
const warmUpRounds = 5;
const roundsEach = 20;

const encoder = new TextEncoder();
const sse = (data: object, name = ""): Uint8Array =>
  encoder.encode(`${name === "" ? "" : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`);

/** A stream as its provider sends it, a word a chunk. */
interface Stream {
  readonly path: string;
  readonly ask: object;
  readonly chunks: readonly Uint8Array[];
}

const words = (chunk: (word: string) => Uint8Array): Uint8Array[] =>
  Array.from({ length: chunksEach }, (_, at) => chunk(` word${at % 10}`));

const chatChunk = {
  id: "chatcmpl-9q2bench",
  object: "chat.completion.chunk",
  created: 1_764_000_000,
  model: "gpt-5-2025-08-07",
  service_tier: "default",
};
const chat: Stream = {
  path: "/v1/chat/completions",
  ask: { stream_options: { include_usage: true } },
  chunks: [
    ...words((content) => {
      const choices = [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }];
      return sse({ ...chatChunk, choices, usage: null });
    }),
    sse({ ...chatChunk, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }),
    sse({ ...chatChunk, choices: [], usage: { prompt_tokens: 9, completion_tokens: 2_000 } }),
  ],
};

const streams: Readonly<Record<string, Stream>> = {
  chat,
  chat_hidden_usage: { ...chat, ask: {} },
  messages: {
    path: "/v1/messages",
    ask: {},
    chunks: [
      sse({ type: "message_start", message: { id: "msg_1", usage: {} } }, "message_start"),
      ...words((text) => {
        const delta = { type: "text_delta", text };
        const type = "content_block_delta";
        return sse({ type, index: 0, delta }, type);
      }),
      sse({ type: "message_delta", delta: {}, usage: { output_tokens: 2_000 } }, "message_delta"),
      sse({ type: "message_stop" }, "message_stop"),
    ],
  },
};

const answer = JSON.stringify({
  id: "chatcmpl-9q2bench",
  model: "gpt-5",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }],
  usage: { prompt_tokens: 20, completion_tokens: 5 },
});

/**
 * What a collector adds in the caller's process: its time on the processor, beside the same call of a bare fetch in turns. Provider and Cistern
 * answer at once, in process, so that nothing else is in the figures.
 */
export const collectors: Measurement = {
  name: "collectors",
  about: "processor time that a metered call and a chunk of a stream take more than bare ones",
  async run() {
    const figures: Record<string, number> = {};
    const call = { path: "/v1/chat/completions", body: bodyOf({}) };
    figures["collectors.call_us"] = await added(
      callsEach,
      call,
      () => new Response(answer, { headers: { "content-type": "application/json" } }),
    );
    for (const [name, { path, ask, chunks }] of Object.entries(streams))
      figures[`collectors.chunk_us.${name}`] = await added(
        streamsEach * chunksEach,
        { path, body: bodyOf({ ...ask, stream: true }) },
        () => streamed(chunks),
        streamsEach,
      );
    return figures;
  },
};

const bodyOf = (more: object): string =>
  JSON.stringify({
    model: "gpt-5",
    max_tokens: 20,
    messages: [{ role: "user", content: "Say hello to whoever reads this." }],
    ...more,
  });

interface Asked {
  readonly path: string;
  readonly body: string;
}

/** Microseconds more, for each of so many units; a round makes as many calls. */
async function added(
  units: number,
  { path, body }: Asked,
  answering: () => Response,
  callsARound = units,
): Promise<number> {
  const bare: FetchLike = async () => await Promise.resolve(answering());
  const { credits, settles } = approving();
  const metered = meteredFetch(credits, { fetch: bare });
  const round = async (send: FetchLike): Promise<number> => {
    const begun = process.cpuUsage();
    for (let at = 0; at < callsARound; at += 1)
      await read(await send(`http://provider.test${path}`, { method: "POST", body }));
    await credits.idle();
    return process.cpuUsage(begun).user / units;
  };
  const times: { readonly bare: number[]; readonly metered: number[] } = { bare: [], metered: [] };
  for (let at = 0; at < warmUpRounds + roundsEach; at += 1) {
    const [alone, with_] = [await round(bare), await round(metered)];
    if (at < warmUpRounds) continue;
    times.bare.push(alone);
    times.metered.push(with_);
  }
  const calls = callsARound * (warmUpRounds + roundsEach);
  if (settles() !== calls)
    throw new VoidRunError("collectors", [`${calls} calls, ${settles()} settled`]);
  return median(times.metered) - median(times.bare);
}

async function read(response: Response): Promise<void> {
  const reader = response.body?.getReader();
  while ((await reader?.read())?.done === false);
}

function streamed(chunks: readonly Uint8Array[]): Response {
  let next = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const chunk = chunks[next];
        next += 1;
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** A collector whose Cistern approves at once, and counts what is settled. */
function approving(): { readonly credits: Collector; readonly settles: () => number } {
  let settled = 0;
  const at = { seq: 1, index: 0 };
  const balance = { available: "0", held: "0" };
  const hold = { member: "ana", credits: "10", expiresAt: "2030-01-01T00:00:00Z", lots: [] };
  const unasked = async () => await Promise.reject(new Error("Nobody asks that."));
  const cistern = cisternOver({
    transport: {
      send: async ({ path }) => {
        const isSettle = path.endsWith("/settle");
        if (isSettle) settled += 1;
        const id = "hld_01jd8z4q6w8y0c3e5g7j9m1p3r";
        const body = isSettle
          ? { id, status: "settled", charged: "1", returned: "9", lots: [], balance, at }
          : { id, status: "open", ...hold, balance, at };
        return await Promise.resolve({ status: isSettle ? 200 : 201, body });
      },
      read: unasked,
      download: unasked,
    },
  });
  const scope = { workspace: "acme", member: "ana" };
  return { credits: createCollector({ cistern, scope }), settles: () => settled };
}
