import { Samples, percentile } from "../load/samples.ts";
import { type Answer, Connection } from "./connection.ts";
import {
  type Group,
  type Job,
  type JobResult,
  type RequestKind,
  operationsPerBatch,
} from "./job.ts";
import { Requests } from "./requests.ts";

const idStart = '"id":"';
const kinds: readonly RequestKind[] = ["hold", "settle", "batch", "balance"];

/**
 * Runs every group of the job at once. A caller sends its next request when the last is answered, and finishes a pair that it
 * has begun. An answer other than 2xx ends the job: whoever is refused does less work, and would look fast.
 */
export async function runJob(job: Job): Promise<JobResult> {
  const tally = new Tally();
  const callers = job.groups.flatMap((group, groupIndex) =>
    Array.from({ length: group.callers }, (_, index) => ({
      group,
      index,
      name: `${groupIndex}-${index}`,
    })),
  );
  const connections = await Promise.all(callers.map(() => Connection.open(job.host, job.port)));
  const cpuBefore = process.cpuUsage();
  const begun = performance.now();
  const end = begun + job.durationMs;
  try {
    await Promise.all(
      callers.map(({ group, index, name }, place) => {
        const workspaceId = group.workspaceIds[index % group.workspaceIds.length];
        const connection = connections[place];
        if (workspaceId === undefined || connection === undefined)
          throw new Error("A caller has no workspace");
        const requests = new Requests(job, { ...group, name, index, workspaceId });
        return works[group.work]({ connection, requests, tally, end });
      }),
    );
  } finally {
    for (const connection of connections) connection.close();
  }
  const elapsedMs = performance.now() - begun;
  const cpu = process.cpuUsage(cpuBefore);
  return { elapsedMs, cpuMs: (cpu.user + cpu.system) / 1000, ...tally.result() };
}

interface Caller {
  readonly connection: Connection;
  readonly requests: Requests;
  readonly tally: Tally;
  readonly end: number;
}

const works: Readonly<Record<Group["work"], (caller: Caller) => Promise<void>>> = {
  pairs: spendPairs,
  batches: spendBatches,
  balances: readBalances,
};

async function spendPairs({ connection, requests, tally, end }: Caller): Promise<void> {
  let before = performance.now();
  for (let turn = 0; before < end; turn += 1) {
    const hold = await connection.send(requests.hold(turn));
    const between = performance.now();
    const settled = await connection.send(requests.settle(onlyId(accepted(hold))));
    accepted(settled);
    const after = performance.now();
    tally.add("hold", between - before);
    tally.add("settle", after - between);
    tally.pairs += 1;
    before = after;
  }
}

async function spendBatches({ connection, requests, tally, end }: Caller): Promise<void> {
  let before = performance.now();
  for (let turn = 0; before < end; turn += 1) {
    const holds = allAccepted(accepted(await connection.send(requests.batchOfHolds(turn))));
    const between = performance.now();
    allAccepted(accepted(await connection.send(requests.batchOfSettles(holds))));
    const after = performance.now();
    tally.add("batch", between - before);
    tally.add("batch", after - between);
    tally.pairs += operationsPerBatch;
    before = after;
  }
}

async function readBalances({ connection, requests, tally, end }: Caller): Promise<void> {
  let before = performance.now();
  while (before < end) {
    accepted(await connection.send(requests.balance));
    const after = performance.now();
    tally.add("balance", after - before);
    before = after;
  }
}

function accepted(answer: Answer): string {
  if (answer.status >= 200 && answer.status < 300) return answer.body;
  throw new Error(`The server answered ${answer.status}: ${answer.body.slice(0, 500)}`);
}

/** The first id of a body, without parsing it all: the generator should cost as little as it can. */
function onlyId(body: string): string {
  const start = body.indexOf(idStart) + idStart.length;
  const end = body.indexOf('"', start);
  if (start < idStart.length || end < 0)
    throw new Error(`An answer without an id: ${body.slice(0, 500)}`);
  return body.slice(start, end);
}

/** The id in each result of a batch's answer; throws when one was refused. */
function allAccepted(body: string): readonly string[] {
  const answer: { results: readonly { status: number; body: { id: string } }[] } = JSON.parse(body);
  const refused = answer.results.find((result) => result.status < 200 || result.status >= 300);
  if (refused !== undefined)
    throw new Error(`An operation was refused: ${JSON.stringify(refused)}`);
  if (answer.results.length !== operationsPerBatch) throw new Error("A batch lost operations");
  return answer.results.map((result) => result.body.id);
}

class Tally {
  pairs = 0;
  readonly #samples = new Map(kinds.map((kind) => [kind, new Samples()]));

  add(kind: RequestKind, latencyMs: number): void {
    this.#samples.get(kind)?.add(latencyMs);
  }

  result(): Pick<JobResult, "pairs" | "latencies"> {
    const latencies = [...this.#samples].map(([request, samples]) => {
      const values = samples.values();
      const p50Ms = percentile(values, 0.5);
      return { request, count: values.length, p50Ms, p99Ms: percentile(values, 0.99) };
    });
    return { pairs: this.pairs, latencies: latencies.filter(({ count }) => count > 0) };
  }
}
