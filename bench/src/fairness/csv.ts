import { parse } from "csv-parse/sync";

/** A row by its columns. */
export type Row = Readonly<Record<string, string>>;

/** What is wrong with a file, in words for whoever gave it. */
export class TraceError extends Error {
  override readonly name = "TraceError";
}

/** The rows of a CSV file with a header; the columns that are named must be in it. */
export function readRows(text: string, file: string, columns: readonly string[]): readonly Row[] {
  const rows = parsed(text, file);
  const [first] = rows;
  if (first === undefined)
    throw new TraceError(`${file} has no rows. Give a CSV file with a header and a row a request.`);
  for (const column of columns)
    if (!Object.hasOwn(first, column))
      throw new TraceError(
        `${file} has no column "${column}"; it has ${Object.keys(first).join(", ")}.`,
      );
  return rows;
}

function parsed(text: string, file: string): readonly Row[] {
  try {
    return parse<Row>(text, { columns: true, bom: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TraceError(`${file} is not a CSV file: ${why}`, { cause: error });
  }
}

/** The number in a column; `index` counts rows from 0. */
export function numberIn(
  row: Row,
  column: string,
  { file, index, least = 0 }: { file: string; index: number; least?: number },
): number {
  const text = row[column] ?? "";
  const value = text === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value) || value < least)
    throw new TraceError(
      `${file}, row ${index + 1}: ${column} is "${text}", which is no number of ${least} or more.`,
    );
  return value;
}
