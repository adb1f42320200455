/** Owns how a Parquet file becomes rows. P1 what is exact there stays exact: nothing is read through a floating-point number. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Columns } from "./columns.ts";
import { HistoryFault } from "./history.ts";
import type { RowRead, RowsRead } from "./text-rows.ts";

/** The rows of a Parquet file; `checkHeader` throws where its columns are of no use. */
export function parquetRows(
  file: string,
  connection: DuckDBConnection,
  columns: Columns,
  checkHeader: (columns: readonly string[]) => void,
): RowsRead {
  let sha256 = "";
  return {
    rows: (async function* () {
      const hash = createHash("sha256");
      for await (const bytes of createReadStream(file)) hash.update(bytes);
      sha256 = hash.digest("hex");
      yield* rowsOf(file, connection, columns, checkHeader);
    })(),
    sha256: () => sha256,
  };
}

async function* rowsOf(
  file: string,
  connection: DuckDBConnection,
  columns: Columns,
  checkHeader: (columns: readonly string[]) => void,
): AsyncGenerator<readonly RowRead[]> {
  const from = `read_parquet(${literal(escapedPath(file))}, file_row_number = true)`;
  const described = await connection
    .runAndReadAll(`DESCRIBE SELECT * FROM ${from}`)
    .catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new HistoryFault(`${file} cannot be read as Parquet: ${why}`, { cause });
    });
  const types = new Map(
    described
      .getRowsJson()
      .map(([name, type]) => [nameIn(name), nameIn(type)] as const)
      .filter(([name]) => name !== "file_row_number"),
  );
  const header = [...types.keys()];
  checkHeader(header);
  const credits = columns.of("credits");
  if (/^(DOUBLE|FLOAT|REAL)$/.test(types.get(credits) ?? ""))
    throw new HistoryFault(
      `${file}: ${credits} is a floating-point number, which has no exact credits. Write it as DECIMAL(18, 6).`,
    );
  const texts = header.map((name) => textOf(identifier(name), types.get(name) ?? ""));
  const result = await connection.stream(
    `SELECT file_row_number + 1, ${texts.join(", ")} FROM ${from}`,
  );
  for await (const chunk of result)
    yield chunk.getRows().map(([line, ...values]) => ({
      kind: "row",
      raw: {
        line: Number(line),
        fields: Object.fromEntries(header.map((name, index) => [name, values[index]])),
      },
    }));
}

/** P1. */
function textOf(column: string, type: string): string {
  if (type === "TIMESTAMP WITH TIME ZONE")
    return `strftime(timezone('UTC', ${column}), '%Y-%m-%dT%H:%M:%S.%fZ')`;
  if (type.startsWith("TIMESTAMP"))
    return `strftime(CAST(${column} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%f')`;
  if (/^(STRUCT|MAP)\(/.test(type)) return `CAST(to_json(${column}) AS VARCHAR)`;
  return `CAST(${column} AS VARCHAR)`;
}

const nameIn = (value: unknown): string => (typeof value === "string" ? value : "");
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** DuckDB takes these for patterns of many files. */
const escapedPath = (path: string): string => path.replaceAll(/[*?[]/g, "[$&]");
