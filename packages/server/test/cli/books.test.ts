/** `cistern books` and `cistern export books` as processes, on a database with a past. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { Pool } from "pg";
import { migrate } from "../../src/database/index.ts";
import { postgresStore } from "../../src/journal/index.ts";
import { nodeMigrations } from "../../src/node-migrations.ts";
import { beancountJudges, canJudge, hledgerJudges } from "../books/accounting-tools.ts";
import { pastOn, purchase, use, workspace } from "../books/past-workspaces.ts";
import { freshDatabase } from "../fresh-database.ts";
import { dataFolder, startCistern } from "./cistern-process.ts";

const { url } = await freshDatabase();
const pool = new Pool({ connectionString: url, max: 1 });
after(() => pool.end());
await migrate(pool, await nodeMigrations());
const past = pastOn(postgresStore({ pool }), "2026-05-02T12:00:00Z");
await past.at("2026-05-02T12:00:00Z", "shop", workspace("shop", "Asia/Tokyo", "JPY"));
await past.at("2026-05-03T12:00:00Z", "shop", purchase("grt_1", 1_000, { cost: 15_000 }));
await past.at("2026-05-04T12:00:00Z", "shop", use("dbt_1", 250));
await past.at("2026-05-31T16:00:00Z", "shop", use("dbt_2", 1));
await past.at("2026-05-31T17:00:00Z", "a:b", workspace("a:b", "America/New_York", "KWD"));
await past.at("2026-05-31T18:00:00Z", "a:b", purchase("grt_2", 3, { cost: 1_000 }));
await past.at("2026-06-02T18:00:00Z", "a:b", use("dbt_3", 1));

const folder = await dataFolder();

/** Runs it to its end. */
async function cistern(...args: readonly string[]) {
  const run = startCistern({ DATABASE_URL: url }, ...args);
  const code = await run.ended();
  return { code, stdout: run.stdout(), stderr: run.stderr() };
}

test("export books writes a whole file, which the third parties accept", async (t) => {
  const [hledger, beancount] = [join(folder, "a.hledger"), join(folder, "a.beancount")];
  for (const [format, file] of [
    ["hledger", hledger],
    ["beancount", beancount],
  ] as const) {
    const { code, stderr } = await cistern("export", "books", "--format", format, "--out", file);
    assert.equal(code, 0, stderr);
  }
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith(".part")),
    [],
  );
  const text = readFileSync(hledger, "utf8");
  assert.match(text, /2026-06-01 \* .* shop \| usage\.debited dbt_2\n/);
  assert.match(text, /Liabilities:Deferred:shop:grt_1 {2}3750 JPY = -11250 JPY\n/);
  assert.match(text, /Liabilities:Deferred:a%3ab:grt_2 {2}0\.333 KWD = -0\.667 KWD\n/);
  if (!canJudge(t)) return;
  assert(hledgerJudges(text).isAccepted, hledgerJudges(text).said);
  const other = beancountJudges(readFileSync(beancount, "utf8"));
  assert(other.isAccepted, other.said);
});

test("export books goes to stdout, of one workspace and some days, under names of one's own", async () => {
  const accounts = join(folder, "accounts.json");
  writeFileSync(accounts, JSON.stringify({ Usage: "Revenue:AI" }));
  const { code, stdout, stderr } = await cistern(
    "export",
    "books",
    "--format",
    "csv",
    "--workspace",
    "shop",
    "--from",
    "2026-06-01",
    "--to",
    "2026-06-30",
    "--accounts",
    accounts,
  );
  assert.equal(code, 0, stderr);
  const rows = stdout.split("\r\n");
  assert.equal(
    rows[0],
    "date,workspace,position,kind,of,account,commodity,amount,balance,effective",
  );
  assert(
    rows.includes("2026-06-01,,,opening balances,,Revenue:AI,JPY,-3750,-3750,2026-06-01"),
    stdout,
  );
  assert(!stdout.includes("a%3ab"));
});

test("export books translates into one currency by the rates of a file (E18)", async (t) => {
  const rates = join(folder, "rates.json");
  const text = {
    "JPY/USD": { "2026-05-01": "0.0064", "2026-05-04": "0.0080" },
    "KWD/USD": { "2026-05-01": "3.25" },
  };
  writeFileSync(rates, JSON.stringify(text));
  const translate = (format: string) =>
    cistern("export", "books", "--format", format, "--currency", "USD", "--rates", rates);
  const { code, stdout, stderr } = await translate("hledger");
  assert.equal(code, 0, stderr);
  // 15,000 yen at 0.0064 are 96.00; a quarter is used when they are worth 120.00.
  assert.match(stdout, /Liabilities:Deferred:shop:grt_1 {2}-96\.00 USD = -96\.00 USD\n/);
  assert.match(stdout, /Liabilities:Deferred:shop:grt_1 {2}24\.00 USD = -72\.00 USD\n/);
  assert.match(stdout, /Liabilities:Deferred:a%3ab:grt_2 {2}1\.08 USD = -2\.17 USD\n/);
  assert.doesNotMatch(stdout, /[0-9] (JPY|KWD)/);
  for (const args of [
    ["--currency", "USD"],
    ["--rates", rates],
    ["--currency", "CHF", "--rates", rates],
  ]) {
    const wrong = await cistern("export", "books", "--format", "csv", ...args);
    assert.equal(wrong.code, 2, wrong.stderr);
    assert.match(wrong.stderr, /takes both a currency|There is no rate of [A-Z]{3}\/CHF on 2026/);
  }
  if (!canJudge(t)) return;
  assert(hledgerJudges(stdout).isAccepted, hledgerJudges(stdout).said);
  const beancount = beancountJudges((await translate("beancount")).stdout);
  assert(beancount.isAccepted, beancount.said);
});

