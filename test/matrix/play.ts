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

/** Plays a row's cells one after the other. */
export async function* playRow(
  world: World,
  { sdk, isGateway, cells }: RunnableRow,
): AsyncGenerator<Played | NotPlayed> {
  for (const situation of situations) {
    const cell = cells[situation];
    if ("none" in cell) {
      yield { sdk, situation, none: cell.none };
      continue;
    }
    const result = await world.play(cell, isGateway);
    const isRight = isDeepStrictEqual(result.got, result.expected);
    const isUnchanged = isDeepStrictEqual(asJson(result.metered), asJson(result.bare));
    yield { ...result, sdk, situation, isRight, isUnchanged };
  }
}

/** Whatever the SDK hangs on its answers beside their data is not compared. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
