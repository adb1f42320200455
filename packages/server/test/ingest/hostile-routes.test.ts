/** Whatever comes to the routes that take in others' words, it is answered, nothing is given back by it, and its neighbours are charged. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import * as fc from "fast-check";
import { type Reply, workspaceWith } from "../api/api-server.ts";
import { inForce, serverOn } from "../api/catalog-server.ts";
import { freshDatabase } from "../fresh-database.ts";
import { catalog, path, requestOf, send, sendBytes, span, whose } from "./otlp-calls.ts";
import { agentOfTwoCalls, spansOf } from "./real-spans.ts";

const { url } = await freshDatabase();
await inForce(url, { ...catalog, traces: { mode: "debit" } }, 1);
const api = await serverOn(url);
await workspaceWith(api, "acme", "100000000");

const events = "/v1/workspaces/acme/events";
const runs = { numRuns: 40 };

async function used(): Promise<number> {
  const { body } = await api.get("/v1/workspaces/acme/balance");
  return Number(body["consumed"]) + Number(body["debt"]);
}

/** A request that was spoilt is answered by what it is; that it is our own fault is never one of these. */
const answered = (status: number): void =>
  assert.ok([200, 400, 413, 415, 422].includes(status), `answered ${status}`);

/** Bytes that were sound: cut off, with pieces in another order, or with some of them changed. */
const spoilt = (sound: Uint8Array): fc.Arbitrary<Uint8Array> => {
  const place = fc.nat(sound.length - 1);
  const cut = place.map((length) => sound.subarray(0, length));
  const turned = fc
    .tuple(place, place)
    .map((places) => places.toSorted((a, b) => a - b))
    .map(([from = 0, to = 0]) =>
      Buffer.concat([sound.subarray(to), sound.subarray(from, to), sound.subarray(0, from)]),
    );
  const changed = fc
    .array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 6 })
    .map((changes) => {
      const bytes = Uint8Array.from(sound);
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    });
  return fc.oneof(cut, turned, changed);
};

/** Sends each, and sees that nobody gains by it. */
const never = async (
  bytes: fc.Arbitrary<Uint8Array>,
  sent: (bytes: Uint8Array) => Promise<number>,
): Promise<void> => {
  let before = await used();
  await fc.assert(
    fc.asyncProperty(bytes, async (one) => {
      answered(await sent(one));
      const after = await used();
      assert.ok(after >= before, `${before} credits were used, and then ${after}`);
      before = after;
    }),
    runs,
  );
};

const real = ProtobufTraceSerializer.serializeRequest(await spansOf(whose, agentOfTwoCalls));
const protobuf = real ?? new Uint8Array();

test("spoilt protobuf is answered, and gives nothing back", async () => {
  await never(spoilt(protobuf), async (bytes) => (await sendBytes(api, bytes)).status);
});

test("spoilt gzip is answered, and gives nothing back", async () => {
  await never(
    spoilt(gzipSync(protobuf)),
    async (bytes) => (await sendBytes(api, bytes, { "content-encoding": "gzip" })).status,
  );
});

const typed = async (address: string, type: string, bytes: Uint8Array): Promise<number> => {
  const headers = { authorization: `Bearer ${api.key}`, "content-type": type };
  const response = await fetch(api.url + address, {
    method: "POST",
    headers,
    body: new Uint8Array(bytes),
  });
  await response.arrayBuffer();
  return response.status;
};

const chat = { "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5" };
const good = (tokens: number): object => span({ ...chat, "gen_ai.usage.input_tokens": tokens });

test("spoilt JSON is answered, and gives nothing back", async () => {
  const traces = Buffer.from(JSON.stringify(requestOf([good(3), good(4)])));
  await never(spoilt(traces), async (bytes) => await typed(path, "application/json", bytes));
  const event = { specversion: "1.0", source: "s", type: "usage.report", subject: "ana" };
  const batch = ["1", "2"].map((id) => ({ ...event, id, data: { credits: "2" } }));
  const sound = Buffer.from(JSON.stringify(batch));
  await never(
    spoilt(sound),
    async (bytes) => await typed(events, "application/cloudevents-batch+json", bytes),
  );
});

/** Anything in the place of a span or an event, or one with anything in the place of a field. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(-1, 1e308, "-5", "\u0000"),
);
const hostile = (sound: () => object): fc.Arbitrary<unknown> =>
  fc.oneof(
    anything,
    fc.tuple(fc.nat(20), anything).map(([field, value]) => {
      const fields = sound();
      const name = Object.keys(fields).at(field % Object.keys(fields).length) ?? "";
      return { ...fields, [name]: value };
    }),
  );

/** In any order, what is sound is charged in full, and what is hostile nothing less than nothing. */
const neighbours = async (
  hostiles: fc.Arbitrary<unknown>,
  sound: (units: number) => object,
  sent: (all: readonly unknown[]) => Promise<Reply>,
): Promise<void> => {
  const mixed = fc.array(
    fc.oneof(
      hostiles,
      fc.integer({ min: 1, max: 50 }).map((units) => ({ units })),
    ),
    {
      minLength: 1,
      maxLength: 8,
    },
  );
  await fc.assert(
    fc.asyncProperty(mixed, async (parts) => {
      const before = await used();
      let wanted = 0;
      const all = parts.map((part) => {
        const units: unknown =
          typeof part === "object" && part !== null ? Reflect.get(part, "units") : undefined;
        if (typeof units !== "number") return part;
        wanted += units;
        return sound(units);
      });
      const reply = await sent(all);
      assert.equal(reply.status, 200, reply.text);
      const cost = (await used()) - before;
      assert.ok(cost >= wanted, `${cost} were charged for what is worth ${wanted}: ${reply.text}`);
    }),
    runs,
  );
};

test("a span is charged whatever comes with it", async () => {
  await neighbours(
    hostile(() => good(0)),
    good,
    async (spans) =>
      await send(api, {
        resourceSpans: requestOf([]).resourceSpans.map((one) => ({
          ...one,
          scopeSpans: [{ spans }],
        })),
      }),
  );
});

let made = 0;
const eventOf = (units: number): object => {
  made += 1;
  const about = { specversion: "1.0", id: `n${made}`, source: "neighbours", subject: "ana" };
  return { ...about, type: "usage.report", data: { credits: `${units}` } };
};

test("an event is charged whatever comes with it", async () => {
  await neighbours(
    hostile(() => eventOf(0)),
    eventOf,
    async (body) => await api.call("POST", events, { body, idempotencyKey: null }),
  );
});
