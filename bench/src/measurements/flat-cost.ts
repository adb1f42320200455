/**
 * How the time of an authorize grows with what a workspace has: it should not. Both sizes are workspaces of one engine on a
 * journal in memory, so that no disk covers what our own work costs: that of the API's caller behind the schemas (id,
 * fingerprint) and all of the engine's, but not the wait for a commit.
 */
import { type Command, credits } from "@cistern/kernel";
import type { Answer, Engine, EngineRequest } from "../../../packages/server/src/engine/index.ts";
import { startEngineInMemory } from "../cistern/engine-in-memory.ts";
import { faultsIn } from "../cistern/first-fault.ts";
import { fingerprint } from "../cistern/fingerprint.ts";
import { newId } from "../cistern/node.ts";
import { type WorkspaceSize, workspaceCommands } from "../cistern/workspace.ts";
import { medianRatio } from "../load/contest.ts";
import { Samples, median, percentile } from "../load/samples.ts";
import {
  callersAtOnce,
  grantedCredits,
  heldCredits,
  holdTtlMs,
  membersPerWorkspace,
  settledCredits,
} from "../load/spender.ts";
import { type Bench, type Figures, type Measurement, VoidRunError } from "./measurement.ts";

interface Size extends WorkspaceSize {
  /** Holds of one micro-credit that stay open all along. */
  readonly openHolds?: number;
  /** How much larger a pair is than elsewhere, so that lots run out while it is measured. */
  readonly pairFactor?: bigint;
}

/** Neighbours in time, whose ratio is one of those that the figure is the median of. */
const turnsPerRound = 40;
const rounds = 25;
const preparedAtOnce = 512;
const auditedHoldsMax = 100_000;
/** Far beyond the end of the run, so that no prepared hold expires in it. */
const longTtlMs = 12 * 60 * 60 * 1_000;
const print = fingerprint("/prepare", "flat cost");

export const lots: Measurement = flat("lots", "lots.1000_vs_1", () => [
  { lots: 1_000, pairFactor: 1_000n },
  { lots: 1, pairFactor: 1_000n },
]);
export const members: Measurement = flat("members", "members.100k_vs_10", (scale) => [
  { members: 100_000 * scale },
  { members: 10 },
]);
export const openHolds: Measurement = flat("open_holds", "open_holds.1m_vs_1", (scale) => [
  { openHolds: 1_000_000 * scale },
  { openHolds: 1 },
]);

function flat(
  name: string,
  figure: string,
  sizes: (scale: number) => readonly [Size, Size],
): Measurement {
  return {
    name,
    about: `the time of an authorize in process, on a journal in memory: ${figure}`,
    run: (bench) => compare(bench, { name, figure, sizes: sizes(bench.pace.scale) }),
  };
}

