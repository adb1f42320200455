import { Books } from "../cistern/books.ts";
import { plannedBooks, plannedCard, preparePlanned, putPlanInForce } from "../cistern/planned.ts";
import { prepareWorkspace } from "../cistern/workspace.ts";
import { startNode } from "../cistern/node.ts";
import { Generator } from "../http/generator.ts";
import { type Group, type JobResult, type RequestKind, emptyResource } from "../http/job.ts";
import { ServerProcess } from "../http/server.ts";
import { medianRatio } from "../load/contest.ts";
import { median } from "../load/samples.ts";
import { callersAtOnce } from "../load/spender.ts";
import { type Bench, type Figures, type Measurement, VoidRunError } from "./measurement.ts";
import { sharedSize } from "./fair-pool.ts";

const workspaceIds = ["acme"];
const holds = {
  work: "pairs",
  callers: callersAtOnce,
  workspaceIds,
  asks: "credits",
  resource: "holds",
} as const;
const sharedHolds = { ...holds, workspaceIds: ["shared"], members: sharedSize.members } as const;
const plannedHolds = { ...holds, workspaceIds: ["planned"], asks: "usage" } as const;
const balanceReaders = 16;
const batchCallers = 8;

/** What takes turns on one server; whoever spends leaves its pairs in the books. */
const contestants = {
  hold: [holds],
  empty_route: [{ ...holds, resource: emptyResource }],
  shared_hold: [sharedHolds],
  planned_hold: [plannedHolds],
  planned_empty_route: [{ ...plannedHolds, resource: emptyResource }],
  batch50: [{ ...holds, work: "batches", callers: batchCallers }],
  balance: [
    { ...holds, callers: callersAtOnce - balanceReaders },
    { ...holds, work: "balances", callers: balanceReaders },
  ],
} as const satisfies Readonly<Record<string, readonly Group[]>>;

type Name = keyof typeof contestants;
const names = [
  "hold",
  "empty_route",
  "shared_hold",
  "planned_hold",
  "planned_empty_route",
  "batch50",
  "balance",
] as const satisfies readonly Name[];

/** Whose pairs stand in the books of which workspace; an empty route leaves none. */
const booksOf = {
  hold: "acme",
  batch50: "acme",
  balance: "acme",
  shared_hold: "shared",
  planned_hold: "planned",
  empty_route: undefined,
  planned_empty_route: undefined,
} as const satisfies Readonly<Record<Name, string | undefined>>;

/** A run of the generator, and what it took of the server's CPU. */
interface Run extends JobResult {
  readonly serverCpuMs: number;
}

/** Single operations, batches and reads over HTTP; server and generator in processes of their own. */
export const http: Measurement = {
  name: "http",
  about: `authorize + settle pairs on one pool over HTTP, ${callersAtOnce} callers`,
  async run(bench) {
    const database = await bench.postgres.createDatabase("http");
    // Only prepares and checks the books; all that is measured the server does.
    const node = await startNode(database, { rateCard: plannedCard });
    bench.closing.defer(() => node.close());
    await putPlanInForce(node);
    await prepareWorkspace(node, "acme");
    await prepareWorkspace(node, "shared", sharedSize);
    await preparePlanned(node, "planned");
    const books = {
      acme: new Books(node, workspaceIds),
      shared: new Books(node, ["shared"]),
      planned: new Books(node, ["planned"], plannedBooks),
    };
    const server = await ServerProcess.start(database);
    bench.closing.defer(() => server.stop());
    const generator = new Generator();
    bench.closing.defer(() => generator.stop());
    const runs = await rounds(bench, { server, generator, books });
    const faults: string[] = [];
    for (const one of Object.values(books)) faults.push(...(await one.audit()));
    if (faults.length > 0) throw new VoidRunError("http", faults);
    return figures(runs);
  },
};

