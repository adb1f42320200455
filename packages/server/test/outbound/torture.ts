/**
 * Receivers that are slow, dead, silent, flapping and lying, on two nodes of which one is killed in the middle: what each of them has in the end,
 * beside what the journals have.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readSettings, serve } from "../../src/index.ts";
import { type ApiServer, callsTo } from "../api/api-server.ts";
import { type Answering, type Receiver, receiver, takes } from "./receivers.ts";
import { torturePace } from "./torture-pace.ts";

/** How much. */
export interface TortureSize {
  readonly workspaces: number;
  /** In each, its creation included. */
  readonly events: number;
}

/** One receiver in the end. */
export interface Told {
  readonly receiver: string;
  /** Requests, repetitions included. */
  readonly received: number;
  /** Different events that it stored, and how many there were for it. */
  readonly stored: number;
  readonly expected: number;
  readonly isInOrder: boolean;
  /** Requests whose signature did not verify, and ids that no journal has. */
  readonly unsigned: number;
  readonly strangers: number;
}

/** What the run came to. */
export interface Tortured {
  readonly rows: readonly Told[];
  /** What the dead and the silent one had at the moment when the healthy one had all. */
  readonly whenHealthyHadAll: { readonly dead: number; readonly silent: number };
  /** Events that had been sent when the node was killed. */
  readonly killedAt: number;
  readonly events: number;
}

const adminKey = "cst_admin_of_the_torture";

/** Runs it. */
export async function torture(databaseUrl: string, size: TortureSize): Promise<Tortured> {
  const env = {
    PORT: "0",
    DATABASE_URL: databaseUrl,
    CISTERN_API_KEY: adminKey,
    CISTERN_LOG: "silent",
    CISTERN_WEBHOOKS_ALLOW_LOOPBACK: "1",
  };
  const staying = await serve(readSettings(env), { outbound: torturePace });
  const [victim, victimUrl] = await startVictim(env);
  try {
    const nodes = [callsTo(staying.url, adminKey), callsTo(victimUrl, adminKey)];
    return await run(nodes, victim, size);
  } finally {
    victim.kill("SIGKILL");
    await staying.stop();
  }
}

type Api = Omit<ApiServer, "server">;

async function run(
  [staying, dying]: readonly Api[],
  victim: ChildProcess,
  { workspaces, events }: TortureSize,
): Promise<Tortured> {
  assert.ok(staying !== undefined && dying !== undefined);
  const names = Array.from({ length: workspaces }, (_, n) => `team-${n}`);
  const some = names.slice(0, Math.ceil(workspaces / 10));
  const receivers = await setUp(staying, some);
  const { healthy, dead, silent, forgetful } = receivers;
  const begun = new Date().toISOString();
  const all = workspaces * events;
  const writing = write({ staying, dying, names, events });
  await until(() => healthy.stored.length >= all * 0.3);
  const killedAt = healthy.stored.length;
  writing.kill();
  victim.kill("SIGKILL");
  await writing.done;
  await until(() => count(healthy, names) >= all);
  const whenHealthyHadAll = { dead: dead.stored.length, silent: silent.stored.length };
  await until(() => forgetful.received.length >= some.length * events);
  // It says 200 and stores nothing: that is its loss, until it asks for all again.
  assert.equal(forgetful.stored.length, 0);
  remembers.add(forgetful.url);
  await staying.post("/v1/webhooks/forgetful/replay", { since: begun });
  const journals = await readJournals(staying, names);
  const rows: Told[] = [];
  for (const [name, one] of Object.entries(receivers)) {
    const listens = name === "forgetful" ? some : names;
    const expected = isNever.has(name) ? 0 : listens.length * events;
    await until(() => count(one, listens) >= expected);
    rows.push(tell(name, one, { listens, expected, journals }));
  }
  return { rows, whenHealthyHadAll, killedAt, events: all };
}

/** Those that take nothing, whatever happens. */
const isNever = new Set(["dead", "silent"]);
/** Receivers that have begun to store. */
const remembers = new Set<string>();

