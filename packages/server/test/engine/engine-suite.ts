/** What every engine on every store does; run on memory and on PostgreSQL. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { JournalStore } from "../../src/journal/index.ts";
import { type Engine, stateHash } from "../../src/engine/index.ts";
import {
  accepted,
  balance,
  engineOn,
  execute,
  fingerprint,
  fundedWorkspace,
  grant,
  newId,
  openHold,
  releaseHold,
  settleHold,
} from "./fixtures.ts";

/** Opens `count` stores on one journal. */
export type OpenStores = (count: number) => Promise<readonly JournalStore[]>;

type EngineTest = (sentence: string, check: (one: Engine, other: Engine) => Promise<void>) => void;

/** Registers the tests under the store's name. Each has two engines on one journal. */
export function testEngine(name: string, open: OpenStores): void {
  const engineTest: EngineTest = (sentence, check) => {
    test(`${name}: ${sentence}`, async () => {
      const [first, second] = await open(2);
      assert.ok(first && second);
      const one = engineOn(first);
      const other = engineOn(second);
      try {
        await check(one, other);
      } finally {
        await Promise.all([one.stop(), other.stop()]);
      }
    });
  };
  testOversell(engineTest);
  testKeys(engineTest);
  testDefaultKeys(engineTest);
  testReads(engineTest);
}

function testOversell(engineTest: EngineTest): void {
  engineTest("20 parallel holds of 75 on 500 credits: exactly 6 are approved", async (one) => {
    const ws = await fundedWorkspace(one, 500);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => execute(one, ws, openHold(75))),
    );
    assert.equal(answers.filter(({ kind }) => kind === "accepted").length, 6);
    assert.deepEqual(await balance(one, ws), { available: 50, held: 450, consumed: 0 });
  });

  engineTest("two nodes never approve more than the pool has", async (one, other) => {
    const ws = await fundedWorkspace(one, 500);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        execute(index % 2 === 0 ? one : other, ws, openHold(75)),
      ),
    );
    assert.equal(answers.filter(({ kind }) => kind === "accepted").length, 6);
    const places = answers.flatMap((answer) =>
      answer.kind === "accepted" ? [`${answer.position.seq}.${answer.position.index}`] : [],
    );
    assert.equal(new Set(places).size, 6);
    for (const engine of [one, other])
      assert.deepEqual(await balance(engine, ws), { available: 50, held: 450, consumed: 0 });
  });

  engineTest("two nodes that fight over one pool both get their work done", async (one, other) => {
    const ws = await fundedWorkspace(one, 10_000);
    const spend = async (engine: Engine): Promise<void> => {
      for (let round = 0; round < 25; round += 1) {
        const hold = openHold(10);
        await accepted(engine, ws, hold);
        await accepted(engine, ws, settleHold(hold.hold, 7), { key: null });
      }
    };
    await Promise.all([spend(one), spend(other), spend(one), spend(other)]);
    assert.deepEqual(await balance(other, ws), { available: 9_300, held: 0, consumed: 700 });
    assert.ok(one.stats().fences + other.stats().fences > 0, "they did race");
    const hashes = [];
    for (const engine of [one, other]) hashes.push(await engine.read(ws, stateHash));
    assert.ok(hashes[0]?.kind === "read" && hashes[1]?.kind === "read");
    assert.equal(hashes[0].value, hashes[1].value);
  });
}

