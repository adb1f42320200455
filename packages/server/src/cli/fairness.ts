import {
  type FairnessReplay,
  FairnessReplaySchema,
  type ReplayOutcome,
  parseCredits,
} from "@cistern/contract";
import { type Command, Option } from "commander";
import { type Place, withCalls } from "./catalog-calls.ts";
import { print } from "./print.ts";

/** `cistern fairness replay`; it changes nothing. */
export function addFairness(program: Command): void {
  const fairness = program
    .command("fairness")
    .description("How the members of a workspace share its pool");
  fairness
    .command("replay")
    .description(
      "Say what each way of sharing would have done in a past period: who would have been refused, and what would have been left",
    )
    .requiredOption("--workspace <id>", "whose past")
    .option(
      "--period <period>",
      "last (the last one that is over), current, or a month such as 2026-10",
      "last",
    )
    .option("--json", "all figures, for a program")
    .addOption(
      new Option("--url <url>", "of a running server; left out, its database").env("CISTERN_URL"),
    )
    .addOption(new Option("--key <key>", "a key of that server that may read").env("CISTERN_KEY"))
    .action(runReplay);
}

interface ReplayOptions extends Place {
  readonly workspace: string;
  readonly period: string;
  readonly json?: true;
}

async function runReplay({ workspace, period, json, ...place }: ReplayOptions): Promise<void> {
  const path = `/v1/workspaces/${encodeURIComponent(workspace)}/fairness/replay?period=${encodeURIComponent(period)}`;
  await withCalls(place, async (call) => {
    const replay = await call("GET", path, FairnessReplaySchema);
    await print(
      json === true ? `${JSON.stringify(replay, undefined, 2)}\n` : replayText(workspace, replay),
    );
  });
}

/** Members that a reader is shown of each policy. */
const shownMax = 3;

function replayText(workspace: string, replay: FairnessReplay): string {
  const { period, inForce, happened, policies, leftOut, cutAt, limits } = replay;
  const rows = [
    headings,
    rowOf(`what happened (${inForce} is in force)`, happened),
    ...policies.map(({ preset, ...outcome }) => rowOf(preset, outcome)),
  ];
  return [
    `The pool of ${workspace} from ${period.from} to ${period.to}, as each way of sharing would have shared it:\n\n`,
    table(rows),
    cutAt === undefined
      ? ""
      : `\nThe period has more facts than one replay takes: it ends at ${cutAt}.\n`,
    leftOut.length === 0
      ? ""
      : `\nNot asked again: ${leftOut.map(({ kind, count }) => `${count} ${kind}`).join(", ")}.\n`,
    `\nWhat a replay cannot know:\n${limits.map((limit) => `- ${limit}\n`).join("")}`,
  ].join("");
}

const headings = ["", "denied", "calls", "of light members", "used", "left", "denied most"];

const rowOf = (name: string, { denied, light, used, idle, members }: ReplayOutcome): string[] => [
  name,
  denied.credits,
  `${denied.calls}`,
  shareText(light),
  used,
  idle,
  members
    .filter((one) => parseCredits(one.denied.credits) > 0n)
    .slice(0, shownMax)
    .map((one) => `${one.member} ${one.denied.credits}`)
    .join(", "),
];

/** Denied of what they asked for, in tenths of a percent. */
function shareText({ asked, denied }: ReplayOutcome["light"]): string {
  const all = parseCredits(asked);
  const tenths = all === 0n ? 0n : (parseCredits(denied) * 1_000n) / all;
  return `${tenths / 10n}.${tenths % 10n} %`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
