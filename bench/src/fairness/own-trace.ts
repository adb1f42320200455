/**
 * Owns how anybody's CSV becomes a workload: a column says who, one how much, one when. It is no reader of history (`readHistory`): that
 * refuses what could not be charged to the last place, and a recording counts seconds from any start and amounts in any unit.
 */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { type Row, TraceError, numberIn, readRows } from "./csv.ts";
import { sum } from "./metrics.ts";
import { type Trace, laidOver } from "./traces.ts";
import { type Workload, demandOf } from "./workload.ts";

/** Which columns to read. */
export interface Columns {
  readonly members: string;
  readonly credits: string;
  /** Seconds from any start, or instants such as 2026-04-01T09:30:00Z. */
  readonly time: string;
}

/** A recording as a trace. */
export interface OwnTrace extends Trace {
  /** Rows after its last whole period, where it has several. */
  readonly leftOut: number;
}

const day = 24 * 60 * 60;
/** Longer recordings are cut in periods of thirty days. */
const longestPeriod = 45 * day;
/** In credits: what a pool of it still holds, and a cap of twice that. */
const sumMost = 3_000_000_000_000;
/** In micro-credits: half of it is still a pool that can be shared. */
const demandLeast = 1_000n;

/** A recording as a trace: one workspace of everybody in it, and one period, or several of thirty days where it is long. */
export async function ownTrace(path: string, columns: Columns): Promise<OwnTrace> {
  const file = basename(path);
  const rows = readRows(await textOf(path), file, Object.values(columns));
  const recorded = rows.map((row, index) => ({
    member: memberIn(row, columns.members, { file, index }),
    credits: numberIn(row, columns.credits, { file, index }),
    at: timeIn(row, columns.time, { file, index }),
  }));
  const everybody = [...new Set(recorded.map(({ member }) => member))];
  const from = recorded.reduce((first, { at }) => Math.min(first, at), Infinity);
  const until = recorded.reduce((last, { at }) => Math.max(last, at), -Infinity);
  if (until === from)
    throw new TraceError(
      `${file}: all rows have the same ${columns.time}; a period needs some time.`,
    );
  if (recorded.every(({ credits }) => credits === 0))
    throw new TraceError(`${file}: ${columns.credits} is 0 in all rows.`);
  if (recorded.reduce((all, { credits }) => all + credits, 0) > sumMost)
    throw new TraceError(
      `${file}: ${columns.credits} sums to more than ${sumMost.toLocaleString("en")} credits, which no pool holds. Give it in a larger unit.`,
    );
  const span = until - from;
  const [periods, length] =
    span <= longestPeriod ? [1, span] : [Math.floor(span / (30 * day)), 30 * day];
  // The last instant of a single period belongs to it; one between two periods to the later.
  const isIn = (at: number, index: number): boolean =>
    periods === 1 || Math.floor((at - from) / length) === index;
  const workloads = Array.from({ length: periods }, (_, index) =>
    laidOver(
      `${file} ${index}`,
      recorded.filter(({ at }) => isIn(at, index)),
      { from: from + index * length, length, everybody },
    ),
  ).filter((_, index) => recorded.some(({ at, credits }) => credits > 0 && isIn(at, index)));
  for (const one of workloads) mustBeShareable(one, file, columns);
  const leftOut = recorded.filter(({ at }) => at - from >= periods * length).length;
  return { name: file, workloads, isCounted: false, leftOut: periods === 1 ? 0 : leftOut };
}

/** Amounts below a micro-credit are none. */
function mustBeShareable(period: Workload, file: string, { credits }: Columns): void {
  if (sum(demandOf(period)) < demandLeast)
    throw new TraceError(
      `${file}: ${credits} sums to less than 0.001 credits in a period. Give it in a smaller unit.`,
    );
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TraceError(`The trace cannot be read: ${why}`, { cause: error });
  }
}

function memberIn(row: Row, column: string, where: { file: string; index: number }): string {
  const member = row[column] ?? "";
  if (member === "")
    throw new TraceError(`${where.file}, row ${where.index + 1}: ${column} is empty.`);
  return member;
}

function timeIn(row: Row, column: string, where: { file: string; index: number }): number {
  const text = row[column] ?? "";
  if (text !== "" && Number.isFinite(Number(text))) return Number(text);
  const at = Date.parse(text);
  if (Number.isFinite(at)) return at / 1_000;
  throw new TraceError(
    `${where.file}, row ${where.index + 1}: ${column} is "${text}", which is neither seconds nor an instant such as 2026-04-01T09:30:00Z.`,
  );
}
