import type { DebitRequest } from "@cistern/contract";

/** Files of usage that happened, and what stands where in them. */
export interface HistorySource {
  /** Read as one: sorted by time across all of them. */
  readonly files: readonly string[];
  /** Left out: by the end of a file's name, `.csv`, `.tsv`, `.jsonl`, `.ndjson` or `.parquet`; all but the last also with `.gz` behind it. */
  readonly format?: HistoryFormat;
  /** Between the fields of a CSV file; default a comma, of `.tsv` and `.tsv.gz` a tab. */
  readonly delimiter?: string;
  /** The column of each field that has another name, and of buckets: `{ member: "user_id", input_text: "prompt_tokens" }`. */
  readonly map?: Readonly<Record<string, string>>;
  /** Of rows that name none. */
  readonly workspace?: string;
  /** Of rows that name none. */
  readonly meter?: string;
  /** What a bare number in `occurredAt` counts; left out, only RFC 3339 is taken. */
  readonly time?: TimeUnit;
  /** Of instants without an offset, such as `Europe/Berlin`; left out, such a row is refused. */
  readonly zone?: string;
  /** Columns that become attributes of these names. */
  readonly attributes?: readonly string[];
  /** Columns that nothing is read from. A column that is neither known nor named here is refused: it might be usage. */
  readonly ignore?: readonly string[];
}

export type HistoryFormat = "csv" | "jsonl" | "parquet";

export type TimeUnit = "s" | "ms";

/** One row: usage that happened, as the debit that it is told as. */
export interface HistoryRow {
  readonly file: string;
  /** Where it begins, from 1; of Parquet the number of the row. */
  readonly line: number;
  /** From the id column; undefined where there is none. */
  readonly id: string | undefined;
  readonly workspace: string;
  /** Milliseconds since 1970. */
  readonly occurredAtMs: number;
  readonly debit: DebitRequest;
}

/** A row that is no usage, and why. */
export interface RefusedRow {
  readonly file: string;
  readonly line: number;
  /** `malformed`, `invalid_row`, `id_reused`, or the code of the server's problem. */
  readonly code: string;
  readonly reason: string;
  /** What was read of it, as JSON. */
  readonly row: string;
}

/** The files, or what was said of them, cannot be read; the message says what to change. Nothing was told to anybody. */
export class HistoryFault extends Error {
  override readonly name = "HistoryFault";
}
