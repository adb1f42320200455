import { SingleBar } from "cli-progress";
import type { Command } from "commander";
import { cloudEvent } from "../api/index.ts";
import { type WarehouseProgress, feedWarehouse } from "../outbound/index.ts";
import { withJournals } from "./with-books.ts";

/** `cistern export warehouse`: usage, ledger and events as Parquet by day, in a folder that is fed again and again. */
export function addWarehouseExport(exporting: Command): void {
  exporting
    .command("warehouse")
    .description("Usage, ledger and events as Parquet by day; run it again for what is new")
    .requiredOption("--to <folder>", "where the files are and go")
    .action(runExport);
}

async function runExport({ to: folder }: { readonly to: string }): Promise<void> {
  const bar = new SingleBar({ format: "Reading {workspaces} workspaces, {events} events" });
  bar.start(0, 0, { workspaces: 0, events: 0 });
  try {
    await withJournals(async (journals) => {
      const fed = await feedWarehouse({
        ...journals,
        folder,
        envelope: cloudEvent,
        onProgress: (progress) => bar.update(0, { ...progress }),
      });
      bar.stop();
      process.stdout.write(fedText(fed, folder));
    });
  } finally {
    bar.stop();
  }
}

const fedText = ({ events, parts, workspaces }: WarehouseProgress, folder: string): string =>
  events === 0
    ? `${folder} has all that the journals of ${workspaces} workspaces have.\n`
    : `${events} events of ${workspaces} workspaces went into ${parts} new files in ${folder}.\n`;
