/** `cistern import` as a user starts it: on a running server and on a database, once and again, killed and with rows that are no usage. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { parseCredits, printCredits } from "@cistern/contract";
import { startApi, workspaceWith } from "../api/api-server.ts";
import { startWithCatalog } from "../api/catalog-server.ts";
import { freshDatabase } from "../fresh-database.ts";
import { type CisternProcess, dataFolder, startCistern } from "./cistern-process.ts";

const day = 24 * 60 * 60 * 1_000;
const ago = (days: number, seconds = 0): string =>
  new Date(Date.now() - days * day + seconds * 1_000).toISOString();

const api = await startApi();
const header = "id,workspace,member,credits,occurredAt";

async function fileWith(name: string, text: string): Promise<string> {
  const file = join(await dataFolder(), name);
  await writeFile(file, text);
  return file;
}

const importer =
  (env: Readonly<Record<string, string>>) =>
  (...args: readonly string[]): CisternProcess =>
    startCistern(env, "import", ...args);

const run = importer({ CISTERN_URL: api.url, CISTERN_KEY: api.key });

async function consumed(workspace: string): Promise<unknown> {
  return (await api.get(`/v1/workspaces/${workspace}/balance`)).at("consumed");
}

const exited = async (process: CisternProcess, code: number): Promise<string> => {
  assert.equal(await process.ended(), code, process.stderr() + process.stdout());
  return process.stdout();
};

test("a file without ids is charged once, compressed or not", async () => {
  await workspaceWith(api, "folded", "1000");
  const row = `folded,ana,2,${ago(2)}\n`;
  const text = `workspace,member,credits,occurredAt\n${row}${row}`;
  const file = await fileWith("plain.csv", text);
  await writeFile(`${file}.gz`, gzipSync(text));
  assert.match(await exited(run(`${file}.gz`), 0), /2 rows charged/);
  assert.match(await exited(run(file), 0), /0 rows charged, 2 were charged before/);
  assert.equal(await consumed("folded"), "4");
});

test("a level is charged by how long it was there, and a dry run has nothing against it", async () => {
  const { url, key, ...stored } = await startWithCatalog({
    meters: { storage: { kind: "level", buckets: ["stored_gib"] } },
    rateCards: {
      standard: {
        rows: [{ meter: "storage", perUnit: { stored_gib: "0.004" } }],
      },
    },
  });
  await workspaceWith(stored, "acme", "1000");
  const file = await fileWith(
    "levels.csv",
    `workspace,member,meter,stored_gib,from,to\nacme,ana,storage,250,${ago(2)},${ago(2, 1_800)}\n`,
  );
  const into = importer({ CISTERN_URL: url, CISTERN_KEY: key });
  const mapped = ["--map", "stored_gib=stored_gib"];
  assert.match(await exited(into(file, "--dry-run", ...mapped), 0), /acme/);
  assert.match(await exited(into(file, ...mapped), 0), /1 rows? charged: 0\.5 credits/);
  assert.equal((await stored.get("/v1/workspaces/acme/balance")).at("consumed"), "0.5");
});

test("a row is charged at its own time and once, however often its file is imported", async () => {
  await workspaceWith(api, "acme1", "1000");
  await workspaceWith(api, "globex1", "1000");
  const at = ago(3);
  const file = await fileWith(
    "history.csv",
    `${header}\nr2,acme1,ana,2.5,${ago(2)}\nr1,acme1,ben,1,${at}\nr3,globex1,eve,7,${ago(1)}\n`,
  );
  assert.match(await exited(run(file), 0), /3 rows charged: 10\.5 credits in all/);
  assert.match(await exited(run(file), 0), /0 rows charged, 3 were charged before: 10\.5 credits/);
  await rm(`${file}.import.json`);
  assert.match(await exited(run(file, "--resume"), 0), /0 rows charged, 3 were charged before/);
  assert.equal(await consumed("acme1"), "3.5");
  assert.equal(await consumed("globex1"), "7");
  const [oldest] = (await api.get("/v1/workspaces/acme1/usage")).rows();
  assert.equal(oldest?.["member"], "ben");
  assert.equal(oldest?.["occurredAt"], at);
});

test("what is resumed skips what its record says was told", async () => {
  await workspaceWith(api, "acme2", "1000");
  const file = await fileWith("history.csv", `${header}\nr1,acme2,ana,2,${ago(2)}\n`);
  await exited(run(file), 0);
  assert.match(await exited(run(file, "--resume"), 0), /0 rows charged: 0 credits/);
});

test("refused rows stand beside the file with line and reason, and the rest is charged", async () => {
  await workspaceWith(api, "acme3", "1000");
  const file = await fileWith(
    "history.csv",
    [
      header,
      `r1,acme3,ana,1,${ago(2)}`,
      `r2,acme3,ana,0.0000001,${ago(2)}`,
      `r3,acme3,ana,-1,${ago(2)}`,
      `r4,acme3,ana,1`,
      `r5,nowhere,ana,1,${ago(2)}`,
      `r6,acme3,ana,1,${ago(200)}`,
      `r1,acme3,ana,1,${ago(1)}`,
      `=1+1,acme3,ana,1,${ago(1)}`,
      "",
    ].join("\n"),
  );
  const told = await exited(run(file), 6);
  assert.match(
    told,
    /2 rows charged: 2 credits in all\n6 rows refused: .*history\.csv\.refused\.csv/,
  );
  const refused = (await readFile(`${file}.refused.csv`, "utf8")).trim().split("\n");
  assert.equal(refused.shift(), "line,code,reason,row");
  const seen = refused.map((line) => line.split(",").slice(0, 2).join(" "));
  assert.deepEqual(seen.toSorted(), [
    "3 invalid_row",
    "4 invalid_row",
    "5 malformed",
    "6 unknown_workspace",
    "7 invalid_request",
    "8 id_reused",
  ]);
  assert.ok(
    refused.some((line) => /^7,.*180 days/.test(line)),
    refused.join("\n"),
  );
  for (const line of refused) assert.doesNotMatch(line, /(^|,)"?[=+@-]/);
  const again = await exited(run(file, "--resume"), 6);
  assert.match(again, /6 rows refused: /);
  assert.equal(await consumed("acme3"), "2");
});

test("a dry run says what would be refused, and charges nothing", async () => {
  await workspaceWith(api, "acme4", "1000");
  const file = await fileWith(
    "history.csv",
    [
      "workspace,member,meter,model,input_text,occurredAt",
      `acme4,ana,chat,gpt-5,1000,${ago(2)}`,
      `acme4,ben,chat,gpt-5,2000,${ago(1)}`,
      `acme4,ana,telepathy,,7,${ago(1)}`,
      `acme4,ana,chat,gpt-5,10,${ago(300)}`,
      "",
    ].join("\n"),
  );
  const told = await exited(run(file, "--dry-run"), 6);
  assert.match(told, /acme4: 4 rows/);
  assert.match(told, /1 rows are older than 180 days/);
  assert.match(told, /1 unknown_meter, first line 4/);
  assert.equal(await consumed("acme4"), "0");
  assert.ok(!existsSync(`${file}.import.json`));
  assert.match(
    await exited(run(file, "--since", ago(100), "--ignore", "none"), 6),
    /2 rows charged/,
  );
});

test("a file without ids that has changed is not charged a second time by mistake", async () => {
  await workspaceWith(api, "acme5", "1000");
  const text = `workspace,member,credits,occurredAt\nacme5,ana,1,${ago(2)}\nacme5,ana,1,${ago(2)}\n`;
  const file = await fileWith("history.csv", text);
  await exited(run(file), 0);
  await exited(run(file), 0);
  assert.equal(await consumed("acme5"), "2");
  await writeFile(file, `${text}acme5,ana,1,${ago(1)}\n`);
  const again = run(file);
  assert.equal(await again.ended(), 2);
  assert.match(again.stderr(), /was imported before and has changed since/);
  assert.equal(await consumed("acme5"), "2");
});

test("nothing is charged of a file that cannot be read to its end", async () => {
  await workspaceWith(api, "acme6", "1000");
  const rows = `r1,acme6,ana,1,${ago(2)}\nr2,acme6,"ana,1,${ago(2)}\nr3,acme6,ana,1,${ago(2)}\n`;
  const file = await fileWith("history.csv", `${header}\n${rows}`);
  const told = run(file);
  assert.equal(await told.ended(), 2);
  assert.match(told.stderr(), /history\.csv, line \d+: Quote Not Closed/);
  assert.equal(await consumed("acme6"), "0");
});

test("an import works on the database itself where no server is named", async () => {
  const { url } = await freshDatabase();
  const here = importer({ DATABASE_URL: url });
  const file = await fileWith(
    "history.jsonl",
    `{"member":"ana","credits":1,"occurredAt":"${ago(1)}"}\n`,
  );
  const told = await exited(here(file, "--workspace", "acme7"), 6);
  assert.match(told, /1 unknown_workspace/);
});

test("an import that is stopped ends between two batches, and leaves nothing lying about", async () => {
  await workspaceWith(api, "hooli", "1000000");
  const rows = Array.from(
    { length: 4_000 },
    (_, index) => `r${index},hooli,ana,1,${ago(3, index)}`,
  );
  const file = await fileWith("history.csv", `${header}\n${rows.join("\n")}\n`);
  const temporary = await dataFolder();
  const patient = importer({ CISTERN_URL: api.url, CISTERN_KEY: api.key, TMPDIR: temporary });
  const importing = patient(file);
  while ((await consumed("hooli")) === "0") await setImmediate();
  assert.equal(await importing.stop("SIGTERM"), 1, importing.stderr());
  assert.match(importing.stderr(), /was stopped\. Start the same command again/);
  assert.deepEqual(
    (await readdir(temporary)).filter((name) => name.startsWith("cistern-history-")),
    [],
  );
  await exited(patient(file, "--resume"), 0);
  assert.equal(await consumed("hooli"), "4000");
});

test("killed at any instant and started again, an import neither lacks nor doubles a row", async () => {
  const workspaces = ["acme8", "globex8", "initech8"];
  for (const workspace of workspaces) await workspaceWith(api, workspace, "1000000");
  const rows = Array.from(
    { length: 6_000 },
    (_, index) =>
      `r${index},${workspaces[index % 3]},m${index % 7},${(index % 11) + 1}.${index % 10}00001,${ago(5, (index * 7919) % 86_400)}`,
  );
  const file = await fileWith("history.csv", `${header}\n${rows.join("\n")}\n`);
  const charged = async (): Promise<number> => {
    const spent = await Promise.all(workspaces.map((one) => consumed(one)));
    return spent.reduce<number>((sum, one) => sum + Number(one), 0);
  };
  for (const share of [0, 8_000, 20_000]) {
    const importing = run(file, "--resume");
    const isOver = importing.ended().then(() => true);
    while ((await charged()) <= share)
      if (await Promise.race([isOver, Promise.resolve(false)])) break;
    assert.equal(await importing.stop("SIGKILL"), "SIGKILL", "it was killed in its midst");
    // The record may be lost too: the keys are the proof.
    if (share === 8_000) await rm(`${file}.import.json`, { force: true });
  }
  await exited(run(file, "--resume"), 0);
  for (const [nth, workspace] of workspaces.entries()) {
    const sum = rows
      .filter((_, index) => index % workspaces.length === nth)
      .reduce((all, row) => all + parseCredits(row.split(",")[3] ?? ""), 0n);
    assert.equal(await consumed(workspace), printCredits(sum), workspace);
  }
});
