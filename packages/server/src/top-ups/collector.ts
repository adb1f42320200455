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
import { type DueWork, backoffMs, createDueWork } from "../background/index.ts";
import {
  type Booked,
  type PaymentOutcome,
  type PaymentProvider,
  type PaymentRequest,
  type PaymentReversal,
  type PaymentSubject,
  type Reversed,
  bookPayment,
  bookReversal,
} from "../payments/index.ts";
import { type TopUpKey, type WatchList, type Watched, watchPage } from "./watch-list.ts";

/** What a collector stands on. */
export interface CollectorOptions {
  readonly engine: Pick<Engine, "execute" | "read">;
  readonly provider: PaymentProvider;
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
  told(key: TopUpKey, outcome: PaymentOutcome): Promise<Booked>;
  /** Books that money of a payment went back, as often as it is told. */
  reversed(workspaceId: string, reversal: PaymentReversal): Promise<Reversed>;
  start(): void;
  /** Ends what it has begun and begins no more. */
  stop(): Promise<void>;
}

/** A command that was let in takes no longer than this to be durable. */
const watchFromMs = 60_000;
/** Workspaces with a rule are looked at so often though nobody calls them. */
const lookAgainMs = 15 * 60_000;
/** Of two calls about one top-up the second is not made before, unless the first has ended. */
const callMsMax = 2 * 60_000;
const retryMsMin = 5_000;
const togetherMax = 8;

/** See the file head. */
export function createCollector(options: CollectorOptions): Collector {
  const { clock, log, watchList } = options;
  const work: DueWork<TopUpKey> = createDueWork<TopUpKey>({
    clock,
    togetherMax,
    retryMsMin,
    nameOf: ({ workspaceId, topUp }) => `${workspaceId} ${topUp}`,
    sweep: () => sweep(options, work),
    sweepFailed: (cause) => {
      const message = "Top-ups that wait could not be read; they are looked for again.";
      log({ level: "warn", code: "top_ups_unread", message, cause });
    },
    attempt: (key) => collect(options, key),
    attemptFailed: ({ workspaceId, topUp }, cause) => {
      const message = `Top-up ${topUp} of ${workspaceId} could not be collected; it is tried again.`;
      log({ level: "warn", code: "top_up_not_collected", workspaceId, message, cause });
    },
  });
  return {
    watch: (workspaceId) => watchList.watch(workspaceId, clock.now() + watchFromMs),
    appended: ({ workspaceId, events }) => {
      for (const event of events)
        if (event.kind === "top_up.requested") work.add({ workspaceId, topUp: event.topUp.id }, 0);
    },
    told: (key, outcome) => bookPayment(options, subjectOf(key), outcome),
    reversed: (workspaceId, reversal) => bookReversal(options, workspaceId, reversal),
    start: () => work.start(),
    stop: () => work.stop(),
  };
}

async function sweep(options: CollectorOptions, work: DueWork<TopUpKey>): Promise<void> {
  const now = options.clock.now();
  for (let after = ""; !work.isStopping;) {
    const page = await options.watchList.toLookAt({ after, now });
    await work.each(page, (watched) => look(options, work, watched));
    after = page.at(-1)?.workspaceId ?? after;
    if (page.length < watchPage) return;
  }
}

/** C1: reading a workspace has happen what is due in it. */
async function look(
  { engine, watchList, clock, log }: CollectorOptions,
  work: DueWork<TopUpKey>,
  watched: Watched,
): Promise<void> {
  const { workspaceId } = watched;
  try {
    const answer = await engine.read(workspaceId, waitingIn);
    const { ids, hasRule } = answer.kind === "read" ? answer.value : { ids: [], hasRule: false };
    for (const topUp of ids) work.add({ workspaceId, topUp }, 0);
    const isOver = ids.length === 0 && !hasRule;
    await watchList.lookedAt(watched, isOver ? null : clock.now() + lookAgainMs);
  } catch (cause) {
    const message = `Top-ups of ${workspaceId} could not be read; they are looked for again.`;
    log({ level: "warn", code: "top_ups_unread", workspaceId, message, cause });
  }
}

/** Asks the provider once, and books what it says; gives when to look at it again, undefined for never. */
async function collect(options: CollectorOptions, key: TopUpKey): Promise<number | undefined> {
  const { engine, watchList, clock, provider, log } = options;
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
    { ...key, payment: request.payment },
    log,
  );
  await bookPayment(options, request.subject, said);
  if (said.kind === "succeeded" || said.kind === "declined") {
    await watchList.drop(key);
    return undefined;
  }
  const nextMs = clock.now() + backoffMs(attempt.tries, retryMsMin);
  await watchList.end(key, { ...attempt, isUnknown: said.kind === "unknown" }, nextMs);
  return nextMs;
}

/** Y2: a provider that cannot be reached has said nothing. */
async function ask(
  call: () => Promise<PaymentOutcome>,
  { workspaceId, topUp, payment }: TopUpKey & { readonly payment: string },
  log: CollectorOptions["log"],
): Promise<PaymentOutcome> {
  try {
    return await call();
  } catch (cause) {
    const message = `The provider did not answer for top-up ${topUp} of ${workspaceId}; it is asked again.`;
    log({ level: "warn", code: "top_up_not_collected", workspaceId, message, cause });
    return { kind: "unknown", payment };
  }
}

const subjectOf = ({ workspaceId, topUp }: TopUpKey): PaymentSubject => ({
  kind: "top_up",
  workspaceId,
  topUp,
});

const requestOf = (key: TopUpKey, topUp: TopUp): PaymentRequest => ({
  subject: subjectOf(key),
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
