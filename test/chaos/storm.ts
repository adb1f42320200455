/**
 * Owns the course of a storm: two nodes on one PostgreSQL, callers at both, faults one after the other, then calm, and the
 * history that the judge reads. What it started it ends, however it ends.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Balance } from "@cistern/contract";
import { temporaryFolder } from "../../packages/server/test/temporary-folder.ts";
import { Chance } from "./chance.ts";
import { type Fault, type Weather, planFaults, strike } from "./faults.ts";
import type { Alarm, History, LastWord } from "./history/history.ts";
import { Log } from "./history/log.ts";
import { readDatabase } from "./history/read-database.ts";
import { Crowd } from "./load/crowd.ts";
import { type House, houses } from "./load/house.ts";
import type { Operation } from "./load/operation.ts";
import { type CisternNode, createNode } from "./processes/cistern-node.ts";
import type { OwnDatabase } from "./processes/own-database.ts";

/** What storm to make. */
export interface StormOptions extends Weather {
  readonly seed: number;
  readonly databaseUrl: string;
  /** Where PostgreSQL is to be struck too. */
  readonly database?: Pick<OwnDatabase, "crash">;
  /** It lasts until so many different operations are acknowledged, and until all faults have struck. */
  readonly operationsMin: number;
  /** Callers per share of a house; there are eight shares. */
  readonly callersPerShare: number;
  readonly onProgress?: (progress: Progress) => void;
}

/** How far it is. */
export interface Progress {
  readonly acknowledged: number;
  readonly faults: number;
  readonly now: string;
}

/** A storm that has passed. */
export interface Storm {
  readonly history: History;
  readonly faults: readonly Fault[];
  /** When each struck, on the clock of the log. */
  readonly struckAt: readonly number[];
  /** The longest time in which nobody heard an acknowledgement while that kind of fault struck, in milliseconds. */
  readonly silenceMs: Readonly<Record<string, number>>;
  readonly seconds: number;
}

const apiKey = "storm-key-of-the-callers";
/** Between two faults; the load goes on. */
const calmMs = [500, 1_500] as const;
/** After the last fault: longer than a node lets a request wait, so that nothing is on its way any more. */
const settleMs = 2_500;
const patienceMs = 60_000;
const progressMs = 250;

/** Makes a storm. */
export async function makeStorm(options: StormOptions): Promise<Storm> {
  const folder = await temporaryFolder();
  const order = { databaseUrl: options.databaseUrl, apiKey, folder: folder.path };
  const nodes: [CisternNode, CisternNode] = [
    await createNode({ ...order, name: "north" }),
    await createNode({ ...order, name: "south" }),
  ];
  try {
    await Promise.all(nodes.map((node) => node.start()));
    const passed = await rage(options, nodes, folder.path);
    for (const node of nodes) await node.stop();
    return passed;
  } catch (error) {
    const tails = await Promise.all(
      nodes.map(async (node) => `--- ${node.name}:\n${await node.logTail()}`),
    );
    throw new Error(`The storm of seed ${options.seed} broke off.\n${tails.join("\n")}`, {
      cause: error,
    });
  } finally {
    await Promise.allSettled(nodes.map((node) => node.stop()));
    await folder.remove();
  }
}

async function rage(
  options: StormOptions,
  nodes: readonly [CisternNode, CisternNode],
  folder: string,
): Promise<Storm> {
  const startedAt = performance.now();
  const chance = new Chance(options.seed);
  const log = new Log();
  const faults = planFaults(chance.fork(), options);
  const crowd = new Crowd({ ...options, nodes, apiKey, log, chance: chance.fork() });
  const over = new AbortController();
  try {
    await crowd.setUp(performance.now() + patienceMs);
    crowd.startFollowing();
    const spending = crowd.spend();
    const silenceMs: Record<string, number> = {};
    const struckAt: number[] = [];
    await Promise.race([
      weather(options, {
        nodes,
        log,
        crowd,
        faults,
        struckAt,
        silenceMs,
        chance: chance.fork(),
        signal: over.signal,
      }),
      // A caller that meets what no storm explains ends it.
      spending.then(() => Promise.reject(new Error("The callers stopped by themselves."))),
    ]);
    tell(options, log, faults.length, "calm");
    crowd.endAt(performance.now(), performance.now() + patienceMs);
    await spending;
    await wait(settleMs);
    await crowd.settleDoubts(doubtful(log), performance.now() + patienceMs);
    const lastWords = await Promise.all(houses.map((house) => lastWordOf(house, crowd)));
    tell(options, log, faults.length, "judging");
    const feeds = await crowd.finishFollowing();
    const alarms = await Promise.all(nodes.map(alarmsOf));
    const { attempts, readings, refusedReadings } = log;
    const found = await readDatabase(options.databaseUrl, folder);
    const history = {
      attempts,
      readings,
      refusedReadings,
      lastWords,
      feeds,
      alarms: alarms.flat(),
      ...found,
    };
    const seconds = (performance.now() - startedAt) / 1_000;
    return { history, faults, struckAt, silenceMs, seconds };
  } finally {
    over.abort();
    await crowd.close();
  }
}

