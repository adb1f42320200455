/** Owns what the watch over workspaces keeps, as a node sees it: statements that take their time, and may fail. */
import { unwatched, type WatchRows } from "cistern/watching";
import { StoreFault } from "cistern/journal";
import type { Sky } from "../database/connection.ts";
import type { Database } from "../database/database.ts";
import type { Chance } from "../world/chance.ts";
import type { World } from "../world/world.ts";

/** What the way there stands on. */
interface WatchParts {
  readonly world: World;
  readonly database: Database;
  readonly sky: Sky;
  readonly chance: Chance;
  /** Hands an answer to the process, at once or when it wakes. */
  readonly hand: (run: () => void) => void;
}

/** See the file head. */
export function watchRows(parts: WatchParts): WatchRows {
  const { database } = parts;
  const ask = <Answer>(statement: () => Answer): Promise<Answer> => asked(parts, statement);
  return {
    watch: async () => undefined,
    behind: async () => [],
    cursor: (workspaceId) =>
      ask(() => {
        const { seq = 0, toldSeq = 0, state = unwatched } = database.watched(workspaceId) ?? {};
        return { storedSeq: seq, seq, toldSeq, state };
      }),
    spenders: (workspaceId, ids) =>
      ask(() => some(database.watched(workspaceId)?.spenders ?? new Map(), ids)),
    caps: (workspaceId, ids) =>
      ask(() => some(database.watched(workspaceId)?.caps ?? new Map(), ids)),
    advance: (workspaceId, { cursor, toSeq, state, spenders, caps }) =>
      ask(() => {
        const before = database.watched(workspaceId);
        return database.advanceWatch(workspaceId, cursor.storedSeq, {
          seq: toSeq,
          toldSeq: Math.max(cursor.toldSeq, toSeq),
          state,
          spenders: new Map([...(before?.spenders ?? []), ...spenders]),
          caps: new Map([...(before?.caps ?? []), ...caps]),
        });
      }),
  };
}

/** A statement is executed or not, and its sender may not learn which. */
function asked<Answer>(
  { world, sky, chance, hand }: WatchParts,
  statement: () => Answer,
): Promise<Answer> {
  const latencyUs = (): number => 60 + chance.around(400);
  return new Promise((resolve, reject) => {
    const fail = (): void =>
      hand(() =>
        reject(
          new StoreFault("The database does not answer.", {
            code: "connection_lost",
            isRetryable: true,
            outcome: "unknown",
          }),
        ),
      );
    world.schedule(latencyUs(), () => {
      if (world.nowUs < sky.downUntilUs || chance.happens(sky.weather.requestLost)) return fail();
      const answer = statement();
      world.schedule(latencyUs(), () => {
        if (chance.happens(sky.weather.replyLost)) return fail();
        hand(() => resolve(answer));
      });
    });
  });
}

const some = <Row>(rows: ReadonlyMap<string, Row>, ids: readonly string[]): Map<string, Row> =>
  new Map([...rows].filter(([id]) => ids.includes(id)));
