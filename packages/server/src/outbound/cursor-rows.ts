/**
 * Owns where each consumer stands in each workspace, in the database.
 *
 * C1 a place moves only under a claim, and at most one node has the claim: so a workspace's events leave in order. C2 a claim runs out by itself: what a
 * node that is gone had begun is delivered again by another. C3 a place is moved back only by a replay or a loss of the journal's tail, never by a race.
 */
import type { Pool } from "pg";
import { rowsOf } from "../database/index.ts";
import { type Place, endOfRow, parseTrail, printTrail } from "./place.ts";
import {
  advanceSql,
  behindSql,
  claimSql,
  dueNowSql,
  failedSql,
  forgetSql,
  placesSql,
  releaseSql,
  replaySql,
  rowBeforeSql,
  workspacesSql,
} from "./statements.ts";

/** A consumer in a workspace. */
export interface Spot {
  readonly workspaceId: string;
  readonly consumer: string;
}

/** A spot, as the node has it that claimed it. */
export interface Claim extends Spot {
  readonly node: string;
}

/** Where a consumer stands. */
export interface Cursor {
  readonly place: Place;
  /** Places before it, newest first. */
  readonly trail: readonly Place[];
  /** It is to be read from this instant first; undefined: from the place. */
  readonly fromMs: number | undefined;
  /** In a row. */
  readonly failures: number;
}

/** A workspace that a consumer has not had all of. */
export interface Behind {
  readonly workspaceId: string;
  /** 0: now. */
  readonly nextAtMs: number;
  readonly claimedUntilMs: number;
  /** Rows of the journal; each has one event or more. */
  readonly rows: number;
  readonly oldestAtMs: number;
}

/** The table. Every method rejects with what the database met. */
export interface CursorRows {
  behind(asked: {
    readonly consumer: string;
    readonly sinceMs: number;
    readonly workspaces: readonly string[] | undefined;
    readonly after: string;
    readonly limit: number;
  }): Promise<readonly Behind[]>;
  /** undefined: another node has it, or it is not due. */
  claim(
    claim: Claim,
    times: { readonly nowMs: number; readonly untilMs: number; readonly sinceMs: number },
  ): Promise<Cursor | undefined>;
  /** false: the claim ran out, or somebody asked for a replay; nothing was written. */
  advance(
    claim: Claim,
    to: {
      readonly place: Place;
      readonly trail: readonly Place[];
      readonly untilMs: number;
      /** As the claim told it, until the place was moved for the first time. */
      readonly fromMs: number | undefined;
    },
  ): Promise<boolean>;
  /** Says whether there is more to be read already. */
  release(claim: Claim, isRowDone: boolean): Promise<boolean>;
  failed(claim: Claim, nextAtMs: number): Promise<void>;
  /** The end of the last row before an instant; undefined: there is none. */
  placeBefore(workspaceId: string, ms: number): Promise<Place | undefined>;
  /** Has a consumer read from an instant again: in these workspaces, or in all. */
  replay(consumer: string, sinceMs: number, workspaces?: readonly string[]): Promise<void>;
  /** Has a consumer try at once what waits for another try. */
  dueNow(consumer: string): Promise<void>;
  forget(consumer: string): Promise<void>;
}

const pageMax = 500;
const noInstant = -1;

const doing = "Keeping what consumers have had";

/** See the file head. */
export function createCursorRows(pool: Pool): CursorRows {
  const query = rowsOf(pool);
  const eachPage = async (
    sql: string,
    values: readonly string[],
    act: (workspaces: readonly string[]) => Promise<unknown>,
  ): Promise<void> => {
    for (let after = ""; ;) {
      const asked = [...values, after, pageMax];
      const rows = await query<{ workspace_id: string }>(doing, sql, asked);
      const page = rows.map((row) => row.workspace_id);
      if (page.length > 0) await act(page);
      after = page.at(-1) ?? after;
      if (page.length < pageMax) return;
    }
  };
  const keyOf = ({ workspaceId, consumer, node }: Claim) => [workspaceId, consumer, node];
  return {
    async behind({ consumer, sinceMs, workspaces, after, limit }) {
      const rows = await query<BehindColumns>(doing, behindSql, [
        consumer,
        sinceMs,
        after,
        limit,
        workspaces ?? null,
      ]);
      return rows.map((row) => ({
        workspaceId: row.workspace_id,
        nextAtMs: Number(row.next_at_ms),
        claimedUntilMs: Number(row.claimed_until_ms),
        rows: Number(row.rows_behind),
        oldestAtMs: Number(row.oldest_at_ms),
      }));
    },
    async claim(claim, { nowMs, untilMs, sinceMs }) {
      const rows = await query<CursorColumns>(doing, claimSql, [
        ...keyOf(claim),
        nowMs,
        untilMs,
        sinceMs,
      ]);
      return rows.map(cursorOf)[0];
    },
    async advance(claim, { place, trail, untilMs, fromMs = noInstant }) {
      const rows = await query(doing, advanceSql, [
        ...keyOf(claim),
        untilMs,
        place.seq,
        place.index,
        place.hash,
        printTrail(trail),
        fromMs,
      ]);
      return rows.length > 0;
    },
    async release(claim, isRowDone) {
      const rows = await query<{ is_behind: boolean }>(doing, releaseSql, [
        ...keyOf(claim),
        isRowDone,
      ]);
      return rows[0]?.is_behind ?? false;
    },
    async failed(claim, nextAtMs) {
      await query(doing, failedSql, [...keyOf(claim), nextAtMs]);
    },
    async placeBefore(workspaceId, ms) {
      const rows = await query<{ seq: string; hash: string }>(doing, rowBeforeSql, [
        workspaceId,
        ms,
      ]);
      return rows.map(({ seq, hash }) => ({ seq: Number(seq), index: endOfRow, hash }))[0];
    },
    async replay(consumer, sinceMs, workspaces) {
      const again = (page: readonly string[]) => query(doing, replaySql, [consumer, page, sinceMs]);
      if (workspaces === undefined) await eachPage(workspacesSql, [], again);
      else await again(workspaces);
    },
    dueNow: (consumer) =>
      eachPage(placesSql, [consumer], (workspaces) =>
        query(doing, dueNowSql, [consumer, workspaces]),
      ),
    forget: (consumer) =>
      eachPage(placesSql, [consumer], (workspaces) =>
        query(doing, forgetSql, [consumer, workspaces]),
      ),
  };
}

interface BehindColumns {
  readonly workspace_id: string;
  readonly next_at_ms: string;
  readonly claimed_until_ms: string;
  readonly rows_behind: string;
  readonly oldest_at_ms: string;
}

interface CursorColumns {
  readonly seq: string;
  readonly idx: number;
  readonly hash: string;
  readonly trail: string;
  readonly from_ms: string;
  readonly failures: number;
}

const cursorOf = (row: CursorColumns): Cursor => ({
  place: { seq: Number(row.seq), index: row.idx, hash: row.hash },
  trail: parseTrail(row.trail),
  fromMs: Number(row.from_ms) >= 0 ? Number(row.from_ms) : undefined,
  failures: row.failures,
});
