/**
 * Owns files of history while they are worked with: read once and whole, checked, and sorted by DuckDB in a folder of its own, so that
 * memory is bounded, however many rows there are.
 *
 * S1 nothing is handed on before all files were read: a file that cannot be read to its end has no effect. S2 rows come in the order of
 * time, then of files and lines: the same files give the same order. S3 of rows with one id in one workspace the first is handed on; another
 * that says something else is refused.
 */
import { constants } from "node:fs";
import { access, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import type { DebitRequest } from "@cistern/contract";
import {
  BIGINT,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBValue,
  INTEGER,
  VARCHAR,
} from "@duckdb/node-api";
import { type Columns, checkHeader, columnsOf } from "./columns.ts";
import {
  type HistoryFormat,
  type HistoryRow,
  type HistorySource,
  type RefusedRow,
  HistoryFault,
} from "./history.ts";
import { isZone } from "./instants.ts";
import { parquetRows } from "./parquet-rows.ts";
import { RowFault } from "./row-fault.ts";
import { type ReadRow, rowReader } from "./row-reader.ts";
import { type RowRead, type RowsRead, csvRows, jsonRows } from "./text-rows.ts";

/** A file that was read. */
export interface StagedFile {
  readonly path: string;
  readonly sha256: string;
  readonly rows: number;
  /** Whether its rows have ids of their own. */
  readonly hasIds: boolean;
}

/** What a workspace has in the files. */
export interface WorkspaceTotal {
  readonly workspace: string;
  readonly rows: number;
  /** Of rows that say credits. */
  readonly credits: string;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

/** Files that were read, checked and sorted. */
export interface StagedHistory {
  readonly files: readonly StagedFile[];
  /** Handed on by `read`. */
  readonly rows: number;
  /** Left out, since a row before has the same id and says the same. */
  readonly repeated: number;
  /** Chunks of rows (S2); the first `skip` are left out. */
  read(options?: { readonly skip?: number }): AsyncIterable<readonly HistoryRow[]>;
  totals(): Promise<readonly WorkspaceTotal[]>;
  /** Rows that happened before an instant. */
  countBefore(atMs: number): Promise<number>;
  /** One row of each kind: of every workspace, member, run, meter, model and set of buckets. */
  samples(of: "calls" | "members" | "runs"): AsyncIterable<readonly HistoryRow[]>;
  close(): Promise<void>;
}

/** What staging tells. */
export interface StagingOptions {
  readonly onRefused: (row: RefusedRow) => void | Promise<void>;
  readonly onRead?: (rows: number) => void;
  /** Rows from this instant on are handed on; those before are counted nowhere. */
  readonly sinceMs?: number | undefined;
}

const memory = "256MB";
const table =
  "CREATE TABLE rows (file INTEGER, line BIGINT, id VARCHAR, workspace VARCHAR, at_ms BIGINT, debit VARCHAR)";
const types = [INTEGER, BIGINT, VARCHAR, VARCHAR, BIGINT, VARCHAR];
/** S3. */
const repeatedRows = `CREATE TABLE repeated AS
SELECT file, line, debit <> first AS differs FROM (
  SELECT file, line, debit, row_number() OVER w AS nth, first_value(debit) OVER w AS first
  FROM rows WHERE id IS NOT NULL WINDOW w AS (PARTITION BY workspace, id ORDER BY file, line))
WHERE nth > 1`;
const kept = "SELECT * FROM rows ANTI JOIN repeated USING (file, line)";

/** Reads, checks and sorts. Throws `HistoryFault`. */
export async function stageHistory(
  source: HistorySource,
  options: StagingOptions,
): Promise<StagedHistory> {
  if (source.zone !== undefined && !isZone(source.zone))
    throw new HistoryFault(`${source.zone} is no time zone that this machine knows.`);
  const folder = await mkdtemp(join(tmpdir(), "cistern-history-"));
  const instance = await DuckDBInstance.create(join(folder, "rows.duckdb"), {
    memory_limit: memory,
    threads: "2",
    autoinstall_known_extensions: "false",
    temp_directory: join(folder, "spilled"),
  });
  const connection = await instance.connect();
  // What is read of one statement ends when its connection begins another.
  const reading = await instance.connect();
  const close = async (): Promise<void> => {
    reading.closeSync();
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return await staged(source, options, { connection, reading, close });
  } catch (error) {
    await close();
    throw error;
  }
}

interface Opened {
  readonly connection: DuckDBConnection;
  readonly reading: DuckDBConnection;
  readonly close: () => Promise<void>;
}

async function staged(
  source: HistorySource,
  options: StagingOptions,
  { connection, reading, close }: Opened,
): Promise<StagedHistory> {
  await connection.run(table);
  const columns = columnsOf(source);
  const readRow = rowReader(source, columns);
  const files: StagedFile[] = [];
  let read = 0;
  for (const [index, path] of source.files.entries()) {
    await mustBeReadable(path);
    const stage = await Staging.begin(connection, { index, path, readRow, options });
    const rows = rowsOf(path, source, columns, reading);
    for await (const chunk of rows.rows) {
      await stage.take(chunk);
      read += chunk.length;
      options.onRead?.(read);
    }
    files.push({ path, sha256: rows.sha256(), ...stage.end() });
  }
  await connection.run(repeatedRows);
  await refuseReused(connection, source.files, options);
  const count = async (sql: string): Promise<number> =>
    Number((await connection.runAndReadAll(sql)).getRows()[0]?.[0] ?? 0);
  return {
    files,
    rows: await count(`SELECT count(*) FROM (${kept})`),
    repeated: await count("SELECT count(*) FROM repeated WHERE NOT differs"),
    read: ({ skip = 0 } = {}) =>
      query(connection, source.files, `${kept} ORDER BY at_ms, file, line OFFSET ${skip}`),
    totals: () => totals(connection),
    countBefore: (atMs) => count(`SELECT count(*) FROM (${kept}) WHERE at_ms < ${atMs}`),
    samples: (of) =>
      query(
        connection,
        source.files,
        `SELECT * FROM (${kept}) QUALIFY row_number() OVER (PARTITION BY ${sampleKeys[of]} ORDER BY at_ms DESC) = 1`,
      ),
    close,
  };
}

async function mustBeReadable(path: string): Promise<void> {
  try {
    if ((await stat(path)).isDirectory()) throw new Error("it is a folder");
    await access(path, constants.R_OK);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HistoryFault(`${path} cannot be read: ${why}.`, { cause });
  }
}

const sampleKeys = {
  calls:
    "workspace, debit ->> '$.meter', debit ->> '$.model', CAST(json_keys(debit, '$.usage') AS VARCHAR)",
  members: "workspace, debit ->> '$.member'",
  runs: "workspace, debit ->> '$.run'",
} as const;

/** Puts the rows of a file into the table. Mutable. */
class Staging {
  readonly #appender: DuckDBAppender;
  readonly #of: StagedOf;
  #rows = 0;
  #hasIds = false;

  static async begin(connection: DuckDBConnection, of: StagedOf): Promise<Staging> {
    return new Staging(await connection.createAppender("rows"), of);
  }

  private constructor(appender: DuckDBAppender, of: StagedOf) {
    this.#appender = appender;
    this.#of = of;
  }

  async take(chunk: readonly RowRead[]): Promise<void> {
    const { index, path, readRow, options } = this.#of;
    const rows: DuckDBValue[][] = [];
    this.#rows += chunk.length;
    for (const one of chunk) {
      const read = one.kind === "row" ? tried(readRow, path, one.raw) : one;
      if ("kind" in read) {
        const { line, reason } = read;
        const code = one.kind === "row" ? "invalid_row" : "malformed";
        await options.onRefused({ file: path, line, code, reason, row: asText(read.row) });
        continue;
      }
      const { line, id, workspace, occurredAtMs, debit } = read;
      if (options.sinceMs !== undefined && occurredAtMs < options.sinceMs) continue;
      this.#hasIds ||= id !== undefined;
      rows.push([
        index,
        BigInt(line),
        id ?? null,
        workspace,
        BigInt(occurredAtMs),
        JSON.stringify(debit),
      ]);
    }
    for (let from = 0; from < rows.length; from += chunkRowsMax) {
      const part = DuckDBDataChunk.create(types);
      part.setRows(rows.slice(from, from + chunkRowsMax));
      this.#appender.appendDataChunk(part);
    }
  }

  end(): { readonly rows: number; readonly hasIds: boolean } {
    this.#appender.closeSync();
    return { rows: this.#rows, hasIds: this.#hasIds };
  }
}

interface StagedOf {
  readonly index: number;
  readonly path: string;
  readonly readRow: ReadRow;
  readonly options: StagingOptions;
}

/** As many as DuckDB takes at once. */
const chunkRowsMax = 2_048;

function tried(
  readRow: ReadRow,
  path: string,
  raw: Extract<RowRead, { readonly kind: "row" }>["raw"],
): HistoryRow | Extract<RowRead, { readonly kind: "refused" }> {
  try {
    return readRow(path, raw);
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    return { kind: "refused", line: raw.line, reason: error.message, row: raw.fields };
  }
}

function rowsOf(
  file: string,
  source: HistorySource,
  columns: Columns,
  connection: DuckDBConnection,
): RowsRead {
  const check = (header: readonly string[]): void => checkHeader(file, header, columns, source);
  switch (source.format ?? formatOf(file)) {
    case "csv":
      return csvRows(file, source.delimiter ?? (/\.tsv(\.gz)?$/i.test(file) ? "\t" : ","), check);
    case "jsonl":
      return jsonRows(file);
    case "parquet":
      if (foldedEnd.test(file))
        throw new HistoryFault(
          `${file} is Parquet in gzip. Unfold it: Parquet is compressed itself.`,
        );
      return parquetRows(file, connection, columns, check);
  }
}

function formatOf(file: string): HistoryFormat {
  const format = formats.get(extname(file.replace(foldedEnd, "")).toLowerCase());
  if (format === undefined)
    throw new HistoryFault(
      `${file} ends with none of ${[...formats.keys()].join(", ")}, also before .gz: say its format.`,
    );
  return format;
}

const foldedEnd = /\.gz$/i;

const formats = new Map<string, HistoryFormat>([
  [".csv", "csv"],
  [".tsv", "csv"],
  [".jsonl", "jsonl"],
  [".ndjson", "jsonl"],
  [".parquet", "parquet"],
]);

async function refuseReused(
  connection: DuckDBConnection,
  files: readonly string[],
  { onRefused }: StagingOptions,
): Promise<void> {
  const reused = "SELECT rows.* FROM rows JOIN repeated USING (file, line) WHERE differs";
  for await (const chunk of query(connection, files, `${reused} ORDER BY file, line`))
    for (const { file, line, id, debit } of chunk)
      await onRefused({
        file,
        line,
        code: "id_reused",
        reason: `The id ${id} stands in a row before, which says something else.`,
        row: asText(debit),
      });
}

async function* query(
  connection: DuckDBConnection,
  files: readonly string[],
  sql: string,
): AsyncGenerator<readonly HistoryRow[]> {
  for await (const chunk of await connection.stream(sql))
    yield chunk.getRows().map((values) => historyRow(values, files));
}

function historyRow(
  [file, line, id, workspace, at, debit]: readonly DuckDBValue[],
  files: readonly string[],
): HistoryRow {
  const read: DebitRequest = JSON.parse(String(debit));
  return {
    file: files[Number(file)] ?? "",
    line: Number(line),
    id: typeof id === "string" ? id : undefined,
    workspace: String(workspace),
    occurredAtMs: Number(at),
    debit: read,
  };
}

async function totals(connection: DuckDBConnection): Promise<readonly WorkspaceTotal[]> {
  const sums =
    await connection.runAndReadAll(`SELECT workspace, count(*), coalesce(sum(CAST(debit ->> '$.credits' AS DECIMAL(24, 6))), 0)::VARCHAR, min(at_ms), max(at_ms)
FROM (${kept}) GROUP BY workspace ORDER BY workspace`);
  return sums.getRows().map(([workspace, rows, credits, first, last]) => ({
    workspace: String(workspace),
    rows: Number(rows),
    credits: String(credits).replace(/\.?0+$/, "") || "0",
    firstAtMs: Number(first),
    lastAtMs: Number(last),
  }));
}

const rowCharactersMax = 4_096;

const asText = (row: unknown): string => (JSON.stringify(row) ?? "").slice(0, rowCharactersMax);
