/**
 * Owns how top-ups are paid: whoever waits for a payment is asked for by the provider, and what comes of it is booked.
 *
 * C1 what this node appends is known from memory; a sweep of the watch list finds what other nodes, or this one before a restart,
 * left, and has happen what is due of rules that nobody calls. C2 a provider is asked under one payment id, by one node at a time, first to collect and then
 * how it stands; it is asked to collect again only where it may never have heard of it. C3 what cannot be booked or asked now is tried again, later each
 * time, and does not keep the others waiting.
 */
import type { Event, State, TopUp } from "@cistern/kernel";
import type { Engine, EngineClock } from "../engine/index.ts";
import { type BookedOutcome, bookOutcome } from "./book-outcome.ts";
import type { TopUpPaymentOutcome, TopUpPaymentProvider, TopUpPaymentRequest } from "./port.ts";
import { type TopUpKey, type WatchList, type Watched, watchPage } from "./watch-list.ts";

/** What a collector stands on. */
export interface CollectorOptions {
  readonly engine: Pick<Engine, "execute" | "read">;
  readonly provider: TopUpPaymentProvider;
  readonly watchList: WatchList;
  readonly clock: Pick<EngineClock, "now" | "after">;
  readonly newId: (prefix: string) => string;
  readonly log: (entry: CollectorLogEntry) => void;
}

/** What an operator is told. */
export interface CollectorLogEntry {
  readonly level: "warn";
  readonly code: "top_up_not_collected" | "top_ups_unread";
  readonly message: string;
  readonly workspaceId?: string;
  readonly cause?: unknown;
}

/** Collects until it is stopped. */
export interface Collector {
  /** To be called, and waited for, before a top-up is asked for or a rule is set (H1). */
  watch(workspaceId: string): Promise<void>;
  /** Told of each durable row of this node; cheap. */
  appended(row: { readonly workspaceId: string; readonly events: readonly Event[] }): void;
  /** Books what a provider tells by itself, such as by a webhook. */
  told(key: TopUpKey, outcome: TopUpPaymentOutcome): Promise<BookedOutcome>;
  start(): void;
  /** Ends what it has begun and begins no more. */
  stop(): Promise<void>;
}

/** A command that was let in takes no longer than this to be durable. */
const watchFromMs = 60_000;
const sweepMs = 60_000;
/** Workspaces with a rule are looked at so often though nobody calls them. */
const lookAgainMs = 15 * 60_000;
/** Of two calls about one top-up the second is not made before, unless the first has ended. */
const callMsMax = 2 * 60_000;
const retryMsMin = 5_000;
const retryMsMax = 10 * 60_000;
const togetherMax = 8;
/** Beyond these a top-up is left to the next sweep. */
const waitingMax = 10_000;

/** See the file head. */
export function createCollector(options: CollectorOptions): Collector {
  const loop = new CollectorLoop(options);
  return {
    watch: (workspaceId) => options.watchList.watch(workspaceId, options.clock.now() + watchFromMs),
    appended: ({ workspaceId, events }) => {
      for (const event of events)
        if (event.kind === "top_up.requested") loop.add({ workspaceId, topUp: event.topUp.id });
    },
    told: (key, outcome) => bookOutcome(options, key, outcome),
    start: () => loop.start(),
    stop: () => loop.stop(),
  };
}

interface Waiting extends TopUpKey {
  nextAtMs: number;
}

