/**
 * Owns what the watch keeps in the database: a cursor a workspace with the whole, and a row for each spender and cap.
 *
 * D1 cursor and rows move in one statement, and only from where the cursor stands. D2 rows of another form are passed over: the fold is made
 * anew from the journal, and tells nothing again that lies before the place up to which it was told.
 */
import type { Pool } from "pg";
import { type CapTold, type Spender, type WatchedWorkspace, unwatched } from "../insights/index.ts";
import { advanceSql, behindSql, cursorSql, rowsSql, watchSql } from "./statements.ts";

/** Raise it when the shape of what is kept, or what is learned, changes (D2). */
const form = 4;

/** Where a workspace stands. */
export interface WatchCursor {
  /** As the database has it, for D1. */
  readonly storedSeq: number;
  /** From where to read on. */
  readonly seq: number;
  readonly toldSeq: number;
  readonly state: WatchedWorkspace;
}

/** What changed. */
export interface WatchAdvance {
  readonly cursor: WatchCursor;
  readonly toSeq: number;
  readonly state: WatchedWorkspace;
  readonly spenders: ReadonlyMap<string, Spender>;
  readonly caps: ReadonlyMap<string, CapTold>;
}

/** The tables. Every method rejects with what the database met. */
export interface WatchRows {
  watch(workspaceId: string): Promise<void>;
  behind(after: string, limit: number): Promise<readonly string[]>;
  cursor(workspaceId: string): Promise<WatchCursor | undefined>;
  spenders(workspaceId: string, ids: readonly string[]): Promise<Map<string, Spender>>;
  caps(workspaceId: string, counters: readonly string[]): Promise<Map<string, CapTold>>;
  /** false: another node was there first, and nothing was written. */
  advance(workspaceId: string, advance: WatchAdvance): Promise<boolean>;
}

/** See the file head. */
export function createWatchRows(pool: Pool): WatchRows {
  const read = async <Row>(
    [workspaceId, kind]: readonly [string, string],
    ids: readonly string[],
    isRow: (value: unknown) => value is Row,
  ): Promise<Map<string, Row>> => {
    if (ids.length === 0) return new Map();
    const { rows } = await pool.query<StoredRow>(rowsSql, [workspaceId, kind, ids, form]);
    const found = rows.flatMap(({ id, state }) => {
      const value = decoded(state);
      return isRow(value) ? [[id, value] as const] : [];
    });
    return new Map(found);
  };
  return {
    async watch(workspaceId) {
      await pool.query(watchSql, [workspaceId, form]);
    },
    async behind(after, limit) {
      const { rows } = await pool.query<{ workspace_id: string }>(behindSql, [after, limit]);
      return rows.map((row) => row.workspace_id);
    },
    async cursor(workspaceId) {
      const { rows } = await pool.query<CursorColumns>(cursorSql, [workspaceId]);
      return rows.map(cursorOf)[0];
    },
    spenders: (workspaceId, ids) => read([workspaceId, "spender"], ids, isSpender),
    caps: (workspaceId, counters) => read([workspaceId, "cap"], counters, isCapTold),
    async advance(workspaceId, { cursor, toSeq, state, spenders, caps }) {
      const changed = [
        ...[...spenders].map(([id, row]) => ["spender", id, encoded(row)] as const),
        ...[...caps].map(([id, row]) => ["cap", id, encoded(row)] as const),
      ];
      const { rows } = await pool.query(advanceSql, [
        workspaceId,
        cursor.storedSeq,
        toSeq,
        Math.max(cursor.toldSeq, toSeq),
        form,
        encoded(state),
        changed.map(([kind]) => kind),
        changed.map(([, id]) => id),
        changed.map(([, , text]) => text),
      ]);
      return rows.length > 0;
    },
  };
}

interface StoredRow {
  readonly id: string;
  readonly state: string;
}

interface CursorColumns {
  readonly seq: string;
  readonly told_seq: string;
  readonly form: number;
  readonly state: string;
}

function cursorOf(row: CursorColumns): WatchCursor {
  const storedSeq = Number(row.seq);
  const state = row.form === form && row.state !== "" ? decoded(row.state) : undefined;
  return isWatched(state)
    ? { storedSeq, seq: storedSeq, toldSeq: Number(row.told_seq), state }
    : { storedSeq, seq: 0, toldSeq: Number(row.told_seq), state: unwatched };
}

/** Statistics are no whole numbers, so that the journal's codec does not take them; credits are written as text. */
const encoded = (row: object): string =>
  JSON.stringify(row, (_key, value: unknown) =>
    typeof value === "bigint" ? { [creditsTag]: String(value) } : value,
  );

const decoded = (text: string): unknown =>
  JSON.parse(text, (_key, value: unknown) => (isCredits(value) ? BigInt(value.$credits) : value));

const creditsTag = "$credits";

const isCredits = (value: unknown): value is { readonly $credits: string } =>
  typeof value === "object" && value !== null && creditsTag in value;

const isWatched = (value: unknown): value is WatchedWorkspace =>
  typeof value === "object" && value !== null && "outlook" in value;
const isSpender = (value: unknown): value is Spender =>
  typeof value === "object" && value !== null && "habits" in value;
const isCapTold = (value: unknown): value is CapTold =>
  typeof value === "object" && value !== null && "armed" in value;
