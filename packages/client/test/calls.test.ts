import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { CisternProblem, CisternUnavailable, createCistern } from "@cistern/client";
import type { CisternOptions } from "@cistern/client";
import { problem, startPeer } from "./peer.ts";
import type { Peer } from "./peer.ts";

const quick = { backoffBaseMs: 1, backoffMaxMs: 4 };

function client(peer: Peer, options: Partial<CisternOptions> = {}) {
  return createCistern({
    url: peer.url,
    apiKey: "cst_test",
    ...quick,
    ...options,
    failureMode: "closed",
  });
}

const ask = { member: "ana", credits: "75" };
const unavailable = { kind: "answer", status: 503, body: problem("overloaded", 503) } as const;

test("a lone call goes out as a plain request with its key and the API key", async () => {
  await using peer = await startPeer();
  const hold = await client(peer).workspace("acme").authorize(ask);
  assert.equal(hold.credits, "75");
  assert.equal(hold.answer.status, "open");
  const [request] = peer.arrived;
  assert.equal(peer.arrived.length, 1);
  assert.equal(request?.path, "/v1/workspaces/acme/holds");
  assert.equal(request?.authorization, "Bearer cst_test");
  assert.match(request?.key ?? "", /^[0-9a-f-]{36}$/);
  assert.deepEqual(request?.body, ask);
});

test("calls of one moment share one batch, and each gets its own answer in order", async () => {
  await using peer = await startPeer();
  const workspace = client(peer).workspace("acme");
  const members = Array.from({ length: 40 }, (_, index) => `m${index}`);
  const holds = await Promise.all(members.map((member) => workspace.authorize({ ...ask, member })));
  assert.deepEqual(
    holds.map((hold) => hold.member),
    members,
  );
  assert.deepEqual(
    peer.arrived.map(({ path }) => path),
    ["/v1/batch"],
  );
});

test("while a request is under way the next batch forms, without a timer", async () => {
  await using peer = await startPeer();
  peer.answerDelayMs = 20;
  const workspace = client(peer, { requestsInFlightMax: 1 }).workspace("acme");
  const first = workspace.authorize(ask);
  await new Promise((resolve) => setTimeout(resolve, 5));
  const rest = Array.from({ length: 10 }, async (_, index) => {
    await new Promise((resolve) => setTimeout(resolve, index));
    return await workspace.authorize(ask);
  });
  await Promise.all([first, ...rest]);
  assert.deepEqual(
    peer.arrived.map(({ path }) => path),
    ["/v1/workspaces/acme/holds", "/v1/batch"],
  );
});

test("a batch takes no more operations than the server does, and no more bytes", async () => {
  await using peer = await startPeer();
  const workspace = client(peer, { requestsInFlightMax: 1 }).workspace("acme");
  await Promise.all(Array.from({ length: 501 }, () => workspace.authorize(ask)));
  assert.deepEqual(
    peer.arrived.map(({ path }) => path),
    ["/v1/batch", "/v1/workspaces/acme/holds"],
  );
  peer.arrived.length = 0;
  const attributes = { text: "ü".repeat(480) };
  await Promise.all(
    Array.from({ length: 500 }, () =>
      workspace.authorize({ ...ask, attributes: { ...attributes, more: "x".repeat(1200) } }),
    ),
  );
  assert.ok(peer.arrived.length > 1);
  for (const { body } of peer.arrived)
    assert.ok(Buffer.byteLength(JSON.stringify(body)) <= 1_048_576);
});

test("a refusal is thrown with its problem and never repeated", async () => {
  await using peer = await startPeer();
  const refusal = {
    ...problem("pool_exhausted", 402),
    requested: "75",
    available: "50",
    missing: "25",
  };
  peer.refusals.set("holds", refusal);
  await assert.rejects(client(peer).workspace("acme").authorize(ask), (error) => {
    assert.ok(error instanceof CisternProblem);
    assert.equal(error.code, "pool_exhausted");
    assert.equal(error.status, 402);
    assert.equal(error.problem.missing, "25");
    return true;
  });
  assert.equal(peer.arrived.length, 1);
});