async function compare(
  { pace, say, closing }: Bench,
  { name, figure, sizes }: { name: string; figure: string; sizes: readonly [Size, Size] },
): Promise<Figures> {
  const { engine, store } = await startEngineInMemory();
  closing.defer(() => engine.stop());
  const begun = performance.now();
  const large = new Subject(engine, `${name}-large`, sizes[0]);
  const small = new Subject(engine, `${name}-small`, sizes[1]);
  for (const one of [large, small]) await one.prepare();
  say(`made both in ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  const turns = pace.scale < 1 ? 10 : turnsPerRound;
  await round([large, small], 2 * turns);
  const scores: { large: number[]; small: number[] } = { large: [], small: [] };
  for (let turn = 0; turn < rounds; turn += 1) {
    const [one = Number.NaN, other = Number.NaN] = await round([large, small], turns);
    scores.large.push(one);
    scores.small.push(other);
  }
  const faults = [...(await large.faults()), ...(await small.faults())];
  // A fold over a million prepared holds took three quarters of a minute of the twelve; the sums above are checked all the same.
  const audited = [large, small].filter((one) => one.preparedHolds <= auditedHoldsMax);
  faults.push(
    ...(await faultsIn(
      store,
      audited.map((one) => one.workspaceId),
    )),
  );
  if (faults.length > 0) throw new VoidRunError(name, faults);
  return {
    [figure]: medianRatio(scores.large, scores.small),
    [`${name}.large.authorize_us`]: median(scores.large),
    [`${name}.small.authorize_us`]: median(scores.small),
  };
}

/** Lets all take turns, and gives the median time of an authorize of each, in microseconds. */
async function round(subjects: readonly Subject[], turns: number): Promise<readonly number[]> {
  const samples = subjects.map(() => new Samples());
  for (let turn = 0; turn < turns; turn += 1)
    for (const [index, subject] of subjects.entries()) samples[index]?.add(await subject.turn());
  return samples.map((one) => percentile(one.values(), 0.5));
}

/** A workspace that is spent from. Mutable: the pairs so far. */
class Subject {
  readonly workspaceId: string;
  readonly #engine: Engine;
  readonly #size: Size;
  #pairs = 0;

  constructor(engine: Engine, workspaceId: string, size: Size) {
    this.#engine = engine;
    this.workspaceId = workspaceId;
    this.#size = size;
  }

  async prepare(): Promise<void> {
    const open = this.#size.openHolds ?? 0;
    let requests: EngineRequest[] = [];
    for (const command of this.#commands(open)) {
      requests.push(this.#request(command, newId("pre")));
      if (requests.length < preparedAtOnce) continue;
      await this.#all(requests);
      requests = [];
    }
    await this.#all(requests);
  }

  /** As many pairs as there are callers; answers the microseconds that one authorize took, its id and fingerprint made. */
  async turn(): Promise<number> {
    const path = `/v1/workspaces/${this.workspaceId}/holds`;
    const before = performance.now();
    const answers = await Promise.all(
      Array.from({ length: callersAtOnce }, () => {
        this.#pairs += 1;
        const member = this.#member();
        const body = `{"credits":"${heldCredits}","member":"${member}"}`;
        const command = hold(member, heldCredits * this.#factor, holdTtlMs);
        const request = this.#request(command, newId("key"));
        return this.#engine.execute({ ...request, fingerprint: fingerprint(path, body) });
      }),
    );
    const elapsedMs = performance.now() - before;
    const amount = settledCredits * this.#factor;
    await this.#all(answers.map((one) => this.#request(settle(one, amount), null)));
    return (elapsedMs * 1_000) / callersAtOnce;
  }

  /** What does not add up. */
  async faults(): Promise<readonly string[]> {
    const answer = await this.#engine.read(this.workspaceId, ({ pool, holds }) => ({
      ...pool.totals,
      open: BigInt(holds.totals.open),
    }));
    if (answer.kind !== "read") return ["the workspace is unknown"];
    const open = BigInt(Math.ceil(this.#size.openHolds ?? 0));
    const consumed = settledCredits * this.#factor * BigInt(this.#pairs);
    const right = { available: grantedCredits - consumed - open, held: open, consumed, open };
    return Object.entries(right).flatMap(([what, amount]) => {
      const found = new Map(Object.entries(answer.value)).get(what);
      return found === amount ? [] : [`${what}: ${found} instead of ${amount}`];
    });
  }

  get preparedHolds(): number {
    return this.#size.openHolds ?? 0;
  }

  get #factor(): bigint {
    return this.#size.pairFactor ?? 1n;
  }

  *#commands(open: number): Generator<Command> {
    yield* workspaceCommands(this.workspaceId, this.#size);
    for (let index = 0; index < open; index += 1) yield hold(this.#member(index), 1n, longTtlMs);
  }

  /** Members come in a scattered order, so that a large workspace is spent from everywhere. */
  #member(turn: number = this.#pairs): string {
    return `member-${(turn * 7_919) % (this.#size.members ?? membersPerWorkspace)}`;
  }

  #request(command: Command, opId: string | null): EngineRequest {
    return { workspaceId: this.workspaceId, command, opId, fingerprint: print };
  }

  async #all(requests: readonly EngineRequest[]): Promise<void> {
    for (const answer of await Promise.all(requests.map((one) => this.#engine.execute(one))))
      if (answer.kind !== "accepted") throw new Error(`A command was ${text(answer)}`);
  }
}

function hold(member: string, amount: bigint, ttlMs: number): Command {
  return {
    kind: "openHold",
    hold: newId("hld"),
    member,
    meter: null,
    model: null,
    amount: { kind: "credits", credits: credits(amount) },
    ttlMs,
    run: null,
    project: null,
    attributes: null,
  };
}

function settle(opened: Answer, amount: bigint): Command {
  if (opened.kind !== "accepted" || opened.event.kind !== "hold.opened")
    throw new Error(`A hold was ${text(opened)}`);
  return {
    kind: "settleHold",
    outcome: null,
    hold: opened.event.hold,
    amount: { kind: "credits", credits: credits(amount) },
    isFinal: true,
    fingerprint: print,
    recalled: null,
  };
}

function text(answer: Answer): string {
  return answer.kind === "rejected" ? `refused: ${answer.rejection.code}` : answer.kind;
}
