import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { SingleBar } from "cli-progress";
import { type Command, Option } from "commander";
import { type BookFormat, bookFormats, exportBooks } from "../books/index.ts";
import { addWarehouseExport } from "./export-warehouse.ts";
import { writeWhole } from "./write-whole.ts";
import { chartNamesOf, dayArgument, ratesOf, withBooks } from "./with-books.ts";

interface BooksOptions {
  readonly format: BookFormat;
  readonly workspace?: string;
  readonly from?: string;
  readonly to?: string;
  readonly accounts?: string;
  readonly out?: string;
  readonly currency?: string;
  readonly rates?: string;
}

/** `cistern export books | warehouse`: what Cistern knows, in the forms of others. */
export function addExport(program: Command): void {
  const exporting = program.command("export").description("Write what Cistern knows as files");
  addBooksExport(exporting);
  addWarehouseExport(exporting);
}

/** The books as a file that hledger, beancount or a spreadsheet reads. */
function addBooksExport(exporting: Command): void {
  exporting
    .command("books")
    .description("The double entry of every workspace, with balances that a third party checks")
    .addOption(
      new Option("--format <format>", "how it is written")
        .choices(Object.keys(bookFormats))
        .makeOptionMandatory(),
    )
    .option("--workspace <id>", "one workspace alone")
    .option("--from <day>", "first day; what was before comes as opening balances", dayArgument)
    .option("--to <day>", "last day, included", dayArgument)
    .option("--accounts <file>", "JSON with names of accounts of your own")
    .option("--currency <code>", "translate all money into this one, by --rates")
    .option("--rates <file>", 'JSON such as { "EUR/USD": { "2026-01-01": "1.1000" } }')
    .option("--out <file>", "where to write; left out: stdout")
    .action(runExport);
}

async function runExport(options: BooksOptions): Promise<void> {
  const { out, accounts, workspace, currency, rates: file, ...rest } = options;
  const names = await chartNamesOf(accounts);
  const rates = await ratesOf(file, currency);
  await withBooks(async (source) => {
    const bar = new SingleBar({ format: "Reading {workspaces} workspaces, {entries} entries" });
    bar.start(0, 0, { workspaces: 0, entries: 0 });
    const text = exportBooks({
      source,
      names,
      rates,
      ...rest,
      workspaceId: workspace,
      onProgress: (done) => bar.update(0, done),
    });
    try {
      if (out === undefined) await pipeline(Readable.from(text), process.stdout, { end: false });
      else await writeWhole(out, text);
    } finally {
      bar.stop();
    }
  });
}
