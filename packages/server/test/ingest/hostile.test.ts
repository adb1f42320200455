/** Whatever arrives, it is read or refused: nothing is thrown but what is meant to be, and no bucket is below zero. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { limits } from "@cistern/contract";
import * as fc from "fast-check";
import {
  MalformedMessage,
  callOfEvent,
  decodeTraces,
  encodeStatus,
  encodeTaken,
  foldUsage,
  isBad,
  isFault,
  observe,
  readEvent,
  readSpans,
} from "../../src/ingest/index.ts";
import { usageOfSpan } from "../../src/ingest/span-usage.ts";
import { requestOf, span } from "./otlp-calls.ts";

const names = [
  "gen_ai.usage.input_tokens",
  "gen_ai.usage.prompt_tokens",
  "gen_ai.usage.output_tokens",
  "gen_ai.usage.cache_read.input_tokens",
  "gen_ai.usage.cache_creation.input_tokens",
  "gen_ai.usage.reasoning.output_tokens",
  "llm.token_count.prompt",
  "llm.token_count.completion_details.reasoning",
  "llm.token_count.prompt_details.audio",
];
const count = fc.oneof(fc.nat(1_000), fc.constantFrom(0, limits.usageQuantityMax));
const attribute = fc.oneof(count, fc.double(), fc.string(), fc.boolean());

test("totals are taken apart, and nothing is lost, doubled or below zero (U1, U2)", () => {
  fc.assert(
    fc.property(
      fc.nat(1_000),
      fc.nat(1_000),
      fc.nat(1_000),
      fc.nat(1_000),
      (text, read, write, heard) => {
        const told = usageOfSpan(
          new Map([
            ["gen_ai.usage.input_tokens", text + read + write + heard],
            ["gen_ai.usage.cache_read.input_tokens", read],
            ["gen_ai.usage.cache_creation.input_tokens", write],
            ["llm.token_count.prompt_details.audio", heard],
          ]),
        );
        assert.ok("usage" in told);
        const {
          input_text = 0,
          cache_read = 0,
          cache_write_5m = 0,
          input_audio = 0,
        } = told.usage ?? {};
        assert.deepEqual(
          [input_text, cache_read, cache_write_5m, input_audio],
          [text, read, write, heard],
        );
      },
    ),
  );
  const apart = usageOfSpan(
    new Map([
      ["gen_ai.usage.input_tokens", 5],
      ["gen_ai.usage.cache_read.input_tokens", 1_000],
    ]),
  );
  assert.deepEqual(
    apart,
    { usage: { input_text: 5, cache_read: 1_000 } },
    "a total of less has none of its parts",
  );
});

test("of any attributes the usage is whole numbers of 0 or more, or it is said what is wrong", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...names), attribute)), (entries) => {
      const told = usageOfSpan(new Map(entries));
      if ("wrong" in told) return assert.ok(told.wrong.length < 200);
      for (const units of Object.values(told.usage ?? {}))
        assert.ok(Number.isInteger(units) && units > 0, String(units));
      return undefined;
    }),
  );
});

test("a usage is folded into what the price knows, and its sum stays", () => {
  const buckets = [
    "input_text",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output_text",
    "output_reasoning",
  ];
  const known = fc.subarray(buckets).map((some) => new Set([...some, "input_text", "output_text"]));
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...buckets), fc.nat(1_000)),
      known,
      (usage, prices) => {
        const folded = foldUsage(usage, prices);
        assert.ok(Object.keys(folded).every((bucket) => prices.has(bucket)));
        const sum = (of: object): number =>
          Object.values(of).reduce((all: number, one: number) => all + one, 0);
        assert.equal(sum(folded), sum(usage));
      },
    ),
  );
});

test("bytes of any kind are a request or none, and never more than that", () => {
  const sound = encodeTaken({ partialSuccess: { rejectedSpans: 3, errorMessage: "x" } });
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.nat(sound.length).map((length) => sound.subarray(0, length)),
    // Many lengths, few of them right.
    fc
      .array(fc.constantFrom(0x0a, 0x12, 0x4a, 0x0b, 0x0c, 0x00, 0x02, 0x05, 0xff))
      .map((all) => Uint8Array.from(all)),
  );
  fc.assert(
    fc.property(bytes, (sent) => {
      try {
        const spans = readSpans(decodeTraces(sent));
        if (spans !== undefined) observe(spans);
      } catch (error) {
        assert.ok(error instanceof MalformedMessage, String(error));
      }
    }),
    { numRuns: 2_000 },
  );
  assert.ok(encodeStatus("why").length > 3);
});

test("JSON of any kind is read as spans or not at all, and spans are told or seen", () => {
  const key = fc.constantFrom(
    "resourceSpans",
    "scopeSpans",
    "spans",
    "resource",
    "attributes",
    "traceId",
    "spanId",
    "key",
    "value",
    "intValue",
    "__proto__",
  );
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      fc.jsonValue(),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(key, tie("value"), { maxKeys: 4 }),
    ),
  })).value;
  fc.assert(
    fc.property(json, (body) => {
      const spans = readSpans(body);
      for (const one of spans === undefined ? [] : observe(spans))
        assert.ok(isBad(one) ? one.why !== "" : one.traceId.length === 32);
    }),
    { numRuns: 40 },
  );
  const strange = fc.dictionary(
    fc.constantFrom(...names, "gen_ai.operation.name", "gen_ai.response.id", "cistern.workspace"),
    fc.oneof(fc.nat(), fc.string({ unit: "binary" })),
  );
  fc.assert(
    fc.property(fc.array(strange, { maxLength: 5 }), (all) => {
      const spans = readSpans(
        requestOf(
          all.map((attributes) => span(attributes)),
          {},
        ),
      );
      for (const one of observe(spans ?? []))
        if (!isBad(one)) assert.doesNotMatch(JSON.stringify(one), /\\u0000|\\ud[89a-f]/);
    }),
  );
});

test("spans that lie within each other in a circle are seen all the same", () => {
  const chat = { "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 1 };
  const one = span(chat);
  const circle = span(chat, { parentSpanId: one.spanId });
  const spans =
    readSpans(requestOf([{ ...one, parentSpanId: circle.spanId }, circle, span(chat)])) ?? [];
  assert.equal(observe(spans).length, 3, "none of two is around the other");
  const own = span(chat);
  const alone = readSpans(requestOf([{ ...own, parentSpanId: own.spanId }])) ?? [];
  assert.equal(observe(alone).length, 1, "nobody is around itself");
});

test("an event of any kind stands for a call, or it is said where it is wrong", () => {
  const name = fc.constantFrom(
    "specversion",
    "id",
    "source",
    "type",
    "subject",
    "time",
    "data",
    "data_base64",
    "__proto__",
    "constructor",
  );
  const value = fc.oneof(
    fc.constantFrom(
      "1.0",
      "usage.report",
      "outcome.confirm",
      "prompt",
      "2026-11-30T12:00:00+14:00",
      "0000-01-01T00:00:00Z",
    ),
    fc.jsonValue(),
    fc.string({ unit: "binary" }),
  );
  const rules = new Map([
    [
      "prompt",
      {
        meter: "chat",
        usage: {
          input_text: "a.b.c",
          output_text: { field: "constructor.name", where: { x: "y" } },
        },
      },
    ],
  ]);
  fc.assert(
    fc.property(
      fc.oneof(fc.jsonValue(), fc.dictionary(name, value)),
      fc.option(fc.constant("acme")),
      (sent, workspace) => {
        const event = readEvent(sent);
        const call = isFault(event)
          ? event
          : callOfEvent(event, { workspace: workspace ?? undefined, rules });
        if (isFault(call)) return assert.ok(call.detail !== "");
        assert.match(call.path, /^\/v1\/workspaces\//);
        assert.match(call.idempotencyKey, /^ce:[0-9a-f]{64}$/);
        return undefined;
      },
    ),
    { numRuns: 2_000 },
  );
});
