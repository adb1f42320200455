/** The feed as it grows: answers that wait, and streams, over real sockets and two nodes on one database. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { createCistern } from "@cistern/client";
import { freshDatabase } from "../fresh-database.ts";
import { type Json, eventually, workspaceWith } from "./api-server.ts";
import { serverOn } from "./catalog-server.ts";

const { url } = await freshDatabase();
const api = await serverOn(url);
const other = await serverOn(url);
const path = "/v1/workspaces/acme";
await workspaceWith(api, "acme", "1000000");

let used = 0;
const use = async (node: Pick<typeof api, "post">, credits = "1") => {
  used += 1;
  const options = { idempotencyKey: `use-${used}` };
  const debit = await node.post(`${path}/debits`, { member: "bob", credits }, options);
  assert.equal(debit.status, 201, debit.text);
};
const endOf = async () => {
  for (let at = "0.0"; ;) {
    const page = await api.get(`${path}/events?limit=100&after=${at}`);
    if (page.rows().length === 0) return at;
    at = page.textAt("next");
  }
};
const waiting = (node: typeof api) => node.server.node.parts.feed.stats().waiting;
const streams = (node: typeof api) => node.server.node.parts.feed.stats().streams;
const isSo = async (is: () => boolean) => {
  assert.ok(await eventually(async () => is(), Boolean), String(is));
};

/** A stream of server-sent events on a socket of its own. */
async function stream(
  node: typeof api,
  query: string,
  headers: Readonly<Record<string, string>> = {},
) {
  const gone = new AbortController();
  const response = await fetch(`${node.url}${path}/events/stream${query}`, {
    headers: { authorization: `Bearer ${node.key}`, ...headers },
    signal: gone.signal,
  });
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.ok(response.body);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const more = async (): Promise<boolean> => {
    const { value, done } = await reader.read();
    text += value ?? "";
    return !done;
  };
  const blocks = () => text.split("\n\n").slice(0, -1);
  const events = () => blocks().filter((one) => one.includes("\ndata: "));
  return {
    blocks,
    /** Reads until there are so many events. */
    async events(count: number) {
      while (events().length < count) if (!(await more())) break;
      return events().map(parsed);
    },
    /** Reads until a block is as wanted. */
    async until(isWanted: (block: string) => boolean) {
      while (!blocks().some(isWanted)) if (!(await more())) return false;
      return true;
    },
    /** Reads to the end. */
    async rest() {
      while (await more());
      return blocks();
    },
    cut: () => gone.abort(),
  };
}

function parsed(block: string): { id: string; type: string; event: Json } {
  const field = (name: string) =>
    block
      .split("\n")
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? "";
  const event: Json = JSON.parse(field("data"));
  return { id: field("id"), type: field("event"), event };
}

const idsOf = (events: readonly Json[]) => events.map((one) => one["id"]);

async function allIds() {
  const ids: unknown[] = [];
  for (let at = "0.0"; ;) {
    const page = await api.get(`${path}/events?limit=100&after=${at}`);
    if (page.rows().length === 0) return ids;
    ids.push(...idsOf(page.rows()));
    at = page.textAt("next");
  }
}

test("an empty answer is held until this node appends", async () => {
  const end = await endOf();
  const held = api.get(`${path}/events?after=${end}&wait=PT60S`);
  await isSo(() => waiting(api) === 1);
  await use(api);
  const page = await held;
  assert.deepEqual(
    page.rows().map((one) => one["type"]),
    ["usage.debited"],
  );
  assert.equal(waiting(api), 0);
});

test("it is held until another node appends", async () => {
  const end = await endOf();
  const held = api.get(`${path}/events?after=${end}&wait=PT60S`);
  await isSo(() => waiting(api) === 1);
  await use(other);
  assert.equal((await held).rows().length, 1);
});

test("it is answered empty when the wait is over, and refused where it is too long", async () => {
  const end = await endOf();
  const page = await api.get(`${path}/events?after=${end}&wait=PT1S`);
  assert.deepEqual([page.rows(), page.textAt("next")], [[], end]);
  const long = await api.get(`${path}/events?after=${end}&wait=PT61S`);
  assert.equal(long.status, 422);
  assert.match(long.textAt("detail"), /at most PT60S/);
});

test("who hangs up gives the place back", async () => {
  const end = await endOf();
  const gone = new AbortController();
  const held = fetch(`${api.url}${path}/events?after=${end}&wait=PT60S`, {
    headers: { authorization: `Bearer ${api.key}` },
    signal: gone.signal,
  });
  await isSo(() => waiting(api) === 1);
  gone.abort();
  await assert.rejects(held);
  await isSo(() => waiting(api) === 0);
});

test("a filter leaves events out of the answer, and not out of the cursor", async () => {
  const end = await endOf();
  for (let made = 0; made < 3; made += 1) await use(api);
  const page = await api.get(`${path}/events?after=${end}&limit=1&types=credits.granted`);
  assert.deepEqual(page.rows(), []);
  assert.equal(page.textAt("next"), await endOf());
  const held = api.get(`${path}/events?after=${end}&wait=PT60S&types=hold.opened,hold.released`);
  await isSo(() => waiting(api) === 1);
  await use(api);
  await api.post(`${path}/holds`, { member: "bob", credits: "1", ttl: "PT1H" });
  assert.deepEqual(
    (await held).rows().map((one) => one["type"]),
    ["hold.opened"],
  );
  const unknown = await api.get(`${path}/events?types=hold.opend`);
  assert.equal(unknown.status, 422);
  assert.match(unknown.textAt("detail"), /hold\.opend is none/);
});

