/** What a collector says of how it knows a use, and learns of the price that it is rated by, over HTTP. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DebitSchema, HoldSchema, ProblemSchema, SettlementSchema } from "@cistern/contract";
import { Compile } from "typebox/compile";
import { eventually, workspaceWith } from "./api-server.ts";
import { startWithCatalog } from "./catalog-server.ts";

const api = await startWithCatalog({
  meters: {
    chat: { buckets: ["input_text", "output_text"] },
    cached: { buckets: ["input_text", "output_text", "cache_read"] },
  },
  rateCards: {
    standard: {
      rows: [
        {
          meter: "cached",
          perMillion: { input_text: "100", output_text: "100", cache_read: "10" },
        },
        { meter: "chat", perMillion: { input_text: "100", output_text: "100" } },
      ],
    },
  },
});
await workspaceWith(api, "acme", "1000");
const acme = "/v1/workspaces/acme";
const call = { member: "ana", meter: "chat", model: "large", estimate: { input_text: 100_000 } };

const rowsOf = async (query: string, count: number) =>
  (
    await eventually(
      () => api.get(`${acme}/usage${query}`),
      (reply) => reply.rows().length === count,
    )
  ).rows();

test("a use says that it was reckoned and of which answer it is, in the answer, the feed and the usage rows", async () => {
  const open = async () => (await api.post(`${acme}/holds`, call)).textAt("id");
  const usage = { input_text: 40_000 };
  const cut = await api.post(`${acme}/holds/${await open()}/settle`, {
    usage,
    outcome: "partial",
    estimated: true,
    response: "chatcmpl-1",
  });
  const told = await api.post(`${acme}/holds/${await open()}/settle`, { usage });
  const whole = await open();
  const part = await api.post(`${acme}/holds/${whole}/settle`, {
    usage,
    estimated: true,
    final: false,
  });
  const rest = await api.post(`${acme}/holds/${whole}/settle`, { usage, response: "chatcmpl-2" });
  const debit = await api.post(`${acme}/debits`, {
    member: "ana",
    meter: "chat",
    model: "large",
    usage,
    estimated: true,
    response: "chatcmpl-1",
  });
  const settles = Compile(SettlementSchema);
  for (const { body, text } of [cut, told, part, rest]) assert.ok(settles.Check(body), text);
  assert.ok(Compile(DebitSchema).Check(debit.body), debit.text);
  const answers = [cut, told, part, rest, debit];
  const expected = [
    ["4", true, "chatcmpl-1"],
    ["4", undefined, undefined],
    ["4", true, undefined],
    ["4", undefined, "chatcmpl-2"],
    ["4", true, "chatcmpl-1"],
  ];
  assert.deepEqual(
    answers.map((one) => ["charged", "estimated", "response"].map((place) => one.at(place))),
    expected,
  );
  const events = (await api.get(`${acme}/events?after=0.0&limit=100`)).rows();
  const said = events.filter(({ type }) => type === "hold.settled" || type === "usage.debited");
  assert.deepEqual(
    said.map((event) => Object(event["data"])).map((data) => [data.estimated, data.response]),
    expected.map((one) => one.slice(1)),
  );
  const rows = await rowsOf("", 5);
  assert.deepEqual(
    rows.map((row) => [row["credits"], row["estimated"], row["response"]]),
    expected,
  );
  const ofOne = await rowsOf("?response=chatcmpl-1", 2);
  assert.deepEqual(
    ofOne.map((row) => row["id"]),
    [cut.at("id"), debit.at("id")],
  );
  const paged = await api.get(`${acme}/usage?response=chatcmpl-1&limit=1`);
  const next = await api.get(
    `${acme}/usage?response=chatcmpl-1&limit=1&cursor=${paged.textAt("nextCursor")}`,
  );
  assert.deepEqual([next.at("data.0.id"), next.at("nextCursor")], [debit.at("id"), undefined]);
});

test("a provider's id of an answer is 1 to 128 printable ASCII characters", async () => {
  for (const response of ["", "x".repeat(129), "naïve", "a\nb"]) {
    const refused = await api.post(`${acme}/debits`, { member: "ana", credits: "1", response });
    assert.deepEqual([refused.status, refused.at("code")], [422, "invalid_request"], refused.text);
  }
  const widest = { member: "ana", credits: "1", response: " ~".repeat(64) };
  assert.equal((await api.post(`${acme}/debits`, widest)).status, 201);
});

test("a hold is raised to what an estimate of the whole call costs, and saying so twice asks for no more", async () => {
  const hold = (await api.post(`${acme}/holds`, call)).textAt("id");
  const path = `${acme}/holds/${hold}/extend`;
  const estimate = { input_text: 100_000, output_text: 50_000 };
  const raised = await api.post(path, { estimate });
  assert.deepEqual([raised.status, raised.at("credits")], [200, "15"], raised.text);
  assert.equal((await api.post(path, { estimate, ttl: "PT9M" })).at("credits"), "15");
  const both = await api.post(path, { estimate, credits: "1" });
  assert.deepEqual([both.status, both.at("code")], [422, "invalid_request"]);
  const inCredits = (await api.post(`${acme}/holds`, { member: "ana", credits: "1" })).textAt("id");
  const refused = await api.post(`${acme}/holds/${inCredits}/extend`, { estimate });
  assert.deepEqual(
    [refused.status, refused.at("violations.0.pointer")],
    [422, "/estimate"],
    refused.text,
  );
});

test("a hold says which buckets its price knows, and a refusal of others too", async () => {
  const fits = Compile(HoldSchema);
  const buckets = async (body: object) => {
    const opened = await api.post(`${acme}/holds`, body);
    assert.ok(fits.Check(opened.body), opened.text);
    const read = await api.get(`${acme}/holds/${opened.textAt("id")}`);
    assert.deepEqual(read.at("buckets"), opened.at("buckets"));
    return opened.at("buckets");
  };
  assert.deepEqual(await buckets(call), ["input_text", "output_text"]);
  assert.deepEqual(await buckets({ ...call, meter: "cached" }), [
    "cache_read",
    "input_text",
    "output_text",
  ]);
  assert.equal(await buckets({ member: "ana", meter: "chat", credits: "1" }), undefined);
  const estimate = { input_text: 1, cache_read: 1 };
  for (const path of ["holds", "debits"]) {
    const usage = path === "holds" ? { estimate } : { usage: estimate };
    const refused = await api.post(`${acme}/${path}`, { ...call, estimate: undefined, ...usage });
    assert.ok(Compile(ProblemSchema).Check(refused.body), refused.text);
    assert.deepEqual(
      [refused.status, refused.at("code"), refused.at("buckets")],
      [422, "invalid_request", ["input_text", "output_text"]],
    );
  }
});
