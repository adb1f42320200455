// Owns: how reports that waited reach the server. R1: each has its effect once, since it is sent under its key however often.
// R2: entries of one subject are sent one after the other. R3: an entry leaves the journal only by the server's own word on it;
// where it refuses our key, or cannot decide, the entry stays. R4: usage in buckets that its price does not know is charged in those that it
// knows: who reported it while the server was away could not know them. The entry is changed before it is sent again, so that R1 holds.
import type { OperationResult, Problem, Usage } from "@cistern/contract";
import { isProblem } from "../caller.ts";
import { foldUsage } from "../metering/buckets.ts";
import type { Transport } from "../transport.ts";
import { TransportFault } from "../transport.ts";
import type { JournalEntry, JournalOutcome, OfflineJournal } from "./journal.ts";

/** Entries sent at once. */
const entriesAtOnceMax = 100;

/** What happens to an entry; told before the next one of its subject is sent. */
export type OnConcluded = (entry: JournalEntry, outcome: JournalOutcome) => void;

/** What waits: entries of a journal, asked for anew each time. */
export interface Waiting {
  readonly journal: OfflineJournal;
  readonly entries: () => readonly JournalEntry[];
}

/** Sends everything that waits. Answers whether the server took or refused all of it: `false` says to come again later. */
export async function replay(
  { journal, entries: waiting }: Waiting,
  transport: Transport,
  signal: AbortSignal,
  { concluded }: { readonly concluded: OnConcluded },
): Promise<boolean> {
  for (;;) {
    const entries = nextEntries(waiting());
    if (entries.length === 0) return true;
    const outcomes = await Promise.all(
      entries.map(async (entry) => await outcomeOf({ journal, transport, signal }, entry)),
    );
    for (const [index, entry] of entries.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined) continue;
      await journal.conclude(entry.id, outcome);
      concluded(entry, outcome);
    }
    if (outcomes.includes(undefined)) return false;
  }
}

/** The oldest entries, one of each subject. */
function nextEntries(pending: readonly JournalEntry[]): readonly JournalEntry[] {
  const subjects = new Set<string>();
  const next: JournalEntry[] = [];
  for (const entry of pending) {
    if (next.length === entriesAtOnceMax) break;
    if (subjects.has(entry.subject)) continue;
    subjects.add(entry.subject);
    next.push(entry);
  }
  return next;
}

/** How an entry ended, or `undefined` where it did not. */
async function outcomeOf(
  way: {
    readonly journal: OfflineJournal;
    readonly transport: Transport;
    readonly signal: AbortSignal;
  },
  entry: JournalEntry,
): Promise<JournalOutcome | undefined> {
  const { journal, transport, signal } = way;
  let result: OperationResult;
  try {
    result = await transport.send(entry.operation, signal);
  } catch (error) {
    if (error instanceof TransportFault || signal.aborted) return undefined;
    throw error;
  }
  const { status, body } = result;
  if (status >= 200 && status < 300) return { kind: "delivered" };
  if (status >= 500 || !isProblem(body)) return undefined;
  // These say something of our key, not of the report.
  if (body.code === "unauthenticated" || body.code === "forbidden") return undefined;
  const folded = foldedEntry(entry, body);
  if (folded === undefined) return { kind: "refused", problem: body };
  await journal.append(folded);
  return await outcomeOf(way, folded);
}

/** R4. Undefined: it is not refused for its buckets. */
function foldedEntry(entry: JournalEntry, { buckets }: Problem): JournalEntry | undefined {
  const { operation } = entry;
  const { body } = operation;
  if (buckets === undefined || !hasUsage(body)) return undefined;
  if (Object.keys(body.usage).every((bucket) => buckets.includes(bucket))) return undefined;
  const usage = foldUsage(body.usage, buckets);
  return { ...entry, operation: { ...operation, body: { ...body, usage } } };
}

function hasUsage(body: unknown): body is { readonly usage: Usage } {
  if (typeof body !== "object" || body === null || !("usage" in body)) return false;
  const { usage } = body;
  return (
    typeof usage === "object" &&
    usage !== null &&
    Object.values(usage).every((quantity) => typeof quantity === "number")
  );
}
