/**
 * Why the database could not serve.
 * - `in_use`: another Cistern process owns the data folder.
 * - `no_binaries`: no PostgreSQL for this machine. `cannot_run_as_root`: no way to run it as another user.
 * - `incompatible_data`: the data folder was written by another major version, or by another user.
 * - `start_failed`, `not_answering`, `stop_failed`: the embedded server did not do as it was told.
 * - `bad_url`, `unreachable`, `access_denied`, `unknown_database`, `overloaded`: no connection.
 * - `unavailable`: the connection broke, or the server is going down; what was under way may have happened or not.
 * - `conflict`: another transaction won; nothing happened. `timeout`: a limit on time was reached.
 * - `migration_edited`, `migration_unknown`, `migration_misnumbered`, `migration_failed`: the schema is not what this version needs.
 * - `statement_failed`: the database refused a statement.
 */
export type DatabaseFaultCode =
  | "in_use"
  | "no_binaries"
  | "cannot_run_as_root"
  | "incompatible_data"
  | "start_failed"
  | "not_answering"
  | "stop_failed"
  | "bad_url"
  | "unreachable"
  | "access_denied"
  | "unknown_database"
  | "overloaded"
  | "unavailable"
  | "conflict"
  | "timeout"
  | "migration_edited"
  | "migration_unknown"
  | "migration_misnumbered"
  | "migration_failed"
  | "statement_failed";

/** Thrown by everything in this part. The message states the fact and the next step; `cause` keeps what lay beneath. */
export class DatabaseFault extends Error {
  override readonly name = "DatabaseFault";
  readonly code: DatabaseFaultCode;
  /** Whether the same call may succeed a moment later without anybody doing something. */
  readonly isRetryable: boolean;
  /** The database's own code (SQLSTATE) or the socket's (`ECONNREFUSED`), where there was one. */
  readonly sqlState: string | undefined;

  constructor(code: DatabaseFaultCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.isRetryable = retryable.has(code);
    this.sqlState = errorCode(options.cause);
  }
}

const retryable: ReadonlySet<DatabaseFaultCode> = new Set([
  "not_answering",
  "unreachable",
  "overloaded",
  "unavailable",
  "conflict",
  "timeout",
]);

/** The `code` of an error of the driver, of a socket or of the file system. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  // Happy eyeballs: one error for each address that was tried.
  if (error instanceof AggregateError) return errorCode(error.errors[0]);
  return undefined;
}

/** The words of an error, whatever was thrown. */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return errorText(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

/** Classes of SQLSTATE (two characters) and whole ones; the longer match wins. */
const faultOfSqlState: Readonly<Record<string, DatabaseFaultCode>> = {
  "08": "unavailable",
  "28": "access_denied",
  "3D000": "unknown_database",
  "40": "conflict",
  // The commit's outcome is unknown: a distributed engine says so in these words.
  "40003": "unavailable",
  "53": "overloaded",
  "55P03": "timeout",
  "57014": "timeout",
  "57P": "unavailable",
};

const faultOfSocketError: Readonly<Record<string, DatabaseFaultCode>> = {
  ECONNREFUSED: "unreachable",
  ENOENT: "unreachable",
  ENOTFOUND: "unreachable",
  EAI_AGAIN: "unreachable",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ETIMEDOUT: "unreachable",
  ECONNRESET: "unavailable",
  EPIPE: "unavailable",
};

/** What the driver says in words alone. */
const faultOfWords: readonly (readonly [RegExp, DatabaseFaultCode])[] = [
  [/unsupported startup parameter/i, "bad_url"],
  [/timeout exceeded when trying to connect/i, "overloaded"],
  [/timeout expired|connection timeout/i, "unreachable"],
  [/query read timeout/i, "unavailable"],
  [
    /connection terminated|connection ended|client has encountered a connection error/i,
    "unavailable",
  ],
  [/\bssl\b|certificate|password must be a string/i, "access_denied"],
];

/** Tells what kind of fault an error of the driver is. Words come first: a pooler's refusal has the code of a lost connection. */
export function databaseFaultCode(error: unknown): DatabaseFaultCode {
  if (error instanceof DatabaseFault) return error.code;
  const text = errorText(error);
  return (
    faultOfWords.find(([words]) => words.test(text))?.[1] ??
    faultOfCode(errorCode(error)) ??
    "statement_failed"
  );
}

function faultOfCode(code: string | undefined): DatabaseFaultCode | undefined {
  if (code === undefined) return undefined;
  const ofSocket = faultOfSocketError[code];
  if (ofSocket !== undefined || code.length !== 5) return ofSocket;
  return [code, code.slice(0, 3), code.slice(0, 2)]
    .map((start) => faultOfSqlState[start])
    .find((known) => known !== undefined);
}

/** An error of the driver as a fault of ours; `doing` says what was under way ("reading the head of ws_1"). */
export function databaseFault(error: unknown, doing: string): DatabaseFault {
  if (error instanceof DatabaseFault) return error;
  const code = databaseFaultCode(error);
  return new DatabaseFault(code, `${doing}: ${errorText(error)}. ${nextStep(code)}`, {
    cause: error,
  });
}

function nextStep(code: DatabaseFaultCode): string {
  switch (code) {
    case "bad_url":
      return "Point DATABASE_URL at the database itself: a pooler in between refuses session settings.";
    case "unreachable":
      return "Check that the database runs and that DATABASE_URL names its host and port.";
    case "access_denied":
      return "Check user, password and TLS settings in DATABASE_URL.";
    case "unknown_database":
      return "Create the database, or name another one in DATABASE_URL.";
    case "overloaded":
      return "Retry; if it stays, allow the database more connections or lower the pool's size.";
    case "unavailable":
      return "Retry when the database is back; look into its log for the reason.";
    case "conflict":
    case "timeout":
      return "Retry.";
    default:
      return "Look into the database's log for the reason.";
  }
}
