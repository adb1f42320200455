/** Owns the workspaces that the watch over unusual use is measured on: use by member and hour, out of recorded traces or drawn. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Draw } from "./draw.ts";

/** Credits of one member by hour since the beginning, in order. */
export type HourlyUse = ReadonlyMap<number, number>;
/** Members of one workspace. */
export type Workspace = ReadonlyMap<string, HourlyUse>;

/** Workspaces of one origin. */
export interface Population {
  /** The name of its file. */
  readonly name: string;
  readonly workspaces: readonly Workspace[];
}

const folder = fileURLToPath(new URL("../../traces/", import.meta.url));
const hourSeconds = 3_600;
const membersEach = 20;

/** What is measured, in a fixed order. The arena's ten minutes have no days, so that nothing can be usual in them. */
export async function populations(): Promise<readonly Population[]> {
  return [
    await servegen("servegen-m-mid-clients.csv"),
    await nasa("nasa-ipsc-1993-jobs.csv"),
    await azure("azure-llm-2023-code.csv", 21),
    await azure("azure-llm-2023-conv.csv", 22),
  ];
}

/** Five workspaces of twenty clients, two of them among the ten largest. */
async function servegen(name: string): Promise<Population> {
  const clients = new Ledger();
  for (const [client = "", seconds, requests, , input, output] of await rowsOf(name)) {
    const tokens = Number(input || 800) + 4 * Number(output || 250);
    clients.add(client, Number(seconds), (Number(requests) * tokens) / 1_000);
  }
  const bySize = [...clients.members.keys()].toSorted(
    (a, b) => clients.total(b) - clients.total(a),
  );
  const small = new Draw(1).shuffled(bySize.slice(10));
  const workspaces = Array.from({ length: 5 }, (_, index) => [
    ...bySize.slice(2 * index, 2 * index + 2),
    ...small.slice(index * (membersEach - 2), (index + 1) * (membersEach - 2)),
  ]);
  return { name, workspaces: workspaces.map((ids) => clients.workspace(ids)) };
}

/** One workspace of all users; a job is charged in eight instalments at most, while it runs. */
async function nasa(name: string): Promise<Population> {
  const users = new Ledger();
  for (const [seconds, user = "", , runs, processors] of await rowsOf(name)) {
    const nodeMinutes = (Number(runs) * Number(processors)) / 60;
    const instalments = Math.min(8, Math.max(1, Math.ceil(Number(runs) / 600)));
    for (let one = 1; one <= instalments; one += 1)
      users.add(
        user,
        Number(seconds) + (Number(runs) * one) / instalments,
        nodeMinutes / instalments,
      );
  }
  return { name, workspaces: [users.workspace([...users.members.keys()])] };
}

/** An hour without users: its calls, in their order and with their sizes, dealt to twenty members over four weeks of work. */
async function azure(name: string, seed: number): Promise<Population> {
  const sizes = (await rowsOf(name)).map(
    ([, context, generated]) => (Number(context) + 4 * Number(generated)) / 1_000,
  );
  return { name, workspaces: [drawnWorkspace(seed, sizes)] };
}

/**
 * Twenty members over four weeks, by chance alone: some work from time to time, some all day, with sizes a hundred times apart.
 * `sizes` are the calls, which are taken in turns.
 */
export function drawnWorkspace(seed: number, sizes: readonly number[]): Workspace {
  const draw = new Draw(seed);
  const members = new Ledger();
  let next = 0;
  for (let index = 0; index < membersEach; index += 1) {
    const callsAnHour = 1 + 30 * (1 - draw.fraction()) ** 3;
    const daysOfTen = 3 + draw.below(7);
    const hoursADay = 2 + draw.below(7);
    for (let day = 0; day < 28; day += 1) {
      if (day % 7 > 4 || draw.below(10) >= daysOfTen) continue;
      const from = 8 + draw.below(12 - hoursADay);
      const busy = 0.5 + draw.fraction();
      for (let hour = from; hour < from + hoursADay; hour += 1)
        for (let calls = draw.below(2 * callsAnHour * busy); calls >= 0; calls -= 1)
          members.add(
            `m${index}`,
            (day * 24 + hour) * hourSeconds,
            sizes[next++ % sizes.length] ?? 0,
          );
    }
  }
  return members.workspace([...members.members.keys()]);
}

class Ledger {
  readonly members = new Map<string, Map<number, number>>();

  add(member: string, seconds: number, credits: number): void {
    const hours = this.members.get(member) ?? new Map<number, number>();
    const hour = Math.floor(seconds / hourSeconds);
    if (credits > 0) hours.set(hour, (hours.get(hour) ?? 0) + credits);
    this.members.set(member, hours);
  }

  total(member: string): number {
    return [...(this.members.get(member)?.values() ?? [])].reduce((sum, one) => sum + one, 0);
  }

  workspace(ids: readonly string[]): Workspace {
    return new Map(
      ids.map((id) => [
        id,
        new Map([...(this.members.get(id) ?? [])].toSorted(([a], [b]) => a - b)),
      ]),
    );
  }
}

async function rowsOf(name: string): Promise<readonly (readonly string[])[]> {
  const text = await readFile(`${folder}${name}`, "utf8");
  return text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
}
