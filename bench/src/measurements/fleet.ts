import { setTimeout as wait } from "node:timers/promises";
import { instant } from "@cistern/kernel";
import { Books } from "../cistern/books.ts";
import { EngineSpender } from "../cistern/engine-spender.ts";
import { JournalBuilder, writeJournals } from "../cistern/journal-builder.ts";
import { type Node, startNode } from "../cistern/node.ts";
import { workspaceCommands } from "../cistern/workspace.ts";
import { Samples, mean, percentile } from "../load/samples.ts";
import { memberName } from "../load/spender.ts";
import { type Bench, type Measurement, VoidRunError } from "./measurement.ts";

const workspacesFull = 5_000;
const pairsFull = 500_000;
/** A fleet has more callers than one customer: so many calls are in flight at once. */
const callers = 256;
/** Of what the fleet did and projected at its most, so much is asked of it, until the lag stays bounded. */
const shares = [0.9, 0.75, 0.6, 0.45, 0.3];
const sustainedMs = 10_000;
const lagLookMs = 50;
/** A lag that both ends of a run stay below is no growth, whatever their order. */
const lagNoiseS = 0.1;
/** Nothing is shed here: a caller that is told to come back would only ask again. */
const queueWaitMsMax = 60_000;
const auditedWorkspaces = 100;
const countBehind = `SELECT count(*) AS behind FROM heads h
  LEFT JOIN projection_cursors c ON c.workspace_id = h.workspace_id WHERE c.seq IS DISTINCT FROM h.seq`;

/**
 * Many customers on one node, which projects what it appends, as a server does. First as fast as it can; then at a rate that it
 * sustains, while the projection's lag is watched.
 */
export const fleet: Measurement = {
  name: "fleet",
  about: `10^6 events over 5,000 workspaces, ${callers} callers, with projection`,
  async run(bench) {
    const url = await bench.postgres.createDatabase("fleet");
    const size = Math.max(100, workspacesFull * bench.pace.scale);
    const ids = Array.from({ length: size }, (_, index) => `fleet-${index}`);
    const maker = await startNode(url);
    await writeJournals(maker.store, firstRows(ids));
    await maker.close();
    const node = await startNode(url, { projects: true, limits: { queueWaitMsMax } });
    bench.closing.defer(() => node.close());
    await untilProjected(node);
    const load = new FleetLoad(node, ids);
    await load.run({ name: "warm", pairs: Math.ceil(20_000 * bench.pace.scale) });
    await node.projector.settled();
    const full = await load.run({ name: "full", pairs: Math.ceil(pairsFull * bench.pace.scale) });
    const drained = performance.now();
    await node.projector.settled();
    const drainS = (performance.now() - drained) / 1_000;
    const perSecond = (2 * full.pairs) / (full.elapsedMs / 1_000 + drainS);
    bench.say(
      `projected ${Math.round(perSecond)} events/s over the run and ${drainS.toFixed(1)} s after it`,
    );
    const most = Math.min(full.operationsPerSecond, perSecond);
    const sustained = await sustain(load, node, most, bench);
    await node.projector.settled();
    await untilProjected(node);
    await load.check(bench);
    return {
      "fleet.5000_workspaces.ops_per_s": full.operationsPerSecond,
      "fleet.5000_workspaces.projection_lag_s": full.lagMaxS,
      "fleet.5000_workspaces.projected_events_per_s": perSecond,
      ...(sustained === undefined
        ? {}
        : {
            "projection.lag_s": sustained.lagMaxS,
            "projection.sustained_ops_per_s": sustained.operationsPerSecond,
          }),
    };
  },
};

/** The fastest of some rates at which the lag at the end is no larger than shortly after the start. */
async function sustain(
  load: FleetLoad,
  { projector }: Node,
  most: number,
  { pace, say }: Bench,
): Promise<FleetRun | undefined> {
  for (const share of shares) {
    const rate = most * share;
    const pairs = Math.ceil((rate * sustainedMs * Math.sqrt(pace.scale)) / 2_000);
    const run = await load.run({ name: `paced_${share}`, pairs, operationsPerSecond: rate });
    await projector.settled();
    const looks = run.lagsS.length;
    const early = mean(run.lagsS.slice(looks / 4, looks / 2));
    const late = mean(run.lagsS.slice((looks * 3) / 4));
    const isBounded = late <= Math.max(early, lagNoiseS);
    say(
      `${Math.round(run.operationsPerSecond)} operations/s: lag ${early.toFixed(2)} s early, ${late.toFixed(2)} s late`,
    );
    if (isBounded) return run;
  }
  say("the projection kept up with none of these rates");
  return undefined;
}

