import {
  type Reconciliation,
  type ReconciliationRow,
  ReconciliationSchema,
  type Usage,
} from "@cistern/contract";
import { type Command, Option } from "commander";
import { stringify } from "csv-stringify/sync";
import { type Place, withCalls } from "./catalog-calls.ts";
import { print } from "./print.ts";

/** `cistern reconcile`: what was observed beside what was settled, with all rows; it changes nothing. */
export function addReconcile(program: Command): void {
  program
    .command("reconcile")
    .description("Compare the calls that were observed (OTLP) with what was settled")
    .requiredOption("--workspace <id>", "whose calls")
    .requiredOption("--from <instant>", "such as 2026-11-01T00:00:00Z")
    .requiredOption("--to <instant>", "not included; at most 92 days later")
    .addOption(
      new Option("--format <format>", "for people, or for a program")
        .choices(["text", "json", "csv"])
        .default("text"),
    )
    .addOption(
      new Option("--url <url>", "of a running server; left out, its database").env("CISTERN_URL"),
    )
    .addOption(new Option("--key <key>", "a key of that server that may read").env("CISTERN_KEY"))
    .action(async (options: Asked) => await tell(options));
}

interface Asked extends Place {
  readonly workspace: string;
  readonly format: "text" | "json" | "csv";
  readonly from: string;
  readonly to: string;
}

async function tell({ workspace, format, from, to, ...place }: Asked): Promise<void> {
  await withCalls(place, async (call) => {
    const rows: ReconciliationRow[] = [];
    for (let cursor: string | undefined; ;) {
      const query = new URLSearchParams({ from, to });
      if (cursor !== undefined) query.set("cursor", cursor);
      const path = `/v1/workspaces/${encodeURIComponent(workspace)}/reconciliation`;
      const page = await call("GET", `${path}?${query.toString()}`, ReconciliationSchema);
      rows.push(...page.data);
      cursor = page.nextCursor;
      if (cursor !== undefined) continue;
      await print(printed[format]({ ...page, data: rows }));
      return;
    }
  });
}

const columns = [
  "kind",
  "at",
  "response",
  "member",
  "meter",
  "model",
  "operation",
  "traceId",
  "spanId",
  "observed",
  "settled",
  "credits",
  "settlements",
  "estimated",
] satisfies (keyof ReconciliationRow)[];

const printed = {
  json: (all: Reconciliation): string => `${JSON.stringify(all, undefined, 2)}\n`,
  csv: ({ data }: Reconciliation): string =>
    stringify(
      data.map((row) => ({
        ...row,
        observed: usageText(row.observed),
        settled: usageText(row.settled),
        settlements: row.settlements?.join(" "),
      })),
      { header: true, columns, record_delimiter: "windows" },
    ),
  text: (all: Reconciliation): string =>
    [
      `${all.observed} call(s) were observed, and ${all.settled} settled that name the provider's answer (${all.settledUnnamed} name none).`,
      `equal ${all.equal}, different ${all.different}, unsettled ${all.unsettled}, unmeasured ${all.unmeasured}, unnamed ${all.unnamed}, unobserved ${all.unobserved}`,
      ...all.data.map(lineOf),
      "",
    ].join("\n"),
} as const;

function lineOf(row: ReconciliationRow): string {
  const { kind, at, response, member, model, observed, settled, settlements = [] } = row;
  const about = [response, member, model].filter((one) => one !== undefined).join(" ");
  const figures = [
    ...(observed === undefined ? [] : [`observed ${usageText(observed)}`]),
    ...(settled === undefined ? [] : [`settled ${usageText(settled)}`]),
    ...(row.credits === undefined ? [] : [`${row.credits} credits`]),
    ...(row.estimated === true ? ["estimated"] : []),
    ...settlements,
  ];
  return `- ${kind} at ${at}: ${[about, ...figures].filter((one) => one !== "").join(", ")}`;
}

const usageText = (usage: Usage | undefined): string =>
  Object.entries(usage ?? {})
    .map(([bucket, units]) => `${units} ${bucket}`)
    .join(" + ");
