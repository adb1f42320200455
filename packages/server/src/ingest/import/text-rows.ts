/**
 * Owns how CSV and lines of JSON become rows. csv-parse splits both: it knows in which line a row stands, guesses nothing of a file by
 * its first rows, and one bad row does not end it.
 *
 * T1 a row that can be told from its neighbours is refused alone, where it is bad. T2 where that cannot be told (a quote that is open, a
 * row without end, bytes that are no UTF-8) the whole file is refused: whatever came after might be half a row.
 */
import { type Hash, createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { limits } from "@cistern/contract";
import { CsvError, type OptionsWithColumns, parse } from "csv-parse";
import { parseExactly } from "./exact-json.ts";
import { HistoryFault } from "./history.ts";
import type { RawRow } from "./row-reader.ts";

/** A row, or one that is refused (T1). */
export type RowRead =
  | { readonly kind: "row"; readonly raw: RawRow }
  | {
      readonly kind: "refused";
      readonly line: number;
      readonly reason: string;
      readonly row: unknown;
    };

/** The rows of a file, and at their end the SHA-256 of its bytes, unfolded. */
export interface RowsRead {
  readonly rows: AsyncIterable<readonly RowRead[]>;
  /** Known when the rows are read. */
  readonly sha256: () => string;
}

/** Rows that are handed on at once. */
const chunkRows = 1_024;
/** Nothing longer could be sent. */
const rowBytesMax = limits.bodyBytesMax;
const readBytes = 1 << 18;

/** The rows of a CSV file; `checkHeader` throws where its columns are of no use. */
export function csvRows(
  file: string,
  delimiter: string,
  checkHeader: (columns: readonly string[]) => void,
): RowsRead {
  return split(
    file,
    {
      delimiter,
      trim: true,
      columns: (header: string[]) => {
        checkHeader(header);
        return header;
      },
    },
    (record, line) =>
      isRecord(record) ? { kind: "row", raw: { line, fields: record } } : notRead(line, record),
  );
}

/** The rows of a file with a JSON object a line. */
export function jsonRows(file: string): RowsRead {
  // No line of JSON has a NUL in it: each is one field, without quotes that would mean something.
  const lines = { delimiter: "\u0000", quote: null, escape: null, columns: ["text"] };
  return split(file, lines, (record, line) => {
    const text = isRecord(record) ? record["text"] : undefined;
    const fields = typeof text === "string" ? parseExactly(text) : undefined;
    return isRecord(fields) ? { kind: "row", raw: { line, fields } } : notRead(line, text);
  });
}

const notRead = (line: number, row: unknown): RowRead => ({
  kind: "refused",
  line,
  reason: "The line is no JSON object.",
  row,
});

type Splitting = OptionsWithColumns<RowRead, unknown>;

function split(
  file: string,
  options: Splitting,
  read: (record: unknown, line: number) => RowRead,
): RowsRead {
  const hash = createHash("sha256");
  return { rows: rowsOf(file, hash, options, read), sha256: () => hash.digest("hex") };
}

async function* rowsOf(
  file: string,
  hash: Hash,
  options: Splitting,
  read: (record: unknown, line: number) => RowRead,
): AsyncGenerator<readonly RowRead[]> {
  let chunk: RowRead[] = [];
  const lines = new Lines();
  const parser = parse<RowRead, unknown>({
    bom: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    record_delimiter: ["\r\n", "\n"],
    max_record_size: rowBytesMax,
    on_record: (record, { lines: last }) => read(record, lines.first(last, record)),
    on_skip: (error) => {
      const one = error && skipped(file, error, lines);
      if (one instanceof HistoryFault) parser.destroy(one);
      else if (one !== undefined) chunk.push(one);
    },
    ...options,
  });
  const bytes = Readable.from(checked(file, hash));
  bytes.on("error", (error) => parser.destroy(error));
  try {
    for await (const one of bytes.pipe(parser)) {
      chunk.push(one);
      if (chunk.length < chunkRows) continue;
      yield chunk;
      chunk = [];
    }
  } finally {
    bytes.destroy();
  }
  if (chunk.length > 0) yield chunk;
}

/** The bytes of a file, unfolded, as they are hashed; what is no UTF-8 would be read as something else. */
async function* checked(file: string, hash: Hash): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (bytes?: Buffer): void => {
    try {
      decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (cause) {
      throw new HistoryFault(`${file} is no UTF-8. Write it as UTF-8, as iconv does.`, { cause });
    }
  };
  for await (const bytes of unfolded(file)) {
    hash.update(bytes);
    decode(bytes);
    yield bytes;
  }
  decode();
}

/** What is folded is told by its name: a file is the same import whether it is or not. */
async function* unfolded(file: string): AsyncGenerator<Buffer> {
  const stored = createReadStream(file, { highWaterMark: readBytes });
  if (!file.toLowerCase().endsWith(".gz")) return yield* buffersOf(stored);
  const inflating = createGunzip({ chunkSize: readBytes });
  stored.on("error", (error) => inflating.destroy(error));
  try {
    yield* buffersOf(stored.pipe(inflating));
  } catch (cause) {
    if (!isOfZlib(cause)) throw cause;
    throw new HistoryFault(
      `${file} is no gzip that can be read to its end. Nothing was imported.`,
      { cause },
    );
  } finally {
    stored.destroy();
  }
}

async function* buffersOf(chunks: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  for await (const bytes of chunks) if (Buffer.isBuffer(bytes)) yield bytes;
}

const isOfZlib = (error: unknown): boolean =>
  error instanceof Error && "code" in error && String(error.code).startsWith("Z_");

/** T1, T2. */
function skipped(file: string, error: CsvError, lines: Lines): RowRead | HistoryFault {
  const last = Number(Reflect.get(error, "lines"));
  const record: unknown = Reflect.get(error, "record");
  switch (error.code) {
    case "CSV_RECORD_INCONSISTENT_COLUMNS":
    case "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH":
    case "INVALID_OPENING_QUOTE":
      return {
        kind: "refused",
        line: lines.first(last, record),
        reason: `${error.message.replace(/ on line \d+$/, "")}.`,
        row: record,
      };
    default:
      return new HistoryFault(`${file}, line ${last}: ${error.message}. Nothing was imported.`, {
        cause: error,
      });
  }
}

/** In which line a row begins: csv-parse tells the last one, and takes a CRLF inside of quotes for two. Mutable. */
class Lines {
  #tooMany = 0;

  first(last: number, record: unknown): number {
    const fields = typeof record === "object" && record !== null ? Object.values(record) : [];
    let breaks = 0;
    for (const field of fields) {
      if (typeof field !== "string" || !/[\r\n]/.test(field)) continue;
      breaks += field.match(/\r\n|\n|\r/g)?.length ?? 0;
      this.#tooMany += field.match(/\r\n/g)?.length ?? 0;
    }
    return last - this.#tooMany - breaks;
  }
}

const isRecord = (given: unknown): given is Readonly<Record<string, unknown>> =>
  typeof given === "object" && given !== null && !Array.isArray(given);
