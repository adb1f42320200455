/**
 * Owns the background work of invoices: drafts whose time has come are issued.
 *
 * B0 a workspace that nobody calls is woken when its subscription is due, so that its draft is there at all. B1 what this node drafts is known from memory; a sweep finds what other nodes, or this one before a restart, left. B2 a draft that
 * cannot be issued now is tried again, later each time, and does not keep the others waiting. B3 however many nodes try, an
 * invoice is issued once (`issuing.ts`).
 */
import type { Event } from "@cistern/kernel";
import type { IssueInvoice, Issued } from "./issuing.ts";

/** A draft, and when it can be issued. */
export interface DueDraft {
  readonly workspaceId: string;
  readonly invoice: string;
  readonly finalizesAtMs: number;
}

/** What the invoicer stands on. */
export interface InvoicerOptions {
  readonly issue: IssueInvoice;
  /** Drafts that are due at an instant, in one order, a page at a time after one of them. */
  readonly draftsDue: (page: {
    readonly at: number;
    readonly after: DueDraft | undefined;
    readonly limit: number;
  }) => Promise<readonly DueDraft[]>;
  /** Workspaces of which a subscription is due, in order after one of them. */
  readonly subscriptionsDue: (page: {
    readonly at: number;
    readonly after: string;
    readonly limit: number;
  }) => Promise<readonly string[]>;
  /** Has all happen that is due in a workspace. */
  readonly wake: (workspaceId: string) => Promise<unknown>;
  readonly clock: {
    now(): number;
    after(ms: number, callBack: () => void): () => void;
  };
  readonly log: (entry: InvoicerLogEntry) => void;
}

/** What an operator is told. */
export interface InvoicerLogEntry {
  readonly level: "info" | "warn";
  readonly code: "invoice_not_issued" | "invoices_unread" | "subscription_not_woken";
  readonly message: string;
  readonly workspaceId?: string;
  readonly cause?: unknown;
}

/** Counts since the start, and how many drafts wait for their time or for another try. */
export interface InvoicerStats {
  readonly invoicesIssued: number;
  readonly issuesFailed: number;
  readonly draftsWaiting: number;
}

/** Issues what is due until it is stopped. */
export interface Invoicer {
  /** Told of each durable row of this node; cheap. */
  appended(row: { readonly workspaceId: string; readonly events: readonly Event[] }): void;
  start(): void;
  /** Ends what it has begun and begins no more. */
  stop(): Promise<void>;
  stats(): InvoicerStats;
}

const sweepMs = 60_000;
const sweepPage = 500;
/** Beyond these a draft is left to the next sweep. */
const waitingMax = 10_000;
/** Issued at once: as many as shall wait for the disk together. */
const togetherMax = 16;
const retryMsMin = 1_000;
const retryMsMax = 10 * 60_000;

interface Waiting extends DueDraft {
  tries: number;
  nextAtMs: number;
}

/** See the file head. */
export function createInvoicer(options: InvoicerOptions): Invoicer {
  const loop = new InvoicerLoop(options);
  return {
    appended: ({ workspaceId, events }) => {
      for (const event of events)
        if ("invoice" in event && event.invoice?.status === "draft")
          loop.add({
            workspaceId,
            invoice: event.invoice.id,
            finalizesAtMs: event.invoice.finalizesAt,
          });
    },
    start: () => loop.start(),
    stop: () => loop.stop(),
    stats: () => loop.stats(),
  };
}

class InvoicerLoop {
  readonly #options: InvoicerOptions;
  /** By workspace and invoice. */
  readonly #waiting = new Map<string, Waiting>();
  #nextSweepAt = 0;
  #running: Promise<void> | undefined;
  #isStarted = false;
  #isStopping = false;
  #cancel = (): void => {};
  #plannedFor = Number.POSITIVE_INFINITY;
  #issued = 0;
  #failed = 0;

  constructor(options: InvoicerOptions) {
    this.#options = options;
  }

