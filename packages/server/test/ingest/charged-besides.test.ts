/** Spans that are charged, of calls that are charged besides: by calls within them, or by whoever settles; in every order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createObservations } from "../../src/ingest/index.ts";
import { openDatabase } from "../../src/database/index.ts";
import { type Reply, workspaceWith } from "../api/api-server.ts";
import { inForce, serverOn } from "../api/catalog-server.ts";
import { freshDatabase } from "../fresh-database.ts";
import { catalog, reconcile, requestOf, send, span, used } from "./otlp-calls.ts";

const { url } = await freshDatabase();
await inForce(url, { ...catalog, traces: { mode: "debit" } }, 1);
const api = await serverOn(url);
await workspaceWith(api, "acme", "10000");

const chat = { "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5" };
const tokens = (input: number, response?: string) => ({
  ...chat,
  "gen_ai.usage.input_tokens": input,
  ...(response === undefined ? {} : { "gen_ai.response.id": response }),
});

async function sent(...spans: readonly object[]): Promise<Reply> {
  const reply = await send(api, requestOf(spans));
  assert.equal(reply.status, 200, reply.text);
  return reply;
}

async function charged(act: () => Promise<unknown>): Promise<number> {
  const before = await used(api);
  await act();
  return (await used(api)) - before;
}

async function hold(): Promise<string> {
  const body = { member: "ana", meter: "chat", model: "gpt-5", estimate: { input_text: 100 } };
  return (await api.post("/v1/workspaces/acme/holds", body)).textAt("id");
}

async function settle(id: string, input: number, response: string): Promise<Reply> {
  const body = { usage: { input_text: input }, response };
  const reply = await api.call("POST", `/v1/workspaces/acme/holds/${id}/settle`, {
    body,
    idempotencyKey: null,
  });
  assert.equal(reply.status, 200, reply.text);
  return reply;
}

const debit = async (input: number, response: string, more: object = {}): Promise<Reply> =>
  await api.post("/v1/workspaces/acme/debits", {
    member: "ana",
    meter: "chat",
    model: "gpt-5",
    usage: { input_text: input },
    response,
    ...more,
  });

test("a call that was settled is not charged again by its span, and the exporter is told", async () => {
  const id = await hold();
  const cost = await charged(async () => {
    await settle(id, 40, "resp-settled");
    const reply = await sent(span(tokens(40, "resp-settled")));
    assert.equal(reply.at("partialSuccess.rejectedSpans"), 0, reply.text);
    assert.match(reply.textAt("partialSuccess.errorMessage"), /1 span\(s\) tell answers/);
  });
  assert.equal(cost, 40);
});

test("a span that came before the settlement is given back when that comes, also twice", async () => {
  const id = await hold();
  const one = span(tokens(40, "resp-late"));
  assert.equal(await charged(async () => await sent(one)), 40);
  const cost = await charged(async () => await settle(id, 41, "resp-late"));
  assert.equal(cost, 1, "the 40 of the span are back, and the settlement's 41 stand");
  const again = await charged(async () => {
    await settle(id, 41, "resp-late");
    await sent(one);
  });
  assert.equal(again, 0);
});

test("a debit that names the answer is found like a settlement, in either order", async () => {
  const cost = await charged(async () => {
    await debit(7, "resp-debit-1");
    await sent(span(tokens(7, "resp-debit-1")));
    await sent(span(tokens(9, "resp-debit-2")));
    await debit(9, "resp-debit-2");
  });
  assert.equal(cost, 16);
});

test("settlements and spans at one time are charged once each", async () => {
  const cost = await charged(async () => {
    const names = Array.from({ length: 12 }, (_, index) => `resp-race-${index}`);
    const holds = await Promise.all(names.map(hold));
    await Promise.all(
      names.flatMap((name, index) => [
        settle(holds[index] ?? "", 3, name),
        sent(span(tokens(3, name))),
      ]),
    );
  });
  assert.equal(cost, 36);
});

test("what was given back is told as settled, and not as another usage", async () => {
  const { body } = await reconcile(api);
  // resp-late alone was settled otherwise than it was seen.
  assert.deepEqual([body["different"], body["unsettled"]], [1, 0]);
});

test("an answer's id that was used days ago is of another call, and two spans of one id are two calls", async () => {
  const occurredAt = new Date(Date.now() - 2 * 86_400_000).toISOString();
  const cost = await charged(async () => {
    await debit(5, "chatcmpl-123", { occurredAt });
    await sent(span(tokens(5, "chatcmpl-123")));
    await sent(span(tokens(5, "chatcmpl-123")));
  });
  assert.equal(cost, 15);
});

/** A node wrote that it would charge the span, and then no more. */
async function brokenOff(one: ReturnType<typeof span>, response: string): Promise<void> {
  const randomUuid = () => crypto.randomUUID();
  const database = await openDatabase({ url, folder: "", host: process, randomUuid });
  const pool = database.openPool({ purpose: "control", connectionsMax: 1 });
  const call = {
    traceId: one.traceId,
    spanId: one.spanId,
    parentSpanId: undefined,
    endedAtMs: Date.now(),
    operation: "chat",
    provider: undefined,
    model: "gpt-5",
    requestedModel: "gpt-5",
    response,
    usage: { input_text: 30 },
    workspace: "acme",
    member: "ana",
    run: undefined,
    project: undefined,
  };
  await createObservations(pool).keep("acme", [{ ...call, fate: "charging" }]);
  await database.close();
}

