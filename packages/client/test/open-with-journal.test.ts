import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CisternProblem, CisternUnavailable, createCistern } from "@cistern/client";
import type { JournalEntry, OfflineJournal, OpenWithJournal, Spent } from "@cistern/client";
import type { HoldRequest } from "@cistern/contract";
import { openNodeJournal } from "@cistern/client/node-journal";
import { Peer, problem, startPeer, until } from "./peer.ts";

const quick = { retriesMax: 1, backoffBaseMs: 1, backoffMaxMs: 2, apiKey: "cst_test" };
const bounds = { holdsMax: 3, creditsMax: "100", creditsPerEstimate: "10" };
const ask = { member: "ana", credits: "20" };

/** A folder for the journal of one test. */
async function temporaryPath() {
  const folder = await mkdtemp(join(tmpdir(), "cistern-journal-"));
  return {
    path: join(folder, "offline.jsonl"),
    [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true }),
  };
}

/** A client that fails open, with its journal; both are closed at the end of the test. */
async function openClient(peer: Peer, path: string, options: Partial<OpenWithJournal> = {}) {
  const journal = await openNodeJournal({ path });
  const failureMode = { kind: "open_with_journal", journal, ...bounds, ...options } as const;
  const cistern = createCistern({ url: peer.url, ...quick, failureMode });
  return {
    journal,
    workspace: cistern.workspace("acme"),
    [Symbol.asyncDispose]: async () => await cistern.close(),
  };
}

function delivered(journal: OfflineJournal) {
  return async () => await until("everything is delivered", () => journal.pending().length === 0);
}

test("while the server answers, nothing is approved here and nothing is kept", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await using client = await openClient(peer, place.path);
  const hold = await client.workspace.authorize(ask);
  assert.equal(hold.isOffline, false);
  const settlement = await hold.settle({ credits: "5" });
  assert.ok(!("deferred" in settlement));
  assert.equal(await readFile(place.path, "utf8"), "");
});

test("a refusal stays a refusal", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await using client = await openClient(peer, place.path);
  peer.refusals.set("holds", problem("pool_exhausted", 402));
  await assert.rejects(client.workspace.authorize(ask), CisternProblem);
});

test("while the server is away holds are approved, and their use is booked once when it is back", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await using client = await openClient(peer, place.path);
  await peer.stop();
  const hold = await client.workspace.authorize({ ...ask, meter: "chat", project: "spring" });
  assert.equal(hold.isOffline, true);
  assert.equal(hold.credits, "20");
  assert.deepEqual(await hold.settle({ credits: "12.5" }), { deferred: true, id: hold.id });
  assert.equal(peer.charged.length, 0);
  await peer.start();
  await delivered(client.journal)();
  const [charge] = peer.charged;
  assert.equal(peer.charged.length, 1);
  assert.match(charge?.of ?? "", /^dbt_/);
  const { occurredAt, ...body } = charge?.body ?? {};
  assert.deepEqual(body, { member: "ana", meter: "chat", project: "spring", credits: "12.5" });
  assert.match(String(occurredAt), /Z$/);
  assert.equal((await client.workspace.authorize(ask)).isOffline, false);
});

test("approvals stay within their number until the server has booked them", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await using client = await openClient(peer, place.path);
  await peer.stop();
  const small = { member: "ana", credits: "1" };
  const first = await client.workspace.authorize(small);
  const second = await client.workspace.authorize(small);
  await client.workspace.authorize(small);
  const tooMany = async () => await client.workspace.authorize(small);
  await assert.rejects(tooMany, (error) => {
    assert.ok(error instanceof CisternUnavailable);
    assert.equal(error.reason, "offline_bound_reached");
    return true;
  });
  await first.settle({ credits: "1" });
  await assert.rejects(tooMany, /offline|booked/);
  await second.release();
  assert.equal((await tooMany()).isOffline, true);
});

