import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import OpenAI from "openai";
import { createCistern } from "@cistern/client";
import { meteredFetch } from "@cistern/client/fetch";
import { createCollector } from "@cistern/client/metering";
import {
  baggageOf,
  currentScope,
  scoped,
  scopeFromBaggage,
  withScope,
} from "@cistern/client/scope";
import { startPeer } from "./peer.ts";

test("a call is metered for the scope of the work that makes it, however deep and however late", async () => {
  await using peer = await startPeer();
  const cistern = createCistern({ url: peer.url, apiKey: "cst_test", retriesMax: 0 });
  const credits = createCollector({ cistern, scope: scoped({ workspace: "acme" }) });
  const call = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    await credits.open({ kind: "tool", estimate: { requests: 1 }, input: {} });
  };
  await Promise.all([
    withScope({ member: "ana", attributes: { feature: "draft" } }, async () => {
      await call();
      await withScope({ run: "r-7", attributes: { step: "1" } }, call);
    }),
    withScope({ member: "ben", workspace: "beta" }, call),
  ]);
  const asked = peer.arrived
    .filter(({ path }) => path.endsWith("/holds"))
    .map(({ path, body }) => ({ path, ...Object(body), meter: undefined, ttl: undefined }));
  const estimate = { requests: 1 };
  const rest = { meter: undefined, ttl: undefined, estimate };
  const acme = "/v1/workspaces/acme/holds";
  assert.deepEqual(
    asked.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    [
      { path: acme, member: "ana", attributes: { feature: "draft" }, ...rest },
      {
        path: acme,
        member: "ana",
        run: "r-7",
        attributes: { feature: "draft", step: "1" },
        ...rest,
      },
      { path: "/v1/workspaces/beta/holds", member: "ben", ...rest },
    ],
  );
  assert.deepEqual(currentScope(), {});
});

test("a call of nobody is not made", async () => {
  await using peer = await startPeer();
  const cistern = createCistern({ url: peer.url, apiKey: "cst_test" });
  const credits = createCollector({ cistern, scope: scoped({ workspace: "acme" }) });
  await assert.rejects(
    credits.open({ kind: "tool", estimate: { requests: 1 }, input: {} }),
    /No member is known here/,
  );
  assert.equal(peer.arrived.length, 0);
});

test("an SDK that calls outside of any scope says what is lacking, and does not try again", async () => {
  await using peer = await startPeer();
  const cistern = createCistern({ url: peer.url, apiKey: "cst_test" });
  const credits = createCollector({ cistern, scope: scoped({ workspace: "acme" }) });
  let sent = 0;
  const metered = meteredFetch(credits);
  const openai = new OpenAI({
    apiKey: "sk-test",
    baseURL: peer.url,
    fetch: async (input, init) => {
      sent += 1;
      return await metered(input, init);
    },
  });
  await assert.rejects(
    openai.chat.completions.create({
      model: "gpt-5",
      messages: [{ role: "user", content: "Hi." }],
    }),
    { status: 500, code: "unknown_scope", message: /No member is known here/ },
  );
  assert.deepEqual([sent, peer.arrived.length], [1, 0]);
});

test("a scope travels in a baggage header, beside the members of others", () => {
  const header = baggageOf(
    { workspace: "acme", member: "ana@acme.example", run: "r-7" },
    "userId=alice;tier=gold , cistern.member=eve,serverNode=DF%2028",
  );
  assert.equal(
    header,
    "cistern.workspace=acme,cistern.member=ana%40acme.example,cistern.run=r-7,userId=alice;tier=gold,serverNode=DF%2028",
  );
  assert.deepEqual(scopeFromBaggage(header), {
    workspace: "acme",
    member: "ana@acme.example",
    run: "r-7",
  });
  assert.deepEqual(scopeFromBaggage(" cistern.run = r-7;ttl=5 , a=b"), { run: "r-7" });
});

test("a scope of which a part is broken is not taken at all", () => {
  for (const header of [
    "cistern.workspace=acme,cistern.member=%zz",
    "cistern.workspace=acme,cistern.member=",
    "cistern.workspace=acme,cistern.member",
    "cistern.workspace=acme,cistern.run=r=7",
    "cistern.workspace=acme,cistern.member=ana%2Fben",
    "cistern.workspace=acme,cistern.workspace=beta",
    `cistern.workspace=acme,cistern.member=${"a".repeat(65)}`,
    `cistern.workspace=acme,other=${"a".repeat(8_192)}`,
  ])
    assert.deepEqual(scopeFromBaggage(header), {}, header.slice(0, 80));
  assert.deepEqual(scopeFromBaggage(undefined), {});
  assert.deepEqual(scopeFromBaggage("cistern.unknown=1,userId=alice"), {});
});

const id = fc.stringMatching(/^[A-Za-z0-9_.:@-]{1,64}$/);

test("whatever travels with it, a scope arrives as it left, within what a receiver must take", () => {
  const scope = fc.record(
    { workspace: id, member: id, run: id, project: id },
    { requiredKeys: [], noNullPrototype: true },
  );
  fc.assert(
    fc.property(scope, fc.string({ maxLength: 10_000 }), (sent, others) => {
      const header = baggageOf(sent, others);
      assert.deepEqual(scopeFromBaggage(header), sent);
      assert.ok(header.length <= 8_192 && header.split(",").length <= 64);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (header) => {
      scopeFromBaggage(header);
    }),
  );
});
