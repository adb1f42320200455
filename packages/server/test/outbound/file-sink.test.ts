/** The sink that writes files: what is on the disk when a call resolves, and what a crash leaves. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { CloudEvent } from "@cistern/contract";
import { type FileSinkOptions, fileSink } from "../../src/outbound/sinks/file-sink.ts";
import { SinkFault } from "../../src/outbound/sinks/sink.ts";
import { stdoutSink } from "../../src/outbound/sinks/stdout-sink.ts";
import { toldEvent, toldEvents } from "./told-event.ts";

const noon = Date.parse("2026-11-28T12:00:00Z");
const dayMs = 24 * 3_600_000;

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cistern-events-"));
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

let starts = 0;

/** A sink as a start of this process opens it. */
function open(folder: string, options: Partial<FileSinkOptions> = {}) {
  starts += 1;
  const writer = { host: hostname(), pid: process.pid, start: `start-${starts}`, isAlive };
  return fileSink({ name: "file", folder, writer, now: () => noon, ...options });
}

/** Every line of every file, in the order of the names; each must be a whole event. */
async function idsIn(folder: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const name of (await readdir(folder)).toSorted()) {
    const text = await readFile(join(folder, name), "utf8");
    assert.ok(text === "" || text.endsWith("\n"), `${name} ends with half a line`);
    for (const line of text.split("\n").slice(0, -1)) {
      const { id }: CloudEvent = JSON.parse(line);
      ids.push(id);
    }
  }
  return ids;
}

const ids = (events: readonly CloudEvent[]) => events.map(({ id }) => id);

test("events are whole lines on the disk when a call resolves, those that came at once too", async () => {
  const folder = await newFolder();
  const sink = await open(folder);
  await sink.write(toldEvents(1, 5));
  assert.deepEqual(await idsIn(folder), ids(toldEvents(1, 5)));
  await Promise.all([6, 7, 8].map((n) => sink.write([toldEvent(n)])));
  assert.deepEqual(await idsIn(folder), ids(toldEvents(1, 8)));
  await sink.close();
});

test("another day and a full file begin another file", async () => {
  const folder = await newFolder();
  let now = noon;
  const sink = await open(folder, { now: () => now, fileBytesMax: 1_000 });
  await sink.write(toldEvents(1, 3));
  await sink.write(toldEvents(4, 6));
  now += dayMs;
  await sink.write([toldEvent(7)]);
  await sink.close();
  const days = (await readdir(folder)).map((name) => name.slice(0, 10));
  assert.deepEqual(days.toSorted(), ["2026-11-28", "2026-11-28", "2026-11-29"]);
  assert.deepEqual(await idsIn(folder), ids(toldEvents(1, 7)));
});

test("half a line of a writer that is gone is cut at the next start; of one that lives nothing is touched", async () => {
  const folder = await newFolder();
  const gone = spawnSync(process.execPath, ["--version"]).pid;
  const living = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  after(() => living.kill("SIGKILL"));
  const whole = `${JSON.stringify(toldEvent(1))}\n`;
  const half = JSON.stringify(toldEvent(2)).slice(0, 50);
  const host = hostname().replaceAll(/[^A-Za-z0-9_-]/g, "_");
  const left = (pid: number | undefined, of = host) =>
    `2026-11-28T113000000.${of}.${pid}.before.0001.jsonl`;
  const torn = [left(gone), left(living.pid), left(gone, "elsewhere"), left(process.pid)];
  for (const name of torn) await writeFile(join(folder, name), whole + half);
  await writeFile(join(folder, "2026-11-27.jsonl"), "half of somebody else's");
  const mended: string[] = [];
  const sink = await open(folder, { onMended: (name) => mended.push(name) });
  assert.deepEqual(mended.toSorted(), [left(gone), left(process.pid)].toSorted());
  const text = (name: string) => readFile(join(folder, name), "utf8");
  assert.equal(await text(left(gone)), whole);
  assert.equal(await text(left(process.pid)), whole, "a number that this process has now");
  assert.equal(await text(left(living.pid)), whole + half);
  assert.equal(await text(left(gone, "elsewhere")), whole + half);
  // What the other process writes on goes into its own file, and what is written here into another.
  await sink.write([toldEvent(2)]);
  await appendFile(join(folder, left(living.pid)), `${JSON.stringify(toldEvent(2)).slice(50)}\n`);
  await sink.close();
  await rm(join(folder, left(gone, "elsewhere")));
  await rm(join(folder, "2026-11-27.jsonl"));
  const [one, two] = ids(toldEvents(1, 2));
  assert.deepEqual((await idsIn(folder)).toSorted(), [one, one, one, two, two]);
});

test("half a line that a full disk left is cut before anything follows it, and what was told durable is there", async () => {
  const folder = await newFolder();
  const script = fileURLToPath(new URL("file-sink-process.ts", import.meta.url));
  const node = `'${process.execPath}' --conditions=cistern-source '${script}' '${folder}'`;
  // A file of this process ends after 18 kB, in the middle of its second batch, with an error and no signal.
  const child = spawn("bash", ["-c", `trap '' XFSZ; ulimit -f 18; exec ${node}`]);
  let durable = "";
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (durable += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await once(child, "close");
  assert.equal(durable, "0\n2\n", said);
  assert.match(said, /SinkFault: The sink file cannot write in .*EFBIG/);
  assert.deepEqual(await idsIn(folder), ids([...toldEvents(0, 39), ...toldEvents(80, 119)]));
});

test("a folder that is gone refuses, and takes events again when it is back", async () => {
  const folder = await newFolder();
  const sink = await open(folder, { fileBytesMax: 1 });
  await sink.write([toldEvent(1)]);
  await rename(folder, `${folder}.away`);
  await assert.rejects(sink.write([toldEvent(2)]), SinkFault);
  await rename(`${folder}.away`, folder);
  await sink.write([toldEvent(2)]);
  await sink.close();
  assert.deepEqual(await idsIn(folder), ids(toldEvents(1, 2)));
});

test("standard output that is closed refuses, and an open one has a line an event", async () => {
  const stream = new PassThrough();
  const sink = stdoutSink({ name: "stdout", stream });
  await sink.write(toldEvents(1, 2));
  const lines = String(stream.read()).split("\n").slice(0, -1);
  assert.deepEqual(
    lines.map((line): unknown => JSON.parse(line)),
    toldEvents(1, 2),
  );
  stream.on("error", () => {});
  stream.destroy();
  await assert.rejects(sink.write([toldEvent(3)]), SinkFault);
});
