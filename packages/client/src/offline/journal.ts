import type { Operation, Problem } from "@cistern/contract";

/** A report that the server has not had yet. The operation carries the key under which it has its effect once. */
export interface JournalEntry {
  readonly id: string;
  /** The hold or report that it belongs to: entries of one subject are delivered one after the other. */
  readonly subject: string;
  readonly operation: Operation;
  /** Credits of an offline approval that it uses up, until it is delivered. */
  readonly exposure: string;
}

/** How an entry ended. A refused one is kept apart, for a person to look at. */
export type JournalOutcome =
  | { readonly kind: "delivered" }
  | { readonly kind: "refused"; readonly problem: Problem };

/**
 * Where reports wait while the server cannot be reached. Durable: what `append` has resolved for survives a crash.
 * `@cistern/client/node-journal` keeps it in a file.
 */
export interface OfflineJournal {
  /** How many undelivered entries it takes. */
  readonly entriesMax: number;
  /** Undelivered entries, oldest first. */
  pending(): readonly JournalEntry[];
  /** Resolves when the entry is durable. One under the id of an entry that waits takes its place. */
  append(entry: JournalEntry): Promise<void>;
  /** Resolves when the outcome is noted. Where that is lost, the entry is delivered again under its key, without effect. */
  conclude(id: string, outcome: JournalOutcome): Promise<void>;
  close(): Promise<void>;
}
