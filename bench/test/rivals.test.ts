import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { createClient } from "redis";
import { freshDatabase } from "../../packages/server/test/fresh-database.ts";
import { withClient } from "../src/environment/postgres.ts";
import { findRedis, startRedis } from "../src/environment/redis-server.ts";
import { holdContest } from "../src/load/contest.ts";
import { heldCredits, memberCap } from "../src/load/spender.ts";
import { VoidRunError, quickPace } from "../src/measurements/measurement.ts";
import { ConditionalUpdateRival } from "../src/rivals/conditional-update.ts";
import { ForUpdateRival } from "../src/rivals/for-update.ts";
import { RedisLuaRival } from "../src/rivals/redis-lua.ts";
import type { Rival } from "../src/rivals/rival.ts";

const workspaceId = "acme";

/** A rival, and ways to change its books behind its back. */
interface Subject {
  readonly rival: Rival;
  readonly setAvailable: (credits: bigint) => Promise<void>;
  /** Leaves the member `member-0` this much below the cap. */
  readonly setLeft: (credits: bigint) => Promise<void>;
  readonly close: () => Promise<void>;
}

const subjects: readonly (() => Promise<Subject>)[] = [
  async () => onPostgres((url) => new ForUpdateRival(url)),
  async () => onPostgres((url) => new ConditionalUpdateRival(url)),
  // Where there is no Redis, the bench itself leaves this rival out.
  ...(findRedis() === undefined ? [] : [onRedis]),
];

for (const makeSubject of subjects) {
  suite("a rival does the job of a hold", async () => {
    const { rival, setAvailable, setLeft, close } = await makeSubject();
    await rival.prepare(workspaceId);
    await rival.connect(2);
    after(close);
    let pairs = 0;

    test(`${rival.name} keeps its books while 8 callers spend`, async () => {
      const contestant = {
        name: rival.name,
        spender: rival,
        workspaceIds: [workspaceId],
        callers: 8,
        faults: (done: number) => {
          pairs = done;
          return rival.faults(workspaceId, done);
        },
      };
      const pace = { ...quickPace, rounds: 1, warmUpMs: 50, measureMs: 50 };
      await holdContest({ name: "right", contestants: [contestant], pace, say: () => {} });
      assert.ok(pairs > 0);
    });

    test(`${rival.name} answers a key that was used before with its first hold`, async () => {
      const call = { workspaceId, memberId: "member-0", key: "key_again" };
      const holdId = await rival.authorize(call);
      assert.equal(await rival.authorize(call), holdId);
      await rival.settle(workspaceId, holdId);
      pairs += 1;
      assert.deepEqual(await rival.faults(workspaceId, pairs), []);
      await assert.rejects(rival.settle(workspaceId, holdId));
    });

    test(`${rival.name} refuses what the pool or the cap does not have, and changes nothing`, async () => {
      const attempt = (index: number, name: string) =>
        rival.authorize({ workspaceId, memberId: "member-0", key: `key_${name}_${index}` });
      await setLeft(heldCredits - 1n);
      await assert.rejects(attempt(0, "capped"));
      await setLeft(memberCap);
      await setAvailable(heldCredits * 6n + 1n);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => attempt(index, "few")),
      );
      assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 6);
    });

    test(`a run of ${rival.name} is void when its books were changed`, async () => {
      await setAvailable(1_000_000n * heldCredits);
      const contestant = {
        name: rival.name,
        spender: rival,
        workspaceIds: [workspaceId],
        callers: 1,
        faults: (done: number) => rival.faults(workspaceId, done),
      };
      const pace = { ...quickPace, rounds: 1, warmUpMs: 1, measureMs: 1 };
      await assert.rejects(
        holdContest({ name: "changed", contestants: [contestant], pace, say: () => {} }),
        VoidRunError,
      );
    });
  });
}

async function onPostgres(make: (url: string) => Rival): Promise<Subject> {
  const { url } = await freshDatabase();
  const run = (sql: string, credits: bigint) =>
    withClient(url, async (client) => {
      await client.query(sql, [String(credits)]);
    });
  const rival = make(url);
  return {
    rival,
    close: () => rival.close(),
    setAvailable: (credits) => run("UPDATE pools SET available = $1", credits),
    setLeft: (credits) =>
      run("UPDATE members SET used = cap - $1 WHERE member_id = 'member-0'", credits),
  };
}

async function onRedis(): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), "cistern-bench-redis-"));
  const server = await startRedis(folder, "everysec");
  const client = createClient({ socket: { path: server.socketPath, tls: false } });
  await client.connect();
  const set = async (key: string, field: string, credits: bigint) => {
    await client.hSet(`{${workspaceId}}:${key}`, field, String(credits));
  };
  const rival = new RedisLuaRival("redis_everysec", server.socketPath);
  return {
    rival,
    close: async () => {
      await rival.close();
      client.destroy();
      await server.stop();
      await rm(folder, { recursive: true });
    },
    setAvailable: (credits) => set("pool", "available", credits),
    setLeft: (credits) => set("m:member-0", "left", credits),
  };
}
