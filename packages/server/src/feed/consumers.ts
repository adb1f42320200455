/**
 * Owns who reads the events of all workspaces, and how far each got in each.
 *
 * A1 there is no order between workspaces, so there is no one cursor: a place stands for each workspace, and moves when the consumer says that it has
 * what lies before. What it did not say so of comes again (at least once), and nothing is passed over, whichever node appended it and when.
 * A2 a place moves on, never back; but to the start, and where the journal lost the row that it names (RULES 24).
 * A3 pages take the workspaces in turn, so that one that is never done keeps no other waiting.
 */
import type { Pool } from "pg";
import { rowsOf } from "../database/index.ts";
import {
  addConsumerSql,
  behindSql,
  moveSql,
  placeSql,
  placesSql,
  readConsumerSql,
  removeConsumerSql,
  removePlacesSql,
  rowBeforeSql,
} from "./statements.ts";

/** Somebody who reads all workspaces. */
export interface FeedConsumer {
  readonly name: string;
  /** Events before it are not read; 0: all are. */
  readonly sinceMs: number;
  readonly createdAtMs: number;
}

/** The last event that it has; `seq` 0 and no hash before the first. */
export interface FeedPlace {
  readonly seq: number;
  readonly index: number;
  readonly hash: string;
}

/** A workspace that it has not had all of. */
export interface BehindWorkspace {
  readonly workspaceId: string;
  readonly place: FeedPlace;
}

/** The tables. Every method rejects with `DatabaseFault`. */
export interface FeedConsumers {
  /** Makes it, or answers the one that is there. */
  put(consumer: FeedConsumer): Promise<FeedConsumer>;
  read(name: string): Promise<FeedConsumer | undefined>;
  /** Forgets it; false where there is none. */
  remove(name: string): Promise<boolean>;
  /** Workspaces that it is behind in, at most `limit`, in turn (A3). */
  behind(consumer: FeedConsumer, limit: number): Promise<readonly BehindWorkspace[]>;
  place(name: string, workspaceId: string): Promise<FeedPlace | undefined>;
  /** `isRowDone`: the row has no more; `mayGoBack`: A2. */
  move(
    name: string,
    workspaceId: string,
    to: FeedPlace & { readonly isRowDone: boolean; readonly mayGoBack: boolean },
  ): Promise<void>;
}

const pageMax = 500;
/** As the index of a place: behind the last event of its row. */
const endOfRow = 999_999_999;
const start: FeedPlace = { seq: 0, index: 0, hash: "" };

const doing = "Keeping what consumers of the feed have read";

/** See the file head. */
export function createFeedConsumers(pool: Pool): FeedConsumers {
  const query = rowsOf(pool);
  /** Where the last page of each consumer ended, on this node. */
  const turns = new Map<string, string>();
  const read = async (name: string): Promise<FeedConsumer | undefined> => {
    const rows = await query<ConsumerColumns>(doing, readConsumerSql, [name]);
    return rows.map((row) => ({
      name,
      sinceMs: Number(row.since_ms),
      createdAtMs: Number(row.created_at_ms),
    }))[0];
  };
  const behindAfter = async ({ name, sinceMs }: FeedConsumer, after: string, limit: number) => {
    const rows = await query<BehindColumns>(doing, behindSql, [name, after, sinceMs, limit]);
    return rows;
  };
  const beginOf = async (workspaceId: string, sinceMs: number): Promise<FeedPlace> => {
    if (sinceMs === 0) return start;
    const rows = await query<RowColumns>(doing, rowBeforeSql, [workspaceId, sinceMs]);
    const [row] = rows;
    return row === undefined ? start : { seq: Number(row.seq), index: endOfRow, hash: row.hash };
  };
  return {
    async put(consumer) {
      const { name, sinceMs, createdAtMs } = consumer;
      await query(doing, addConsumerSql, [name, sinceMs, createdAtMs]);
      return (await read(name)) ?? consumer;
    },
    read,
    async remove(name) {
      const removed = await query(doing, removeConsumerSql, [name]);
      for (let after = ""; ;) {
        const rows = await query<{ workspace_id: string }>(doing, placesSql, [
          name,
          after,
          pageMax,
        ]);
        const ids = rows.map((row) => row.workspace_id);
        if (ids.length > 0) await query(doing, removePlacesSql, [name, ids]);
        after = ids.at(-1) ?? after;
        if (ids.length < pageMax) return removed.length === 1;
      }
    },
    async behind(consumer, limit) {
      const after = turns.get(consumer.name) ?? "";
      const next = await behindAfter(consumer, after, limit);
      const missing = limit - next.length;
      const first = missing > 0 && after !== "" ? await behindAfter(consumer, "", missing) : [];
      const found = new Map([...next, ...first].map((row) => [row.workspace_id, row]));
      turns.set(consumer.name, [...found.keys()].at(-1) ?? "");
      const places: BehindWorkspace[] = [];
      for (const [workspaceId, { seq, idx, hash }] of found) {
        const place =
          seq === null || idx === null || hash === null
            ? await beginOf(workspaceId, consumer.sinceMs)
            : { seq: Number(seq), index: idx, hash };
        places.push({ workspaceId, place });
      }
      return places;
    },
    async place(name, workspaceId) {
      const rows = await query<PlaceColumns>(doing, placeSql, [workspaceId, name]);
      return rows.map(({ seq, idx, hash }) => ({ seq: Number(seq), index: idx, hash }))[0];
    },
    async move(name, workspaceId, { seq, index, hash, isRowDone, mayGoBack }) {
      await query(doing, moveSql, [workspaceId, name, seq, index, hash, isRowDone, mayGoBack]);
    },
  };
}

interface ConsumerColumns {
  readonly since_ms: string;
  readonly created_at_ms: string;
}

interface RowColumns {
  readonly seq: string;
  readonly hash: string;
}

interface PlaceColumns extends RowColumns {
  readonly idx: number;
}

interface BehindColumns {
  readonly workspace_id: string;
  readonly seq: string | null;
  readonly idx: number | null;
  readonly hash: string | null;
}