async function rounds(
  { pace, say }: Bench,
  {
    server,
    generator,
    books,
  }: {
    server: ServerProcess;
    generator: Generator;
    books: Readonly<Record<"acme" | "shared" | "planned", Books>>;
  },
): Promise<Readonly<Record<Name, readonly Run[]>>> {
  const runs: Record<Name, Run[]> = {
    hold: [],
    empty_route: [],
    shared_hold: [],
    planned_hold: [],
    planned_empty_route: [],
    batch50: [],
    balance: [],
  };
  const { host, port, apiKey } = server;
  const pairs = { acme: 0, shared: 0, planned: 0 };
  const runOnce = async (name: Name, run: string, durationMs: number): Promise<Run> => {
    const job = { host, port, apiKey, durationMs, run, groups: contestants[name] };
    await server.cpuMs();
    const result = await generator.run(job);
    const serverCpuMs = await server.cpuMs();
    const workspace = booksOf[name];
    if (workspace !== undefined) {
      pairs[workspace] += result.pairs;
      const faults = await books[workspace].faults(pairs[workspace]);
      if (faults.length > 0) throw new VoidRunError(`http.${name}`, faults);
    }
    return { ...result, serverCpuMs };
  };
  for (const name of names) await runOnce(name, `${name}-warm`, pace.warmUpMs);
  for (let round = 0; round < pace.rounds; round += 1) {
    const first = round % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)])
      runs[name].push(await runOnce(name, `${name}-${round}`, pace.measureMs));
    const rates = names.map((name) => `${name} ${told(runs[name])}`);
    say(`round ${round + 1}/${pace.rounds}, operations/s: ${rates.join(", ")}`);
  }
  return runs;
}

function told(runs: readonly Run[]): string {
  return (
    runs.slice(-1).map((run) => Math.round(operationsPerSecond(run)).toLocaleString("en"))[0] ?? ""
  );
}

/** Requests that were answered; of batches the operations in them, two a pair. */
function operations({ pairs, latencies }: Run): number {
  const reads = latencies.find(({ request }) => request === "balance")?.count ?? 0;
  return 2 * pairs + reads;
}

function operationsPerSecond(run: Run): number {
  return (operations(run) * 1000) / run.elapsedMs;
}

function figures(runs: Readonly<Record<Name, readonly Run[]>>): Figures {
  const found: Record<string, number> = {};
  const rates = (name: Name) => runs[name].map(operationsPerSecond);
  const cpuUs = (name: Name, ms: (run: Run) => number) =>
    median(runs[name].map((run) => (ms(run) * 1000) / operations(run)));
  const latencies = (name: Name, request: RequestKind, which: "p50Ms" | "p99Ms") =>
    runs[name].map(
      (run) => run.latencies.find((one) => one.request === request)?.[which] ?? Number.NaN,
    );
  const latency = (...args: Parameters<typeof latencies>) => median(latencies(...args));
  found["http.hold.vs_empty_route"] = medianRatio(rates("hold"), rates("empty_route"));
  found["http.shared_hold.vs_empty_route"] = medianRatio(
    rates("shared_hold"),
    rates("empty_route"),
  );
  found["http.planned_hold.vs_empty_route"] = medianRatio(
    rates("planned_hold"),
    rates("planned_empty_route"),
  );
  for (const name of names) {
    found[`http.${name}.ops_per_s`] = median(rates(name));
    found[`http.${name}.server_cpu_us`] = cpuUs(name, (run) => run.serverCpuMs);
    found[`http.${name}.generator_cpu_us`] = cpuUs(name, (run) => run.cpuMs);
  }
  for (const name of ["hold", "empty_route"] as const) {
    found[`http.${name}.p50_ms`] = latency(name, "hold", "p50Ms");
    found[`http.${name}.p99_ms`] = latency(name, "hold", "p99Ms");
  }
  found["http.hold.p99_vs_empty_route"] = medianRatio(
    latencies("hold", "hold", "p99Ms"),
    latencies("empty_route", "hold", "p99Ms"),
  );
  found["http.hold.settle_p99_ms"] = latency("hold", "settle", "p99Ms");
  found["http.batch50.p99_ms"] = latency("batch50", "batch", "p99Ms");
  found["http.balance.p99_ms"] = latency("balance", "balance", "p99Ms");
  return found;
}
