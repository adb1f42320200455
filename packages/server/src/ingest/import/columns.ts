/**
 * Owns which column is which field. C1 every column has a use, or was said to have none: one that is left out by mistake might be usage
 * that nobody is charged for.
 */
import { type HistorySource, HistoryFault } from "./history.ts";

/** What a row may say. Any other name in a map is a bucket's. */
export const fieldNames = [
  "workspace",
  "id",
  "member",
  "meter",
  "model",
  "credits",
  "usage",
  "occurredAt",
  "from",
  "to",
  "run",
  "project",
  "attributes",
] as const;

export type FieldName = (typeof fieldNames)[number];

/** Buckets that are known by the name of their column; others are mapped. */
const bucketNames = [
  "input_text",
  "input_audio",
  "input_image",
  "cache_read",
  "cache_write_5m",
  "cache_write_1h",
  "output_text",
  "output_reasoning",
  "output_audio",
  "output_image",
  "seconds",
  "images",
  "requests",
] as const;

/** Where things stand. */
export interface Columns {
  /** The column of a field. */
  of(field: FieldName): string;
  /** Bucket and column. */
  readonly buckets: readonly (readonly [bucket: string, column: string])[];
  readonly attributes: readonly string[];
  /** Columns that have no use (C1). */
  unknown(columns: readonly string[]): readonly string[];
}

/** No file has a column of this name: of a field that is left out. */
const noColumn = "\0";

/** Reads what was said of the columns. Throws `HistoryFault`. */
export function columnsOf({
  map = {},
  attributes = [],
  ignore = [],
}: Pick<HistorySource, "map" | "attributes" | "ignore">): Columns {
  const left = new Set<string>(ignore);
  // Words that many files have for something else: who says what they are has said that they are no times.
  const taken = new Set([...Object.values(map), ...attributes]);
  const isLeft = (field: FieldName): boolean =>
    left.has(field) || ((field === "from" || field === "to") && taken.has(field));
  const fields = new Map(
    fieldNames.map((field) => [field, map[field] ?? (isLeft(field) ? noColumn : field)]),
  );
  const isField = (name: string): boolean => fieldNames.some((field) => field === name);
  const given = new Set([...Object.values(map), ...attributes, ...ignore]);
  const mapped = Object.entries(map).filter(([name]) => !isField(name));
  const named = new Set(mapped.map(([bucket]) => bucket));
  const wrong = [...named].find((bucket) => !/^[a-z][a-z0-9_]{0,63}$/.test(bucket));
  if (wrong !== undefined)
    throw new HistoryFault(
      `${wrong} is neither a field (${fieldNames.join(", ")}) nor a bucket, such as input_text.`,
    );
  const buckets = [
    ...mapped,
    ...bucketNames
      .filter((bucket) => !named.has(bucket) && !given.has(bucket))
      .map((bucket) => [bucket, bucket] as const),
  ];
  const used = new Set([...given, ...fields.values(), ...buckets.map(([, column]) => column)]);
  return {
    of: (field) => fields.get(field) ?? field,
    buckets,
    attributes,
    unknown: (columns) => columns.filter((column) => !used.has(column)),
  };
}

/** Looks at the columns of a file that has the same in all rows. Throws `HistoryFault`. */
export function checkHeader(
  file: string,
  header: readonly string[],
  columns: Columns,
  { workspace }: Pick<HistorySource, "workspace">,
): void {
  const twice = header.find((column, index) => header.indexOf(column) !== index);
  if (twice !== undefined)
    throw new HistoryFault(`${file} has two columns ${JSON.stringify(twice)}.`);
  const isLevel = header.includes(columns.of("from")) && header.includes(columns.of("to"));
  const needed: FieldName[] = isLevel ? ["member"] : ["member", "occurredAt"];
  if (workspace === undefined) needed.push("workspace");
  for (const field of needed) {
    const column = columns.of(field);
    if (!header.includes(column))
      throw new HistoryFault(
        `${file} has no column ${JSON.stringify(column === noColumn ? field : column)}; it has ${header.join(", ")}. Say which one it is: --map ${field}=<column>${field === "workspace" ? ", or --workspace <id> for all rows" : ""}.`,
      );
  }
  const unknown = columns.unknown(header);
  if (unknown.length > 0) throw new HistoryFault(`${file} ${unknownText(unknown)}`);
}

/** Of columns that have no use (C1). */
export const unknownText = (columns: readonly string[]): string =>
  `has ${columns.map((column) => JSON.stringify(column)).join(", ")}, of which nothing is known. Map it (--map input_text=<column>), keep it (--attributes ${columns.join(",")}) or leave it out (--ignore ${columns.join(",")}).`;