test("approvals stay within their credits, and an estimate counts as what was set for it", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await using client = await openClient(peer, place.path);
  await peer.stop();
  await client.workspace.authorize({ member: "ana", credits: "85" });
  await assert.rejects(client.workspace.authorize({ member: "ana", credits: "15.000001" }));
  const estimated = await client.workspace.authorize({
    member: "ana",
    meter: "chat",
    estimate: {},
  });
  assert.equal(estimated.credits, "10");
  await assert.rejects(estimated.extend({ credits: "5.1" }), CisternUnavailable);
  assert.equal((await estimated.extend({ credits: "5" })).credits, "15");
  await assert.rejects(client.workspace.authorize({ member: "ana", credits: "0.000001" }));
});

test("an approval that was forgotten gives its credits back when it expires", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await using client = await openClient(peer, place.path);
  await peer.stop();
  await client.workspace.authorize({ member: "ana", credits: "100", ttl: "PT3S" });
  await assert.rejects(client.workspace.authorize(ask), CisternUnavailable);
  await new Promise((resolve) => setTimeout(resolve, 3_100));
  assert.equal((await client.workspace.authorize(ask)).isOffline, true);
});

test("a settle of a hold that the server approved waits, and is charged once under the hold's own key", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await using client = await openClient(peer, place.path);
  const hold = await client.workspace.authorize(ask);
  // It takes effect and its answer is lost; then the server goes.
  peer.faults.push({ kind: "lostAnswer" }, { kind: "lostAnswer" });
  const settlement = await hold.settle({ credits: "7" });
  assert.ok("deferred" in settlement);
  assert.equal(peer.charged.length, 1);
  await delivered(client.journal)();
  assert.equal(peer.charged.length, 1);
  assert.equal(peer.creditsCharged(), 7);
});

test("what a call in a run used while the server was away is told with its run, as a debit takes it", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await using client = await openClient(peer, place.path);
  await peer.stop();
  const call = { ...ask, run: "agent", toolCall: true, action: "look" };
  await (await client.workspace.authorize(call)).settle({ credits: "4" });
  await peer.start();
  await delivered(client.journal)();
  const { occurredAt, ...said } = peer.charged[0]?.body ?? {};
  assert.ok(typeof occurredAt === "string");
  assert.deepEqual(said, { member: "ana", run: "agent", credits: "4" });
});

test("how a call ended is told to the server, and decides what is charged of one that it never saw", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  const wide = { holdsMax: 20, creditsMax: "1000" };
  await using client = await openClient(peer, place.path, wide);
  await (await client.workspace.authorize(ask)).settle({ outcome: "failed" });
  assert.deepEqual(peer.arrived.at(-1)?.body, { outcome: "failed" });
  await peer.stop();
  const estimated = { member: "ana", meter: "chat", estimate: { input_text: 9 } };
  const settles: [HoldRequest, Spent][] = [
    [ask, { outcome: "failed" }],
    [ask, { outcome: "failed", credits: "1" }],
    [ask, { outcome: "delivered" }],
    [estimated, { outcome: "cancelled", usage: { input_text: 4 } }],
    [estimated, { outcome: "failed", usage: { input_text: 4 } }],
    [estimated, { outcome: "partial" }],
    [
      { ...estimated, model: "large" },
      { usage: { input_text: 3 }, model: "small" },
    ],
  ];
  for (const [request, spent] of settles)
    await (await client.workspace.authorize(request)).settle(spent);
  const inParts = await client.workspace.authorize(ask);
  await inParts.settle({ credits: "2" }, { final: false });
  await assert.rejects(
    inParts.settle({ credits: "1", outcome: "partial" }, { final: false }),
    /leave it out with final: false/,
  );
  await inParts.settle({ outcome: "delivered" });
  await peer.start();
  await delivered(client.journal)();
  assert.deepEqual(
    peer.charged.slice(1).map(({ body }) => body["credits"] ?? body["usage"]),
    ["0", "1", ask.credits, { input_text: 4 }, "0", { input_text: 9 }, { input_text: 3 }, "2", "0"],
  );
  assert.deepEqual(
    peer.charged.flatMap(({ body }) => body["model"] ?? []),
    ["small"],
  );
});