function testKeys(engineTest: EngineTest): void {
  engineTest(
    "one key sent 8 times at once to two nodes: one hold, one answer",
    async (one, other) => {
      const ws = await fundedWorkspace(one, 500);
      const key = newId("key");
      // A client's retry comes with ids of its own, made by whoever received it.
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          accepted(index % 2 === 0 ? one : other, ws, openHold(75), { key }),
        ),
      );
      const [first] = answers;
      assert.ok(first);
      for (const answer of answers) {
        assert.deepEqual(answer.event, first.event);
        assert.deepEqual(answer.position, first.position);
        assert.equal(answer.hash, first.hash);
      }
      assert.equal(answers.filter((answer) => !answer.isReplayed).length, 1);
      assert.deepEqual(await balance(one, ws), { available: 425, held: 75, consumed: 0 });
    },
  );

  engineTest(
    "a key with another body is told so, on either node, now and later",
    async (one, other) => {
      const ws = await fundedWorkspace(one, 500);
      const key = newId("key");
      await accepted(one, ws, openHold(75), { key, body: "a" });
      for (const engine of [one, other, one])
        assert.deepEqual(await execute(engine, ws, openHold(80), { key, body: "b" }), {
          kind: "key_reused",
        });
      const [first, second] = await Promise.all([
        execute(other, ws, openHold(1), { key: "both", body: "a" }),
        execute(other, ws, openHold(2), { key: "both", body: "b" }),
      ]);
      assert.equal(first.kind, "accepted");
      assert.equal(second.kind, "key_reused");
    },
  );

  engineTest(
    "the retry of a hold gets that hold even when the pool is empty by then",
    async (one, other) => {
      const ws = await fundedWorkspace(one, 100);
      const key = newId("key");
      const first = await accepted(one, ws, openHold(75), { key });
      await accepted(one, ws, openHold(25));
      for (const engine of [one, other, other]) {
        const again = await accepted(engine, ws, openHold(75), { key });
        assert.deepEqual({ ...again, isReplayed: false }, first);
        assert.ok(again.isReplayed);
      }
      const refused = await execute(other, ws, openHold(75));
      assert.ok(refused.kind === "rejected" && refused.rejection.code === "credits_held");
      assert.deepEqual(await balance(other, ws), { available: 0, held: 100, consumed: 0 });
    },
  );

  engineTest("a refused key is free: it is decided afresh", async (one, other) => {
    const ws = await fundedWorkspace(one, 10);
    const key = newId("key");
    const refused = await execute(one, ws, openHold(75), { key });
    assert.ok(refused.kind === "rejected");
    assert.equal(refused.rejection.code, "pool_exhausted");
    assert.deepEqual(refused.at, { seq: 2, index: 0 });
    await accepted(other, ws, grant(100));
    const later = await accepted(one, ws, openHold(75), { key });
    assert.equal(later.isReplayed, false);
    assert.deepEqual(later.position, { seq: 4, index: 0 });
  });
}

function testDefaultKeys(engineTest: EngineTest): void {
  engineTest("a settle sent twice under its default key charges once", async (one, other) => {
    const ws = await fundedWorkspace(one, 100);
    const hold = openHold(75);
    await accepted(one, ws, hold);
    const settle = settleHold(hold.hold, 60);
    const answers = await Promise.all(
      [one, other, one, other].map((engine) => accepted(engine, ws, settle, { key: null })),
    );
    const [first] = answers;
    for (const answer of answers) assert.deepEqual(answer.event, first?.event);
    assert.equal(answers.filter((answer) => !answer.isReplayed).length, 1);
    const otherBody = settleHold(hold.hold, 61, { fingerprint: fingerprint("61") });
    assert.deepEqual(await execute(other, ws, otherBody, { key: null }), { kind: "key_reused" });
    assert.deepEqual(await balance(one, ws), { available: 40, held: 0, consumed: 60 });
  });

  engineTest("a settle and a release that race end the hold once", async (one, other) => {
    for (let round = 0; round < 5; round += 1) {
      const ws = await fundedWorkspace(one, 100);
      const hold = openHold(75);
      await accepted(other, ws, hold);
      const answers = await Promise.all([
        execute(one, ws, settleHold(hold.hold, 60), { key: null }),
        execute(other, ws, releaseHold(hold.hold), { key: null }),
      ]);
      assert.equal(answers.filter(({ kind }) => kind === "accepted").length, 1);
      const consumed = answers[0]?.kind === "accepted" ? 60 : 0;
      const expected = { available: 100 - consumed, held: 0, consumed };
      assert.deepEqual(await balance(other, ws), expected);
    }
  });
}