interface FleetRun {
  readonly pairs: number;
  readonly elapsedMs: number;
  readonly operationsPerSecond: number;
  /** Looks at equal distances in time. */
  readonly lagsS: Float64Array;
  readonly lagMaxS: number;
}

/** Callers that take the workspaces in turns. Mutable: pairs so far. */
class FleetLoad {
  readonly #node: Node;
  readonly #ids: readonly string[];
  readonly #spender: EngineSpender;
  #pairs = 0;
  #turn = 0;

  constructor(node: Node, ids: readonly string[]) {
    this.#node = node;
    this.#ids = ids;
    this.#spender = new EngineSpender(node);
  }

  /** Makes so many pairs; not faster than `operationsPerSecond`, where that is given. */
  async run(order: {
    readonly name: string;
    readonly pairs: number;
    readonly operationsPerSecond?: number;
  }): Promise<FleetRun> {
    const begun = performance.now();
    const pairsPerMs = (order.operationsPerSecond ?? Number.POSITIVE_INFINITY) / 2_000;
    let left = order.pairs;
    const watch = { isOver: false, lags: new Samples() };
    const call = async (): Promise<void> => {
      while (left > 0) {
        const made = order.pairs - left;
        const aheadMs = made / pairsPerMs - (performance.now() - begun);
        if (aheadMs > 1) {
          await wait(aheadMs);
          continue;
        }
        left -= 1;
        await this.#pair(order.name);
      }
    };
    const look = async (): Promise<void> => {
      while (!watch.isOver) {
        watch.lags.add(this.#node.projector.lagSeconds());
        await wait(lagLookMs);
      }
    };
    const looking = look();
    await Promise.all(Array.from({ length: callers }, call));
    const elapsedMs = performance.now() - begun;
    watch.isOver = true;
    await looking;
    const operationsPerSecond = (order.pairs * 2_000) / elapsedMs;
    const lagsS = watch.lags.values();
    return {
      pairs: order.pairs,
      elapsedMs,
      operationsPerSecond,
      lagsS,
      lagMaxS: percentile(lagsS, 1),
    };
  }

  /** The sums of all pools, then whole journals of some, and that every settlement is in the projection once. */
  async check(bench: Bench): Promise<void> {
    const faults = [...(await new Books(this.#node, this.#ids).faults(this.#pairs))];
    const audited = this.#ids.slice(0, auditedWorkspaces);
    faults.push(...(await new Books(this.#node, audited).audit()));
    const { rows } = await this.#node.pool.query<{ count: string }>(
      "SELECT count(*) FROM usage_rows",
    );
    if (rows[0]?.count !== String(this.#pairs))
      faults.push(`projected usage: ${rows[0]?.count} instead of ${this.#pairs}`);
    if (faults.length > 0) throw new VoidRunError("the fleet", faults);
    bench.say(`${this.#pairs} pairs add up, in journals and projection`);
  }

  async #pair(run: string): Promise<void> {
    const turn = this.#turn;
    this.#turn += 1;
    const workspaceId = this.#ids[turn % this.#ids.length] ?? "";
    const key = `key_${run}_${turn}`;
    const holdId = await this.#spender.authorize({ workspaceId, memberId: memberName(turn), key });
    await this.#spender.settle(workspaceId, holdId);
    this.#pairs += 1;
  }
}

/** Until the sweep has found what others appended, and every cursor stands at its head. */
async function untilProjected({ pool }: Node): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ behind: string }>(countBehind);
    if (rows[0]?.behind === "0") return;
    await wait(100);
  }
}

function* firstRows(ids: readonly string[]) {
  const at = instant(Date.now());
  for (const id of ids) {
    const builder = new JournalBuilder(id, at);
    for (const command of workspaceCommands(id)) builder.execute(command);
    yield builder.take();
  }
}
