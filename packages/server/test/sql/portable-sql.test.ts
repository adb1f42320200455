import assert from "node:assert/strict";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { loadModule } from "libpg-query";
import { findInSource, findSql } from "./find-sql.ts";
import { breaches } from "./portable-sql.ts";

const source = fileURLToPath(new URL("../../src/", import.meta.url));

before(() => loadModule());

test("every statement and migration of the server runs on every engine that we name", () => {
  for (const { place, text } of findSql(source)) {
    let found: string[];
    try {
      found = breaches(text);
    } catch (error) {
      assert.fail(`${place} is not SQL: ${String(error)}\n${text}`);
    }
    assert.deepEqual(found, [], `${place}\n${text}`);
  }
});

test("the statements and migrations of every part are found", () => {
  const places = findSql(source).map(({ place }) => place.replace(/:\d+$/, ""));
  const count = (place: string): number => places.filter((found) => found === place).length;
  assert.equal(count("journal/postgres/migrations/0001-journal.sql"), 1);
  assert.ok(count("journal/postgres/statements.ts") >= 10);
  assert.ok(count("database/migrations.ts") >= 5);
});

test("SQL is found wherever it stands in a source file, and prose is not", () => {
  const file = [
    'const aSql = "commit";',
    "query(`SELECT 1 FROM ${table}`);",
    'const text = { name: "x", text: "INSERT INTO t VALUES (1)" };',
    'const y = cond ? "delete from t" : `\n  select a\n  from t`;',
    'throw new Error("Select a plan from the list.");',
    'const advice = "Update the catalog, then set the plan.";',
    "// SELECT 1",
  ].join("\n");
  assert.deepEqual(
    findInSource("file.ts", file).map(({ place, text }) => [place, text.trim()]),
    [
      ["file.ts:1", "commit"],
      ["file.ts:2", "SELECT 1 FROM placeholder"],
      ["file.ts:3", "INSERT INTO t VALUES (1)"],
      ["file.ts:4", "delete from t"],
      ["file.ts:4", "select a\n  from t"],
    ],
  );
  const ofFiles = 'import { DuckDBInstance } from "@duckdb/node-api";\n';
  assert.deepEqual(findInSource("file.ts", ofFiles + file), [], "another engine reads files");
});

