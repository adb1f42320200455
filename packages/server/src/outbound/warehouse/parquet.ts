/** Owns the way of rows into Parquet: DuckDB reads them as typed JSON lines and writes a file a day. */
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { WarehouseFault } from "./warehouse-fault.ts";
import { type TableName, columnsSql } from "./tables.ts";

/** Writes tables. One at a time in all processes of a machine, since the lock on its file is held while it is open. */
export interface ParquetWriter {
  /** Writes the rows of a file of JSON lines to `<folder>/day=…/<name>-<n>.parquet`. */
  write(rows: {
    readonly table: TableName;
    readonly file: string;
    readonly folder: string;
    readonly name: string;
  }): Promise<void>;
  close(): void;
}

/** Rows are put down in the journal's order, and nothing is fetched from a network. */
const settings = {
  threads: "1",
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
};

/**
 * Opens the writer; `lockFile` is held until it is closed, and let go also where the process is killed.
 *
 * @throws WarehouseFault where another process holds it.
 */
export async function openParquetWriter(lockFile: string): Promise<ParquetWriter> {
  let instance: DuckDBInstance;
  try {
    instance = await DuckDBInstance.create(lockFile, settings);
  } catch (error) {
    if (!(error instanceof Error && error.message.includes("Could not set lock"))) throw error;
    throw new WarehouseFault(
      "in_use",
      `Another process feeds this folder (it holds ${lockFile}). Wait until it has ended, or use another folder.`,
      { cause: error },
    );
  }
  const connection: DuckDBConnection = await instance.connect();
  return {
    async write({ table, file, folder, name }) {
      const rows = `read_json(${quoted(file)}, format = 'newline_delimited', columns = ${columnsSql(table)}, maximum_object_size = ${objectBytesMax})`;
      await connection.run(
        `COPY (SELECT * FROM ${rows}) TO ${quoted(folder)} (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day), FILENAME_PATTERN ${quoted(`${name}-{i}`)}, OVERWRITE_OR_IGNORE)`,
      );
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

const objectBytesMax = 64 * 1024 * 1024;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
