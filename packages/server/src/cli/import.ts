/** Owns `cistern import`: usage of a file as debits of its own time, each once, however often the command is started. */
import { BatchResponseSchema, printCredits, printInstant } from "@cistern/contract";
import { type Command, InvalidArgumentError, Option } from "commander";
import {
  type Booked,
  BookingFault,
  type HistoryFormat,
  type HistorySource,
  type StagedHistory,
  type TimeUnit,
  type Undecided,
  HistoryFault,
  bookHistory,
  rowKey,
  stageHistory,
} from "../ingest/index.ts";
import { type Place, withCalls } from "./catalog-calls.ts";
import { type CallServer, ServerFault } from "./catalog-server.ts";
import { exitCodes } from "./exit-codes.ts";
import { checkKinds } from "./import/check-kinds.ts";
import { ImportProgress } from "./import/progress.ts";
import { ImportRecord } from "./import/record.ts";
import { RefusedRows } from "./import/refused-rows.ts";
import { instantArgument } from "./instant-argument.ts";
import { print } from "./print.ts";

/** `cistern import FILE…` */
export function addImport(program: Command): void {
  program
    .command("import")
    .description("Charge usage of the past from CSV, JSON lines or Parquet, each row once")
    .argument("<file...>", "read as one, sorted by time")
    .option("--workspace <id>", "of rows that name none")
    .option("--meter <name>", "of rows that name none")
    .option(
      "--map <pairs>",
      "columns by field or bucket: meter=kind,member=user_id,input_text=prompt_tokens",
      pairs,
      {},
    )
    .option(
      "--source <name>",
      "names the import: an id is charged once in each",
      sourceName,
      "history",
    )
    .addOption(new Option("--time <unit>", "what bare numbers count").choices(["s", "ms"]))
    .option("--zone <zone>", "of instants without an offset, such as Europe/Berlin")
    .option("--since <instant>", "leave out what happened before", instantArgument)
    .option("--attributes <columns>", "keep these columns as attributes", names, [])
    .option("--ignore <columns>", "read nothing from these columns", names, [])
    .option("--delimiter <character>", "between the fields of a CSV file")
    .addOption(
      new Option("--format <format>", "where the file's name does not say").choices([
        "csv",
        "jsonl",
        "parquet",
      ]),
    )
    .option("--dry-run", "check everything, and charge nothing")
    .option("--resume", "skip what the record beside the file says was told")
    .option("--anew", "charge a file without ids again that has changed since it was imported")
    .addOption(
      new Option("--url <url>", "of a running server; left out, its database").env("CISTERN_URL"),
    )
    .addOption(
      new Option("--key <key>", "a key of that server that may write usage").env("CISTERN_KEY"),
    )
    .action(runImport);
}

interface ImportOptions extends Place {
  readonly workspace?: string;
  readonly meter?: string;
  readonly map: Readonly<Record<string, string>>;
  readonly source: string;
  readonly time?: TimeUnit;
  readonly zone?: string;
  readonly since?: number;
  readonly attributes: readonly string[];
  readonly ignore: readonly string[];
  readonly delimiter?: string;
  readonly format?: HistoryFormat;
  readonly dryRun?: true;
  readonly resume?: true;
  readonly anew?: true;
}

async function runImport(files: readonly string[], options: ImportOptions): Promise<void> {
  if (new Set(files).size !== files.length) throw new HistoryFault("A file is named twice.");
  const refused = new RefusedRows(files);
  const progress = new ImportProgress(refused);
  const stopped = whenStopped();
  let staged: StagedHistory | undefined;
  try {
    progress.begin("read", 0);
    staged = await stageHistory(sourceOf(files, options), {
      onRefused: (row) => refused.add(row),
      onRead: (rows) => {
        stopped.throwIfAborted();
        progress.at(rows);
      },
      sinceMs: options.since,
    });
    progress.end();
    await print(await toldOf(staged));
    const history = staged;
    await withCalls(options, async (call) => {
      if (options.dryRun === true) await checkKinds(history, call, (row) => refused.add(row));
      else await book(history, call, { options, refused, progress, stopped });
    });
  } finally {
    progress.end();
    await staged?.close();
    await refused.close();
  }
  await print(refused.text());
  if (refused.count > 0) process.exitCode = exitCodes.rowsRefused;
}

