/** What is due happens though nobody calls, on a node that has nothing in memory: the whole way from the journal to the event. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Command, type Event, instant, money } from "@cistern/kernel";
import { Pool } from "pg";
import { verify } from "../../src/audit/index.ts";
import { createWaker } from "../../src/background/index.ts";
import { migrate } from "../../src/database/index.ts";
import type { Engine } from "../../src/engine/index.ts";
import { decodeEvents, journalMigrations, postgresStore } from "../../src/journal/index.ts";
import { openWaker } from "../../src/open-waker.ts";
import { createProjector, projectionMigrations } from "../../src/projections/index.ts";
import {
  accepted,
  calendar,
  createWorkspace,
  engineOn,
  grant,
  openHold,
  releaseHold,
  systemClock,
  whole,
} from "../engine/fixtures.ts";
import { TestClock, settled } from "../engine/test-clock.ts";
import { freshDatabase } from "../fresh-database.ts";

const start = 1_800_000_000_000;
const minute = 60_000;
let pool: Pool;

before(async () => {
  const { url } = await freshDatabase();
  pool = new Pool({ connectionString: url, max: 8 });
  pool.on("error", () => {});
  await migrate(pool, [...(await journalMigrations()), ...(await projectionMigrations())]);
});

after(() => pool.end());

/** A node; `isProjecting: false` is one that ends before it has written its tables. */
function nodeAt(
  at: number,
  {
    isProjecting = true,
    mayRead = () => true,
  }: {
    readonly isProjecting?: boolean;
    readonly mayRead?: (workspaceId: string) => boolean;
  } = {},
) {
  const clock = new TestClock(at);
  const store = postgresStore({ pool });
  const projector = createProjector({ pool, store, clock: systemClock, onFault: assert.ifError });
  if (isProjecting) projector.start();
  const read: string[] = [];
  const engine = engineOn(store, {
    clock,
    observer: isProjecting ? { appended: (row) => projector.appended(row) } : {},
  });
  const counted: Pick<Engine, "read"> = {
    read: async (workspaceId, question) => {
      read.push(workspaceId);
      if (!mayRead(workspaceId)) throw new Error("down");
      return await engine.read(workspaceId, question);
    },
  };
  const logged: string[] = [];
  const log = ({ code }: { readonly code: string }): void => void logged.push(code);
  const waker = openWaker({ pool, engine: counted, rateCards: { versions: () => [] }, clock, log });
  return { clock, engine, projector, read, logged, waker };
}

/** Lives a moment on a node that then goes; another starts, and is called by nobody. */
async function lived(
  workspaceId: string,
  commands: readonly Command[],
  { isProjecting }: { readonly isProjecting: boolean },
) {
  const gone = nodeAt(start, { isProjecting });
  await accepted(gone.engine, workspaceId, createWorkspace(workspaceId));
  for (const command of commands) await accepted(gone.engine, workspaceId, command);
  await end(gone);
  const node = nodeAt(start);
  node.waker.start();
  return node;
}

async function end({ waker, engine, projector }: ReturnType<typeof nodeAt>): Promise<void> {
  await waker.stop();
  await engine.stop();
  await projector.stop();
}

const kindsOf = async (workspaceId: string): Promise<readonly string[]> => {
  const rows = await postgresStore({ pool }).readRows(workspaceId, 0, 100);
  return rows.flatMap(({ events, codec }) =>
    decodeEvents<Event>(events, codec).map(({ kind }) => kind),
  );
};