const columns = "workspace_id text, a bigint";
/** One planted breach a line: what is refused, and as what. */
const planted: readonly (readonly [sql: string, ...breaches: string[]])[] = [
  ["CREATE SEQUENCE s", "sequence"],
  [`CREATE TABLE t (${columns}, b bigserial, PRIMARY KEY (workspace_id))`, "sequence"],
  [
    `CREATE TABLE t (${columns}, b int GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (workspace_id))`,
    "sequence",
  ],
  ["SELECT nextval('s')", "sequence"],
  ["SELECT pg_advisory_xact_lock(1)", "advisory lock"],
  ["SELECT pg_try_advisory_lock(1)", "advisory lock"],
  ["LISTEN c", "listen/notify"],
  ["NOTIFY c", "listen/notify"],
  ["UNLISTEN c", "listen/notify"],
  ["SELECT pg_notify('c', 'x')", "listen/notify"],
  ["CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()", "trigger"],
  ["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "stored code"],
  ["DO $$ BEGIN END $$", "stored code"],
  ["CALL p()", "stored code"],
  [
    `CREATE TABLE t (${columns}, PRIMARY KEY (workspace_id), FOREIGN KEY (a) REFERENCES u (a))`,
    "foreign key",
  ],
  ["CREATE TABLE t (workspace_id text PRIMARY KEY REFERENCES u (a))", "foreign key"],
  ["ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (a)", "foreign key"],
  ["SELECT 1 FROM t WHERE workspace_id = $1 FOR UPDATE SKIP LOCKED", "skip locked"],
  ["CREATE INDEX i ON t (workspace_id) WHERE a > 1", "partial index"],
  ["CREATE INDEX i ON t (workspace_id, lower(a))", "expression index"],
  ["INSERT INTO t (workspace_id, a) VALUES ($1, now())", "clock or chance as data: now"],
  ["SELECT 1 FROM t WHERE workspace_id = $1 AND a < now()", "clock or chance as data: now"],
  [
    "UPDATE t SET a = CURRENT_TIMESTAMP WHERE workspace_id = $1",
    "clock or chance as data: SVFOP_CURRENT_TIMESTAMP",
  ],
  [
    `CREATE TABLE t (${columns}, b timestamptz DEFAULT now(), PRIMARY KEY (workspace_id))`,
    "clock or chance as data: now",
  ],
  ["SELECT random()", "clock or chance as data: random"],
  [
    "INSERT INTO t (workspace_id, a) VALUES ($1, gen_random_uuid())",
    "clock or chance as data: gen_random_uuid",
  ],
  ["SELECT a FROM t", "no workspace: t"],
  ["SELECT a FROM t WHERE a = $1", "no workspace: t"],
  ["SELECT a FROM t WHERE workspace_id > $1", "no workspace: t"],
  ["SELECT a FROM t WHERE workspace_id > $1 ORDER BY workspace_id", "no workspace: t"],
  ["DELETE FROM t WHERE workspace_id > $1", "no workspace: t"],
  ["SELECT t.a FROM t JOIN u ON u.a = t.a WHERE t.workspace_id = $1", "no workspace: u"],
  [
    "SELECT t.a FROM t JOIN u ON u.a = t.a WHERE workspace_id = $1",
    "no workspace: t",
    "no workspace: u",
  ],
  [
    "SELECT a FROM t WHERE workspace_id = $1 AND EXISTS (SELECT 1 FROM u WHERE u.a = t.a)",
    "no workspace: u",
  ],
  ["SELECT a FROM t WHERE a = (SELECT 1 FROM u WHERE u.workspace_id = $1)", "no workspace: t"],
  [
    "SELECT t.a FROM t JOIN u ON u.workspace_id = t.workspace_id",
    "no workspace: t",
    "no workspace: u",
  ],
  ["SELECT a FROM t WHERE workspace_id = workspace_id", "no workspace: t"],
  ["SELECT a FROM u WHERE workspace_id = $1 UNION ALL SELECT a FROM t", "no workspace: t"],
  ["SELECT a FROM (SELECT a FROM t) AS x", "no workspace: t"],
  ["UPDATE t SET a = 1", "no workspace: t"],
  ["UPDATE t SET workspace_id = $1", "no workspace: t"],
  ["DELETE FROM t WHERE a = $1", "no workspace: t"],
  ["WITH x AS (DELETE FROM t RETURNING a) SELECT a FROM x", "no workspace: t"],
  ["INSERT INTO t (a) VALUES (1)", "no workspace: t"],
  ["INSERT INTO t VALUES ($1, 1)", "no workspace: t"],
  ["INSERT INTO t (workspace_id, a) VALUES ($1, 1) ON CONFLICT (a) DO NOTHING", "no workspace: t"],
  ["MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE", "no workspace: MERGE"],
  [
    "CREATE TABLE t (a bigint PRIMARY KEY)",
    "table without workspace: t",
    "key without workspace first: t",
  ],
  [`CREATE TABLE t (${columns})`, "table without primary key: t"],
  [`CREATE TABLE t (${columns}, PRIMARY KEY (a, workspace_id))`, "key without workspace first: t"],
  [
    `CREATE TABLE t (${columns}, PRIMARY KEY (workspace_id), UNIQUE (a))`,
    "key without workspace first: t",
  ],
  ["ALTER TABLE t ADD COLUMN b text UNIQUE", "key without workspace first: t"],
  ["ALTER TABLE t ADD UNIQUE (a)", "key without workspace first: t"],
  ["CREATE UNIQUE INDEX i ON t (a)", "index without workspace first: t"],
  ["CREATE INDEX i ON t (a, workspace_id)", "index without workspace first: t"],
  [
    "WITH x AS (UPDATE t SET a = 1 WHERE workspace_id = $1) INSERT INTO t (workspace_id) VALUES ($1)",
    "table changed twice: t",
  ],
];

for (const [sql, ...expected] of planted)
  test(`refused: ${sql}`, () => {
    assert.deepEqual(breaches(sql), expected);
  });

test("what every engine has is let through", () => {
  const fine = [
    `CREATE TABLE t (${columns}, PRIMARY KEY (workspace_id, a)) WITH (fillfactor = 50)`,
    "CREATE TABLE t (workspace_id text PRIMARY KEY)",
    "CREATE INDEX i ON t (workspace_id, a)",
    "SELECT a FROM t WHERE workspace_id = $1 FOR UPDATE",
    "SELECT a FROM t WHERE t.workspace_id = ANY ($1::text[])",
    "SELECT t.a FROM t JOIN u ON u.workspace_id = t.workspace_id WHERE t.workspace_id = $1",
    "SELECT workspace_id FROM t WHERE workspace_id > $1 ORDER BY workspace_id LIMIT $2",
    "WITH x AS (SELECT 1 AS a) SELECT a FROM x",
    "INSERT INTO t (workspace_id, a) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    "SELECT 1 FROM schema_guard FOR UPDATE",
    "SELECT 1 FROM pg_extension",
    "SELECT now()",
  ];
  for (const sql of fine) assert.deepEqual(breaches(sql), [], sql);
});