/** Ctrl-C ends an import between two batches, so that nothing of it is left lying about. */
function whenStopped(): AbortSignal {
  const stop = new AbortController();
  const reason = new BookingFault(
    "The import was stopped. Start the same command again: what is charged is not charged a second time.",
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => stop.abort(reason));
  return stop.signal;
}

function sourceOf(files: readonly string[], options: ImportOptions): HistorySource {
  const { map, attributes, ignore, workspace, meter, time, zone, delimiter, format } = options;
  return {
    files,
    map,
    attributes,
    ignore,
    ...(workspace === undefined ? {} : { workspace }),
    ...(meter === undefined ? {} : { meter }),
    ...(time === undefined ? {} : { time }),
    ...(zone === undefined ? {} : { zone }),
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(format === undefined ? {} : { format }),
  };
}

async function toldOf(staged: StagedHistory): Promise<string> {
  const totals = await staged.totals();
  const lines = totals.map(
    ({ workspace, rows, credits, firstAtMs, lastAtMs }) =>
      `  ${workspace}: ${rows} rows, ${printInstant(firstAtMs)} to ${printInstant(lastAtMs)}${credits === "0" ? "" : `, ${credits} credits`}\n`,
  );
  const repeated = staged.repeated === 0 ? "" : `, ${staged.repeated} that stand there twice`;
  return `${staged.rows} rows to tell${repeated}\n${lines.join("")}`;
}

async function book(
  staged: StagedHistory,
  call: CallServer,
  {
    options,
    refused,
    progress,
    stopped,
  }: {
    readonly options: ImportOptions;
    readonly refused: RefusedRows;
    readonly progress: ImportProgress;
    readonly stopped: AbortSignal;
  },
): Promise<void> {
  const record = await ImportRecord.open(staged, options);
  const skipped = options.resume === true ? record.place : 0;
  const fileIds = new Map(staged.files.map(({ path, sha256 }) => [path, sha256]));
  progress.begin("told", staged.rows, skipped);
  let booked: Booked;
  try {
    booked = await bookHistory(staged.read({ skip: skipped }), {
      skipped,
      send: async (batch) => {
        stopped.throwIfAborted();
        return await undecided(call("POST", "/v1/batch", BatchResponseSchema, batch));
      },
      pause,
      keyOf: ({ id, file, line }) =>
        rowKey(options.source, id ?? `${fileIds.get(file)?.slice(0, 32)}:${line}`),
      onRefused: (row) => refused.add(row),
      onBooked: ({ place, charged, already, refused: told }) => {
        progress.at(skipped + charged + already + told);
        record.reached(place);
      },
    });
  } finally {
    await record.close();
  }
  progress.end();
  const before = booked.already === 0 ? "" : `, ${booked.already} were charged before`;
  await print(
    `${booked.charged} rows charged${before}: ${printCredits(booked.credits)} credits in all\n`,
  );
}

async function undecided<Answer>(call: Promise<Answer>): Promise<Answer | Undecided> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ServerFault && error.isUndecided)
      return { kind: "undecided", because: error.message };
    throw error;
  }
}

const pauseBaseMs = 250;
const pauseMaxMs = 10_000;

/** Doubles with each try, and is never shorter than the server asked for. */
const pause = async (tries: number, retryAfterMs: number): Promise<void> =>
  await new Promise((resolve) => {
    const boundMs = Math.min(pauseMaxMs, pauseBaseMs * 2 ** tries);
    setTimeout(resolve, retryAfterMs + boundMs * (0.5 + Math.random() / 2));
  });

function sourceName(text: string): string {
  if (!/^[\w.-]{1,64}$/.test(text))
    throw new InvalidArgumentError("It has 1 to 64 letters, digits, dots, - and _.");
  return text;
}

/** May be said several times. */
function pairs(
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const said = text.split(",").map((pair): [string, string] => {
    const [name = "", ...column] = pair.split("=");
    if (name === "" || column.length === 0)
      throw new InvalidArgumentError("It is written as member=user_id,meter=kind.");
    return [name, column.join("=")];
  });
  return { ...before, ...Object.fromEntries(said) };
}

const names = (text: string, before: readonly string[]): readonly string[] => [
  ...before,
  ...text.split(","),
];