function testReads(engineTest: EngineTest): void {
  engineTest("a read on one node sees what another has acknowledged", async (one, other) => {
    const ws = await fundedWorkspace(one, 100);
    for (let spent = 1; spent <= 10; spent += 1) {
      const hold = openHold(1);
      await accepted(one, ws, hold);
      await accepted(one, ws, settleHold(hold.hold, 1), { key: null });
      assert.deepEqual(await balance(other, ws), {
        available: 100 - spent,
        held: 0,
        consumed: spent,
      });
    }
  });

  engineTest("a refusal on one node knows what another has acknowledged", async (one, other) => {
    const ws = await fundedWorkspace(one, 10);
    assert.equal((await execute(other, ws, openHold(11))).kind, "rejected");
    for (let round = 0; round < 5; round += 1) {
      const hold = openHold(10);
      await accepted(one, ws, hold);
      const refused = await execute(other, ws, openHold(1));
      assert.ok(refused.kind === "rejected" && refused.rejection.code === "credits_held");
      await accepted(one, ws, releaseHold(hold.hold), { key: null });
      const fits = openHold(10);
      await accepted(other, ws, fits);
      await accepted(other, ws, releaseHold(fits.hold), { key: null });
    }
  });

  engineTest("a workspace that was never created is unknown to reads and commands", async (one) => {
    const ws = `ws-${crypto.randomUUID()}`;
    assert.deepEqual(await one.read(ws, () => 1), { kind: "unknown_workspace" });
    const answer = await execute(one, ws, openHold(1));
    assert.ok(answer.kind === "rejected");
    assert.deepEqual(answer.rejection, { code: "unknown_workspace" });
    assert.deepEqual(answer.at, { seq: 0, index: 0 });
  });

  engineTest("a quote says what would happen, and nothing happens", async (one) => {
    const ws = await fundedWorkspace(one, 10);
    const fits = await one.quote(ws, openHold(10));
    const fitsNot = await one.quote(ws, openHold(11));
    assert.ok(fits.kind === "read" && fits.value.kind === "accepted");
    assert.ok(fitsNot.kind === "read" && fitsNot.value.kind === "rejected");
    assert.deepEqual(await balance(one, ws), { available: 10, held: 0, consumed: 0 });
  });

  engineTest("the feed gives every event once, in order, whatever the page", async (one, other) => {
    const ws = await fundedWorkspace(one, 1_000);
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => accepted(index % 2 ? one : other, ws, openHold(1))),
    );
    for (const limit of [1, 7, 1_000]) {
      const kinds: string[] = [];
      let after: Parameters<Engine["events"]>[1] = { seq: 0, index: 0 };
      for (;;) {
        const page = await other.events(ws, after, limit);
        assert.ok(page.kind === "page" && page.events.length <= limit);
        if (page.events.length === 0) break;
        for (const { event, position } of page.events) {
          const isNext =
            position.seq === after.seq
              ? position.index === after.index + 1
              : position.seq === after.seq + 1 && position.index === 0;
          assert.ok(isNext, `${after.seq}.${after.index} -> ${position.seq}.${position.index}`);
          kinds.push(event.kind);
          after = position;
        }
        after = page.next;
      }
      assert.deepEqual(kinds.slice(0, 2), ["workspace.created", "credits.granted"]);
      assert.deepEqual(kinds.slice(2), Array(30).fill("hold.opened"));
    }
    assert.deepEqual(await one.events(ws, { seq: 1, index: 0, hash: "00000000" }, 10), {
      kind: "cursor_lost",
    });
    assert.deepEqual(await one.events("nobody", { seq: 0, index: 0 }, 10), {
      kind: "unknown_workspace",
    });
  });
}
