/** Owns the verdict on a cell: its ends are the expected ones, and the program saw what it sees without metering. */
import { isDeepStrictEqual } from "node:util";
import { type RunnableRow, type Situation, situations } from "./cell.ts";
import type { CellResult, World } from "./world.ts";

/** A cell that was played. */
export interface Played extends CellResult {
  readonly sdk: string;
  readonly situation: Situation;
  readonly isRight: boolean;
  /** The program saw the same with and without metering. */
  readonly isUnchanged: boolean;
}

/** A cell that the SDK does not have. */
export interface NotPlayed {
  readonly sdk: string;
  readonly situation: Situation;
  readonly none: string;
}

/** A row's cells, played one after the other. */
export interface RowPlayed {
  readonly sdk: string;
  readonly cells: Promise<readonly (Played | NotPlayed)[]>;
}

/** As many rows are played side by side; those of the one gateway are not. */
const lanesMax = 4;

/** Plays all rows. */
export function playAll(world: World, rows: readonly RunnableRow[]): readonly RowPlayed[] {
  const lanes = new Map<number, Promise<unknown>>();
  return rows.map((row, index) => {
    const lane = row.through === undefined ? 1 + (index % (lanesMax - 1)) : 0;
    const before = lanes.get(lane) ?? Promise.resolve();
    const cells = before.then(async () => await playRow(world, row));
    lanes.set(
      lane,
      cells.catch(() => {}),
    );
    return { sdk: row.sdk, cells };
  });
}

async function playRow(world: World, row: RunnableRow): Promise<readonly (Played | NotPlayed)[]> {
  const played: (Played | NotPlayed)[] = [];
  const { sdk, told } = row;
  for (const situation of situations) {
    const cell = told[situation];
    if ("none" in cell) {
      played.push({ sdk, situation, none: cell.none });
      continue;
    }
    const result = await world.play(row, situation, cell);
    const isRight = isDeepStrictEqual(result.got, result.expected);
    const isUnchanged = isDeepStrictEqual(asJson(result.metered), asJson(result.bare));
    played.push({ ...result, sdk, situation, isRight, isUnchanged });
  }
  return played;
}

/** Whatever the SDK hangs on its answers beside their data is not compared. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
