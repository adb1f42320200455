/** Streams that are approved slice by slice, against a real server: what they ask for, how they end, and how much they may overspend. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import {
  CisternProblem,
  type FetchRequest,
  type FinalAction,
  type ReservedStream,
  StreamFinal,
  type StreamRequest,
  createCistern,
} from "@cistern/client";
import { workspaceWith } from "../api/api-server.ts";
import { startWithCatalog } from "../api/catalog-server.ts";

const api = await startWithCatalog({
  meters: { chat: { buckets: ["input_text", "output_text"] } },
  rateCards: {
    standard: {
      rows: [{ meter: "chat", perUnit: { input_text: "1", output_text: "1" } }],
    },
  },
});

/** A way to the server that can break. */
const network = { isAway: false };
const cistern = createCistern({
  url: api.url,
  apiKey: api.key,
  retriesMax: 0,
  environment: {
    fetch: async (url: string, request: FetchRequest) => {
      if (network.isAway) throw new TypeError("fetch failed");
      return await fetch(url, request);
    },
  },
});

const chat = { member: "ana", meter: "chat", first: { input_text: 50, output_text: 100 } } as const;

/** A workspace of its own, with so many credits. */
async function pool(id: string, credits: string) {
  await workspaceWith(api, id, credits);
  const workspace = cistern.workspace(id);
  return {
    workspace,
    open: async (request: Partial<StreamRequest> = {}) =>
      await workspace.reserveStream({ ...chat, ...request }),
    /** Of each extension, all that was held then. */
    extensions: async () =>
      (await api.get(`/v1/workspaces/${id}/events?after=0.0&limit=100`))
        .rows()
        .filter(({ type }) => type === "hold.extended")
        .map(({ data }) => Object(data).credits),
    settlements: async () =>
      (await api.get(`/v1/workspaces/${id}/events?after=0.0&limit=100`))
        .rows()
        .filter(({ type }) => type === "hold.settled")
        .map(({ data }) => Object(data))
        .map(({ charged, estimated, outcome }) => [charged, estimated, outcome]),
    balance: async () => {
      const { available, held, debt } = await workspace.balance();
      return { available, held, debt };
    },
  };
}

/** Waits until a renewal is answered: a condition, however long it takes. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo(); turns += 1) {
    assert.ok(turns < 1_000_000, "in vain waited for the server");
    await turn();
  }
}

test("a short call takes one slice for everything", async () => {
  const { open, extensions, settlements, balance } = await pool("short", "1000");
  const stream = await open();
  assert.equal(stream.deliver({ output_text: 74 }), true);
  const usage = { input_text: 48, output_text: 74 };
  const settled = await stream.end({ usage, outcome: "delivered", response: "chatcmpl-1" });
  assert.equal(settled.charged, "122");
  assert.deepEqual(await extensions(), []);
  assert.deepEqual(await settlements(), [["122", undefined, "delivered"]]);
  assert.deepEqual(await balance(), { available: "878", held: "0", debt: "0" });
});

test("the next slice is asked for when a quarter is left, without stopping the stream, and slices grow up to the cap", async () => {
  const { open, extensions, balance } = await pool("long", "10000");
  const stream = await open({ cap: { output_text: 300 } });
  const reached: [delivered: number, slices: number][] = [];
  for (let delivered = 5; delivered <= 1_000; delivered += 5) {
    const before = stream.slices;
    assert.equal(stream.deliver({ output_text: 5 }), true, `${delivered}`);
    // Which units an extension is asked at is what is told here, so each is waited for.
    if ([75, 250, 525, 825].includes(delivered)) await until(() => stream.slices > before);
    if (stream.slices > before) reached.push([delivered, stream.slices]);
  }
  assert.deepEqual(reached, [
    [75, 2],
    [250, 3],
    [525, 4],
    [825, 5],
  ]);
  // 50 of input, and 100, 200, then 300 each of output.
  assert.deepEqual(await extensions(), ["350", "650", "950", "1250"]);
  assert.equal(stream.hold.credits, "1250");
  await stream.end({ usage: { input_text: 50, output_text: 1_000 } });
  assert.deepEqual(await balance(), { available: "8950", held: "0", debt: "0" });
});

/** Delivers until it is told to stop, and stops at once. */
async function obey(stream: ReservedStream, units: number): Promise<void> {
  for (let delivered = 0; delivered < units; delivered += 1)
    if (!stream.deliver({ output_text: 1 }) && !(await stream.room())) return;
}

