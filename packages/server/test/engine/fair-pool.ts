/** A pool that is shared by a policy, when several nodes decide on it; run on memory and on PostgreSQL. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, type Event, memberShare } from "@cistern/kernel";
import { type Engine, stateHash } from "../../src/engine/index.ts";
import { type JournalStore, decodeEvents } from "../../src/journal/index.ts";
import { auditOfRows } from "../audit/audit-of.ts";
import type { OpenStores } from "./engine-suite.ts";
import {
  accepted,
  balance,
  createWorkspace,
  engineOn,
  execute,
  fundedWorkspace,
  grant,
  newId,
  openHold,
  releaseHold,
  replacer,
  settleHold,
} from "./fixtures.ts";
import { TestClock, settled } from "./test-clock.ts";

const hourMs = 60 * 60 * 1_000;
const dayMs = 24 * hourMs;
const people = ["hog", "ana", "ben", "cleo", "dan"] as const;
/** One of them acts for another, and one was never registered. */
const spenders = [...people, "agent-1", "guest-1"] as const;

const person = (member: string, home: string | null, sponsor: string | null = null): Command => ({
  kind: "putMember",
  member,
  memberKind: sponsor === null ? "person" : "agent",
  groups: home === null ? [] : [home],
  home,
  sponsor,
});

/** 3,000 credits for 30 days, shared by five people, two of them in a group and one with an agent. */
async function sharedWorkspace(engine: Engine, clock: TestClock): Promise<string> {
  const ws = newId("ws");
  const created = createWorkspace(ws);
  assert.ok(created.kind === "createWorkspace");
  await accepted(engine, ws, created);
  await accepted(engine, ws, { kind: "putGroup", group: "growth" });
  for (const [index, member] of people.entries())
    await accepted(engine, ws, person(member, index < 2 ? "growth" : null));
  await accepted(engine, ws, person("agent-1", null, "ben"));
  await accepted(engine, ws, grant(3_000, { expiresAt: clock.now() + 30 * dayMs }));
  const fairness = { preset: "balanced" } as const;
  await accepted(engine, ws, { kind: "updateWorkspace", changes: { fairness } });
  return ws;
}

/** All spend at once, on all nodes: the hog what it can, the others a little; refusals by their code. */
async function fight(nodes: readonly Engine[], ws: string): Promise<Map<string, number>> {
  const refused = new Map<string, number>();
  const spend = async (member: string, amount: number, turn: number): Promise<void> => {
    const node = nodes[turn % nodes.length];
    assert.ok(node);
    const hold = openHold(amount, { member });
    const answer = await execute(node, ws, hold);
    if (answer.kind === "rejected") {
      const { code } = answer.rejection;
      refused.set(code, (refused.get(code) ?? 0) + 1);
      return;
    }
    if (turn % 5 === 0) await accepted(node, ws, releaseHold(hold.hold), { key: null });
    else
      await accepted(node, ws, settleHold(hold.hold, turn % 4 === 0 ? 1 : amount), { key: null });
  };
  const calls = [...spenders, ...spenders].flatMap((member, index) => [
    spend(member, 4, index),
    spend("hog", 97, index + 1),
  ]);
  await Promise.all(calls);
  return refused;
}

async function hashOf(engine: Engine, ws: string): Promise<string> {
  const answer = await engine.read(ws, stateHash);
  assert.ok(answer.kind === "read");
  return answer.value;
}

/** What everybody would be told now, of little and of much; and where they stand. */
async function decisionsOf(engine: Engine, ws: string, asked: readonly Command[]): Promise<string> {
  const told: unknown[] = [];
  for (const command of asked) {
    const answer = await engine.quote(ws, command);
    assert.ok(answer.kind === "read");
    told.push(answer.value);
  }
  for (const member of spenders) {
    const answer = await engine.read(ws, (state, at) => memberShare(state, member, at) ?? null);
    assert.ok(answer.kind === "read" && answer.value !== null, `${member} has a share`);
    told.push(answer.value);
  }
  return JSON.stringify(told, replacer);
}

