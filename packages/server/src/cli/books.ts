import { SingleBar } from "cli-progress";
import { type Command, InvalidArgumentError, Option } from "commander";
import {
  type AllocationDimension,
  type BooksClosed,
  type MonthReports,
  type ReportName,
  allocationDimensions,
  closeBooks,
  costAllocation,
  hasBegun,
  marginReport,
  monthReports,
  reportText,
  spanOfMonth,
  statusOf,
} from "../books/index.ts";
import { SettingsFault, createCalendar } from "../host/index.ts";
import { workspaceIds } from "../journal/index.ts";
import { openNode } from "../open-node.ts";
import { builtInCatalog, readCatalog } from "../catalog/index.ts";
import { platform } from "../server.ts";
import { exitCodes } from "./exit-codes.ts";
import {
  booksSettings,
  chartNamesOf,
  dayArgument,
  monthArgument,
  withBooks,
} from "./with-books.ts";

/** `cistern books close | report | margin | allocation`: closes a month in every workspace, and says what the books say. */
export function addBooks(program: Command): void {
  const books = program
    .command("books")
    .description(
      "Close months, and read what the books say: on the database itself (DATABASE_URL)",
    );
  books
    .command("close")
    .description("Close a month in every workspace; run it again if it was stopped")
    .argument("<month>", "such as 2026-10", monthArgument)
    .action(runClose);
  books
    .command("report")
    .description("Trial balance, roll-forward, revenue, unbilled, outstanding credits, breakage")
    .argument("<month>", "such as 2026-10", monthArgument)
    .option("--workspace <id>", "one workspace alone")
    .option("--accounts <file>", "JSON with names of accounts of your own")
    .option(
      "--expected-breakage <percent>",
      "what was expected to go unused of lots that carry no estimate",
      basisPoints,
      0,
    )
    .action(runReport);
  books
    .command("margin")
    .description("Each customer's margin by component of its plan: revenue against your own cost")
    .argument("[month]", "such as 2026-10", monthArgument)
    .option("--from <day>", "instead of a month: first day, such as 2026-10-01", dayArgument)
    .option("--to <day>", "last day, included", dayArgument)
    .option("--workspace <id>", "one workspace alone")
    .action(runMargin);
  books
    .command("allocation")
    .description("A workspace's cost by who or what used it, with its share of what went unused")
    .argument("<workspace>", "its id")
    .requiredOption("--from <day>", "first day, such as 2026-10-01", dayArgument)
    .requiredOption("--to <day>", "last day, included", dayArgument)
    .addOption(
      new Option("--by <dimension>", "what is told apart")
        .choices(allocationDimensions)
        .default("member"),
    )
    .action(runAllocation);
}

async function runMargin(
  month: string | undefined,
  { workspace, ...days }: { workspace?: string; from?: string; to?: string },
): Promise<void> {
  const { from, to } = month === undefined ? days : spanOfMonth(month);
  if (from === undefined || to === undefined || (month !== undefined && "from" in days))
    throw new SettingsFault("Say a month, or the first and the last day (--from, --to).");
  await withBooks(async (source) => {
    const rows = await marginReport({ source, workspaceId: workspace, from, to });
    process.stdout.write(reportText(`Margin by component, ${from} to ${to}`, rows));
  });
}

async function runClose(month: string): Promise<void> {
  const { databaseUrl, folder } = booksSettings(process.env);
  const catalog = readCatalog(builtInCatalog, "The built-in catalog");
  const log = ({ message }: { readonly message: string }): boolean =>
    process.stderr.write(`cistern: ${message}\n`);
  const node = await openNode({ databaseUrl, folder, catalog, log }, platform);
  const bar = new SingleBar({ format: "Closing: {closed} closed, {others} others" });
  bar.start(0, 0, { closed: 0, others: 0 });
  try {
    const pool = node.database.openPool({ purpose: "books", connectionsMax: 1 });
    const done = await closeBooks({
      engine: node.engine,
      calendar: createCalendar(),
      workspaces: () => workspaceIds(pool),
      month,
      onProgress: ({ closed, closedBefore, notBegun, refused }) =>
        bar.update(0, { closed, others: closedBefore + notBegun + refused.length }),
    });
    bar.stop();
    process.stdout.write(closedText(month, done));
    if (done.refused.length > 0) process.exitCode = exitCodes.failed;
  } finally {
    bar.stop();
    await node.close();
  }
}

function closedText(month: string, { closed, closedBefore, notBegun, refused }: BooksClosed) {
  const lines = refused.map(({ workspaceId, reason }) => `  ${workspaceId}: ${reason}\n`);
  const not = refused.length === 0 ? "" : ` ${refused.length} were not closed:\n${lines.join("")}`;
  return `${month} is closed in ${closed} workspaces; ${closedBefore} were closed before, ${notBegun} begin later.${not}\n`;
}

interface ReportArguments {
  readonly workspace?: string;
  readonly accounts?: string;
  readonly expectedBreakage: number;
}

const titles: readonly (readonly [ReportName, string])[] = [
  ["trialBalance", "Trial balance (debit above zero)"],
  ["rollForward", "Deferred revenue: opening + billed - recognised - refunded + moved = closing"],
  ["revenue", "Revenue by kind"],
  ["unbilled", "Not billed yet"],
  ["creditsOutstanding", "Credits outstanding, by lot"],
  ["breakage", "Breakage against its estimate"],
];

async function runReport(
  month: string,
  { workspace, accounts, expectedBreakage }: ReportArguments,
): Promise<void> {
  if (!hasBegun(month, platform.now()))
    throw new SettingsFault(`${month} has not begun. Ask for it once it has.`);
  const names = await chartNamesOf(accounts);
  await withBooks(async (source) => {
    const reports = await monthReports({
      source,
      month,
      workspaceId: workspace,
      names,
      expectedBreakageBps: expectedBreakage,
    });
    const parts = titles.map(([name, title]) => reportText(title, reports[name]));
    process.stdout.write(`Books of ${month}, ${standingText(reports)}\n\n${parts.join("\n")}`);
  });
}

function standingText({ standing }: MonthReports): string {
  const { closed, open } = standing;
  return statusOf(standing) === "closed"
    ? "closed"
    : `provisional: ${open} of ${open + closed} workspaces have not closed it`;
}

async function runAllocation(
  workspaceId: string,
  {
    from,
    to,
    by,
  }: { readonly from: string; readonly to: string; readonly by: AllocationDimension },
): Promise<void> {
  await withBooks(async (source) => {
    const rows = await costAllocation({ source, workspaceId, from, to, by });
    process.stdout.write(reportText(`Cost of ${workspaceId} by ${by}, ${from} to ${to}`, rows));
  });
}

function basisPoints(text: string): number {
  const bps = Math.round(Number(text) * 100);
  if (!/^[0-9]+(\.[0-9]{1,2})?$/.test(text) || bps > 10_000)
    throw new InvalidArgumentError("It is a percentage of 0 to 100, such as 12.5.");
  return bps;
}
