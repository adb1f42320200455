// Owns: a stream between its first slice and its end. L1: one renewal at a time, and the stream never waits for it. L2: a stream runs at most one
// slice ahead of what is approved. L3: a denied renewal makes the grant final: it is used up, and then the action is carried out, once.
// L4: it ends once. L5: its hold is kept alive until then.
import type { HoldRequest, Release, Settlement, Usage } from "@cistern/contract";
import type { AuthorizedHold, Deferred, ReservedStream } from "../cistern.ts";
import { durationMs } from "../duration.ts";
import type { Environment } from "../environment.ts";
import { CisternProblem, CisternUnavailable } from "../errors.ts";
import { type LinkedAbort, linkAbort } from "../linked-abort.ts";
import {
  type FinalAction,
  type StreamEnd,
  StreamFinal,
  type StreamOptions,
  type StreamRequest,
} from "./stream-request.ts";
import { SettledParts } from "./settled-parts.ts";
import { type NextSlice, StreamSlices } from "./stream-slices.ts";

const ttlDefault = "PT5M";

/** Opens a stream with its first slice. */
export async function reserveStream(
  authorize: (request: HoldRequest) => Promise<AuthorizedHold<Deferred>>,
  request: StreamRequest,
  options: StreamOptions,
  environment: Environment,
): Promise<ReservedStream<Deferred>> {
  const { first, grow: _grow, cap: _cap, onFinal: _onFinal, parts: _parts, ...call } = request;
  const { ttl = ttlDefault } = request;
  const slices = new StreamSlices(request);
  const hold = await authorize({ ...call, estimate: first, ttl });
  return new LiveStream({ hold, slices, request, options, environment });
}

interface Opened {
  readonly hold: AuthorizedHold<Deferred>;
  readonly slices: StreamSlices;
  readonly request: StreamRequest;
  readonly options: StreamOptions;
  readonly environment: Environment;
}

class LiveStream implements ReservedStream<Deferred> {
  readonly #slices: StreamSlices;
  readonly #action: FinalAction;
  readonly #ttl: string;
  readonly #environment: Environment;
  readonly #link: LinkedAbort;
  readonly #parts: SettledParts | undefined;
  #hold: AuthorizedHold<Deferred>;
  #approved = 1;
  #renewal: NextSlice | undefined;
  #why: StreamFinal["why"] | undefined;
  #final: StreamFinal | undefined;
  #ending: Promise<Settlement | Deferred> | undefined;
  /** Nothing more is asked for it. */
  #isOver = false;
  #isReleased = false;
  #waiting: (() => void)[] = [];
  #cancelTouch: () => void = () => {};

  constructor({ hold, slices, request, options, environment }: Opened) {
    this.#hold = hold;
    this.#slices = slices;
    this.#action = request.onFinal ?? { kind: "stop" };
    this.#ttl = request.ttl ?? ttlDefault;
    this.#environment = environment;
    this.#link = linkAbort(options.signal === undefined ? [] : [options.signal]);
    this.#parts = request.parts === true ? new SettledParts(hold) : undefined;
    this.#link.signal.addEventListener("abort", () => this.#wake(), { once: true });
    this.#keepAlive();
  }

  get hold(): AuthorizedHold<Deferred> {
    return this.#hold;
  }

  get signal(): AbortSignal {
    return this.#link.signal;
  }

  get slices(): number {
    return this.#approved;
  }

  get final(): StreamFinal | undefined {
    return this.#final;
  }

  delivered(): Usage {
    return this.#slices.delivered();
  }