const questions = (): readonly Command[] =>
  spenders.flatMap((member) => [3, 150, 900].map((amount) => openHold(amount, { member })));

async function eventsOf(store: JournalStore, ws: string): Promise<readonly Event[]> {
  const rows = await store.readRows(ws, 0, 100_000);
  return rows.flatMap((row) => decodeEvents<Event>(row.events, row.codec));
}

/** Registers the tests under the store's name. */
export function testSharedPool(name: string, open: OpenStores): void {
  test(`${name}: nodes that fight over a shared pool decide alike, also one that was cold and one that had let go of it`, async () => {
    const stores = await open(3);
    const [first] = stores;
    assert.ok(first);
    const clock = new TestClock();
    const limits = { snapshotEventsMin: 30, snapshotEventsPerRow: 0, workspacesCachedMax: 1 };
    const [one, other] = stores.map((store) => engineOn(store, { clock, limits }));
    assert.ok(one && other);
    const ws = await sharedWorkspace(one, clock);
    const elsewhere = await fundedWorkspace(other, 10);
    const refused = new Map<string, number>();
    for (let round = 0; round < 4; round += 1) {
      for (const [code, count] of await fight([one, other], ws))
        refused.set(code, (refused.get(code) ?? 0) + count);
      clock.advance(5 * dayMs + 17 * hourMs + round);
      // The other node has room for one.
      await balance(other, elsewhere);
      await settled();
      const cold = engineOn(stores[2] ?? first, { clock });
      const asked = questions();
      const told = await decisionsOf(one, ws, asked);
      assert.equal(await decisionsOf(cold, ws, asked), told, "cold, from a snapshot");
      assert.equal(await decisionsOf(other, ws, asked), told, "evicted, and read again");
      const hash = await hashOf(one, ws);
      assert.equal(await hashOf(other, ws), hash);
      assert.equal(await hashOf(cold, ws), hash);
      await cold.stop();
    }
    assert.ok(one.stats().fences + other.stats().fences > 0, "they did race");
    assert.ok(one.stats().snapshotsWritten + other.stats().snapshotsWritten > 1);
    assert.ok(other.stats().evictions > 2);
    assert.ok((refused.get("borrow_limit") ?? 0) > 0, JSON.stringify([...refused]));
    // A1: reserves and pots add up to what is available after each event, by the auditor's own reading.
    assert.equal(auditOfRows(await first.readRows(ws, 0, 100_000)), undefined);
    const drawn = (await eventsOf(first, ws)).filter((event) => "drawn" in event);
    assert.ok(drawn.length > 20, `${drawn.length} draws`);
    await Promise.all([one.stop(), other.stop()]);
  });

  test(`${name}: A26 reserves fade the same whether somebody asked at every tick or nobody did`, async () => {
    const [first, second] = await open(2);
    assert.ok(first && second);
    const clock = new TestClock();
    const asked = engineOn(first, { clock });
    const idle = engineOn(second, { clock });
    const ws = await sharedWorkspace(asked, clock);
    await fight([asked, idle], ws);
    let refusals = 0;
    for (let hour = 0; hour < 40; hour += 1) {
      clock.advance(hourMs);
      const answer = await execute(asked, ws, openHold(2_900, { member: "hog" }));
      if (answer.kind === "rejected") refusals += 1;
    }
    assert.equal(refusals, 40);
    const questionsNow = questions();
    assert.equal(
      await decisionsOf(idle, ws, questionsNow),
      await decisionsOf(asked, ws, questionsNow),
    );
    await accepted(idle, ws, openHold(5, { member: "cleo" }));
    assert.equal(await hashOf(idle, ws), await hashOf(asked, ws));
    await Promise.all([asked.stop(), idle.stop()]);
  });
}
