import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { after, before, test } from "node:test";
import { Pool } from "pg";
import { verify } from "../../src/audit/index.ts";
import { migrate } from "../../src/database/index.ts";
import {
  genesisHash,
  journalMigrations,
  postgresStore,
  type JournalStore,
} from "../../src/journal/index.ts";
import { createCalendar } from "../../src/host/index.ts";
import { createProjector, projectionMigrations } from "../../src/projections/index.ts";
import { freshDatabase, type FreshDatabase } from "../fresh-database.ts";
import { lifeOfAWorkspace } from "./life-of-a-workspace.ts";
import { rowsOf } from "./rows-of.ts";

const life = lifeOfAWorkspace();
const settledAt = life.findIndex((event) => event.kind === "hold.settled") + 1;
const fingerprint = "ab".repeat(32);
const calendar = createCalendar();
let database: FreshDatabase;
let pool: Pool;
let store: JournalStore;

before(async () => {
  database = await freshDatabase();
  pool = new Pool({ connectionString: database.url, max: 4 });
  pool.on("error", () => {});
  await migrate(pool, [...(await journalMigrations()), ...(await projectionMigrations())]);
  store = postgresStore({ pool });
  for (const workspaceId of ["acme", "beta"]) {
    let expected = { seq: 0, hash: genesisHash };
    for (const row of rowsOf(life, workspaceId)) {
      const ops =
        row.seq === settledAt ? [{ opId: "k1", fingerprint, seq: row.seq, index: 0 }] : [];
      await store.append([{ expected, row, ops, watched: [] }]);
      expected = { seq: row.seq, hash: row.hash };
    }
  }
  const projector = createProjector({
    pool,
    store,
    clock: {
      now: () => Date.now(),
      after: (ms, callBack) => {
        const timer = setTimeout(callBack, ms);
        return () => clearTimeout(timer);
      },
      soon: (callBack) => void setImmediate(callBack),
    },
    onFault: (error) => {
      throw error;
    },
  });
  for (const workspaceId of ["acme", "beta"])
    for (const [index, event] of life.entries())
      projector.appended({
        workspaceId,
        head: { seq: index + 1 },
        events: [event],
        nextDueAtMs: 0,
      });
  projector.start();
  await projector.settled();
  await projector.stop();
});

after(async () => {
  await pool.end();
  await database.drop();
});

test("a database that nobody touched is without fault, and every event was read", async () => {
  const verdict = await verify({ pool, store, calendar });
  deepStrictEqual(verdict, {
    workspaces: 2,
    rows: 2 * life.length,
    events: 2 * life.length,
    keys: 2,
    faults: [],
  });
});

interface Damage {
  readonly name: string;
  readonly sql: string;
  readonly undo: string;
  readonly rule: RegExp;
}

