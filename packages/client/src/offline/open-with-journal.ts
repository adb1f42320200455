// Owns: what a client does while the server cannot be reached. O1: a refusal stays a refusal; only a missing decision is
// replaced. O2: approvals stay within their bounds. O3: a report is durable before its caller goes on. O4: while the server is
// known to be away nobody waits for it; a probe finds it again.
import type { Hold, Problem } from "@cistern/contract";
import type { Caller } from "../caller.ts";
import type { Deferred } from "../cistern.ts";
import { printCredits, readCredits } from "../credits.ts";
import { durationMs } from "../duration.ts";
import type { Environment } from "../environment.ts";
import { CisternUnavailable } from "../errors.ts";
import type { Approval, ApprovedUse, Asking, FailureMode, Report } from "../failure-mode.ts";
import type { Transport } from "../transport.ts";
import { Exposure } from "./exposure.ts";
import type { JournalEntry, OfflineJournal } from "./journal.ts";
import { replay } from "./replay.ts";

/** The failure mode that lets calls through while the server cannot be reached, up to a bound, and books them later. */
export interface OpenWithJournal {
  readonly kind: "open_with_journal";
  /** Where reports wait; `openNodeJournal({ path })` keeps them in a file. */
  readonly journal: OfflineJournal;
  /** The most holds approved here that the server has not booked yet. */
  readonly holdsMax: number;
  /** The most credits of such holds together. */
  readonly creditsMax: string;
  /** What a hold counts for that names an estimate and not credits, since only the server knows the rates. */
  readonly creditsPerEstimate: string;
  /** The server refused a report that had waited. The journal keeps it apart; nothing else will be done about it. */
  readonly onRefused?: (entry: JournalEntry, problem: Problem) => void;
  /** Delivering what waits failed for a reason of this machine (the disk); it is tried again later. */
  readonly onFault?: (error: unknown) => void;
}

/** Pauses between probes: random up to a bound that doubles from the first to the last. */
const probePauseMinMs = 250;
const probePauseMaxMs = 10_000;
const defaultTtl = "PT5M";

/** The parts that the mode works with. */
export interface OpenParts {
  readonly caller: Caller;
  readonly transport: Transport;
  readonly environment: Environment;
}

/** Approves, keeps and delivers while the server is away. */
export class OpenMode implements FailureMode {
  readonly #options: OpenWithJournal;
  readonly #parts: OpenParts;
  readonly #exposure: Exposure;
  readonly #creditsPerEstimate: bigint;
  readonly #closed = new AbortController();
  /** Reports that wait, by subject. */
  readonly #waiting = new Map<string, number>();
  #isAway = false;
  #probes = 0;
  #cancelProbe: (() => void) | undefined;
  #delivery: Promise<void> | undefined;

