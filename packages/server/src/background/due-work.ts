/**
 * Owns a list of work that is due at instants, and the sweep that finds what the list does not know.
 *
 * W1 a piece that fails is tried again, later each time, and does not keep the others waiting. W2 it sweeps every minute (or as often as it is told), however far
 * off the next piece is. W3 whoever stops it waits for what has begun; nothing begins after.
 */

/** What the work is, and how it goes. */
export interface DueWorkOptions<Piece> {
  readonly clock: {
    now(): number;
    after(ms: number, callBack: () => void): () => void;
  };
  /** Two pieces of one name are one. */
  readonly nameOf: (piece: Piece) => string;
  /** Looks for pieces that are not on the list; rejects where they cannot be read. */
  readonly sweep: () => Promise<void>;
  readonly sweepFailed: (cause: unknown) => void;
  /** Gives when to look at the piece again, undefined for never. Rejects where it is to be tried again. */
  readonly attempt: (piece: Piece) => Promise<number | undefined>;
  readonly attemptFailed: (piece: Piece, cause: unknown) => void;
  /** Wait after the first failure; it doubles with each. */
  readonly retryMsMin: number;
  /** At once. */
  readonly togetherMax: number;
  /** From sweep to sweep; left out: a minute. */
  readonly sweepMs?: number;
}

/** Does what is due until it is stopped. */
export interface DueWork<Piece> {
  /** Cheap; a piece that is on the list already stays as it is. One that finds the list full is left to the next sweep. */
  add(piece: Piece, atMs: number): void;
  /** A few at a time, until it is stopped. */
  each<T>(all: readonly T[], act: (one: T) => Promise<unknown>): Promise<void>;
  readonly size: number;
  readonly isFull: boolean;
  readonly isStopping: boolean;
  start(): void;
  /** W3. */
  stop(): Promise<void>;
}

const sweepMsDefault = 60_000;
const waitingMax = 10_000;
const retryMsMax = 10 * 60_000;

interface Waiting<Piece> {
  readonly piece: Piece;
  /** Failures in a row. */
  tries: number;
  nextAtMs: number;
}

/**
 * See the file head.
 *
 * @example createDueWork({ clock, nameOf, sweep, sweepFailed, attempt, attemptFailed, retryMsMin: 1_000, togetherMax: 8 }).start()
 */
export function createDueWork<Piece>(options: DueWorkOptions<Piece>): DueWork<Piece> {
  return new Work(options);
}

class Work<Piece> implements DueWork<Piece> {
  readonly #options: DueWorkOptions<Piece>;
  readonly #waiting = new Map<string, Waiting<Piece>>();
  #nextSweepAt = 0;
  #running: Promise<void> | undefined;
  #isStarted = false;
  #isStopping = false;
  #cancel = (): void => {};
  #plannedFor = Number.POSITIVE_INFINITY;

  constructor(options: DueWorkOptions<Piece>) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size;
  }

  get isFull(): boolean {
    return this.#waiting.size >= waitingMax;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  add(piece: Piece, atMs: number): void {
    const name = this.#options.nameOf(piece);
    if (this.#waiting.has(name) || this.isFull) return;
    this.#waiting.set(name, { piece, tries: 0, nextAtMs: atMs });
    if (atMs < this.#plannedFor) this.#plan(atMs);
  }

  start(): void {
    this.#isStarted = true;
    this.#plan(0);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancel();
    await this.#running;
  }

  async each<T>(all: readonly T[], act: (one: T) => Promise<unknown>): Promise<void> {
    const next = all.values();
    const worker = async (): Promise<void> => {
      for (const one of next) {
        if (this.#isStopping) return;
        await act(one);
      }
    };
    await Promise.all(Array.from({ length: this.#options.togetherMax }, worker));
  }

  #plan(at: number): void {
    if (!this.#isStarted || this.#isStopping || this.#running !== undefined) return;
    this.#cancel();
    const { clock } = this.#options;
    this.#plannedFor = at;
    this.#cancel = clock.after(Math.max(0, at - clock.now()), () => {
      this.#plannedFor = Number.POSITIVE_INFINITY;
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
        this.#plan(this.#nextAt());
      });
    });
  }

  #nextAt(): number {
    let next = this.#nextSweepAt;
    for (const { nextAtMs } of this.#waiting.values()) if (nextAtMs < next) next = nextAtMs;
    return next;
  }

  async #run(): Promise<void> {
    const { clock, sweep, sweepFailed, sweepMs = sweepMsDefault } = this.#options;
    if (clock.now() >= this.#nextSweepAt) {
      this.#nextSweepAt = clock.now() + sweepMs;
      try {
        await sweep();
      } catch (cause) {
        sweepFailed(cause);
      }
    }
    const due = [...this.#waiting.values()].filter(({ nextAtMs }) => nextAtMs <= clock.now());
    await this.each(due, (one) => this.#attempt(one));
  }

  async #attempt(one: Waiting<Piece>): Promise<void> {
    const { clock, nameOf, attempt, attemptFailed, retryMsMin } = this.#options;
    try {
      const nextAtMs = await attempt(one.piece);
      if (nextAtMs === undefined) this.#waiting.delete(nameOf(one.piece));
      else Object.assign(one, { tries: 0, nextAtMs });
    } catch (cause) {
      one.tries += 1;
      one.nextAtMs = clock.now() + backoffMs(one.tries, retryMsMin);
      attemptFailed(one.piece, cause);
    }
  }
}

/** Doubles from try to try, to at most ten minutes. */
export const backoffMs = (tries: number, firstMs: number): number =>
  Math.min(retryMsMax, firstMs * 2 ** Math.min(tries - 1, 20));