const damages: readonly Damage[] = [
  {
    name: "a key that names nothing",
    sql: "UPDATE ops SET idx = 7 WHERE workspace_id = 'beta'",
    undo: "UPDATE ops SET idx = 0 WHERE workspace_id = 'beta'",
    rule: /^K15/,
  },
  {
    name: "two keys for one command",
    sql: "INSERT INTO ops SELECT workspace_id, 'k2', fingerprint, seq, idx FROM ops WHERE workspace_id = 'beta'",
    undo: "DELETE FROM ops WHERE op_id = 'k2'",
    rule: /^K15/,
  },
  {
    name: "a ledger entry that says something else",
    sql: `UPDATE ledger_entries SET postings = replace(postings, '"101"', '"77777"') WHERE workspace_id = 'beta'`,
    undo: `UPDATE ledger_entries SET postings = replace(postings, '"77777"', '"101"') WHERE workspace_id = 'beta'`,
    rule: /ledger is what the journal says/,
  },
  {
    name: "usage of which a row is missing",
    sql: "UPDATE usage_rows SET seq = seq + 1000 WHERE workspace_id = 'beta' AND id = 'dbt_1'",
    undo: "UPDATE usage_rows SET seq = seq - 1000 WHERE workspace_id = 'beta' AND id = 'dbt_1'",
    rule: /usage is what the journal says/,
  },
  {
    name: "a refund that was changed",
    sql: "UPDATE usage_refunds SET credits = credits + 1 WHERE workspace_id = 'beta'",
    undo: "UPDATE usage_refunds SET credits = credits - 1 WHERE workspace_id = 'beta'",
    rule: /refunds is what the journal says/,
  },
  {
    name: "usage of another answer",
    sql: "UPDATE usage_rows SET response = 'another' WHERE workspace_id = 'beta' AND id = 'dbt_1'",
    undo: "UPDATE usage_rows SET response = NULL WHERE workspace_id = 'beta' AND id = 'dbt_1'",
    rule: /usage is what the journal says/,
  },
  {
    name: "usage that is said to have been drawn from lots",
    sql: "UPDATE usage_rows SET drawn = drawn + 1 WHERE workspace_id = 'beta' AND id = 'dbt_1'",
    undo: "UPDATE usage_rows SET drawn = drawn - 1 WHERE workspace_id = 'beta' AND id = 'dbt_1'",
    rule: /usage is what the journal says/,
  },
  {
    name: "a debt of which lots paid another part",
    sql: "UPDATE debt_payments SET credits = credits + 1 WHERE workspace_id = 'beta'",
    undo: "UPDATE debt_payments SET credits = credits - 1 WHERE workspace_id = 'beta'",
    rule: /what lots paid of debts is what the journal says/,
  },
  {
    name: "a mention too many",
    sql: "INSERT INTO hold_mentions VALUES ('beta', 'hld_none', 3)",
    undo: "DELETE FROM hold_mentions WHERE hold_id = 'hld_none'",
    rule: /mentions/,
  },
  {
    name: "an invoice that says something else",
    sql: "UPDATE invoices SET status = 'paid' WHERE workspace_id = 'beta' AND id = 'inv_10003'",
    undo: "UPDATE invoices SET status = 'void' WHERE workspace_id = 'beta' AND id = 'inv_10003'",
    rule: /^invoices is what the journal says/,
  },
  {
    name: "a payment that was dropped",
    sql: "UPDATE invoice_entries SET workspace_id = 'gone' WHERE workspace_id = 'beta' AND kind = 'invoice.paid'",
    undo: "UPDATE invoice_entries SET workspace_id = 'beta' WHERE workspace_id = 'gone'",
    rule: /^what happened to invoices is/,
  },
  {
    name: "a head that is not the last row",
    sql: "UPDATE heads SET hash = decode(repeat('00', 32), 'hex') WHERE workspace_id = 'beta'",
    undo: "UPDATE heads h SET hash = j.hash FROM journal j WHERE h.workspace_id = 'beta' AND j.workspace_id = h.workspace_id AND j.seq = h.seq",
    rule: /^the head is the last row/,
  },
  {
    name: "a row of the journal that was changed",
    sql: "UPDATE journal SET at_ms = at_ms + 1 WHERE workspace_id = 'beta' AND seq = 3",
    undo: "UPDATE journal SET at_ms = at_ms - 1 WHERE workspace_id = 'beta' AND seq = 3",
    rule: /^J3/,
  },
];

for (const { name, sql, undo, rule } of damages)
  test(`verify finds ${name}, in that workspace alone`, async () => {
    const { rowCount } = await pool.query(sql);
    ok((rowCount ?? 0) > 0, "something was damaged");
    const { faults } = await verify({ pool, store, calendar });
    await pool.query(undo);
    strictEqual(faults.length, 1);
    strictEqual(faults[0]?.workspaceId, "beta");
    match(faults[0].rule, rule);
  });

test("after all damage is undone the database is without fault again", async () => {
  deepStrictEqual((await verify({ pool, store, calendar })).faults, []);
});