  add(draft: DueDraft): void {
    const key = `${draft.workspaceId} ${draft.invoice}`;
    if (this.#waiting.has(key) || this.#waiting.size >= waitingMax) return;
    this.#waiting.set(key, { ...draft, tries: 0, nextAtMs: draft.finalizesAtMs });
    if (draft.finalizesAtMs < this.#plannedFor) this.#plan(draft.finalizesAtMs);
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

  stats(): InvoicerStats {
    return {
      invoicesIssued: this.#issued,
      issuesFailed: this.#failed,
      draftsWaiting: this.#waiting.size,
    };
  }

  /** At most until the next sweep, so that no timer is longer than its host can count. */
  #plan(at: number): void {
    if (!this.#isStarted || this.#isStopping || this.#running !== undefined) return;
    this.#cancel();
    const { clock } = this.#options;
    this.#plannedFor = at;
    this.#cancel = clock.after(Math.min(sweepMs, Math.max(0, at - clock.now())), () => {
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
    const { clock, log } = this.#options;
    if (clock.now() >= this.#nextSweepAt) {
      this.#nextSweepAt = clock.now() + sweepMs;
      try {
        await this.#sweep();
      } catch (cause) {
        const message = "Drafts that are due could not be read; they are looked for again.";
        log({ level: "warn", code: "invoices_unread", message, cause });
      }
    }
    const due = [...this.#waiting.values()].filter(({ nextAtMs }) => nextAtMs <= clock.now());
    await this.#each(due, (draft) => this.#issue(draft));
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
    const { clock, draftsDue } = this.#options;
    const at = clock.now();
    await this.#wakeDue(at);
    let after: DueDraft | undefined;
    while (this.#waiting.size < waitingMax && !this.#isStopping) {
      const page = await draftsDue({ at, after, limit: sweepPage });
      for (const draft of page) this.add(draft);
      after = page.at(-1);
      if (page.length < sweepPage) return;
    }
  }

  async #wakeDue(at: number): Promise<void> {
    const { subscriptionsDue, wake, log } = this.#options;
    for (let after = ""; !this.#isStopping;) {
      const page = await subscriptionsDue({ at, after, limit: sweepPage });
      await this.#each(page, async (workspaceId) => {
        try {
          await wake(workspaceId);
        } catch (cause) {
          const message = `What is due in ${workspaceId} could not happen; it is tried again.`;
          log({ level: "warn", code: "subscription_not_woken", workspaceId, message, cause });
        }
      });
      after = page.at(-1) ?? after;
      if (page.length < sweepPage) return;
    }
  }

  async #issue(draft: Waiting): Promise<void> {
    const { workspaceId, invoice } = draft;
    try {
      const key = { opId: null, fingerprint: null };
      const answer = await this.#options.issue({ workspaceId, invoice, key });
      this.#waiting.delete(`${workspaceId} ${invoice}`);
      if (answer.kind === "accepted") this.#issued += 1;
      else if (!isElsewhere(answer)) this.#tell(draft, answer);
    } catch (cause) {
      this.#failed += 1;
      draft.tries += 1;
      const waitMs = Math.min(retryMsMax, retryMsMin * 2 ** Math.min(draft.tries - 1, 20));
      draft.nextAtMs = this.#options.clock.now() + waitMs;
      this.#tell(draft, cause);
    }
  }

  #tell({ workspaceId, invoice }: DueDraft, cause: unknown): void {
    this.#options.log({
      level: "warn",
      code: "invoice_not_issued",
      workspaceId,
      message: `Invoice ${invoice} of ${workspaceId} could not be issued; it is tried again.`,
      cause,
    });
  }
}

/** Another node, or a call, was faster; or the table is behind a journal that no longer has it. */
const isElsewhere = (answer: Issued): boolean =>
  answer.kind === "unknown_workspace" ||
  answer.kind === "unknown_invoice" ||
  (answer.kind === "rejected" && answer.rejection.code === "invoice_status");
