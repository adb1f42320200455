import {
  type IdleSeat,
  IdleSeatsReportSchema,
  type InefficiencyRow,
  InefficiencyReportSchema,
  type PowerUser,
  PowerUsersReportSchema,
} from "@cistern/contract";
import { type Command, Option } from "commander";
import { stringify } from "csv-stringify/sync";
import { type Place, withCalls } from "./catalog-calls.ts";
import type { CallServer } from "./catalog-server.ts";
import { print } from "./print.ts";

/** `cistern reports …`: reports on use, with all of their rows; they change nothing. */
export function addReports(program: Command): void {
  const reports = program.command("reports").description("Hints on how a workspace uses its pool");
  const days = (command: Command): Command =>
    command
      .requiredOption("--from <day>", "such as 2026-11-01, in the workspace's zone")
      .requiredOption("--to <day>", "the last day, included; at most 92");
  const add = (name: string, description: string): Command =>
    reports
      .command(name)
      .description(description)
      .requiredOption("--workspace <id>", "whose use")
      .addOption(
        new Option("--format <format>", "for people, or for a program")
          .choices(["text", "json", "csv"])
          .default("text"),
      )
      .addOption(
        new Option("--url <url>", "of a running server; left out, its database").env("CISTERN_URL"),
      )
      .addOption(
        new Option("--key <key>", "a key of that server that may read").env("CISTERN_KEY"),
      );
  days(
    add("power-users", "Members who were refused for want of credits, by what, and a raise"),
  ).action(async (options: Asked) => await tell(options, powerUsers));
  add("idle-seats", "Seats that nobody uses, and what a period would cost less without them")
    .option("--days <count>", "without use for so many days", "30")
    .action(async (options: Asked) => await tell(options, idleSeats));
  days(add("inefficiency", "Where credits go for little")).action(
    async (options: Asked) => await tell(options, inefficiency),
  );
}

interface Asked extends Place {
  readonly workspace: string;
  readonly format: "text" | "json" | "csv";
  readonly from?: string;
  readonly to?: string;
  readonly days?: string;
}

type Cells = Readonly<Record<string, string | number>>;

interface Page {
  readonly rows: readonly object[];
  readonly nextCursor?: string | undefined;
}

interface Report {
  readonly title: string;
  readonly columns: readonly string[];
  readonly page: (call: CallServer, path: string) => Promise<Page>;
  readonly path: string;
}

const powerUsers: Report = {
  title: "Members who need more",
  path: "power-users",
  columns: [
    "member",
    "refused",
    "refusedCredits",
    "refusedByLimits",
    "refusedByShares",
    "usedCredits",
    "activeDays",
    "refusedDays",
    "daysAtLimit",
    "suggestedRaise",
    "coveredDays",
    "why",
  ] satisfies (keyof PowerUser)[],
  async page(call, path) {
    const { data: rows, nextCursor } = await call("GET", path, PowerUsersReportSchema);
    return { rows, nextCursor };
  },
};

const idleSeats: Report = {
  title: "Seats that nobody uses",
  path: "idle-seats",
  columns: [
    "member",
    "since",
    "lastUsedAt",
    "idleDays",
    "fee",
    "currency",
    "why",
  ] satisfies (keyof IdleSeat)[],
  async page(call, path) {
    const { data: rows, nextCursor } = await call("GET", path, IdleSeatsReportSchema);
    return { rows, nextCursor };
  },
};

const inefficiency: Report = {
  title: "Where credits go for little",
  path: "inefficiency",
  columns: [
    "kind",
    "meter",
    "model",
    "member",
    "ended",
    "calls",
    "credits",
    "saves",
    "cheaperModel",
    "why",
  ] satisfies (keyof InefficiencyRow)[],
  async page(call, path) {
    const { data: rows, nextCursor } = await call("GET", path, InefficiencyReportSchema);
    return { rows, nextCursor };
  },
};

async function tell(
  { workspace, format, from, to, days, ...place }: Asked,
  report: Report,
): Promise<void> {
  const asked = Object.entries({ from, to, days }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  await withCalls(place, async (call) => {
    const rows: object[] = [];
    for (let cursor: string | undefined, isLast = false; !isLast;) {
      const query = new URLSearchParams(asked);
      if (cursor !== undefined) query.set("cursor", cursor);
      const path = `/v1/workspaces/${encodeURIComponent(workspace)}/reports/${report.path}`;
      const page = await report.page(call, `${path}?${query.toString()}`);
      rows.push(...page.rows);
      cursor = page.nextCursor;
      isLast = cursor === undefined;
    }
    await print(printed[format](report, rows));
  });
}

const printed = {
  json: (_report: Report, rows: readonly object[]): string =>
    `${JSON.stringify(rows, undefined, 2)}\n`,
  csv: ({ columns }: Report, rows: readonly object[]): string =>
    stringify(rows.map(cellsOf), { header: true, columns, record_delimiter: "windows" }),
  text: ({ title }: Report, rows: readonly object[]): string =>
    rows.length === 0
      ? `${title}: none.\n`
      : `${title}:\n${rows.map((row) => `- ${String(cellsOf(row)["why"])}\n`).join("")}`,
} as const;

const cellsOf = (row: object): Cells =>
  Object.fromEntries(
    Object.entries(row).filter(
      (entry): entry is [string, string | number] =>
        typeof entry[1] === "string" || typeof entry[1] === "number",
    ),
  );