  constructor(options: OpenWithJournal, parts: OpenParts) {
    this.#options = options;
    this.#parts = parts;
    this.#creditsPerEstimate = creditsOption("creditsPerEstimate", options.creditsPerEstimate);
    this.#exposure = new Exposure({
      holdsMax: options.holdsMax,
      creditsMaxMicro: creditsOption("creditsMax", options.creditsMax),
    });
    for (const entry of options.journal.pending()) this.#count(entry);
    if (options.journal.pending().length > 0) this.#deliver();
  }

  async authorize(asking: Asking): Promise<Hold | Approval> {
    if (this.#isAway) return this.#approve(asking, undefined);
    try {
      return await this.#parts.caller.change<Hold>(asking.operation, asking.options);
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.#noteAway();
      return this.#approve(asking, error);
    }
  }

  async report<Answer>({ subject, operation, options }: Report): Promise<Answer | Deferred> {
    // What overtakes an earlier report of the same hold could end the hold before it is charged.
    if (!this.#isAway && !this.#waiting.has(subject)) {
      try {
        return await this.#parts.caller.change<Answer>(operation, options);
      } catch (error) {
        if (!isOutage(error)) throw error;
        this.#noteAway();
      }
    }
    await this.#keep({ subject, operation, exposure: "0" }, this.#exposure.approvals);
    return { deferred: true, id: subject };
  }

  async reportApproved(use: ApprovedUse): Promise<Deferred> {
    const { approval, operation, isFinal } = use;
    const left = this.#exposure.creditsOf(approval);
    const spent = use.credits === undefined ? undefined : readCredits(use.credits);
    const counted = spent ?? (left > 0n ? left : this.#creditsPerEstimate);
    await this.#keep({ subject: approval, operation, exposure: printCredits(counted) }, 0);
    if (isFinal) this.#exposure.end(approval);
    else this.#exposure.reduce(approval, counted);
    return { deferred: true, id: approval };
  }

  extendApproval(id: string, credits: string | undefined, expiresAt: number): void {
    const more = credits === undefined ? 0n : (readCredits(credits) ?? 0n);
    if (!this.#exposure.extend(id, more, expiresAt, this.#parts.environment.now()))
      throw this.#boundReached(undefined);
  }

  endApproval(id: string): void {
    this.#exposure.end(id);
  }

  async close(): Promise<void> {
    this.#closed.abort(new CisternUnavailable("closed", "This client is closed."));
    this.#cancelProbe?.();
    await this.#delivery;
    await this.#options.journal.close();
  }

  #approve({ request }: Asking, cause: unknown): Approval {
    const now = this.#parts.environment.now();
    const credits =
      request.credits === undefined ? this.#creditsPerEstimate : readCredits(request.credits);
    const expiresAt = now + durationMs(request.ttl ?? defaultTtl);
    const id = `offline_${this.#parts.environment.newKey()}`;
    // Every approval will bring a report, and there must be room to keep it.
    const promised = this.#entriesWaiting() + this.#exposure.approvals;
    const hasRoom = promised < this.#options.journal.entriesMax;
    if (credits === undefined || !hasRoom || !this.#exposure.approve(id, credits, expiresAt, now))
      throw this.#boundReached(cause);
    return { isApproval: true, id, credits: printCredits(credits), authorizedAt: now, expiresAt };
  }

  #boundReached(cause: unknown): CisternUnavailable {
    const { holds, credits } = this.#exposure;
    const message = `Cistern cannot be reached, and ${holds} holds with ${printCredits(credits)} credits that it has not booked are out already; at most ${this.#options.holdsMax} with ${this.#options.creditsMax} may be.`;
    return new CisternUnavailable("offline_bound_reached", message, { cause });
  }

  /** `roomFor`: entries that are promised to others. */
  async #keep(report: Omit<JournalEntry, "id">, roomFor: number): Promise<void> {
    const { journal } = this.#options;
    if (this.#entriesWaiting() + roomFor >= journal.entriesMax) {
      const message = `${journal.entriesMax} reports wait for Cistern already; this one is not kept.`;
      throw new CisternUnavailable("offline_bound_reached", message);
    }
    const entry = { id: this.#parts.environment.newKey(), ...report };
    this.#count(entry);
    try {
      await journal.append(entry);
    } catch (error) {
      this.#discount(entry);
      const message = "The report could not be kept on disk; Cistern does not know of it.";
      throw new CisternUnavailable("journal_failed", message, { cause: error });
    }
    if (!this.#isAway) this.#deliver();
  }

  #entriesWaiting(): number {
    let total = 0;
    for (const count of this.#waiting.values()) total += count;
    return total;
  }

  #count({ subject, exposure }: JournalEntry): void {
    this.#waiting.set(subject, (this.#waiting.get(subject) ?? 0) + 1);
    if (isExposed(exposure)) this.#exposure.reportWaits(readCredits(exposure) ?? 0n);
  }

  #discount({ subject, exposure }: JournalEntry): void {
    const count = (this.#waiting.get(subject) ?? 1) - 1;
    if (count === 0) this.#waiting.delete(subject);
    else this.#waiting.set(subject, count);
    if (isExposed(exposure)) this.#exposure.reportEnded(readCredits(exposure) ?? 0n);
  }

  #noteAway(): void {
    this.#isAway = true;
    this.#scheduleProbe();
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
        this.#deliver();
      },
      true,
    );
  }

  /** Sends what waits, or, where nothing does, asks whether the server is back; one at a time. */
  #deliver(): void {
    if (this.#delivery !== undefined || this.#closed.signal.aborted) return;
    this.#delivery = this.#deliverAll().finally(() => {
      this.#delivery = undefined;
    });
  }

  async #deliverAll(): Promise<void> {
    try {
      do {
        if (!(await this.#tryToDeliver())) {
          this.#noteAway();
          return;
        }
        this.#isAway = false;
        this.#probes = 0;
      } while (this.#options.journal.pending().length > 0);
    } catch (error) {
      this.#scheduleProbe();
      this.#options.onFault?.(error);
    }
  }

  async #tryToDeliver(): Promise<boolean> {
    const { transport } = this.#parts;
    const { journal, onRefused } = this.#options;
    const { signal } = this.#closed;
    if (journal.pending().length === 0) return await isReady(transport, signal);
    return await replay(journal, transport, signal, (entry, outcome) => {
      this.#discount(entry);
      if (outcome.kind === "refused") onRefused?.(entry, outcome.problem);
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

function isOutage(error: unknown): error is CisternUnavailable {
  return error instanceof CisternUnavailable && error.isOutage;
}

/** Only reports of approvals made here count against the bounds: what the server approved it has counted itself. */
function isExposed(exposure: string): boolean {
  return exposure !== "0";
}

function creditsOption(name: string, text: string): bigint {
  const credits = readCredits(text);
  if (credits === undefined)
    throw new TypeError(`${name} is ${JSON.stringify(text)}; it takes credits such as "12.5".`);
  return credits;
}