async function setUp(api: Api, some: readonly string[]) {
  const secrets = new Map<string, string>();
  const endpoint = async (name: string, answering: Answering, body: object = {}) => {
    const one = await receiver(answering, () => [secrets.get(name) ?? ""]);
    const made = await api.put(`/v1/webhooks/${name}`, { url: one.url, ...body });
    assert.equal(made.status, 201, made.text);
    secrets.set(name, made.textAt("secret"));
    return one;
  };
  let asked = 0;
  let answered = 0;
  const receivers = {
    healthy: await endpoint("healthy", takes),
    slow: await endpoint("slow", async (one, answer) => {
      await wait(5);
      await takes(one, answer);
    }),
    // Down for a while, again and again.
    flapping: await endpoint("flapping", (one, answer) => {
      asked += 1;
      if (asked % 60 < 20) answer.response.writeHead(503).end();
      else void takes(one, answer);
    }),
    // It says 200, then drops the connection before the answer is whole: now it has stored, now it has not.
    dropping: await endpoint("dropping", (one, answer) => {
      answered += 1;
      if (answered % 5 !== 1) answer.stored();
      if (answered % 5 > 1) return void answer.response.writeHead(204).end();
      answer.response.writeHead(200, { "content-length": "10" });
      answer.response.write("so", () => answer.response.destroy());
    }),
    silent: await endpoint("silent", () => {}),
    forgetful: await endpoint(
      "forgetful",
      (one, answer) => {
        if (remembers.has(receivers.forgetful.url)) void takes(one, answer);
        else answer.response.writeHead(200).end();
      },
      { workspaces: some },
    ),
  };
  const dead = await receiver(takes);
  await dead.close();
  const made = await api.put("/v1/webhooks/dead", { url: dead.url });
  assert.equal(made.status, 201, made.text);
  return { ...receivers, dead };
}

/** Makes events through both nodes; through the one that stays alone once the other is to be killed. */
function write({
  staying,
  dying,
  names,
  events,
}: {
  readonly staying: Api;
  readonly dying: Api;
  readonly names: readonly string[];
  readonly events: number;
}) {
  let isOne = false;
  const send = async (operations: readonly object[], n: number): Promise<void> => {
    const nodes = isOne || n % 2 === 0 ? [staying] : [dying, staying];
    for (const [tried, api] of nodes.entries())
      try {
        await sendAll(api, operations);
        return;
      } catch (error) {
        // It was killed: the other one is asked the same, under the same keys.
        if (tried === nodes.length - 1) throw error;
      }
  };
  const work = async (): Promise<void> => {
    const created = names.map((id) => ({
      method: "POST",
      path: "/v1/workspaces",
      idempotencyKey: `create-${id}`,
      body: { id },
    }));
    await send(created, 0);
    for (let n = 1; n < events; n += granted) {
      const operations = names.flatMap((id) =>
        Array.from({ length: Math.min(granted, events - n) }, (_, i) => ({
          method: "POST",
          path: `/v1/workspaces/${id}/grants`,
          idempotencyKey: `grant-${id}-${n + i}`,
          body: { credits: "1", source: "purchase" },
        })),
      );
      for (let from = 0; from < operations.length; from += 250)
        await send(operations.slice(from, from + 250), n + from / 250);
    }
  };
  return {
    kill: () => {
      isOne = true;
    },
    done: work(),
  };
}

/** Again under the same keys, while the node has too much to do. */
async function sendAll(api: Api, operations: readonly object[]): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const { status, text } = await api.post("/v1/batch", { operations });
    if (status === 200 && !/"status":[45]/.test(text)) return;
    if (/"status":4/.test(text)) throw new Error(text.slice(0, 500));
    await wait(100);
  }
  throw new Error("The node had too much to do for too long.");
}

/** Events of a workspace that are made in a row. */
const granted = 5;

async function readJournals(
  api: Api,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const journals = new Map<string, readonly string[]>();
  for (const name of names) {
    const ids: string[] = [];
    for (let after = "0.0"; ;) {
      const page = await api.get(`/v1/workspaces/${name}/events?after=${after}&limit=100`);
      if (page.rows().length === 0) break;
      ids.push(...page.rows().map((event) => String(event["id"])));
      after = page.textAt("next");
    }
    journals.set(name, ids);
  }
  return journals;
}

const count = (one: Receiver, names: readonly string[]): number =>
  names.reduce((sum, name) => sum + one.storedOnce(name).length, 0);

function tell(
  name: string,
  one: Receiver,
  {
    listens,
    expected,
    journals,
  }: {
    readonly listens: readonly string[];
    readonly expected: number;
    readonly journals: ReadonlyMap<string, readonly string[]>;
  },
): Told {
  const known = new Set(listens.flatMap((workspace) => journals.get(workspace) ?? []));
  const isInOrder = listens.every((workspace) => {
    const stored = one.storedOnce(workspace);
    return (journals.get(workspace) ?? [])
      .slice(0, stored.length)
      .every((id, index) => id === stored[index]);
  });
  return {
    receiver: name,
    received: one.received.length,
    stored: count(one, listens),
    expected,
    isInOrder,
    unsigned: one.unsigned(),
    strangers: one.received.filter(({ id }) => !known.has(id)).length,
  };
}

async function startVictim(
  env: Readonly<Record<string, string>>,
): Promise<readonly [ChildProcess, string]> {
  const path = fileURLToPath(new URL("delivering-node.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=cistern-source", path], {
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const [url] = await once(lines, "line");
  return [child, String(url)];
}

/** As long as it takes, but not for ever: what is missing is told by the caller's own assertion. */
async function until(isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + 300_000; Date.now() < end && !isSo();) await wait(20);
}
