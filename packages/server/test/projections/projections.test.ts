import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import { after, before, test } from "node:test";
import { FormatFault, parseCredits } from "@cistern/contract";
import { type Event, credits as creditsOf, creditsMax, noCredits } from "@cistern/kernel";
import { Pool } from "pg";
import { migrate } from "../../src/database/index.ts";
import {
  genesisHash,
  journalMigrations,
  postgresStore,
  StoreFault,
  type JournalStore,
} from "../../src/journal/index.ts";
import {
  createProjector,
  createRefusalCounts,
  ledgerPage,
  mentionsIn,
  projectionMigrations,
  usagePage,
} from "../../src/projections/index.ts";
import { lifeOfAWorkspace } from "../audit/life-of-a-workspace.ts";
import { rowsOf } from "../audit/rows-of.ts";
import { freshDatabase, type FreshDatabase } from "../fresh-database.ts";

const life = lifeOfAWorkspace();
const clock = {
  now: () => Date.now(),
  after: (ms: number, callBack: () => void) => {
    const timer = setTimeout(callBack, ms);
    return () => clearTimeout(timer);
  },
  soon: (callBack: () => void) => void setImmediate(callBack),
};
const onFault = (error: unknown): void => {
  throw error;
};

let database: FreshDatabase;
let pool: Pool;
let store: JournalStore;

before(async () => {
  database = await freshDatabase();
  pool = new Pool({ connectionString: database.url, max: 6 });
  pool.on("error", () => {});
  await migrate(pool, [...(await journalMigrations()), ...(await projectionMigrations())]);
  store = postgresStore({ pool });
});

after(async () => {
  await pool.end();
  await database.drop();
});

async function write(workspaceId: string, events: readonly Event[] = life): Promise<void> {
  let expected = { seq: 0, hash: genesisHash };
  for (const row of rowsOf(events, workspaceId)) {
    const [outcome] = await store.append([{ expected, row, ops: [], watched: [] }]);
    strictEqual(outcome?.kind, "appended");
    expected = { seq: row.seq, hash: row.hash };
  }
}

