import assert from "node:assert/strict";
import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CisternProblem, CisternUnavailable, createCistern } from "@cistern/client";
import type { OfflineJournal } from "@cistern/client";
import { openNodeJournal } from "@cistern/client/node-journal";
import { Peer, problem, startPeer, until } from "./peer.ts";

const ask = { member: "ana", credits: "20" };

/** A client that fails closed, with a journal in a folder of its own. */
async function closedClient(peer: Peer, retriesMax = 1) {
  const folder = await mkdtemp(join(tmpdir(), "cistern-journal-"));
  const path = join(folder, "reports.jsonl");
  const journal = await openNodeJournal({ path });
  const cistern = createCistern({
    url: peer.url,
    apiKey: "cst_test",
    retriesMax,
    backoffBaseMs: 1,
    backoffMaxMs: 2,
    failureMode: { kind: "closed", journal },
  });
  return {
    journal,
    path,
    workspace: cistern.workspace("acme"),
    [Symbol.asyncDispose]: async () => {
      await cistern.close();
      await rm(folder, { recursive: true });
    },
  };
}

const delivered = async (journal: OfflineJournal) =>
  await until("everything is delivered", () => journal.pending().length === 0);

test("no call is approved without the server, however often it is asked", async () => {
  await using peer = await startPeer();
  await using client = await closedClient(peer);
  await peer.stop();
  for (let asked = 0; asked < 3; asked += 1)
    await assert.rejects(client.workspace.authorize(ask), CisternUnavailable);
  assert.deepEqual(client.journal.pending(), []);
  await peer.start();
  assert.equal((await client.workspace.authorize(ask)).isOffline, false);
});

test("settles, releases and debits are kept, and delivered once and in order per hold when the server is back", async () => {
  await using peer = await startPeer();
  await using client = await closedClient(peer);
  const { workspace, journal } = client;
  const [first, second] = [await workspace.authorize(ask), await workspace.authorize(ask)];
  await peer.stop();
  assert.deepEqual(await first.settle({ credits: "1" }, { final: false }), {
    deferred: true,
    id: first.id,
  });
  await first.settle({ credits: "2" });
  await second.release();
  await workspace.debit({ member: "ana", credits: "3" }, { idempotencyKey: "job-7" });
  await peer.start();
  await delivered(journal);
  const charged = peer.charged.map(({ of, body }) => [of.slice(0, 3), body["credits"]]);
  assert.deepEqual(
    charged.filter(([kind]) => kind === "hld"),
    [
      ["hld", "1"],
      ["hld", "2"],
    ],
  );
  assert.equal(peer.creditsCharged(), 6);
  assert.deepEqual([...peer.holds.values()], ["settled", "released"]);
});

test("a run whose settle could not be delivered returns its result: nothing is unsettled", async () => {
  await using peer = await startPeer();
  await using client = await closedClient(peer);
  const result = await client.workspace.run(ask, async ({ report }) => {
    report({ credits: "4" });
    await peer.stop();
    return "answer";
  });
  assert.equal(result, "answer");
  await peer.start();
  await delivered(client.journal);
  assert.equal(peer.creditsCharged(), 4);
});

test("what a second attempt delivers is answered by the server, and waits no longer", async () => {
  await using peer = await startPeer();
  await using client = await closedClient(peer);
  const hold = await client.workspace.authorize(ask);
  peer.faults.push({ kind: "lostAnswer" });
  const settlement = await hold.settle({ credits: "7" });
  assert.ok(!("deferred" in settlement) && settlement.charged === "7");
  assert.deepEqual(client.journal.pending(), []);
  assert.equal(peer.creditsCharged(), 7);
  // It was on disk from the first attempt on.
  assert.match(await readFile(client.path, "utf8"), /"entry".*"concluded"/su);
});

test("a refusal of a second attempt is thrown, and nothing of it waits", async () => {
  await using peer = await startPeer();
  await using client = await closedClient(peer);
  const hold = await client.workspace.authorize(ask);
  peer.faults.push({ kind: "lostRequest" });
  peer.refusals.set("settle", problem("hold_released", 409));
  await assert.rejects(
    hold.settle({ credits: "7" }),
    (error) => error instanceof CisternProblem && error.code === "hold_released",
  );
  assert.deepEqual(client.journal.pending(), []);
  await assert.rejects(access(`${client.path}.refused`));
});

test("a settle that its caller gave up after a failed attempt is delivered all the same, before what follows it", async () => {
  await using peer = await startPeer();
  await using client = await closedClient(peer, 5_000);
  const hold = await client.workspace.authorize(ask);
  const giveUp = new AbortController();
  await peer.stop();
  const given = hold.settle({ credits: "1" }, { final: false, signal: giveUp.signal });
  await until("an attempt has failed", () => client.journal.pending().length === 1);
  giveUp.abort(new Error("enough"));
  await assert.rejects(given, /enough/);
  assert.ok("deferred" in (await hold.settle({ credits: "2" })));
  await peer.start();
  await delivered(client.journal);
  assert.deepEqual(
    peer.charged.map(({ body }) => body["credits"]),
    ["1", "2"],
  );
});

test("a settle that nobody answers is on disk before its attempt ends, so that whoever kills the process loses nothing", async () => {
  await using peer = await startPeer();
  await using client = await closedClient(peer);
  const hold = await client.workspace.authorize(ask);
  peer.faults.push({ kind: "silence" });
  const giveUp = new AbortController();
  const given = hold.settle({ credits: "5" }, { signal: giveUp.signal });
  await until("it is kept", () => client.journal.pending().length === 1);
  assert.equal(peer.arrived.length, 2);
  giveUp.abort(new Error("enough"));
  await assert.rejects(given, /enough/);
  await delivered(client.journal);
  assert.equal(peer.creditsCharged(), 5);
});

test("a settle that is under way when its client is closed is kept for the next one", async () => {
  await using peer = await startPeer();
  const folder = await mkdtemp(join(tmpdir(), "cistern-journal-"));
  const path = join(folder, "reports.jsonl");
  const clientOn = async () => {
    const failureMode = { kind: "closed", journal: await openNodeJournal({ path }) } as const;
    return createCistern({ url: peer.url, apiKey: "cst_test", failureMode });
  };
  const first = await clientOn();
  const hold = await first.workspace("acme").authorize(ask);
  peer.faults.push({ kind: "lostRequest" });
  const given = hold.settle({ credits: "6" });
  await first.close();
  assert.deepEqual(await given, { deferred: true, id: hold.id });
  assert.equal(peer.creditsCharged(), 0);
  const next = await clientOn();
  await until("it is delivered", () => peer.creditsCharged() === 6);
  await next.close();
  await rm(folder, { recursive: true });
});