test("increments of one hold arrive in order, and none overtakes one that waits", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await using client = await openClient(peer, place.path);
  const hold = await client.workspace.authorize(ask);
  await peer.stop();
  await hold.settle({ credits: "1" }, { final: false });
  await peer.start();
  await hold.settle({ credits: "2" }, { final: false });
  await hold.settle({ credits: "3" });
  await delivered(client.journal)();
  assert.deepEqual(
    peer.charged.map(({ body }) => body["credits"]),
    ["1", "2", "3"],
  );
});

test("an increment that the server could not take holds the later ones of its hold back", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await using client = await openClient(peer, place.path);
  const hold = await client.workspace.authorize(ask);
  await peer.stop();
  for (const credits of ["1", "2"]) await hold.settle({ credits }, { final: false });
  await client.workspace.debit({ member: "ana", credits: "9" });
  peer.setbacks.push({ status: 503, body: problem("overloaded", 503) });
  await peer.start();
  await delivered(client.journal)();
  assert.deepEqual(
    peer.charged.map(({ body }) => body["credits"]),
    ["9", "1", "2"],
  );
});

test("a settle after a restart does not overtake what its hold has waiting", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  let id = "";
  {
    await using client = await openClient(peer, place.path);
    const hold = await client.workspace.authorize(ask);
    id = hold.id;
    await peer.stop();
    await hold.settle({ credits: "1" }, { final: false });
  }
  await peer.start();
  await using client = await openClient(peer, place.path);
  assert.ok("deferred" in (await client.workspace.settle(id, { credits: "2" })));
  await delivered(client.journal)();
  assert.deepEqual(
    peer.charged.map(({ body }) => body["credits"]),
    ["1", "2"],
  );
});

test("a debit waits too, with its own key", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await using client = await openClient(peer, place.path);
  await peer.stop();
  const debit = client.workspace.debit(
    { member: "ana", credits: "4" },
    { idempotencyKey: "job-7" },
  );
  assert.deepEqual(await debit, { deferred: true, id: "job-7" });
  await peer.start();
  await delivered(client.journal)();
  assert.equal(peer.arrived.findLast(({ path }) => path.endsWith("/debits"))?.key, "job-7");
  assert.equal(peer.creditsCharged(), 4);
});

test("what waited when the process ended is delivered by the next one, once", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await peer.stop();
  {
    await using client = await openClient(peer, place.path);
    for (const credits of ["1", "2"]) {
      const hold = await client.workspace.authorize(ask);
      await hold.settle({ credits });
    }
  }
  await peer.start();
  {
    await using client = await openClient(peer, place.path);
    await delivered(client.journal)();
  }
  await using client = await openClient(peer, place.path);
  assert.deepEqual(client.journal.pending(), []);
  assert.equal(peer.charged.length, 2);
  assert.equal(peer.creditsCharged(), 3);
});

test("what waits from an earlier process counts against the bounds", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await peer.stop();
  {
    await using client = await openClient(peer, place.path);
    await (
      await client.workspace.authorize({ member: "ana", credits: "90" })
    ).settle({ credits: "90" });
  }
  await using client = await openClient(peer, place.path);
  await assert.rejects(client.workspace.authorize(ask), CisternUnavailable);
});

test("a delivery whose answer is lost is repeated and charged once", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await using client = await openClient(peer, place.path);
  await peer.stop();
  await (await client.workspace.authorize(ask)).settle({ credits: "6" });
  peer.faults.push({ kind: "lostAnswer" });
  await peer.start();
  await delivered(client.journal)();
  assert.ok(peer.arrived.filter(({ path }) => path.endsWith("/debits")).length >= 2);
  assert.equal(peer.creditsCharged(), 6);
});

