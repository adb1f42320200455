/** Owns how the traces in `bench/traces` become workloads: what a member, a credit and a period are in each (see README there). */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Chance } from "../../../packages/kernel/test/fairness/chance.ts";
import { type Row, numberIn, readRows } from "./csv.ts";
import { type Request, type Workload, credits, instantIn, workload } from "./workload.ts";

/** Recorded demand: the same policy is judged on several workspaces or periods of it, and the mean counts. */
export interface Trace {
  /** The name of its file. */
  readonly name: string;
  readonly workloads: readonly Workload[];
  /** Whether the bars count it: ten minutes of bursts of seconds do not. */
  readonly isCounted: boolean;
}

/** A request as it was recorded: who, how much in credits, when in the trace's own time. */
interface Recorded {
  readonly member: string;
  readonly credits: number;
  readonly at: number;
}

const folder = fileURLToPath(new URL("../../traces/", import.meta.url));

/** The traces of the repository, in the order in which they are told. */
export const traceFiles = [
  "servegen-m-mid-clients.csv",
  "nasa-ipsc-1993-jobs.csv",
  "azure-llm-2023-code.csv",
  "azure-llm-2023-conv.csv",
  "vtc-arena-27clients.csv",
] as const;

/** All of them. */
export async function repositoryTraces(): Promise<readonly Trace[]> {
  const [mid, jobs, code, conv, clients] = traceFiles;
  return [
    await servegen(mid),
    await nasa(jobs),
    await azure(code),
    await azure(conv),
    await arena(clients),
  ];
}

const read = (name: string): Promise<string> => readFile(`${folder}${name}`, "utf8");

const day = 24 * 60 * 60;
const hour = 60 * 60;

/** Workspaces of twenty clients, one to three of them among the twenty largest; the credits of an hour come in four holds at most. */
async function servegen(file: string): Promise<Trace> {
  const rows = readRows(await read(file), file, ["client", "t_s", "requests"]);
  const chance = new Chance(11);
  const byClient = Map.groupBy(
    rows.flatMap((row, index) => hourOf(row, { file, index, chance })),
    ({ member }) => member,
  );
  const total = (client: string): number =>
    (byClient.get(client) ?? []).reduce((sum, one) => sum + one.credits, 0);
  const bySize = [...byClient.keys()].toSorted((a, b) => total(b) - total(a));
  const [large, small] = [bySize.slice(0, 20), bySize.slice(20)];
  const workloads = Array.from({ length: 6 }, (_, index) => {
    const heavy = 1 + (index % 3);
    const clients = [
      ...chance.shuffled(large).slice(0, heavy),
      ...chance.shuffled(small).slice(0, 20 - heavy),
    ];
    const recorded = clients.flatMap((client) => byClient.get(client) ?? []);
    return laidOver(`${file} ${index}`, recorded, {
      from: 0,
      length: 14 * day,
      everybody: clients,
    });
  });
  return { name: file, workloads, isCounted: true };
}

function hourOf(
  row: Row,
  { file, index, chance }: { file: string; index: number; chance: Chance },
): Recorded[] {
  const at = numberIn(row, "t_s", { file, index });
  const requests = numberIn(row, "requests", { file, index });
  const input = Number(row["mean_input_tokens"] || 800);
  const output = Number(row["mean_output_tokens"] || 250);
  const holds = Math.max(1, Math.min(4, Math.round(requests)));
  return Array.from({ length: holds }, () => ({
    member: row["client"] ?? "",
    credits: (requests * (input + 4 * output)) / 1_000 / holds,
    at: at + chance.fraction() * hour,
  }));
}

/** One workspace of all users, three periods of thirty days; a job is charged in eight instalments at most while it runs. */
async function nasa(file: string): Promise<Trace> {
  const rows = readRows(await read(file), file, ["t_s", "user", "run_s", "procs"]);
  const recorded = rows.flatMap((row, index) => {
    const at = numberIn(row, "t_s", { file, index });
    const runs = numberIn(row, "run_s", { file, index });
    const minutes = (runs * numberIn(row, "procs", { file, index })) / 60;
    const instalments = Math.max(1, Math.min(8, Math.floor(runs / 60)));
    return Array.from({ length: instalments }, (_, one) => ({
      member: row["user"] ?? "",
      credits: minutes / instalments,
      at: at + (one * runs) / instalments,
    }));
  });
  const everybody = [...new Set(recorded.map(({ member }) => member))];
  const workloads = [0, 1, 2].map((index) =>
    laidOver(`${file} ${index}`, recorded, { from: index * 30 * day, length: 30 * day, everybody }),
  );
  return { name: file, workloads, isCounted: true };
}

/** Calls of nobody in particular, dealt to twenty members by a draw with a heavy tail; four draws. */
async function azure(file: string): Promise<Trace> {
  const rows = readRows(await read(file), file, ["TIMESTAMP", "ContextTokens", "GeneratedTokens"]);
  const calls = rows.map((row, index) => ({
    // Fractions of a second have seven digits there.
    at: Date.parse(`${(row["TIMESTAMP"] ?? "").slice(0, 23).replace(" ", "T")}Z`) / 1_000,
    credits:
      (numberIn(row, "ContextTokens", { file, index }) +
        4 * numberIn(row, "GeneratedTokens", { file, index })) /
      1_000,
  }));
  const everybody = Array.from({ length: 20 }, (_, index) => `m${index}`);
  const from = Math.min(...calls.map(({ at }) => at));
  const workloads = [0, 1, 2, 3].map((index) => {
    const deal = heavyTailed(new Chance(100 + index), everybody);
    const recorded = calls.map((call) => ({ ...call, member: deal() }));
    return laidOver(`${file} ${index}`, recorded, { from, length: hour, everybody });
  });
  return { name: file, workloads, isCounted: true };
}

/** Draws a member by weights of a Pareto law of index 1.1: a few get most. */
function heavyTailed(chance: Chance, everybody: readonly string[]): () => string {
  const weights = everybody.map(() => (1 - chance.fraction()) ** (-1 / 1.1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return () => {
    let left = chance.fraction() * total;
    const index = weights.findIndex((weight) => (left -= weight) < 0);
    return everybody.at(index) ?? "";
  };
}

async function arena(file: string): Promise<Trace> {
  const rows = readRows(await read(file), file, ["t_s", "client", "prompt_len", "output_len"]);
  const recorded = rows.map((row, index) => ({
    member: row["client"] ?? "",
    credits:
      (numberIn(row, "prompt_len", { file, index }) +
        2 * numberIn(row, "output_len", { file, index })) /
      10,
    at: numberIn(row, "t_s", { file, index }),
  }));
  const everybody = [...new Set(recorded.map(({ member }) => member))];
  const workloads = [laidOver(file, recorded, { from: 0, length: 600, everybody })];
  return { name: file, workloads, isCounted: false };
}

/** What was recorded within an interval, laid over a whole period. Requests of less than a micro-credit are left out. */
export function laidOver(
  name: string,
  recorded: readonly Recorded[],
  { from, length, everybody }: { from: number; length: number; everybody: readonly string[] },
): Workload {
  const numbers = new Map(everybody.map((member, index) => [member, index]));
  const requests = recorded.flatMap((one): Request[] => {
    const member = numbers.get(one.member);
    const amount = credits(one.credits);
    const fraction = (one.at - from) / length;
    if (member === undefined || amount <= 0n || fraction < 0 || fraction > 1) return [];
    return [{ member, credits: amount, atMs: instantIn(fraction) }];
  });
  return workload(name, everybody.length, requests);
}