/** Delivers as fast as it can, and looks at nothing but the signal. */
function rush(stream: ReservedStream, units: number): void {
  for (let delivered = 0; delivered < units && !stream.signal.aborted; delivered += 1)
    stream.deliver({ output_text: 1 });
}

const streamsMax = 40;

test("many streams that obey at once charge nothing beyond a small pool", async () => {
  const { open, balance, settlements } = await pool("obeying", "9000");
  const streams = await Promise.all(Array.from({ length: streamsMax }, () => open()));
  await Promise.all(
    streams.map(async (stream) => {
      await obey(stream, 5_000);
      assert.ok(stream.signal.reason instanceof StreamFinal);
      await stream.end({ outcome: "partial" });
    }),
  );
  const { held, debt } = await balance();
  assert.deepEqual([held, debt], ["0", "0"]);
  const charged = (await settlements()).reduce((sum, [one]) => sum + Number(one), 0);
  assert.ok(charged > streamsMax * 150 && charged <= 9_000, `${charged}`);
});

test("many streams that look at nothing but their signal overspend by at most one slice each", async () => {
  const { open, balance } = await pool("rushing", "6500");
  const streams = await Promise.all(Array.from({ length: streamsMax }, () => open()));
  for (const stream of streams) rush(stream, 5_000);
  // No answer has come in between: each is one slice of 200 ahead of its first, and stopped there.
  assert.ok(streams.every(({ signal }) => signal.aborted));
  await Promise.all(streams.map((stream) => stream.end({ outcome: "partial" })));
  const { held, debt } = await balance();
  assert.equal(held, "0");
  const sliceMost = 200;
  assert.ok(Number(debt) > 0 && Number(debt) <= streamsMax * sliceMost, debt);
});

test("when a renewal is denied the slice is used up first, and then the stream is stopped", async () => {
  const { open, balance } = await pool("denied", "200");
  const stream = await open();
  assert.equal(stream.deliver({ output_text: 80 }), true);
  await assert.rejects(open(), CisternProblem);
  // 150 are held, and the next slice of 200 is more than the pool has.
  assert.equal(stream.deliver({ output_text: 19 }), true);
  assert.equal(stream.signal.aborted, false);
  assert.equal(stream.deliver({ output_text: 1 }), false);
  assert.equal(await stream.room(), false);
  const { reason } = stream.signal;
  assert.ok(reason instanceof StreamFinal && reason === stream.final);
  assert.deepEqual(reason.action, { kind: "stop" });
  assert.ok(reason.why instanceof CisternProblem);
  assert.match(reason.why.code, /^(credits_held|pool_exhausted)$/u);
  await stream.end({ outcome: "partial" });
  assert.deepEqual(await balance(), { available: "50", held: "0", debt: "0" });
});

test("a pool with too little for a grown slice is used up in slices as small as the first", async () => {
  const { open, extensions, balance } = await pool("scarce", "680");
  const stream = await open();
  await obey(stream, 5_000);
  assert.ok(stream.signal.reason instanceof StreamFinal);
  // 400 behind the first 350 are too many, and 100 are there three times.
  assert.deepEqual(await extensions(), ["350", "450", "550", "650"]);
  assert.deepEqual(stream.delivered(), { output_text: 600 });
  await stream.end({ outcome: "partial" });
  assert.deepEqual(await balance(), { available: "30", held: "0", debt: "0" });
});

test("each final action does what it says", async () => {
  const actions: FinalAction[] = [
    { kind: "downgrade", model: "small" },
    { kind: "redirect", url: "https://vendor.example/top-up" },
    { kind: "finish" },
  ];
  for (const [index, onFinal] of actions.entries()) {
    const { open, balance } = await pool(`action-${index}`, "200");
    const stream = await open({ onFinal });
    stream.deliver({ output_text: 100 });
    assert.equal(await stream.room(), onFinal.kind === "finish");
    assert.deepEqual(stream.final?.action, onFinal);
    assert.equal(stream.signal.aborted, onFinal.kind !== "finish");
    if (onFinal.kind === "finish") {
      assert.equal(stream.deliver({ output_text: 400 }), true);
      const settled = await stream.end({ usage: { input_text: 50, output_text: 500 } });
      assert.equal(settled.charged, "550");
      assert.deepEqual(await balance(), { available: "0", held: "0", debt: "350" });
    } else {
      assert.equal(stream.signal.reason, stream.final);
      await stream.end({ outcome: "partial" });
      assert.deepEqual(await balance(), { available: "50", held: "0", debt: "0" });
    }
  }
});

