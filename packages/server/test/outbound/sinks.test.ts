/** Sinks on nodes: what was away is caught up with, over restarts and several nodes, and nobody waits for anybody. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { CloudEvent } from "@cistern/contract";
import { type Sink, fileSink, natsSink, sinkConsumer } from "../../src/outbound/index.ts";
import { JumpingClock, idsIn, nodeOn, outboundDatabase, until } from "./outbound-node.ts";
import { type NatsServer, hasNats, startNats } from "./nats-server.ts";

const pool = await outboundDatabase();
let named = 0;
const name = (): string => `s${(named += 1)}`;

type Node = ReturnType<typeof nodeOn>;

/** Sinks of one test: they take these workspaces alone, since the database is all tests'. */
function put(node: Node, sink: Sink, workspaces: readonly string[]): string {
  const consumer = { ...sinkConsumer(sink), workspaces };
  node.pump.put(consumer);
  return consumer.name;
}

const nats = ({ host }: NatsServer, sink: string): Sink =>
  natsSink({ name: sink, servers: [host], stream: "cistern" });

let starts = 0;

function file(folder: string, sink: string): Promise<Sink> {
  starts += 1;
  const writer = { host: hostname(), pid: process.pid, start: `s${starts}`, isAlive: () => true };
  return fileSink({ name: sink, folder, writer, now: () => 0 });
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cistern-sinks-"));
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Ids in all files, by workspace, as often as they are there. */
async function inFiles(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const events: CloudEvent[] = [];
  for (const one of (await readdir(folder)).toSorted()) {
    const text = await readFile(join(folder, one), "utf8");
    for (const line of text.split("\n").slice(0, -1)) events.push(JSON.parse(line));
  }
  return byWorkspace(events);
}

async function inStream(server: NatsServer): Promise<ReadonlyMap<string, readonly string[]>> {
  const stored = await server.stored("cistern");
  return byWorkspace(stored.map(({ text }): CloudEvent => JSON.parse(text)));
}

function byWorkspace(events: readonly CloudEvent[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { id, source } of events) {
    const workspace = source.slice("/workspaces/".length);
    found.set(workspace, [...(found.get(workspace) ?? []), id]);
  }
  return found;
}

const failuresOf = (node: Node, consumer: string): number =>
  node.pump.stats().find((one) => one.consumer === consumer)?.failures ?? 0;

test("a stream that is away for hours catches up without loss, over two nodes and a restart, and delays no other sink", async (t) => {
  if (!hasNats(t)) return;
  const server = await startNats();
  const folder = await newFolder();
  const [acme, beta] = [name(), name()];
  const workspaces = [acme, beta];
  const [stream, files] = [name(), name()];
  const clock = new JumpingClock();
  const start = async (): Promise<Node> => {
    const node = nodeOn(pool, { clock, sweepMs: 20 });
    put(node, nats(server, stream), workspaces);
    put(node, await file(folder, files), workspaces);
    node.pump.start();
    return node;
  };
  const [one, two] = [await start(), await start()];
  for (const id of workspaces) await one.create(id);
  const arrived = async (node: Node): Promise<boolean> => {
    const stored = await inStream(server).catch(() => new Map<string, string[]>());
    for (const id of workspaces)
      if (stored.get(id)?.length !== (await idsIn(node, id)).length) return false;
    return true;
  };
  await until(() => arrived(one));
  await server.kill();
  // Two days, in which both nodes go on, try again and again, and one of them ends.
  const tries = (node: Node) => failuresOf(node, `sink:${stream}`);
  for (let hour = 0; hour < 48; hour += 6) {
    const before = tries(one) + tries(two);
    for (const id of workspaces) await (hour % 12 === 0 ? one : two).event(id);
    clock.aheadMs += 6 * 3_600_000;
    await until(() => tries(one) + tries(two) > before);
    assert.ok(tries(one) + tries(two) > before, "it is tried again");
  }
  const complete = async (node: Node) => {
    const found = await inFiles(folder);
    for (const id of workspaces)
      if (new Set(found.get(id)).size !== (await idsIn(node, id)).length) return false;
    return true;
  };
  await until(() => complete(two));
  assert.ok(await complete(two), "the other sink has all while this one is away");
  await one.pump.stop();
  const three = await start();
  await three.event(acme);
  await server.start();
  clock.aheadMs += 3_600_000;
  await until(() => arrived(three));
  const stored = await inStream(server);
  for (const id of workspaces) assert.deepEqual(stored.get(id), await idsIn(three, id));
  await until(() => complete(three));
  const found = await inFiles(folder);
  for (const id of workspaces)
    assert.deepEqual(new Set(found.get(id)), new Set(await idsIn(three, id)));
});

test("events of many workspaces arrive once and in order while the stream's server is killed and started again", async (t) => {
  if (!hasNats(t)) return;
  const server = await startNats();
  const workspaces = Array.from({ length: 5 }, name);
  const stream = name();
  const nodes = [nodeOn(pool, { sweepMs: 20 }), nodeOn(pool, { sweepMs: 20 })];
  for (const node of nodes) {
    put(node, nats(server, stream), workspaces);
    node.pump.start();
  }
  const [one, two] = nodes;
  assert.ok(one !== undefined && two !== undefined);
  for (const id of workspaces) await one.create(id);
  const append = async (node: Node) => {
    for (let n = 0; n < 10; n += 1) await Promise.all(workspaces.map((id) => node.event(id)));
  };
  for (let killed = 0; killed < 2; killed += 1) {
    const under = Promise.all([append(one), append(two)]);
    await server.kill();
    await under;
    await server.start();
    await append(one);
  }
  const expected = new Map<string, readonly string[]>();
  for (const id of workspaces) expected.set(id, await idsIn(one, id));
  await until(async () => {
    const stored = await inStream(server);
    return workspaces.every((id) => stored.get(id)?.length === expected.get(id)?.length);
  });
  const stored = await inStream(server);
  for (const id of workspaces) assert.deepEqual(stored.get(id), expected.get(id));
});
