/** `cistern` with sinks, as an operator starts it, kills it and starts it again. */
import assert from "node:assert/strict";
import { appendFile, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, test } from "node:test";
import type { CloudEvent } from "@cistern/contract";
import { openDatabase } from "../../src/database/index.ts";
import { readSettings } from "../../src/host/index.ts";
import { openSinks } from "../../src/open-sinks.ts";
import { platform } from "../../src/server.ts";
import { callsTo, workspaceWith } from "../api/api-server.ts";
import { startCistern } from "../cli/cistern-process.ts";
import { freshDatabase } from "../fresh-database.ts";
import { JumpingClock, idsIn, nodeOn, until } from "./outbound-node.ts";

const { randomUuid } = platform;
const key = "cst_admin_of_the_tests";

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cistern-sinks-"));
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const idsOf = (text: string): readonly string[] =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const { id }: CloudEvent = JSON.parse(line);
      return id;
    });

async function inFiles(folder: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const name of (await readdir(folder)).toSorted())
    ids.push(...idsOf(await readFile(join(folder, name), "utf8")));
  return ids;
}

test("standard output has events and nothing else; files have them all, whole, after the process was killed under load", async () => {
  const { url } = await freshDatabase();
  const folder = join(await newFolder(), "events");
  const sinks = `stdout,file:${folder}`;
  const env = { DATABASE_URL: url, CISTERN_API_KEY: key, CISTERN_SINKS: sinks };
  const first = startCistern(env, "serve");
  const api = callsTo(await first.ready(), key);
  await workspaceWith(api, "acme", "1000");
  await until(() => idsOf(first.stdout()).length >= 2);
  const spend = async (through: Pick<typeof api, "post">) => {
    for (let n = 0; n < 40; n += 1)
      await through.post("/v1/workspaces/acme/debits", { member: "ana", credits: "1" });
  };
  const load = Promise.allSettled([spend(api), spend(api), spend(api)]);
  await until(async () => (await inFiles(folder)).length >= 20);
  await first.stop("SIGKILL");
  await load;
  const killed = idsOf(first.stdout());
  assert.ok(killed.length >= 2, "every line of standard output is an event");

  // What a power cut would leave, besides. Then another node goes on, an hour later, when the claims of the dead one are over.
  const [torn = ""] = await readdir(folder);
  await appendFile(join(folder, torn), `{"specversion":"1.0","id":"ac`);
  const database = await openDatabase({ url, folder: "", host: process, randomUuid });
  after(() => database.close());
  const clock = new JumpingClock();
  clock.aheadMs = 3_600_000;
  const node = nodeOn(database.openPool({ purpose: "sinks", connectionsMax: 4 }), { clock });
  const stdout = new PassThrough();
  let lines = "";
  stdout.on("data", (chunk: Buffer) => (lines += chunk.toString()));
  const mended: string[] = [];
  const { sinks: settings } = readSettings({ CISTERN_SINKS: sinks });
  await openSinks(settings, {
    pump: node.pump,
    platform,
    stdout,
    onMended: (message) => mended.push(message),
  });
  assert.deepEqual(mended, [`A crash left half a line in ${torn} (sink file): 29 bytes were cut.`]);
  node.pump.start();
  await node.event("acme");
  const told = await idsIn(node, "acme");
  await until(async () => new Set(await inFiles(folder)).size >= told.length);
  await until(() => new Set([...killed, ...idsOf(lines)]).size >= told.length);
  await node.pump.stop();
  // In the order of the workspace, if the second coming of an id is dropped: these files are written one after the other.
  assert.deepEqual([...new Set(await inFiles(folder))], told);
  assert.deepEqual([...new Set([...killed, ...idsOf(lines)])], told);
});

for (const [sinks, expected] of [
  ["kafka://127.0.0.1/x", /CISTERN_SINKS: "kafka:.*" is no sink\. A sink is stdout, file:FOLDER/],
  [
    "file:/dev/null/events",
    /The folder \/dev\/null\/events of the sink file is of no use: ENOTDIR/,
  ],
] as const)
  test(`a server with CISTERN_SINKS=${sinks} does not start, and says why`, async () => {
    const { url } = await freshDatabase();
    const env = { DATABASE_URL: url, CISTERN_API_KEY: key, CISTERN_SINKS: sinks };
    const ran = startCistern(env, "serve");
    assert.equal(await ran.ended(), 2);
    assert.match(ran.stderr(), expected);
    assert.doesNotMatch(ran.stderr(), /^ +at /m, "no stack");
  });