test("while the server is away the stream uses up what is approved, and asks again as long as it has some", async () => {
  const { open, extensions } = await pool("away", "1000");
  const stream = await open();
  network.isAway = true;
  assert.equal(stream.deliver({ output_text: 80 }), true);
  await turn();
  assert.equal(stream.final, undefined);
  network.isAway = false;
  stream.deliver({ output_text: 1 });
  await until(() => {
    if (stream.slices === 1) stream.deliver({});
    return stream.slices === 2;
  });
  assert.deepEqual(await extensions(), ["350"]);
  network.isAway = true;
  stream.deliver({ output_text: 219 });
  assert.equal(await stream.room(), false);
  assert.ok(stream.signal.reason instanceof StreamFinal);
  assert.equal(stream.signal.reason.why.name, "CisternUnavailable");
  network.isAway = false;
  assert.equal((await stream.end({ outcome: "partial" })).charged, "350");
});

test("a stream that is aborted is charged its input and what was delivered, and says that this was reckoned", async () => {
  const { workspace, settlements } = await pool("aborted", "1000");
  const giveUp = new AbortController();
  const stream = await workspace.reserveStream(chat, { signal: giveUp.signal });
  stream.deliver({ output_text: 12 });
  giveUp.abort(new Error("the reader left"));
  assert.match(String(stream.signal.reason), /the reader left/u);
  const [first, second] = await Promise.all([
    stream.end({ outcome: "cancelled" }),
    stream.end({ usage: { output_text: 99 } }),
  ]);
  assert.equal(first, second);
  assert.deepEqual(await settlements(), [["62", true, "cancelled"]]);
});

test("a stream that nobody ended is cancelled where its block is left, and one that never began gives everything back", async () => {
  const { open, settlements, balance } = await pool("left", "1000");
  {
    await using stream = await open();
    stream.deliver({ output_text: 5 });
  }
  const failed = await open();
  await failed.end({ outcome: "failed" });
  const unused = await open();
  await unused.release();
  await assert.rejects(unused.end(), /was released/u);
  const begun = await open();
  begun.deliver({ output_text: 1 });
  await assert.rejects(begun.release(), /is settled/u);
  await begun.end();
  assert.deepEqual(await settlements(), [
    ["55", true, "cancelled"],
    ["0", undefined, "failed"],
    ["51", true, undefined],
  ]);
  assert.deepEqual(await balance(), { available: "894", held: "0", debt: "0" });
});

test("with parts each slice is settled when the next one begins, and the end settles the rest", async () => {
  const { open, settlements, balance } = await pool("parts", "2000");
  const stream = await open({ parts: true });
  stream.deliver({ output_text: 90 });
  await until(() => stream.slices === 2);
  stream.deliver({ output_text: 200 });
  await until(() => stream.slices === 3);
  const settled = await stream.end({ usage: { input_text: 50, output_text: 300 } });
  assert.equal(settled.chargedInTotal, "350");
  assert.deepEqual(await settlements(), [
    ["140", true, undefined],
    ["200", true, undefined],
    ["10", undefined, undefined],
  ]);
  assert.deepEqual(await balance(), { available: "1650", held: "0", debt: "0" });
});

test("a reader who leaves does not wait for a slice, and what ends while one is asked for is charged once", async () => {
  const { workspace, settlements, balance } = await pool("leaving", "1000");
  const giveUp = new AbortController();
  const stream = await workspace.reserveStream({ ...chat, parts: true }, { signal: giveUp.signal });
  assert.equal(stream.deliver({ output_text: 100 }), false);
  const room = stream.room();
  giveUp.abort(new Error("the reader left"));
  // Only the abort can have ended the wait: no answer has come yet.
  assert.equal(await room, false);
  assert.equal(stream.slices, 1);
  await stream.end({ outcome: "cancelled" });
  assert.deepEqual(await settlements(), [["150", true, "cancelled"]]);
  assert.deepEqual(await balance(), { available: "850", held: "0", debt: "0" });
});

test("an end that could not be delivered may be said again, and is charged once", async () => {
  const { open, settlements } = await pool("again", "1000");
  const stream = await open();
  stream.deliver({ output_text: 10 });
  network.isAway = true;
  await assert.rejects(stream.end({ outcome: "partial" }), /cannot be reached/u);
  network.isAway = false;
  await stream.end({ outcome: "partial" });
  assert.deepEqual(await settlements(), [["60", true, "partial"]]);
});