test("a stream that is cut goes on from its last id over another node, without a gap or a double", async () => {
  const from = await endOf();
  const before = (await allIds()).length;
  const writers = [api, other].map(async (node) => {
    for (let made = 0; made < 40; made += 1) await use(node);
  });
  const seen: unknown[] = [];
  let last = from;
  for (const [index, node] of [api, other, api, other].entries()) {
    // The address stays what it was, as with an EventSource: the header is what counts.
    const resumed = index === 0 ? {} : { "last-event-id": last };
    const one = await stream(node, `?after=${from}`, resumed);
    const events = (await one.events(20)).slice(0, 20);
    one.cut();
    seen.push(...events.map(({ event }) => event["id"]));
    last = events.at(-1)?.id ?? last;
  }
  await Promise.all(writers);
  assert.deepEqual(seen, (await allIds()).slice(before));
  await isSo(() => streams(api) + streams(other) === 0);
});

test("a stream says where it stands while nothing happens or nothing is wanted", async () => {
  const one = await stream(api, `?after=${await endOf()}&wait=PT1S&types=limit.reached`);
  await use(api);
  const end = await endOf();
  assert.ok(await one.until((block) => block === `: quiet\nid: ${end}`));
  assert.equal((await one.events(0)).length, 0);
  one.cut();
});

/** An event of some 200 kB. */
async function bigEvent(change: number): Promise<void> {
  const limits = Array.from({ length: 1_000 }, (_, at) => ({
    id: `limit-${at}`,
    scope: { kind: "member", id: `member-${at}` },
    cap: { credits: String(change), window: "day" },
  }));
  const changed = await api.put(`${path}/limits`, { limits });
  assert.equal(changed.status, 200, changed.text);
}

test("a reader who does not read costs one page, and reads on where it stopped", async () => {
  const from = await endOf();
  const before = (await allIds()).length;
  for (let change = 1; change <= 60; change += 1) await bigEvent(change);
  let asked = 0;
  const { engine } = api.server.node;
  const read = engine.events.bind(engine);
  engine.events = (...args) => {
    asked += 1;
    return read(...args);
  };
  const socket = connect({ port: Number(new URL(api.url).port), host: "127.0.0.1" });
  after(() => socket.destroy());
  socket.pause();
  socket.write(
    `GET ${path}/events/stream?limit=1&after=${from} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.key}\r\n\r\n`,
  );
  // The system's own buffers take some megabytes; then nothing more is read from the journal.
  let known = -1;
  for (let same = 0; same < 5; same = asked === known ? same + 1 : 0) {
    known = asked;
    await wait(40);
  }
  assert.ok(asked < 55, `${asked} of 60 events were read for nobody`);
  engine.events = read;
  const places: string[] = [];
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("data", (piece) => {
    const lines = (rest + String(piece)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("id: ")) places.push(line.slice(4));
  });
  socket.resume();
  await isSo(() => places.length >= 60);
  const ids = places.map((place) => `acme:${place.replace(/\.(\w{8})$/, ":$1")}`);
  assert.deepEqual(ids, (await allIds()).slice(before));
});

test("a key that is revoked ends its stream, and another workspace's opens none", async () => {
  const made = await api.post("/v1/keys", { name: "live", scopes: ["read"], workspace: "acme" });
  const own = { ...api, key: made.textAt("key") };
  const one = await stream(own, `?after=${await endOf()}`);
  await api.call("DELETE", `/v1/keys/${made.textAt("id")}`);
  await use(api);
  await one.rest();
  await workspaceWith(api, "beta", "1");
  const strange = await api.post("/v1/keys", { name: "b", scopes: ["read"], workspace: "beta" });
  const refused = await api.get(`${path}/events/stream`, { apiKey: strange.textAt("key") });
  assert.equal(refused.status, 404);
  assert.equal(refused.body["code"], "unknown_workspace");
});

test("a stream whose place was lost is refused, and one page is had as JSON", async () => {
  const lost = await api.get(`${path}/events/stream?after=3.0.00000000`);
  assert.deepEqual([lost.status, lost.body["code"]], [410, "cursor_lost"]);
  const page = await api.get(`${path}/events/stream?limit=2`, {
    headers: { accept: "application/json" },
  });
  assert.equal(page.rows().length, 2);
});

test("the client follows the feed through every page, and waits for what comes", async () => {
  const cistern = createCistern({ url: api.url, apiKey: api.key });
  const acme = cistern.workspace("acme");
  const from = await endOf();
  await use(api, "1");
  const gone = new AbortController();
  const seen: string[] = [];
  for await (const { event, cursor } of acme.events.follow({
    after: from,
    types: "usage.debited",
    signal: gone.signal,
  })) {
    if (event.type === "usage.debited") seen.push(event.data.charged);
    if (seen.length === 1) void use(other, "2");
    if (seen.length === 2) {
      assert.equal(cursor, await endOf());
      break;
    }
  }
  assert.deepEqual(seen, ["1", "2"]);
  const held = acme.events({ after: await endOf(), wait: "PT30S" });
  await isSo(() => waiting(api) === 1);
  await use(api, "3");
  assert.equal((await held).data.length, 1);
  await cistern.close();
});

test("a node that stops answers who waits, and ends its streams with a word on when to come back", async () => {
  const end = await endOf();
  const held = other.get(`${path}/events?after=${end}&wait=PT60S`);
  const one = await stream(other, `?after=${end}`);
  await isSo(() => waiting(other) === 1);
  await other.server.stop();
  assert.deepEqual((await held).rows(), []);
  const blocks = await one.rest();
  assert.equal(blocks[0], "retry: 1000");
});
