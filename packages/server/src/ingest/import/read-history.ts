import { type HistoryRow, type HistorySource, type RefusedRow, HistoryFault } from "./history.ts";
import { stageHistory } from "./staged-history.ts";

/** What becomes of rows that are no usage. */
export interface ReadHistoryOptions extends HistorySource {
  /** Told of each; left out, the first one ends the reading with `HistoryFault`. */
  readonly onRefused?: (row: RefusedRow) => void;
}

/**
 * Reads usage that happened from CSV, lines of JSON or Parquet, sorted by time: what `cistern import` charges, and what a simulation plays.
 * However old it may be; all files are read and checked before the first row comes.
 *
 * @example
 * for await (const { workspace, debit } of readHistory({ files: ["usage.csv"], map: { member: "user_id" } }))
 *   await cistern.workspace(workspace).debit(debit);
 * @throws HistoryFault
 */
export async function* readHistory({
  onRefused = refuse,
  ...source
}: ReadHistoryOptions): AsyncGenerator<HistoryRow> {
  const staged = await stageHistory(source, { onRefused });
  try {
    for await (const chunk of staged.read()) yield* chunk;
  } finally {
    await staged.close();
  }
}

function refuse({ file, line, reason }: RefusedRow): never {
  throw new HistoryFault(`${file}, line ${line}: ${reason}`);
}
