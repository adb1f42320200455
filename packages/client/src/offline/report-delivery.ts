// Owns: how reports of what has happened reach the server. D1: what `report` and `keep` resolved for is answered by the server or
// durable here. D2: a report is durable from its first attempt on that failed, or that has no answer after a quarter of a second, or that
// `close` cut short: a process that is killed then loses nothing. D3: reports of one subject arrive in order. D4: while the server is known to be away nobody waits for it; a probe finds it again.
import type { Problem } from "@cistern/contract";
import type { Caller } from "../caller.ts";
import type { Deferred } from "../cistern.ts";
import type { Environment } from "../environment.ts";
import { CisternProblem, CisternUnavailable } from "../errors.ts";
import type { Report } from "../failure-mode.ts";
import type { Transport } from "../transport.ts";
import type { JournalEntry, OfflineJournal } from "./journal.ts";
import { replay } from "./replay.ts";

/** Where reports wait, and who hears of those that end badly. */
export interface Journaling {
  /** Where reports wait; `openNodeJournal({ path })` keeps them in a file. */
  readonly journal: OfflineJournal;
  /** The server refused a report that had waited. The journal keeps it apart; nothing else will be done about it. */
  readonly onRefused?: (entry: JournalEntry, problem: Problem) => void;
  /** Delivering what waits failed for a reason of this machine (the disk); it is tried again later. */
  readonly onFault?: (error: unknown) => void;
}

/** What modes with a journal work with. */
export interface OfflineParts {
  readonly caller: Caller;
  readonly transport: Transport;
  readonly environment: Environment;
}

/** Hears of entries that begin to wait, and of those that do no longer. */
export interface WaitingListener {
  readonly begins: (entry: JournalEntry) => void;
  readonly ends: (entry: JournalEntry) => void;
}

/** A report without an answer for so long is put on disk, though its attempt goes on. */
const unkeptMsMax = 250;
/** Pauses between probes: random up to a bound that doubles from the first to the last. */
const probePauseMinMs = 250;
const probePauseMaxMs = 10_000;

/** Delivers reports now, or keeps and delivers them later. */
export class ReportDelivery {
  readonly #options: Journaling;
  readonly #parts: OfflineParts;
  readonly #listener: WaitingListener | undefined;
  readonly #closed = new AbortController();
  /** Entries that wait, and of how many a subject has. */
  readonly #waiting = new Map<string, JournalEntry>();
  readonly #subjects = new Map<string, number>();
  /** Entries that their caller still tries to deliver itself. */
  readonly #tried = new Set<string>();
  /** Reports that have not resolved yet. */
  readonly #reports = new Set<Promise<unknown>>();
  #isAway = false;
  #probes = 0;
  #cancelProbe: (() => void) | undefined;
  #delivery: Promise<void> | undefined;

