/** The command line. Each command is a file that adds itself; a message that is for people goes to stderr without a stack. */
import { Command, CommanderError } from "commander";
import { readVersion } from "../host/index.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { addBooks } from "./books.ts";
import { addCatalog } from "./catalog.ts";
import { addDemo } from "./demo.ts";
import { addFairness } from "./fairness.ts";
import { addExport } from "./export.ts";
import { addImport } from "./import.ts";
import { addMigrate } from "./migrate.ts";
import { addReconcile } from "./reconcile.ts";
import { addReports } from "./reports.ts";
import { addServe } from "./serve.ts";
import { addVerify } from "./verify.ts";

const commands = [
  addServe,
  addDemo,
  addVerify,
  addMigrate,
  addCatalog,
  addBooks,
  addExport,
  addFairness,
  addImport,
  addReports,
  addReconcile,
];

const program = new Command("cistern")
  .description("The credit pool for AI products")
  .version(readVersion())
  .exitOverride();
for (const add of commands) add(program);

process.stdout.on("error", (error) => {
  if (!isClosedPipe(error)) throw error;
});
try {
  await program.parseAsync(process.argv);
  // Nothing that was opened is left open; a socket that lingers must not keep the process.
  process.exit(process.exitCode ?? exitCodes.done);
} catch (error) {
  process.exit(reported(error));
}

function reported(error: unknown): number {
  if (isClosedPipe(error)) return exitCodes.done;
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitCodes.done : exitCodes.badSettings;
  const code = exitCodeOf(error);
  process.stderr.write(code === undefined ? `${stackOf(error)}\n` : `cistern: ${textOf(error)}\n`);
  return code ?? exitCodes.failed;
}

/** Whoever reads has had enough, as `head` does. */
function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