async function projected(workspaceId: string): Promise<void> {
  const projector = createProjector({ pool, store, clock, onFault });
  projector.start();
  await until(
    async () => (await mentionsIn(pool).of(workspaceId, "none")).cursorSeq === life.length,
  );
  await projector.stop();
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries += 1) {
    ok(tries < 2_400, "the projection catches up");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

test("a sweep projects what another node left behind, once", async () => {
  await write("swept");
  await projected("swept");
  const { rows } = await ledgerPage(pool, "swept", { limit: 100 });
  const sums = new Map<string, bigint>();
  for (const { postings } of rows)
    for (const { commodity, amount } of postings) {
      const micro = commodity === "CREDIT" ? signed(amount) : BigInt(amount);
      sums.set(commodity, (sums.get(commodity) ?? 0n) + micro);
    }
  deepStrictEqual(
    [...sums],
    [
      ["CREDIT", 0n],
      ["USD", 0n],
    ],
  );
  await projected("swept");
  strictEqual((await ledgerPage(pool, "swept", { limit: 100 })).rows.length, rows.length);
});

function signed(amount: string): bigint {
  return amount.startsWith("-") ? -parseCredits(amount.slice(1)) : parseCredits(amount);
}

test("what this node appends is projected from memory, in the same tables", async () => {
  await write("told");
  const projector = createProjector({ pool, store, clock, onFault });
  projector.start();
  for (const [index, event] of life.entries())
    projector.appended({
      workspaceId: "told",
      head: { seq: index + 1 },
      events: [event],
      nextDueAtMs: 0,
    });
  ok(projector.lagSeconds() >= 0);
  await projector.settled();
  // A look at the database may have found the rows behind just before they were projected.
  await until(async () => projector.lagSeconds() === 0);
  await projector.stop();
  await write("read");
  await projected("read");
  const told = await usagePage(pool, "told", { limit: 100 });
  const read = await usagePage(pool, "read", { limit: 100 });
  deepStrictEqual(told, read);
});

test("two nodes that project the same rows write them once", async () => {
  await write("twice");
  const projectors = [1, 2, 3].map(() => createProjector({ pool, store, clock, onFault }));
  for (const one of projectors) one.start();
  for (const [index, event] of life.entries())
    for (const one of projectors)
      one.appended({
        workspaceId: "twice",
        head: { seq: index + 1 },
        events: [event],
        nextDueAtMs: 0,
      });
  await Promise.all(projectors.map((one) => one.stop()));
  const once = await usagePage(pool, "read", { limit: 100 });
  deepStrictEqual(await usagePage(pool, "twice", { limit: 100 }), once);
});

test("a projector that missed rows reads them from the journal", async () => {
  await write("missed");
  const projector = createProjector({ pool, store, clock, onFault });
  projector.start();
  const last = life.at(-1);
  ok(last !== undefined);
  projector.appended({
    workspaceId: "missed",
    head: { seq: life.length },
    events: [last],
    nextDueAtMs: 0,
  });
  await until(async () => (await mentionsIn(pool).of("missed", "none")).cursorSeq === life.length);
  await projector.stop();
  deepStrictEqual(
    await usagePage(pool, "missed", { limit: 100 }),
    await usagePage(pool, "read", { limit: 100 }),
  );
});

test("rows that another node wrote between two of this one are not passed over", async () => {
  await write("between");
  const projector = createProjector({ pool, store, clock, onFault });
  for (const [index, event] of life.entries())
    if (index % 2 === 0)
      projector.appended({
        workspaceId: "between",
        head: { seq: index + 1 },
        events: [event],
        nextDueAtMs: 0,
      });
  projector.start();
  await until(async () => (await mentionsIn(pool).of("between", "none")).cursorSeq === life.length);
  await projector.stop();
  deepStrictEqual(
    await usagePage(pool, "between", { limit: 100 }),
    await usagePage(pool, "read", { limit: 100 }),
  );
});

test("usage is paged without gap or repeat, and narrowed by what is asked", async () => {
  const all = (await usagePage(pool, "read", { limit: 100 })).rows;
  const seen = [];
  let cursor: string | undefined;
  do {
    const page = await usagePage(pool, "read", {
      limit: 2,
      ...(cursor === undefined ? {} : { cursor }),
    });
    seen.push(...page.rows);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  deepStrictEqual(seen, all);
  deepStrictEqual(
    [...new Set((await usagePage(pool, "read", { member: "ben" })).rows.map((row) => row.member))],
    ["ben"],
  );
  strictEqual((await usagePage(pool, "read", { group: "sales" })).rows.length, 0);
  strictEqual((await usagePage(pool, "read", { to: "1970-01-01T00:00:01Z" })).rows.length, 0);
  await rejects(usagePage(pool, "read", { cursor: "x" }), FormatFault);
});

test("a refund shows once, on the row that closed its settlement", async () => {
  const { rows } = await usagePage(pool, "read", { limit: 100 });
  const parts = rows.filter((row) => row.id === "hld_1");
  deepStrictEqual(
    parts.map(({ credits, refunded }) => ({ credits, refunded })),
    [
      { credits: "0.00002", refunded: undefined },
      { credits: "0.000013", refunded: "0.000033" },
    ],
  );
});

test("the mentions of a hold are the rows that changed it, debt payments included", async () => {
  const { cursorSeq, seqs } = await mentionsIn(pool).of("read", "hld_4");
  strictEqual(cursorSeq, life.length);
  const kinds = seqs.map((seq) => life[seq - 1]?.kind);
  ok(
    kinds.includes("hold.opened") &&
      kinds.includes("hold.settled") &&
      kinds.includes("credits.granted"),
  );
});

test("mentions that cannot be read now are a fault of the store, which is worth another try", async () => {
  const nowhere = new Pool({ connectionString: "postgresql://127.0.0.1:1/none" });
  await rejects(
    mentionsIn(nowhere).of("read", "hld_4"),
    (error) => error instanceof StoreFault && error.isRetryable,
  );
  await nowhere.end();
});

test("refusals are counted by member, hour and code", async () => {
  const counts = createRefusalCounts({ pool, clock, onFault });
  const refusal = {
    workspaceId: "read",
    command: {
      kind: "debit",
      debit: "dbt_x",
      member: "ana",
      meter: null,
      model: null,
      amount: {
        kind: "credits",
        credits:
          life[0]?.kind === "workspace.created"
            ? life[0].workspace.overage.kind === "debt"
              ? life[0].workspace.overage.limit
              : never()
            : never(),
      },
      occurredAt: null,
      run: null,
      project: null,
      attributes: null,
    },
    rejection: { code: "unknown_run", run: "r" },
    at: life[0]?.at ?? never(),
  } as const;
  for (let times = 0; times < 3; times += 1) counts.refused(refusal);
  await counts.flush();
  counts.refused(refusal);
  // What somebody else got wrong about ana is no usage that she was refused.
  const { workspaceId, at } = refusal;
  const unknown = { code: "unknown_member", member: "ana", reason: "not_registered" } as const;
  counts.refused({
    workspaceId,
    command: { kind: "setReach", member: "ana", reach: 0 },
    rejection: unknown,
    at,
  });
  counts.refused({
    workspaceId,
    command: { kind: "deactivateMember", member: "ana" },
    rejection: unknown,
    at,
  });
  await counts.flush();
  const { rows } = await pool.query(
    "SELECT member, code, refused FROM refusals WHERE workspace_id = 'read'",
  );
  deepStrictEqual(rows, [{ member: "ana", code: "unknown_run", refused: "4" }]);
});

test("of what was asked for in vain credits alone are added up: units, requests and calls are none", async () => {
  const counts = createRefusalCounts({ pool, clock, onFault });
  const command = {
    kind: "openHold",
    hold: "hld_x",
    member: "ana",
    meter: null,
    model: null,
    amount: { kind: "credits", credits: noCredits },
    ttlMs: 1,
    run: null,
    project: null,
    attributes: null,
  } as const;
  const units = { plan: "team", meter: "api", bucket: "calls", available: 0n, held: 0n };
  const run = { code: "run_limit_reached", run: "r", available: 0n, used: 0n, most: 0n } as const;
  const requested = 7n;
  const more = { ...units, requested, retryAt: null };
  for (const rejection of [
    { code: "allowance_held", ...more },
    { code: "allowance_exhausted", ...more, included: 0n, used: 0n, resetsAt: null },
    { ...run, bound: "maxSteps", requested },
    { ...run, bound: "limit", requested },
  ] as const)
    counts.refused({ workspaceId: "units", command, rejection, at: life[0]?.at ?? never() });
  await counts.flush();
  const { rows } = await pool.query(
    "SELECT code, refused, credits FROM refusals WHERE workspace_id = 'units' ORDER BY code",
  );
  deepStrictEqual(rows, [
    { code: "allowance_exhausted", refused: "1", credits: "0" },
    { code: "allowance_held", refused: "1", credits: "0" },
    { code: "run_limit_reached", refused: "2", credits: "7" },
  ]);
});

test("whoever asks for immense credits again and again spoils nobody's count of refusals", async () => {
  const counts = createRefusalCounts({ pool, clock, onFault });
  const at = life[0]?.at ?? never();
  const most = creditsOf(creditsMax);
  const refuse = (member: string): void => {
    const scope = { kind: "workspace", id: "read" } as const;
    const shortage = { requested: most, available: noCredits, missing: most, retryAt: null };
    counts.refused({
      workspaceId: "greed",
      command: {
        kind: "openHold",
        hold: "hld_x",
        member,
        meter: null,
        model: null,
        amount: { kind: "credits", credits: most },
        ttlMs: 1,
        run: null,
        project: null,
        attributes: null,
      },
      rejection: { code: "pool_exhausted", scope, ...shortage },
      at,
    });
  };
  for (let flushes = 0; flushes < 2; flushes += 1) {
    for (let times = 0; times < 12; times += 1) refuse("greedy");
    refuse("modest");
    await counts.flush();
  }
  const { rows } = await pool.query(
    "SELECT member, refused, credits FROM refusals WHERE workspace_id = 'greed' ORDER BY member",
  );
  deepStrictEqual(rows, [
    { member: "greedy", refused: "24", credits: "9223372036854775807" },
    { member: "modest", refused: "2", credits: "2000000000000000000" },
  ]);
});

function never(): never {
  throw new Error("The life begins with a workspace that allows debt.");
}
