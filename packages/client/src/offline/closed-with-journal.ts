// Owns: what a client does that fails closed and keeps a journal. J1: no call is approved without the server. J2: what a call used is
// never lost: reports that cannot be delivered are durable before their caller goes on, and have their effect once.
import type { Hold } from "@cistern/contract";
import type { Deferred } from "../cistern.ts";
import { type Asking, type FailureMode, type Report, noApprovals } from "../failure-mode.ts";
import { type Journaling, type OfflineParts, ReportDelivery, isOutage } from "./report-delivery.ts";

/**
 * The failure mode that approves nothing without the server, and yet loses no settle, release or debit when it goes away meanwhile: they
 * return `{ deferred: true }` when they are on disk, and are delivered once, in order per hold, when the server is back, also by the next
 * process that opens the journal.
 *
 * @example
 * const journal = await openNodeJournal({ path: ".cistern/reports.jsonl" });
 * const cistern = createCistern({ url, apiKey, failureMode: { kind: "closed", journal } });
 */
export interface ClosedWithJournal extends Journaling {
  readonly kind: "closed";
}

/** Approves nothing, keeps and delivers. */
export function closedMode(options: ClosedWithJournal, parts: OfflineParts): FailureMode {
  const delivery = new ReportDelivery(options, parts);
  return {
    authorize: async ({ operation, options: call }: Asking): Promise<Hold> => {
      try {
        const hold = await parts.caller.change<Hold>(operation, call);
        // Whoever decides takes reports too.
        if (delivery.isAway) delivery.deliver();
        return hold;
      } catch (error) {
        if (isOutage(error)) delivery.noteAway();
        throw error;
      }
    },
    report: async <Answer>(report: Report): Promise<Answer | Deferred> =>
      await delivery.report<Answer>(report, 0),
    ...noApprovals,
    close: async () => await delivery.close(),
  };
}
