import { SingleBar } from "cli-progress";
import type { Command } from "commander";
import { type Verdict, verify } from "../audit/index.ts";
import { openDatabase } from "../database/index.ts";
import { createCalendar, readSettings } from "../host/index.ts";
import { postgresStore } from "../journal/index.ts";
import { platform } from "../server.ts";
import { exitCodes } from "./exit-codes.ts";

/** `cistern verify`: audits every journal, its keys and its projections; exit code 1 and the first faults where something is wrong. */
export function addVerify(program: Command): void {
  program
    .command("verify")
    .description("Audit every journal: chain, double entry, lots, holds, keys and projections")
    .action(runVerify);
}

async function runVerify(): Promise<void> {
  const { databaseUrl, folder } = readSettings(process.env);
  const { host, randomUuid } = platform;
  const database = await openDatabase({ url: databaseUrl, folder, host, randomUuid });
  const bar = new SingleBar({ format: "Verifying {bar} {workspaces} workspaces, {events} events" });
  bar.start(0, 0, { workspaces: 0, events: 0 });
  try {
    const pool = database.openPool({ purpose: "verify", connectionsMax: 2 });
    const verdict = await verify({
      pool,
      store: postgresStore({ pool, isDistributed: database.isDistributed }),
      calendar: createCalendar(),
      onProgress: (done) => bar.update(0, done),
    });
    bar.stop();
    process.stdout.write(verdictText(verdict));
    if (verdict.faults.length > 0) process.exitCode = exitCodes.failed;
  } finally {
    bar.stop();
    await database.close();
  }
}

/** The verdict for a terminal: what was read, then the first fault of each workspace that has one. */
export function verdictText({ workspaces, rows, events, keys, faults }: Verdict): string {
  const read = `${workspaces} workspaces, ${rows} rows, ${events} events, ${keys} keys`;
  if (faults.length === 0)
    return `Verified: ${read}. Every chain holds, every entry sums to zero, every lot adds up, every table says what the journal says.\n`;
  const lines = faults.map(
    ({ workspaceId, position: { seq, index }, rule, found }) =>
      `  ${workspaceId} at ${seq}.${index}: ${rule}; found ${found}\n`,
  );
  return `Read ${read}. ${faults.length} of the workspaces are at fault; the first fault of each:\n${lines.join("")}`;
}
