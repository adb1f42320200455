/**
 * Owns how a row of a file becomes a debit, whatever its format. R1 the same row gives the same debit in every format, to the byte: amounts
 * are text until they are read, and written back in one form. R2 no floating-point number touches credits.
 */
import {
  CallerIdSchema,
  type DebitRequest,
  DebitRequestSchema,
  FormatFault,
  attributesFit,
  faultText,
  limits,
  parseCredits,
  printCredits,
  printInstant,
  schemaFaults,
} from "@cistern/contract";
import { Compile } from "typebox/compile";
import { type Columns, type FieldName, unknownText } from "./columns.ts";
import type { HistoryRow, HistorySource } from "./history.ts";
import { type ReadInstant, instantReader } from "./instants.ts";
import { parseExactly } from "./exact-json.ts";
import { RowFault } from "./row-fault.ts";

/** A row as its file has it: texts, and of JSON also objects of texts. */
export interface RawRow {
  readonly line: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Reads rows of a source. Throws `RowFault`. */
export type ReadRow = (file: string, raw: RawRow) => HistoryRow;

const request = Compile(DebitRequestSchema);
const callerId = Compile(CallerIdSchema);
const isCallerId = (text: string): boolean => callerId.Check(text);
const faultsMax = 20;

/** Makes the reader of a source's rows. */
export function rowReader(source: HistorySource, columns: Columns): ReadRow {
  const readInstant = instantReader(source.time, source.zone);
  return (file, raw) => {
    const unknown = columns.unknown(Object.keys(raw.fields));
    if (unknown.length > 0) throw new RowFault(`The row ${unknownText(unknown)}`);
    const text = (field: FieldName): string | undefined =>
      textOf(columns.of(field), raw.fields[columns.of(field)]);
    const workspace = text("workspace") ?? source.workspace;
    if (workspace === undefined) throw new RowFault(`${columns.of("workspace")} is empty.`);
    if (!isCallerId(workspace))
      throw new RowFault(`${columns.of("workspace")} is no id of a workspace: ${workspace}.`);
    const over = levelOf(text("from"), text("to"), readInstant);
    const at = text("occurredAt");
    if (over !== undefined && at !== undefined)
      throw new RowFault(
        "The row says occurredAt, and from and to as well: a level has no other time (--ignore occurredAt).",
      );
    const occurredAtMs = over?.toMs ?? occurredAt(at, columns, readInstant);
    const id = text("id");
    if (id === undefined && Object.hasOwn(raw.fields, columns.of("id")))
      throw new RowFault(
        `${columns.of("id")} is empty, so nobody could tell the row from another.`,
      );
    const debit = debitOf(raw, { source, columns, text, occurredAtMs, over });
    return { file, line: raw.line, id, workspace, occurredAtMs, debit };
  };
}

function occurredAt(text: string | undefined, columns: Columns, read: ReadInstant): number {
  if (text === undefined) throw new RowFault(`${columns.of("occurredAt")} is empty.`);
  return read(text, "occurredAt");
}

/** While a level was there; undefined: the row is of no level. */
interface Level {
  readonly fromMs: number;
  readonly toMs: number;
}

function levelOf(
  from: string | undefined,
  to: string | undefined,
  read: ReadInstant,
): Level | undefined {
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined || to === undefined)
    throw new RowFault(`${from === undefined ? "from" : "to"} is empty: a level says both.`);
  return { fromMs: read(from, "from"), toMs: read(to, "to") };
}

