import { type Command, credits, instant } from "@cistern/kernel";
import {
  type MonthReports,
  booksSource,
  closeBooks,
  exportBooks,
  monthReports,
} from "../../../packages/server/src/books/index.ts";
import { workspaceIds } from "../../../packages/server/src/journal/index.ts";
import { heapUsed } from "../environment/heap.ts";
import { JournalBuilder, writeJournals } from "../cistern/journal-builder.ts";
import { type Node, calendar, newId, startNode } from "../cistern/node.ts";
import { workspaceCommands } from "../cistern/workspace.ts";
import { type Bench, type Figures, type Measurement, VoidRunError } from "./measurement.ts";

const sizes = { "1k": 1_000, "10k": 10_000 };
const eventsEach = 100;
const heapEveryMs = 2_000;
/** Its creation, a limit and a grant. */
const notUses = 3;
const halfDayMs = 43_200_000;

/** Closing, reporting and exporting a month of many workspaces, with 100 events each: it should grow as they do. */
export const monthEnd: Measurement = {
  name: "month_end",
  about: `close, reports and export of 1,000 and 10,000 workspaces with ${eventsEach} events each`,
  async run(bench) {
    const figures: Record<string, number> = {};
    for (const [size, count] of Object.entries(sizes))
      Object.assign(figures, await monthEndOf(bench, size, Math.ceil(count * bench.pace.scale)));
    return figures;
  },
};

async function monthEndOf(bench: Bench, size: string, count: number): Promise<Figures> {
  const database = await bench.postgres.createDatabase(`month_end_${size}`);
  const month = Temporal.Now.plainDateISO().toPlainYearMonth().subtract({ months: 1 });
  const closeSeconds = await closed(bench, await startNode(database), { count, month });
  // On a node of its own: what the one that closed them has cached is not of the books.
  const node = await startNode(database);
  bench.closing.defer(() => node.close());
  const source = booksSource(node.store, () => workspaceIds(node.pool));
  const reporting = await timed(() => monthReports({ source, month: month.toString() }));
  const exporting = await timed(() => lengthOf(exportBooks({ source, format: "hledger" })));
  checkUse(reporting.value.trialBalance, count);
  await node.close();
  const name = `month_end.${size}`;
  return {
    [`${name}.close_s`]: closeSeconds,
    [`${name}.reports_s`]: reporting.seconds,
    [`${name}.export_s`]: exporting.seconds,
    [`${name}.export_mb`]: exporting.value / 1e6,
    [`${name}.reports_heap_mb`]: reporting.heapMb,
    [`${name}.export_heap_mb`]: exporting.heapMb,
  };
}

async function closed(
  bench: Bench,
  node: Node,
  { count, month }: { count: number; month: Temporal.PlainYearMonth },
) {
  bench.closing.defer(() => node.close());
  await writeJournals(node.store, journals(count, month));
  const { engine } = node;
  // Listed before: the engine shall have all connections.
  const ids = await Array.fromAsync(workspaceIds(node.pool));
  const workspaces = async function* () {
    yield* ids;
  };
  // The heap is not watched here: it is the engine's cache, and collecting that again and again would be all that is measured.
  const begun = performance.now();
  const done = await closeBooks({ engine, calendar, workspaces, month: month.toString() });
  const seconds = (performance.now() - begun) / 1_000;
  if (done.closed !== count)
    throw new VoidRunError("month_end", [`${done.closed} of ${count} were closed`]);
  await node.close();
  return seconds;
}

function* journals(count: number, month: Temporal.PlainYearMonth) {
  const noon = month.toPlainDate({ day: 1 }).toZonedDateTime("UTC").epochMilliseconds + halfDayMs;
  for (let index = 0; index < count; index += 1) {
    const id = `month-${index}`;
    // Each has its day: of ten thousand workspaces, every day has its share.
    const builder = new JournalBuilder(id, instant(noon + (index % 28) * 2 * halfDayMs));
    for (const command of workspaceCommands(id, { members: 0 })) builder.execute(command);
    while (builder.length < eventsEach) builder.execute(use());
    yield builder.take();
  }
}

const use = (): Command => ({
  kind: "debit",
  debit: newId("dbt"),
  member: "anybody",
  meter: null,
  model: null,
  amount: { kind: "credits", credits: credits(7_000_000n) },
  occurredAt: null,
  run: null,
  project: null,
  attributes: null,
});

/** Every use is in the books: 7 credits each, as the journals have them. */
function checkUse(rows: MonthReports["trialBalance"], count: number): void {
  const consumed = rows.find(({ account }) => account === "Equity:Credits:Consumed");
  const due = `-${count * (eventsEach - notUses) * 7}.000000`;
  if (consumed?.closing !== due)
    throw new VoidRunError("month_end", [`${consumed?.closing} were consumed, not ${due}`]);
}

async function lengthOf(pieces: AsyncIterable<string>): Promise<number> {
  let length = 0;
  for await (const piece of pieces) length += piece.length;
  return length;
}

/** How long work took, and the most that the heap was above its beginning meanwhile. */
async function timed<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly seconds: number; readonly heapMb: number }> {
  const before = heapUsed();
  let most = before;
  const watching = setInterval(() => {
    most = Math.max(most, heapUsed());
  }, heapEveryMs);
  const begun = performance.now();
  try {
    const value = await work();
    const seconds = (performance.now() - begun) / 1_000;
    return { value, seconds, heapMb: (most - before) / 1e6 };
  } finally {
    clearInterval(watching);
  }
}