test("rates and credits held by others are refusals too, and say when to ask again", async () => {
  await using peer = await startPeer();
  for (const [code, status] of [
    ["rate_limited", 429],
    ["credits_held", 409],
  ] as const) {
    peer.faults.push({ kind: "answer", status, body: problem(code, status), retryAfter: "3" });
    await assert.rejects(client(peer).workspace("acme").authorize(ask), (error) => {
      assert.ok(error instanceof CisternProblem);
      assert.equal(error.retryAfterMs, 3000);
      return true;
    });
  }
  assert.equal(peer.arrived.length, 2);
});

test("one refused operation of a batch leaves the others alone", async () => {
  await using peer = await startPeer();
  peer.refusals.set("debits", problem("unknown_meter", 422));
  const workspace = client(peer).workspace("acme");
  const [hold, debit] = await Promise.allSettled([workspace.authorize(ask), workspace.debit(ask)]);
  assert.equal(hold?.status, "fulfilled");
  assert.equal(debit?.status, "rejected");
});

test("a call whose answer was lost is repeated with the same key and has its effect once", async () => {
  await using peer = await startPeer();
  peer.faults.push({ kind: "lostAnswer" }, { kind: "lostRequest" }, unavailable);
  await client(peer).workspace("acme").debit({ member: "ana", credits: "5" });
  assert.equal(peer.arrived.length, 4);
  assert.equal(new Set(peer.arrived.map(({ key }) => key)).size, 1);
  assert.equal(peer.charged.length, 1);
});

test("a settle whose answer was lost is repeated under the hold's own key", async () => {
  await using peer = await startPeer();
  const hold = await client(peer).workspace("acme").authorize(ask);
  peer.faults.push({ kind: "lostAnswer" });
  const settlement = await hold.settle({ credits: "60" });
  assert.equal(settlement.charged, "60");
  assert.deepEqual(
    peer.arrived.slice(1).map(({ key }) => key),
    [undefined, undefined],
  );
  assert.equal(peer.charged.length, 1);
});

test("increments of a stream each have a key of their own", async () => {
  await using peer = await startPeer();
  const hold = await client(peer).workspace("acme").authorize(ask);
  peer.faults.push({ kind: "lostAnswer" });
  await hold.settle({ credits: "1" }, { final: false });
  await hold.settle({ credits: "1" }, { final: false });
  await hold.settle({ credits: "1" });
  const keys = peer.arrived.slice(1).map(({ key }) => key);
  assert.equal(keys[0], keys[1]);
  assert.notEqual(keys[1], keys[2]);
  assert.equal(peer.creditsCharged(), 3);
});

test("the caller's own key is used", async () => {
  await using peer = await startPeer();
  await client(peer)
    .workspace("acme")
    .grant({ credits: "10", source: "purchase" }, { idempotencyKey: "order-42" });
  assert.equal(peer.arrived[0]?.key, "order-42");
});

test("retries end, and say what the server said last", async () => {
  await using peer = await startPeer();
  peer.faults.push(...Array.from({ length: 9 }, () => unavailable));
  await assert.rejects(
    client(peer, { retriesMax: 2 }).workspace("acme").authorize(ask),
    (error) => {
      assert.ok(error instanceof CisternUnavailable);
      assert.equal(error.reason, "server_unavailable");
      assert.equal(error.problem?.code, "overloaded");
      return true;
    },
  );
  assert.equal(peer.arrived.length, 3);
});

test("pauses are random up to a doubling bound, and never shorter than Retry-After", async () => {
  await using peer = await startPeer();
  const pauses: number[] = [];
  const environment = {
    random: () => 0.5,
    setTimer: (delayMs: number, task: () => void) => {
      const isPause = delayMs !== 5000 && delayMs !== 60_000;
      if (isPause) pauses.push(delayMs);
      const timer = setTimeout(task, isPause ? 0 : delayMs);
      return () => clearTimeout(timer);
    },
  };
  peer.faults.push(unavailable, unavailable, unavailable, { ...unavailable, retryAfter: "2" });
  const options = { environment, timeoutMs: 60_000, backoffBaseMs: 100, backoffMaxMs: 300 };
  await client(peer, options).workspace("acme").authorize(ask);
  assert.deepEqual(pauses, [50, 100, 150, 2150]);
});

test("a call ends by its timeout, and says so", async () => {
  await using peer = await startPeer();
  peer.faults.push({ kind: "silence" });
  const asked = client(peer).workspace("acme").authorize(ask, { timeoutMs: 30 });
  await assert.rejects(
    asked,
    (error) => error instanceof CisternUnavailable && error.reason === "timeout",
  );
});