async function alarmsOf(node: CisternNode): Promise<readonly Alarm[]> {
  return (await node.alarms()).map((line) => ({ node: node.name, line }));
}

interface Sky {
  readonly nodes: readonly [CisternNode, CisternNode];
  readonly log: Log;
  readonly crowd: Crowd;
  readonly faults: readonly Fault[];
  readonly struckAt: number[];
  readonly silenceMs: Record<string, number>;
  readonly chance: Chance;
  /** Ends the waiting for callers who have stopped. */
  readonly signal: AbortSignal;
}

/** Strikes one fault after the other, then waits for what is missing of the operations. */
async function weather(
  options: StormOptions,
  { nodes, log, crowd, faults, struckAt, silenceMs, chance, signal }: Sky,
): Promise<void> {
  const pause = (ms: number) => wait(ms, undefined, { signal });
  const acknowledged = async (operations: number, faultsStruck: number): Promise<void> => {
    while (log.acknowledged < operations) {
      tell(options, log, faultsStruck, "calm");
      await pause(progressMs);
    }
  };
  const share = options.operationsMin / (faults.length + 1);
  for (const [index, fault] of faults.entries()) {
    await pause(chance.between(...calmMs));
    await acknowledged(share * (index + 1), index);
    tell(options, log, index, fault.kind);
    // A blow that lands while nobody waits proves nothing.
    while (!log.hasUsageUnderWay) await pause(1);
    const from = log.attempts.length;
    const fromMs = performance.now();
    struckAt.push(fromMs);
    await strike(fault, {
      nodes,
      database: options.database,
      onWoken: (node) => crowd.probe(node),
    });
    const silence = longestSilence(log, from, fromMs);
    silenceMs[fault.kind] = Math.max(silenceMs[fault.kind] ?? 0, silence);
  }
  await acknowledged(options.operationsMin, faults.length);
  await pause(calmMs[1]);
}

function longestSilence(log: Log, from: number, fromMs: number): number {
  let last = fromMs;
  let longest = 0;
  for (const { outcome, answeredAt } of log.attempts.slice(from))
    if (outcome.kind === "acknowledged") {
      longest = Math.max(longest, answeredAt - last);
      last = answeredAt;
    }
  return Math.round(Math.max(longest, performance.now() - last));
}

/**
 * Operations of which nobody knows the end: a call may have had its effect unheard. A client would ask again, and so do we;
 * then each is either acknowledged or has no effect.
 */
function doubtful(log: Log): Operation[] {
  const decided = new Set<Operation>();
  const doubted = new Set<Operation>();
  for (const { operation, outcome, isClean } of log.attempts) {
    if (outcome.kind === "acknowledged") decided.add(operation);
    else if (outcome.kind === "unanswered" || !isClean) doubted.add(operation);
  }
  return [...doubted].filter((operation) => !decided.has(operation));
}

/** Both nodes' balance, once they stand on the same event: a hold may still expire in between. */
async function lastWordOf({ id }: House, crowd: Crowd): Promise<LastWord> {
  for (let turn = 0; ; turn += 1) {
    const balances: { node: string; balance: Balance }[] = [];
    for (const { node, cistern } of crowd.patientDoors)
      balances.push({ node: node.name, balance: await cistern.workspace(id).balance() });
    const places = new Set(balances.map(({ balance: { at } }) => `${at.seq}.${at.index}`));
    if (places.size === 1 || turn === 5) return { workspace: id, balances };
  }
}

function tell(options: StormOptions, log: Log, faults: number, now: string): void {
  options.onProgress?.({ acknowledged: log.acknowledged, faults, now });
}
