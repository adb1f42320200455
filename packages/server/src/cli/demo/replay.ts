/** Plays dealt requests against a server, each at its time: authorize, wait for the model, settle with the real sizes. */
import { type Cistern, CisternProblem } from "@cistern/client";
import { parseCredits, printCredits } from "@cistern/contract";
import { customers } from "./cast.ts";
import type { DealtRequest } from "./cast.ts";

/** What the demo measured. Credits in micro-credits, times in milliseconds. */
export interface Played {
  readonly operations: number;
  readonly elapsedMs: number;
  readonly authorizeMs: readonly number[];
  readonly spent: ReadonlyMap<string, { calls: number; credits: bigint }>;
  /** Refusals by `workspace/member/code`, with the limit that bound where there was one. */
  readonly denied: ReadonlyMap<string, number>;
  readonly released: number;
  /** Available credits of each workspace, sampled evenly over the replay. */
  readonly burnDown: ReadonlyMap<string, readonly number[]>;
}

/** How to play. */
export interface ReplayOptions {
  readonly cistern: Cistern;
  readonly requests: readonly DealtRequest[];
  /** How many times faster than life. */
  readonly speed: number;
  readonly model: string;
  readonly onProgress: (played: number) => void;
  /** The customer that buys more credits at half time, and how much (micro-credits). */
  readonly topUp: { readonly workspace: string; readonly credits: bigint };
}

/** A model that a caller asks for no more than this is estimated at it. */
const outputTokensMax = 512;
const samples = 60;
/**
 * Calls in flight at once. A machine that is too slow for the speed plays slower, as callers that wait for answers do: with all calls
 * in flight together every refusal would be that calls in flight hold the credits, and nobody would see a pool run out.
 */
const inFlightMax = 200;

/** Replays the traffic. */
export async function replay(options: ReplayOptions): Promise<Played> {
  const stage = new Stage(options);
  const startedAt = performance.now();
  const lastAt = options.requests.at(-1)?.atMs ?? 0;
  const inFlight = new Set<Promise<void>>();
  const begin = (call: Promise<void>): void => {
    const known = call.finally(() => inFlight.delete(known));
    inFlight.add(known);
  };
  let sampled = 0;
  let isToppedUp = false;
  for (const request of options.requests) {
    const dueAt = startedAt + request.atMs / options.speed;
    const wait = dueAt - performance.now();
    if (wait > 1) await sleep(wait);
    while (inFlight.size >= inFlightMax) await Promise.race(inFlight);
    if (!isToppedUp && request.atMs > lastAt / 2) {
      isToppedUp = true;
      begin(stage.topUp());
    }
    if (request.atMs >= (sampled * lastAt) / samples) {
      sampled += 1;
      begin(stage.sample());
    }
    begin(stage.play(request));
  }
  await Promise.all(inFlight);
  await stage.sample();
  return stage.played(performance.now() - startedAt);
}

class Stage {
  readonly #options: ReplayOptions;
  readonly #authorizeMs: number[] = [];
  readonly #spent = new Map<string, { calls: number; credits: bigint }>();
  readonly #denied = new Map<string, number>();
  readonly #burnDown = new Map<string, number[]>(customers.map(({ id }) => [id, []]));
  #operations = 0;
  #released = 0;
  #done = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  async play(request: DealtRequest): Promise<void> {
    const { cistern, model, speed, onProgress } = this.#options;
    const { workspace, member, inputTokens, outputTokens } = request;
    const who = `${workspace}/${member}`;
    const askedAt = performance.now();
    try {
      const hold = await cistern.workspace(workspace).authorize({
        member,
        meter: "chat",
        model,
        estimate: { input_text: inputTokens, output_text: Math.max(outputTokensMax, outputTokens) },
      });
      this.#authorizeMs.push(performance.now() - askedAt);
      await sleep((outputTokens * 20) / speed);
      if (request.fails) {
        await hold.release();
        this.#released += 1;
      } else {
        const used = { input_text: inputTokens, output_text: outputTokens };
        const { charged } = await hold.settle({ usage: used });
        const spent = this.#spent.get(who) ?? { calls: 0, credits: 0n };
        this.#spent.set(who, {
          calls: spent.calls + 1,
          credits: spent.credits + parseCredits(charged),
        });
      }
      this.#operations += 2;
    } catch (error) {
      if (!(error instanceof CisternProblem)) throw error;
      this.#operations += 1;
      const { code, scope } = error.problem;
      const limit = scope !== undefined && "limit" in scope ? ` (${scope.limit})` : "";
      const reason = `${who}/${code}${limit}`;
      this.#denied.set(reason, (this.#denied.get(reason) ?? 0) + 1);
    }
    this.#done += 1;
    onProgress(this.#done);
  }

  async topUp(): Promise<void> {
    const { cistern, topUp } = this.#options;
    await cistern
      .workspace(topUp.workspace)
      .grant({ credits: printCredits(topUp.credits), source: "purchase" });
  }

  async sample(): Promise<void> {
    for (const [workspace, line] of this.#burnDown) {
      const { available } = await this.#options.cistern.workspace(workspace).balance();
      line.push(Number(parseCredits(available)) / 1_000_000);
    }
  }

  played(elapsedMs: number): Played {
    return {
      operations: this.#operations,
      elapsedMs,
      authorizeMs: this.#authorizeMs,
      spent: this.#spent,
      denied: this.#denied,
      released: this.#released,
      burnDown: this.#burnDown,
    };
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