test("a request without an answer is given up and repeated within the call's time", async () => {
  await using peer = await startPeer();
  peer.faults.push({ kind: "silence" });
  await client(peer, { requestTimeoutMs: 500 })
    .workspace("acme")
    .debit({ member: "ana", credits: "5" });
  assert.equal(peer.arrived.length, 2);
  assert.equal(peer.charged.length, 1);
});

test("a pause that would pass the timeout is not waited for", async () => {
  await using peer = await startPeer();
  peer.faults.push({ ...unavailable, retryAfter: "60" });
  const began = Date.now();
  await assert.rejects(client(peer).workspace("acme").authorize(ask), CisternUnavailable);
  assert.ok(Date.now() - began < 2000);
});

test("an aborted call rejects with the caller's reason and disturbs no other of its batch", async () => {
  await using peer = await startPeer();
  peer.answerDelayMs = 30;
  const workspace = client(peer).workspace("acme");
  const caller = new AbortController();
  const given = workspace.authorize(ask, { signal: caller.signal });
  const kept = workspace.authorize(ask);
  setTimeout(() => caller.abort(new Error("the user left")), 10);
  await assert.rejects(given, /the user left/);
  assert.equal((await kept).credits, "75");
});

test("a call that is aborted before it leaves is never sent", async () => {
  await using peer = await startPeer();
  const gone = AbortSignal.abort(new Error("gone"));
  await assert.rejects(client(peer).workspace("acme").authorize(ask, { signal: gone }), /gone/);
  assert.equal(peer.arrived.length, 0);
});

test("a call leaves nothing behind on a signal that outlives it", async () => {
  await using peer = await startPeer();
  const lasting = new AbortController();
  await client(peer).workspace("acme").authorize(ask, { signal: lasting.signal });
  peer.refusals.set("holds", problem("pool_exhausted", 402));
  await assert.rejects(client(peer).workspace("acme").authorize(ask, { signal: lasting.signal }));
  assert.deepEqual(getEventListeners(lasting.signal, "abort"), []);
});

test("what is not Cistern's answer says that the address may be wrong", async () => {
  await using peer = await startPeer();
  peer.faults.push({ kind: "answer", status: 404, body: "no such page" });
  await assert.rejects(client(peer).workspace("acme").get(), (error) => {
    assert.ok(error instanceof CisternUnavailable);
    assert.equal(error.reason, "unexpected_answer");
    return true;
  });
  assert.equal(peer.arrived.length, 1);
});

test("a batch with an answer missing is no answer", async () => {
  await using peer = await startPeer();
  peer.faults.push({ kind: "answer", status: 200, body: { results: [{ status: 201, body: {} }] } });
  const workspace = client(peer).workspace("acme");
  const [first, second] = await Promise.allSettled([workspace.debit(ask), workspace.debit(ask)]);
  assert.equal(first?.status, "fulfilled");
  assert.equal(second?.status, "rejected");
});

test("the queue is bounded", async () => {
  await using peer = await startPeer();
  peer.answerDelayMs = 20;
  const workspace = client(peer, { queueMax: 2, requestsInFlightMax: 1 }).workspace("acme");
  const results = await Promise.allSettled(
    Array.from({ length: 4 }, () => workspace.authorize(ask)),
  );
  const reasons = results.map((result) =>
    result.status === "rejected" ? String(result.reason) : "fulfilled",
  );
  assert.equal(reasons.filter((reason) => reason === "fulfilled").length, 2);
  assert.equal(reasons.filter((reason) => reason.includes("operations are waiting")).length, 2);
});

test("ids of any form reach their path, and queries are written out", async () => {
  await using peer = await startPeer();
  const workspace = client(peer).workspace("a:b@c");
  await workspace.put.member("x/../y", { kind: "agent" });
  await workspace.usage({ limit: 5, member: "ana" });
  assert.equal(peer.arrived[0]?.path, "/v1/workspaces/a%3Ab%40c/members/x%2F..%2Fy");
  assert.equal(peer.arrived[1]?.path, "/v1/workspaces/a%3Ab%40c/usage?limit=5&member=ana");
});

test("a closed client takes nothing more", async () => {
  await using peer = await startPeer();
  const cistern = client(peer);
  await cistern.close();
  await assert.rejects(cistern.workspace("acme").get(), /closed/);
});
