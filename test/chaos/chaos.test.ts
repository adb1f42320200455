/** The short form of the storms (`npm run chaos` is the long one), and proof that their judge is not blind. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openDatabase } from "../../packages/server/src/database/index.ts";
import { freshDatabase } from "../../packages/server/test/fresh-database.ts";
import { temporaryFolder } from "../../packages/server/test/temporary-folder.ts";
import { falsehoods } from "./falsehoods.ts";
import { figuresOf } from "./figures.ts";
import type { History } from "./history/history.ts";
import { readDatabase } from "./history/read-database.ts";
import { type Finding, rules } from "./judge/finding.ts";
import { judge } from "./judge/judge.ts";
import { startOwnDatabase } from "./processes/own-database.ts";
import { type Storm, makeStorm } from "./storm.ts";

const short = { seed: 4, callersPerShare: 2, operationsMin: 500 } as const;

/** Fails with the first findings, in words. */
function assertNothingFound(findings: readonly Finding[]): void {
  const told = findings
    .slice(0, 10)
    .map(({ rule, workspace, found }) => `${rule} ${rules[rule]}\n  ${workspace}: ${found}`);
  assert.equal(findings.length, 0, `${findings.length} findings\n${told.join("\n")}`);
}

/** A storm that nobody felt proves nothing. */
function assertFelt(storm: Storm): void {
  const figures = figuresOf(storm);
  for (const name of ["refusals", "reads", "repeated", "underWay"] as const)
    assert.ok(figures[name] > 0, `no ${name} in ${JSON.stringify(figures)}`);
}

/** A storm that was judged clean, for those who lie about it. */
let clean: { readonly history: History; readonly databaseUrl: string } | undefined;

test("two nodes of one pool, killed and stopped under load: nothing acknowledged is missing, doubled or oversold", async (context) => {
  const { url: databaseUrl } = await freshDatabase();
  const storm = await makeStorm({ ...short, databaseUrl, nodeFaults: 3, databaseFaults: 0 });
  context.diagnostic(JSON.stringify(figuresOf(storm)));
  assertNothingFound(judge(storm.history));
  assertFelt(storm);
  clean = { history: storm.history, databaseUrl };
});

test("PostgreSQL stopped in immediate mode under load: nothing acknowledged is missing, doubled or oversold", async (context) => {
  const database = await startOwnDatabase();
  try {
    const weather = { nodeFaults: 0, databaseFaults: 2 };
    const storm = await makeStorm({ ...short, ...weather, databaseUrl: database.url, database });
    context.diagnostic(JSON.stringify(figuresOf(storm)));
    assertNothingFound(judge(storm.history));
    assertFelt(storm);
  } finally {
    await database.stop();
  }
});

for (const { name, breaks, tell } of falsehoods)
  test(`the judge of a storm finds the lie that ${name}`, () => {
    assert.ok(clean !== undefined, "the storm to lie about was not clean");
    const found = judge(tell(clean.history)).map(({ rule }) => rule);
    assert.ok(found.includes(breaks), `${breaks} is not among ${JSON.stringify(found)}`);
  });

test("the judge of a storm finds an event that was altered in the database", async () => {
  assert.ok(clean !== undefined, "the storm to tamper with was not clean");
  const { databaseUrl: url, history } = clean;
  const folder = await temporaryFolder();
  const randomUuid = (): string => crypto.randomUUID();
  const database = await openDatabase({ url, folder: folder.path, host: process, randomUuid });
  try {
    const pool = database.openPool({ purpose: "tampering", connectionsMax: 1 });
    const { rowCount } = await pool.query(
      `UPDATE journal SET events = replace(events, '"isFinal":true', '"isFinal":false')
       WHERE workspace_id = 'plenty' AND seq =
         (SELECT min(seq) FROM journal WHERE workspace_id = 'plenty' AND events LIKE '%"isFinal":true%')`,
    );
    assert.equal(rowCount, 1);
  } finally {
    await database.close();
  }
  const found = judge({ ...history, ...(await readDatabase(url, folder.path)) });
  await folder.remove();
  const broken = new Set(found.map(({ rule }) => rule));
  assert.ok(broken.has("C10") && broken.has("C1"), JSON.stringify(found.slice(0, 5)));
});
