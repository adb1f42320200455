import { type Command, instant } from "@cistern/kernel";
import {
  createIssuing,
  createNumbers,
  createProfiles,
  profileTaxes,
} from "../../../packages/server/src/billing/index.ts";
import {
  type MonthReports,
  booksSource,
  closeBooks,
  exportBooks,
  monthReports,
} from "../../../packages/server/src/books/index.ts";
import { workspaceIds } from "../../../packages/server/src/journal/index.ts";
import { heapUsed } from "../environment/heap.ts";
import { plannedCard, subscribe } from "../cistern/planned.ts";
import { asksByUsage } from "../load/asks.ts";
import { JournalBuilder, writeJournals } from "../cistern/journal-builder.ts";
import { type Node, calendar, newId, startNode } from "../cistern/node.ts";
import { workspaceCommands } from "../cistern/workspace.ts";
import { type Bench, type Figures, type Measurement, VoidRunError } from "./measurement.ts";

const sizes = { "1k": 1_000, "10k": 10_000 };
const eventsEach = 100;
const heapEveryMs = 2_000;
const seats = 3;
const caller = "member-0";
/** Its creation, a member, a limit, a grant, a subscription and a seat. */
const notUses = 6;
/** One in advance where the subscription begins, and one with the usage where its period ends. */
const invoicesEach = 2;
/** As many as the server issues at once. */
const issuedTogether = 16;
const zone = "Europe/Berlin";

/** Invoicing, closing, reporting and exporting a month of many workspaces, with 100 events each: it should grow as they do. */
export const monthEnd: Measurement = {
  name: "month_end",
  about: `invoices, close, reports and export of 1,000 and 10,000 workspaces with ${eventsEach} events each`,
  async run(bench) {
    const figures: Record<string, number> = {};
    for (const [size, count] of Object.entries(sizes))
      Object.assign(figures, await monthEndOf(bench, size, Math.ceil(count * bench.pace.scale)));
    return figures;
  },
};

async function monthEndOf(bench: Bench, size: string, count: number): Promise<Figures> {
  const database = await bench.postgres.createDatabase(`month_end_${size}`);
  const month = Temporal.Now.plainDateISO(zone).toPlainYearMonth().subtract({ months: 1 });
  // Each step on a node of its own, which nobody holds on to afterwards: what another one has cached is not of its work, and
  // to collect around it, again and again, would be all that is measured.
  let running: Node | undefined;
  bench.closing.defer(async () => await running?.close());
  const step = async <T>(name: string, work: (node: Node) => Promise<T>): Promise<T> => {
    const node = await startNode(database, { rateCard: plannedCard });
    running = node;
    const value = await work(node);
    await node.close();
    running = undefined;
    bench.say(`${count.toLocaleString("en")} workspaces: ${name}`);
    return value;
  };
  await step("written", (node) => writeJournals(node.store, journals(count, month)));
  const invoicing = await step("invoiced", (node) => holding(() => invoiced(node, count)));
  const closing = await step("closed", (node) => holding(() => closed(node, { count, month })));
  const { reporting, exporting } = await step("reported and exported", async (node) => {
    const source = booksSource(node.store, () => workspaceIds(node.pool));
    return {
      reporting: await timed(() => monthReports({ source, month: month.toString() })),
      exporting: await timed(() => lengthOf(exportBooks({ source, format: "hledger" }))),
    };
  });
  checkUse(reporting.value.trialBalance, count);
  const name = `month_end.${size}`;
  return {
    [`${name}.invoices_s`]: invoicing.seconds,
    [`${name}.close_s`]: closing.seconds,
    [`${name}.reports_s`]: reporting.seconds,
    [`${name}.export_s`]: exporting.seconds,
    [`${name}.export_mb`]: exporting.value / 1e6,
    [`${name}.invoices_heap_mb`]: invoicing.heapMb,
    [`${name}.close_heap_mb`]: closing.heapMb,
    [`${name}.reports_heap_mb`]: reporting.heapMb,
    [`${name}.export_heap_mb`]: exporting.heapMb,
  };
}