  deliver(usage: Usage): boolean {
    this.#slices.deliver(usage);
    if (this.#isOver) return false;
    this.#look();
    return this.#goesOn();
  }

  async room(): Promise<boolean> {
    const isDone = () => this.#isOver || this.signal.aborted;
    while (!isDone() && this.#renewal !== undefined && this.#slices.isUsedUp)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return !isDone() && this.#goesOn();
  }

  async end(how: StreamEnd = {}): Promise<Settlement | Deferred> {
    if (this.#isReleased) throw new TypeError(`The stream of hold ${this.#hold.id} was released.`);
    this.#ending ??= this.#end(how).catch((error: unknown) => {
      this.#ending = undefined;
      throw error;
    });
    return await this.#ending;
  }

  async release(): Promise<Release | Deferred> {
    const { id } = this.#hold;
    if (this.#ending !== undefined) throw new TypeError(`The stream of hold ${id} has ended.`);
    if (Object.keys(this.delivered()).length > 0)
      throw new TypeError(`The stream of hold ${id} has delivered: what was delivered is settled.`);
    this.#isReleased = true;
    this.#close();
    return await this.#hold.release();
  }

  /** Left without an end it was cancelled. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) await this.end({ outcome: "cancelled" });
  }

  #goesOn(): boolean {
    return this.#final?.action.kind === "finish" || !this.#slices.isUsedUp;
  }

  #look(): void {
    if (this.#final !== undefined) return;
    const renewal = this.#renewal;
    if (this.#why !== undefined) {
      if (this.#slices.isUsedUp) this.#actOn(this.#why);
    } else if (renewal !== undefined) {
      if (this.#slices.isPast(renewal)) this.#actOn(undecided());
    } else if (this.#slices.isLow) this.#renew();
  }

  /** A slice that is refused is asked for once more, as small as the first: what is left may do for that. */
  #renew(wanted = this.#slices.next()): void {
    this.#renewal = wanted;
    this.#ask(wanted).catch((error: unknown) => {
      const isRefused = error instanceof CisternProblem && !this.#isOver;
      const smaller = isRefused ? this.#slices.smaller(wanted) : undefined;
      if (smaller === undefined) this.#noteUndone(error);
      else this.#renew(smaller);
    });
  }

  async #ask(next: NextSlice): Promise<void> {
    this.#hold = await this.#hold.extend({ estimate: next.whole, ttl: this.#ttl });
    this.#approved += 1;
    this.#slices.approve(next);
    // The end says all that no part has said before it: a part behind it would be charged twice.
    if (!this.#isOver) this.#parts?.settle(this.#slices.reckoned());
    this.#noteAnswered();
  }

  /** L3. What could not be decided is asked again with what comes next, until what is approved is used up. */
  #noteUndone(error: unknown): void {
    if (error instanceof CisternProblem) this.#why = error;
    else if (this.#slices.isUsedUp)
      this.#why = error instanceof CisternUnavailable ? error : undecided(error);
    if (this.#why === undefined) this.#renewal = undefined;
    else this.#noteAnswered();
    this.#wake();
  }

  #noteAnswered(): void {
    this.#renewal = undefined;
    if (!this.#isOver) this.#look();
    this.#wake();
  }

  #actOn(why: StreamFinal["why"]): void {
    this.#final = new StreamFinal(this.#action, why);
    if (this.#action.kind !== "finish") this.#link.abort(this.#final);
    this.#wake();
  }

  async #end(how: StreamEnd): Promise<Settlement | Deferred> {
    this.#close();
    const { usage, outcome, ...known } = how;
    const said = outcome === undefined ? known : { ...known, outcome };
    const isNothing = usage === undefined && Object.keys(this.delivered()).length === 0;
    // A call that failed before any output has nothing to reckon: the meter's rule says what it costs.
    if (isNothing && outcome === "failed") return await this.#hold.settle({ ...known, outcome });
    const all = usage ?? this.#slices.reckoned();
    const rest = (await this.#parts?.rest(all)) ?? all;
    const estimated = usage === undefined ? { estimated: true } : {};
    return await this.#hold.settle({ ...estimated, ...said, usage: rest });
  }

  #close(): void {
    this.#isOver = true;
    this.#cancelTouch();
    this.#link.unlink();
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  /** L5. Where the hold may live no longer, or nobody can say, it ends by itself; what it used is settled late then. */
  #keepAlive(): void {
    const touch = () => {
      this.#hold.extend({ ttl: this.#ttl }).catch(() => {});
      this.#keepAlive();
    };
    this.#cancelTouch = this.#environment.setTimer(durationMs(this.#ttl) / 2, touch, true);
  }
}

const undecided = (cause?: unknown): CisternUnavailable =>
  new CisternUnavailable("timeout", "The next slice was not decided in time.", { cause });