test("a report that the server refuses is kept apart and told, and does not block the others", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  const refused: [JournalEntry, string][] = [];
  const onRefused: OpenWithJournal["onRefused"] = (entry, { code }) => refused.push([entry, code]);
  await using client = await openClient(peer, place.path, { onRefused });
  const hold = await client.workspace.authorize(ask);
  await peer.stop();
  await hold.settle({ credits: "1" });
  await client.workspace.debit({ member: "ana", credits: "2" });
  peer.holds.set(hold.id, "released");
  await peer.start();
  await delivered(client.journal)();
  assert.deepEqual(
    refused.map(([entry, code]) => [entry.subject, code]),
    [[hold.id, "hold_released"]],
  );
  assert.match(await readFile(`${place.path}.refused`, "utf8"), /hold_released/);
  assert.equal(peer.creditsCharged(), 2);
});

test("a key that is refused says nothing of the report: it stays", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await using client = await openClient(peer, place.path);
  await peer.stop();
  await (await client.workspace.authorize(ask)).settle({ credits: "6" });
  peer.faults.push({ kind: "answer", status: 401, body: problem("unauthenticated", 401) });
  await peer.start();
  await until("it was tried", () => peer.arrived.some(({ path }) => path.endsWith("/debits")));
  assert.equal(client.journal.pending().length, 1);
  await delivered(client.journal)();
  assert.equal(peer.creditsCharged(), 6);
});

test("a full journal approves nothing more, and keeps room for what it approved", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await peer.stop();
  const journal = await openNodeJournal({ path: place.path, entriesMax: 2 });
  const failureMode = { kind: "open_with_journal", journal, ...bounds } as const;
  const cistern = createCistern({ url: "http://127.0.0.1:9", ...quick, failureMode });
  const workspace = cistern.workspace("acme");
  const hold = await workspace.authorize(ask);
  await workspace.debit({ member: "ana", credits: "1" });
  await assert.rejects(workspace.debit({ member: "ana", credits: "1" }), /wait for Cistern/);
  await assert.rejects(workspace.authorize(ask), CisternUnavailable);
  await hold.settle({ credits: "1" });
  assert.equal(journal.pending().length, 2);
  await cistern.close();
});

test("an approval ends once", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await using client = await openClient(peer, place.path);
  await peer.stop();
  const hold = await client.workspace.authorize(ask);
  await hold.settle({ credits: "1" });
  await assert.rejects(
    hold.settle({ credits: "1" }),
    (error) => error instanceof CisternProblem && error.code === "hold_already_settled",
  );
  await assert.rejects(hold.release(), CisternProblem);
});

test("a run goes through an outage from end to end", async () => {
  await using peer = await startPeer();
  await using place = await temporaryPath();
  await using client = await openClient(peer, place.path);
  await peer.stop();
  const result = await client.workspace.run({ ...ask, meter: "chat" }, ({ report, hold }) => {
    report({ usage: { input_text: 5 } });
    return hold.isOffline;
  });
  assert.equal(result, true);
  await assert.rejects(
    client.workspace.run(ask, () => Promise.reject(new Error("the provider is down"))),
    /the provider is down/,
  );
  await peer.start();
  await delivered(client.journal)();
  assert.deepEqual(
    peer.charged.map(({ body }) => body["usage"]),
    [{ input_text: 5 }],
  );
});

test("bounds that are no credits are refused at once", async () => {
  await using place = await temporaryPath();
  const journal = await openNodeJournal({ path: place.path });
  const failureMode = {
    kind: "open_with_journal",
    journal,
    ...bounds,
    creditsMax: "lots",
  } as const;
  assert.throws(
    () => createCistern({ url: "http://127.0.0.1:9", ...quick, failureMode }),
    /creditsMax/,
  );
  await journal.close();
});
