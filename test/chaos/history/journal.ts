import { type Event, type Position, isEvent } from "@cistern/kernel";
import type { Database } from "../../../packages/server/src/database/index.ts";
import { type JournalStore, decodeEvents } from "../../../packages/server/src/journal/index.ts";

/** One event at its place. */
export interface Fact {
  readonly position: Position;
  /** The position as one number, so that places can be compared. */
  readonly place: number;
  readonly event: Event;
}

/** What the database says in the end of one workspace. */
export interface Journal {
  readonly workspace: string;
  readonly facts: readonly Fact[];
  /** Where each accepted key says that its event stands. */
  readonly keys: ReadonlyMap<string, number>;
}

type Pool = ReturnType<Database["openPool"]>;

const rowsPage = 256;
const eventsOfOneRowMax = 65_536;
const keysSql = "SELECT op_id, seq, idx FROM ops WHERE workspace_id = $1";

/** A position as one number. */
export const placeOf = ({ seq, index }: Position): number => seq * eventsOfOneRowMax + index;

/** A place in words. */
export const printPlace = (place: number): string =>
  `${Math.floor(place / eventsOfOneRowMax)}.${place % eventsOfOneRowMax}`;

/** Reads a whole journal and its keys. */
export async function readJournal(
  pool: Pool,
  store: JournalStore,
  workspace: string,
): Promise<Journal> {
  const facts: Fact[] = [];
  for (let after = 0; ;) {
    const rows = await store.readRows(workspace, after, rowsPage);
    for (const { seq, events, codec } of rows)
      for (const [index, event] of decodeEvents<Event>(events, codec).entries()) {
        if (!isEvent(event)) throw new Error(`${workspace}/${seq}.${index} is no event.`);
        const position = { seq, index };
        facts.push({ position, place: placeOf(position), event });
      }
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.seq;
  }
  const { rows } = await pool.query<{ op_id: string; seq: string; idx: number }>(keysSql, [
    workspace,
  ]);
  const keys = rows.map(
    ({ op_id: key, seq, idx }) => [key, placeOf({ seq: Number(seq), index: idx })] as const,
  );
  return { workspace, facts, keys: new Map(keys) };
}