test("books close closes all, and says so; a second run has nothing to do", async () => {
  const first = await cistern("books", "close", "2026-05");
  assert.equal(first.code, 0, first.stderr);
  assert.match(
    first.stdout,
    /^2026-05 is closed in 2 workspaces; 0 were closed before, 0 begin later\.\n$/,
  );
  const second = await cistern("books", "close", "2026-05");
  assert.match(second.stdout, /^2026-05 is closed in 0 workspaces; 2 were closed before/);
});

test("books report is readable", async () => {
  const { code, stdout, stderr } = await cistern("books", "report", "2026-05");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Books of 2026-05, closed\n\nTrial balance/);
  assert.match(stdout, / {2}total +JPY +0 +18750 +18750 +0\n/);
  assert.match(stdout, / {2}Liabilities:Deferred +JPY +0 +3750 +15000 +-11250\n/);
  assert.match(stdout, / {2}a:b +KWD +0\.000 +1\.000 +0\.000 +0\.000 +0\.000 +1\.000\n/);
  assert.match(stdout, /Not billed yet\n {2}nothing\n/);
});

test("books report says that a month is provisional, and who has not closed it", async () => {
  const { stdout } = await cistern("books", "report", "2026-06");
  assert.match(stdout, /^Books of 2026-06, provisional: 2 of 2 workspaces have not closed it\n/);
});

test("export books to a reader that has had enough ends quietly", async () => {
  const run = startCistern({ DATABASE_URL: url }, "export", "books", "--format", "csv");
  // As `head` does: before anything is read.
  run.child.stdout?.destroy();
  assert.equal(await run.ended(), 0, run.stderr());
  assert.doesNotMatch(run.stderr(), /EPIPE|Error/);
});

test("what makes no sense is refused with its reason, and exit code 2", async () => {
  for (const [args, reason] of [
    [["books", "close", "2026-13"], /A month is written as in 2026-10/],
    [["books", "report", "Mai"], /A month is written/],
    [["books", "report", "9998-01"], /9998-01 has not begun/],
    [["books", "report", "2026-05", "--expected-breakage", "101"], /0 to 100/],
    [["export", "books", "--format", "xls"], /hledger, beancount, csv/],
    [["export", "books"], /--format/],
    [["export", "books", "--format", "csv", "--from", "2026-02-30"], /A day is written/],
    [["export", "books", "--format", "csv", "--workspace", "nobody"], /no workspace nobody/],
    [["export", "books", "--format", "csv", "--accounts", "/none.json"], /none\.json/],
  ] as const) {
    const { code, stderr } = await cistern(...args);
    assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, reason);
  }
});

test("a month that is not over is refused, workspace by workspace, with exit code 1", async () => {
  const month = Temporal.Now.plainDateISO("UTC").toPlainYearMonth().add({ months: 1 }).toString();
  const { code, stdout } = await cistern("books", "close", month);
  assert.equal(code, 1);
  assert.match(stdout, /2 were not closed:\n/);
  assert.match(stdout, / {2}shop: .* is not over in Asia\/Tokyo\. Close it once it is\.\n/);
});

test("books margin says what each customer is worth, of a month or of days", async () => {
  const { code, stdout, stderr } = await cistern("books", "margin", "2026-05");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Margin by component, 2026-05-01 to 2026-05-31\n/);
  assert.match(stdout, /\n {2}shop +packs +JPY +3750 +0 +3750 +100\.0\n/);
  assert.match(stdout, /\n +total +JPY +3750 +0 +3750 +100\.0\n$/);
  const span = ["--from", "2026-06-01", "--to", "2026-06-30", "--workspace", "a:b"];
  const june = await cistern("books", "margin", ...span);
  assert.match(june.stdout, / {2}a:b +packs +KWD +0\.333 +0\.000 +0\.333 +100\.0\n/);
  for (const args of [[], ["2026-05", "--from", "2026-05-01"], ["--from", "2026-05-01"]]) {
    const wrong = await cistern("books", "margin", ...args);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /Say a month, or the first and the last day/);
  }
});

test("books allocation says whose cost it is inside a workspace", async () => {
  const span = ["--from", "2026-05-01", "--to", "2026-06-30"];
  const { code, stdout, stderr } = await cistern("books", "allocation", "shop", ...span);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Cost of shop by member, 2026-05-01 to 2026-06-30\n/);
  assert.match(stdout, /ana +JPY +251\.000000 +3765 +0 +0\.000000 +0 +3765\n/);
  const wrong = await cistern("books", "allocation", "shop", ...span, "--by", "moon");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /Allowed choices are member, group, project, meter, key/);
});

test("where a server is named and no database, commands of the books say so and begin none", async () => {
  const env = { CISTERN_URL: "https://cistern.example", CISTERN_KEY: "k" };
  const span = ["--from", "2026-05-01", "--to", "2026-06-30"];
  for (const args of [
    ["books", "margin", "2026-05"],
    ["books", "report", "2026-05"],
    ["books", "close", "2026-05"],
    ["books", "allocation", "shop", ...span],
    ["export", "books", "--format", "csv"],
  ]) {
    const run = startCistern(env, ...args);
    assert.equal(await run.ended(), 2, run.stderr());
    assert.match(
      run.stderr(),
      /^cistern: CISTERN_URL is set, and commands of the books work on the database itself.* Set DATABASE_URL /,
    );
    assert.equal(run.stdout(), "");
  }
  const both = startCistern({ ...env, DATABASE_URL: url }, "books", "margin", "2026-05");
  assert.equal(await both.ended(), 0, both.stderr());
});
