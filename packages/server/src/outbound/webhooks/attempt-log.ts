/**
 * Owns the log of attempts: the last of each endpoint, best effort. A node that dies loses what it had not written for half a second; what was sent and
 * what was not is told by the places alone.
 */
import type { Pool } from "pg";
import { rowsOf } from "../../database/index.ts";
import type { EngineClock } from "../../engine/index.ts";
import {
  forgetAttemptsSql,
  insertAttemptsSql,
  listAttemptsSql,
  pruneAttemptsSql,
} from "./statements.ts";

/** One try to send an event. */
export interface Attempt {
  readonly id: string;
  readonly atMs: number;
  readonly workspaceId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly attempt: number;
  readonly ms: number;
  readonly taken: boolean;
  readonly status: number | undefined;
  readonly fault: string | undefined;
  readonly nextAtMs: number | undefined;
}

/** Writes attempts down a little later. */
export interface AttemptLog {
  add(consumer: string, attempt: Attempt): void;
  /** Newest first, before an id. */
  list(consumer: string, before: string | undefined, limit: number): Promise<readonly Attempt[]>;
  forget(consumer: string): Promise<void>;
  /** Writes what is not written yet. */
  flush(): Promise<void>;
}

const flushMs = 500;
const waitingMax = 5_000;
const keptMax = 1_000;
/** Written for an endpoint since the old ones were last forgotten. */
const pruneEvery = 200;

const doing = "Keeping attempts of webhooks";

/** See the file head. */
export function createAttemptLog(
  pool: Pool,
  { clock, onFault }: { clock: Pick<EngineClock, "after">; onFault: (cause: unknown) => void },
): AttemptLog {
  const query = rowsOf(pool);
  let waiting: (Attempt & { readonly consumer: string })[] = [];
  let isPlanned = false;
  let writing: Promise<void> = Promise.resolve();
  const written = new Map<string, number>();
  const write = async (): Promise<void> => {
    const rows = waiting;
    waiting = [];
    if (rows.length === 0) return;
    try {
      await query(doing, insertAttemptsSql, columnsOf(rows));
      for (const { consumer } of rows) written.set(consumer, (written.get(consumer) ?? 0) + 1);
      for (const [consumer, count] of written) {
        if (count < pruneEvery) continue;
        written.set(consumer, 0);
        await query(doing, pruneAttemptsSql, [consumer, keptMax]);
      }
    } catch (cause) {
      onFault(cause);
    }
  };
  const flush = (): Promise<void> => (writing = writing.then(write));
  return {
    add(consumer, attempt) {
      if (waiting.length >= waitingMax) return;
      waiting.push({ ...attempt, consumer });
      if (isPlanned) return;
      isPlanned = true;
      clock.after(flushMs, () => {
        isPlanned = false;
        void flush();
      });
    },
    async list(consumer, before, limit) {
      await flush();
      const values = [consumer, before ?? null, limit];
      const rows = await query<AttemptColumns>(doing, listAttemptsSql, values);
      return rows.map(attemptOf);
    },
    async forget(consumer) {
      await flush();
      await query(doing, forgetAttemptsSql, [consumer]);
    },
    flush,
  };
}

const columnsOf = (rows: readonly (Attempt & { readonly consumer: string })[]) => [
  rows.map(({ consumer }) => consumer),
  rows.map(({ id }) => id),
  rows.map(({ atMs }) => atMs),
  rows.map(({ workspaceId }) => workspaceId),
  rows.map(({ eventId }) => eventId),
  rows.map(({ eventType }) => eventType),
  rows.map(({ attempt }) => attempt),
  rows.map(({ ms }) => ms),
  rows.map(({ taken }) => taken),
  rows.map(({ status }) => status ?? null),
  rows.map(({ fault }) => fault?.replaceAll("\0", "").slice(0, faultCharactersMax) ?? null),
  rows.map(({ nextAtMs }) => nextAtMs ?? null),
];

const faultCharactersMax = 500;

interface AttemptColumns {
  readonly id: string;
  readonly at_ms: string;
  readonly workspace: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly attempt: number;
  readonly ms: number;
  readonly taken: boolean;
  readonly status: number | null;
  readonly fault: string | null;
  readonly next_at_ms: string | null;
}

const attemptOf = (row: AttemptColumns): Attempt => ({
  id: row.id,
  atMs: Number(row.at_ms),
  workspaceId: row.workspace,
  eventId: row.event_id,
  eventType: row.event_type,
  attempt: row.attempt,
  ms: row.ms,
  taken: row.taken,
  status: row.status ?? undefined,
  fault: row.fault ?? undefined,
  nextAtMs: row.next_at_ms === null ? undefined : Number(row.next_at_ms),
});