class CollectorLoop {
  readonly #options: CollectorOptions;
  /** By workspace and top-up. */
  readonly #waiting = new Map<string, Waiting>();
  #nextSweepAt = 0;
  #running: Promise<void> | undefined;
  #isStarted = false;
  #isStopping = false;
  #cancel = (): void => {};

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  add(key: TopUpKey): void {
    const name = nameOf(key);
    if (this.#waiting.has(name) || this.#waiting.size >= waitingMax) return;
    this.#waiting.set(name, { ...key, nextAtMs: 0 });
    this.#plan(0);
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

  #plan(at: number): void {
    if (!this.#isStarted || this.#isStopping || this.#running !== undefined) return;
    this.#cancel();
    const { clock } = this.#options;
    this.#cancel = clock.after(Math.min(sweepMs, Math.max(0, at - clock.now())), () => {
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
    const { clock, log } = this.#options;
    if (clock.now() >= this.#nextSweepAt) {
      this.#nextSweepAt = clock.now() + sweepMs;
      try {
        await this.#sweep();
      } catch (cause) {
        const message = "Top-ups that wait could not be read; they are looked for again.";
        log({ level: "warn", code: "top_ups_unread", message, cause });
      }
    }
    const due = [...this.#waiting.values()].filter(({ nextAtMs }) => nextAtMs <= clock.now());
    await this.#each(due, (one) => this.#attempt(one));
  }

  /** A few at a time, until it is stopped. */
  async #each<T>(all: readonly T[], act: (one: T) => Promise<unknown>): Promise<void> {
    const next = all.values();
    const worker = async (): Promise<void> => {
      for (const one of next) {
        if (this.#isStopping) return;
        await act(one);
      }
    };
    await Promise.all(Array.from({ length: togetherMax }, worker));
  }

  async #sweep(): Promise<void> {
    const { clock, watchList } = this.#options;
    const now = clock.now();
    for (let after = ""; !this.#isStopping;) {
      const page = await watchList.toLookAt({ after, now });
      await this.#each(page, (watched) => this.#look(watched));
      after = page.at(-1)?.workspaceId ?? after;
      if (page.length < watchPage) return;
    }
  }

  /** C1: reading a workspace has happen what is due in it. */
  async #look(watched: Watched): Promise<void> {
    const { engine, watchList, clock, log } = this.#options;
    const { workspaceId } = watched;
    try {
      const answer = await engine.read(workspaceId, waitingIn);
      const { ids, hasRule } = answer.kind === "read" ? answer.value : { ids: [], hasRule: false };
      for (const topUp of ids) this.add({ workspaceId, topUp });
      const isOver = ids.length === 0 && !hasRule;
      await watchList.lookedAt(watched, isOver ? null : clock.now() + lookAgainMs);
    } catch (cause) {
      const message = `Top-ups of ${workspaceId} could not be read; they are looked for again.`;
      log({ level: "warn", code: "top_ups_unread", workspaceId, message, cause });
    }
  }

  async #attempt(one: Waiting): Promise<void> {
    const { clock, log } = this.#options;
    try {
      const nextAtMs = await this.#collect(one);
      if (nextAtMs === undefined) this.#waiting.delete(nameOf(one));
      else one.nextAtMs = nextAtMs;
    } catch (cause) {
      one.nextAtMs = clock.now() + retryMsMin;
      const { workspaceId, topUp } = one;
      const message = `Top-up ${topUp} of ${workspaceId} could not be collected; it is tried again.`;
      log({ level: "warn", code: "top_up_not_collected", workspaceId, message, cause });
    }
  }

  /** Asks the provider once, and books what it says; gives when to look at it again, undefined for never. */
  async #collect(key: TopUpKey): Promise<number | undefined> {
    const { engine, watchList, clock, provider } = this.#options;
    const read = await engine.read(key.workspaceId, ({ topUps }) => topUps.topUps.get(key.topUp));
    const topUp = read.kind === "read" ? read.value : undefined;
    if (topUp === undefined || topUp.resolvedAt !== null) {
      await watchList.drop(key);
      return undefined;
    }
    const now = clock.now();
    const attempt = await watchList.take(key, { now, untilMs: now + callMsMax });
    if (attempt === undefined) return now + retryMsMin;
    const request = requestOf(key, topUp);
    const isNew = attempt.isUnknown;
    const said = await ask(
      () => (isNew ? provider.collect(request) : provider.poll(request)),
      request,
    );
    await bookOutcome(this.#options, key, said);
    if (said.kind === "succeeded" || said.kind === "declined") {
      await watchList.drop(key);
      return undefined;
    }
    const nextMs = clock.now() + waitMs(attempt.tries);
    await watchList.end(key, { ...attempt, isUnknown: said.kind === "unknown" }, nextMs);
    return nextMs;
  }
}

/** Y2: a provider that cannot be reached has said nothing. */
async function ask(
  call: () => Promise<TopUpPaymentOutcome>,
  { payment }: TopUpPaymentRequest,
): Promise<TopUpPaymentOutcome> {
  try {
    return await call();
  } catch {
    return { kind: "unknown", payment };
  }
}

const waitMs = (tries: number): number =>
  Math.min(retryMsMax, retryMsMin * 2 ** Math.min(tries - 1, 20));

const requestOf = ({ workspaceId }: TopUpKey, topUp: TopUp): TopUpPaymentRequest => ({
  workspaceId,
  topUp: topUp.id,
  payment: paymentOf(topUp.id),
  amount: topUp.amount,
  currency: topUp.pack.currency,
  note: topUp.note,
  isAutomatic: topUp.isAutomatic,
});

/** The id under which a top-up is paid, whoever asks. */
export const paymentOf = (topUp: string): string => `pay_${topUp.replace(/^top_/, "")}`;

function waitingIn({ topUps }: State): {
  readonly ids: readonly string[];
  readonly hasRule: boolean;
} {
  const ids = [...topUps.topUps.values()].flatMap(({ id, resolvedAt }) =>
    resolvedAt === null ? [id] : [],
  );
  return { ids, hasRule: topUps.rule.row?.isEnabled === true };
}

const nameOf = ({ workspaceId, topUp }: TopUpKey): string => `${workspaceId} ${topUp}`;