/** Has every period end, and issues its draft. */
async function invoiced({ engine, control }: Node, count: number): Promise<number> {
  const issue = createIssuing({
    engine,
    numbers: createNumbers(control),
    profiles: createProfiles(control),
    taxes: profileTaxes,
    log: () => {},
  });
  const ids = (await Array.fromAsync(workspaceIds(control))).values();
  const begun = performance.now();
  let issued = 0;
  const issueEach = async (): Promise<void> => {
    for (const workspaceId of ids) {
      const drafts = await engine.read(workspaceId, (state) =>
        [...state.invoices.invoices.values()].filter(({ status }) => status === "draft"),
      );
      if (drafts.kind !== "read") throw new Error(`${workspaceId} is gone`);
      const key = { opId: null, fingerprint: null };
      for (const { id } of drafts.value) {
        const answer = await issue({ workspaceId, invoice: id, key });
        if (answer.kind === "accepted") issued += 1;
      }
    }
  };
  // They share one iterator: each takes the next workspace.
  await Promise.all(Array.from({ length: issuedTogether }, issueEach));
  if (issued !== invoicesEach * count)
    throw new VoidRunError("month_end", [`${issued} invoices of ${count} workspaces were issued`]);
  return (performance.now() - begun) / 1_000;
}

async function closed(
  node: Node,
  { count, month }: { count: number; month: Temporal.PlainYearMonth },
): Promise<number> {
  const { engine } = node;
  // Listed before: the engine shall have all connections.
  const ids = await Array.fromAsync(workspaceIds(node.pool));
  const workspaces = async function* () {
    yield* ids;
  };
  const begun = performance.now();
  const done = await closeBooks({ engine, calendar, workspaces, month: month.toString() });
  if (done.closed !== count)
    throw new VoidRunError("month_end", [`${done.closed} of ${count} were closed`]);
  return (performance.now() - begun) / 1_000;
}

/** A period from the month's first instant, with uses spread over its days. */
function* journals(count: number, month: Temporal.PlainYearMonth) {
  const day = (number: number, time: string) =>
    instant(
      month.toPlainDate({ day: number }).toZonedDateTime({ timeZone: zone, plainTime: time })
        .epochMilliseconds,
    );
  const begins = day(1, "00:00");
  const noons = Array.from({ length: 28 }, (_, index) => day(index + 1, "12:00"));
  for (let index = 0; index < count; index += 1) {
    const id = `month-${index}`;
    const builder = new JournalBuilder(id, begins, plannedCard);
    for (const command of workspaceCommands(id, { members: 1, overage: { kind: "plan" } }))
      builder.execute(command);
    builder.execute(subscribe(seats));
    builder.execute({ kind: "assignSeat", member: caller });
    const uses = eventsEach - builder.length;
    for (let turn = 0; turn < uses; turn += 1) {
      builder.moveTo(noons[Math.floor((turn * noons.length) / uses)] ?? begins);
      builder.execute(use(turn));
    }
    yield builder.take();
  }
}

const use = (turn: number): Command => ({
  kind: "debit",
  debit: newId("dbt"),
  member: caller,
  meter: asksByUsage.meter,
  ...asksByUsage.called(turn),
  amount: asksByUsage.settled,
  occurredAt: null,
  run: null,
  project: null,
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

/**
 * How long work took, and what the node holds on to after it: the engine's cache, which has a limit. It is looked at once, since
 * collecting around it again and again would be all that is measured.
 */
async function holding(
  work: () => Promise<number>,
): Promise<{ readonly seconds: number; readonly heapMb: number }> {
  const before = heapUsed();
  const seconds = await work();
  return { seconds, heapMb: (heapUsed() - before) / 1e6 };
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
