/**
 * Owns who waits for the next event of a workspace, and how they hear of it.
 *
 * W1 whoever enters before reading misses nothing: what this node appends from then on wakes it, also before it begins to wait.
 * W2 what other nodes append is found by looking at the heads of the workspaces that are waited for, in one statement a second.
 * W3 at most `waitersMax` wait, and at most `streamsMax` streams are open; more are told so and hold nothing.
 * W4 a wait ends: with an event, with its time, when its caller leaves, or when the node drains.
 */
import type { EngineClock } from "../engine/index.ts";

/** What is known of a workspace's journal: the row that a reader has read to. */
export interface KnownPlace {
  readonly seq: number;
  readonly hash?: string;
}

/** What a watch stands on. */
export interface FeedWatchOptions {
  readonly clock: EngineClock;
  /** The heads of these workspaces now. */
  readonly heads: (
    workspaceIds: readonly string[],
  ) => Promise<ReadonlyMap<string, { readonly seq: number; readonly hash: string }>>;
  /** Told when the heads could not be read; they are read again. */
  readonly onFault: (error: unknown) => void;
  readonly limits?: Partial<typeof feedLimits>;
}

/** One reader who waits. */
export interface Waiting {
  /** True when there may be more after `known`; false when the time is over, the signal aborted or the node drains. */
  more(known: KnownPlace): Promise<boolean>;
  /** To be called in the end. */
  leave(): void;
}

/** Who waits, and for what. */
export interface FeedWatch {
  /** Told of each durable row of this node; cheap. */
  appended(row: { readonly workspaceId: string }): void;
  /** A place among those who wait at most `ms` in all; undefined where there is none left (W3). */
  enter(wait: {
    /** Left out: any. */
    readonly workspaceId?: string;
    readonly ms: number;
    readonly signal: AbortSignal | undefined;
    /** One of an open stream, which has its place already. */
    readonly isStream?: boolean;
  }): Waiting | undefined;
  /** A place for a stream: what gives it back; undefined where there is none left (W3). */
  openStream(): (() => void) | undefined;
  /** The node's timers. */
  after(ms: number, callBack: () => void): () => void;
  /** Whether the node drains: nothing waits any more. */
  readonly isOver: boolean;
  /** How many wait, and how many streams are open. */
  stats(): { readonly waiting: number; readonly streams: number };
  end(): void;
}

const feedLimits = { waitersMax: 2_000, streamsMax: 1_000, lookMs: 1_000 };

/** Where those wait who read all workspaces: they look for themselves, as often as the heads are looked at. */
const anywhere = "";

/** See the file head. */
export function createFeedWatch(options: FeedWatchOptions): FeedWatch {
  const room = new WaitingReaders(options);
  return {
    appended: ({ workspaceId }) => room.wake(workspaceId),
    enter: (wait) => room.enter(wait),
    openStream: () => room.openStream(),
    after: (ms, callBack) => options.clock.after(ms, callBack),
    get isOver() {
      return room.isOver;
    },
    stats: () => ({ waiting: room.waiting, streams: room.streams }),
    end: () => room.end(),
  };
}

/** Mutable: readers come and go. */
class WaitingReaders {
  readonly #options: FeedWatchOptions;
  readonly #limits: typeof feedLimits;
  readonly #readers = new Map<string, Set<Reader>>();
  waiting = 0;
  streams = 0;
  isOver = false;
  #isLooking = false;
  #cancelLook = (): void => {};

  constructor(options: FeedWatchOptions) {
    this.#options = options;
    this.#limits = { ...feedLimits, ...options.limits };
  }

  enter({
    workspaceId = anywhere,
    ms,
    signal,
    isStream = false,
  }: Parameters<FeedWatch["enter"]>[0]): Waiting | undefined {
    if (this.isOver) return undefined;
    if (!isStream && this.waiting >= this.#limits.waitersMax) return undefined;
    const reader = new Reader();
    const there = this.#readers.get(workspaceId) ?? new Set();
    this.#readers.set(workspaceId, there.add(reader));
    if (!isStream) this.waiting += 1;
    const stop = (): void => reader.stop();
    const cancel = this.#options.clock.after(ms, stop);
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted === true) stop();
    this.#lookLater();
    let isHere = true;
    const leave = (): void => {
      if (!isHere) return;
      isHere = false;
      cancel();
      signal?.removeEventListener("abort", stop);
      there.delete(reader);
      if (there.size === 0) this.#readers.delete(workspaceId);
      if (!isStream) this.waiting -= 1;
      if (this.#readers.size === 0) this.#cancelLook();
    };
    return { more: (known) => reader.more(known), leave };
  }

  openStream(): (() => void) | undefined {
    if (this.isOver || this.streams >= this.#limits.streamsMax) return undefined;
    this.streams += 1;
    let isOpen = true;
    return () => {
      if (isOpen) this.streams -= 1;
      isOpen = false;
    };
  }

  wake(workspaceId: string): void {
    for (const reader of this.#readers.get(workspaceId) ?? []) reader.wake();
    for (const reader of this.#readers.get(anywhere) ?? []) reader.wake();
  }

  end(): void {
    this.isOver = true;
    this.#cancelLook();
    for (const readers of this.#readers.values()) for (const reader of readers) reader.stop();
  }

  /** W2. */
  #lookLater(): void {
    if (this.#isLooking || this.isOver || this.#readers.size === 0) return;
    this.#isLooking = true;
    const look = (): void => {
      this.#look()
        .catch(this.#options.onFault)
        .finally(() => {
          this.#isLooking = false;
          this.#lookLater();
        });
    };
    const cancel = this.#options.clock.after(this.#limits.lookMs, look);
    this.#cancelLook = () => {
      cancel();
      this.#isLooking = false;
      this.#cancelLook = () => {};
    };
  }

  async #look(): Promise<void> {
    this.#cancelLook = () => {};
    const heads = await this.#options.heads([...this.#readers.keys()]);
    for (const [workspaceId, readers] of this.#readers) {
      const head = heads.get(workspaceId);
      for (const reader of readers) if (head === undefined || reader.isBehind(head)) reader.wake();
    }
  }
}

/** One who reads, or waits to read on. Mutable. */
class Reader {
  #known: KnownPlace | undefined;
  #isWoken = false;
  #isStopped = false;
  #resume = (): void => {};

  async more(known: KnownPlace): Promise<boolean> {
    this.#known = known;
    if (!this.#isWoken && !this.#isStopped)
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    this.#isWoken = false;
    return !this.#isStopped;
  }

  wake(): void {
    this.#isWoken = true;
    this.#resume();
  }

  stop(): void {
    this.#isStopped = true;
    this.#resume();
  }

  /** Also where the row that was read is no longer the head: its tail was lost. */
  isBehind(head: { readonly seq: number; readonly hash: string }): boolean {
    if (this.#known === undefined) return false;
    const { seq, hash } = this.#known;
    return head.seq !== seq || (hash !== undefined && !head.hash.startsWith(hash));
  }
}
