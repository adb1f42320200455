import { Discrepancy } from "./books/accounts.ts";
import { Ledger } from "./books/ledger.ts";
import { type Timeline, told } from "./timeline.ts";
import type { Violation } from "./violation.ts";

/** Asks of a timeline: does every event follow from those before it? The first that does not ends the question. */
export function judgeBooks(timeline: Timeline, violations: Violation[]): void {
  const ledger = new Ledger();
  for (const { event, position } of timeline.events)
    try {
      ledger.take(event);
    } catch (error) {
      if (!(error instanceof Discrepancy)) throw error;
      const { workspaceId } = timeline;
      const text = `${event.kind} at ${told(position)} does not follow: ${error.message}`;
      violations.push({ question: "books", workspaceId, text });
      return;
    }
}
