import assert from "node:assert/strict";
import { test } from "node:test";
import { CisternProblem, CisternUnsettled, createCistern } from "@cistern/client";
import { problem, startPeer } from "./peer.ts";
import type { Peer } from "./peer.ts";

const chat = { member: "ana", meter: "chat", model: "gpt-5", estimate: { input_text: 100 } };

function workspaceOf(peer: Peer) {
  const options = { apiKey: "cst_test", retriesMax: 1, backoffBaseMs: 1 };
  return createCistern({ url: peer.url, ...options }).workspace("acme");
}

/** How the holds ended, and what was charged. */
function ending(peer: Peer) {
  return { holds: [...peer.holds.values()], charged: peer.charged.map(({ body }) => body) };
}

test("a run that succeeds settles what the result says was used", async () => {
  await using peer = await startPeer();
  const text = await workspaceOf(peer).run(chat, () => ({ text: "hello", tokens: 7 }), {
    spent: ({ tokens }) => ({ usage: { input_text: tokens } }),
  });
  assert.equal(text.text, "hello");
  assert.deepEqual(ending(peer), { holds: ["settled"], charged: [{ usage: { input_text: 7 } }] });
});

test("a run that succeeds settles the last report", async () => {
  await using peer = await startPeer();
  await workspaceOf(peer).run(chat, ({ report }) => {
    report({ usage: { input_text: 1 } });
    report({ usage: { input_text: 2 } });
  });
  assert.deepEqual(ending(peer).charged, [{ usage: { input_text: 2 } }]);
});

test("a run that succeeds and says nothing settles what was asked for", async () => {
  await using peer = await startPeer();
  const workspace = workspaceOf(peer);
  await workspace.run(chat, () => "done");
  await workspace.run({ member: "ana", credits: "5" }, () => "done");
  assert.deepEqual(ending(peer).charged, [{ usage: { input_text: 100 } }, { credits: "5" }]);
});

test("a run that fails before anything was delivered releases, and the error passes unchanged", async () => {
  await using peer = await startPeer();
  const failure = new Error("the provider is down");
  const running = workspaceOf(peer).run(chat, () => Promise.reject(failure));
  await assert.rejects(running, (error) => error === failure);
  assert.deepEqual(ending(peer), { holds: ["released"], charged: [] });
});

test("a run that fails on the way settles what was delivered, and the error passes unchanged", async () => {
  await using peer = await startPeer();
  const failure = new Error("the stream broke");
  const running = workspaceOf(peer).run(chat, ({ report }) => {
    report({ usage: { input_text: 100, output_text: 12 } });
    throw failure;
  });
  await assert.rejects(running, (error) => error === failure);
  assert.deepEqual(ending(peer), {
    holds: ["settled"],
    charged: [{ usage: { input_text: 100, output_text: 12 } }],
  });
});

test("a run that fails after parts were settled closes the rest and never releases what was delivered", async () => {
  await using peer = await startPeer();
  const running = workspaceOf(peer).run(chat, async ({ hold }) => {
    await hold.settle({ credits: "3" }, { final: false });
    throw new Error("the stream broke");
  });
  await assert.rejects(running, /the stream broke/);
  assert.deepEqual(ending(peer), {
    holds: ["settled"],
    charged: [{ credits: "3", final: false }, { credits: "0" }],
  });
});

test("a run that succeeds after parts were settled charges nothing twice", async () => {
  await using peer = await startPeer();
  await workspaceOf(peer).run({ member: "ana", credits: "5" }, async ({ hold }) => {
    await hold.settle({ credits: "3" }, { final: false });
  });
  assert.equal(peer.creditsCharged(), 3);
  assert.deepEqual(ending(peer).holds, ["settled"]);
});

test("work that ends its hold itself has the last word", async () => {
  await using peer = await startPeer();
  const workspace = workspaceOf(peer);
  await workspace.run(chat, async ({ hold }) => await hold.settle({ credits: "2" }));
  await workspace.run(chat, async ({ hold }) => await hold.release());
  await assert.rejects(
    workspace.run(chat, async ({ hold }) => {
      await hold.settle({ credits: "2" });
      throw new Error("afterwards");
    }),
    /afterwards/,
  );
  assert.deepEqual(ending(peer).holds, ["settled", "released", "settled"]);
  assert.equal(peer.creditsCharged(), 4);
  assert.deepEqual(
    peer.arrived.map(({ path }) => path.split("/").at(-1)),
    ["holds", "settle", "holds", "release", "holds", "settle"],
  );
});

test("a run that is refused does no work", async () => {
  await using peer = await startPeer();
  peer.refusals.set("holds", problem("limit_reached", 403));
  let worked = false;
  const running = workspaceOf(peer).run(chat, () => {
    worked = true;
  });
  await assert.rejects(
    running,
    (error) => error instanceof CisternProblem && error.code === "limit_reached",
  );
  assert.equal(worked, false);
});

test("a use that could not be settled is handed over with the result, to be settled later", async () => {
  await using peer = await startPeer();
  peer.refusals.set("settle", problem("enforcement_unavailable", 503));
  const workspace = workspaceOf(peer);
  const failed = await workspace
    .run({ member: "ana", credits: "5" }, () => "the answer")
    .then(
      () => assert.fail("it was settled"),
      (error: unknown) => error,
    );
  assert.ok(failed instanceof CisternUnsettled);
  assert.deepEqual(failed.outcome, { kind: "returned", result: "the answer" });
  peer.refusals.clear();
  await workspace.settle(failed.hold, failed.spent);
  assert.deepEqual(ending(peer), { holds: ["settled"], charged: [{ credits: "5" }] });
});

test("a use that could not be settled after a failure keeps the failure", async () => {
  await using peer = await startPeer();
  peer.refusals.set("settle", problem("enforcement_unavailable", 503));
  const failure = new Error("the stream broke");
  const running = workspaceOf(peer).run(chat, ({ report }) => {
    report({ credits: "1" });
    throw failure;
  });
  await assert.rejects(running, (error) => {
    assert.ok(error instanceof CisternUnsettled);
    assert.deepEqual(error.outcome, { kind: "threw", error: failure });
    return true;
  });
});

test("a release that does not get through leaves the failure in sight: the hold expires by itself", async () => {
  await using peer = await startPeer();
  peer.refusals.set("release", problem("hold_expired", 409));
  const running = workspaceOf(peer).run(chat, () =>
    Promise.reject(new Error("the provider is down")),
  );
  await assert.rejects(running, /the provider is down/);
});

test("the caller's abort stops the work and not the settling", async () => {
  await using peer = await startPeer();
  const caller = new AbortController();
  const running = workspaceOf(peer).run(
    chat,
    ({ report, signal }) => {
      report({ credits: "1" });
      caller.abort(new Error("the user left"));
      signal?.throwIfAborted();
    },
    { signal: caller.signal },
  );
  await assert.rejects(running, /the user left/);
  assert.deepEqual(ending(peer), { holds: ["settled"], charged: [{ credits: "1" }] });
});

test("what reads the result may fail: what was delivered is settled all the same", async () => {
  await using peer = await startPeer();
  const running = workspaceOf(peer).run({ member: "ana", credits: "5" }, () => "text", {
    spent: () => {
      throw new Error("no usage in the result");
    },
  });
  await assert.rejects(running, /no usage in the result/);
  assert.deepEqual(ending(peer), { holds: ["settled"], charged: [{ credits: "5" }] });
});