/** Lets a node sweep in time of its own; real work takes real time. */
async function passing(
  { clock }: ReturnType<typeof nodeAt>,
  ms: number,
  isDone: () => Promise<boolean>,
): Promise<void> {
  for (let step = 0; step < ms; step += 5_000) {
    clock.advance(5_000);
    for (let look = 0; look < 8; look += 1) {
      if (await isDone()) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

/** Real work in flight takes as long as it takes. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let look = 0; !(await isSo()); look += 1) {
    assert.ok(look < 2_400, "it never came to be");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const rule: Command = {
  kind: "putTopUpRule",
  isEnabled: true,
  pack: {
    name: "small",
    currency: "EUR",
    price: money(1_000n),
    credits: whole(100),
    bonus: whole(0),
    expiresAfter: null,
    priority: 50,
    breakage: null,
  },
  threshold: whole(10),
  target: whole(50),
  monthlyCeiling: money(100_000n),
  currency: "EUR",
  series: "top_rule",
};

interface Due {
  readonly what: string;
  readonly commands: readonly Command[];
  readonly dueMs: number;
  readonly event: Event["kind"];
}

const later = (ms: number) => instant(start + ms);
const opened = openHold(40, { ttlMs: 2 * minute });

/** All that happens by itself without a subscription; what a subscription has happen is in `../billing/issuing.test.ts`. */
const dues: readonly Due[] = [
  {
    what: "a lot expires",
    commands: [grant(100, { expiresAt: start + 8_000 })],
    dueMs: 8_000,
    event: "credits.expired",
  },
  {
    what: "a lot becomes effective",
    commands: [{ ...grantLater(), effectiveAt: later(minute) }],
    dueMs: minute,
    event: "credits.effective",
  },
  {
    what: "a hold expires",
    commands: [grant(100), opened],
    dueMs: 2 * minute,
    event: "hold.expired",
  },
  {
    what: "a hold expires that another, of earlier end, was before",
    commands: [grant(100), openHold(1, { ttlMs: minute }), openHold(1, { ttlMs: 3 * minute })],
    dueMs: 3 * minute,
    event: "hold.expired",
  },
  { what: "a rule asks for credits", commands: [rule], dueMs: 1, event: "top_up.requested" },
];

function grantLater(): Extract<Command, { readonly kind: "grant" }> {
  const command = grant(100);
  assert.ok(command.kind === "grant");
  return command;
}

for (const [index, { what, commands, dueMs, event }] of dues.entries())
  for (const isProjecting of [true, false])
    test(`K1 ${what} within 30 s of its time, on a node that nobody calls${isProjecting ? "" : ", after one that ended before its tables were written"}`, async () => {
      const workspaceId = `w${index}-${isProjecting}`;
      const node = await lived(workspaceId, commands, { isProjecting });
      const happened = async (): Promise<boolean> => {
        const kinds = await kindsOf(workspaceId);
        return kinds.filter((kind) => kind === event).length === (what.includes("another") ? 2 : 1);
      };
      if (dueMs > 1) {
        await passing(node, dueMs - 5_000, happened);
        assert.ok(!(await happened()), "it is not due yet");
      }
      await passing(node, 35_000, happened);
      await until(happened);
      assert.deepEqual(node.logged, []);
      await end(node);
    });

test("K2 of workspaces in which nothing is due nothing is read, again and again", async () => {
  const quiet = Array.from({ length: 20 }, (_, index) => `quiet-${index}`);
  const writer = nodeAt(start);
  for (const workspaceId of [...quiet, "expiring"]) {
    await accepted(writer.engine, workspaceId, createWorkspace(workspaceId));
    const expiresAt = start + (workspaceId === "expiring" ? minute : 90 * 24 * 60 * minute);
    await accepted(writer.engine, workspaceId, grant(100, { expiresAt }));
  }
  await end(writer);
  const node = nodeAt(start);
  node.waker.start();
  const isRead = async (): Promise<boolean> => node.read.includes("expiring");
  await passing(node, 3 * minute, isRead);
  await until(isRead);
  node.read.length = 0;
  await node.projector.settled();
  await passing(node, 5 * minute, async () => false);
  const known = new Set([...quiet, "expiring"]);
  assert.deepEqual(
    node.read.filter((workspaceId) => known.has(workspaceId)),
    [],
  );
  await end(node);
});

test("K2 a look in vain is not made again", async () => {
  const writer = nodeAt(start);
  await accepted(writer.engine, "settled", createWorkspace("settled"));
  await accepted(writer.engine, "settled", grant(100));
  const hold = openHold(40, { ttlMs: minute });
  await accepted(writer.engine, "settled", hold);
  await writer.projector.settled();
  await accepted(writer.engine, "settled", releaseHold(hold.hold), { key: null });
  await end(writer);
  const node = nodeAt(start + 2 * minute);
  node.waker.start();
  const looks = () => node.read.filter((workspaceId) => workspaceId === "settled").length;
  await passing(node, minute, async () => false);
  assert.equal(looks(), 1);
  await end(node);
});

test("K3 a workspace that cannot be woken keeps no other waiting, and is tried again", async () => {
  const writer = nodeAt(start);
  for (const workspaceId of ["a-bad", "b-good"]) {
    await accepted(writer.engine, workspaceId, createWorkspace(workspaceId));
    await accepted(writer.engine, workspaceId, grant(100, { expiresAt: start + minute }));
  }
  await end(writer);
  let isBroken = true;
  const node = nodeAt(start + 2 * minute, {
    mayRead: (workspaceId) => !isBroken || workspaceId !== "a-bad",
  });
  node.waker.start();
  const hasExpired = (workspaceId: string) => async () =>
    (await kindsOf(workspaceId)).includes("credits.expired");
  await passing(node, 30_000, hasExpired("b-good"));
  await until(hasExpired("b-good"));
  assert.ok(!(await hasExpired("a-bad")()));
  assert.ok(node.logged.every((code) => code === "workspace_not_woken") && node.logged.length > 0);
  isBroken = false;
  await passing(node, minute, hasExpired("a-bad"));
  await until(hasExpired("a-bad"));
  await end(node);
});

test("verify finds a workspace that would be woken too late, and does not mind one that is woken too early", async () => {
  const store = postgresStore({ pool });
  const put = (workspaceId: string, dueAtMs: number) =>
    pool.query("UPDATE projection_cursors SET due_at_ms = $2 WHERE workspace_id = $1", [
      workspaceId,
      dueAtMs,
    ]);
  assert.deepEqual((await verify({ pool, store, calendar })).faults, []);
  await put("quiet-1", start);
  await put("quiet-2", start + 90 * 24 * 60 * minute + 1);
  const { faults } = await verify({ pool, store, calendar });
  assert.deepEqual(
    faults.map(({ workspaceId, rule: broken }) => [workspaceId, broken]),
    [["quiet-2", "a workspace is woken when something is due in it"]],
  );
});

test("a round in which one could be neither woken nor kept for later is none: it is not told as done", async () => {
  const clock = new TestClock(start);
  const ids = Array.from({ length: 10_001 }, (_, index) => `ws-${String(index).padStart(5, "0")}`);
  let isDown = true;
  const seen = { rounds: 0, done: 0 };
  const woken = new Set<string>();
  const waker = createWaker({
    clock,
    log: () => {},
    // More than are kept to be tried again.
    workspaces: async ({ after: last, limit }) => {
      if (last === "") seen.rounds += 1;
      return ids.filter((id) => id > last).slice(0, limit);
    },
    wake: async (id) => {
      if (isDown) throw new Error("down");
      woken.add(id);
    },
    done: async () => void (seen.done += 1),
  });
  const round = async (number: number): Promise<void> => {
    for (let look = 0; look < 2_000 && seen.rounds < number; look += 1) {
      clock.advance(1_000);
      await settled();
    }
    // It has been gone through when the next page would be asked for.
    for (let look = 0; look < 200; look += 1) await settled();
  };
  waker.start();
  await round(1);
  assert.deepEqual([seen.rounds, seen.done, woken.size], [1, 0, 0]);
  isDown = false;
  await round(2);
  assert.equal(seen.done, 1);
  for (let look = 0; look < 2_000 && woken.size < ids.length; look += 1) {
    clock.advance(1_000);
    await settled();
  }
  assert.equal(woken.size, ids.length);
  await waker.stop();
});
