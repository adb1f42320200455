import { instant } from "@cistern/kernel";
import { Books } from "../cistern/books.ts";
import { EngineSpender } from "../cistern/engine-spender.ts";
import { JournalBuilder, writeJournals } from "../cistern/journal-builder.ts";
import { type Node, startNode } from "../cistern/node.ts";
import { workspaceCommands } from "../cistern/workspace.ts";
import { medianRatio } from "../load/contest.ts";
import { Samples, mean, median } from "../load/samples.ts";
import { callersAtOnce, memberName } from "../load/spender.ts";
import { type Bench, type Measurement, VoidRunError } from "./measurement.ts";

const manyFull = 1_000_000;
const few = 1_000;
/** Workspaces that each round meets for the first time, and how many of them only warm up. */
const metPerRound = few;
const warmUp = 100;
/** Fewer than either database has. */
const workspacesCachedMax = 256;

/** First holds of workspaces that are in the database and not in memory, among many and among few. */
export const cold: Measurement = {
  name: "cold",
  about: "the first hold of a workspace that is not in memory: cold_workspaces.1m_vs_1k",
  async run(bench) {
    const large = await Population.gather("large", Math.ceil(manyFull * bench.pace.scale), bench);
    const ratios: { many: number; few: number }[] = [];
    for (let round = 0; round < bench.pace.rounds; round += 1) {
      // A fresh one each round: a workspace that was met before has more to read.
      const small = await Population.gather(`small_${round}`, few, bench);
      const both = { many: await large.meet(), few: await small.meet() };
      bench.say(
        `authorize, ms: ${both.many.toFixed(2)} among many, ${both.few.toFixed(2)} among few`,
      );
      ratios.push(both);
      await small.check();
      await small.close();
    }
    await large.check();
    const many = ratios.map((one) => one.many);
    return {
      "cold_workspaces.1m_vs_1k": medianRatio(
        many,
        ratios.map((one) => one.few),
      ),
      "cold_workspaces.authorize_ms": median(many),
    };
  },
};

/** A database full of workspaces that nobody has used yet. Mutable: how many of them were met. */
class Population {
  readonly #node: Node;
  readonly #size: number;
  readonly #stride: number;
  readonly #spender: EngineSpender;
  readonly #met: string[] = [];

  private constructor(node: Node, size: number) {
    this.#node = node;
    this.#size = size;
    // Far jumps, so that neighbours on a page are not met together; without a common divisor every one is met once.
    this.#stride = Math.floor(size * 0.618) | 1;
    while (divisorOf(this.#stride, size) > 1) this.#stride += 2;
    this.#spender = new EngineSpender(node);
  }

  static async gather(name: string, size: number, bench: Bench): Promise<Population> {
    const begun = performance.now();
    const node = await startNode(await bench.postgres.createDatabase(`cold_${name}`), {
      limits: { workspacesCachedMax },
    });
    bench.closing.defer(() => node.close());
    await writeJournals(node.store, firstRows(size));
    for (const table of ["heads", "journal", "ops"])
      await node.pool.query(`VACUUM ANALYZE ${table}`);
    await node.pool.query("CHECKPOINT");
    const seconds = Math.round((performance.now() - begun) / 1000);
    if (seconds > 1) bench.say(`made ${size} workspaces in ${seconds} s`);
    return new Population(node, size);
  }

  /** Opens and settles a hold in workspaces that were not met before; the mean time of an authorize, in milliseconds. */
  async meet(): Promise<number> {
    const samples = new Samples();
    const loadsBefore = this.#node.engine.stats().coldLoads;
    let taken = 0;
    const call = async (): Promise<void> => {
      while (taken < metPerRound) {
        const turn = taken;
        taken += 1;
        const workspaceId = nameOf((this.#met.length * this.#stride) % this.#size);
        this.#met.push(workspaceId);
        const key = `key_cold_${this.#met.length}`;
        const before = performance.now();
        const holdId = await this.#spender.authorize({
          workspaceId,
          memberId: memberName(turn),
          key,
        });
        if (turn >= warmUp) samples.add(performance.now() - before);
        await this.#spender.settle(workspaceId, holdId);
      }
    };
    await Promise.all(Array.from({ length: callersAtOnce }, call));
    const loads = this.#node.engine.stats().coldLoads - loadsBefore;
    if (loads < metPerRound)
      throw new Error(`Only ${loads} of ${metPerRound} workspaces were cold`);
    return mean(samples.values());
  }

  async check(): Promise<void> {
    const books = new Books(this.#node, this.#met);
    const faults = [...(await books.faults(this.#met.length)), ...(await books.audit())];
    if (faults.length > 0) throw new VoidRunError("the cold workspaces", faults);
  }

  close(): Promise<void> {
    return this.#node.close();
  }
}

function divisorOf(left: number, right: number): number {
  return right === 0 ? left : divisorOf(right, left % right);
}

function nameOf(index: number): string {
  return `cold-${String(index).padStart(7, "0")}`;
}

/** A workspace that anybody may spend from: three events. */
function* firstRows(size: number) {
  const at = instant(Date.now());
  for (let index = 0; index < size; index += 1) {
    const id = nameOf(index);
    const builder = new JournalBuilder(id, at);
    for (const command of workspaceCommands(id, { members: 0 })) builder.execute(command);
    yield builder.take();
  }
}