  constructor(options: Journaling, parts: OfflineParts, listener?: WaitingListener) {
    this.#options = options;
    this.#parts = parts;
    this.#listener = listener;
    for (const entry of options.journal.pending()) this.#begin(entry);
    if (this.#waiting.size > 0) this.deliver();
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  /** How many entries wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Answers with the server's word where it has one; a refusal is thrown. `roomFor`: entries that are promised to others. */
  async report<Answer>(report: Report, roomFor: number): Promise<Answer | Deferred> {
    const reporting = this.#report<Answer>(report, roomFor);
    this.#reports.add(reporting);
    try {
      return await reporting;
    } finally {
      this.#reports.delete(reporting);
    }
  }

  async #report<Answer>(
    { subject, operation, options }: Report,
    roomFor: number,
  ): Promise<Answer | Deferred> {
    const isTooLate = this.#closed.signal.aborted;
    const deferred = { deferred: true, id: subject } as const;
    const report = { subject, operation, exposure: "0" };
    // What overtakes an earlier report of the same hold could end the hold before it is charged.
    if (this.#isAway || this.#subjects.has(subject)) {
      await this.keep(report, roomFor);
      return deferred;
    }
    const entry = { id: this.#parts.environment.newKey(), ...report };
    let keeping: Promise<void> | undefined;
    // D2. Where there is no room for it, that is told if no attempt succeeds.
    const keepNow = () => {
      this.#tried.add(entry.id);
      keeping ??= this.#append(entry, roomFor);
      keeping.catch(() => {});
    };
    const cancelTimer = this.#parts.environment.setTimer(unkeptMsMax, keepNow, true);
    try {
      const answer = await this.#parts.caller.change<Answer>(operation, options, keepNow);
      await this.#forget(entry, keeping);
      return answer;
    } catch (error) {
      if (error instanceof CisternProblem) await this.#forget(entry, keeping);
      const isCutShort = isClosed(error) && !isTooLate;
      // Given up by its caller it waits all the same, if an attempt failed before.
      if (!isOutage(error) && !isCutShort) throw error;
      if (!isCutShort) this.noteAway();
      await (keeping ?? this.#append(entry, roomFor));
      return deferred;
    } finally {
      cancelTimer();
      this.#tried.delete(entry.id);
      if (keeping !== undefined) this.#deliverMore();
    }
  }

  /** Keeps a report for later. */
  async keep(report: Omit<JournalEntry, "id">, roomFor: number): Promise<void> {
    await this.#append({ id: this.#parts.environment.newKey(), ...report }, roomFor);
    if (!this.#isAway) this.deliver();
  }

  noteAway(): void {
    this.#isAway = true;
    this.#scheduleProbe();
  }

  /** Sends what waits, or, where nothing does, asks whether the server is back; one at a time. */
  deliver(): void {
    if (this.#delivery !== undefined || this.#closed.signal.aborted) return;
    this.#delivery = this.#deliverAll().finally(() => {
      this.#delivery = undefined;
      this.#deliverMore();
    });
  }

  /** What came while the last delivery ended. */
  #deliverMore(): void {
    const isLater = this.#isAway || this.#cancelProbe !== undefined;
    if (!isLater && this.#deliverable().length > 0) this.deliver();
  }

  async close(): Promise<void> {
    this.#closed.abort(new CisternUnavailable("closed", "This client is closed."));
    this.#cancelProbe?.();
    await this.#delivery;
    await Promise.allSettled(this.#reports);
    await this.#options.journal.close();
  }

  async #append(entry: JournalEntry, roomFor: number): Promise<void> {
    const { journal } = this.#options;
    if (this.waiting + roomFor >= journal.entriesMax) {
      const message = `${journal.entriesMax} reports wait for Cistern already; this one is not kept.`;
      throw new CisternUnavailable("offline_bound_reached", message);
    }
    this.#begin(entry);
    try {
      await journal.append(entry);
    } catch (error) {
      this.#end(entry);
      const message = "The report could not be kept on disk; Cistern does not know of it.";
      throw new CisternUnavailable("journal_failed", message, { cause: error });
    }
  }

  /** The server has said its word on what was kept meanwhile. Where that is lost, it is sent once more under its key, without effect. */
  async #forget(entry: JournalEntry, keeping: Promise<void> | undefined): Promise<void> {
    if (keeping === undefined) return;
    try {
      await keeping;
      await this.#options.journal.conclude(entry.id, { kind: "delivered" });
    } catch (error) {
      this.#options.onFault?.(error);
    }
    this.#end(entry);
  }

  #begin(entry: JournalEntry): void {
    this.#waiting.set(entry.id, entry);
    this.#subjects.set(entry.subject, (this.#subjects.get(entry.subject) ?? 0) + 1);
    this.#listener?.begins(entry);
  }

  #end(entry: JournalEntry): void {
    if (!this.#waiting.delete(entry.id)) return;
    const count = (this.#subjects.get(entry.subject) ?? 1) - 1;
    if (count === 0) this.#subjects.delete(entry.subject);
    else this.#subjects.set(entry.subject, count);
    this.#listener?.ends(entry);
  }

  #scheduleProbe(): void {
    if (this.#closed.signal.aborted || this.#cancelProbe !== undefined) return;
    const bound = Math.min(probePauseMaxMs, probePauseMinMs * 2 ** this.#probes);
    this.#probes += 1;
    const pauseMs = bound * (0.5 + this.#parts.environment.random() / 2);
    this.#cancelProbe = this.#parts.environment.setTimer(
      pauseMs,
      () => {
        this.#cancelProbe = undefined;
        this.deliver();
      },
      true,
    );
  }

  async #deliverAll(): Promise<void> {
    try {
      do {
        if (!(await this.#tryToDeliver())) {
          this.noteAway();
          return;
        }
        this.#isAway = false;
        this.#probes = 0;
      } while (this.#deliverable().length > 0);
    } catch (error) {
      this.#scheduleProbe();
      this.#options.onFault?.(error);
    }
  }

  /** D3: what a caller tries itself, and what follows it, waits for the end of that. */
  #deliverable(): readonly JournalEntry[] {
    const pending = this.#options.journal.pending();
    if (this.#tried.size === 0) return pending;
    const held = pending.filter(({ id }) => this.#tried.has(id)).map(({ subject }) => subject);
    return pending.filter(({ subject }) => !held.includes(subject));
  }

  async #tryToDeliver(): Promise<boolean> {
    const { transport } = this.#parts;
    const { journal, onRefused } = this.#options;
    const { signal } = this.#closed;
    if (this.#deliverable().length === 0) return await isReady(transport, signal);
    return await replay({ journal, entries: () => this.#deliverable() }, transport, signal, {
      concluded: (entry, outcome) => {
        this.#end(entry);
        if (outcome.kind === "refused") onRefused?.(entry, outcome.problem);
      },
    });
  }
}

async function isReady(transport: Transport, signal: AbortSignal): Promise<boolean> {
  try {
    const { status } = await transport.read("/readyz", signal);
    return status === 200;
  } catch {
    // Whatever stands in the way, the next probe asks again.
    return false;
  }
}

/** Whether no decision could be had, which is what a failure mode is for. */
export function isOutage(error: unknown): error is CisternUnavailable {
  return error instanceof CisternUnavailable && error.isOutage;
}

const isClosed = (error: unknown): boolean =>
  error instanceof CisternUnavailable && error.reason === "closed";