test("a call whose charge broke off half way is charged once, whatever comes after", async () => {
  const before = span(tokens(30, "resp-broken-1"));
  const after = span(tokens(30, "resp-broken-2"));
  const [first, second] = [await hold(), await hold()];
  const cost = await charged(async () => {
    await brokenOff(before, "resp-broken-1");
    await settle(first, 30, "resp-broken-1");
    await sent(before);
    await settle(second, 30, "resp-broken-2");
    await brokenOff(after, "resp-broken-2");
    await sent(after);
  });
  assert.equal(cost, 60);
});

const orders = (count: number): number[][] =>
  count === 0
    ? [[]]
    : orders(count - 1).flatMap((order) =>
        Array.from({ length: count }, (_, place) => order.toSpliced(place, 0, count - 1)),
      );

test("a call around calls is charged by these alone, in whatever order the spans of its trace come", async () => {
  const traces: object[][] = [];
  const cost = await charged(async () => {
    for (const order of orders(3)) {
      const outer = span(tokens(30));
      const between = span({ "http.request.method": "POST" }, { parentSpanId: outer.spanId });
      const inner = span(tokens(10), { parentSpanId: between.spanId });
      const trace = [outer, between, inner];
      for (const place of order) await sent(trace[place] ?? {});
      traces.push(trace);
    }
  });
  assert.equal(cost, 6 * 10);
  assert.equal(await charged(async () => await sent(...traces.flat())), 0, "sent again as one");
  const { body } = await reconcile(api);
  assert.equal(body["unnamed"], 0, "what is around others is not listed");
});

test("the spans of a trace that come at one time on two nodes are charged as those that come in turn", async () => {
  const other = await serverOn(url);
  const cost = await charged(async () => {
    const all = Array.from({ length: 8 }, () => {
      const outer = span(tokens(30));
      const between = span({}, { parentSpanId: outer.spanId });
      return [outer, between, span(tokens(10), { parentSpanId: between.spanId })];
    });
    const replies = await Promise.all(
      all
        .flat()
        .map(async (one, index) => await send(index % 2 === 0 ? api : other, requestOf([one]))),
    );
    for (const { status, text } of replies) assert.equal(status, 200, text);
  });
  assert.equal(cost, 80);
});

test("a tool has a price of its own, whatever it calls", async () => {
  const tool = span({ "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "weather" });
  const inner = span(tokens(2), { parentSpanId: tool.spanId });
  assert.equal(await charged(async () => await sent(tool, inner)), 7);
});