function debitOf(
  { fields }: RawRow,
  {
    source,
    columns,
    text,
    occurredAtMs,
    over,
  }: {
    readonly source: HistorySource;
    readonly columns: Columns;
    readonly text: (field: FieldName) => string | undefined;
    readonly occurredAtMs: number;
    readonly over: Level | undefined;
  },
): DebitRequest {
  const credits = text("credits");
  const usage = usageOf(fields, columns);
  const attributes = attributesOf(fields, columns);
  if (credits === undefined && usage === undefined)
    throw new RowFault("The row has neither credits nor usage.");
  if (credits !== undefined && usage !== undefined)
    throw new RowFault(
      "The row has both credits and usage, and either would be charged: leave one of them out (--ignore).",
    );
  const [model, run, project] = [text("model"), text("run"), text("project")];
  const meter = text("meter") ?? source.meter;
  if (usage !== undefined && meter === undefined)
    throw new RowFault(
      "The row has usage and no meter: say --meter chat, or which column names it.",
    );
  const debit: DebitRequest = {
    member: text("member") ?? "",
    ...(credits === undefined ? {} : { credits: exactCredits(credits) }),
    ...(meter === undefined ? {} : { meter }),
    ...(model === undefined ? {} : { model }),
    ...(usage === undefined ? {} : { usage }),
    ...(over === undefined
      ? { occurredAt: printInstant(occurredAtMs) }
      : { from: printInstant(over.fromMs), to: printInstant(over.toMs) }),
    ...(run === undefined ? {} : { run }),
    ...(project === undefined ? {} : { project }),
    ...(attributes === undefined ? {} : { attributes }),
  };
  if (!request.Check(debit)) throw new RowFault(whatIsWrong(debit));
  if (attributes !== undefined && !attributesFit(attributes))
    throw new RowFault(`The attributes have more than ${limits.attributesBytesMax} bytes.`);
  return debit;
}

function whatIsWrong(debit: DebitRequest): string {
  const faults = schemaFaults(request, debit, faultsMax).map(
    (fault) => `${fault.instancePath.slice(1)} ${faultText(DebitRequestSchema, fault)}`,
  );
  return `${[...new Set(faults)].slice(0, 3).join("; ").trim()}.`;
}

/** R2. Zeros behind the last digit say nothing, as a DECIMAL of nine places has them. */
function exactCredits(text: string): string {
  try {
    return printCredits(parseCredits(text.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "")));
  } catch (error) {
    if (!(error instanceof FormatFault)) throw error;
    throw new RowFault(
      `credits is ${JSON.stringify(text.slice(0, 40))}; it must be a decimal of 0 or more, with at most 12 digits before the point and 6 after.`,
    );
  }
}

function usageOf(fields: RawRow["fields"], columns: Columns): Record<string, number> | undefined {
  const inUsage = columns.of("usage");
  const told: [string, number][] = [];
  for (const [bucket, column] of columns.buckets) {
    const text = textOf(column, fields[column]);
    if (text !== undefined) told.push([bucket, quantity(column, text)]);
  }
  for (const [bucket, value] of entriesOf(inUsage, fields[inUsage])) {
    if (told.some(([other]) => other === bucket))
      throw new RowFault(`${bucket} stands in a column of its own and in ${inUsage}.`);
    const text = textOf(bucket, value);
    if (text !== undefined) told.push([bucket, quantity(bucket, text)]);
  }
  return told.length === 0 ? undefined : Object.fromEntries(told);
}

/** Whole, as spreadsheets and data frames write whole numbers too: 1200.0. */
function quantity(name: string, text: string): number {
  if (!/^(0|[1-9]\d{0,12})(\.0+)?$/.test(text))
    throw new RowFault(
      `${name} is ${JSON.stringify(text.slice(0, 40))}; it must be a whole number.`,
    );
  return Number(text);
}

function attributesOf(
  fields: RawRow["fields"],
  columns: Columns,
): Record<string, string> | undefined {
  const inObject = columns.of("attributes");
  const told: [string, string][] = [];
  for (const [name, value] of [
    ...entriesOf(inObject, fields[inObject]),
    ...columns.attributes.map((column): [string, unknown] => [column, fields[column]]),
  ]) {
    const text = textOf(name, value);
    if (text !== undefined) told.push([name, text]);
  }
  return told.length === 0 ? undefined : Object.fromEntries(told);
}

/** What an object says, or a text that is one. */
function entriesOf(column: string, value: unknown): readonly [string, unknown][] {
  if (value === undefined || value === null || value === "") return [];
  const read = typeof value === "string" ? parseExactly(value) : value;
  if (typeof read !== "object" || read === null || Array.isArray(read))
    throw new RowFault(`${column} is no JSON object.`);
  return Object.entries(read);
}

/** Nothing is one thing in all formats: an empty field, null, a field that is not there. */
function textOf(column: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  throw new RowFault(`${column} is neither text nor a number.`);
}
