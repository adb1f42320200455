/**
 * Owns the background work of invoices: drafts whose time has come are issued.
 *
 * B1 what this node drafts is known from memory; a sweep finds what other nodes, or this one before a restart, left. B2 a draft that
 * cannot be issued now is tried again, later each time, and does not keep the others waiting. B3 however many nodes try, an
 * invoice is issued once (`issuing.ts`). B4 what was bought gets its number as soon as it is durable (`purchases.ts`); what a node that
 * is gone left is numbered when it is read.
 */
import type { Event } from "@cistern/kernel";
import { type DueWork, createDueWork } from "../background/index.ts";
import type { IssueInvoice, Issued } from "./issuing.ts";
import type { PurchaseInvoice } from "./purchases.ts";

/** A draft, and when it can be issued. */
export interface DueDraft {
  readonly workspaceId: string;
  readonly invoice: string;
  readonly finalizesAtMs: number;
  /** It is issued and paid, and lacks its number. Left out of drafts. */
  readonly purchase?: PurchaseInvoice;
}

/** What the invoicer stands on. */
export interface InvoicerOptions {
  readonly issue: IssueInvoice;
  /** Gives what was bought its number. */
  readonly number: (workspaceId: string, invoice: PurchaseInvoice) => Promise<void>;
  /** Drafts that are due at an instant, in one order, a page at a time after one of them. */
  readonly draftsDue: (page: {
    readonly at: number;
    readonly after: DueDraft | undefined;
    readonly limit: number;
  }) => Promise<readonly DueDraft[]>;
  readonly clock: {
    now(): number;
    after(ms: number, callBack: () => void): () => void;
  };
  readonly log: (entry: InvoicerLogEntry) => void;
}

/** What an operator is told. */
export interface InvoicerLogEntry {
  readonly level: "info" | "warn";
  readonly code: "invoice_not_issued" | "invoices_unread";
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

const sweepPage = 500;
/** Issued at once: as many as shall wait for the disk together. */
const togetherMax = 16;
const retryMsMin = 1_000;

/** See the file head. */
export function createInvoicer(options: InvoicerOptions): Invoicer {
  const { clock, issue, log } = options;
  let invoicesIssued = 0;
  let issuesFailed = 0;
  const tell = ({ workspaceId, invoice }: DueDraft, cause: unknown): void => {
    const message = `Invoice ${invoice} of ${workspaceId} could not be issued; it is tried again.`;
    log({ level: "warn", code: "invoice_not_issued", workspaceId, message, cause });
  };
  const work: DueWork<DueDraft> = createDueWork<DueDraft>({
    clock,
    togetherMax,
    retryMsMin,
    nameOf: ({ workspaceId, invoice }) => `${workspaceId} ${invoice}`,
    sweep: () => sweep(options, work),
    sweepFailed: (cause) => {
      const message = "Drafts that are due could not be read; they are looked for again.";
      log({ level: "warn", code: "invoices_unread", message, cause });
    },
    attempt: async (draft) => {
      const { workspaceId, invoice, purchase } = draft;
      if (purchase !== undefined) {
        await options.number(workspaceId, purchase);
        return undefined;
      }
      const answer = await issue({ workspaceId, invoice, key: { opId: null, fingerprint: null } });
      // Whoever knows the tax may know it later.
      if (answer.kind === "tax_unknown") throw new TaxUnknown(answer.reason);
      if (answer.kind === "accepted") invoicesIssued += 1;
      else if (!isElsewhere(answer)) tell(draft, answer);
      return undefined;
    },
    attemptFailed: (draft, cause) => {
      issuesFailed += 1;
      tell(draft, cause);
    },
  });
  return {
    appended: ({ workspaceId, events }) => {
      for (const event of events) {
        if (event.kind === "top_up.succeeded" && event.purchase !== undefined) {
          const purchase = event.purchase.invoice;
          const due = { workspaceId, invoice: purchase.id, finalizesAtMs: event.at, purchase };
          work.add(due, event.at);
        }
        if ("invoice" in event && event.invoice?.status === "draft") {
          const { id, finalizesAt } = event.invoice;
          work.add({ workspaceId, invoice: id, finalizesAtMs: finalizesAt }, finalizesAt);
        }
      }
    },
    start: () => work.start(),
    stop: () => work.stop(),
    stats: () => ({ invoicesIssued, issuesFailed, draftsWaiting: work.size }),
  };
}

class TaxUnknown extends Error {
  override readonly name = "TaxUnknown";
}

async function sweep(options: InvoicerOptions, work: DueWork<DueDraft>): Promise<void> {
  const { clock, draftsDue } = options;
  const at = clock.now();
  let after: DueDraft | undefined;
  while (!work.isFull && !work.isStopping) {
    const page = await draftsDue({ at, after, limit: sweepPage });
    for (const draft of page) work.add(draft, draft.finalizesAtMs);
    after = page.at(-1);
    if (page.length < sweepPage) return;
  }
}

/** Another node, or a call, was faster; or the table is behind a journal that no longer has it. */
const isElsewhere = (answer: Issued): boolean =>
  answer.kind === "unknown_workspace" ||
  answer.kind === "unknown_invoice" ||
  (answer.kind === "rejected" && answer.rejection.code === "invoice_status");
