/** A settle outlives the server that went away, and the process that could not deliver it; it is charged once, whatever was lost. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { callsTo, eventually, workspaceWith } from "../api/api-server.ts";
import { startCistern } from "../cli/cistern-process.ts";
import { freshDatabase } from "../fresh-database.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const program = fileURLToPath(new URL("reporting-process.ts", import.meta.url));
const apiKey = "cst_admin_of_the_tests";
const database = await freshDatabase();
const env = { DATABASE_URL: database.url, CISTERN_API_KEY: apiKey, CISTERN_LOG: "fatal" };

let isReady = false;

/** A real server; it ends with the test that starts it, and another one follows it at the same address. */
async function startServer(at?: string) {
  const port = at === undefined ? "0" : new URL(at).port;
  const server = startCistern({ ...env, PORT: port }, "serve");
  const url = await server.ready();
  if (!isReady) await workspaceWith(callsTo(url, apiKey), "acme", "1000");
  isReady = true;
  return { url, stop: () => server.stop() };
}

/** A process of the vendor, and what it says line by line. */
function vendor(verb: "spend" | "deliver", url: string, path: string, retries = 1) {
  const args = ["--conditions=cistern-source", program, verb, url, apiKey, path, `${retries}`];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  after(() => child.kill("SIGKILL"));
  assert.ok(child.stdout !== null && child.stdin !== null);
  const { stdin } = child;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async says(): Promise<Readonly<Record<string, unknown>>> {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`It ended with ${child.exitCode}.`);
      return JSON.parse(value);
    },
    go: () => stdin.write("settle\n"),
    async kill() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
    ended: async () => (child.exitCode === null ? await once(child, "exit") : []),
  };
}

/** What the journal of the workspace says of a hold's end. */
async function settlementsOf(url: string, hold: unknown) {
  const events = (
    await callsTo(url, apiKey).get("/v1/workspaces/acme/events?after=0.0&limit=100")
  ).rows();
  return events
    .filter(({ type, subject }) => type === "hold.settled" && subject === hold)
    .map(({ data }) => Object(data))
    .map(({ charged, estimated, response }) => [charged, estimated, response]);
}

const once60 = [["60", true, "chatcmpl-1"]];

async function deliver(url: string, path: string): Promise<void> {
  const next = vendor("deliver", url, path);
  assert.deepEqual(await next.says(), { delivered: true });
  await next.ended();
}

test("a settle is kept while the server is gone, and delivered by the next process after its own was killed", async () => {
  const { url, stop } = await startServer();
  const path = join((await temporaryFolder()).path, "reports.jsonl");
  const first = vendor("spend", url, path);
  const { hold } = await first.says();
  await stop();
  first.go();
  assert.deepEqual(await first.says(), { deferred: true, id: hold });
  await first.kill();
  await startServer(url);
  assert.deepEqual(await settlementsOf(url, hold), []);
  await deliver(url, path);
  assert.deepEqual(await settlementsOf(url, hold), once60);
  await deliver(url, path);
  assert.deepEqual(await settlementsOf(url, hold), once60);
});

/** Passes requests on to the server, and loses the answers of settles. */
async function lossyWay(url: string) {
  const way = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const onward = request(url + (path ?? ""), { method, headers, agent: false }, (answer) => {
      answer.on("end", () => {
        if (path?.endsWith("/settle") === true) incoming.socket.destroy();
      });
      if (path?.endsWith("/settle") === true) answer.resume();
      else answer.pipe(outgoing.writeHead(answer.statusCode ?? 500, answer.headers));
    });
    onward.on("error", () => incoming.socket.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => way.listen(0, "127.0.0.1", resolve));
  const { port }: Pick<AddressInfo, "port"> = Object(way.address());
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.dispose]() {
      way.closeAllConnections();
      way.close();
    },
  };
}

test("a settle that the server carried out, and whose answer was lost, is delivered again without effect", async () => {
  const { url } = await startServer();
  using way = await lossyWay(url);
  const path = join((await temporaryFolder()).path, "reports.jsonl");
  const first = vendor("spend", way.url, path);
  const { hold } = await first.says();
  first.go();
  assert.deepEqual(await first.says(), { deferred: true, id: hold });
  assert.deepEqual(await settlementsOf(url, hold), once60);
  await first.kill();
  await deliver(url, path);
  assert.deepEqual(await settlementsOf(url, hold), once60);
});

test("a process that is killed while it tries again has kept its settle by then", async () => {
  const { url, stop } = await startServer();
  const path = join((await temporaryFolder()).path, "reports.jsonl");
  const first = vendor("spend", url, path, 9);
  const { hold } = await first.says();
  await stop();
  first.go();
  const kept = await eventually(
    () => readFile(path, "utf8"),
    (text) => text.endsWith("\n"),
  );
  assert.match(kept, /settle/u);
  await first.kill();
  await startServer(url);
  await deliver(url, path);
  assert.deepEqual(await settlementsOf(url, hold), once60);
});
